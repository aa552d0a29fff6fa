/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: a range of an episode as an encoder wants it, and as the user does: its rate,
 * channels, loudness and fades.
 *
 * Where nothing is to be changed the decoder's samples go through untouched; else all work is done
 * in 32-bit floating point. What is damaged in the episode is silence, so that time stays right.
 */
#ifndef CLIPNOTES_AUDIO_RENDER_H
#define CLIPNOTES_AUDIO_RENDER_H

#include "audio/format.h"
#include "audio/libav.h"

struct render_options {
    int rate;                   /* of what comes out */
    int channels;               /* of what comes out; 0: the source's */
    enum AVSampleFormat format; /* of what comes out */
    bool dither;                /* the encoder keeps fewer bits than the decoder gives */
    millis fade;                /* at both ends */
    double gain;                /* a factor */
};

struct renderer;

struct renderer *renderer_create(struct audio *audio, sample_index start, sample_index end,
                                 const struct render_options *options, struct error *err);
void renderer_destroy(struct renderer *renderer); /* takes NULL */

/* Some more samples, of any number; at the end *ret_more is false. */
bool renderer_read(struct renderer *renderer, AVFrame *frame, bool *ret_more, struct error *err);

/* The largest true peak that is allowed: -1 dBTP as a factor. */
double render_ceiling(void);

/* The true peak of all of it; 0 where there is nothing to measure. */
bool render_peak(struct audio *audio, double *ret_peak, struct error *err);

/* The gain that brings the range to a loudness (EBU R128, integrated) without its true peak passing
 * the ceiling; a loudness that is missed for that is a warning. 1 where there is nothing to
 * measure.
 */
bool render_gain(struct audio *audio, sample_index start, sample_index end,
                 const struct render_options *options, int centilufs, double *ret_gain,
                 struct error *err);

#endif
