/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: decoded frames as plain numbers.
 */
#ifndef CLIPNOTES_AUDIO_PCM_H
#define CLIPNOTES_AUDIO_PCM_H

#include "audio/libav.h"

/* Writes the frame's samples as interleaved floats, full scale 1: nb_samples * channels of them.
 * What a decoder gave that is no number is silence. */
void pcm_interleave(const AVFrame *frame, float *ret_samples);

#endif
