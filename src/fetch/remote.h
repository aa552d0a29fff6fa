/* SPDX-License-Identifier: MIT */
/*
 * A remote file: what is held of it in the cache, and how to bring the rest.
 *
 * remote.c decides what is to be asked for; transfer.c asks, and tries again; answer.c stores what
 * comes.
 */
#ifndef CLIPNOTES_FETCH_REMOTE_H
#define CLIPNOTES_FETCH_REMOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "fetch/cache.h"
#include "fetch/fetcher.h"

/* Whether the server can be asked for a part of the file. */
enum ranges {
    RANGES_UNKNOWN,
    RANGES_ANSWERED, /* it sent the beginning as a range */
    RANGES_CHECKED,  /* it sent bytes from the middle that were known, and they were the same */
    RANGES_BAD,      /* it sends the whole file, or other bytes than it says */
};

struct remote {
    struct fetcher *fetcher;
    char *url, *key;
    char *name;   /* for messages: the URL without secrets */
    char *label;  /* for progress */
    char *pinned; /* the URL that answered last; NULL at first */
    struct cache_entry *entry;
    enum ranges ranges;
    bool no_if_range; /* the server knows ranges, but not If-Range */
    bool changed;     /* the server has another file by now */
    int64_t received;
    struct meter meter;
};

/* Opens the file: from then on its size is known, and what the cache holds is what the server has.
 * `whole`: an empty entry is filled by one request for the whole file, else by a small one. */
struct remote *remote_open(struct fetcher *fetcher, const struct fetch_target *target, bool whole,
                           struct error *err);
void remote_close(struct remote *remote); /* takes NULL */

/* Brings what is missing of [first, end). */
bool remote_bring(struct remote *remote, int64_t first, int64_t end, struct error *err);

enum transfer_mode {
    TRANSFER_STORE,    /* keep what comes */
    TRANSFER_COMPARE,  /* is it what is held already? */
    TRANSFER_VALIDATE, /* does the server still have what is held? */
};

/* Brings [first, end) (whole blocks), or compares it, by as many requests as it takes. `end` is -1
 * where it is not known: to the end of the file, by a request without a range. For
 * TRANSFER_COMPARE the bytes must be held; a difference makes remote->ranges RANGES_BAD, which is
 * no failure. For TRANSFER_VALIDATE and TRANSFER_STORE a change of the file is a failure and sets
 * remote->changed. */
bool transfer_run(struct remote *remote, enum transfer_mode mode, int64_t first, int64_t end,
                  struct error *err);

#endif
