/* SPDX-License-Identifier: MIT */
/*
 * Titles as a reader sees them: without the dashes, colons and bullets that part them from a time.
 */
#ifndef CLIPNOTES_NOTES_TITLE_H
#define CLIPNOTES_NOTES_TITLE_H

#include <stdbool.h>

#include "base/slice.h"

/* What stands behind a time, and what stands before one. Both are parts of the text. */
struct slice title_behind(struct slice text);
struct slice title_before(struct slice text);

/* Words before a time that are no title: a number, "Chapter 3", "Time:". */
bool title_is_ordinal(struct slice text);

/* Words that name a length of time, not a chapter: "Duration", "Dauer". */
bool title_is_duration(struct slice text);

/* The name of a book of the Bible or the Quran, before chapter and verse: "John", "1 Kings". */
bool title_is_verse(struct slice text);

/* A line that announces a list of times: "Timestamps:", "Kapitel", "Таймкоды". */
bool title_announces(struct slice text);

/* A line that announces pieces of music, with the length of each: "Playlist:". */
bool title_announces_pieces(struct slice text);

#endif
