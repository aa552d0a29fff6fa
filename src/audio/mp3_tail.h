/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: the tags that stand behind the frames of an MP3: ID3v1 (id3.org/ID3v1, with
 * the "enhanced" TAG+ before it), APEv2 (wiki.hydrogenaud.io, "APEv2 specification"), Lyrics3
 * (id3.org/Lyrics3, Lyrics3v2) and ID3v2.4 with a footer (id3v2.4.0-structure, 3.4).
 */
#ifndef CLIPNOTES_AUDIO_MP3_TAIL_H
#define CLIPNOTES_AUDIO_MP3_TAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/source.h"

/* Where they begin: the file's size where there are none. */
bool mp3_tail_find(struct source *source, int64_t *ret_end, struct error *err);

#endif
