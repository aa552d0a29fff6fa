/* SPDX-License-Identifier: MIT */
#include "audio/mp3_frame.h"

/* Which sort of joint stereo: it changes with every frame. */
#define JOINT_KIND ((uint32_t)3 << 4)

bool mp3_header_parse(uint32_t word, struct mp3_header *ret_header)
{
    struct mpeg_header header;
    if (!mpeg_header_parse(word, &header) || header.layer != 3)
        return false;
    *ret_header = (struct mp3_header){
        .word = word,
        .rate = header.rate,
        .channels = header.channels,
        .bitrate = header.bitrate,
        .samples = header.samples,
        .protected = header.protected,
        .size = header.size,
        .side_offset = MPEG_HEADER_SIZE + (header.protected ? 2 : 0),
        .side_size = mpeg_side_size(&header),
    };
    return true;
}

bool mp3_same_kind(uint32_t a, uint32_t b)
{
    return ((a ^ b) &
            ~(MPEG_BITRATE_MASK | MPEG_NO_CHECKSUM | MPEG_PADDED | JOINT_KIND | 1 << 8)) == 0;
}

uint32_t mp3_header_for(uint32_t like, size_t size, int bitrate)
{
    uint32_t word = (like & ~(MPEG_BITRATE_MASK | MPEG_PADDED | JOINT_KIND)) | MPEG_NO_CHECKSUM;
    for (uint32_t index = 1; index < 15; index++) {
        uint32_t candidate = word | index << MPEG_BITRATE_SHIFT;
        struct mpeg_header header;
        if (mpeg_header_parse(candidate, &header) && header.bitrate >= bitrate &&
            header.size >= size)
            return candidate;
    }
    return 0;
}

size_t mp3_smallest_frame(const struct mp3_header *header)
{
    uint32_t word = header->word & ~(MPEG_BITRATE_MASK | MPEG_PADDED);
    return mpeg_frame_size(word | (uint32_t)1 << MPEG_BITRATE_SHIFT);
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

/* 32 bits from bit `position` on, out of five bytes. */
static uint32_t word_at(const uint8_t *data, size_t position)
{
    const uint8_t *from = data + position / 8;
    uint64_t wide = (uint64_t)mpeg_word(from) << 8 | from[4];
    return (uint32_t)(wide >> (8 - position % 8));
}

/* An entry's part2_3_length of 12 bits, big_values of 9, global_gain of 8, scalefac_compress of 4
 * (9 in MPEG-2), window_switching_flag and block_type: 2.4.1.7. There are at most 576 lines, two a
 * value, and a switched window is none of the normal type, 0. Nothing behind the side information
 * is read: an entry is longer than what we look at. */
bool mp3_side_is_sound(const struct mp3_header *header, const uint8_t *frame)
{
    const uint8_t *side = frame + header->side_offset;
    bool mpeg1 = header->samples == 1152;
    size_t entry = mpeg1 ? 59 : 63, entries = (mpeg1 ? 2 : 1) * (size_t)header->channels;
    size_t at = header->side_size * 8 - entries * entry + 12;
    unsigned window = mpeg1 ? 8 : 3; /* from the right */
    for (size_t i = 0; i < entries; i++, at += entry) {
        uint32_t word = word_at(side, at);
        if (word >> 23 > 288 || (word >> window & 7) == 4)
            return false;
    }
    return true;
}
