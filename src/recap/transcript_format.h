/* SPDX-License-Identifier: MIT */
/*
 * Private to the transcripts: what a kind of transcript is. One file fills one in; transcript.c has
 * the list.
 */
#ifndef CLIPNOTES_RECAP_TRANSCRIPT_FORMAT_H
#define CLIPNOTES_RECAP_TRANSCRIPT_FORMAT_H

#include "recap/transcript.h"

struct transcript_format {
    const char *begins; /* with one of these characters; "": any */
    bool (*read)(struct transcript *transcript, struct slice text, const char *name,
                 struct error *err);
};

extern const struct transcript_format transcript_json, transcript_html, transcript_lines;

/* Adds a cue. One without words, or that ends before it starts, is passed over; where `end` is
 * MILLIS_NONE it lasts until the next one starts. */
void transcript_add(struct transcript *transcript, millis start, millis end, struct slice speaker,
                    struct slice text);

/* Of "Paul Dix: We had it all" takes the name; empty where there is none. */
struct slice transcript_take_speaker(struct slice *text);

#endif
