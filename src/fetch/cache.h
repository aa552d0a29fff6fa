/* SPDX-License-Identifier: MIT */
/*
 * The block cache: which bytes of an audio file are here.
 *
 * An entry is two files in CACHE/audio. NAME.map is a header (who the file is, by which validators
 * it is known, how large it is) followed by one 64-bit mark a block; NAME-GENERATION.mp3 is the
 * data, sparse, as long as the audio file. A mark is a checksum of its block, 0 where the block is
 * not here. So a block counts only where its bytes are the ones that were written: whatever a power
 * cut, a full disk or another program did to either file, what does not match is fetched again,
 * and nothing needs to be flushed in any order.
 *
 * Several processes, and several sources of one process, may use an entry at once: marks are
 * written in place after their blocks. Who uses an entry holds a shared lock on its map; who makes
 * one an exclusive lock; who fetches a range locks that range of the data, so that nobody fetches
 * it twice. An entry whose file changed on the server is discarded, its names are removed; who
 * still uses it keeps its own old bytes.
 */
#ifndef CLIPNOTES_FETCH_CACHE_H
#define CLIPNOTES_FETCH_CACHE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "fetch/meta.h"

#define CACHE_BLOCK ((int64_t)16 * 1024)

struct cache_entry {
    char *name;   /* of the key: the beginning of both file names */
    char *folder; /* that holds both */
    char *map_path;
    char *data_path; /* NULL while the entry is empty */
    int map, data;   /* descriptors; -1 */
    bool read_only;  /* the folder or the files are: what is held can be read */
    bool held;       /* has a header: meta is known, and so is the size */
    struct meta meta;
    uint8_t *trusted; /* a bit a block: its mark was compared with its bytes */
    const atomic_bool *stop;
};

/*
 * Opens the entry of `key`, waiting for who is making it. Either it is held, or it is empty and
 * nobody else can have it until cache_begin() or cache_close(). NULL on failure, which it is too
 * where an empty one cannot be written.
 */
struct cache_entry *cache_open(const char *folder, const char *key, const atomic_bool *stop,
                               struct error *err);

/* An entry that stayed empty leaves nothing behind. Takes NULL. */
void cache_close(struct cache_entry *entry);

/* Fills an empty entry in. Where the size is not known (-1) nobody else sees it before
 * cache_finish(). `meta` is copied; its file name is made here. The whole range is then locked. */
bool cache_begin(struct cache_entry *entry, const struct meta *meta, struct error *err);
bool cache_finish(struct cache_entry *entry, int64_t size, struct error *err);

/* The entry of that name as it is, without waiting, using or changing it: for looking at. NULL
 * where there is none. */
struct cache_entry *cache_peek(const char *folder, const char *name);

/* Removes all files of that name. False without an error set where somebody uses them. */
bool cache_remove(const char *folder, const char *name, struct error *err);

/* The file changed on the server: the entry's files lose their names. */
void cache_discard(struct cache_entry *entry);

/* The first run of bytes in [first, end) that is not here; false where all are. A run begins and
 * ends with a block (or the file), so it may reach to both sides of what was asked. */
bool cache_missing(const struct cache_entry *entry, int64_t first, int64_t end, int64_t *ret_first,
                   int64_t *ret_end);

/* Of the whole file. */
int64_t cache_held_bytes(const struct cache_entry *entry);

/* Whole blocks from a block's beginning on; the file's last may be short. */
bool cache_write(struct cache_entry *entry, int64_t offset, const uint8_t *data, size_t size,
                 struct error *err);

/* What is here from `offset` on without a gap, and true to its marks: *ret_size may be 0. A block
 * that is not what its mark says is missing from then on. */
bool cache_read(struct cache_entry *entry, int64_t offset, uint8_t *data, size_t size,
                size_t *ret_size, struct error *err);

/* Compares every block that is here with its mark, and the file's length with its size. */
bool cache_verify(struct cache_entry *entry, struct error *err);

/* One range at a time; false while another has any of it. */
bool cache_try_lock(struct cache_entry *entry, int64_t first, int64_t end);
void cache_unlock(struct cache_entry *entry);

/* The beginning of the names of a key's files: 128 bits of its hash. For free(). */
#define CACHE_NAME_SIZE 32
char *cache_name(const char *key);

#endif
