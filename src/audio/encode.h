/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: clips that are encoded anew.
 *
 * The encoder's delay and padding are signalled in the way of each container, so that a clip plays
 * the very range. An MP4 is filled up in front so that it ends with a frame, because not every
 * player knows the end of an edit list.
 */
#ifndef CLIPNOTES_AUDIO_ENCODE_H
#define CLIPNOTES_AUDIO_ENCODE_H

#include "audio/format.h"

struct encoding;

/* By the name of a format ("mp3", ...); NULL where there is none. */
const struct encoding *encoding_find(const char *format);

/* That of the source's own codec, or the nearest to it. Never NULL. */
const struct encoding *encoding_of(const struct audio *audio);

/* The one that keeps the source's samples as they are: NULL where they are not whole numbers. */
const struct encoding *encoding_lossless(const struct audio *audio);

const char *encoding_extension(const struct encoding *encoding);

/* For audio_info and results: "mp3", ... */
const char *encoding_codec(const struct encoding *encoding);

/* Encodes a clip into `output`, in the container with that extension: *ret_samples at *ret_rate
 * come out. */
bool encode_cut(struct audio *audio, const struct cut_range *range, const struct encoding *encoding,
                const char *extension, const struct cut_options *options, struct output *output,
                sample_index *ret_samples, int *ret_rate, struct error *err);

#endif
