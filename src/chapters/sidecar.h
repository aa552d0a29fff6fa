/* SPDX-License-Identifier: MIT */
/*
 * Chapters beside the audio: the text formats that players, editors and platforms read. Each is a
 * row of a table (sidecar.c) and fills in one descriptor.
 */
#ifndef CLIPNOTES_CHAPTERS_SIDECAR_H
#define CLIPNOTES_CHAPTERS_SIDECAR_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "base/slice.h"
#include "model/chapter.h"

/* No such text is larger. */
#define SIDECAR_MAX_BYTES ((size_t)32 << 20)

enum sidecar_holds {
    SIDECAR_LINKS = 1 << 0,
    SIDECAR_IMAGES = 1 << 1, /* their addresses */
    SIDECAR_HIDDEN = 1 << 2,
    SIDECAR_ENDS = 1 << 3,
    SIDECAR_LINE_ENDS = 1 << 4, /* titles of several lines */
    SIDECAR_LOCATIONS = 1 << 5,
};

/* What a writer may want to know beside the chapters. */
struct sidecar_context {
    const char *audio; /* the audio file's name; NULL */
    millis duration;   /* of the recording; MILLIS_NONE */
    const struct log *log;
};

struct sidecar {
    const char *name;       /* for --from and --to: "json" */
    const char *meaning;    /* a few words for people */
    const char *extensions; /* that mean this format and no other, blanks between: "vtt" */
    unsigned holds;

    /* Does the text look like it? `text` has neither byte order mark nor white space in front. */
    bool (*detect)(struct slice text);

    /* Appends the chapters to `list`. NULL where the format is only written. */
    bool (*read)(struct slice text, const char *name, struct chapter_list *list, struct error *err);

    /* `list` is sorted. NULL where the format is only read. False where it cannot be held. */
    bool (*write)(const struct chapter_list *list, const struct sidecar_context *context,
                  struct buffer *out, struct error *err);
};

/* All formats, in the order in which they are tried. */
const struct sidecar *const *sidecar_formats(size_t *ret_count);

/* By its name; NULL, and an error that lists them, where there is none. */
const struct sidecar *sidecar_find(const char *name, struct error *err);

/* By a path's extension; NULL where that says nothing. */
const struct sidecar *sidecar_of_path(const char *path);

/* Reads text in `format`, or where that is NULL, in the one that the extension of `name` or the
 * text itself tells. The chapters are sorted. Text without any is an error. `list` is initialised,
 * and keeps what it has. */
bool sidecar_read(struct slice text, const char *name, const struct sidecar *format,
                  struct chapter_list *list, struct error *err);

/* Appends the text. What the format cannot hold is said to the log. */
bool sidecar_write(const struct sidecar *format, const struct chapter_list *list,
                   const struct sidecar_context *context, struct buffer *out, struct error *err);

#endif
