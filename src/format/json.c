/* SPDX-License-Identifier: MIT */
#include "format/json.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define NUMBER_TEXT_SIZE 64

/* The shortest text that gives the same number again, without an exponent where that is not
 * absurdly long, so that who reads decimals need not know about exponents. */
static const char *shortest(double number, char text[static NUMBER_TEXT_SIZE])
{
    int digits = 1;
    do
        snprintf(text, NUMBER_TEXT_SIZE, "%.*e", digits - 1, number);
    while (strtod(text, NULL) != number && ++digits <= 17);

    int exponent = atoi(strchr(text, 'e') + 1);
    int fraction = digits - 1 - exponent;
    if (exponent >= -9 && exponent <= 20)
        snprintf(text, NUMBER_TEXT_SIZE, "%.*f", fraction > 1 ? fraction : 1, number);
    return text;
}

static struct value *convert(struct arena *arena, json_t *json, int depth);

static struct value *convert_number(struct arena *arena, const json_t *json)
{
    char text[NUMBER_TEXT_SIZE];
    if (json_is_integer(json))
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    else
        shortest(json_real_value(json), text);
    struct value *value = value_string(arena, slice_of(text), 0);
    value->type = VALUE_NUMBER;
    return value;
}

static struct value *convert_array(struct arena *arena, json_t *json, int depth)
{
    struct value *array = value_create(arena, VALUE_ARRAY, 0);
    for (size_t i = 0; i < json_array_size(json); i++) {
        struct value *item = convert(arena, json_array_get(json, i), depth + 1);
        if (!item)
            return NULL;
        value_append(arena, array, item);
    }
    return array;
}

static struct value *convert_object(struct arena *arena, json_t *json, int depth)
{
    struct value *object = value_create(arena, VALUE_OBJECT, 0);
    for (void *at = json_object_iter(json); at; at = json_object_iter_next(json, at)) {
        struct value *item = convert(arena, json_object_iter_value(at), depth + 1);
        if (!item)
            return NULL;
        value_put(arena, object, slice_of(json_object_iter_key(at)), item);
    }
    return object;
}

/* NULL where it is nested too deeply. */
static struct value *convert(struct arena *arena, json_t *json, int depth)
{
    if (depth > VALUE_MAX_DEPTH)
        return NULL;
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return convert_object(arena, json, depth);
    case JSON_ARRAY:
        return convert_array(arena, json, depth);
    case JSON_STRING:
        return value_string(arena,
                            (struct slice){json_string_value(json), json_string_length(json)}, 0);
    case JSON_INTEGER:
    case JSON_REAL:
        return convert_number(arena, json);
    case JSON_TRUE:
    case JSON_FALSE:
        break;
    case JSON_NULL:
        return value_create(arena, VALUE_NULL, 0);
    }
    struct value *value = value_create(arena, VALUE_BOOL, 0);
    value->truth = json_is_true(json);
    return value;
}

const struct value *json_read(struct arena *arena, struct slice text, const char *name,
                              struct error *err)
{
    slice_take(&text, SLICE("\xEF\xBB\xBF"));
    json_error_t why;
    json_t *json = json_loadb(text.data, text.size,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
    if (!json) {
        error_set(err, ERROR_INPUT, "%s:%d:%d: this is not valid JSON: %s", name,
                  why.line > 0 ? why.line : 1, why.column > 0 ? why.column : 1, why.text);
        return NULL;
    }
    const struct value *value = convert(arena, json, 0);
    json_decref(json);
    if (!value)
        error_set(err, ERROR_INPUT, "%s: this JSON is nested over %d levels deep", name,
                  VALUE_MAX_DEPTH);
    return value;
}

static void append_line(struct json_writer *json)
{
    if (json->style == JSON_ONE_LINE)
        return;
    buffer_append_byte(json->out, '\n');
    for (int i = 0; i < json->depth; i++)
        buffer_append_text(json->out, "  ");
}

static void append_quoted(struct buffer *out, struct slice text)
{
    static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    char *valid = text_is_utf8(text) ? NULL : text_repair(text);
    struct slice rest = valid ? slice_of(valid) : text;
    buffer_append_byte(out, '"');
    for (size_t i = 0; i < rest.size; i++) {
        char c = rest.data[i];
        size_t place = slice_find_byte(slice_of(special), c);
        if (place != SIZE_MAX) {
            buffer_append_byte(out, '\\');
            buffer_append_byte(out, letters[place]);
        } else if ((unsigned char)c < 0x20) {
            buffer_append_format(out, "\\u%04x", (unsigned)c);
        } else {
            buffer_append_byte(out, c);
        }
    }
    buffer_append_byte(out, '"');
    free(valid);
}

/* What stands before a value: the comma after the one before, and its key. */
static void begin_item(struct json_writer *json, const char *key)
{
    if (json->depth > 0) {
        if (json->filled[json->depth])
            buffer_append_byte(json->out, ',');
        if (json->filled[json->depth] && json->style == JSON_ONE_LINE)
            buffer_append_byte(json->out, ' ');
        json->filled[json->depth] = true;
        append_line(json);
        assert(json->arrays[json->depth] == !key);
    }
    if (key) {
        append_quoted(json->out, slice_of(key));
        buffer_append_text(json->out, ": ");
    }
}

static void begin(struct json_writer *json, const char *key, bool array)
{
    begin_item(json, key);
    buffer_append_byte(json->out, array ? '[' : '{');
    json->depth++;
    assert(json->depth < (int)(sizeof json->arrays / sizeof *json->arrays));
    json->arrays[json->depth] = array;
    json->filled[json->depth] = false;
}

void json_begin_object(struct json_writer *json, const char *key)
{
    begin(json, key, false);
}

void json_begin_array(struct json_writer *json, const char *key)
{
    begin(json, key, true);
}

void json_end(struct json_writer *json)
{
    bool filled = json->filled[json->depth], array = json->arrays[json->depth];
    json->depth--;
    if (filled)
        append_line(json);
    buffer_append_byte(json->out, array ? ']' : '}');
}

void json_put_null(struct json_writer *json, const char *key)
{
    begin_item(json, key);
    buffer_append_text(json->out, "null");
}

void json_put_bool(struct json_writer *json, const char *key, bool truth)
{
    begin_item(json, key);
    buffer_append_text(json->out, truth ? "true" : "false");
}

void json_put_int(struct json_writer *json, const char *key, int64_t number)
{
    begin_item(json, key);
    buffer_append_format(json->out, "%" PRId64, number);
}

void json_put_string(struct json_writer *json, const char *key, const char *text)
{
    if (text)
        json_put_slice(json, key, slice_of(text));
    else
        json_put_null(json, key);
}

void json_put_slice(struct json_writer *json, const char *key, struct slice text)
{
    begin_item(json, key);
    append_quoted(json->out, text);
}

void json_put_decimal(struct json_writer *json, const char *key, int64_t numerator, int digits)
{
    assert(digits >= 0 && digits <= 9);
    begin_item(json, key);
    uint64_t size = numerator < 0 ? -(uint64_t)numerator : (uint64_t)numerator;
    uint64_t unit = 1;
    for (int i = 0; i < digits; i++)
        unit *= 10;
    uint64_t fraction = size % unit;
    int places = digits;
    for (; places > 1 && fraction % 10 == 0; places--)
        fraction /= 10;
    buffer_append_format(json->out, "%s%" PRIu64 ".%0*" PRIu64, numerator < 0 ? "-" : "",
                         size / unit, places > 0 ? places : 1, fraction);
}

void json_put_double(struct json_writer *json, const char *key, double number)
{
    if (!isfinite(number)) {
        json_put_null(json, key);
        return;
    }
    char text[NUMBER_TEXT_SIZE];
    begin_item(json, key);
    buffer_append_text(json->out, shortest(number, text));
}
