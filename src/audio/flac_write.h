/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: a frame of FLAC out of samples, for the edges of a clip.
 *
 * Each channel is coded for itself, by the best of a constant, a fixed predictor with one Rice
 * parameter, and the samples as they are (RFC 9639, section 9.2). An encoder does better; but this
 * takes every depth and number of channels, and it is two frames of a clip.
 */
#ifndef CLIPNOTES_AUDIO_FLAC_WRITE_H
#define CLIPNOTES_AUDIO_FLAC_WRITE_H

#include "audio/flac_frame.h"

/* Appends a frame of `count` samples, 1 to FLAC_MAX_BLOCK, which stand channel after channel, the
 * beginnings `stride` apart. Its rate and depth are coded as in `like`; `depth` is the stream's. */
void flac_write_frame(const struct flac_frame *like, int64_t number, bool variable, int depth,
                      const int32_t *samples, size_t stride, int count, struct buffer *ret_data);

#endif
