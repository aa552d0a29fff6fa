/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: a clip of whole packets, by libavformat: it begins and ends within one packet
 * of what was asked for. The way where no exact one is known, or where one does not work.
 */
#ifndef CLIPNOTES_AUDIO_COPY_H
#define CLIPNOTES_AUDIO_COPY_H

#include "audio/format.h"

/* The extension of a clip with this source's codec. */
const char *copy_extension(const struct audio *audio);

bool copy_cut(struct audio *audio, const struct cut_range *range, struct output *output,
              struct cut_shape *ret_shape, struct error *err);

#endif
