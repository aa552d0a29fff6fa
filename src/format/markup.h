/* SPDX-License-Identifier: MIT */
/*
 * Markup as a stream of events: XML (by libxml2) and HTML (by gumbo) look the same to who reads
 * them.
 *
 * Names of HTML elements and attributes are lower case. Names of XML keep their case and their
 * usual prefix: known namespaces are called by one prefix whatever the document calls them (the
 * table is in xml.c: itunes, podcast, atom, content, psc, googleplay, media, dc, fh, ...), so that
 * "itunes:duration" is enough; an unknown one keeps the document's prefix. The elements of RSS have
 * no prefix; those of Atom have none in a document whose root is Atom's ("feed", "entry") and are
 * "atom:link" elsewhere. Entities are decoded, text is UTF-8.
 */
#ifndef CLIPNOTES_FORMAT_MARKUP_H
#define CLIPNOTES_FORMAT_MARKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

struct markup_attribute {
    const char *name, *value;
};

/* All that is handed over is borrowed for the time of the call. `line` is where it begins. One text
 * may come in several pieces, one after the other; CDATA and the content of scripts are text,
 * comments are left out. A handler that returns false ends the reading, which then succeeds. Any
 * handler may be NULL. */
struct markup_handler {
    bool (*open)(void *context, const char *name, const struct markup_attribute *attributes,
                 size_t count, int line);
    bool (*text)(void *context, struct slice text, int line);
    bool (*close)(void *context, const char *name, int line);
    void *context;
};

/* The most that is read of one document, and how deep its elements may be nested. */
#define MARKUP_MAX_BYTES ((size_t)64 << 20)
#define XML_MAX_DEPTH    1000

/* Pages are larger than that for no good reason, and HTML costs more: also a page that takes more
 * than HTML_MAX_SECONDS of processor time is refused. */
#define HTML_MAX_BYTES   ((size_t)16 << 20)
#define HTML_MAX_SECONDS 3

/* An attribute's value; NULL where there is none. */
const char *markup_attribute(const struct markup_attribute *attributes, size_t count,
                             const char *name);

/* XML 1.0 with namespaces, in the encoding that it declares. No network, no external entities, no
 * entity expansion beyond the predefined ones and, since feeds forget to declare them, HTML's in
 * text; no element with absurdly many attributes or namespaces. White space before the document is
 * passed over. A document that breaks off is an error, after the events up to there. */
bool xml_read(struct slice text, const char *name, const struct markup_handler *handler,
              struct error *err);

/* HTML as browsers read it: elements that are implied are there too. Anything is HTML, so only what
 * is too large or too twisted fails. Bytes that are no UTF-8 are read as Windows-1252. */
bool html_read(struct slice text, const char *name, const struct markup_handler *handler,
               struct error *err);

/* The character that an entity of HTML 4 stands for, by its name ("mdash"); false where there is
 * none of that name. */
bool markup_find_entity(struct slice name, uint32_t *ret_char);

/* `text` with &, <, > and " as references, appended. */
struct buffer;
void markup_append_escaped(struct buffer *buffer, struct slice text);

#endif
