/* SPDX-License-Identifier: MIT */
/*
 * Two kinds of time, and no floating point: milliseconds, in which people and notes speak, and
 * samples, in which audio is cut.
 *
 * A time of t ms is sample round(t * rate / 1000), halves up; ranges are half-open. Sample 0 is the
 * first one that a gapless-aware decoder plays.
 */
#ifndef CLIPNOTES_MODEL_TIME_H
#define CLIPNOTES_MODEL_TIME_H

#include <stdint.h>

typedef int64_t millis;
typedef int64_t sample_index; /* counts samples of all channels together, as "frames" elsewhere */

/* A time that is not known or was not given. */
#define MILLIS_NONE INT64_MIN

#define MILLIS_SECOND INT64_C(1000)
#define MILLIS_MINUTE (60 * MILLIS_SECOND)
#define MILLIS_HOUR   (60 * MILLIS_MINUTE)

/* No position in a recording is later; also what keeps every sum of two times in range. */
#define MILLIS_MAX (INT64_C(1000000) * MILLIS_HOUR)

/* `time` within 0 and MILLIS_MAX; `rate` in Hz, positive. */
sample_index samples_of_millis(millis time, int rate);

/* The nearest; -1 ms for the samples just before 0. */
millis millis_of_samples(sample_index samples, int rate);

#define MILLIS_TEXT_SIZE 32

/* "55:40", "1:02:03", "0:07.250": as short as exactness allows, for messages and tables. */
const char *millis_text(millis time, char ret_text[static MILLIS_TEXT_SIZE]);

/* "00:55:40.000", as many formats want it. */
const char *millis_text_full(millis time, char ret_text[static MILLIS_TEXT_SIZE]);

/* "3340" or "7.25": seconds, for URLs and labels. */
const char *millis_text_seconds(millis time, char ret_text[static MILLIS_TEXT_SIZE]);

#endif
