/* SPDX-License-Identifier: MIT */
#include "audio/mp3_index.h"

#include "audio/mp3_tail.h"
#include "mp3_bytes.h"

#define MADE(name) struct buffer name = BUFFER_INIT(BUFFER_UNBOUNDED)

/* An index of what was made, without ID3v2. */
struct fixture {
    struct source *source;
    struct mp3_index index;
};

static struct fixture open_fixture(struct source *source)
{
    struct fixture fixture = {.source = source};
    struct error err = ERROR_INIT;
    mp3_index_init(&fixture.index, source, 0, &err);
    assert_no_error(err);
    return fixture;
}

static void close_fixture(struct fixture *fixture)
{
    mp3_index_release(&fixture->index);
    source_destroy(fixture->source);
}

/* The offset of a frame; -1 where there is none. */
static int64_t place(struct mp3_index *index, int64_t number)
{
    struct mp3_walk walk;
    struct mp3_frame frame = {0};
    bool more = false;
    assert_true(mp3_index_seek(index, number, &walk, NULL));
    assert_true(mp3_walk_next(&walk, &frame, &more, NULL));
    if (!more)
        return -1;
    assert_int_equal(frame.number, number);
    return frame.offset;
}

/* All frames of a run of headers, one behind the other from `offset` on. */
static void assert_places(struct mp3_index *index, const struct buffer *mp3, int64_t offset,
                          int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        assert_int_equal(place(index, i), offset);
        offset += (int64_t)mpeg_frame_size(mpeg_word((const uint8_t *)mp3->data + offset));
    }
    assert_int_equal(place(index, count), -1);
}

static void test_constant_bitrate_is_computed(void **state)
{
    MADE(mp3);
    (void)state;
    add_constant(&mp3, 1000);
    put_tag(&mp3, 0, true, 1000, 576, 1000);
    int64_t first = (int64_t)mpeg_frame_size(mpeg_word((uint8_t *)mp3.data));
    struct fixture made = open_fixture(open_bytes(&mp3));
    assert_true(made.index.constant);
    assert_int_equal(made.index.walk.number, 0); /* nothing was counted */
    assert_int_equal(made.index.origin, 576 + MP3_DECODER_DELAY);
    assert_int_equal(mp3_index_samples(&made.index), 1000 * 1152 - 576 - 1000);
    assert_places(&made.index, &mp3, first, 1000);
    assert_int_equal(made.index.walk.number, 0);
    mp3_index_prove(&made.index);
    assert_places(&made.index, &mp3, first, 1000);
    assert_int_equal(made.index.walk.number, 1000);
    close_fixture(&made);
    buffer_release(&mp3);
}

static void test_variable_bitrate_is_counted_as_far_as_asked(void **state)
{
    MADE(mp3);
    (void)state;
    for (int i = 0; i < 500; i++)
        add_frame(&mp3, i % 3 ? WORD_128 : WORD_192);
    put_tag(&mp3, 0, false, 500, 1105, 0);
    int64_t first = (int64_t)mpeg_frame_size(mpeg_word((uint8_t *)mp3.data));
    struct fixture made = open_fixture(open_bytes(&mp3));
    assert_false(made.index.constant);
    assert_int_equal(made.index.frames, 500);
    assert_true(place(&made.index, 100) > 0);
    assert_int_equal(made.index.walk.number, 101);
    assert_places(&made.index, &mp3, first, 500);
    close_fixture(&made);
    buffer_release(&mp3);
}

static void test_without_a_tag_all_is_counted(void **state)
{
    MADE(mp3);
    (void)state;
    add_constant(&mp3, 300);
    struct fixture made = open_fixture(open_bytes(&mp3));
    assert_int_equal(made.index.frames, 300);
    assert_int_equal(made.index.origin, 0);
    assert_int_equal(mp3_index_samples(&made.index), 300 * 1152);
    assert_places(&made.index, &mp3, 0, 300);
    close_fixture(&made);
    buffer_release(&mp3);
}

/* A tag says that all is of one bitrate; it is not. */
static void test_pretended_constant_bitrate(void **state)
{
    MADE(mp3);
    (void)state;
    add_frames(&mp3, WORD_128_48K, 200);
    add_frames(&mp3, WORD_128_48K + 0x1000, 100);
    add_frames(&mp3, WORD_128_48K - 0x1000, 100); /* 160 and 112: the sum does not tell */
    put_tag(&mp3, 0, true, 400, 0, 0);
    int64_t first = (int64_t)mpeg_frame_size(mpeg_word((uint8_t *)mp3.data));
    struct fixture made = open_fixture(open_bytes(&mp3));
    assert_places(&made.index, &mp3, first, 400);
    assert_false(made.index.constant);
    close_fixture(&made);
    buffer_release(&mp3);
}

static void add_bytes(struct buffer *mp3, const void *data, size_t size)
{
    buffer_append(mp3, data, size);
}

static const uint8_t zeros[64], junk[64] = {'I', 'D', '3', 3};

/* What libavformat 5.1 plays of such files was heard; see tests/e2e/test_cut_mp3.py. */
static void test_what_stands_between_frames(void **state)
{
    (void)state;
    MADE(mp3);
    add_frames(&mp3, WORD_128, 10);
    add_bytes(&mp3, zeros, sizeof zeros); /* passed over */
    add_frames(&mp3, WORD_128, 10);
    add_bytes(&mp3, junk, sizeof junk); /* and with it the frame behind it */
    add_frames(&mp3, WORD_128, 10);
    struct fixture made = open_fixture(open_bytes(&mp3));
    assert_int_equal(made.index.frames, 29);
    assert_int_equal(place(&made.index, 9), 9 * 417);
    assert_int_equal(place(&made.index, 10), 10 * 417 + 64);
    assert_int_equal(place(&made.index, 20), 21 * 417 + 128);
    close_fixture(&made);
    buffer_release(&mp3);
}

/* Decoders drop it, players go on counting or do not. */
static void test_a_frame_that_no_decoder_plays_is_damage(void **state)
{
    MADE(mp3);
    (void)state;
    add_frames(&mp3, WORD_128, 10);
    size_t broken = mp3.size;
    add_frames(&mp3, WORD_128, 10);
    mp3.data[broken + 4 + (20 + 33) / 8] |=
        0x80 >> (20 + 33) % 8; /* a switched window, of type 0 */
    struct fixture made = open_fixture(open_bytes(&mp3));
    assert_int_equal(made.index.frames, 20);
    assert_int_equal(made.index.walk.odd_frame, 10);
    close_fixture(&made);
    buffer_release(&mp3);
}

static void test_one_odd_frame_is_damage_and_two_are_a_change(void **state)
{
    (void)state;
    for (int odd = 1; odd <= 2; odd++) {
        MADE(mp3);
        add_frames(&mp3, WORD_128, 10);
        add_frames(&mp3, WORD_128_48K, odd);
        add_frames(&mp3, WORD_128, 10);
        struct fixture made = open_fixture(open_bytes(&mp3));
        assert_int_equal(made.index.frames, odd == 1 ? 20 : 10);
        assert_int_equal(made.index.walk.odd_frame, odd == 1 ? 10 : INT64_MAX);
        assert_int_equal(made.index.walk.changed, odd == 2);
        assert_int_equal(mp3_index_samples(&made.index), odd == 1 ? 20 * 1152 : -1);
        close_fixture(&made);
        buffer_release(&mp3);
    }
}

static void test_truncated(void **state)
{
    MADE(mp3);
    (void)state;
    add_constant(&mp3, 100);
    put_tag(&mp3, 0, true, 100, 0, 576);
    buffer_truncate(&mp3, mp3.size - 1000);
    struct fixture made = open_fixture(open_bytes(&mp3));
    assert_int_equal(made.index.frames, 97);
    assert_true(made.index.walk.truncated);
    /* libavformat gives out what there is of the 98th. */
    assert_int_equal(mp3_index_samples(&made.index), 98 * 1152 - MP3_DECODER_DELAY);
    close_fixture(&made);
    buffer_release(&mp3);
}

/* The tag declares fewer frames than there are: what it trims lies in the middle. */
static void test_hole(void **state)
{
    MADE(mp3);
    (void)state;
    add_constant(&mp3, 100);
    put_tag(&mp3, 0, true, 100, 0, 1000);
    add_constant(&mp3, 5);
    struct fixture made = open_fixture(open_bytes(&mp3));
    struct mp3_index *index = &made.index;
    assert_int_equal(index->frames, 105);
    assert_int_equal(index->hole_start, 100 * 1152 - 1000 + MP3_DECODER_DELAY);
    assert_int_equal(index->hole_end, 100 * 1152);
    assert_int_equal(mp3_index_samples(index), 105 * 1152 - 1000);
    sample_index last = 100 * 1152 - 1000 - 1;
    assert_int_equal(mp3_raw_of_sample(index, last), last + 529);
    assert_int_equal(mp3_raw_of_sample(index, last + 1), 100 * 1152);
    assert_int_equal(mp3_sample_of_raw(index, 100 * 1152), last + 1);
    close_fixture(&made);
    buffer_release(&mp3);

    /* A file of far more bytes than declared is not trimmed at all. */
    MADE(longer);
    add_constant(&longer, 100);
    put_tag(&longer, 0, true, 100, 0, 1000);
    add_constant(&longer, 10);
    made = open_fixture(open_bytes(&longer));
    assert_int_equal(made.index.hole_start, INT64_MAX);
    assert_int_equal(mp3_index_samples(&made.index), 110 * 1152 - MP3_DECODER_DELAY);
    close_fixture(&made);
    buffer_release(&longer);
}

/* A tag is one only where it stands first; and it takes no memory to claim 2^31 frames. */
static void test_tags_that_are_not_believed(void **state)
{
    MADE(mp3);
    (void)state;
    add_constant(&mp3, 50);
    put_tag(&mp3, 0, true, INT32_MAX, 576, 0);
    struct fixture made = open_fixture(open_bytes(&mp3));
    assert_int_equal(made.index.frames, 50);
    assert_true(made.index.place_capacity < 100);
    close_fixture(&made);

    MADE(behind);
    add_bytes(&behind, junk, sizeof junk);
    buffer_append(&behind, mp3.data, mp3.size);
    made = open_fixture(open_bytes(&behind));
    assert_int_equal(made.index.origin, 0);
    assert_int_equal(made.index.frames, 51);
    close_fixture(&made);
    buffer_release(&behind);
    buffer_release(&mp3);
}

static void test_refused(void **state)
{
    static const struct {
        uint32_t word;
        const char *why;
    } rows[] = {
        {WORD_LAYER_2, "layer II, not III"},
        {WORD_FREE, "free format"},
        {0, "holds no MP3 frames"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        MADE(mp3);
        struct mp3_index index = {0};
        struct error err = ERROR_INIT;
        for (int k = 0; k < 5; k++) {
            uint8_t *frame = buffer_extend(&mp3, 522);
            mpeg_put_word(frame, rows[i].word);
        }
        struct source *source = open_bytes(&mp3);
        assert_false(mp3_index_init(&index, source, 0, &err));
        assert_error(err, rows[i].word ? ERROR_UNSUPPORTED : ERROR_INPUT, rows[i].why);
        mp3_index_release(&index);
        source_destroy(source);
        buffer_release(&mp3);
    }
}

/* Far away every byte costs: a place in the middle is found by a few blocks. */
static void test_frugal(void **state)
{
    (void)state;
    for (int tagged = 0; tagged < 2; tagged++) {
        MADE(mp3);
        add_constant(&mp3, 20000); /* 8 MB */
        if (tagged)
            put_tag(&mp3, 0, true, 20000, 576, 600);
        struct far_source *far = open_far(&mp3);
        struct fixture made = open_fixture(&far->source);
        assert_true(made.index.constant);
        assert_int_equal(made.index.frames, 20000);
        mp3_index_prove(&made.index); /* costs too much here */
        int64_t offset = place(&made.index, 12345);
        assert_int_equal(mpeg_word((uint8_t *)mp3.data + offset) | 0x200, WORD_128_PADDED);
        assert_in_range(far->read, 1, tagged ? 3 * 16384 : 6 * 16384);
        close_fixture(&made);
        buffer_release(&mp3);
    }
}

/* Each of the joined recordings is a little shorter than its bitrate says. */
static void test_joined(void **state)
{
    MADE(mp3);
    (void)state;
    for (int i = 0; i < 100; i++)
        add_constant(&mp3, 230);
    put_tag(&mp3, 0, true, 23000, 576, 600);
    struct fixture near = open_fixture(open_bytes(&mp3));
    mp3_index_prove(&near.index);
    struct far_source *far = open_far(&mp3);
    struct fixture made = open_fixture(&far->source);
    assert_true(made.index.constant);
    for (int number = 37; number < 23000; number += 1117)
        assert_int_equal(place(&made.index, number), place(&near.index, number));
    assert_true(made.index.constant);
    assert_int_equal(made.index.walk.number, 0);
    close_fixture(&made);
    close_fixture(&near);
    buffer_release(&mp3);
}

static void test_far_and_variable(void **state)
{
    MADE(mp3);
    (void)state;
    for (int i = 0; i < 5000; i++)
        add_frame(&mp3, i % 7 ? WORD_128 : WORD_192);
    struct far_source *far = open_far(&mp3);
    struct fixture made = open_fixture(&far->source);
    assert_false(made.index.constant);
    assert_int_equal(mp3_index_samples(&made.index), -1);
    assert_true(far->read < 8 * 16384);
    assert_places(&made.index, &mp3, 0, 5000);
    assert_int_equal(mp3_index_samples(&made.index), 5000 * 1152);
    close_fixture(&made);
    buffer_release(&mp3);
}

/* The tag says how many frames there are: a place near the end is counted from there. */
static void test_counted_from_the_end(void **state)
{
    enum { COUNT = 40000 };
    MADE(mp3);
    (void)state;
    for (int i = 0; i < COUNT; i++)
        add_frame(&mp3, i / 5000 % 2 ? WORD_128 : WORD_192); /* off by up to a megabyte */
    put_tag(&mp3, 0, false, COUNT, 576, 600);
    buffer_append(&mp3, "TAG", 3);
    assert_non_null(buffer_extend(&mp3, 125));
    struct fixture near = open_fixture(open_bytes(&mp3));
    static const int numbers[] = {39000, 30000, 39999, 25000, 24000, 1000, 12000, 40000, 41000};
    struct far_source *far = open_far(&mp3);
    struct fixture made = open_fixture(&far->source);
    assert_int_equal(made.index.frames, COUNT);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        assert_int_equal(place(&made.index, numbers[i]), place(&near.index, numbers[i]));
        if (i == 0)
            assert_in_range(far->read, 1, (COUNT - 39000) * 521 + 2 * 1024 * 1024 + 100000);
        if (i == 4)
            assert_int_equal(made.index.walk.number, 0);
    }
    close_fixture(&made);

    /* Where the end does not fit what is said, the beginning is what counts. */
    mp3.data[mp3.size - 128 - 1000 * 417 + 1] = 0;
    far = open_far(&mp3);
    made = open_fixture(&far->source);
    assert_int_equal(place(&made.index, 30000), place(&near.index, 30000));
    close_fixture(&made);
    close_fixture(&near);
    buffer_release(&mp3);
}

/* The frames before another have room for all that it may refer to. */
static void test_seek_before(void **state)
{
    static const uint32_t words[] = {WORD_128, 0xFFF314C4, 0xFFFB1444, 0xFFFBE044};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        MADE(mp3);
        struct mp3_walk walk;
        struct mp3_header header = {0};
        add_frames(&mp3, words[i], 200);
        struct fixture made = open_fixture(open_bytes(&mp3));
        assert_true(mp3_header_parse(words[i], &header));
        assert_true(mp3_index_seek_before(&made.index, 150, &walk, NULL));
        int64_t room = (150 - walk.number) * (int64_t)(header.size - mp3_main_offset(&header));
        assert_true(room >= MP3_RESERVOIR_MAX);
        assert_true(mp3_index_seek_before(&made.index, 0, &walk, NULL));
        assert_int_equal(walk.number, 0);
        close_fixture(&made);
        buffer_release(&mp3);
    }
}

static void test_tails(void **state)
{
    char id3v1[128] = "TAG", enhanced[227] = "TAG+", lyrics[] = "LYRICSBEGINxxx000014LYRICS200";
    char ape[32 + 40 + 32] = "APETAGEX", footer[] = "3DI\4\0\0\0\0\0\x0a";
    memcpy(ape + 72, "APETAGEX\xD0\x07\0\0\x48\0\0\0\1\0\0\0\0\0\0\x80", 24);
    const struct {
        const void *data[4];
        size_t size[4];
        size_t total;
    } rows[] = {
        {{id3v1}, {128}, 128},
        {{enhanced, id3v1}, {227, 128}, 355},
        {{ape}, {104}, 104},
        {{ape, lyrics, id3v1}, {104, sizeof lyrics - 1, 128}, 104 + sizeof lyrics - 1 + 128},
        {{zeros, footer}, {20, 10}, 30},
        {{zeros}, {64}, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        MADE(mp3);
        int64_t end = 0;
        add_frames(&mp3, WORD_128, 20);
        size_t sound = mp3.size;
        for (size_t k = 0; k < 4 && rows[i].data[k]; k++)
            add_bytes(&mp3, rows[i].data[k], rows[i].size[k]);
        struct source *source = open_bytes(&mp3);
        assert_true(mp3_tail_find(source, &end, NULL));
        assert_int_equal(end, mp3.size - rows[i].total);
        assert_true(rows[i].total == 0 || (size_t)end == sound);
        source_destroy(source);
        buffer_release(&mp3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant_bitrate_is_computed),
        cmocka_unit_test(test_variable_bitrate_is_counted_as_far_as_asked),
        cmocka_unit_test(test_without_a_tag_all_is_counted),
        cmocka_unit_test(test_pretended_constant_bitrate),
        cmocka_unit_test(test_what_stands_between_frames),
        cmocka_unit_test(test_a_frame_that_no_decoder_plays_is_damage),
        cmocka_unit_test(test_one_odd_frame_is_damage_and_two_are_a_change),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_hole),
        cmocka_unit_test(test_tags_that_are_not_believed),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_frugal),
        cmocka_unit_test(test_joined),
        cmocka_unit_test(test_far_and_variable),
        cmocka_unit_test(test_counted_from_the_end),
        cmocka_unit_test(test_seek_before),
        cmocka_unit_test(test_tails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
