/* SPDX-License-Identifier: MIT */
/*
 * What lies beside the clips and the joined recap, for players, editors and people: each file is a
 * row of a table (leaves.c) and a function that writes its text. They are quick to make and depend
 * on nothing but what was decided, so every run makes them anew, and writes what is not there yet.
 */
#ifndef CLIPNOTES_RECAP_LEAVES_H
#define CLIPNOTES_RECAP_LEAVES_H

#include "base/buffer.h"
#include "recap/files.h"
#include "recap/plan.h"
#include "recap/programme.h"
#include "recap/run.h"

/* What a job came to. All borrowed. */
struct results {
    const char *folder;
    struct files *files; /* in that folder */
    const struct plan *plan;
    const struct clip_outcome *outcomes;
    const struct programme *programme; /* NULL where there is none */
    const char *programme_error;       /* why; NULL */
};

/* Writes all of them, each whole or not at all. */
bool leaves_write(const struct results *results, struct error *err);

/* The texts, appended. Of a programme: */
void leaf_append_notes(const struct results *results, struct buffer *out);   /* Markdown */
void leaf_append_project(const struct results *results, struct buffer *out); /* Reaper */

/* Of clips, with the programme where there is one: */
void leaf_append_soundbites(const struct results *results, struct buffer *out); /* XML */
void leaf_append_page(const struct results *results, struct buffer *out);       /* HTML */

/* Audacity's labels (start TAB end TAB text, in seconds) of one episode's clips. */
void leaf_append_labels(const struct results *results, size_t episode, struct buffer *out);

/* What the recap is called: the notes' title. */
const char *leaf_title(const struct results *results);

/* The URL where a click may lead: the clip's, where it is http or https; else NULL. */
const char *leaf_link(const struct clip *clip);

#endif
