/* SPDX-License-Identifier: MIT */
/*
 * Touches all of a value, so that sanitizers see what is wrong with it, and checks what value.h
 * promises.
 */
#ifndef CLIPNOTES_TESTS_FUZZ_VALUE_WALK_H
#define CLIPNOTES_TESTS_FUZZ_VALUE_WALK_H

#include <stdlib.h>
#include <string.h>

#include "format/value.h"

static inline void value_walk_below(const struct value *value, int depth)
{
    int64_t number = 0;
    if (depth > VALUE_MAX_DEPTH + 1)
        abort();
    if (value_text(value) && value_text(value)[value->text_size] != '\0')
        abort();
    value_int64(value, &number);
    for (size_t i = 0; i < value_count(value); i++) {
        if (value_is(value, VALUE_OBJECT) && !value_get(value, value->keys[i]))
            abort();
        value_walk_below(value_at(value, i), depth + 1);
    }
}

static inline void value_walk(const struct value *value)
{
    if (value)
        value_walk_below(value, 0);
}

#endif
