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
    for (;;) {
        size_t plain = 0;
        while (plain < text.size && (uint8_t)text.data[plain] < 0x80)
            plain++;
        text = slice_from(text, plain);
        if (!text.size)
            return true;
        if (!take_valid(&text, &character))
            return false;
    }
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
        if (character == 0) /* would end the copy */
            character = REPLACEMENT;
        text_append_char(&repaired, character);
    }
    return buffer_detach(&repaired);
}

static uint32_t unit_at(struct slice bytes, size_t i, bool big_endian)
{
    uint32_t first = (uint8_t)bytes.data[i], second = (uint8_t)bytes.data[i + 1];
    return big_endian ? first << 8 | second : second << 8 | first;
}

char *text_from_utf16(struct slice bytes, bool big_endian)
{
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    size_t i = 0;
    uint32_t mark = bytes.size >= 2 ? unit_at(bytes, 0, true) : 0;
    if (mark == 0xFEFF || mark == 0xFFFE) {
        big_endian = mark == 0xFEFF;
        i = 2;
    }
    for (; i + 1 < bytes.size; i += 2) {
        uint32_t character = unit_at(bytes, i, big_endian);
        bool high = character >= 0xD800 && character < 0xDC00;
        uint32_t low = high && i + 3 < bytes.size ? unit_at(bytes, i + 2, big_endian) : 0;
        if (low >= 0xDC00 && low < 0xE000) {
            character = 0x10000 + ((character - 0xD800) << 10) + (low - 0xDC00);
            i += 2;
        }
        text_append_char(&text, character);
    }
    return buffer_detach(&text);
}

static bool is_space(uint32_t character)
{
    if (character == 0 || (character >= '\t' && character <= '\r') || character == 0x85)
        return true;
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)character);
    return category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_ZP;
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

/* C0, C1 and DEL. In UTF-8 those of C1 have two bytes. */
char *text_one_line(struct slice text)
{
    struct buffer line = BUFFER_INIT(BUFFER_UNBOUNDED);
    while (text.size) {
        struct slice before = text;
        uint32_t character;
        text_take_char(&text, &character);
        if (character < ' ' || (character >= 0x7F && character < 0xA0))
            buffer_append_byte(&line, ' ');
        else
            buffer_append_slice(&line, slice_first(before, before.size - text.size));
    }
    return buffer_detach(&line);
}

struct slice text_cut_bytes(struct slice text, size_t size)
{
    if (text.size <= size)
        return text;
    while (size && ((uint8_t)text.data[size] & 0xC0) == 0x80)
        size--;
    return slice_first(text, size);
}

struct slice text_cut_characters(struct slice text, size_t count)
{
    struct slice rest = text;
    uint32_t character;
    while (count-- && text_take_char(&rest, &character))
        continue;
    return slice_first(text, text.size - rest.size);
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

/* Frees `text` and gives it back as utf8proc maps it; for free(). */
static char *mapped(char *text, int options)
{
    uint8_t *result = NULL;
    if (utf8proc_map((uint8_t *)text, 0, &result,
                     (utf8proc_option_t)(options | UTF8PROC_STABLE | UTF8PROC_NULLTERM)) < 0)
        return text;
    free(text);
    return (char *)result;
}

/* Letters that Unicode does not decompose, and how they are written where there is ASCII only. */
static const struct {
    uint32_t letter;
    const char *ascii;
} latin_letters[] = {
    {0x00E6, "ae"}, {0x00F0, "d"}, {0x00F8, "o"}, {0x00FE, "th"}, {0x0111, "d"}, {0x0127, "h"},
    {0x0131, "i"},  {0x0142, "l"}, {0x014B, "n"}, {0x0153, "oe"}, {0x0167, "t"},
};

/* NULL where it has no ASCII form. */
static const char *ascii_form(uint32_t letter)
{
    for (size_t i = 0; i < sizeof latin_letters / sizeof *latin_letters; i++)
        if (latin_letters[i].letter == letter)
            return latin_letters[i].ascii;
    return NULL;
}

static bool is_mark(uint32_t character)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)character);
    return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

bool text_is_capital(uint32_t character)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)character);
    return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LT;
}

bool text_is_letter(uint32_t character)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)character);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool text_is_word(uint32_t character)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)character);
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           (category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_NO);
}

static bool is_apostrophe(uint32_t character)
{
    return character == '\'' || character == 0x2019 || character == 0x02BC;
}

/* The letters and digits of a decomposed text, `joiner` where others stand between them. A mark is
 * dropped as an accent unless its letter is of a script where it is part of the spelling: without
 * its marks Devanagari has no vowels, and a Japanese ga is a ka. */
static void append_words(struct buffer *words, struct slice text, char joiner)
{
    bool between = false, keeps_marks = false;
    uint32_t character;
    while (text_take_char(&text, &character)) {
        bool mark = is_mark(character);
        if (is_apostrophe(character) || (mark && !keeps_marks))
            continue;
        if (!text_is_word(character)) {
            between = words->size > 0;
            keeps_marks = false;
            continue;
        }
        if (between)
            buffer_append_byte(words, joiner);
        between = false;
        const char *ascii = ascii_form(character);
        keeps_marks = character >= 0x80 && !ascii;
        if (ascii)
            buffer_append_text(words, ascii);
        else
            text_append_char(words, character);
    }
}

static char *words_of(struct slice text, char joiner)
{
    char *letters = mapped(text_repair(text), UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
                                                  UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    struct buffer words = BUFFER_INIT(BUFFER_UNBOUNDED);
    append_words(&words, slice_of(letters), joiner);
    free(letters);
    return mapped(buffer_detach(&words), UTF8PROC_COMPOSE);
}

char *text_slug(struct slice text, size_t size)
{
    char *slug = words_of(text, '-');
    struct slice all = slice_of(slug);
    if (all.size > size) {
        struct slice cut = text_cut_bytes(all, size);
        size_t hyphen = slice_rfind_byte(cut, '-');
        if (all.data[cut.size] != '-' && hyphen != SIZE_MAX && hyphen >= size / 2)
            cut = slice_first(cut, hyphen);
        slug[slice_ends(cut, SLICE("-")) ? cut.size - 1 : cut.size] = '\0';
    }
    return slug;
}

char *text_fold(struct slice text)
{
    return words_of(text, ' ');
}
