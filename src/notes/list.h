/* SPDX-License-Identifier: MIT */
/*
 * Which entries make a list of chapters.
 *
 * A line with a time may be a chapter, a paragraph of a transcript, a talk on a schedule, a
 * runner's result. No line can tell by itself; a list can: chapters are written in one way, rise
 * from the beginning of a recording to its end, and differ in their titles. So entries of one place
 * (times at the beginning, at the end, alone) are parted into runs, a new one beginning where the
 * time falls back to the start, and each run is judged as a whole by a table of objections.
 */
#ifndef CLIPNOTES_NOTES_LIST_H
#define CLIPNOTES_NOTES_LIST_H

#include "notes/entry.h"
#include "notes/page.h"

/* Marks the entries that are chapters. A long list that is turned down is a warning of the notes,
 * which may be NULL, and so is a time in an accepted one that cannot be. */
void list_judge(struct notes *notes, const struct document *document, struct entry_list *list);

#endif
