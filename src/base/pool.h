/* SPDX-License-Identifier: MIT */
/*
 * A worker pool: the same work on many items, a few at a time.
 */
#ifndef CLIPNOTES_BASE_POOL_H
#define CLIPNOTES_BASE_POOL_H

#include <stddef.h>

/* Does `work(context, i)` once for each i below `count`, in at most `threads` threads (the caller's
 * is one of them), and returns when all are done. Items are begun in order. Fewer threads than
 * asked for are not an error: where the system gives none, the caller's does it all. */
void pool_run(size_t threads, size_t count, void (*work)(void *context, size_t i), void *context);

/* The processors that this process may use; at least 1. */
size_t pool_processors(void);

#endif
