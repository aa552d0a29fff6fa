/* SPDX-License-Identifier: MIT */
/*
 * What is said in an episode, and when.
 *
 * Read from WebVTT (https://www.w3.org/TR/webvtt1/), SubRip, and the JSON and HTML of the podcast
 * namespace (https://github.com/Podcastindex-org/podcast-namespace, transcripts.md); also from the
 * JSON of Whisper and of Podlove. What is no UTF-8 is UTF-16 by its mark, or Windows-1252.
 */
#ifndef CLIPNOTES_RECAP_TRANSCRIPT_H
#define CLIPNOTES_RECAP_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/slice.h"
#include "model/episode.h"
#include "model/time.h"

#define TRANSCRIPT_MAX_BYTES ((size_t)32 << 20)

/* A piece of speech, as the transcript divides it. */
struct cue {
    millis start, end;
    const char *speaker; /* NULL: as before, or not said */
    const char *text;    /* on one line, without markup */
    size_t number;       /* in the order of the document */
};

struct transcript {
    struct arena *arena;
    struct cue *cues; /* by start */
    size_t count, capacity;
};

/* By content. NULL where it holds no cue. */
struct transcript *transcript_read(struct slice text, const char *name, struct error *err);
void transcript_destroy(struct transcript *transcript); /* takes NULL */

/* Where the episode's transcript is: a file beside local audio ("e1.vtt", srt, json or html of
 * "e1.mp3"), else what the feed names: a path or a URL. For free(); NULL where there is none. */
char *transcript_place(const struct episode *episode);

/* The end of a sentence, or of what a speaker says before another does, that is nearest to
 * `target`, at most `snap` from it and behind `start`. */
bool transcript_find_end(const struct transcript *transcript, millis start, millis target,
                         millis snap, millis *ret_end);

/* Where a quotation in `title` (three words, or four ideographs, or more in quotation marks) is
 * spoken: of the first that is found the place nearest to `position`. False where there is none. */
bool transcript_find_quote(const struct transcript *transcript, const char *title, millis position,
                           millis *ret_start, millis *ret_end);

/* Appends the cues of [start, end) as WebVTT, as times from `origin` on; the header comes with
 * vtt_append_header(). Returns how many there are. */
size_t transcript_append_vtt(const struct transcript *transcript, millis start, millis end,
                             millis origin, struct buffer *out);
void vtt_append_header(struct buffer *out);

#endif
