/* SPDX-License-Identifier: MIT */
/*
 * A page that is being read: what the parts of this folder hand to each other.
 */
#ifndef CLIPNOTES_NOTES_PAGE_H
#define CLIPNOTES_NOTES_PAGE_H

#include "base/memory.h"
#include "model/mark.h"
#include "notes/document.h"
#include "notes/notes.h"

struct page {
    struct notes *notes;                 /* what becomes of it */
    const struct notes_options *options; /* borrowed */
    bool crowded;                        /* has more clips than are kept */
    millis duration;                     /* of the page's own episode, as it says; MILLIS_NONE */
};

/* The chapters that the document lists; the links that belong to them are marked. The times of
 * links must have been read. With `keep` false the links are marked and nothing is added to the
 * page. Returns how many there are. */
size_t chapters_take_listed(struct page *page, struct document *document, bool keep);

/* The clips that the document's links lead to, but for links that are chapters of the page's own
 * episode; in order of the text. */
void clips_find(struct page *page, const struct document *document);

/* One clip out of a link that was found: nothing where its URL carries no time. True where it was
 * one. `label` may be empty. */
bool clips_add(struct page *page, const char *url, struct slice label, const char *link_title,
               int line);

/* Warnings about the marks as a whole, all warnings in order of the lines. */
void marks_check(struct page *page);

#endif
