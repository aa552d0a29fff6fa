/* SPDX-License-Identifier: MIT */
/*
 * A chapter: a named part of one recording.
 */
#ifndef CLIPNOTES_MODEL_CHAPTER_H
#define CLIPNOTES_MODEL_CHAPTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "model/time.h"

/* A picture in the file itself; the bytes belong to whoever owns the chapter. */
struct picture {
    const uint8_t *data;
    size_t size;
    const char *type; /* "image/jpeg", "image/png" */
};

/* What a chapter speaks of, on the map. */
struct location {
    const char *name, *geo, *osm; /* its geo: URI, its OpenStreetMap id; each may be NULL */
};

/* Texts belong to the arena of the list. NULL where there is none. */
struct chapter {
    millis start;
    millis end; /* MILLIS_NONE: where the next one starts, or the recording's end */
    const char *title;
    const char *link;
    const char *image;             /* URL */
    const struct picture *picture; /* embedded */
    bool hidden;                   /* not in the table of contents */
    int line;                      /* in the notes that named it; 0 where none did */
    const struct location *location;
};

struct chapter_list {
    struct arena *arena; /* owned */
    struct chapter *items;
    size_t count, capacity;
    const char *title; /* of the whole list, where a format has one */
};

void chapter_list_init(struct chapter_list *list);
void chapter_list_release(struct chapter_list *list);

/* A copy of `chapter`, texts, picture and location with it, at the end. Returned borrowed. */
struct chapter *chapter_list_add(struct chapter_list *list, const struct chapter *chapter);

/* By start; those with the same start keep their order. */
void chapter_list_sort(struct chapter_list *list);

/* Where item i of a sorted list ends, never before it starts; MILLIS_NONE where it is the last one,
 * says nothing, and `duration` is MILLIS_NONE. */
millis chapter_list_end(const struct chapter_list *list, size_t i, millis duration);

#endif
