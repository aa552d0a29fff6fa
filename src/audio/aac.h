/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: what AAC needs in whatever container.
 */
#ifndef CLIPNOTES_AUDIO_AAC_H
#define CLIPNOTES_AUDIO_AAC_H

#include "audio/format.h"

#define AAC_FRAME 1024

/* What a decoder is fed before a sample: its overlap, and what spectral band replication keeps.
 * What is within twice that of sample 0 is decoded from the file's beginning on. */
#define AAC_PREROLL (4 * AAC_FRAME)

/* What a packet gives, in samples: twice AAC_FRAME where spectral band replication doubles the
 * rate. Known once info.rate is. */
sample_index aac_frame_samples(const struct audio *audio);

/* A frame of nothing but noise. A decoder's generator of noise (perceptual noise substitution) goes
 * on from frame to frame, so that what uses it decodes differently in a clip; after this frame it
 * stands where no fresh decoder has it. NULL near the beginning. For av_packet_free(). */
AVPacket *aac_primer(const struct audio *audio, sample_index position);

/* Copies a clip into an MP4: one frame more at the start, which the edit list hides. */
bool aac_cut(struct audio *audio, const struct cut_range *range, struct output *output,
             struct cut_shape *ret_shape, struct error *err);

/* What the container says of rate and channels holds for the core; spectral band replication and
 * parametric stereo show in what decodes. Puts that into info; *ret_frame is what a packet gives,
 * in samples. The cursor is moved. */
bool aac_look(struct audio *audio, int *ret_frame, struct error *err);

#endif
