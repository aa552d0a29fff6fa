/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: keeps what is between the samples below a ceiling, too.
 *
 * The true peak is found as ITU-R BS.1770 does it, by interpolation to four times the rate. Where
 * it is too high the gain goes down in the 5 ms before it and comes back within some 100 ms; all
 * channels get the same gain, so that the picture stays where it is.
 */
#ifndef CLIPNOTES_AUDIO_LIMITER_H
#define CLIPNOTES_AUDIO_LIMITER_H

#include <stdbool.h>
#include <stddef.h>

struct limiter;

/* `ceiling` is a factor of full scale. */
struct limiter *limiter_create(int channels, int rate, double ceiling);
void limiter_destroy(struct limiter *limiter); /* takes NULL */

/* Takes `count` interleaved samples and replaces them by those that are ready, which lag behind a
 * little: returns how many those are. */
size_t limiter_run(struct limiter *limiter, float *samples, size_t count);

/* How far they lag behind: so many samples of silence at the end bring out all that is held. */
size_t limiter_lag(const struct limiter *limiter);

#endif
