/* SPDX-License-Identifier: MIT */
/*
 * Touches all that markup's events hand over, and checks that elements are closed as they opened.
 */
#ifndef CLIPNOTES_TESTS_FUZZ_MARKUP_WALK_H
#define CLIPNOTES_TESTS_FUZZ_MARKUP_WALK_H

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "format/markup.h"

struct markup_walk {
    int depth;
    size_t bytes;
};

static inline bool markup_walk_open(void *context, const char *name,
                                    const struct markup_attribute *attributes, size_t count,
                                    int line)
{
    struct markup_walk *walk = context;
    walk->depth++;
    walk->bytes += strlen(name);
    for (size_t i = 0; i < count; i++)
        walk->bytes += strlen(attributes[i].name) + strlen(attributes[i].value);
    if (line < 1)
        abort();
    return true;
}

static inline bool markup_walk_text(void *context, struct slice text, int line)
{
    (void)context;
    if (line < 1 || !text_is_utf8(text))
        abort();
    return true;
}

static inline bool markup_walk_close(void *context, const char *name, int line)
{
    struct markup_walk *walk = context;
    walk->bytes += strlen(name);
    if (--walk->depth < 0 || line < 1)
        abort();
    return true;
}

#define MARKUP_WALK_HANDLER(walk)                                                                  \
    {                                                                                              \
        .open = markup_walk_open, .text = markup_walk_text, .close = markup_walk_close,            \
        .context = (walk)                                                                          \
    }

#endif
