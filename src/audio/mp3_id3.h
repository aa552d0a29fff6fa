/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: what an MP3 says of itself, in ID3 tags.
 */
#ifndef CLIPNOTES_AUDIO_MP3_ID3_H
#define CLIPNOTES_AUDIO_MP3_ID3_H

#include "audio/format.h"
#include "base/buffer.h"

/* Fills in audio->tags and audio->chapters from the ID3v2 tags at the beginning, or, where there is
 * none, from an ID3v1 tag at the end. What cannot be read says nothing. */
void mp3_id3_read(struct audio *audio);

/* Fills in what is missing in audio->tags from the tag at `offset`. */
void mp3_id3_read_texts(struct audio *audio, int64_t offset);

/* Appends the tag (ID3v2.3, which every player takes) of a clip; nothing where there is nothing to
 * say. */
void mp3_id3_append(const struct cut_range *range, int rate, struct buffer *out);

#endif
