/* SPDX-License-Identifier: MIT */
/*
 * What is known of a file in the cache: the header of an entry's map and of a stored document.
 *
 * As text: a first line that names the format, a checksum of the rest, "name: value" lines, an
 * empty line. What is torn or foreign does not match its checksum and counts as not there.
 */
#ifndef CLIPNOTES_FETCH_META_H
#define CLIPNOTES_FETCH_META_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

/* The header is never larger. */
#define META_MAX_SIZE ((size_t)16 * 1024)

/* All owned, by the functions below; NULL where not known. */
struct meta {
    const char *url;           /* as asked for */
    const char *final_url;     /* that answered, after redirects */
    const char *etag;          /* as the server wrote it */
    const char *last_modified; /* the same */
    const char *type;          /* Content-Type */
    const char *file;          /* the name of the data file */
    int64_t size;              /* of the file; -1 */
    uint64_t mark;             /* of a document's bytes */
};

#define META_INIT                                                                                  \
    {                                                                                              \
        .size = -1                                                                                 \
    }

void meta_release(struct meta *meta);
void meta_copy(struct meta *meta, const struct meta *from);

/* Appends it; the final URL is left out where it would be too long. */
void meta_write(const struct meta *meta, struct buffer *out);

/* Reads it from the front of `text`, which then begins behind it; false where it is not there. */
bool meta_read(struct slice *text, struct meta *ret_meta);

/* As far as the validators of both tell, they are of the same bytes (RFC 9110, 8.8). */
bool meta_same_version(const struct meta *a, const struct meta *b);

#endif
