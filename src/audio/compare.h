/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: a clip's samples beside those of its episode.
 */
#ifndef CLIPNOTES_AUDIO_COMPARE_H
#define CLIPNOTES_AUDIO_COMPARE_H

#include "audio/decode.h"

/* The episode's samples beside which those of the clip are held. */
struct comparison {
    struct decoder *decoder;
    AVFrame *frame;        /* of the episode */
    sample_index position; /* of the clip, that is compared next */
    double max_diff;
    bool missing; /* the episode has nothing there */
};

/* The comparison begins at `position` of the clip. */
bool comparison_open(struct comparison *comparison, struct audio *audio,
                     const struct cut_shape *shape, sample_index position, struct error *err);
void comparison_close(struct comparison *comparison); /* an empty one may be closed too */

/* Compares a frame of the clip, which is used up, with the episode from the position on; the
 * episode's sample `first` is the clip's first. Where the episode has nothing more the samples are
 * only counted. */
bool comparison_add(struct comparison *comparison, sample_index first, AVFrame *clip,
                    struct error *err);

#endif
