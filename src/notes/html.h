/* SPDX-License-Identifier: MIT */
/*
 * HTML to a document: whole pages and descriptions (by the HTML reader of format/), and the scraps
 * of HTML that stand in Markdown, where an element may be opened in one place and closed in another
 * (by a tokeniser of our own, fragment.c). Both end in the same three events.
 */
#ifndef CLIPNOTES_NOTES_HTML_H
#define CLIPNOTES_NOTES_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
#include "format/markup.h"
#include "notes/document.h"

struct html {
    struct document *document; /* borrowed */
    int lists, rows;           /* that are open */
    int hidden;                /* elements that are open and not shown */
    bool in_title;
    struct buffer title; /* of the page */
    char *audio;         /* the first player's URL; owned, NULL */
    char *canonical;     /* the page's own URL; owned, NULL */
};

void html_init(struct html *html, struct document *document);
void html_release(struct html *html);

void html_open(struct html *html, const char *name, const struct markup_attribute *attributes,
               size_t count, int line);
void html_text(struct html *html, struct slice text, int line);
void html_close(struct html *html, const char *name);

/* A whole text. `first_line` is the line where it begins. */
bool html_read_document(struct html *html, struct slice text, const char *name, int first_line,
                        struct error *err);

/* The same, or as a fragment where the reader refuses it for its size or depth. */
void html_read_any(struct html *html, struct slice text, const char *name, int first_line);

/* A piece of HTML out of a Markdown text. */
void html_read_fragment(struct html *html, struct slice text, int first_line);

#endif
