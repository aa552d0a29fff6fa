/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: what an episode says of itself, and the part of it that a clip inherits.
 */
#ifndef CLIPNOTES_AUDIO_FACTS_H
#define CLIPNOTES_AUDIO_FACTS_H

#include "audio/format.h"

/* Fills in audio->tags and audio->chapters, once. A file that says nothing is no error. */
void facts_read(struct audio *audio);

/* The episode's chapters that lie in [start, end), as times of the clip, into `ret_list`. */
void facts_clip_chapters(struct audio *audio, sample_index start, sample_index end,
                         struct chapter_list *ret_list);

#endif
