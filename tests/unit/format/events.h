/* SPDX-License-Identifier: MIT */
/*
 * Writes the events of markup down as text, so that tests can compare them:
 * "3<item a='x'>", "3'text'", "4</item>", with the line in front.
 */
#ifndef CLIPNOTES_TESTS_UNIT_FORMAT_EVENTS_H
#define CLIPNOTES_TESTS_UNIT_FORMAT_EVENTS_H

#include "base/buffer.h"
#include "format/markup.h"
#include "test.h"

struct events {
    struct buffer text;
    size_t left;   /* events until the handler says stop */
    bool in_text;  /* the last event was text, to which more may come */
    bool no_lines; /* do not write them */
};

static inline void events_begin(struct events *events, int line)
{
    if (events->in_text)
        buffer_append_byte(&events->text, '\'');
    events->in_text = false;
    if (!events->no_lines)
        buffer_append_format(&events->text, "%d", line);
}

static inline bool events_open(void *context, const char *name,
                               const struct markup_attribute *attributes, size_t count, int line)
{
    struct events *events = context;
    events_begin(events, line);
    buffer_append_format(&events->text, "<%s", name);
    for (size_t i = 0; i < count; i++)
        buffer_append_format(&events->text, " %s='%s'", attributes[i].name, attributes[i].value);
    buffer_append_byte(&events->text, '>');
    return --events->left > 0;
}

static inline bool events_text(void *context, struct slice text, int line)
{
    struct events *events = context;
    if (!events->in_text) {
        events_begin(events, line);
        buffer_append_byte(&events->text, '\'');
    }
    events->in_text = true;
    buffer_append_slice(&events->text, text);
    return --events->left > 0;
}

static inline bool events_close(void *context, const char *name, int line)
{
    struct events *events = context;
    events_begin(events, line);
    buffer_append_format(&events->text, "</%s>", name);
    return --events->left > 0;
}

#define EVENTS_HANDLER(events)                                                                     \
    {                                                                                              \
        .open = events_open, .text = events_text, .close = events_close, .context = (events)       \
    }

#endif
