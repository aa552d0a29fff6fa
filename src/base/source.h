/* SPDX-License-Identifier: MIT */
/*
 * A source is random access to the bytes of one file, wherever it is: on disk (here), or behind
 * HTTP (fetch/). Those who read audio and tags see only this.
 *
 * A source is used by one thread at a time. Offsets and sizes are in bytes.
 */
#ifndef CLIPNOTES_BASE_SOURCE_H
#define CLIPNOTES_BASE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct source;

/* What a kind of source can do. A kind embeds `struct source` as its first member. */
struct source_class {
    const char *name;

    /* Fills `data` with the bytes from `offset` on; fewer than `size` only at the end of the file.
     */
    bool (*read)(struct source *source, int64_t offset, void *data, size_t size, size_t *ret_size,
                 struct error *err);

    /* A hint that these bytes will be read soon, in order: one request may bring them all. May be
     * NULL. */
    void (*expect)(struct source *source, int64_t offset, int64_t size);

    void (*destroy)(struct source *source);

    /* How much source_view() reads at least where nothing else is known: small where bytes cost. */
    size_t window;

    bool near; /* its bytes cost next to nothing: all may be read to prove something */
};

struct source {
    const struct source_class *class;
    char *name;   /* for messages: a path, or a URL without its secrets; owned */
    int64_t size; /* of the file */

    /* What source_view() holds. */
    uint8_t *view;
    size_t view_size, view_capacity;
    int64_t view_offset;
};

/* A regular file on disk. Where it becomes shorter while it is open, the read that meets the gap
 * fails; what is added to it meanwhile is not seen. */
struct source *source_open_file(const char *path, struct error *err);

/* Bytes in memory, borrowed: for tests and for what was fetched whole. */
struct source *source_open_memory(const void *data, size_t size, const char *name);

/* Whether its bytes cost next to nothing. */
bool source_is_near(const struct source *source);

/* At `offset`, short only at the end of the file (and empty past it). */
bool source_read(struct source *source, int64_t offset, void *data, size_t size, size_t *ret_size,
                 struct error *err);

/* All of them, or an error that says that the file ends early. */
bool source_read_exactly(struct source *source, int64_t offset, void *data, size_t size,
                         struct error *err);

/* At least `size` bytes at `offset` without a copy: *ret_data is borrowed until the next call that
 * reads this source; *ret_size is what is there, less than `size` only at the end, 0 past it. Meant
 * for walks in rising order. All of `size` that the file holds is kept in memory: what comes from a
 * file's own fields must be bounded before. */
bool source_view(struct source *source, int64_t offset, size_t size, const uint8_t **ret_data,
                 size_t *ret_size, struct error *err);

void source_expect(struct source *source, int64_t offset, int64_t size);

void source_destroy(struct source *source); /* takes NULL */

/* For the makers of sources: fills in the common part; `name` is copied. */
void source_init(struct source *source, const struct source_class *class, const char *name,
                 int64_t size);

#endif
