/* SPDX-License-Identifier: MIT */
#include "audio/mp3_tag.h"

#include <string.h>

enum {
    FLAG_FRAMES = 1,
    FLAG_BYTES = 2,
    FLAG_STEPS = 4,
    FLAG_QUALITY = 8,
};

/* Offsets into LAME's extension, which follows the quality. */
#define LAME_DELAYS         21
#define LAME_MUSIC_LENGTH   28
#define LAME_MUSIC_CHECKSUM 32
#define LAME_CHECKSUM       34
#define LAME_SIZE           36

#define XING_SIZE  (4 + 4 + 4 + 4 + MP3_TAG_STEPS + 4)
#define VBRI_START (MPEG_HEADER_SIZE + 32) /* whatever the side information's size */
#define FIELD_MAX  4095                    /* of delay and padding: 12 bits */

/* Who writes the tag. "LAME" is the word that makes players believe delay and padding, and the
 * number the last release's, whose layout this is. */
static const char writer[9] = {'L', 'A', 'M', 'E', '3', '.', '1', '0', '0'};

static bool starts(const uint8_t *data, const char *word)
{
    return memcmp(data, word, 4) == 0;
}

/* libavformat believes these writers and no other. */
static bool is_believed(const uint8_t *version)
{
    return starts(version, "LAME") || starts(version, "Lavf") || starts(version, "Lavc");
}

static void parse_xing(const uint8_t *data, struct mp3_tag *tag)
{
    uint32_t flags = mpeg_word(data + 4);
    const uint8_t *next = data + 8;
    if (flags & FLAG_FRAMES) {
        tag->frames = mpeg_word(next);
        next += 4;
    }
    if (flags & FLAG_BYTES) {
        tag->bytes = mpeg_word(next);
        next += 4;
    }
    if (flags & FLAG_STEPS)
        next += MP3_TAG_STEPS;
    if (flags & FLAG_QUALITY)
        next += 4;
    const uint8_t *delays = next + LAME_DELAYS;
    tag->gapless = is_believed(next);
    tag->delay = tag->gapless ? delays[0] << 4 | delays[1] >> 4 : 0;
    tag->padding = tag->gapless ? (delays[1] & 15) << 8 | delays[2] : 0;
}

void mp3_tag_parse(const struct mp3_header *header, const uint8_t *data, size_t size,
                   struct mp3_tag *ret_tag)
{
    /* What is not there reads as zeros, and zeros say nothing. */
    uint8_t copy[MP3_TAG_READ] = {0};
    memcpy(copy, data, size < sizeof copy ? size : sizeof copy);
    *ret_tag = (struct mp3_tag){.kind = MP3_TAG_NONE};
    const uint8_t *xing = copy + MPEG_HEADER_SIZE + header->side_size;
    const uint8_t *vbri = copy + VBRI_START;
    if (starts(xing, "Xing") || starts(xing, "Info")) {
        ret_tag->kind = starts(xing, "Xing") ? MP3_TAG_XING : MP3_TAG_INFO;
        parse_xing(xing, ret_tag);
    } else if (starts(vbri, "VBRI") && vbri[4] == 0 && vbri[5] == 1) {
        ret_tag->kind = MP3_TAG_VBRI;
        ret_tag->bytes = mpeg_word(vbri + 10);
        ret_tag->frames = mpeg_word(vbri + 14);
    }
}

uint32_t mp3_tag_header(uint32_t like, int bitrate)
{
    struct mp3_header header = {0};
    mp3_header_parse(mp3_header_for(like, 0, 0), &header);
    size_t needed = MPEG_HEADER_SIZE + header.side_size + XING_SIZE + LAME_SIZE;
    uint32_t word = mp3_header_for(like, needed, bitrate);
    return word ? word : mp3_header_for(like, needed, 0);
}

static uint32_t clamp_word(int64_t number)
{
    return number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
}

static void put_steps(const struct mp3_tag_facts *facts, size_t tag_size, uint8_t *steps)
{
    int64_t bytes = facts->bytes + (int64_t)tag_size;
    for (size_t i = 0; i < MP3_TAG_STEPS; i++) {
        int64_t step = (facts->steps[i] + (int64_t)tag_size) * 256 / bytes;
        steps[i] = (uint8_t)(step > 255 ? 255 : step);
    }
}

static void put_xing(const struct mp3_tag_facts *facts, size_t tag_size, uint8_t *xing)
{
    static const char kinds[2][4] = {{'X', 'i', 'n', 'g'}, {'I', 'n', 'f', 'o'}};
    memcpy(xing, kinds[facts->constant ? 1 : 0], 4);
    mpeg_put_word(xing + 4, FLAG_FRAMES | FLAG_BYTES | FLAG_STEPS | FLAG_QUALITY);
    mpeg_put_word(xing + 8, clamp_word(facts->frames));
    mpeg_put_word(xing + 12, clamp_word(facts->bytes + (int64_t)tag_size));
    put_steps(facts, tag_size, xing + 16);
    mpeg_put_word(xing + 16 + MP3_TAG_STEPS, 0);
}

static int clamp_field(int number)
{
    return number < 0 ? 0 : number > FIELD_MAX ? FIELD_MAX : number;
}

static void put_lame(const struct mp3_tag_facts *facts, size_t tag_size, uint8_t *lame)
{
    int delay = clamp_field(facts->delay), padding = clamp_field(facts->padding);
    int kbits = facts->bitrate / 1000;
    memcpy(lame, writer, sizeof writer);
    lame[9] = facts->constant ? 1 : 0; /* the encoder's method; 0: not known */
    lame[19] = 4; /* the usual threshold of hearing; not zero, see add_silence() */
    lame[20] = (uint8_t)(kbits > 255 ? 255 : kbits);
    lame[LAME_DELAYS] = (uint8_t)(delay >> 4);
    lame[LAME_DELAYS + 1] = (uint8_t)((delay & 15) << 4 | padding >> 8);
    lame[LAME_DELAYS + 2] = (uint8_t)padding;
    mpeg_put_word(lame + LAME_MUSIC_LENGTH, clamp_word(facts->bytes + (int64_t)tag_size));
    lame[LAME_MUSIC_CHECKSUM] = (uint8_t)(facts->music_checksum >> 8);
    lame[LAME_MUSIC_CHECKSUM + 1] = (uint8_t)facts->music_checksum;
}

void mp3_tag_write(const struct mp3_tag_facts *facts, struct buffer *out)
{
    struct mp3_header header = {0};
    if (!mp3_header_parse(facts->word, &header))
        return;
    uint8_t frame[MP3_FRAME_MAX] = {0};
    uint8_t *xing = frame + MPEG_HEADER_SIZE + header.side_size;
    uint8_t *lame = xing + XING_SIZE;
    mpeg_put_word(frame, facts->word);
    put_xing(facts, header.size, xing);
    put_lame(facts, header.size, lame);
    struct mp3_checksum checksum;
    mp3_checksum_init(&checksum);
    mp3_checksum_update(&checksum, frame, (size_t)(lame + LAME_CHECKSUM - frame));
    lame[LAME_CHECKSUM] = (uint8_t)(checksum.value >> 8);
    lame[LAME_CHECKSUM + 1] = (uint8_t)checksum.value;
    buffer_append(out, frame, header.size);
}

/* Table k gives what a byte does to the checksum after k more bytes, so that eight go at once. */
void mp3_checksum_init(struct mp3_checksum *checksum)
{
    checksum->value = 0;
    for (unsigned i = 0; i < 256; i++) {
        unsigned value = i;
        for (int bit = 0; bit < 8; bit++)
            value = value & 1 ? value >> 1 ^ 0xA001 : value >> 1;
        checksum->table[0][i] = (uint16_t)value;
    }
    for (unsigned k = 1; k < 8; k++)
        for (unsigned i = 0; i < 256; i++) {
            uint16_t before = checksum->table[k - 1][i];
            checksum->table[k][i] = (uint16_t)(before >> 8 ^ checksum->table[0][before & 255]);
        }
}

void mp3_checksum_update(struct mp3_checksum *checksum, const void *data, size_t size)
{
    const uint8_t *byte = data;
    const uint16_t(*table)[256] = (const uint16_t(*)[256])checksum->table;
    uint16_t value = checksum->value;
    for (; size >= 8; byte += 8, size -= 8)
        value = table[7][byte[0] ^ (value & 255)] ^ table[6][byte[1] ^ value >> 8] ^
                table[5][byte[2]] ^ table[4][byte[3]] ^ table[3][byte[4]] ^ table[2][byte[5]] ^
                table[1][byte[6]] ^ table[0][byte[7]];
    for (; size; byte++, size--)
        value = (uint16_t)(value >> 8 ^ table[0][*byte ^ (value & 255)]);
    checksum->value = value;
}
