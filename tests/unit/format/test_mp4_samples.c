/* SPDX-License-Identifier: MIT */
#include "format/mp4_samples.h"

#include "test.h"

/* Numbers of 32 bits, the highest byte first. */
static void append_all(struct buffer *out, const uint32_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        box_append_u32(out, numbers[i]);
}

#define APPEND(out, ...)                                                                           \
    append_all((out), (const uint32_t[]){__VA_ARGS__},                                             \
               sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

#define BOX(out, type, ...)                                                                        \
    do {                                                                                           \
        size_t place = box_begin((out), (type));                                                   \
        APPEND((out), __VA_ARGS__);                                                                \
        box_end((out), place);                                                                     \
    } while (0)

/* Ten samples of 100, 101, ... bytes; chunks of 3, 3, 2, 2 of them; 1024 units each, the last 500.
 */
static void append_tables(struct buffer *out)
{
    BOX(out, "stsd", 0, 1);
    BOX(out, "stts", 0, 2, 9, 1024, 1, 500);
    BOX(out, "stsc", 0, 2, 1, 3, 1, 3, 2, 1);
    BOX(out, "stsz", 0, 0, 10, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109);
    BOX(out, "stco", 0, 4, 1000, 2000, 3000, 4000);
}

static struct track track_of_tables(const struct buffer *stbl)
{
    return (struct track){.timescale = 44100, .samples = buffer_slice(stbl)};
}

static void test_all_in_order(void **state)
{
    static const int64_t offsets[] = {1000, 1100, 1201, 2000, 2103, 2207, 3000, 3106, 4000, 4108};
    struct buffer stbl = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct mp4_samples samples;
    struct mp4_cursor cursor;
    struct mp4_sample sample;
    (void)state;
    append_tables(&stbl);
    struct track track = track_of_tables(&stbl);
    assert_true(mp4_samples_read(&track, &samples));
    assert_int_equal(samples.count, 10);
    assert_int_equal(samples.time, 9 * 1024 + 500);
    assert_int_equal(mp4_samples_bytes(&samples), 1045);
    assert_true(mp4_samples_uneven(&samples) == MP4_TIME_MAX);
    mp4_cursor_seek(&samples, 0, &cursor);
    for (int i = 0; i < 10; i++) {
        assert_true(mp4_cursor_next(&cursor, &sample));
        assert_int_equal(sample.offset, offsets[i]);
        assert_int_equal(sample.size, 100 + i);
        assert_int_equal(sample.time, i * 1024);
        assert_int_equal(sample.duration, i == 9 ? 500 : 1024);
    }
    assert_false(mp4_cursor_next(&cursor, &sample));
    assert_false(mp4_cursor_next(&cursor, &sample));
    buffer_release(&stbl);
}

/* A cursor that was sought goes on as one that went there does. */
static void test_seek(void **state)
{
    struct buffer stbl = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct mp4_samples samples;
    (void)state;
    append_tables(&stbl);
    struct track track = track_of_tables(&stbl);
    assert_true(mp4_samples_read(&track, &samples));
    for (int64_t time = -5; time < 11 * 1024; time += time < 0 ? 5 : 64) {
        struct mp4_cursor walked, sought;
        struct mp4_sample a = {0}, b = {0};
        int64_t wanted = time < 0 ? 0 : time / 1024 < 9 ? time / 1024 : 9;
        mp4_cursor_seek(&samples, 0, &walked);
        for (int64_t i = 0; i < wanted; i++)
            assert_true(mp4_cursor_next(&walked, &a));
        mp4_cursor_seek(&samples, time, &sought);
        assert_int_equal(sought.next, wanted);
        while (mp4_cursor_next(&walked, &a)) {
            assert_true(mp4_cursor_next(&sought, &b));
            assert_int_equal(a.offset, b.offset);
            assert_int_equal(a.time, b.time);
            assert_int_equal(a.duration, b.duration);
        }
        assert_false(mp4_cursor_next(&sought, &b));
    }
    buffer_release(&stbl);
}

/* More samples are claimed than any file holds: no memory, no time. */
static void test_huge_claim(void **state)
{
    struct buffer stbl = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct mp4_samples samples;
    struct mp4_cursor cursor;
    struct mp4_sample sample;
    (void)state;
    BOX(&stbl, "stsd", 0, 1);
    BOX(&stbl, "stts", 0, 1, 0x80000000, 1024);
    BOX(&stbl, "stsc", 0, 1, 1, 0x80000000, 1);
    BOX(&stbl, "stsz", 0, 300, 0x80000000);
    BOX(&stbl, "stco", 0, 1, 48);
    struct track track = track_of_tables(&stbl);
    assert_true(mp4_samples_read(&track, &samples));
    assert_true(mp4_samples_bytes(&samples) == INT64_C(300) << 31);
    mp4_cursor_seek(&samples, MP4_TIME_MAX, &cursor);
    assert_true(mp4_cursor_next(&cursor, &sample));
    assert_true(sample.time == ((INT64_C(1) << 31) - 1) * 1024);
    assert_true(sample.offset == ((INT64_C(1) << 31) - 1) * 300 + 48);
    assert_false(mp4_cursor_next(&cursor, &sample));
    buffer_release(&stbl);
}

static void test_compact_sizes(void **state)
{
    static const struct {
        uint32_t bits, words[3], sizes[3];
    } rows[] = {
        {4, {0x12300000}, {1, 2, 3}},
        {8, {0x01fe0300}, {1, 254, 3}},
        {16, {0x0001fffe, 0x00030000}, {1, 65534, 3}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer stbl = BUFFER_INIT(BUFFER_UNBOUNDED);
        struct mp4_samples samples;
        struct mp4_cursor cursor;
        struct mp4_sample sample;
        BOX(&stbl, "stsd", 0, 1);
        BOX(&stbl, "stts", 0, 1, 3, 4096);
        BOX(&stbl, "stsc", 0, 1, 1, 3, 1);
        BOX(&stbl, "stz2", 0, rows[i].bits, 3, rows[i].words[0], rows[i].words[1]);
        BOX(&stbl, "co64", 0, 1, 1, 16);
        struct track track = track_of_tables(&stbl);
        assert_true(mp4_samples_read(&track, &samples));
        mp4_cursor_seek(&samples, 0, &cursor);
        for (int n = 0; n < 3; n++) {
            assert_true(mp4_cursor_next(&cursor, &sample));
            assert_int_equal(sample.size, rows[i].sizes[n]);
        }
        assert_true(sample.offset == (INT64_C(1) << 32) + 16 + rows[i].sizes[0] + rows[i].sizes[1]);
        buffer_release(&stbl);
    }
}

#define MAX_TABLE 8

/* Tables that are not, or not ours, to go by. */
static void test_refused(void **state)
{
    static const struct {
        const char *what;
        uint32_t stsd[2], stts[MAX_TABLE], stsc[MAX_TABLE], stsz[MAX_TABLE], stco[MAX_TABLE];
    } rows[] = {
        {"two descriptions", {0, 2}, {0, 1, 4, 9}, {0, 1, 1, 4, 1}, {0, 7, 4}, {0, 1, 50}},
        {"no durations", {0, 1}, {0, 0}, {0, 1, 1, 4, 1}, {0, 7, 4}, {0, 1, 50}},
        {"more runs than there are", {0, 1}, {0, 9, 4, 9}, {0, 1, 1, 4, 1}, {0, 7, 4}, {0, 1, 50}},
        {"a run of none", {0, 1}, {0, 2, 0, 9, 4, 9}, {0, 1, 1, 4, 1}, {0, 7, 4}, {0, 1, 50}},
        {"units of time", {0, 1}, {0, 1, 4, 1}, {0, 1, 1, 4, 1}, {0, 7, 4}, {0, 1, 50}},
        {"a negative duration", {0, 1}, {0, 1, 4, ~8U}, {0, 1, 1, 4, 1}, {0, 7, 4}, {0, 1, 50}},
        {"chunks from the second on", {0, 1}, {0, 1, 4, 9}, {0, 1, 2, 4, 1}, {0, 7, 4}, {0, 1, 50}},
        {"chunks from none on", {0, 1}, {0, 1, 4, 9}, {0, 1, 0, 4, 1}, {0, 7, 4}, {0, 1, 50}},
        {"empty chunks", {0, 1}, {0, 1, 4, 9}, {0, 1, 1, 0, 1}, {0, 7, 4}, {0, 1, 50}},
        {"another description", {0, 1}, {0, 1, 4, 9}, {0, 1, 1, 4, 2}, {0, 7, 4}, {0, 1, 50}},
        {"no chunks", {0, 1}, {0, 1, 4, 9}, {0, 1, 1, 4, 1}, {0, 7, 4}, {0, 0}},
        {"no samples", {0, 1}, {0, 1, 4, 9}, {0, 1, 1, 4, 1}, {0, 7, 0}, {0, 1, 50}},
        {"fewer sizes", {0, 1}, {0, 1, 9, 9}, {0, 1, 1, 9, 1}, {0, 0, 9, 1, 2}, {0, 1, 50}},
        {"large sizes", {0, 1}, {0, 1, 4, 9}, {0, 1, 1, 4, 1}, {0, ~0U, 4}, {0, 1, 50}},
        {"all at once", {0, 1}, {0, 1, ~0U, INT32_MAX}, {0, 1, 1, ~0U, 1}, {0, 7, ~0U}, {0, 1, 50}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer stbl = BUFFER_INIT(BUFFER_UNBOUNDED);
        struct mp4_samples samples = {.count = 77};
        size_t place = box_begin(&stbl, "stsd");
        append_all(&stbl, rows[i].stsd, 2);
        box_end(&stbl, place);
        const struct {
            const char *type;
            const uint32_t *numbers;
            size_t count;
        } tables[] = {{"stts", rows[i].stts, MAX_TABLE},
                      {"stsc", rows[i].stsc, MAX_TABLE},
                      {"stsz", rows[i].stsz, 5},
                      {"stco", rows[i].stco, 3}};
        for (size_t t = 0; t < 4; t++) {
            place = box_begin(&stbl, tables[t].type);
            append_all(&stbl, tables[t].numbers, tables[t].count);
            box_end(&stbl, place);
        }
        struct track track = track_of_tables(&stbl);
        if (mp4_samples_read(&track, &samples))
            fail_msg("%s", rows[i].what);
        assert_int_equal(samples.count, 77);
        buffer_release(&stbl);
    }
}

static void test_uneven(void **state)
{
    static const struct {
        uint32_t runs[6];
        int64_t uneven;
    } rows[] = {
        {{10, 1024, 1, 1, 1, 1}, MP4_TIME_MAX}, /* what follows the last sample does not count */
        {{9, 1024, 1, 1024, 1, 1}, MP4_TIME_MAX}, {{9, 1024, 1, 1025, 1, 1}, 9 * 1024},
        {{8, 1024, 1, 1000, 1, 1024}, 8 * 1024},  {{3, 1024, 4, 1025, 3, 1024}, 3 * 1024},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer stbl = BUFFER_INIT(BUFFER_UNBOUNDED);
        struct mp4_samples samples;
        const uint32_t *runs = rows[i].runs;
        BOX(&stbl, "stsd", 0, 1);
        BOX(&stbl, "stts", 0, 3, runs[0], runs[1], runs[2], runs[3], runs[4], runs[5]);
        BOX(&stbl, "stsc", 0, 1, 1, 10, 1);
        BOX(&stbl, "stsz", 0, 300, 10);
        BOX(&stbl, "stco", 0, 1, 48);
        struct track track = track_of_tables(&stbl);
        assert_true(mp4_samples_read(&track, &samples));
        assert_true(mp4_samples_uneven(&samples) == rows[i].uneven);
        buffer_release(&stbl);
    }
}

static void test_edits(void **state)
{
    static const struct {
        const char *what;
        uint32_t list[8];
        bool right;
        struct mp4_edit edit;
    } rows[] = {
        {"none", {0, 0}, true, {false, 0, MP4_TIME_MAX, 0}},
        {"one", {0, 1, 1000, 1024, 0x10000}, true, {true, 1024, 1024 + 44100, 0}},
        {"an empty one before", {0, 2, 500, ~0U, 1, 1000, 7, 1}, true, {true, 7, 7 + 44100, 22050}},
        {"two", {0, 2, 500, 0, 1, 1000, 7, 1}, false, {0}},
        {"only an empty one", {0, 1, 500, ~0U, 1}, false, {0}},
        {"of no length", {0, 1, 0, 1024, 1}, false, {0}},
        {"from before the beginning", {0, 1, 1000, ~1U, 1}, false, {0}},
        {"more than there are", {0, 3, 500, ~0U, 1, 1000, 7, 1}, false, {0}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer trak = BUFFER_INIT(BUFFER_UNBOUNDED);
        struct mp4_edit edit = {0};
        size_t outer = box_begin(&trak, "edts"), inner = box_begin(&trak, "elst");
        append_all(&trak, rows[i].list, 8);
        box_end(&trak, inner);
        box_end(&trak, outer);
        struct track track = {.timescale = 44100, .body = buffer_slice(&trak)};
        if (mp4_edit_read(&track, 1000, &edit) != rows[i].right)
            fail_msg("%s", rows[i].what);
        if (edit.is_there != rows[i].edit.is_there)
            fail_msg("%s", rows[i].what);
        assert_true(edit.start == rows[i].edit.start && edit.end == rows[i].edit.end);
        assert_true(edit.empty == rows[i].edit.empty);
        buffer_release(&trak);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_in_order), cmocka_unit_test(test_seek),
        cmocka_unit_test(test_huge_claim),   cmocka_unit_test(test_compact_sizes),
        cmocka_unit_test(test_refused),      cmocka_unit_test(test_uneven),
        cmocka_unit_test(test_edits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
