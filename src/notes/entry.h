/* SPDX-License-Identifier: MIT */
/*
 * An entry is a line that may be one of a list of times: a time at its beginning or end, and what
 * would then be the title. Whether it is one, the lines around it tell (list.c).
 */
#ifndef CLIPNOTES_NOTES_ENTRY_H
#define CLIPNOTES_NOTES_ENTRY_H

#include "notes/document.h"
#include "notes/stamp.h"

enum place {
    PLACE_START, /* "12:34 Title" */
    PLACE_END,   /* "Title 12:34" */
    PLACE_ALONE, /* the title stands on another line */
};

#define PLACES 3

struct entry {
    size_t line; /* in the document */
    struct stamp stamp;
    enum place place;
    struct slice title;         /* of its own line; empty with PLACE_ALONE */
    struct document_link *link; /* a link that carries this time, NULL */
    bool part;                  /* one of several in its line */
    bool accepted;              /* it is a chapter */
    const char *whole_title;    /* with what stands on other lines; in the document's arena */
};

struct entry_list {
    struct arena *arena; /* borrowed */
    struct entry *items;
    size_t count, capacity;
    size_t stamps; /* that were seen, also in lines that are no entries */
};

/* The entries of a document whose times are written in this way, in order. Times of links must have
 * been read. */
void entries_find(struct document *document, enum stamp_notation notation,
                  struct entry_list *ret_list);

#endif
