/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: how large a cover is, which containers want to be told.
 */
#ifndef CLIPNOTES_AUDIO_PICTURE_H
#define CLIPNOTES_AUDIO_PICTURE_H

#include <stdbool.h>

#include "model/chapter.h"

/* Of a PNG or JPEG, in pixels, from 1 to 65535; false where the picture does not say. */
bool picture_size(const struct picture *picture, int *ret_width, int *ret_height);

#endif
