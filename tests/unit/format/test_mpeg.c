/* SPDX-License-Identifier: MIT */
#include "format/mpeg.h"

#include "test.h"

static void test_headers(void **state)
{
    static const struct {
        uint32_t word;
        int layer;
        bool lsf;
        int rate, channels, bitrate, samples;
        bool protected;
        size_t size, side;
    } rows[] = {
        {0xFFFB9044, 3, false, 44100, 2, 128000, 1152, false, 417, 32},
        {0xFFFB9244, 3, false, 44100, 2, 128000, 1152, false, 418, 32}, /* padded */
        {0xFFFA90C4, 3, false, 44100, 1, 128000, 1152, true, 417, 17},
        {0xFFF38044, 3, true, 22050, 2, 64000, 576, false, 208, 17},
        {0xFFE318C4, 3, true, 8000, 1, 8000, 576, false, 72, 9},
        {0xFFFD9044, 2, false, 44100, 2, 160000, 1152, false, 522, 32},
        {0xFFF5A4C4, 2, true, 24000, 1, 96000, 1152, false, 576, 9},
        {0xFFFF9044, 1, false, 44100, 2, 288000, 384, false, 312, 32},
        {0xFFFF9244, 1, false, 44100, 2, 288000, 384, false, 316, 32}, /* padded, by four bytes */
        {0xFFF71844, 1, true, 16000, 2, 32000, 384, false, 96, 17},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mpeg_header header = {0};
        assert_true(mpeg_header_parse(rows[i].word, &header));
        assert_int_equal(header.word, rows[i].word);
        assert_int_equal(header.layer, rows[i].layer);
        assert_int_equal(header.lsf, rows[i].lsf);
        assert_int_equal(header.rate, rows[i].rate);
        assert_int_equal(header.channels, rows[i].channels);
        assert_int_equal(header.bitrate, rows[i].bitrate);
        assert_int_equal(header.samples, rows[i].samples);
        assert_int_equal(header.protected, rows[i].protected);
        assert_int_equal(header.size, rows[i].size);
        assert_int_equal(mpeg_frame_size(rows[i].word), rows[i].size);
        assert_int_equal(mpeg_side_size(&header), rows[i].side);
        assert_false(mpeg_is_free_format(rows[i].word));
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
        0xFFFB0044,                         /* the free format */
    };
    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct mpeg_header header = {.size = 77};
        assert_false(mpeg_header_parse(words[i], &header));
        assert_int_equal(header.size, 77);
        assert_int_equal(mpeg_frame_size(words[i]), 0);
        assert_int_equal(mpeg_is_free_format(words[i]), words[i] == 0xFFFB0044);
    }
}

/* Whatever the word: a size that a header tells of can be walked on by, and all of it adds up. */
static void test_all_headers(void **state)
{
    (void)state;
    for (uint32_t low = 0; low < 1u << 20; low++) {
        uint32_t word = 0xFFE00000 | low << 1;
        struct mpeg_header header = {0};
        if (!mpeg_header_parse(word, &header))
            continue;
        assert_in_range(header.size, 24, 6913);
        assert_in_range(header.layer, 1, 3);
        assert_in_range(header.rate, 8000, 48000);
        assert_true(header.bitrate >= 8000 && header.samples >= 384);
        assert_true(mpeg_same_stream(word, word ^ MPEG_PADDED));
        assert_false(mpeg_same_stream(word, word ^ (uint32_t)1 << 19));
    }
}

static void test_words(void **state)
{
    uint8_t bytes[MPEG_HEADER_SIZE] = {0};
    (void)state;
    mpeg_put_word(bytes, 0xFFFB9044);
    assert_int_equal(bytes[0], 0xFF);
    assert_int_equal(bytes[3], 0x44);
    assert_int_equal(mpeg_word(bytes), 0xFFFB9044);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_what_is_no_header),
        cmocka_unit_test(test_all_headers),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
