/* SPDX-License-Identifier: MIT */
/*
 * What show notes hold: marks (clip links and chapters) and the facts of the page that holds them.
 */
#ifndef CLIPNOTES_MODEL_MARK_H
#define CLIPNOTES_MODEL_MARK_H

#include <stddef.h>

#include "base/memory.h"
#include "model/chapter.h"
#include "model/time.h"

/* A link to a moment of an episode's page or audio. */
struct clip {
    int number;          /* as in "Clip 7:", else its place in the notes from 1 on */
    const char *label;   /* as a reader sees it */
    const char *title;   /* the label without its number */
    const char *speaker; /* NULL where it cannot be told */
    const char *url;     /* as written, entities decoded, made absolute where a base is known */
    const char *page;    /* the same without the time */
    millis start;
    millis end; /* MILLIS_NONE where the notes give none */
    int line;
};

struct mark_warning {
    int line;
    const char *message;
};

#define MARK_NUMBER_NONE (-1)

/* One page of show notes. Everything in it belongs to its arena. NULL, MARK_NUMBER_NONE: not given.
 */
struct notes {
    struct arena *arena;
    const char *path; /* the file, or "feed.xml#3" for the third item of a feed */
    const char *title, *date, *show, *slug;
    int season, episode;
    const char *page;      /* the page's own URL */
    const char *audio_url; /* of the page's own episode, as written */
    const char *guid;
    const char **aliases; /* other paths of the page */
    size_t alias_count;

    struct clip *clips;
    size_t clip_count, clip_capacity;
    struct chapter *chapters; /* of the page's own episode */
    size_t chapter_count, chapter_capacity;
    struct mark_warning *warnings;
    size_t warning_count, warning_capacity;
};

struct notes *notes_create(const char *path);
void notes_destroy(struct notes *notes); /* takes NULL */

/* Appends; what is given is copied shallowly, its texts must live in notes->arena. */
struct clip *notes_add_clip(struct notes *notes, const struct clip *clip);
struct chapter *notes_add_chapter(struct notes *notes, const struct chapter *chapter);
void notes_warn(struct notes *notes, int line, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
