/* SPDX-License-Identifier: MIT */
/*
 * When to try again: exponential back-off with jitter, so that many of us do not come back all at
 * once, and never before the server wants us to.
 */
#ifndef CLIPNOTES_FETCH_RETRY_H
#define CLIPNOTES_FETCH_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#define RETRY_TRIES      5
#define RETRY_FIRST_WAIT 500   /* ms */
#define RETRY_MAX_WAIT   30000 /* ms, of our own accord */

/* A server that wants us to stay away for longer is an error that says so. */
#define RETRY_MAX_AFTER (5 * 60 * 1000)

struct retry {
    int tries, first_wait; /* as in the options */
    int failures;          /* since there was last any progress */
    uint64_t random;       /* state of the jitter */
};

void retry_init(struct retry *retry, int tries, int first_wait, uint64_t seed);

/* Something came in: the count begins anew. */
void retry_progress(struct retry *retry);

/* After a failure: how long to wait, in milliseconds; false where it is enough. `after` is what the
 * server asked for, -1 where it asked for nothing. */
bool retry_next(struct retry *retry, int64_t after, int64_t *ret_wait);

#endif
