/* SPDX-License-Identifier: MIT */
#include "format/yaml.h"

#include "base/buffer.h"
#include "test.h"

static const struct value *read_text(struct arena *arena, const char *text)
{
    struct error err = ERROR_INIT;
    const struct value *value = yaml_read(arena, slice_of(text), 1, "x.md", &err);
    assert_no_error(err);
    assert_non_null(value);
    return value;
}

static const char *text_at(const struct value *value, const char *key)
{
    return value_text(value_get(value, key));
}

static void test_front_matter(void **state)
{
    static const char text[] = "title: \"Paul: the start\"\n" /* 2 */
                               "date: 2024-05-01 10:00:00\n"
                               "draft: false\n"
                               "cover: ~\n"
                               "none:\n"
                               "episode: 012\n"
                               "start: 12:34\n"
                               "tags: [a, 'b']\n" /* 9 */
                               "enclosure:\n"
                               "  url: https://a.example/x.mp3 # comment\n" /* 11 */
                               "  size: 1_000\n"
                               "chapters:\n"
                               "- at: 0:00\n" /* 14 */
                               "  title: |\n"
                               "    Two\n"
                               "    lines\n"
                               "- at: 1:30\n" /* 18 */
                               "  title: >-\n"
                               "    one\n"
                               "    line\n"
                               "yes: no\n";
    struct arena *arena = arena_create();
    struct error err = ERROR_INIT;
    const struct value *all = yaml_read(arena, slice_of(text), 2, "x.md", &err);
    const struct value *chapters = value_get(all, "chapters");
    (void)state;
    assert_no_error(err);
    assert_string_equal(text_at(all, "title"), "Paul: the start");
    assert_string_equal(text_at(all, "date"), "2024-05-01 10:00:00");
    assert_true(value_is(value_get(all, "draft"), VALUE_BOOL));
    assert_true(value_is(value_get(all, "cover"), VALUE_NULL));
    assert_true(value_is(value_get(all, "none"), VALUE_NULL));
    assert_string_equal(text_at(all, "episode"), "012");
    assert_string_equal(text_at(all, "start"), "12:34");
    assert_string_equal(text_at(all, "yes"), "no");
    assert_int_equal(value_count(value_get(all, "tags")), 2);
    assert_int_equal(value_get(all, "tags")->line, 9);
    assert_string_equal(text_at(value_get(all, "enclosure"), "url"), "https://a.example/x.mp3");
    assert_int_equal(value_get(value_get(all, "enclosure"), "url")->line, 11);
    assert_string_equal(text_at(value_at(chapters, 0), "title"), "Two\nlines\n");
    assert_string_equal(text_at(value_at(chapters, 1), "title"), "one line");
    assert_int_equal(value_at(chapters, 0)->line, 14);
    assert_int_equal(value_at(chapters, 1)->line, 18);
    arena_destroy(arena);
}

static void test_only_plain_scalars_are_special(void **state)
{
    struct arena *arena = arena_create();
    const struct value *all =
        read_text(arena, "{a: 'true', b: \"null\", c: !!str true, d: True, e: !thing 5, f: ''}");
    (void)state;
    assert_string_equal(text_at(all, "a"), "true");
    assert_string_equal(text_at(all, "b"), "null");
    assert_string_equal(text_at(all, "c"), "true");
    assert_true(value_get(all, "d")->truth);
    assert_string_equal(text_at(all, "e"), "5");
    assert_string_equal(text_at(all, "f"), "");
    arena_destroy(arena);
}

static void test_streams(void **state)
{
    struct arena *arena = arena_create();
    (void)state;
    assert_true(value_is(read_text(arena, ""), VALUE_NULL));
    assert_true(value_is(read_text(arena, "# comment\n"), VALUE_NULL));
    assert_string_equal(value_text(read_text(arena, "plain")), "plain");
    assert_string_equal(text_at(read_text(arena, "---\na: 1\n---\n]["), "a"), "1");
    assert_string_equal(text_at(read_text(arena, "\xEF\xBB\xBF"
                                                 "a: \xC3\xBC\n"),
                                "a"),
                        "\xC3\xBC");
    arena_destroy(arena);
}

static void test_aliases_and_merges(void **state)
{
    struct arena *arena = arena_create();
    const struct value *all = read_text(arena, "base: &base {a: 1, b: 2}\n"
                                               "more: &more {b: 3, c: 4}\n"
                                               "same: *base\n"
                                               "own: {c: 9, <<: [*base, *more], a: 8}\n"
                                               "one: {<<: *base}\n"
                                               "text: {<<: x}\n"
                                               "base2: &base {a: 5}\n"
                                               "later: *base\n");
    (void)state;
    assert_string_equal(text_at(value_get(all, "same"), "b"), "2");
    assert_string_equal(text_at(value_get(all, "own"), "a"), "8");
    assert_string_equal(text_at(value_get(all, "own"), "b"), "2");
    assert_string_equal(text_at(value_get(all, "own"), "c"), "9");
    assert_string_equal(text_at(value_get(all, "one"), "a"), "1");
    assert_string_equal(text_at(value_get(all, "text"), "<<"), "x");
    assert_string_equal(text_at(value_get(all, "later"), "a"), "5");
    arena_destroy(arena);
}

static void test_refuses_with_place(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"a: 1\n b: 2", "x.md:6: this YAML cannot be read: mapping values are not allowed"},
        {"a: [1,\n2", "',' or ']' while parsing a flow sequence"},
        {"a: 1\n\tb: 2", "x.md:6:"},
        {"a: \"x", "x.md:5:"},
        {"a: 1\nb: \xFF", "x.md:6: this YAML cannot be read: invalid leading UTF-8"},
        {"a: *b", "x.md:5: the alias *b has no anchor"},
        {"a: &b [1, *b]", "x.md:5: the alias *b stands within itself"},
        {"[a]: 1", "x.md:5: a key must be a plain text"},
        {"? {a: 1}\n: 1", "a key must be"},
        {"a: @x", "x.md:5:"},
    };
    struct arena *arena = arena_create();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        assert_null(yaml_read(arena, slice_of(rows[i].text), 5, "x.md", &err));
        assert_error(err, ERROR_INPUT, rows[i].says);
    }
    arena_destroy(arena);
}

static void test_depth_is_bounded(void **state)
{
    struct arena *arena = arena_create();
    (void)state;
    for (int depth = 1; depth <= 100000; depth *= 10) {
        struct error err = ERROR_INIT;
        struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
        for (int i = 0; i < depth; i++)
            buffer_append_byte(&text, '[');
        for (int i = 0; i < depth; i++)
            buffer_append_byte(&text, ']');
        const struct value *value = yaml_read(arena, buffer_slice(&text), 1, "x.md", &err);
        assert_int_equal(value != NULL, depth <= VALUE_MAX_DEPTH);
        if (!value)
            assert_error(err, ERROR_INPUT, "x.md:1");
        buffer_release(&text);
    }
    arena_destroy(arena);
}

/* Nine levels of nine aliases each: 3.8e8 values out of a few hundred bytes. */
static void test_aliases_are_bounded(void **state)
{
    struct arena *arena = arena_create();
    struct error err = ERROR_INIT;
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    (void)state;
    buffer_append_text(&text, "a0: &a0 lol\n");
    for (int i = 1; i < 10; i++) {
        buffer_append_format(&text, "a%d: &a%d [", i, i);
        for (int j = 0; j < 9; j++)
            buffer_append_format(&text, "*a%d, ", i - 1);
        buffer_append_text(&text, "]\n");
    }
    assert_null(yaml_read(arena, buffer_slice(&text), 1, "x.md", &err));
    assert_error(err, ERROR_INPUT, "aliases stand for too much");
    buffer_release(&text);

    /* Each level one deeper than the one before. */
    buffer_append_text(&text, "- &a0 x\n");
    for (int i = 1; i <= VALUE_MAX_DEPTH + 1; i++)
        buffer_append_format(&text, "- &a%d [*a%d]\n", i, i - 1);
    assert_null(yaml_read(arena, buffer_slice(&text), 1, "x.md", &err));
    assert_error(err, ERROR_INPUT, "aliases stand for too much");
    buffer_release(&text);

    for (int i = 0; i <= YAML_MAX_ALIASED; i++)
        buffer_append_format(&text, "- &a%d x\n", i);
    assert_null(yaml_read(arena, buffer_slice(&text), 1, "x.md", &err));
    assert_error(err, ERROR_INPUT, "x.md:10001: this YAML has over 10000 anchors");
    buffer_release(&text);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_front_matter),
        cmocka_unit_test(test_only_plain_scalars_are_special),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_aliases_and_merges),
        cmocka_unit_test(test_refuses_with_place),
        cmocka_unit_test(test_depth_is_bounded),
        cmocka_unit_test(test_aliases_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
