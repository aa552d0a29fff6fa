/* SPDX-License-Identifier: MIT */
/*
 * A value: what a JSON, YAML or TOML document is made of, with the line where it stood.
 *
 * The three readers (json.h, yaml.h, toml.h) give the same tree, so that who asks for the front
 * matter's title need not know the language it was written in. A missing value is NULL, and every
 * accessor takes NULL, so that look-ups may be nested. Values belong to an arena and are not
 * changed after reading.
 */
#ifndef CLIPNOTES_FORMAT_VALUE_H
#define CLIPNOTES_FORMAT_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"
#include "base/slice.h"

enum value_type {
    VALUE_NULL,
    VALUE_BOOL,
    VALUE_NUMBER,
    VALUE_STRING, /* also YAML's and TOML's dates and times, as written */
    VALUE_ARRAY,
    VALUE_OBJECT,
};

/* No document is nested deeper: a deeper one is refused by the readers. */
#define VALUE_MAX_DEPTH 100

struct value {
    enum value_type type;
    int line;               /* from 1 on; 0 where it is not known */
    bool truth;             /* VALUE_BOOL */
    const char *text;       /* VALUE_STRING; VALUE_NUMBER as written (JSON: see json.h) */
    size_t text_size;       /* of the text: a string may hold zero bytes */
    const char **keys;      /* VALUE_OBJECT, in the document's order; else NULL */
    struct value **items;   /* VALUE_ARRAY, VALUE_OBJECT */
    size_t count, capacity; /* of items */
};

/* Making: in `arena`, copying the texts. */
struct value *value_create(struct arena *arena, enum value_type type, int line);
struct value *value_string(struct arena *arena, struct slice text, int line);
void value_append(struct arena *arena, struct value *array, struct value *item);
void value_put(struct arena *arena, struct value *object, struct slice key, struct value *item);

/* Asking. */
const struct value *value_get(const struct value *object,
                              const char *key); /* the last of that name */
const struct value *value_get_nocase(const struct value *object, const char *key);
const struct value *value_at(const struct value *array, size_t i);
size_t value_count(const struct value *value); /* 0 where it is neither array nor object */
bool value_is(const struct value *value, enum value_type type);

/* The text of a string or a number; NULL of anything else. */
const char *value_text(const struct value *value);

/* A whole number, from a number or from a string that is one ("02" too). */
bool value_int64(const struct value *value, int64_t *ret_number);

#endif
