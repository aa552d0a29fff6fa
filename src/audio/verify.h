/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: is a clip what it is said to be?
 *
 * The clip is played as any player would, from what was written, and compared with the episode's
 * samples, which are decoded from a little before them on. VERIFY_FULL does that with every sample.
 * VERIFY_EDGES does it with the packets at both ends and compares the bytes of those between with
 * the episode's: equal bytes decode equally. Where anything is not equal it does the whole, for a
 * decoder that begins within a clip may lack what the sound there is made of.
 */
#ifndef CLIPNOTES_AUDIO_VERIFY_H
#define CLIPNOTES_AUDIO_VERIFY_H

#include "audio/format.h"

/* What came out. */
struct verdict {
    sample_index samples; /* that the clip plays */
    double max_diff;      /* full scale is 1 */
    bool damaged;         /* packets of the episode or of the clip do not decode */
};

bool verify_cut(struct audio *audio, const struct cut_shape *shape, bool whole, struct output *clip,
                struct verdict *ret_verdict, struct error *err);

/* Only counts what the clip plays, and whether it decodes: for what was encoded. */
bool verify_count(struct output *clip, struct verdict *ret_verdict, struct error *err);

#endif
