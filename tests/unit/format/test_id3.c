/* SPDX-License-Identifier: MIT */
#include "format/id3.h"
#include "format/id3_chapters.h"

#include <stdio.h>

#include "test.h"

static void read_bytes(const void *data, size_t size, struct id3_tag *ret_tag)
{
    struct error err = ERROR_INIT;
    struct source *source = source_open_memory(data, size, "test.mp3");
    assert_true(id3_read(source, 0, ret_tag, &err));
    source_destroy(source);
}

#define BYTES(literal) "" literal, sizeof(literal) - 1

static void test_size(void **state)
{
    static const struct {
        const char *data;
        size_t size;
        int64_t expected;
    } rows[] = {
        {BYTES(""), 0},
        {BYTES("ID3\3\0\0\0\0\1"), 0},
        {BYTES("ID3\3\0\0\0\0\1\1"), 10 + 129},
        {BYTES("ID3\4\0\x10\0\0\0\1"), 10 + 1 + 10},
        {BYTES("ID3\3\0\0\0\0\x80\1"), 0},
        {BYTES("ID3\5\0\0\0\0\0\1"), 0},
        {BYTES("\xFF\xFB\x90\0\0\0\0\0\0\0"), 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(id3_size((const uint8_t *)rows[i].data, rows[i].size), rows[i].expected);
}

/* Frames of each kind of tag: the first frame's id and text. */
static void test_reads_every_kind(void **state)
{
    static const struct {
        const char *what, *data;
        size_t size, count;
        const char *id, *text;
    } rows[] = {
        {"none", BYTES("\xFF\xFB\x90\0"), 0, NULL, NULL},
        {"empty", BYTES("ID3\3\0\0\0\0\0\0"), 0, NULL, NULL},
        {"2.2", BYTES("ID3\2\0\0\0\0\0\x9TT2\0\0\3\0hi"), 1, "TT2", "hi"},
        {"2.3", BYTES("ID3\3\0\0\0\0\0\xDTIT2\0\0\0\3\0\0\0hi"), 1, "TIT2", "hi"},
        {"2.4 in UTF-8", BYTES("ID3\4\0\0\0\0\0\xDTIT2\0\0\0\3\0\0\3\xC3\xA4"), 1, "TIT2", "ä"},
        {"2.3 Latin-1", BYTES("ID3\3\0\0\0\0\0\xCTIT2\0\0\0\2\0\0\0\xE4"), 1, "TIT2", "ä"},
        {"UTF-16 with mark", BYTES("ID3\3\0\0\0\0\0\x11TIT2\0\0\0\7\0\0\1\xFF\xFEh\0\xE4\0"), 1,
         "TIT2", "hä"},
        {"UTF-16, a pair", BYTES("ID3\4\0\0\0\0\0\x0FTIT2\0\0\0\5\0\0\2\xD8\x3D\xDE\x0A"), 1,
         "TIT2", "😊"},
        {"unsynchronised 2.3", BYTES("ID3\3\0\x80\0\0\0\x10TIT2\0\0\0\5\0\0\1\xFF\x00\xFEh\0"), 1,
         "TIT2", "h"},
        {"unsynchronised 2.4, said once", BYTES("ID3\4\0\x80\0\0\0\xETIT2\0\0\0\4\0\0\0\xFF\x00h"),
         1, "TIT2", "ÿh"},
        {"extended header 2.3",
         BYTES("ID3\3\0\x40\0\0\0\x17\0\0\0\6\0\0\0\0\0\0TIT2\0\0\0\3\0\0\0hi"), 1, "TIT2", "hi"},
        {"extended header 2.4", BYTES("ID3\4\0\x40\0\0\0\x13\0\0\0\6\1\0TIT2\0\0\0\3\0\0\0hi"), 1,
         "TIT2", "hi"},
        {"length indicator", BYTES("ID3\4\0\0\0\0\0\x11TIT2\0\0\0\7\0\1\0\0\0\3\0hi"), 1, "TIT2",
         "hi"},
        {"padding", BYTES("ID3\3\0\0\0\0\0\x12TIT2\0\0\0\3\0\0\0hi\0\0\0\0\0"), 1, "TIT2", "hi"},
        {"id of three letters", BYTES("ID3\3\0\0\0\0\0\xDTT2\0\0\0\0\3\0\0\0hi"), 1, "TT2", "hi"},
        {"body cut off", BYTES("ID3\3\0\0\0\0\0\xDTIT2\0\0\0\4\0\0\0hi"), 0, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct id3_tag tag;
        read_bytes(rows[i].data, rows[i].size, &tag);
        if (tag.count != rows[i].count)
            fail_msg("%s: %zu frames", rows[i].what, tag.count);
        if (tag.count) {
            assert_string_equal(tag.frames[0].id, rows[i].id);
            assert_string_equal(id3_text(tag.arena, tag.version, &tag.frames[0]), rows[i].text);
        }
        id3_tag_release(&tag);
    }
}

static void test_a_tag_larger_than_the_file_is_an_error(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct source *source = source_open_memory(BYTES("ID3\3\0\0\0\0\1\0TIT2"), "a.mp3");
    struct id3_tag tag;
    assert_false(id3_read(source, 0, &tag, &err));
    assert_error(err, ERROR_INPUT, "a.mp3: the ID3 tag is said to be larger than the file");
    source_destroy(source);
}

/* A tag of two frames, the first of `size` bytes stored in the given way. */
static void make_tag(struct buffer *out, enum id3_version version, size_t size, bool synchsafe)
{
    struct id3_tag tag;
    id3_tag_init(&tag, version);
    char *body = mem_zalloc(size);
    memset(body, 'x', size);
    body[0] = 0;
    id3_add(&tag, "TIT2", (struct slice){body, size});
    id3_add_text(&tag, "TALB", "last");
    assert_true(id3_write(&tag, 0, out));
    for (int i = 0; i < 4; i++)
        out->data[14 + i] =
            (char)(synchsafe ? size >> (7 * (3 - i)) & 0x7F : size >> (8 * (3 - i)) & 0xFF);
    free(body);
    id3_tag_release(&tag);
}

static void test_sizes_in_the_other_versions_way(void **state)
{
    static const struct {
        enum id3_version version;
        size_t size;
        bool synchsafe, mistaken;
    } rows[] = {
        {ID3_V24, 100, false, false},   {ID3_V24, 200, true, false},
        {ID3_V24, 200, false, true},    {ID3_V24, 300, false, true},
        {ID3_V24, 70000, true, false},  {ID3_V24, 70000, false, true},
        {ID3_V23, 70000, false, false}, {ID3_V23, 300, true, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
        make_tag(&out, rows[i].version, rows[i].size, rows[i].synchsafe);
        struct id3_tag tag;
        read_bytes(out.data, out.size, &tag);
        assert_int_equal(tag.count, 2);
        assert_int_equal(tag.frames[0].body.size, rows[i].size);
        assert_int_equal(tag.frames[0].size_mistaken, rows[i].mistaken);
        assert_int_equal(tag.junk.size, 0);
        id3_tag_release(&tag);
        buffer_release(&out);
    }
}

/* What is not understood comes back as it was. */
static void test_keeps_every_byte(void **state)
{
    static const char bytes[] = "ID3\4\0\0\0\0\0\x40"
                                "TIT2\0\0\0\3\0\0\0hi"
                                "XYZW\0\0\0\4\x40\x02\xFF\0\xFE\1"
                                "TXXX\0\0\0\0\0\0"
                                "?junk 1 2 3?"
                                "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    (void)state;
    assert_int_equal(sizeof bytes - 1 - 10, 0x40 + 6);
    char *data = mem_copy(bytes, sizeof bytes - 1);
    data[9] = sizeof bytes - 1 - 10;
    struct id3_tag tag;
    read_bytes(data, sizeof bytes - 1, &tag);
    assert_int_equal(tag.count, 3);
    assert_slice(tag.junk, "?junk 1 2 3?");
    assert_int_equal(tag.padding, 21);
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    assert_true(id3_write(&tag, (size_t)tag.padding, &out));
    assert_int_equal(out.size, sizeof bytes - 1);
    assert_memory_equal(out.data, data, out.size);
    buffer_release(&out);
    id3_tag_release(&tag);
    free(data);
}

static void test_upgrade(void **state)
{
    (void)state;
    static const char old[] = "ID3\2\0\0\0\0\0\x1C"
                              "TT2\0\0\3\0hi"
                              "PIC\0\0\x0D\0PNG\3name\0\x89PNG";
    struct error err = ERROR_INIT;
    struct id3_tag tag;
    read_bytes(old, sizeof old - 1, &tag);
    assert_int_equal(tag.count, 2);
    assert_true(id3_upgrade(&tag, "a.mp3", &err));
    assert_int_equal(tag.version, ID3_V23);
    assert_string_equal(tag.frames[0].id, "TIT2");
    assert_string_equal(tag.frames[1].id, "APIC");
    assert_memory_equal(tag.frames[1].body.data, "\0image/png\0\3name\0\x89PN", 20);
    id3_tag_release(&tag);

    read_bytes(BYTES("ID3\2\0\0\0\0\0\x1B"
                     "PCS\0\0\4\0\0\0\0"
                     "TSA\0\0\2\0s"
                     "WFD\0\0\3\0fd"),
               &tag);
    assert_true(id3_upgrade(&tag, "a.mp3", &err));
    assert_int_equal(tag.count, 3);
    assert_string_equal(tag.frames[0].id, "PCST");
    assert_string_equal(tag.frames[1].id, "TSOA");
    assert_string_equal(tag.frames[2].id, "WFED");
    id3_tag_release(&tag);

    read_bytes(BYTES("ID3\2\0\0\0\0\0\x8"
                     "CRM\0\0\2xy"),
               &tag);
    assert_false(id3_upgrade(&tag, "a.mp3", &err));
    assert_error(err, ERROR_UNSUPPORTED, "CRM");
    id3_tag_release(&tag);
}

static const uint8_t png[] = {0x89, 'P', 'N', 'G', 0, 0xFF, 0xE0};

static void make_chapters(struct chapter_list *list, size_t count)
{
    const struct picture picture = {png, sizeof png, "image/png"};
    chapter_list_init(list);
    for (size_t i = 0; i < count; i++) {
        char title[400];
        snprintf(title, sizeof title, "Chapter %zu – ❤️ %0*d", i + 1, (int)(i % 300), 7);
        chapter_list_add(list, &(struct chapter){
                                   .start = (millis)i * 1500,
                                   .end = MILLIS_NONE,
                                   .title = title,
                                   .link = i % 2 ? "https://example.org/ä b" : NULL,
                                   .picture = i % 3 ? NULL : &picture,
                                   .hidden = i % 5 == 4,
                               });
    }
}

static void check_chapter(const struct chapter *read, const struct chapter *written)
{
    assert_int_equal(read->start, written->start);
    assert_string_equal(read->title, written->title);
    assert_int_equal(read->hidden, written->hidden);
    if (written->link)
        assert_string_equal(read->link, "https://example.org/%C3%A4%20b");
    else
        assert_null(read->link);
    assert_int_equal(!read->picture, !written->picture);
    if (read->picture) {
        assert_int_equal(read->picture->size, sizeof png);
        assert_memory_equal(read->picture->data, png, sizeof png);
        assert_string_equal(read->picture->type, "image/png");
    }
}

static void round_trip(enum id3_version version, size_t count)
{
    struct chapter_list list, read;
    struct id3_tag tag;
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    make_chapters(&list, count);
    id3_tag_init(&tag, version);
    id3_add_text(&tag, "TIT2", "Episode");
    id3_set_chapters(&tag, &list, (millis)count * 1500);
    id3_set_chapters(&tag, &list, (millis)count * 1500); /* replaces */
    assert_true(id3_write(&tag, 100, &out));
    id3_tag_release(&tag);

    read_bytes(out.data, out.size, &tag);
    chapter_list_init(&read);
    struct id3_chapter_facts facts;
    id3_read_chapters(&tag, &read, &facts);
    assert_int_equal(facts.chapters, count);
    assert_int_equal(facts.damaged + facts.dangling + facts.mistaken + facts.long_ids, 0);
    assert_false(facts.miscounted);
    assert_true(facts.top_level);
    assert_int_equal(facts.unlisted, count / 5);
    for (size_t i = 0; i < count; i++) {
        check_chapter(&read.items[i], &list.items[i]);
        assert_int_equal(read.items[i].end, (i + 1) * 1500);
    }
    chapter_list_release(&read);
    chapter_list_release(&list);
    id3_tag_release(&tag);
    buffer_release(&out);
}

static void test_chapters_come_back(void **state)
{
    (void)state;
    static const size_t counts[] = {1, 2, 20, 255, 400, 2000};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        round_trip(ID3_V23, counts[i]);
        round_trip(ID3_V24, counts[i]);
    }
}

static void test_an_empty_list_strips(void **state)
{
    (void)state;
    struct chapter_list list;
    struct id3_tag tag;
    make_chapters(&list, 3);
    id3_tag_init(&tag, ID3_V23);
    id3_add_text(&tag, "TIT2", "Episode");
    id3_set_chapters(&tag, &list, 4500);
    list.count = 0;
    id3_set_chapters(&tag, &list, 4500);
    assert_int_equal(tag.count, 1);
    chapter_list_release(&list);
    id3_tag_release(&tag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_reads_every_kind),
        cmocka_unit_test(test_a_tag_larger_than_the_file_is_an_error),
        cmocka_unit_test(test_sizes_in_the_other_versions_way),
        cmocka_unit_test(test_keeps_every_byte),
        cmocka_unit_test(test_upgrade),
        cmocka_unit_test(test_chapters_come_back),
        cmocka_unit_test(test_an_empty_list_strips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
