/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include "base/memory.h"
#include "test.h"

static void test_take_char(void **state)
{
    static const struct {
        const char *text;
        uint32_t characters[5];
    } rows[] = {
        {"a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\xB5", {'a', 0xE9, 0x20AC, 0x1F3B5}},
        {"\xFF"
         "a",
         {0xFFFD, 'a'}},
        {"\xC3", {0xFFFD}},                                     /* truncated */
        {"\xC0\xAF", {0xFFFD, 0xFFFD}},                         /* overlong */
        {"\xED\xA0\x80", {0xFFFD, 0xFFFD, 0xFFFD}},             /* a surrogate */
        {"\xF4\x90\x80\x80", {0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD}}, /* past U+10FFFF */
        {"\x80x", {0xFFFD, 'x'}},
        {"", {0}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice rest = slice_of(rows[i].text);
        uint32_t character = 77;
        for (size_t n = 0; rows[i].characters[n]; n++) {
            assert_true(text_take_char(&rest, &character));
            assert_int_equal(character, rows[i].characters[n]);
        }
        assert_false(text_take_char(&rest, &character));
    }
}

static void test_append_char(void **state)
{
    static const struct {
        uint32_t character;
        const char *text;
    } rows[] = {
        {'a', "a"},
        {0xE9, "\xC3\xA9"},
        {0x20AC, "\xE2\x82\xAC"},
        {0x10FFFF, "\xF4\x8F\xBF\xBF"},
        {0xD800, "\xEF\xBF\xBD"},
        {0xDFFF, "\xEF\xBF\xBD"},
        {0x110000, "\xEF\xBF\xBD"},
        {UINT32_MAX, "\xEF\xBF\xBD"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer text = BUFFER_INIT(100);
        text_append_char(&text, rows[i].character);
        assert_string_equal(buffer_text(&text), rows[i].text);
        buffer_release(&text);
    }
}

static void test_repair(void **state)
{
    static const struct {
        const char *text, *repaired;
        bool valid;
    } rows[] = {
        {"", "", true},
        {"plain \xC3\xA4", "plain ä", true},
        {"caf\xE9", "café", false},                                /* Latin-1 */
        {"\x93quoted\x94 \x96 it\x92s", "“quoted” – it’s", false}, /* Windows-1252 */
        {"\x80 5", "€ 5", false},
        {"\xC3\xA9 and \xE9", "é and é", false},
        {"\xE2\x82", "â‚", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(text_is_utf8(slice_of(rows[i].text)), rows[i].valid);
        char *repaired = text_repair(slice_of(rows[i].text));
        assert_true(text_is_utf8(slice_of(repaired)));
        assert_owned(repaired, rows[i].repaired);
    }
    assert_owned(text_repair((struct slice){"a\0b", 3}), "a\xEF\xBF\xBD"
                                                         "b");
}

static void test_every_byte_can_be_repaired(void **state)
{
    (void)state;
    char bytes[256 * 2];
    for (int i = 0; i < 256; i++) {
        bytes[2 * i] = (char)i;
        bytes[2 * i + 1] = ' ';
    }
    char *repaired = text_repair((struct slice){bytes, sizeof bytes});
    assert_true(text_is_utf8(slice_of(repaired)));
    assert_int_equal(text_width(slice_of(repaired)) >= 256 + 96 + 96, 1);
    free(repaired);
}

static void test_one_line(void **state)
{
    static const struct {
        const char *text, *line;
    } rows[] = {
        {"", ""},
        {"a  b ", "a  b "},
        {"a\nb\tc\r\nd", "a b c  d"},
        {"\x1B[31mred\x7F", " [31mred "},
        {"\xC2\x9B"
         "2J \xC2\xA0\xC3\xA4\xE2\x82\xAC",
         " 2J \xC2\xA0\xC3\xA4\xE2\x82\xAC"},
        {"\xFF", "\xFF"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_owned(text_one_line(slice_of(rows[i].text)), rows[i].line);
}

static void test_collapse(void **state)
{
    static const struct {
        const char *text, *collapsed;
    } rows[] = {
        {"  a \t\r\n b  ", "a b"},
        {"", ""},
        {" \n ", ""},
        {"a\xC2\xA0\xC2\xA0"
         "b",
         "a b"}, /* no-break spaces */
        {"a\xE2\x80\xA8"
         "b\xE2\x80\xA9",
         "a b"}, /* line and paragraph separator */
        {"a\xC2\x85"
         "b",
         "a b"}, /* next line */
        {"a\xE3\x80\x80"
         "b",
         "a b"}, /* ideographic */
        {"one", "one"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_owned(text_collapse(slice_of(rows[i].text)), rows[i].collapsed);
    assert_owned(text_collapse((struct slice){"a\0b", 3}), "a b");
}

static void test_columns(void **state)
{
    static const struct {
        const char *text;
        size_t width, columns;
        const char *cut;
    } rows[] = {
        {"abc", 3, 2, "ab"},
        {"abc", 3, 3, "abc"},
        {"abc", 3, 0, ""},
        {"", 0, 5, ""},
        {"日本語", 6, 5, "日本"},
        {"日本語", 6, 1, ""},
        {"e\xCC\x81x", 2, 1, "e\xCC\x81"}, /* the mark belongs to its letter */
        {"🎵a", 3, 2, "🎵"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(text_width(slice_of(rows[i].text)), rows[i].width);
        assert_slice(text_cut_columns(slice_of(rows[i].text), rows[i].columns), rows[i].cut);
    }
}

static void test_cut_bytes(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        const char *cut;
    } rows[] = {
        {"abc", 2, "ab"}, {"abc", 3, "abc"},       {"abc", 99, "abc"}, {"äöü", 3, "ä"},
        {"äöü", 4, "äö"}, {"日本", 2, ""},         {"日本", 5, "日"},  {"🎵", 3, ""},
        {"", 0, ""},      {"\x80\x80\x80", 2, ""}, /* not UTF-8: at least no overrun */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_slice(text_cut_bytes(slice_of(rows[i].text), rows[i].size), rows[i].cut);
}

static void test_cut_characters(void **state)
{
    static const struct {
        const char *text;
        size_t count;
        const char *cut;
    } rows[] = {
        {"abc", 2, "ab"},  {"abc", 3, "abc"}, {"abc", 99, "abc"}, {"äöü", 2, "äö"},
        {"日本", 1, "日"}, {"abc", 0, ""},    {"", 1, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_slice(text_cut_characters(slice_of(rows[i].text), rows[i].count), rows[i].cut);
}

static void test_slug_and_fold(void **state)
{
    static const struct {
        const char *text, *slug, *fold;
    } rows[] = {
        {"Clip 1: Paul Dix", "clip-1-paul-dix", "clip 1 paul dix"},
        {"Why it doesn't work", "why-it-doesnt-work", "why it doesnt work"},
        {"Why it doesn’t work", "why-it-doesnt-work", "why it doesnt work"},
        {"C++ & Rust", "c-rust", "c rust"},
        {"Brüggen, Łódź & Ærø", "bruggen-lodz-aero", "bruggen lodz aero"},
        {"STRASSE / Straße", "strasse-strasse", "strasse strasse"},
        {"Søren Þór Đorđević œuvre ıI İ", "soren-thor-dordevic-oeuvre-ii-i",
         "soren thor dordevic oeuvre ii i"},
        {"e\xCC\x81t\xC3\xA9", "ete", "ete"}, /* both ways to write an accent */
        {"before — after – end", "before-after-end", "before after end"},
        {"--a__b..c--", "a-b-c", "a b c"},
        {"½ ① ﬁn №5 Ｆｕｌｌ", "1-2-1-fin-no5-full", "1 2 1 fin no5 full"},
        {"Подкаст: Ёлка и йод", "подкаст-ёлка-и-йод", "подкаст ёлка и йод"},
        {"ПОДКАСТ", "подкаст", "подкаст"},
        {"Άλφα ΣΊΣΥΦΟΣ", "άλφα-σίσυφοσ", "άλφα σίσυφοσ"},
        {"第一章：你好，世界", "第一章-你好-世界", "第一章 你好 世界"},
        {"がぎぐ バグ", "がぎぐ-バグ", "がぎぐ バグ"},
        {"한국어 팟캐스트", "한국어-팟캐스트", "한국어 팟캐스트"},
        {"हिन्दी पॉडकास्ट", "हिन्दी-पॉडकास्ट", "हिन्दी पॉडकास्ट"},
        {"مرحبا بالعالم، ٢٠٢٤", "مرحبا-بالعالم-٢٠٢٤", "مرحبا بالعالم ٢٠٢٤"},
        {"עִבְרִית", "עִבְרִית", "עִבְרִית"},
        {"🎙️ Episode 5️⃣ 👩‍💻", "episode-5", "episode 5"},
        {"🎵🎵", "", ""},
        {"", "", ""},
        {"!?", "", ""},
        {"../../etc/passwd", "etc-passwd", "etc passwd"},
        {"a\nb\tc", "a-b-c", "a b c"},
        {"caf\xE9", "cafe", "cafe"}, /* Latin-1 */
        {"soft\xC2\xADhyphen zero\xE2\x80\x8Bwidth", "softhyphen-zerowidth",
         "softhyphen zerowidth"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_owned(text_slug(slice_of(rows[i].text), 200), rows[i].slug);
        assert_owned(text_fold(slice_of(rows[i].text)), rows[i].fold);
        /* what is a slug already stays one */
        assert_owned(text_slug(slice_of(rows[i].slug), 200), rows[i].slug);
    }
    assert_owned(text_slug((struct slice){"a\0b", 3}, 200), "a-b");
    assert_owned(text_slug((struct slice){NULL, 0}, 200), "");
}

static void test_slug_is_cut_between_words(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        const char *slug;
    } rows[] = {
        {"one two three", 13, "one-two-three"},
        {"one two three", 12, "one-two"},
        {"one two three", 8, "one-two"}, /* not "one-two-" */
        {"one two three", 7, "one-two"},
        {"one two three", 6, "one"},
        {"one two three", 3, "one"},
        {"one two three", 2, "on"},
        {"one two three", 0, ""},
        {"a supercalifragilistic", 12, "a-supercalif"}, /* more is lost than won at the "a" */
        {"日本語日本語", 10, "日本語"},
        {"日本語日本語", 2, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_owned(text_slug(slice_of(rows[i].text), rows[i].size), rows[i].slug);
}

static void test_long_titles(void **state)
{
    static const char *const words[] = {"word ", "Łódź ", "日本", "🎵x", "हिन्दी"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        struct buffer title = BUFFER_INIT(BUFFER_UNBOUNDED);
        while (title.size < 300)
            buffer_append_text(&title, words[i]);
        for (size_t size = 0; size <= 300; size++) {
            char *slug = text_slug(buffer_slice(&title), size);
            size_t length = strlen(slug);
            assert_true(length <= size && text_is_utf8(slice_of(slug)));
            assert_true(size < 12 || length >= size / 2 - 2 || size > 240);
            assert_true(!length || (slug[0] != '-' && slug[length - 1] != '-'));
            free(slug);
        }
        buffer_release(&title);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_take_char),
        cmocka_unit_test(test_append_char),
        cmocka_unit_test(test_repair),
        cmocka_unit_test(test_every_byte_can_be_repaired),
        cmocka_unit_test(test_one_line),
        cmocka_unit_test(test_collapse),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_cut_bytes),
        cmocka_unit_test(test_cut_characters),
        cmocka_unit_test(test_slug_and_fold),
        cmocka_unit_test(test_slug_is_cut_between_words),
        cmocka_unit_test(test_long_titles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
