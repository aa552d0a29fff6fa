/* SPDX-License-Identifier: MIT */
/*
 * What the cache holds, and making it smaller. Neither needs a fetcher or the network.
 */
#ifndef CLIPNOTES_FETCH_PRUNE_H
#define CLIPNOTES_FETCH_PRUNE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"

/* One audio file, or one document. */
struct cache_item {
    bool is_audio;
    char *url;    /* without its secrets */
    char *path;   /* of its bytes */
    int64_t size; /* of the file, as the server has it */
    int64_t held; /* bytes of it that are here */
    time_t used;  /* when last */
};

struct cache_items {
    struct cache_item *items;
    size_t count, capacity;
};

/* Adds what is in the cache, the most recently used first. A folder that is not there holds
 * nothing. */
bool cache_list(const char *folder, struct cache_items *ret_items, struct error *err);
void cache_items_release(struct cache_items *items);

struct prune_options {
    int64_t older_than; /* seconds since the last use; -1: whatever its age */
    int64_t max_size;   /* bytes that may stay, the most recently used first; -1: no limit */
    bool dry_run;       /* only tell */
};

/* Removes what the options say, and leavings of interrupted runs; with neither limit, everything.
 * What another process is using stays; that anything else cannot be removed is a failure, after all
 * that can be. `ret_removed` may be NULL: the items that went. */
bool cache_prune(const char *folder, const struct prune_options *options,
                 struct cache_items *ret_removed, struct error *err);

#endif
