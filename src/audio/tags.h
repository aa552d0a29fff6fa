/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: facts that a file tells of itself beyond those that have a place of their own
 * in `struct tags`. A clip passes them on under the names that libavformat gives them in every
 * container; where a container has no place for one, libavformat leaves it out.
 */
#ifndef CLIPNOTES_AUDIO_TAGS_H
#define CLIPNOTES_AUDIO_TAGS_H

#include "audio/format.h"

/* Adds a fact to the audio's tags, copied. Passed over is what is there already, what has a place
 * of its own, and what a clip must not repeat, for it is true of the whole file only. */
void tags_add(struct audio *audio, const char *name, const char *value);

/* The name of what an ID3v2.3 text frame tells, or NULL where it is none of the others. */
const char *tags_name_of_id3(const char *id);

/* The ID3v2.3 frame for a name; NULL: a text of the user's ("TXXX"). */
const char *tags_id3_of_name(const char *name);

#endif
