/* SPDX-License-Identifier: MIT */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void buffer_release(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer)BUFFER_INIT(buffer->limit);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->overflowed = false;
    buffer_truncate(buffer, 0);
}

/* Room for `size` more bytes and the terminator. */
static bool reserve(struct buffer *buffer, size_t size)
{
    if (buffer->overflowed || size > buffer->limit - buffer->size) {
        buffer->overflowed = true;
        return false;
    }
    buffer->data = mem_grow(buffer->data, &buffer->capacity, buffer->size + size + 1, 1);
    return true;
}

void *buffer_extend(struct buffer *buffer, size_t size)
{
    if (!reserve(buffer, size))
        return NULL;
    char *place = buffer->data + buffer->size;
    memset(place, 0, size + 1);
    buffer->size += size;
    return place;
}

bool buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    if (!reserve(buffer, size))
        return false;
    if (size)
        memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
    return true;
}

bool buffer_append_byte(struct buffer *buffer, char byte)
{
    return buffer_append(buffer, &byte, 1);
}

bool buffer_append_text(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text));
}

bool buffer_append_slice(struct buffer *buffer, struct slice text)
{
    return buffer_append(buffer, text.data, text.size);
}

bool buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = mem_vformat(format, args);
    va_end(args);
    bool fits = buffer_append_text(buffer, text);
    free(text);
    return fits;
}

void buffer_truncate(struct buffer *buffer, size_t size)
{
    if (size >= buffer->size)
        return;
    buffer->size = size;
    buffer->data[size] = '\0';
}

char *buffer_detach(struct buffer *buffer)
{
    char *data = buffer->data ? buffer->data : mem_strdup("");
    *buffer = (struct buffer)BUFFER_INIT(buffer->limit);
    return data;
}
