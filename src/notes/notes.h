/* SPDX-License-Identifier: MIT */
/*
 * Show notes: from the text that people write to marks.
 *
 * One argument may hold many pages (a folder, a feed, a plan), so pages are handed over one by one
 * as they are read, and memory does not grow with their number.
 */
#ifndef CLIPNOTES_NOTES_NOTES_H
#define CLIPNOTES_NOTES_NOTES_H

#include <stdbool.h>

#include "base/error.h"
#include "base/log.h"
#include "base/slice.h"
#include "format/json.h"
#include "model/mark.h"

/* No notes file is larger. */
#define NOTES_MAX_BYTES ((size_t)64 << 20)

struct notes_options {
    const char *base_url;  /* what relative links are relative to; NULL */
    const struct log *log; /* warnings of files in a folder that could not be read */
};

/* Takes the page over, for notes_destroy(). False ends the reading, which then succeeds. */
typedef bool notes_visitor(void *context, struct notes *notes);

/* Reads a file, all notes below a folder (in order of path), "-" for standard input, or a plan.
 * Fails where nothing of it could be read; a folder's unreadable file is a warning in the log. */
bool notes_read(const char *path, const struct notes_options *options, notes_visitor *visit,
                void *context, struct error *err);

/* The same of a text that is in memory: `name` tells the kind by its extension, else its content
 * does. For what was fetched from a URL. */
bool notes_read_text(struct slice text, const char *name, const struct notes_options *options,
                     notes_visitor *visit, void *context, struct error *err);

/* One page as an object of a plan's "notes" array (DESIGN: `list --json`). notes_read() reads the
 * whole plan, {"version": 1, "notes": [...]}, back. */
void notes_write_json(struct json_writer *json, const struct notes *notes);

#endif
