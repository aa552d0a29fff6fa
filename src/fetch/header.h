/* SPDX-License-Identifier: MIT */
/*
 * The values of those header fields that we act on.
 */
#ifndef CLIPNOTES_FETCH_HEADER_H
#define CLIPNOTES_FETCH_HEADER_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/slice.h"

/* Content-Range (RFC 9110, 14.4): "bytes 0-499/1234", "bytes 0-499/ *", "bytes * /1234". */
struct content_range {
    int64_t first, last; /* both inclusive; both -1 where the range was not satisfiable */
    int64_t total;       /* of the file; -1 where the server does not know */
};

/* False where it is anything else, other units, or contradicts itself. */
bool header_content_range(struct slice value, struct content_range *ret_range);

/* Retry-After (RFC 9110, 10.2.3), a number of seconds or a date: milliseconds from `now` on, never
 * negative. */
bool header_retry_after(struct slice value, time_t now, int64_t *ret_wait);

/* Content-Type (RFC 9110, 8.3.1): "text/html" and "utf-8" of `Text/HTML; charset="UTF-8"`. Both for
 * free(), in lower case, "" where not said. */
char *header_media_type(struct slice value);
char *header_charset(struct slice value);

/* Entity tags that mean the same bytes as far as a weak comparison tells (RFC 9110, 8.8.3.2). */
bool header_same_etag(const char *a, const char *b);
bool header_etag_is_strong(const char *etag);

/* Text for people or programs. The type alone says little: audio is sent as text/plain, too. */
bool header_is_text_type(const char *media_type);

/* What an answer that should be audio begins with: a web page, or another text in its place. */
bool header_is_page(const char *media_type, const void *data, size_t size);

#endif
