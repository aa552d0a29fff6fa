/* SPDX-License-Identifier: MIT */
/*
 * A buffer is bytes that grow at the end, up to a limit that its maker names.
 *
 * Invariant: data[size] is '\0' wherever data is not NULL, so that text needs no extra care. An
 * append that would pass the limit changes nothing and marks the buffer as overflowed; every later
 * append is then ignored too, so that a writer may append freely and ask buffer_overflowed() once.
 *
 *     struct buffer text = BUFFER_INIT(MAX_PAGE_BYTES);
 *     buffer_append_text(&text, "...");
 *     buffer_release(&text);
 */
#ifndef CLIPNOTES_BASE_BUFFER_H
#define CLIPNOTES_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

struct buffer {
    char *data; /* owned */
    size_t size, capacity, limit;
    bool overflowed;
};

/* For text that we make ourselves out of things that were bounded when they were read. */
#define BUFFER_UNBOUNDED ((size_t)PTRDIFF_MAX)

#define BUFFER_INIT(max_size)                                                                      \
    {                                                                                              \
        .data = NULL, .size = 0, .capacity = 0, .limit = (max_size), .overflowed = false           \
    }

void buffer_release(struct buffer *buffer); /* then empty, with the same limit */
void buffer_clear(struct buffer *buffer);   /* empty, memory kept */

bool buffer_append(struct buffer *buffer, const void *data, size_t size);
bool buffer_append_byte(struct buffer *buffer, char byte);
bool buffer_append_text(struct buffer *buffer, const char *text);
bool buffer_append_slice(struct buffer *buffer, struct slice text);
bool buffer_append_format(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);

/* Appends `size` zero bytes and returns them, to be filled by the caller; NULL past the limit. */
void *buffer_extend(struct buffer *buffer, size_t size);

/* Makes it shorter. */
void buffer_truncate(struct buffer *buffer, size_t size);

/* Hands the bytes over to the caller, for free(); never NULL. The buffer is empty afterwards. */
char *buffer_detach(struct buffer *buffer);

static inline bool buffer_overflowed(const struct buffer *buffer)
{
    return buffer->overflowed;
}

static inline struct slice buffer_slice(const struct buffer *buffer)
{
    return (struct slice){buffer->data ? buffer->data : "", buffer->size};
}

/* The content as terminated text, borrowed until the next append. */
static inline const char *buffer_text(const struct buffer *buffer)
{
    return buffer->data ? buffer->data : "";
}

#endif
