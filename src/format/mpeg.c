/* SPDX-License-Identifier: MIT */
#include "format/mpeg.h"

enum version {
    MPEG_25 = 0,
    MPEG_RESERVED = 1,
    MPEG_2 = 2,
    MPEG_1 = 3,
};

enum layer {
    LAYER_RESERVED = 0,
    LAYER_3 = 1,
    LAYER_2 = 2,
    LAYER_1 = 3,
};

static enum version version_of(uint32_t word)
{
    return (enum version)(word >> 19 & 3);
}

static enum layer layer_of(uint32_t word)
{
    return (enum layer)(word >> 17 & 3);
}

static unsigned bitrate_index(uint32_t word)
{
    return word >> MPEG_BITRATE_SHIFT & 15;
}

static bool is_mono(uint32_t word)
{
    return (word >> 6 & 3) == 3;
}

static bool is_header(uint32_t word)
{
    return word >> 21 == 0x7FF && version_of(word) != MPEG_RESERVED &&
           layer_of(word) != LAYER_RESERVED && bitrate_index(word) != 15 && (word >> 10 & 3) != 3;
}

static int rate_of(uint32_t word)
{
    static const int rates[3] = {44100, 48000, 32000};
    int rate = rates[word >> 10 & 3];
    switch (version_of(word)) {
    case MPEG_1:
        return rate;
    case MPEG_2:
        return rate / 2;
    default:
        return rate / 4;
    }
}

/* In kbit/s. */
static int bitrate_of(uint32_t word)
{
    static const short table[5][15] = {
        {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
        {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
        {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
        {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
        {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
    };
    enum layer layer = layer_of(word);
    if (version_of(word) == MPEG_1)
        return table[LAYER_1 - layer][bitrate_index(word)];
    return table[layer == LAYER_1 ? 3 : 4][bitrate_index(word)];
}

size_t mpeg_frame_size(uint32_t word)
{
    if (!is_header(word) || bitrate_index(word) == 0)
        return 0;
    int kbits = bitrate_of(word), rate = rate_of(word);
    int padding = word & MPEG_PADDED ? 1 : 0;
    int size = 0;
    switch (layer_of(word)) {
    case LAYER_1:
        size = (12000 * kbits / rate + padding) * 4;
        break;
    case LAYER_2:
        size = 144000 * kbits / rate + padding;
        break;
    default:
        size = (version_of(word) == MPEG_1 ? 144000 : 72000) * kbits / rate + padding;
        break;
    }
    return (size_t)size;
}

static int samples_of(uint32_t word)
{
    switch (layer_of(word)) {
    case LAYER_1:
        return 384;
    case LAYER_2:
        return 1152;
    default:
        return version_of(word) == MPEG_1 ? 1152 : 576;
    }
}

bool mpeg_header_parse(uint32_t word, struct mpeg_header *ret_header)
{
    size_t size = mpeg_frame_size(word);
    if (!size)
        return false;
    *ret_header = (struct mpeg_header){
        .word = word,
        .layer = 1 + (int)(LAYER_1 - layer_of(word)),
        .lsf = version_of(word) != MPEG_1,
        .rate = rate_of(word),
        .channels = is_mono(word) ? 1 : 2,
        .bitrate = 1000 * bitrate_of(word),
        .samples = samples_of(word),
        .protected = !(word & MPEG_NO_CHECKSUM),
        .size = size,
    };
    return true;
}

bool mpeg_is_free_format(uint32_t word)
{
    return is_header(word) && layer_of(word) == LAYER_3 && bitrate_index(word) == 0;
}

bool mpeg_same_stream(uint32_t a, uint32_t b)
{
    const uint32_t mask = 0xFFE00000 | 3 << 19 | 3 << 17 | 3 << 10;
    return ((a ^ b) & mask) == 0;
}

size_t mpeg_side_size(const struct mpeg_header *header)
{
    bool mono = header->channels == 1;
    if (header->lsf)
        return mono ? 9 : 17;
    return mono ? 17 : 32;
}
