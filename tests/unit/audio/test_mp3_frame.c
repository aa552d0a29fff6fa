/* SPDX-License-Identifier: MIT */
#include "audio/mp3_frame.h"

#include "mp3_bytes.h"

static void test_headers(void **state)
{
    static const struct {
        uint32_t word;
        int rate, channels, bitrate, samples;
        size_t size, main;
    } rows[] = {
        {WORD_128, 44100, 2, 128000, 1152, 417, 36},
        {WORD_128_PADDED, 44100, 2, 128000, 1152, 418, 36},
        {0xFFFA9044, 44100, 2, 128000, 1152, 417, 38}, /* with a checksum */
        {0xFFFB90C4, 44100, 1, 128000, 1152, 417, 21},
        {0xFFFBE844, 32000, 2, 320000, 1152, 1440, 36},
        {0xFFFB1444, 48000, 2, 32000, 1152, 96, 36},
        {WORD_MPEG2, 22050, 2, 64000, 576, 208, 21},
        {0xFFF314C4, 24000, 1, 8000, 576, 24, 13},
        {0xFFE318C4, 8000, 1, 8000, 576, 72, 13},
        {0xFFE3E844, 8000, 2, 160000, 576, 1440, 21},
        {0xFFE39044, 11025, 2, 80000, 576, 522, 21},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct mp3_header header = {0};
        assert_true(mp3_header_parse(rows[i].word, &header));
        assert_int_equal(header.rate, rows[i].rate);
        assert_int_equal(header.channels, rows[i].channels);
        assert_int_equal(header.bitrate, rows[i].bitrate);
        assert_int_equal(header.samples, rows[i].samples);
        assert_int_equal(header.size, rows[i].size);
        assert_int_equal(mp3_main_offset(&header), rows[i].main);
        assert_int_equal(mpeg_frame_size(rows[i].word), rows[i].size);
    }
}

static void test_what_is_no_header(void **state)
{
    static const uint32_t words[] = {
        0,          0xFFFFFFFF, 0x7FFB9044, /* no sync */
        0xFFEB9044,                         /* reserved version */
        0xFFF99044,                         /* reserved layer: AAC in ADTS */
        0xFFFBF044,                         /* no bitrate */
        0xFFFB9C44,                         /* no sampling rate */
    };
    struct mp3_header header = {0};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        assert_false(mp3_header_parse(words[i], &header));
        assert_int_equal(mpeg_frame_size(words[i]), 0);
        assert_false(mpeg_is_free_format(words[i]));
    }
    assert_false(mp3_header_parse(WORD_LAYER_2, &header));
    assert_int_equal(mpeg_frame_size(WORD_LAYER_2), 522); /* 160 kbit/s */
    assert_int_equal(mpeg_frame_size(0xFFFF9044), 312);   /* layer I, 288 kbit/s */
    assert_false(mp3_header_parse(WORD_FREE, &header));
    assert_int_equal(mpeg_frame_size(WORD_FREE), 0);
    assert_true(mpeg_is_free_format(WORD_FREE));
}

/* No frame that a header can tell of is larger than we have room for, or smaller than its head. */
static void test_sizes_of_all_headers(void **state)
{
    (void)state;
    for (uint32_t low = 0; low < 1u << 20; low += 16) {
        struct mp3_header header = {0};
        if (!mp3_header_parse(0xFFE00000 | low << 1, &header))
            continue;
        assert_in_range(header.size, 24, MP3_FRAME_MAX);
        assert_true(header.size >= mp3_smallest_frame(&header));
        assert_true(header.rate > 0 && header.bitrate > 0);
    }
}

static void test_kinds(void **state)
{
    (void)state;
    assert_true(mpeg_same_stream(WORD_128, WORD_192));
    assert_true(mpeg_same_stream(WORD_128, 0xFFFA90C4));
    assert_false(mpeg_same_stream(WORD_128, WORD_128_48K));
    assert_false(mpeg_same_stream(WORD_128, WORD_MPEG2));
    assert_false(mpeg_same_stream(WORD_128, WORD_LAYER_2));
    assert_true(mp3_same_kind(WORD_128, 0xFFFAB274)); /* checksum, bitrate, padding, joint stereo */
    assert_false(mp3_same_kind(WORD_128, 0xFFFB9004)); /* plain stereo */
    assert_false(mp3_same_kind(WORD_128, 0xFFFB9040)); /* a copy */
}

static void test_headers_made(void **state)
{
    struct mp3_header header = {0};
    (void)state;
    assert_true(mp3_header_parse(mp3_header_for(0xFFFAB274, 36 + MP3_RESERVOIR_MAX, 0), &header));
    assert_int_equal(header.bitrate, 192000);
    assert_int_equal(header.size, 626);
    assert_false(header.protected);
    assert_true(mp3_same_kind(header.word, WORD_128));
    assert_true(mp3_header_parse(mp3_header_for(WORD_128, 0, 0), &header));
    assert_int_equal(header.bitrate, 32000);
    assert_true(mp3_header_parse(mp3_header_for(WORD_128, 100, 100000), &header));
    assert_int_equal(header.bitrate, 112000);
    assert_int_equal(mp3_header_for(WORD_128, 2000, 0), 0);
}

/* Where the fields that we read stand. */
static void test_side_information(void **state)
{
    /* ISO/IEC 11172-3 2.4.1.7: begin 0x155 of nine bits; lengths 1, 2, 3, 4 at bits 20 + 59 i. */
    uint8_t frame[64] = {0};
    struct mp3_header header = {0};
    struct mp3_side side = {0};
    (void)state;
    assert_true(mp3_header_parse(WORD_128, &header));
    frame[4] = 0xAA;
    frame[5] = 0x80;
    for (size_t i = 0; i < 4; i++) {
        size_t last = 20 + 59 * i + 11; /* the lowest bit of the length */
        for (size_t bit = 0; bit < 3; bit++)
            if ((i + 1) >> bit & 1)
                frame[4 + (last - bit) / 8] |= (uint8_t)(0x80 >> (last - bit) % 8);
    }
    mp3_side_parse(&header, frame, &side);
    assert_int_equal(side.main_data_begin, 0x155);
    assert_int_equal(side.main_data_bits, 10);

    /* MPEG-2, mono, with a checksum: begin of eight bits; one length at bit 9. */
    uint8_t small[16] = {0xFF, 0xF2, 0x80, 0xC4, 1, 2, 0xFE, 0x7F, 0xF8};
    assert_true(mp3_header_parse(mpeg_word(small), &header));
    mp3_side_parse(&header, small, &side);
    assert_int_equal(side.main_data_begin, 0xFE);
    assert_int_equal(side.main_data_bits, 0xFFF);
}

static void set_bits(uint8_t *data, size_t position, unsigned count, unsigned value)
{
    for (unsigned i = 0; i < count; i++, position++)
        if (value >> (count - 1 - i) & 1)
            data[position / 8] |= (uint8_t)(0x80 >> position % 8);
}

/* ISO/IEC 11172-3 2.4.1.7 and 13818-3 2.4.1.7: what no encoder writes, in each of the entries. */
static void test_unsound_side_information(void **state)
{
    static const struct {
        uint32_t word;
        size_t side, first, entry, count, window; /* in bits, but for `side` */
    } rows[] = {
        {WORD_128, 4, 20, 59, 4, 33},
        {WORD_128 | 3 << 6, 4, 18, 59, 2, 33},                /* mono */
        {WORD_128 & ~((uint32_t)1 << 16), 6, 20, 59, 4, 33},  /* with a checksum */
        {WORD_MPEG2 & ~((uint32_t)3 << 6), 4, 10, 63, 2, 38}, /* stereo */
        {WORD_MPEG2 | (uint32_t)3 << 6, 4, 9, 63, 1, 38},
    };
    (void)state;
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++)
        for (size_t i = 0; i < rows[row].count; i++) {
            struct mp3_header header = {0};
            uint8_t frame[40] = {0}, *side = frame + rows[row].side;
            size_t at = rows[row].first + i * rows[row].entry;
            assert_true(mp3_header_parse(rows[row].word, &header));
            set_bits(side, at + 12, 9, 288);
            set_bits(side, at + rows[row].window, 3, 6);
            assert_true(mp3_side_is_sound(&header, frame));
            set_bits(side, at + 12, 9, 289);
            assert_false(mp3_side_is_sound(&header, frame));
            for (size_t byte = rows[row].side; byte < sizeof frame; byte++)
                frame[byte] = 0;
            set_bits(side, at + rows[row].window, 3, 4);
            assert_false(mp3_side_is_sound(&header, frame));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_what_is_no_header),
        cmocka_unit_test(test_sizes_of_all_headers),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_headers_made),
        cmocka_unit_test(test_side_information),
        cmocka_unit_test(test_unsound_side_information),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
