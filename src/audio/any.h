/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: positions by libavformat's time stamps, for the rows whose container tells
 * them rightly.
 */
#ifndef CLIPNOTES_AUDIO_ANY_H
#define CLIPNOTES_AUDIO_ANY_H

#include "audio/format.h"

/* Counts are samples. */
struct any_state {
    int64_t beginning; /* the first packet's time stamp, in the stream's own time base */
    int64_t skipped;   /* from there to sample 0 */
    int64_t grid;      /* all packets are of this size, where the times are coarser than samples */
    int64_t last, end; /* of the packet that was read last */
    int block;         /* of FLAC's frames, which are numbered; 0: of another codec */
    int64_t first_number;
    bool begun;      /* to look at the packets' times */
    int64_t preroll; /* that a decoder is fed before a sample; what is within twice that of sample
                      * 0 is decoded from the beginning on */
};

/* The functions of a row; any_open() makes a struct any_state, which others may then refine. */
bool any_open(struct audio *audio, int64_t body, struct error *err);
bool any_seek(struct audio *audio, sample_index position, struct error *err);
bool any_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err);
bool any_prove(struct audio *audio, const struct cut_range *range, struct error *err);

#endif
