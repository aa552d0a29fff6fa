/* SPDX-License-Identifier: MIT */
/*
 * Waiting that a stop ends.
 */
#ifndef CLIPNOTES_FETCH_CLOCK_H
#define CLIPNOTES_FETCH_CLOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* How long anything that waits may go without a look at the stop flag, in milliseconds. */
#define CLOCK_STEP 100

/* Milliseconds that never go backwards. */
int64_t clock_now(void);

/* `stop` may be NULL: nobody stops. */
bool clock_stopped(const atomic_bool *stop);

/* False where the stop came first; then err is set. */
bool clock_sleep(int64_t milliseconds, const atomic_bool *stop, struct error *err);

/* Always returns false. */
bool clock_set_stopped(struct error *err);

#endif
