/* SPDX-License-Identifier: MIT */
/*
 * What a site's own template or component shows to a reader, as far as its arguments tell: both
 * {{< timestamp time="12:34" title="News" >}} and <Timestamp time="12:34" title="News" /> are
 * "12:34 News".
 */
#ifndef CLIPNOTES_NOTES_COMPONENT_H
#define CLIPNOTES_NOTES_COMPONENT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/slice.h"

struct component_argument {
    struct slice name; /* empty where it is told by its place */
    struct slice value;
};

/* Appends the text to `text`; false, and nothing appended, where no argument is a time or where the
 * component is a player, which shows something else. */
bool component_append_text(struct slice name, const struct component_argument *arguments,
                           size_t count, struct buffer *text);

#endif
