/* SPDX-License-Identifier: MIT */
#include "fetch/header.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static bool take_position(struct slice *text, int64_t *ret_position)
{
    uint64_t number;
    size_t digits;
    struct slice rest = *text;
    if (!slice_take_digits(&rest, &number, &digits) || number > INT64_MAX - 1)
        return false;
    *ret_position = (int64_t)number;
    *text = rest;
    return true;
}

static void skip_blanks(struct slice *text)
{
    *text = slice_trim_left(*text);
}

bool header_content_range(struct slice value, struct content_range *ret_range)
{
    struct content_range range = {-1, -1, -1};
    struct slice rest = slice_trim(value);
    if (!slice_starts_nocase(rest, SLICE("bytes")))
        return false;
    rest = slice_from(rest, strlen("bytes"));
    if (!rest.size || !(byte_is_space(rest.data[0]) || rest.data[0] == '='))
        return false; /* '=' is wrong, and seen in the wild */
    rest = slice_from(rest, 1);
    skip_blanks(&rest);

    bool satisfied = !slice_take_byte(&rest, '*');
    if (satisfied && (!take_position(&rest, &range.first) || !slice_take_byte(&rest, '-') ||
                      !take_position(&rest, &range.last)))
        return false;
    if (!slice_take_byte(&rest, '/'))
        return false;
    if (!slice_take_byte(&rest, '*') && !take_position(&rest, &range.total))
        return false;
    if (rest.size || range.last < range.first || (range.total >= 0 && range.last >= range.total) ||
        (!satisfied && range.total < 0))
        return false;
    *ret_range = range;
    return true;
}

bool header_retry_after(struct slice value, time_t now, int64_t *ret_wait)
{
    struct slice text = slice_trim(value);
    int64_t seconds;
    if (!slice_to_int64(text, &seconds)) {
        char *date = slice_dup(text);
        time_t when = curl_getdate(date, NULL);
        free(date);
        if (when == -1)
            return false;
        seconds = (int64_t)when - (int64_t)now;
    }
    if (seconds < 0)
        seconds = 0;
    if (seconds > INT64_MAX / 1000)
        return false;
    *ret_wait = seconds * 1000;
    return true;
}

static char *lower(struct slice text)
{
    char *copy = slice_dup(slice_trim(text));
    for (char *c = copy; *c; c++)
        *c = byte_lower(*c);
    return copy;
}

char *header_media_type(struct slice value)
{
    return lower(slice_first(value, slice_find_byte(value, ';')));
}

char *header_charset(struct slice value)
{
    struct slice field = SLICE("");
    if (!slice_take_field(&value, ';', &field))
        return mem_strdup("");
    while (slice_take_field(&value, ';', &field)) {
        field = slice_trim(field);
        if (!slice_starts_nocase(field, SLICE("charset=")))
            continue;
        field = slice_trim(slice_from(field, strlen("charset=")));
        if (field.size >= 2 && slice_starts(field, SLICE("\"")) && slice_ends(field, SLICE("\"")))
            field = slice_first(slice_from(field, 1), field.size - 2);
        return lower(field);
    }
    return mem_strdup("");
}

static struct slice opaque_tag(const char *etag)
{
    struct slice tag = slice_trim(slice_of(etag));
    slice_take(&tag, SLICE("W/"));
    return tag;
}

bool header_same_etag(const char *a, const char *b)
{
    return slice_equal(opaque_tag(a), opaque_tag(b));
}

bool header_etag_is_strong(const char *etag)
{
    return etag && etag[0] == '"';
}

bool header_is_text_type(const char *media_type)
{
    struct slice type = slice_of(media_type);
    return slice_starts(type, SLICE("text/")) || slice_ends(type, SLICE("json")) ||
           slice_ends(type, SLICE("xml"));
}

bool header_is_page(const char *media_type, const void *data, size_t size)
{
    static const char *const beginnings[] = {"<!doctype", "<html", "<head", "<?xml", "<script"};
    struct slice text = {data, size};
    slice_take(&text, SLICE("\xEF\xBB\xBF"));
    text = slice_trim_left(text);
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (slice_starts_nocase(text, slice_of(beginnings[i])))
            return true;
    return header_is_text_type(media_type) &&
           (slice_starts(text, SLICE("<")) || slice_starts(text, SLICE("{")));
}
