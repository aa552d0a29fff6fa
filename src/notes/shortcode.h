/* SPDX-License-Identifier: MIT */
/*
 * Shortcodes: calls to a site's templates that stand in a text, such as
 * {% podcast_quote(player="s04e01-x?t=34:00", attribution="...") %} (Zola),
 * {{< clip src="..." >}} (Hugo) and {% include clip.html url="..." %} (Liquid).
 */
#ifndef CLIPNOTES_NOTES_SHORTCODE_H
#define CLIPNOTES_NOTES_SHORTCODE_H

#include "notes/page.h"

/* Adds the clips that arguments lead to and blanks those shortcodes in `text`, which is the
 * caller's to change, so that nothing in them is found again. */
void shortcodes_find(struct page *page, char *text, size_t size, int first_line);

#endif
