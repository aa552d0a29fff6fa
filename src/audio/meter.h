/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: loudness by EBU R128, through libebur128.
 */
#ifndef CLIPNOTES_AUDIO_METER_H
#define CLIPNOTES_AUDIO_METER_H

#include <stdbool.h>
#include <stddef.h>

struct meter;

/* What an integrated loudness is made of: those of 400 ms, one begun every 100 ms, in LUFS. */
struct meter_blocks {
    float *loudness; /* for free() */
    size_t count, capacity;
};

/* NULL where it cannot measure that. */
struct meter *meter_create(int channels, int rate);
void meter_destroy(struct meter *meter); /* takes NULL */

/* `count` samples of all channels, interleaved. */
bool meter_add_samples(struct meter *meter, const float *samples, size_t count);

/* The integrated loudness in LUFS and the true peak, full scale 1. False where all is silence or
 * too short to measure. */
bool meter_result(struct meter *meter, double *ret_loudness, double *ret_peak);

/* Hands over the blocks so far. */
struct meter_blocks meter_take_blocks(struct meter *meter);

#endif
