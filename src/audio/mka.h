/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: clips in Matroska, which says sample by sample what is to be dropped at both
 * ends (DiscardPadding), so that a copy of whole packets is exact. Not for FLAC and ALAC: ffmpeg
 * decodes them in several threads at once and then drops samples of the wrong frames.
 */
#ifndef CLIPNOTES_AUDIO_MKA_H
#define CLIPNOTES_AUDIO_MKA_H

#include "audio/format.h"

bool mka_cut(struct audio *audio, const struct cut_range *range, struct output *output,
             struct cut_shape *ret_shape, struct error *err);

#endif
