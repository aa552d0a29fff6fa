/* SPDX-License-Identifier: MIT */
#include "chapters/ebml.h"

#include <string.h>

/* A variable-length number (RFC 8794, 4): the zeros in front of the first 1 tell its width. With
 * `marker` that bit stays, as in ids. */
static size_t take_vint(const uint8_t *data, size_t size, size_t max_width, bool marker,
                        uint64_t *ret_number)
{
    size_t width = 1;
    if (!size || !data[0])
        return 0;
    while (!(data[0] & 0x80 >> (width - 1)))
        width++;
    if (width > max_width || width > size)
        return 0;
    uint64_t number = data[0];
    if (!marker)
        number &= 0xFFu >> width;
    bool ones = (data[0] & (0xFF >> width)) == 0xFF >> width;
    for (size_t i = 1; i < width; i++) {
        number = number << 8 | data[i];
        ones = ones && data[i] == 0xFF;
    }
    *ret_number = !marker && ones ? EBML_UNKNOWN_SIZE : number;
    return width;
}

size_t element_header(const uint8_t *data, size_t size, uint32_t *ret_id, int64_t *ret_size)
{
    uint64_t id = 0, content = 0;
    size_t first = take_vint(data, size, 4, true, &id);
    size_t second = first ? take_vint(data + first, size - first, 8, false, &content) : 0;
    if (!second)
        return 0;
    *ret_id = (uint32_t)id;
    *ret_size = (int64_t)content;
    return first + second;
}

bool element_take(struct slice *bytes, struct element *ret_element)
{
    uint32_t id;
    int64_t size;
    size_t header = element_header((const uint8_t *)bytes->data, bytes->size, &id, &size);
    if (!header || (uint64_t)size > bytes->size - header)
        return false;
    *ret_element = (struct element){
        id,
        slice_first(*bytes, header + (size_t)size),
        slice_first(slice_from(*bytes, header), (size_t)size),
    };
    *bytes = slice_from(*bytes, header + (size_t)size);
    return true;
}

uint64_t element_number(struct slice body)
{
    uint64_t number = 0;
    for (size_t i = 0; i < body.size && i < 8; i++)
        number = number << 8 | (uint8_t)body.data[i];
    return number;
}

double element_float(struct slice body)
{
    uint64_t bits = element_number(body);
    if (body.size == 4) {
        uint32_t narrow = (uint32_t)bits;
        float number;
        memcpy(&number, &narrow, sizeof number);
        return (double)number;
    }
    double number = 0;
    if (body.size == 8)
        memcpy(&number, &bits, sizeof number);
    return number;
}

static void append_id(struct buffer *out, uint32_t id)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        if (id >> shift)
            buffer_append_byte(out, (char)(id >> shift));
}

void ebml_append_size(struct buffer *out, uint64_t size, size_t width)
{
    uint64_t marked = size | UINT64_C(1) << (7 * width);
    for (size_t i = width; i-- > 0;)
        buffer_append_byte(out, (char)(marked >> (8 * i)));
}

void ebml_append(struct buffer *out, uint32_t id, struct slice body)
{
    append_id(out, id);
    ebml_append_size(out, body.size, body.size < 0x7F ? 1 : 8);
    buffer_append_slice(out, body);
}

void ebml_append_number(struct buffer *out, uint32_t id, uint64_t number)
{
    append_id(out, id);
    ebml_append_size(out, 8, 1);
    for (size_t i = 8; i-- > 0;)
        buffer_append_byte(out, (char)(number >> (8 * i)));
}

void ebml_append_void(struct buffer *out, size_t size)
{
    size_t width = size - 2 < 0x7F ? 1 : 8;
    append_id(out, EBML_VOID);
    ebml_append_size(out, size - 1 - width, width);
    buffer_extend(out, size - 1 - width);
}
