/* SPDX-License-Identifier: MIT */
/*
 * Markdown to a document, by md4c: CommonMark with tables, bare URLs and the HTML that stands in
 * it.
 */
#ifndef CLIPNOTES_NOTES_MARKDOWN_H
#define CLIPNOTES_NOTES_MARKDOWN_H

#include "base/slice.h"
#include "notes/html.h"

/* Appends to html->document. `first_line` is the line where the text begins. */
void markdown_read(struct html *html, struct slice text, int first_line);

#endif
