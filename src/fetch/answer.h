/* SPDX-License-Identifier: MIT */
/*
 * Private to transfer.c: what answers a request, looked at and stored as it comes.
 *
 * The answer may be what was asked for, or the whole file in its place, a part of another file, or
 * no audio at all. What can be used is; the verdict says what else there is to do.
 */
#ifndef CLIPNOTES_FETCH_ANSWER_H
#define CLIPNOTES_FETCH_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fetch/http.h"
#include "fetch/remote.h"

/* What is written at a time, where that much comes: each write has its price. */
#define ANSWER_RUN         ((size_t)(4 * CACHE_BLOCK))
#define ANSWER_BUFFER_SIZE (ANSWER_RUN + (size_t)CACHE_BLOCK) /* and what comes at a time */

/* What the answer turned out to be, where it is not what was asked for. */
enum verdict {
    VERDICT_NONE,
    VERDICT_SAME,        /* validated */
    VERDICT_CHANGED,     /* it is of another file */
    VERDICT_NO_RANGES,   /* it cannot be used; ask for the whole file */
    VERDICT_NO_IF_RANGE, /* ask again without that condition */
};

/* Invariant: what lies in front of `position` was stored or compared, except for the `buffered`
 * bytes right before it, which wait for more to be written with. */
struct transfer {
    struct remote *remote;
    enum transfer_mode mode;
    int64_t end;      /* -1: not known */
    int64_t position; /* of the next byte that is wanted */
    int64_t cursor;   /* of the next byte that comes */
    bool ranged;      /* this request asked for a range */
    bool conditional; /* it held If-Range */
    bool begun;       /* the entry has its meta */
    bool stalled;     /* the last request ended so */
    int64_t claimed;  /* size of the file by a part that could not be used; 0: none */
    enum verdict verdict;
    struct meta meta; /* of the answer */
    uint8_t *buffer;
    size_t buffered;
};

/* Where the body goes. */
struct http_sink answer_sink(struct transfer *transfer);

/* A page of another type than the file, or nothing at all, is no new version of it: a network that
 * wants a login answers for its servers, and they have their bad days. What is held is kept. */
bool answer_is_file(const struct transfer *transfer, struct error *err);

/* The answer has ended well: was the file's size unknown until now? */
bool answer_finish(struct transfer *transfer, struct error *err);

/* All that was wanted is here. */
bool answer_is_complete(const struct transfer *transfer);

/* After a failure: what came is kept for the next time, in whole blocks. */
void answer_keep(struct transfer *transfer);

#endif
