/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: checking clips by our own reader, for Vorbis, of which libavformat miscounts
 * some by a few blocks and plays what the first page's granule position cuts off.
 */
#ifndef CLIPNOTES_AUDIO_VERIFY_OWN_H
#define CLIPNOTES_AUDIO_VERIFY_OWN_H

#include "audio/verify.h"

/* As verify_cut(). */
bool verify_own_cut(struct audio *audio, const struct cut_shape *shape, bool whole,
                    struct output *clip, struct verdict *ret_verdict, struct error *err);

/* As verify_count(). */
bool verify_own_count(struct output *clip, struct verdict *ret_verdict, struct error *err);

/* The true peak that the clip plays, full scale 1. */
bool verify_own_peak(struct output *clip, double *ret_peak, struct error *err);

#endif
