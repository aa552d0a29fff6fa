/* SPDX-License-Identifier: MIT */
/*
 * JSON: reading (by jansson) into values, and writing.
 */
#ifndef CLIPNOTES_FORMAT_JSON_H
#define CLIPNOTES_FORMAT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "format/value.h"

/* Reads one document (RFC 8259) into `arena`. `name` is for messages, with line and column. A byte
 * order mark is passed over. Objects that repeat a key are an error. Numbers are 64-bit integers or
 * doubles, and their text is the shortest that gives the same again; lines are not known. NULL on
 * failure. */
const struct value *json_read(struct arena *arena, struct slice text, const char *name,
                              struct error *err);

/*
 * The writer appends text to a buffer, in the order of the calls, indented or on one line.
 *
 *     struct json_writer json = JSON_WRITER(&buffer, JSON_INDENTED);
 *     json_begin_object(&json, NULL);
 *     json_put_string(&json, "title", notes->title);
 *     json_end(&json);
 *
 * `key` is NULL inside an array and for the outermost value. Text that is no UTF-8 is repaired. The
 * outermost value is not followed by a line end. (The names keep clear of jansson's own json_null()
 * and json_string(), which a program that links it must not define anew.)
 */
enum json_style {
    JSON_INDENTED,
    JSON_ONE_LINE,
};

struct json_writer {
    struct buffer *out; /* borrowed */
    enum json_style style;
    int depth;
    bool arrays[32]; /* by depth: is it an array? */
    bool filled[32]; /* has it an item? */
};

#define JSON_WRITER(buffer, json_style)                                                            \
    {                                                                                              \
        .out = (buffer), .style = (json_style)                                                     \
    }

void json_begin_object(struct json_writer *json, const char *key);
void json_begin_array(struct json_writer *json, const char *key);
void json_end(struct json_writer *json);

void json_put_null(struct json_writer *json, const char *key);
void json_put_bool(struct json_writer *json, const char *key, bool truth);
void json_put_int(struct json_writer *json, const char *key, int64_t number);
void json_put_string(struct json_writer *json, const char *key, const char *text); /* NULL: null */
void json_put_slice(struct json_writer *json, const char *key, struct slice text);

/* numerator / 10^digits, digits at most 9, without trailing zeros behind the first: 1500, 3 gives
 * 1.5 and 2000, 3 gives 2.0. */
void json_put_decimal(struct json_writer *json, const char *key, int64_t numerator, int digits);

/* A binary fraction as the shortest decimal that reads back the same; null where it is not finite.
 */
void json_put_double(struct json_writer *json, const char *key, double number);

#endif
