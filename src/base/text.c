/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "base/memory.h"

#define REPLACEMENT 0xFFFDu

static const uint8_t *bytes_of(struct slice text)
{
    return (const uint8_t *)text.data;
}

static bool take_valid(struct slice *text, uint32_t *ret_char)
{
    utf8proc_int32_t character;
    utf8proc_ssize_t size = text->size > 4 ? 4 : (utf8proc_ssize_t)text->size;
    utf8proc_ssize_t taken = utf8proc_iterate(bytes_of(*text), size, &character);
    if (taken <= 0)
        return false;
    *ret_char = (uint32_t)character;
    *text = slice_from(*text, (size_t)taken);
    return true;
}

bool text_take_char(struct slice *text, uint32_t *ret_char)
{
    if (!text->size)
        return false;
    if (!take_valid(text, ret_char)) {
        *ret_char = REPLACEMENT;
        *text = slice_from(*text, 1);
    }
    return true;
}

void text_append_char(struct buffer *buffer, uint32_t character)
{
    bool valid = character <= 0x10FFFF && (character < 0xD800 || character > 0xDFFF);
    uint8_t encoded[4];
    utf8proc_ssize_t size =
        utf8proc_encode_char((utf8proc_int32_t)(valid ? character : REPLACEMENT), encoded);
    buffer_append(buffer, encoded, (size_t)size);
}

bool text_is_utf8(struct slice text)
{
    uint32_t character;
    while (text.size)
        if (!take_valid(&text, &character))
            return false;
    return true;
}

/* Windows-1252, 0x80 to 0x9F: WHATWG Encoding Standard, index windows-1252. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

char *text_repair(struct slice text)
{
    struct buffer repaired = BUFFER_INIT(BUFFER_UNBOUNDED);
    while (text.size) {
        uint32_t character;
        if (!take_valid(&text, &character)) {
            character = (uint8_t)text.data[0];
            if (character >= 0x80 && character <= 0x9F)
                character = windows_1252[character - 0x80];
            text = slice_from(text, 1);
        }
        text_append_char(&repaired, character);
    }
    return buffer_detach(&repaired);
}

static bool is_space(uint32_t character)
{
    return character == ' ' || (character >= '\t' && character <= '\r') ||
           utf8proc_category((utf8proc_int32_t)character) == UTF8PROC_CATEGORY_ZS;
}

char *text_collapse(struct slice text)
{
    struct buffer collapsed = BUFFER_INIT(BUFFER_UNBOUNDED);
    bool blank = false;
    uint32_t character;
    while (text_take_char(&text, &character)) {
        if (is_space(character)) {
            blank = collapsed.size > 0;
            continue;
        }
        if (blank)
            buffer_append_byte(&collapsed, ' ');
        blank = false;
        text_append_char(&collapsed, character);
    }
    return buffer_detach(&collapsed);
}

size_t text_width(struct slice text)
{
    size_t width = 0;
    uint32_t character;
    while (text_take_char(&text, &character))
        width += (size_t)utf8proc_charwidth((utf8proc_int32_t)character);
    return width;
}

struct slice text_cut_bytes(struct slice text, size_t size)
{
    if (text.size <= size)
        return text;
    while (size && ((uint8_t)text.data[size] & 0xC0) == 0x80)
        size--;
    return slice_first(text, size);
}

struct slice text_cut_columns(struct slice text, size_t columns)
{
    struct slice rest = text;
    size_t width = 0;
    uint32_t character;
    while (rest.size) {
        struct slice before = rest;
        text_take_char(&rest, &character);
        width += (size_t)utf8proc_charwidth((utf8proc_int32_t)character);
        if (width > columns)
            return slice_first(text, (size_t)(before.data - text.data));
    }
    return text;
}

/* Decomposed, marks dropped, case folded. NULL-terminated, for free(). */
static char *plain_letters(struct slice text)
{
    char *valid = text_repair(text);
    uint8_t *mapped = NULL;
    utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
                                UTF8PROC_STRIPMARK | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE |
                                UTF8PROC_NULLTERM;
    if (utf8proc_map((uint8_t *)valid, 0, &mapped, options) < 0)
        return valid;
    free(valid);
    return (char *)mapped;
}

static bool is_word_char(uint32_t character)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)character);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           (category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_NO);
}

static bool is_apostrophe(uint32_t character)
{
    return character == '\'' || character == 0x2019 || character == 0x02BC;
}

/* Words of letters and digits with `joiner` between them. */
static char *words_of(struct slice text, char joiner)
{
    char *letters = plain_letters(text);
    struct buffer words = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct slice rest = slice_of(letters);
    bool between = false;
    uint32_t character;
    while (text_take_char(&rest, &character)) {
        if (is_apostrophe(character))
            continue;
        if (!is_word_char(character)) {
            between = words.size > 0;
            continue;
        }
        if (between)
            buffer_append_byte(&words, joiner);
        between = false;
        text_append_char(&words, character);
    }
    free(letters);
    return buffer_detach(&words);
}

char *text_slug(struct slice text, size_t size)
{
    char *slug = words_of(text, '-');
    struct slice all = slice_of(slug);
    if (all.size > size) {
        struct slice cut = text_cut_bytes(all, size);
        size_t hyphen = slice_rfind_byte(cut, '-');
        if (all.data[cut.size] != '-' && hyphen != SIZE_MAX && hyphen > 0)
            cut = slice_first(cut, hyphen);
        slug[cut.size] = '\0';
    }
    return slug;
}

char *text_fold(struct slice text)
{
    return words_of(text, ' ');
}
