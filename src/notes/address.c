/* SPDX-License-Identifier: MIT */
#include "notes/address.h"

#include <string.h>

#include "base/text.h"

static const struct slice beginnings[] = {
    {"https://", 8}, {"http://", 7}, {"www.", 4}, {"youtu.be/", 9}, {"youtube.com/", 12},
};

static size_t beginning_size(struct slice text)
{
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (slice_starts_nocase(text, beginnings[i]))
            return beginnings[i].size;
    return 0;
}

/* The punctuation of East Asian text stands close to a URL and never in one. */
static bool ends_address(uint32_t c)
{
    return c <= ' ' || c == '<' || c == '>' || c == '"' || c == '`' || c == '|' || c == '\\' ||
           c == '[' || c == ']' || c == 0xA0 || (c >= 0x2000 && c <= 0x206F) ||
           (c >= 0x3000 && c <= 0x303F) || (c >= 0xFF01 && c <= 0xFF0F) ||
           (c >= 0xFF1A && c <= 0xFF20);
}

/* What ends a sentence, or closes a bracket that was opened before the URL. */
static size_t without_punctuation(struct slice text, size_t size)
{
    ptrdiff_t open = 0;
    for (size_t i = 0; i < size; i++)
        open += (text.data[i] == '(') - (text.data[i] == ')');
    for (; size; size--) {
        char c = text.data[size - 1];
        if (c == ')' && open < 0)
            open++;
        else if (!strchr(".,;:!?'*", c))
            break;
    }
    return size;
}

size_t address_size(struct slice text)
{
    size_t begun = beginning_size(text);
    if (!begun)
        return 0;
    struct slice rest = slice_from(text, begun);
    size_t size = begun;
    uint32_t c;
    while (text_take_char(&rest, &c) && !ends_address(c))
        size = (size_t)(rest.data - text.data);
    size = without_punctuation(text, size);
    return size > begun ? size : 0;
}

static bool is_word(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c);
}

bool address_find(struct slice text, size_t *ret_begin, size_t *ret_size)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = byte_lower(text.data[i]);
        if ((c != 'h' && c != 'w' && c != 'y') || (i && is_word(text.data[i - 1])))
            continue;
        size_t size = address_size(slice_from(text, i));
        if (!size)
            continue;
        *ret_begin = i;
        *ret_size = size;
        return true;
    }
    return false;
}
