/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: positions by libavformat's time stamps, for the rows whose container tells
 * them rightly.
 */
#ifndef CLIPNOTES_AUDIO_ANY_H
#define CLIPNOTES_AUDIO_ANY_H

#include "audio/format.h"

struct any_state {
    int64_t origin;    /* of sample 0, as a time stamp in samples */
    int64_t preroll;   /* samples that a decoder is fed before the one that is asked for */
    int64_t beginning; /* the first packet's time stamp; what is within twice the pre-roll of sample
                        * 0 is decoded from there on */
};

/* The functions of a row; any_open() makes a struct any_state, which others may then refine. */
bool any_open(struct audio *audio, int64_t body, struct error *err);
bool any_seek(struct audio *audio, sample_index position, struct error *err);
bool any_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err);

#endif
