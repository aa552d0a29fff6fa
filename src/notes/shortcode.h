/* SPDX-License-Identifier: MIT */
/*
 * Shortcodes: calls to a site's templates that stand in a text, such as
 * {% podcast_quote(player="s04e01-x?t=34:00", attribution="...") %} (Zola),
 * {{< clip src="..." >}} (Hugo) and {% include clip.html url="..." %} (Liquid).
 */
#ifndef CLIPNOTES_NOTES_SHORTCODE_H
#define CLIPNOTES_NOTES_SHORTCODE_H

#include "notes/page.h"

/* Adds the clips that arguments lead to, and puts into `text`, which is the caller's to change,
 * what a reader sees in the place of a call: its time and title, or nothing. */
void shortcodes_find(struct page *page, char *text, size_t size, int first_line);

#endif
