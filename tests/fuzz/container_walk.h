/* SPDX-License-Identifier: MIT */
/*
 * What every target for a container does: reads the chapters of the file, writes new ones into it,
 * and looks whether they are there.
 */
#ifndef CLIPNOTES_TESTS_FUZZ_CONTAINER_WALK_H
#define CLIPNOTES_TESTS_FUZZ_CONTAINER_WALK_H

#include <stdlib.h>
#include <string.h>

#include "chapters/container.h"

static inline void container_read(const struct container *container, struct source *source,
                                  size_t expected)
{
    struct error err = ERROR_INIT;
    struct chapters chapters = {.duration = MILLIS_NONE};
    chapter_list_init(&chapters.list);
    bool read = container->read(source, &chapters, &err);
    if (read == error_is_set(&err) ||
        (expected != SIZE_MAX && (!read || chapters.list.count != expected)))
        abort();
    if (read)
        chapters_check(&chapters);
    error_release(&err);
    chapters_release(&chapters);
}

/* The file with the patch applied. */
static inline void container_patched(const struct patch *patch, const uint8_t *data, size_t size,
                                     struct buffer *out)
{
    size_t at = 0;
    for (size_t i = 0; i < patch->count; i++) {
        const struct splice *splice = &patch->items[i];
        size_t offset = (size_t)splice->offset, removed = (size_t)splice->removed;
        if (offset < at || offset > size || removed > size - offset)
            abort();
        buffer_append(out, data + at, offset - at);
        buffer_append_slice(out, splice->inserted);
        at = offset + removed;
    }
    buffer_append(out, data + at, size - at);
}

static inline void container_write(const struct container *container, struct source *source,
                                   const uint8_t *data, size_t size)
{
    static const struct chapters_options options = {0};
    struct error err = ERROR_INIT;
    struct patch patch;
    struct chapter_list list;
    patch_init(&patch);
    chapter_list_init(&list);
    chapter_list_add(&list, &(struct chapter){.end = MILLIS_NONE, .title = "One"});
    chapter_list_add(&list, &(struct chapter){.start = 2500,
                                              .end = MILLIS_NONE,
                                              .title = "Zw\xC3\xB6lf",
                                              .link = "https://example.org/"});
    if (container->plan(source, &list, &options, &patch, &err)) {
        struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
        container_patched(&patch, data, size, &out);
        struct source *written = source_open_memory(out.data, out.size, "written");
        container_read(container, written, list.count);
        source_destroy(written);
        buffer_release(&out);
    } else if (!error_is_set(&err)) {
        abort();
    }
    error_release(&err);
    chapter_list_release(&list);
    patch_release(&patch);
}

static inline void container_walk(const struct container *container, const uint8_t *data,
                                  size_t size)
{
    struct source *source = source_open_memory(data, size, "fuzz");
    container_read(container, source, SIZE_MAX);
    container_write(container, source, data, size);
    source_destroy(source);
}

#endif
