/* SPDX-License-Identifier: MIT */
/*
 * An episode while its clips are cut: its bytes, its audio, and what is said in it.
 */
#ifndef CLIPNOTES_RECAP_OPENED_H
#define CLIPNOTES_RECAP_OPENED_H

#include "audio/audio.h"
#include "base/source.h"
#include "recap/run.h"
#include "recap/transcript.h"

/* All owned. NULL where it is not open. */
struct opened {
    struct episode *episode;
    struct source *source;
    struct audio *audio;
    struct transcript *transcript;
    bool asked;                              /* for the transcript */
    char transcript_version[HASH_TEXT_SIZE]; /* digest of what a server gave; "": nothing */
    millis reach;                            /* how much of it the clips take */
    bool counted;                            /* by a dry run: that all of it is to be fetched */
    bool reopened;                           /* its file had changed on the server */
};

/* Asks the server, with as few bytes as it takes, which file it has under the episode's URL. For
 * free(); NULL where the episode is on disk, or where the server does not answer: finished clips
 * then count as they are. */
char *opened_version(struct opened *opened, const struct run_options *options);

/* The audio of opened->episode. */
bool opened_open(struct opened *opened, const struct run_options *options, struct error *err);

/* Which transcript the server has now: its digest, borrowed. NULL where none is wanted, or it is on
 * disk, or cannot be had: finished clips then count as they are. */
const char *opened_transcript_version(struct opened *opened, const struct run_options *options);

/* Its transcript, where the options want one; asked for once. A warning where it cannot be had:
 * clips are cut without. */
void opened_read_transcript(struct opened *opened, const struct run_options *options);

/* After a failure: whether it was because the server has another file than at first. What was read
 * belongs to the old one, which is then closed, to be opened anew; true once. */
bool opened_was_replaced(struct opened *opened);

void opened_release(struct opened *opened);

#endif
