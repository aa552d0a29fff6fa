/* SPDX-License-Identifier: MIT */
#include "base/slice.h"

#include <string.h>

#include "base/memory.h"

struct slice slice_of(const char *text)
{
    return text ? (struct slice){text, strlen(text)} : (struct slice){"", 0};
}

struct slice slice_from(struct slice text, size_t offset)
{
    if (offset > text.size)
        offset = text.size;
    if (!offset)
        return text; /* NULL + 0 is not defined in C */
    return (struct slice){text.data + offset, text.size - offset};
}

struct slice slice_first(struct slice text, size_t size)
{
    return (struct slice){text.data, size < text.size ? size : text.size};
}

bool slice_equal(struct slice a, struct slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool slice_equal_nocase(struct slice a, struct slice b)
{
    return a.size == b.size && slice_starts_nocase(a, b);
}

bool slice_starts(struct slice text, struct slice prefix)
{
    return text.size >= prefix.size && slice_equal(slice_first(text, prefix.size), prefix);
}

bool slice_starts_nocase(struct slice text, struct slice prefix)
{
    if (text.size < prefix.size)
        return false;
    for (size_t i = 0; i < prefix.size; i++)
        if (byte_lower(text.data[i]) != byte_lower(prefix.data[i]))
            return false;
    return true;
}

bool slice_ends(struct slice text, struct slice suffix)
{
    return text.size >= suffix.size &&
           slice_equal(slice_from(text, text.size - suffix.size), suffix);
}

bool slice_ends_nocase(struct slice text, struct slice suffix)
{
    return text.size >= suffix.size &&
           slice_equal_nocase(slice_from(text, text.size - suffix.size), suffix);
}

size_t slice_find(struct slice text, struct slice what)
{
    if (what.size == 0)
        return 0;
    for (size_t from = 0; text.size - from >= what.size; from++) {
        const char *hit = memchr(text.data + from, what.data[0], text.size - from - what.size + 1);
        if (!hit)
            return SIZE_MAX;
        from = (size_t)(hit - text.data);
        if (memcmp(hit, what.data, what.size) == 0)
            return from;
    }
    return SIZE_MAX;
}

size_t slice_find_byte(struct slice text, char what)
{
    const char *hit = text.size ? memchr(text.data, what, text.size) : NULL;
    return hit ? (size_t)(hit - text.data) : SIZE_MAX;
}

size_t slice_rfind_byte(struct slice text, char what)
{
    for (size_t i = text.size; i > 0; i--)
        if (text.data[i - 1] == what)
            return i - 1;
    return SIZE_MAX;
}

struct slice slice_trim(struct slice text)
{
    return slice_trim_left(slice_trim_right(text));
}

struct slice slice_trim_left(struct slice text)
{
    size_t i = 0;
    while (i < text.size && byte_is_space(text.data[i]))
        i++;
    return slice_from(text, i);
}

struct slice slice_trim_right(struct slice text)
{
    while (text.size && byte_is_space(text.data[text.size - 1]))
        text.size--;
    return text;
}

bool slice_take(struct slice *text, struct slice prefix)
{
    if (!slice_starts(*text, prefix))
        return false;
    *text = slice_from(*text, prefix.size);
    return true;
}

bool slice_take_byte(struct slice *text, char byte)
{
    if (!text->size || text->data[0] != byte)
        return false;
    *text = slice_from(*text, 1);
    return true;
}

bool slice_take_digits(struct slice *text, uint64_t *ret_number, size_t *ret_digits)
{
    uint64_t number = 0;
    size_t digits = 0;
    for (; digits < text->size && byte_is_digit(text->data[digits]); digits++) {
        uint64_t digit = (uint64_t)(text->data[digits] - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    if (!digits)
        return false;
    *text = slice_from(*text, digits);
    *ret_number = number;
    if (ret_digits)
        *ret_digits = digits;
    return true;
}

bool slice_take_line(struct slice *text, struct slice *ret_line)
{
    if (!text->size)
        return false;
    size_t end = 0;
    while (end < text->size && text->data[end] != '\n' && text->data[end] != '\r')
        end++;
    *ret_line = slice_first(*text, end);
    *text = slice_from(*text, end);
    if (!slice_take(text, SLICE("\r\n")) && !slice_take_byte(text, '\n'))
        slice_take_byte(text, '\r');
    return true;
}

bool slice_take_field(struct slice *text, char separator, struct slice *ret_field)
{
    if (!text->size)
        return false;
    size_t end = slice_find_byte(*text, separator);
    if (end == SIZE_MAX) {
        *ret_field = *text;
        *text = slice_from(*text, text->size);
    } else {
        *ret_field = slice_first(*text, end);
        *text = slice_from(*text, end + 1);
    }
    return true;
}

bool slice_to_int64(struct slice text, int64_t *ret_number)
{
    bool negative = slice_take_byte(&text, '-');
    uint64_t number;
    if (!slice_take_digits(&text, &number, NULL) || text.size || number > INT64_MAX)
        return false;
    *ret_number = negative ? -(int64_t)number : (int64_t)number;
    return true;
}

uint64_t slice_hash(struct slice text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < text.size; i++)
        hash = (hash ^ (unsigned char)text.data[i]) * UINT64_C(1099511628211);
    return hash;
}

char *slice_dup(struct slice text)
{
    return mem_strndup(text.data, text.size);
}
