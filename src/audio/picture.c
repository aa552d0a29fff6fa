/* SPDX-License-Identifier: MIT */
#include "audio/picture.h"

#include <string.h>

#define MAX_SIDE 65535

static unsigned be16(const uint8_t *data)
{
    return (unsigned)data[0] << 8 | data[1];
}

/* The header chunk stands first: PNG specification, 11.2.2. */
static bool png_size(const uint8_t *data, size_t size, int *ret_width, int *ret_height)
{
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    if (size < 24 || memcmp(data, signature, sizeof signature) != 0 || be16(data + 16) != 0 ||
        be16(data + 20) != 0)
        return false;
    *ret_width = (int)be16(data + 18);
    *ret_height = (int)be16(data + 22);
    return true;
}

/* SOF0 to SOF15, without those of the range that mean something else (ITU T.81, table B.1). */
static bool is_frame_marker(uint8_t marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/* Walks the segments up to the frame header: ITU T.81, B.1.1.4 and B.2.2. */
static bool jpeg_size(const uint8_t *data, size_t size, int *ret_width, int *ret_height)
{
    if (size < 4 || be16(data) != 0xffd8)
        return false;
    for (size_t at = 2; size - at >= 9 && data[at] == 0xff;) {
        uint8_t marker = data[at + 1];
        if (is_frame_marker(marker)) {
            *ret_height = (int)be16(data + at + 5);
            *ret_width = (int)be16(data + at + 7);
            return true;
        }
        size_t segment = 2 + (size_t)be16(data + at + 2);
        if (segment > size - at)
            break;
        at += segment;
    }
    return false;
}

bool picture_size(const struct picture *picture, int *ret_width, int *ret_height)
{
    int width = 0, height = 0;
    if (!png_size(picture->data, picture->size, &width, &height) &&
        !jpeg_size(picture->data, picture->size, &width, &height))
        return false;
    if (width < 1 || width > MAX_SIDE || height < 1 || height > MAX_SIDE)
        return false;
    *ret_width = width;
    *ret_height = height;
    return true;
}
