/* SPDX-License-Identifier: MIT */
#include "audio/mp3_tag.h"

#include "mp3_bytes.h"

static struct mp3_tag parse(const void *data, size_t size)
{
    struct mp3_header header = {0};
    struct mp3_tag tag = {0};
    assert_true(mp3_header_parse(mpeg_word(data), &header));
    mp3_tag_parse(&header, data, size, &tag);
    return tag;
}

static struct mp3_tag_facts some_facts(uint32_t word)
{
    struct mp3_tag_facts facts = {
        .word = word,
        .constant = true,
        .bitrate = 128000,
        .frames = 2300,
        .bytes = 960000,
        .delay = 2926,
        .padding = 1679,
        .music_checksum = 0x1234,
    };
    for (int i = 0; i < MP3_TAG_STEPS; i++)
        facts.steps[i] = facts.bytes * i / MP3_TAG_STEPS;
    return facts;
}

static void test_a_written_tag_reads_back(void **state)
{
    static const uint32_t kinds[] = {WORD_128, 0xFFFB90C4, WORD_MPEG2, 0xFFE318C4, 0xFFFA9044};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct mp3_tag_facts facts = some_facts(mp3_tag_header(kinds[i], 0));
        struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
        mp3_tag_write(&facts, &out);
        assert_int_equal(out.size, mpeg_frame_size(facts.word));
        struct mp3_tag tag = parse(out.data, out.size);
        assert_int_equal(tag.kind, MP3_TAG_INFO);
        assert_int_equal(tag.frames, 2300);
        assert_int_equal(tag.bytes, 960000 + (int64_t)out.size);
        assert_true(tag.gapless);
        assert_int_equal(tag.delay, 2926);
        assert_int_equal(tag.padding, 1679);
        buffer_release(&out);
    }
}

/* The tag says of itself that it is whole: a checksum that runs over itself comes out as zero. */
static void test_a_written_tag_has_its_checksum(void **state)
{
    struct mp3_tag_facts facts = some_facts(mp3_tag_header(WORD_128, 128000));
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct mp3_checksum checksum;
    (void)state;
    mp3_tag_write(&facts, &out);
    assert_int_equal(out.size, 417);
    mp3_checksum_init(&checksum);
    mp3_checksum_update(&checksum, out.data, 190);
    assert_int_equal((uint8_t)out.data[190] << 8 | (uint8_t)out.data[191], checksum.value);
    assert_int_equal((uint8_t)out.data[188] << 8 | (uint8_t)out.data[189], 0x1234);
    assert_int_equal((uint8_t)out.data[52 + 50], (480000 + 417) * 256 / 960417);
    buffer_release(&out);
}

static void test_what_a_field_cannot_hold_is_cut(void **state)
{
    struct mp3_tag_facts facts = some_facts(mp3_tag_header(WORD_128, 0));
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    (void)state;
    facts.constant = false;
    facts.frames = INT64_C(1) << 40;
    facts.bytes = INT64_C(1) << 40;
    facts.delay = 5000;
    facts.padding = -1;
    mp3_tag_write(&facts, &out);
    struct mp3_tag tag = parse(out.data, out.size);
    assert_int_equal(tag.kind, MP3_TAG_XING);
    assert_int_equal(tag.frames, UINT32_MAX);
    assert_int_equal(tag.bytes, UINT32_MAX);
    assert_int_equal(tag.delay, 4095);
    assert_int_equal(tag.padding, 0);
    buffer_release(&out);
}

static void test_others_tags(void **state)
{
    uint8_t frame[417] = {0xFF, 0xFB, 0x90, 0x44};
    (void)state;
    assert_int_equal(parse(frame, sizeof frame).kind, MP3_TAG_NONE);

    memcpy(frame + 36, "VBRI\0\1\4\0\0\x64\0\1\2\3\0\0\1\2", 18);
    struct mp3_tag tag = parse(frame, sizeof frame);
    assert_int_equal(tag.kind, MP3_TAG_VBRI);
    assert_int_equal(tag.bytes, 0x10203);
    assert_int_equal(tag.frames, 0x102);
    assert_false(tag.gapless);

    /* Frames and nothing else, then a writer that libavformat believes or does not. */
    memset(frame + 36, 0, sizeof frame - 36);
    memcpy(frame + 36, "Xing\0\0\0\1\0\0\0\5GOGO1.000", 21);
    memcpy(frame + 48 + 21, "\x24\x00\x10", 3);
    tag = parse(frame, sizeof frame);
    assert_int_equal(tag.frames, 5);
    assert_int_equal(tag.bytes, 0);
    assert_true(mp3_tag_counts(&tag));
    assert_false(tag.gapless);
    memcpy(frame + 48, "Lavc", 4);
    tag = parse(frame, sizeof frame);
    assert_true(tag.gapless);
    assert_int_equal(tag.delay, 0x240);
    assert_int_equal(tag.padding, 0x10);

    memcpy(frame + 36, "Xing\0\0\0\0", 8);
    tag = parse(frame, sizeof frame);
    assert_int_equal(tag.kind, MP3_TAG_XING);
    assert_false(mp3_tag_counts(&tag));
}

static void test_a_tag_cut_short_says_less(void **state)
{
    struct mp3_tag_facts facts = some_facts(mp3_tag_header(WORD_128, 0));
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    (void)state;
    mp3_tag_write(&facts, &out);
    for (size_t size = MPEG_HEADER_SIZE; size < 36 + 16; size++)
        assert_int_not_equal(parse(out.data, size).bytes, 960000 + (int64_t)out.size);
    assert_false(parse(out.data, 100).gapless);
    buffer_release(&out);
}

/* CRC-16/ARC of "123456789" is 0xBB3D, whether its bytes come one by one or together. */
static void test_checksum(void **state)
{
    static const char text[] = "123456789";
    struct mp3_checksum checksum;
    (void)state;
    mp3_checksum_init(&checksum);
    mp3_checksum_update(&checksum, text, 9);
    assert_int_equal(checksum.value, 0xBB3D);
    mp3_checksum_init(&checksum);
    for (int i = 0; i < 9; i++)
        mp3_checksum_update(&checksum, text + i, 1);
    assert_int_equal(checksum.value, 0xBB3D);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_written_tag_reads_back),
        cmocka_unit_test(test_a_written_tag_has_its_checksum),
        cmocka_unit_test(test_what_a_field_cannot_hold_is_cut),
        cmocka_unit_test(test_others_tags),
        cmocka_unit_test(test_a_tag_cut_short_says_less),
        cmocka_unit_test(test_checksum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
