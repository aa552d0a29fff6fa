/* SPDX-License-Identifier: MIT */
#include "audio/flac_frame.h"

#include <string.h>

#include "audio/libav.h"
#include <libavutil/intreadwrite.h>

/* The tables of section 9.1: 0 where a code means something else or nothing. */
static const int block_sizes[16] = {0,   192, 576,  1152, 2304, 4608, 0,     0,
                                    256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
static const int rates[16] = {0,     88200, 176400, 192000, 8000, 16000, 22050, 24000,
                              32000, 44100, 48000,  96000,  0,    0,     0,     0};
static const int depths[8] = {0, 8, 12, 0, 16, 20, 24, 32};

enum {
    BLOCK_RESERVED = 0,
    BLOCK_8_BITS = 6, /* less one */
    BLOCK_16_BITS = 7,
    RATE_KHZ_8_BITS = 12,
    RATE_HZ_16_BITS = 13,
    RATE_DAHZ_16_BITS = 14,
    RATE_FORBIDDEN = 15,
    CHANNELS_SIDE = 8, /* left/side, side/right, mid/side: two channels */
    CHANNELS_RESERVED = 11,
    DEPTH_RESERVED = 3,
};

bool flac_parse_stream(const uint8_t data[static FLAC_STREAMINFO_SIZE],
                       struct flac_stream *ret_stream)
{
    uint64_t packed = AV_RB64(data + 10); /* 20 bits of rate, 3 of channels, 5 of depth, 36 */
    struct flac_stream stream = {
        .min_block = AV_RB16(data),
        .max_block = AV_RB16(data + 2),
        .min_size = AV_RB24(data + 4),
        .max_size = AV_RB24(data + 7),
        .rate = (int)(packed >> 44),
        .channels = (int)(packed >> 41 & 7) + 1,
        .depth = (int)(packed >> 36 & 31) + 1,
        .samples = (int64_t)(packed & 0xfffffffff),
    };
    memcpy(stream.md5, data + 18, sizeof stream.md5);
    if (stream.rate == 0 || stream.depth < 4 || stream.max_block < FLAC_MIN_BLOCK ||
        stream.min_block > stream.max_block)
        return false;
    *ret_stream = stream;
    return true;
}

static void put_24_bits(uint8_t *ret_data, int64_t value)
{
    for (int i = 0; i < 3; i++)
        ret_data[i] = (uint8_t)(value >> (16 - 8 * i));
}

void flac_format_stream(const struct flac_stream *stream,
                        uint8_t ret_data[static FLAC_STREAMINFO_SIZE])
{
    AV_WB16(ret_data, (uint16_t)stream->min_block);
    AV_WB16(ret_data + 2, (uint16_t)stream->max_block);
    put_24_bits(ret_data + 4, stream->min_size);
    put_24_bits(ret_data + 7, stream->max_size);
    AV_WB64(ret_data + 10, (uint64_t)stream->rate << 44 | (uint64_t)(stream->channels - 1) << 41 |
                               (uint64_t)(stream->depth - 1) << 36 | (uint64_t)stream->samples);
    memcpy(ret_data + 18, stream->md5, sizeof stream->md5);
}

/* A number as UTF-8 codes characters, of up to seven bytes (section 9.1.5): how many bytes it has;
 * 0 where it is none. */
static size_t parse_number(const uint8_t *data, size_t size, int64_t *ret_number)
{
    size_t more = 0;
    while (more < 8 && (data[0] << more & 0x80))
        more++;
    if (more == 0) {
        *ret_number = data[0];
        return 1;
    }
    if (more == 1 || more == 8 || size < more)
        return 0;
    int64_t number = data[0] & (0x7f >> more);
    for (size_t i = 1; i < more; i++) {
        if ((data[i] & 0xc0) != 0x80)
            return 0;
        number = number << 6 | (data[i] & 0x3f);
    }
    *ret_number = number;
    return more;
}

static void append_number(struct buffer *data, int64_t number)
{
    int more = 0; /* bytes behind the first, which then holds 6 - more bits */
    while (more == 0 ? number >= 0x80 : number >> (6 * more) >= 1 << (6 - more))
        more++;
    int first = more == 0 ? 0 : 0xff00 >> (more + 1) & 0xff;
    buffer_append_byte(data, (char)(first | (int)(number >> (6 * more))));
    while (more-- > 0)
        buffer_append_byte(data, (char)(0x80 | (number >> (6 * more) & 0x3f)));
}

/* What the codes mean, and how many bytes of fields they announce; false where they mean nothing.
 */
static bool parse_codes(struct flac_frame *frame)
{
    int block = frame->codes[0] >> 4, rate = frame->codes[0] & 15;
    int channels = frame->codes[1] >> 4, depth = frame->codes[1] >> 1 & 7;
    if (block == BLOCK_RESERVED || rate == RATE_FORBIDDEN || channels >= CHANNELS_RESERVED ||
        depth == DEPTH_RESERVED || (frame->codes[1] & 1))
        return false;
    frame->block = block_sizes[block];
    frame->rate = rates[rate];
    frame->channels = channels < CHANNELS_SIDE ? channels + 1 : 2;
    frame->depth = depths[depth];
    frame->field_count = (size_t)(block == BLOCK_8_BITS) + 2 * (size_t)(block == BLOCK_16_BITS) +
                         (size_t)(rate == RATE_KHZ_8_BITS) + 2 * (size_t)(rate >= RATE_HZ_16_BITS);
    return true;
}

static bool parse_fields(struct flac_frame *frame)
{
    const uint8_t *field = frame->fields;
    if (frame->codes[0] >> 4 == BLOCK_8_BITS)
        frame->block = *field++ + 1;
    if (frame->codes[0] >> 4 == BLOCK_16_BITS) {
        frame->block = AV_RB16(field) + 1;
        field += 2;
    }
    int rate = frame->codes[0] & 15;
    if (rate == RATE_KHZ_8_BITS)
        frame->rate = *field * 1000;
    else if (rate >= RATE_HZ_16_BITS)
        frame->rate = AV_RB16(field) * (rate == RATE_DAHZ_16_BITS ? 10 : 1);
    return frame->block <= FLAC_MAX_BLOCK;
}

bool flac_parse_frame(const uint8_t *data, size_t size, struct flac_frame *ret_frame)
{
    if (size < 6 || data[0] != 0xff || (data[1] & 0xfe) != 0xf8)
        return false;
    struct flac_frame frame = {.variable = data[1] & 1, .codes = {data[2], data[3]}};
    size_t number = parse_number(data + 4, size - 4, &frame.number);
    if (number == 0 || !parse_codes(&frame))
        return false;
    frame.header = 4 + number + frame.field_count + 1;
    if (size < frame.header)
        return false;
    memcpy(frame.fields, data + 4 + number, frame.field_count);
    if (!parse_fields(&frame) || av_crc(av_crc_get_table(AV_CRC_8_ATM), 0, data, frame.header) != 0)
        return false;
    *ret_frame = frame;
    return true;
}

void flac_append_header(const struct flac_frame *frame, struct buffer *ret_data)
{
    size_t start = ret_data->size;
    buffer_append_byte(ret_data, (char)0xff);
    buffer_append_byte(ret_data, (char)(0xf8 | frame->variable));
    buffer_append(ret_data, frame->codes, sizeof frame->codes);
    append_number(ret_data, frame->number);
    buffer_append(ret_data, frame->fields, frame->field_count);
    uint32_t crc = av_crc(av_crc_get_table(AV_CRC_8_ATM), 0,
                          (const uint8_t *)ret_data->data + start, ret_data->size - start);
    buffer_append_byte(ret_data, (char)crc);
}

/* libavutil keeps the CRCs whose highest bit comes first with their bytes swapped. */
uint16_t flac_crc16(uint16_t crc, const uint8_t *data, size_t size)
{
    return (uint16_t)av_crc(av_crc_get_table(AV_CRC_16_ANSI), crc, data, size);
}

void flac_append_checksum(struct buffer *data, size_t start)
{
    uint8_t bytes[2];
    AV_WL16(bytes, flac_crc16(0, (const uint8_t *)data->data + start, data->size - start));
    buffer_append(data, bytes, sizeof bytes);
}
