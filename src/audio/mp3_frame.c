/* SPDX-License-Identifier: MIT */
#include "audio/mp3_frame.h"

#define BITRATE_SHIFT 12
#define BITRATE_MASK  ((uint32_t)15 << BITRATE_SHIFT)
#define NO_CHECKSUM   ((uint32_t)1 << 16)
#define PADDED        ((uint32_t)1 << 9)
#define JOINT_KIND    ((uint32_t)3 << 4) /* which sort of joint stereo: changes with every frame */

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
    return word >> BITRATE_SHIFT & 15;
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

/* In kbit/s, by the table of ISO/IEC 11172-3 2.4.2.3 and of 13818-3 2.4.2.3. */
static int kilobits(uint32_t word, unsigned index)
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
        return table[LAYER_1 - layer][index];
    return table[layer == LAYER_1 ? 3 : 4][index];
}

static size_t frame_size(uint32_t word, unsigned index)
{
    int kbits = kilobits(word, index), rate = rate_of(word);
    int padding = word & PADDED ? 1 : 0;
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

size_t mp3_any_layer_size(uint32_t word)
{
    if (!is_header(word) || bitrate_index(word) == 0)
        return 0;
    return frame_size(word, bitrate_index(word));
}

bool mp3_is_free_format(uint32_t word)
{
    return is_header(word) && layer_of(word) == LAYER_3 && bitrate_index(word) == 0;
}

static size_t side_size(uint32_t word)
{
    if (version_of(word) == MPEG_1)
        return is_mono(word) ? 17 : 32;
    return is_mono(word) ? 9 : 17;
}

bool mp3_header_parse(uint32_t word, struct mp3_header *ret_header)
{
    if (!is_header(word) || layer_of(word) != LAYER_3 || bitrate_index(word) == 0)
        return false;
    bool protected = !(word & NO_CHECKSUM);
    *ret_header = (struct mp3_header){
        .word = word,
        .rate = rate_of(word),
        .channels = is_mono(word) ? 1 : 2,
        .bitrate = 1000 * kilobits(word, bitrate_index(word)),
        .samples = version_of(word) == MPEG_1 ? 1152 : 576,
        .protected = protected,
        .size = frame_size(word, bitrate_index(word)),
        .side_offset = MP3_HEADER_SIZE + (protected ? 2 : 0),
        .side_size = side_size(word),
    };
    return true;
}

bool mp3_same_stream(uint32_t a, uint32_t b)
{
    const uint32_t mask = 0xFFE00000 | 3 << 19 | 3 << 17 | 3 << 10;
    return ((a ^ b) & mask) == 0;
}

bool mp3_same_kind(uint32_t a, uint32_t b)
{
    return ((a ^ b) & ~(BITRATE_MASK | NO_CHECKSUM | PADDED | JOINT_KIND | 1 << 8)) == 0;
}

uint32_t mp3_header_for(uint32_t like, size_t size, int bitrate)
{
    uint32_t word = (like & ~(BITRATE_MASK | PADDED | JOINT_KIND)) | NO_CHECKSUM;
    for (unsigned index = 1; index < 15; index++)
        if (1000 * kilobits(word, index) >= bitrate && frame_size(word, index) >= size)
            return word | (uint32_t)index << BITRATE_SHIFT;
    return 0;
}

size_t mp3_smallest_frame(const struct mp3_header *header)
{
    return frame_size(header->word & ~PADDED, 1);
}

/* `count` bits, at most 16, from bit `position` on. */
static unsigned bits_at(const uint8_t *data, size_t position, unsigned count)
{
    unsigned value = 0;
    for (unsigned i = 0; i < count; i++, position++)
        value = value << 1 | (data[position / 8] >> (7 - position % 8) & 1);
    return value;
}

/* The granules' entries are of one size; each begins with its 12 bits of part2_3_length. */
void mp3_side_parse(const struct mp3_header *header, const uint8_t *frame,
                    struct mp3_side *ret_side)
{
    const uint8_t *side = frame + header->side_offset;
    bool mpeg1 = header->samples == 1152;
    unsigned channels = (unsigned)header->channels;
    size_t entry = mpeg1 ? 59 : 63;
    size_t entries = (mpeg1 ? 2 : 1) * channels;
    size_t first = header->side_size * 8 - entries * entry;
    *ret_side = (struct mp3_side){.main_data_begin = bits_at(side, 0, mpeg1 ? 9 : 8)};
    for (size_t i = 0; i < entries; i++)
        ret_side->main_data_bits += bits_at(side, first + i * entry, 12);
}

/* `count` bits, at most 9, from bit `position` on. */
static unsigned few_bits_at(const uint8_t *data, size_t position, unsigned count)
{
    const uint8_t *from = data + position / 8;
    unsigned two = (unsigned)from[0] << 8 | from[1];
    return (two << position % 8 & 0xFFFF) >> (16 - count);
}

/* An entry's part2_3_length of 12 bits, big_values of 9, global_gain of 8, scalefac_compress of 4
 * (9 in MPEG-2), window_switching_flag and block_type: 2.4.1.7. There are at most 576 lines, two a
 * value, and a switched window is none of the normal type, 0. */
bool mp3_side_is_sound(const struct mp3_header *header, const uint8_t *frame)
{
    const uint8_t *side = frame + header->side_offset;
    bool mpeg1 = header->samples == 1152;
    size_t entry = mpeg1 ? 59 : 63, block = mpeg1 ? 33 : 38;
    size_t entries = (mpeg1 ? 2 : 1) * (size_t)header->channels;
    size_t at = header->side_size * 8 - entries * entry;
    for (size_t i = 0; i < entries; i++, at += entry) {
        unsigned window = few_bits_at(side, at + block, 3);
        if (few_bits_at(side, at + 12, 9) > 288 || window == 4)
            return false;
    }
    return true;
}
