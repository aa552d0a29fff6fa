/* SPDX-License-Identifier: MIT */
#include "notes/encoding.h"

#include <stdlib.h>

#include "base/text.h"

static uint32_t unit_at(struct slice text, size_t i, bool big)
{
    uint32_t first = (uint8_t)text.data[i], second = (uint8_t)text.data[i + 1];
    return big ? first << 8 | second : second << 8 | first;
}

/* RFC 2781, 2.2: two surrogates make one character. A lone one becomes U+FFFD. */
static void decode_utf16(struct slice text, bool big, struct buffer *room)
{
    for (size_t i = 0; i + 1 < text.size; i += 2) {
        uint32_t unit = unit_at(text, i, big);
        if (unit >= 0xD800 && unit < 0xDC00 && i + 3 < text.size) {
            uint32_t low = unit_at(text, i + 2, big);
            if (low >= 0xDC00 && low < 0xE000) {
                unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                i += 2;
            }
        }
        text_append_char(room, unit ? unit : ' ');
    }
}

static void copy_without_zeros(struct slice text, struct buffer *room)
{
    buffer_append_slice(room, text);
    for (size_t i = 0; i < room->size; i++)
        if (!room->data[i])
            room->data[i] = ' ';
}

struct slice encoding_to_utf8(struct slice text, struct buffer *room)
{
    if (slice_take(&text, SLICE("\xFE\xFF")) || slice_take(&text, SLICE("\xFF\xFE"))) {
        decode_utf16(text, (uint8_t)text.data[-1] == 0xFF, room);
        return buffer_slice(room);
    }
    slice_take(&text, SLICE("\xEF\xBB\xBF"));
    if (slice_find_byte(text, '\0') != SIZE_MAX) {
        copy_without_zeros(text, room);
        text = buffer_slice(room);
    }
    if (text_is_utf8(text))
        return text;
    char *repaired = text_repair(text);
    buffer_clear(room);
    buffer_append_text(room, repaired);
    free(repaired);
    return buffer_slice(room);
}
