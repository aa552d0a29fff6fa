/* SPDX-License-Identifier: MIT */
/*
 * The manifest: what was made of each clip, how exactly, and what failed and why. Stable JSON, the
 * same on stdout (--json) and in the output folder.
 */
#ifndef CLIPNOTES_RECAP_MANIFEST_H
#define CLIPNOTES_RECAP_MANIFEST_H

#include "base/buffer.h"
#include "base/error.h"
#include "recap/plan.h"
#include "recap/run.h"

struct files;
struct programme;
struct json_writer;

/* Appends the document, in the notes' order. `programme` is NULL where there is none, and `files`
 * where nothing is known of other files in the folder: it then says nothing of them. */
void manifest_append(struct buffer *out, const struct plan *plan,
                     const struct clip_outcome *outcomes, const struct programme *programme,
                     const struct files *files);

/* Writes it as "manifest.json" into the folder. Other programs, too, call a file so (a web app's is
 * such an object): theirs stays, and that is a failure. */
bool manifest_write(const char *folder, struct slice text, struct error *err);

/* The members of one clip, and those of the joined recap, into the open object. */
void manifest_append_clip(struct json_writer *json, const struct clip_job *job,
                          const struct clip_outcome *outcome);
void manifest_append_programme(struct json_writer *json, const struct plan *plan,
                               const struct programme *programme);

/* The members that tell how one clip was cut, into the open object: "method" to "sha256". NULL:
 * each is null, for a clip that was not. */
void manifest_append_cut(struct json_writer *json, const struct cut_result *cut,
                         const char *sha256);

#endif
