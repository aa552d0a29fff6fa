/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: what the rows of codecs in Ogg have in common.
 */
#ifndef CLIPNOTES_AUDIO_OGG_AUDIO_H
#define CLIPNOTES_AUDIO_OGG_AUDIO_H

#include "audio/ogg.h"

/* What the codec's headers say, for a decoder: copied. */
void ogg_audio_set_extradata(struct audio *audio, struct slice data);

/* Fills in the samples, the duration and the bitrate, once the rate is known; `origin` is the
 * granule position of sample 0. */
void ogg_audio_measure(struct audio *audio, const struct ogg *ogg, int64_t origin);

/* As prove() of a row: a page that is missing is a gap in time for who goes there by the granule
 * positions, as all do that seek, and none for who has played from the beginning on. */
bool ogg_audio_prove(struct audio *audio, struct ogg *ogg, int64_t origin,
                     const struct cut_range *range, struct error *err);

/* As next() of a row. */
bool ogg_audio_next(struct ogg *ogg, int64_t origin, AVPacket *packet, bool *ret_more,
                    struct error *err);

#endif
