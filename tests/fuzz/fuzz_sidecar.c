/* SPDX-License-Identifier: MIT */
#include "chapters/sidecar.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read as a format can be written as every one. */
static void write_all(const struct chapter_list *list)
{
    struct sidecar_context context = {.duration = MILLIS_NONE};
    size_t count;
    const struct sidecar *const *formats = sidecar_formats(&count);
    for (size_t i = 0; i < count; i++) {
        struct error err = ERROR_INIT;
        struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
        if (sidecar_write(formats[i], list, &context, &out, &err) == error_is_set(&err))
            abort();
        error_release(&err);
        buffer_release(&out);
    }
}

/* The first byte says which format is forced; past their number the text tells. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t count;
    const struct sidecar *const *formats = sidecar_formats(&count);
    if (!size)
        return 0;
    const struct sidecar *format = data[0] < count ? formats[data[0]] : NULL;
    struct slice text = {(const char *)data + (format != NULL), size - (format != NULL)};
    struct error err = ERROR_INIT;
    struct chapter_list list;
    chapter_list_init(&list);
    bool read = sidecar_read(text, "fuzz", format, &list, &err);
    if (read == error_is_set(&err))
        abort();
    if (read)
        write_all(&list);
    error_release(&err);
    chapter_list_release(&list);
    return 0;
}
