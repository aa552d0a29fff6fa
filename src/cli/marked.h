/* SPDX-License-Identifier: MIT */
/*
 * An audio file and the chapters that `mark` puts into it: where they go, and what came of it.
 */
#ifndef CLIPNOTES_CLI_MARKED_H
#define CLIPNOTES_CLI_MARKED_H

#include "base/buffer.h"
#include "cli/lookup.h"
#include "format/json.h"
#include "model/chapter.h"

enum marked_status {
    MARKED_FAILED,
    MARKED_ELSEWHERE, /* it is another shard's */
    MARKED_PLANNED,   /* in a dry run */
    MARKED_DONE,
};

struct marked {
    struct episode *episode; /* owned: the first whose audio it is */
    char *path;              /* owned; NULL while it is on a server only */
    char *output;            /* owned; NULL where the file itself is changed */
    struct chapter_list list;
    enum marked_status status;
    struct error failure; /* why it failed, or could not be brought here */
};

/* The file that holds the chapters: the copy, or the audio itself. NULL while neither is here. */
const char *marked_path(const struct marked *file);

/* Takes the episode over. For marked_release(). */
void marked_init(struct marked *file, struct episode *episode);
void marked_release(struct marked *file);

/* The name that a copy has in its folder: the audio's own, or where `longer`, with the page's in
 * front. For free(). */
char *marked_name(const struct marked *file, bool longer);

/* Writes the chapters. With --merge, `list` then holds the file's own, too. */
bool marked_write(struct marked *file, const struct lookup *lookup, const struct options *options,
                  struct terminal *terminal, struct error *err);

/* Are they there already, as a shard has written them? */
bool marked_verify(const struct marked *file, struct error *err);

/* "out/a.mp3: 3 chapters" and a line end; or an object of the array "files". */
void marked_append_line(const struct marked *file, struct buffer *out);
void marked_append_json(const struct marked *file, struct json_writer *json);

#endif
