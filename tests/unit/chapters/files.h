/* SPDX-License-Identifier: MIT */
/*
 * A folder for a test's files, and small files in it.
 */
#ifndef CLIPNOTES_TESTS_UNIT_CHAPTERS_FILES_H
#define CLIPNOTES_TESTS_UNIT_CHAPTERS_FILES_H

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "chapters/chapters.h"
#include "test.h"

/* "FOLDER/NAME" in a new folder; both are for drop_file(). */
static inline char *new_file(const char *name, const void *data, size_t size)
{
    char folder[] = "/tmp/clipnotes-test-XXXXXX";
    struct error err = ERROR_INIT;
    assert_non_null(mkdtemp(folder));
    char *path = mem_format("%s/%s", folder, name);
    assert_true(file_write(path, data, size, &err));
    return path;
}

static inline struct buffer file_bytes(const char *path)
{
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct error err = ERROR_INIT;
    assert_true(file_read(path, &bytes, &err));
    return bytes;
}

static inline void assert_file(const char *path, const void *data, size_t size)
{
    struct buffer bytes = file_bytes(path);
    assert_int_equal(bytes.size, size);
    assert_memory_equal(bytes.data, data, size);
    buffer_release(&bytes);
}

static inline void drop_file(char *path)
{
    unlink(path);
    *strrchr(path, '/') = '\0';
    assert_int_equal(rmdir(path), 0); /* nothing else was left there */
    free(path);
}

/* That many chapters, 20 ms apart, some of them with links. */
static inline struct chapter_list numbered_chapters(size_t count)
{
    struct chapter_list list;
    chapter_list_init(&list);
    for (size_t i = 0; i < count; i++) {
        const struct chapter chapter = {
            .start = (millis)i * 20,
            .end = MILLIS_NONE,
            .title = arena_format(list.arena, "Über %zu ❤️", i),
            .link = i % 3 ? NULL : arena_format(list.arena, "https://example.org/%zu", i),
        };
        chapter_list_add(&list, &chapter);
    }
    return list;
}

/* Reads the file again: it has these chapters, and links where the container holds them. */
static inline void assert_numbered(const char *path, const char *container, size_t count,
                                   bool linked)
{
    struct error err = ERROR_INIT;
    struct source *source = source_open_file(path, &err);
    struct chapters read;
    assert_true(chapters_read(source, &read, &err));
    assert_string_equal(read.container, container);
    struct chapter_list expected = numbered_chapters(count);
    assert_int_equal(read.list.count, count);
    for (size_t i = 0; i < count; i++) {
        const struct chapter *a = &read.list.items[i], *b = &expected.items[i];
        assert_int_equal(a->start, b->start);
        assert_string_equal(a->title, b->title);
        assert_int_equal(a->link != NULL, linked && b->link != NULL);
        if (a->link)
            assert_string_equal(a->link, b->link);
    }
    chapter_list_release(&expected);
    chapters_release(&read);
    source_destroy(source);
}

/* Writes that many into the file itself, and reads them again. */
static inline void put_numbered(const char *path, const char *container, size_t count, bool linked)
{
    struct error err = ERROR_INIT;
    struct chapter_list list = numbered_chapters(count);
    enum chapters_way way;
    assert_true(chapters_write(path, &list, NULL, NULL, &way, &err));
    assert_no_error(err);
    chapter_list_release(&list);
    assert_numbered(path, container, count, linked);
}

/* Writing is refused, for this reason, and changes nothing. */
static inline void assert_refused(const char *path, enum error_kind kind, const char *part)
{
    struct error err = ERROR_INIT;
    struct chapter_list list = numbered_chapters(3);
    struct buffer before = file_bytes(path);
    enum chapters_way way;
    assert_false(chapters_write(path, &list, NULL, NULL, &way, &err));
    assert_error(err, kind, part);
    assert_file(path, before.data, before.size);
    buffer_release(&before);
    chapter_list_release(&list);
}

static inline int64_t file_size(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_size;
}

#endif
