/* SPDX-License-Identifier: MIT */
#include "notes/script.h"

#include "base/text.h"

/* The zeros of decimal digits (Unicode 15, category Nd); nine more follow each. */
static const uint32_t zeros[] = {
    '0',    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66,
    0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0x1946, 0xFF10,
};

static const uint32_t colons[] = {':', 0xFF1A, 0x2236, 0xFE55, 0xFE13, 0xA789, 0x02D0};

bool script_take_digit(struct slice *text, int *ret_digit)
{
    struct slice rest = *text;
    uint32_t c;
    if (!text->size)
        return false;
    if ((uint8_t)text->data[0] < 0x80) {
        if (!byte_is_digit(text->data[0]))
            return false;
        *ret_digit = text->data[0] - '0';
        *text = slice_from(*text, 1);
        return true;
    }
    text_take_char(&rest, &c);
    for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++)
        if (c >= zeros[i] && c < zeros[i] + 10) {
            *ret_digit = (int)(c - zeros[i]);
            *text = rest;
            return true;
        }
    return false;
}

bool script_take_colon(struct slice *text)
{
    struct slice rest = *text;
    uint32_t c;
    if (!text_take_char(&rest, &c))
        return false;
    for (size_t i = 0; i < sizeof colons / sizeof *colons; i++)
        if (c == colons[i]) {
            *text = rest;
            return true;
        }
    return false;
}

bool script_take_number(struct slice *text, size_t min, size_t max, int *ret_number)
{
    struct slice rest = *text;
    int number = 0, digit;
    size_t digits = 0;
    while (digits <= max && script_take_digit(&rest, &digit)) {
        number = number * 10 + digit;
        digits++;
    }
    if (digits < min || digits > max)
        return false;
    *text = rest;
    *ret_number = number;
    return true;
}

uint32_t script_char_before(struct slice text, size_t end)
{
    size_t begin = end;
    while (begin && end - begin < 4) {
        begin--;
        if (((uint8_t)text.data[begin] & 0xC0) != 0x80)
            break;
    }
    struct slice rest = {text.data + begin, end - begin};
    uint32_t c = 0;
    text_take_char(&rest, &c);
    return c;
}

uint32_t script_char_at(struct slice text)
{
    uint32_t c = 0;
    text_take_char(&text, &c);
    return c;
}

bool script_joins_words(uint32_t character)
{
    return character == '_' || (character < 0x2E80 && text_is_letter(character));
}
