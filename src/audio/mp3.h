/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: what the MP3 row of the table keeps, for its own files.
 */
#ifndef CLIPNOTES_AUDIO_MP3_H
#define CLIPNOTES_AUDIO_MP3_H

#include "audio/format.h"
#include "audio/mp3_index.h"

struct mp3 {
    struct mp3_index index;
    struct mp3_walk cursor; /* of seek() and next() */
};

/* Frames that a decoder has to be fed before one that is to come out right: each frame overlaps
 * with the granule before it, and the synthesis filter reaches back 480 samples. */
static inline int64_t mp3_preroll(const struct mp3_index *index)
{
    return index->header.samples == 1152 ? 1 : 2;
}

bool mp3_cut(struct audio *audio, const struct cut_range *range, struct output *output,
             struct cut_shape *ret_shape, struct error *err);

#endif
