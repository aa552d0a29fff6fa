/* SPDX-License-Identifier: MIT */
/*
 * Markup as a stream of events: XML (by libxml2) and HTML (by gumbo) look the same to who reads
 * them.
 *
 * Names of HTML elements and attributes are lower case. Names of XML keep their case and their
 * usual prefix: known namespaces are called by one prefix whatever the document calls them (see
 * xml.c: itunes, podcast, atom, content, psc, googleplay, media, dc), so that "itunes:duration" is
 * enough. Entities are decoded, text is UTF-8.
 */
#ifndef CLIPNOTES_FORMAT_MARKUP_H
#define CLIPNOTES_FORMAT_MARKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"

struct markup_attribute {
    const char *name, *value;
};

/* All that is handed over is borrowed for the time of the call. `line` is where it begins. A
 * handler that returns false ends the reading, which then succeeds. Any handler may be NULL. */
struct markup_handler {
    bool (*open)(void *context, const char *name, const struct markup_attribute *attributes,
                 size_t count, int line);
    bool (*text)(void *context, struct slice text, int line);
    bool (*close)(void *context, const char *name, int line);
    void *context;
};

/* The most that is read of one document. */
#define MARKUP_MAX_BYTES ((size_t)64 << 20)

/* An attribute's value; NULL where there is none. */
const char *markup_attribute(const struct markup_attribute *attributes, size_t count,
                             const char *name);

/* XML 1.0 with namespaces. No network, no external entities, no entity expansion beyond the
 * predefined ones. A document that breaks off is an error, after the events up to there. */
bool xml_read(struct slice text, const char *name, const struct markup_handler *handler,
              struct error *err);

/* HTML as browsers read it; anything is HTML, so only size and depth can fail. */
bool html_read(struct slice text, const char *name, const struct markup_handler *handler,
               struct error *err);

/* `text` with &, <, > and " as references, appended. */
struct buffer;
void markup_append_escaped(struct buffer *buffer, struct slice text);

#endif
