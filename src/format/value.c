/* SPDX-License-Identifier: MIT */
#include "format/value.h"

#include <string.h>

struct value *value_create(struct arena *arena, enum value_type type, int line)
{
    struct value *value = arena_alloc(arena, sizeof *value);
    value->type = type;
    value->line = line;
    return value;
}

struct value *value_string(struct arena *arena, struct slice text, int line)
{
    struct value *value = value_create(arena, VALUE_STRING, line);
    value->text = arena_strndup(arena, text.data, text.size);
    value->text_size = text.size;
    return value;
}

void value_append(struct arena *arena, struct value *array, struct value *item)
{
    array->items =
        arena_grow(arena, array->items, &array->capacity, array->count + 1, sizeof(struct value *));
    array->items[array->count++] = item;
}

void value_put(struct arena *arena, struct value *object, struct slice key, struct value *item)
{
    size_t capacity = object->capacity;
    object->keys =
        arena_grow(arena, object->keys, &capacity, object->count + 1, sizeof(const char *));
    object->keys[object->count] = arena_strndup(arena, key.data, key.size);
    value_append(arena, object, item);
}

static const struct value *find(const struct value *object, const char *key,
                                bool (*equal)(struct slice, struct slice))
{
    if (!value_is(object, VALUE_OBJECT))
        return NULL;
    for (size_t i = object->count; i > 0; i--)
        if (equal(slice_of(object->keys[i - 1]), slice_of(key)))
            return object->items[i - 1];
    return NULL;
}

const struct value *value_get(const struct value *object, const char *key)
{
    return find(object, key, slice_equal);
}

const struct value *value_get_nocase(const struct value *object, const char *key)
{
    return find(object, key, slice_equal_nocase);
}

const struct value *value_at(const struct value *array, size_t i)
{
    return i < value_count(array) ? array->items[i] : NULL;
}

size_t value_count(const struct value *value)
{
    return value ? value->count : 0;
}

bool value_is(const struct value *value, enum value_type type)
{
    return value && value->type == type;
}

const char *value_text(const struct value *value)
{
    return value_is(value, VALUE_STRING) || value_is(value, VALUE_NUMBER) ? value->text : NULL;
}

bool value_int64(const struct value *value, int64_t *ret_number)
{
    return value_text(value) &&
           slice_to_int64((struct slice){value->text, value->text_size}, ret_number);
}
