/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: what libav's encoders take, and what we give them of it.
 */
#ifndef CLIPNOTES_AUDIO_ENCODER_H
#define CLIPNOTES_AUDIO_ENCODER_H

#include <stdbool.h>

#include "audio/libav.h"

/* The format that is nearest to what the encoder gets: `deep`, with more than 16 bits, or not for
 * one that keeps all; floating point for one that does not. */
enum AVSampleFormat encoder_format(const AVCodec *codec, bool lossless, bool deep);

/* The rate wanted, else the next higher one, else the highest. In Hz. */
int encoder_rate(const AVCodec *codec, int wanted);

/* The number of channels wanted, else two. */
int encoder_channels(const AVCodec *codec, int wanted);

#endif
