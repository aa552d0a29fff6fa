/* SPDX-License-Identifier: MIT */
/*
 * How much of an episode is read for its clips, told before any of it is.
 */
#ifndef CLIPNOTES_RECAP_REACH_H
#define CLIPNOTES_RECAP_REACH_H

#include <stdbool.h>
#include <stddef.h>

#include "model/time.h"
#include "recap/plan.h"
#include "recap/range.h"

/* The time that these clips of one episode cover together, each as far as its end may be looked
 * for; what several cover counts once. What lies behind the end of the episode counts too. */
millis reach_of_clips(const struct plan *plan, const size_t *clips, size_t count,
                      const struct range_options *options);

/* It is so much that one request for the whole file is better than many for its parts. False where
 * the duration is not known. */
bool reach_is_most(millis reach, millis duration);

#endif
