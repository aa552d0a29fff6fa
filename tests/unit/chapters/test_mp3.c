/* SPDX-License-Identifier: MIT */
#include "chapters/chapters.h"
#include "format/id3_chapters.h"

#include "files.h"

#define FRAME_SIZE 417 /* MPEG-1 layer III, 128 kbit/s, 44.1 kHz */
#define FRAMES     200
#define DURATION   5212 /* by arithmetic: 200 frames of 417 bytes at 16000 bytes a second */

/* Constant bitrate, with an APE tag and an ID3v1 tag behind. */
static void append_audio(struct buffer *out)
{
    for (int i = 0; i < FRAMES; i++) {
        uint8_t *frame = buffer_extend(out, FRAME_SIZE);
        memcpy(frame, "\xFF\xFB\x90\x00", 4);
        frame[100] = (uint8_t)i;
    }
    uint8_t *ape = buffer_extend(out, 64);
    memcpy(ape, "APETAGEX", 8);
    memcpy(ape + 32, "APETAGEX", 8);
    ape[44] = 32;
    ape[32 + 23] = 0x80;
    memcpy(buffer_extend(out, 128), "TAGold title", 12);
}

static void make_file(struct buffer *out, int id3_version, size_t padding)
{
    struct id3_tag tag;
    if (id3_version) {
        id3_tag_init(&tag, (enum id3_version)id3_version);
        id3_add_text(&tag, "TIT2", "Episode");
        id3_add(&tag, "PRIV", SLICE("x\0\xFF\xE0\0"));
        assert_true(id3_write(&tag, padding, out));
        id3_tag_release(&tag);
    }
    append_audio(out);
}

static void add_chapters(struct chapter_list *list, size_t count)
{
    chapter_list_init(list);
    for (size_t i = count; i-- > 0;) /* backwards: the writer sorts */
        chapter_list_add(
            list,
            &(struct chapter){.start = (millis)i * 100, .end = MILLIS_NONE, .title = "Kapitel ä"});
}

static enum chapters_way write_chapters(const char *path, size_t count)
{
    struct error err = ERROR_INIT;
    struct chapter_list list;
    add_chapters(&list, count);
    enum chapters_way way = CHAPTERS_UNCHANGED;
    assert_true(chapters_write(path, &list, NULL, NULL, &way, &err));
    assert_no_error(err);
    chapter_list_release(&list);
    return way;
}

static void assert_chapters(const char *path, size_t count)
{
    struct error err = ERROR_INIT;
    struct chapters read;
    struct source *source = source_open_file(path, &err);
    assert_true(chapters_read(source, &read, &err));
    assert_string_equal(read.container, "mp3");
    assert_int_equal(read.list.count, count);
    assert_true(llabs(read.duration - DURATION) <= 25);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(read.list.items[i].start, i * 100);
        assert_int_equal(read.list.items[i].end,
                         i + 1 < count ? (millis)(i + 1) * 100 : read.duration);
        assert_string_equal(read.list.items[i].title, "Kapitel ä");
    }
    assert_int_equal(read.finding_count, count ? 0 : 1);
    chapters_release(&read);
    source_destroy(source);
}

/* The file's audio and what is behind it are those that were there, and so are the other frames. */
static void assert_rest(const char *path, bool tagged)
{
    struct error err = ERROR_INIT;
    struct buffer bytes = file_bytes(path), audio = BUFFER_INIT(BUFFER_UNBOUNDED);
    append_audio(&audio);
    assert_true(bytes.size >= audio.size);
    assert_memory_equal(bytes.data + bytes.size - audio.size, audio.data, audio.size);
    struct source *source = source_open_file(path, &err);
    struct id3_tag tag;
    assert_true(id3_read(source, 0, &tag, &err));
    assert_int_equal(tag.file_size, bytes.size - audio.size);
    if (tagged) {
        assert_string_equal(tag.frames[0].id, "TIT2");
        assert_string_equal(id3_text(tag.arena, tag.version, &tag.frames[0]), "Episode");
        assert_string_equal(tag.frames[1].id, "PRIV");
        assert_int_equal(tag.frames[1].body.size, 5);
        assert_memory_equal(tag.frames[1].body.data, "x\0\xFF\xE0\0", 5);
    }
    id3_tag_release(&tag);
    source_destroy(source);
    buffer_release(&bytes);
    buffer_release(&audio);
}

static void test_every_kind_of_tag(void **state)
{
    static const struct {
        int version;
        size_t padding;
    } rows[] = {{0, 0}, {3, 0}, {3, 5}, {3, 9000}, {4, 0}, {4, 2000}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
        make_file(&bytes, rows[i].version, rows[i].padding);
        char *path = new_file("a.mp3", bytes.data, bytes.size);
        assert_chapters(path, 0);
        static const size_t counts[] = {20, 1, 30, 0, 20};
        for (size_t k = 0; k < COUNT_OF(counts); k++) {
            enum chapters_way way = write_chapters(path, counts[k]);
            assert_int_not_equal(way, CHAPTERS_UNCHANGED);
            assert_chapters(path, counts[k]);
            assert_rest(path, rows[i].version);
        }
        assert_int_equal(write_chapters(path, 20), CHAPTERS_UNCHANGED);
        drop_file(path);
        buffer_release(&bytes);
    }
}

static void test_stripping_what_has_none_changes_nothing(void **state)
{
    (void)state;
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    make_file(&bytes, 3, 100);
    char *path = new_file("a.mp3", bytes.data, bytes.size);
    assert_int_equal(write_chapters(path, 0), CHAPTERS_UNCHANGED);
    assert_file(path, bytes.data, bytes.size);
    drop_file(path);
    buffer_release(&bytes);

    /* Written anew, these would be without unsynchronisation, and of version 2.3. */
    static const struct slice tags[] = {
        {"ID3\3\0\x80\0\0\0\xETIT2\0\0\0\3\0\0\0\xFF\0h", 24},
        {"ID3\2\0\0\0\0\0\x9TT2\0\0\3\0hi", 19},
        {"ID3\2\0\0\0\0\0\x8"
         "CRM\0\0\2xy",
         18},
    };
    for (size_t i = 0; i < COUNT_OF(tags); i++) {
        bytes = (struct buffer)BUFFER_INIT(BUFFER_UNBOUNDED);
        buffer_append_slice(&bytes, tags[i]);
        append_audio(&bytes);
        path = new_file("a.mp3", bytes.data, bytes.size);
        assert_int_equal(write_chapters(path, 0), CHAPTERS_UNCHANGED);
        assert_file(path, bytes.data, bytes.size);
        drop_file(path);
        buffer_release(&bytes);
    }
}

static void test_findings(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct id3_tag tag;
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    id3_tag_init(&tag, ID3_V23);
    id3_add(&tag, "CHAP", SLICE("b\0\0\0\x13\x88\0\0\x13\x88\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"));
    id3_add(&tag, "CHAP",
            SLICE("a\0\0\0\3\xE8\0\0\1\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                  "TIT2\0\0\0\3\0\0\0\xC3\xA4"));
    id3_add(&tag, "CHAP", SLICE("c\0\0\1\x13\x88\0\1\x13\x88\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"));
    assert_true(id3_write(&tag, 0, &bytes));
    append_audio(&bytes);
    struct source *source = source_open_memory(bytes.data, bytes.size, "a.mp3");
    struct chapters read;
    assert_true(chapters_read(source, &read, &err));
    static const char *const expected[] = {
        "there is no table of contents",
        "1 titles are stored as Latin-1",
        "the first chapter starts at 0:01",
        "chapter 1 has no title",
        "chapter 2, 'Ã¤', starts at 0:01, earlier",
        "and ends before it, at 0:00.256",
        "chapter 3 starts at 1:10.536, but the recording ends",
        "chapter 3 has no title",
    };
    assert_int_equal(read.finding_count, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        if (!strstr(read.findings[i].message, expected[i]))
            fail_msg("'%s' does not say '%s'", read.findings[i].message, expected[i]);
    assert_int_equal(read.list.items[0].start, 1000);
    chapters_release(&read);
    source_destroy(source);
    id3_tag_release(&tag);
    buffer_release(&bytes);
}

/* What is found in a file of this tag and little audio; "" for nothing. */
static void assert_finding(struct id3_tag *tag, enum finding_level level, const char *expected)
{
    struct error err = ERROR_INIT;
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    assert_true(id3_write(tag, 0, &bytes));
    append_audio(&bytes);
    struct source *source = source_open_memory(bytes.data, bytes.size, "a.mp3");
    struct chapters read;
    assert_true(chapters_read(source, &read, &err));
    bool found = !*expected && !read.finding_count;
    for (size_t i = 0; i < read.finding_count; i++)
        found = found || (*expected && read.findings[i].level == level &&
                          strstr(read.findings[i].message, expected));
    if (!found)
        fail_msg("nothing is said about '%s'", expected);
    chapters_release(&read);
    source_destroy(source);
    id3_tag_release(tag);
    buffer_release(&bytes);
}

/* A chapter "a" with this title, and a table of these bytes. */
static void check_table(struct slice title, struct slice table, enum finding_level level,
                        const char *expected)
{
    struct id3_tag tag;
    struct buffer body = BUFFER_INIT(BUFFER_UNBOUNDED);
    id3_tag_init(&tag, ID3_V23);
    buffer_append(&body, "a\0\0\0\0\0\0\0\1\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 18);
    buffer_append(&body, "TIT2\0\0\0", 7);
    buffer_append_byte(&body, (char)title.size);
    buffer_append(&body, "\0\0", 2);
    buffer_append_slice(&body, title);
    id3_add(&tag, "CTOC", table);
    id3_add(&tag, "CHAP", buffer_slice(&body));
    assert_finding(&tag, level, expected);
    buffer_release(&body);
}

static void test_tables_and_titles_that_show_nothing(void **state)
{
    const struct slice title = {"\0A", 2};
    (void)state;
    check_table(title, SLICE("toc\0\3\1a\0"), FINDING_ERROR, "");
    check_table(title, SLICE("toc\0\3\0"), FINDING_ERROR, "lists none of the chapters");
    check_table(title, SLICE("toc\0\3\1b\0"), FINDING_ERROR, "lists none of the chapters");
    check_table(SLICE("\0 \t"), SLICE("toc\0\3\1a\0"), FINDING_ERROR, "chapter 1 has no title");
}

static void test_titles_that_are_not_latin1(void **state)
{
    static const struct {
        struct slice body;
        const char *expected;
    } rows[] = {
        {{"\0Caf\xE9", 5}, ""},
        {{"\0Caf\xC3\xA9", 6}, "but hold UTF-8"},
        {{"\0\x93quoted\x94", 9}, "bytes that it has no signs for"},
        {{"\3Caf\xC3\xA9", 6}, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct id3_tag tag;
        struct buffer body = BUFFER_INIT(BUFFER_UNBOUNDED);
        id3_tag_init(&tag, ID3_V23);
        buffer_append(&body, "a\0\0\0\0\0\0\0\1\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 18);
        id3_append_frame(&body, ID3_V23, "TIT2", rows[i].body);
        id3_add(&tag, "CTOC", SLICE("toc\0\3\1a\0"));
        id3_add(&tag, "CHAP", buffer_slice(&body));
        assert_finding(&tag, FINDING_ERROR, rows[i].expected);
        buffer_release(&body);
    }
}

static void test_more_chapters_than_a_table_holds(void **state)
{
    static const struct {
        size_t count;
        const char *expected;
    } rows[] = {{255, ""}, {256, "there are 256 chapters, over 255"}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct id3_tag tag;
        struct chapter_list list;
        chapter_list_init(&list);
        id3_tag_init(&tag, ID3_V23);
        for (size_t k = 0; k < rows[i].count; k++)
            chapter_list_add(
                &list, &(struct chapter){.start = (millis)k, .end = MILLIS_NONE, .title = "t"});
        id3_set_chapters(&tag, &list, 1000);
        assert_finding(&tag, FINDING_WARNING, rows[i].expected);
        chapter_list_release(&list);
    }
}

static void add(struct chapter_list *list, millis start, millis end, const char *title)
{
    chapter_list_add(list, &(struct chapter){.start = start, .end = end, .title = title});
}

static void assert_times(const struct chapter_list *list, const char *expected)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    for (size_t i = 0; i < list->count; i++) {
        buffer_append_format(&out, "%s%s %lld", i ? ", " : "", list->items[i].title,
                             (long long)list->items[i].start);
        if (list->items[i].end != MILLIS_NONE)
            buffer_append_format(&out, "-%lld", (long long)list->items[i].end);
    }
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

/* Of a (0-2000), b (2000-), c (5000-6000), and of two that start at 0. */
static void test_shift(void **state)
{
    static const struct {
        millis from, by;
        const char *expected, *twins;
    } rows[] = {
        {0, 1500, "a 1500-3500, b 3500, c 6500-7500", "A 1500, B 1500, C 6500"},
        {2000, 1500, "a 0-3500, b 3500, c 6500-7500", "A 0, B 0, C 6500"},
        {2001, 1500, "a 0-2000, b 2000, c 6500-7500", "A 0, B 0, C 6500"},
        {5000, 1500, "a 0-2000, b 2000, c 6500-7500", "A 0, B 0, C 6500"},
        {6000, 1500, "a 0-2000, b 2000, c 5000-6000", "A 0, B 0, C 5000"},
        {2000, -500, "a 0-1500, b 1500, c 4500-5500", "A 0, B 0, C 4500"},
        {0, -2000, "b 0, c 3000-4000", "A 0, B 0, C 3000"},
        {0, -4000, "b 0, c 1000-2000", "A 0, B 0, C 1000"},
        {0, -7000, "c 0-0", "C 0"},
        {5000, -7000, "a 0-2000, c 0-0, b 2000", "A 0, B 0, C 0"},
        {2000, -5000, "a 0-0, c 0-1000", "A 0, B 0, C 0"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct chapter_list list, twins;
        chapter_list_init(&list);
        add(&list, 5000, 6000, "c");
        add(&list, 0, 2000, "a");
        add(&list, 2000, MILLIS_NONE, "b");
        chapters_shift(&list, rows[i].from, rows[i].by);
        assert_times(&list, rows[i].expected);
        chapter_list_release(&list);
        chapter_list_init(&twins);
        add(&twins, 0, MILLIS_NONE, "A");
        add(&twins, 0, MILLIS_NONE, "B");
        add(&twins, 5000, MILLIS_NONE, "C");
        chapters_shift(&twins, rows[i].from, rows[i].by);
        assert_times(&twins, rows[i].twins);
        chapter_list_release(&twins);
    }
}

static void test_merge(void **state)
{
    (void)state;
    struct chapter_list list, other;
    chapter_list_init(&list);
    chapter_list_init(&other);
    add(&list, 0, 5000, "a");
    add(&list, 5000, 7000, "c");
    add(&list, 7000, 9000, "d");
    add(&list, 9000, 9500, "e");
    add(&other, 5000, MILLIS_NONE, "C");
    add(&other, 2000, 3000, "b");
    add(&other, 8999, MILLIS_NONE, "D");
    chapters_merge(&list, &other);
    assert_times(&list, "a 0, b 2000-3000, C 5000, d 7000, D 8999, e 9000-9500");
    chapter_list_release(&list);
    chapter_list_release(&other);
}

static void test_what_holds_no_chapters(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "x", "<html>", "no audio at all, but text"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct error err = ERROR_INIT;
        struct source *source = source_open_memory(texts[i], strlen(texts[i]), "a.txt");
        struct chapters read;
        assert_false(chapters_read(source, &read, &err));
        assert_error(err, ERROR_UNSUPPORTED, "a.txt: is no audio file");
        source_destroy(source);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_of_tag),
        cmocka_unit_test(test_stripping_what_has_none_changes_nothing),
        cmocka_unit_test(test_findings),
        cmocka_unit_test(test_tables_and_titles_that_show_nothing),
        cmocka_unit_test(test_titles_that_are_not_latin1),
        cmocka_unit_test(test_more_chapters_than_a_table_holds),
        cmocka_unit_test(test_shift),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_what_holds_no_chapters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
