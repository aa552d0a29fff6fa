/* SPDX-License-Identifier: MIT */
/*
 * A run is entries of one place, one after the other, that may be a list of chapters: what speaks
 * against it is a table of objections.
 */
#ifndef CLIPNOTES_NOTES_RUN_H
#define CLIPNOTES_NOTES_RUN_H

#include "model/mark.h"
#include "notes/entry.h"

struct run {
    const struct document *document;
    struct entry **items;
    size_t count;   /* at least one */
    bool announced; /* by words such as "Timestamps:" above it */
    bool headed;    /* by such words that are a heading, and nothing between */
    bool of_pieces; /* by words such as "Playlist:" */
    bool accepted;
    bool lone; /* turned down for nothing but its length */
};

/* Fills in whether the run is accepted. A long one that is not is a warning of the notes, which may
 * be NULL. */
void run_judge(struct notes *notes, struct run *run);

/* Written so that it is meant as a position and nothing else. */
bool entry_is_sure(const struct entry *entry);

#endif
