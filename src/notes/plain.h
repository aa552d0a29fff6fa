/* SPDX-License-Identifier: MIT */
/*
 * Plain text to a document, with the links of the light markup languages that have no reader of
 * their own: AsciiDoc (url[text]), Org ([[url][text]]), reStructuredText (`text <url>`_), Textile
 * ("text":url).
 */
#ifndef CLIPNOTES_NOTES_PLAIN_H
#define CLIPNOTES_NOTES_PLAIN_H

#include "notes/document.h"

void plain_read(struct document *document, struct slice text, int first_line);

#endif
