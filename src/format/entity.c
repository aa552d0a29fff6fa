/* SPDX-License-Identifier: MIT */
#include "format/entity.h"

#include "base/text.h"
#include "format/markup.h"

static bool hex_value(char c, uint32_t *ret_value)
{
    char lower = byte_lower(c);
    bool letter = lower >= 'a' && lower <= 'f';
    if (!letter && !byte_is_digit(c))
        return false;
    *ret_value = (uint32_t)(letter ? lower - 'a' + 10 : c - '0');
    return true;
}

/* "#8212" or "#x2014". */
static bool append_number(struct buffer *buffer, struct slice name)
{
    if (!slice_take_byte(&name, '#'))
        return false;
    uint32_t base = slice_take_byte(&name, 'x') || slice_take_byte(&name, 'X') ? 16 : 10;
    uint32_t character = 0, digit;
    if (!name.size)
        return false;
    for (size_t i = 0; i < name.size; i++) {
        if (!hex_value(name.data[i], &digit) || digit >= base)
            return false;
        if (character <= 0x10FFFF)
            character = character * base + digit;
    }
    text_append_char(buffer, character ? character : 0xFFFD);
    return true;
}

void entity_append(struct buffer *buffer, struct slice reference)
{
    struct slice name = reference;
    uint32_t character;
    slice_take_byte(&name, '&');
    if (name.size && name.data[name.size - 1] == ';')
        name.size--;
    if (append_number(buffer, name))
        return;
    if (slice_equal(name, SLICE("apos")))
        buffer_append_byte(buffer, '\'');
    else if (markup_find_entity(name, &character))
        text_append_char(buffer, character);
    else
        buffer_append_slice(buffer, reference);
}

/* The size of the reference at the front: '&', a name or number, ';'. 0 where there is none. */
static size_t reference_size(struct slice text)
{
    size_t end = 1;
    while (end < text.size && end < 40 &&
           (byte_is_alpha(text.data[end]) || byte_is_digit(text.data[end]) ||
            (end == 1 && text.data[end] == '#')))
        end++;
    return end > 1 && end < text.size && text.data[end] == ';' ? end + 1 : 0;
}

void entity_append_text(struct buffer *buffer, struct slice text)
{
    while (text.size) {
        size_t mark = slice_find_byte(text, '&');
        buffer_append_slice(buffer, slice_first(text, mark));
        if (mark == SIZE_MAX)
            return;
        text = slice_from(text, mark);
        size_t size = reference_size(text);
        if (size)
            entity_append(buffer, slice_first(text, size));
        else
            buffer_append_byte(buffer, '&');
        text = slice_from(text, size ? size : 1);
    }
}
