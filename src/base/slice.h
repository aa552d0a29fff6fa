/* SPDX-License-Identifier: MIT */
/*
 * A slice is a piece of somebody else's text: a pointer and a size, not terminated, never owned.
 *
 * Parsers take a slice, eat from its front and leave it where they stopped; a function that does
 * not find what it wants leaves the slice untouched.
 */
#ifndef CLIPNOTES_BASE_SLICE_H
#define CLIPNOTES_BASE_SLICE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
    const char *data;
    size_t size;
};

#define SLICE(literal) ((struct slice){"" literal, sizeof(literal) - 1})

/* For "%.*s". A negative precision would read on to a terminator that is not there. */
#define SLICE_ARGS(slice) (int)((slice).size < INT_MAX ? (slice).size : INT_MAX), (slice).data

struct slice slice_of(const char *text); /* NULL gives an empty slice */
struct slice slice_from(struct slice text, size_t offset);
struct slice slice_first(struct slice text, size_t size);

bool slice_equal(struct slice a, struct slice b);
bool slice_equal_nocase(struct slice a, struct slice b); /* ASCII letters */
bool slice_starts(struct slice text, struct slice prefix);
bool slice_starts_nocase(struct slice text, struct slice prefix);
bool slice_ends(struct slice text, struct slice suffix);
bool slice_ends_nocase(struct slice text, struct slice suffix);

/* Where it is first found; SIZE_MAX where it is not. */
size_t slice_find(struct slice text, struct slice what);
size_t slice_find_byte(struct slice text, char what);
size_t slice_rfind_byte(struct slice text, char what);

/* Without the ASCII white space at both ends, or at one. */
struct slice slice_trim(struct slice text);
struct slice slice_trim_left(struct slice text);
struct slice slice_trim_right(struct slice text);

/* Eat from the front; false, and nothing eaten, where it is something else. */
bool slice_take(struct slice *text, struct slice prefix);
bool slice_take_byte(struct slice *text, char byte);
bool slice_take_digits(struct slice *text, uint64_t *ret_number, size_t *ret_digits);

/* The next line without its end (LF, CRLF or CR); false at the end of the text. */
bool slice_take_line(struct slice *text, struct slice *ret_line);

/* What stands before the next `separator`, which is eaten too, or all of the rest; false at the
 * end. No empty field is seen behind a last separator. */
bool slice_take_field(struct slice *text, char separator, struct slice *ret_field);

/* The whole text as a decimal number, perhaps with a minus; false where it is empty, anything else,
 * or past INT64_MAX in either direction. */
bool slice_to_int64(struct slice text, int64_t *ret_number);

/* FNV-1a, of 64 bits: for tables, and for numbers that are to differ. Who wants to can make two
 * texts of one hash. http://www.isthe.com/chongo/tech/comp/fnv/ */
uint64_t slice_hash(struct slice text);

/* A copy for free(), terminated. */
char *slice_dup(struct slice text);

static inline bool byte_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool byte_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool byte_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline char byte_lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c;
}

#endif
