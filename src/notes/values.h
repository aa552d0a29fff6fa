/* SPDX-License-Identifier: MIT */
/*
 * Marks that stand in front matter: lists of chapters in its own notation, lists of times in its
 * texts, and links.
 */
#ifndef CLIPNOTES_NOTES_VALUES_H
#define CLIPNOTES_NOTES_VALUES_H

#include "notes/front.h"

/* Chapters written as data: tables with a time and a title. Returns how many. */
size_t values_find_chapters(struct page *page, const struct front *front);

/* Chapters written as text: the longest list of times in any text or list of texts. */
size_t values_find_lists(struct page *page, const struct front *front);

/* Links with a time, as values of their own or in texts; those that the page has already are left
 * out. */
void values_find_clips(struct page *page, const struct front *front);

#endif
