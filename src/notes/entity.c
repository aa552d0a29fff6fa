/* SPDX-License-Identifier: MIT */
#include "notes/entity.h"

#include "base/text.h"

/* Those that are met often. */
static const struct entity {
    struct slice name;
    const char *text;
} entities[] = {
    {{"amp", 3}, "&"},    {{"lt", 2}, "<"},        {{"gt", 2}, ">"},     {{"quot", 4}, "\""},
    {{"apos", 4}, "'"},   {{"nbsp", 4}, "\u00A0"}, {{"ndash", 5}, "–"},  {{"mdash", 5}, "—"},
    {{"hellip", 6}, "…"}, {{"lsquo", 5}, "‘"},     {{"rsquo", 5}, "’"},  {{"ldquo", 5}, "“"},
    {{"rdquo", 5}, "”"},  {{"bull", 4}, "•"},      {{"middot", 6}, "·"}, {{"auml", 4}, "ä"},
    {{"ouml", 4}, "ö"},   {{"uuml", 4}, "ü"},      {{"eacute", 6}, "é"}, {{"egrave", 6}, "è"},
    {{"laquo", 5}, "«"},  {{"raquo", 5}, "»"},     {{"copy", 4}, "©"},   {{"colon", 5}, ":"},
};

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

static bool append_known(struct buffer *buffer, struct slice name)
{
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++)
        if (slice_equal(name, entities[i].name))
            return buffer_append_text(buffer, entities[i].text);
    return false;
}

void entity_append(struct buffer *buffer, struct slice reference)
{
    struct slice name = reference;
    slice_take_byte(&name, '&');
    if (name.size && name.data[name.size - 1] == ';')
        name.size--;
    if (!append_number(buffer, name) && !append_known(buffer, name))
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
