/* SPDX-License-Identifier: MIT */
#include "format/toml.h"

#include "base/buffer.h"
#include "test.h"

static const struct value *read_text(struct arena *arena, const char *text)
{
    struct error err = ERROR_INIT;
    const struct value *value = toml_read(arena, slice_of(text), 1, "x.md", &err);
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
    static const char text[] = "title = \"Season \\\"2\\\" finale\"\n"
                               "date = 2024-05-01\n"
                               "updated = 2024-05-01 10:00:00.5+02:00 # comment\n"
                               "draft = false\n"
                               "weight = 1_000\r\n"
                               "aliases = [\n  \"old\", # why\n  'older\\n',\n]\n"
                               "\n"
                               "[taxonomies]\n"
                               "tags = [\"a\", \"b\"]\n"
                               "[extra]\n"
                               "episode.season = 2\n"
                               "episode.number = 8\n"
                               "\"quoted key\" = { file = \"x.mp3\", size = 5 }\n"
                               "[[extra.links]]\nurl = \"one\"\n"
                               "[[extra.links]]\nurl = \"two\"\n"
                               "[extra.links.more]\nx = 1.5";
    struct arena *arena = arena_create();
    const struct value *all = read_text(arena, text);
    const struct value *extra = value_get(all, "extra");
    int64_t number = 0;
    (void)state;
    assert_string_equal(text_at(all, "title"), "Season \"2\" finale");
    assert_string_equal(text_at(all, "date"), "2024-05-01");
    assert_string_equal(text_at(all, "updated"), "2024-05-01 10:00:00.5+02:00");
    assert_true(value_is(value_get(all, "draft"), VALUE_BOOL));
    assert_true(value_int64(value_get(all, "weight"), &number));
    assert_int_equal(number, 1000);
    assert_string_equal(value_text(value_at(value_get(all, "aliases"), 1)), "older\\n");
    assert_int_equal(value_at(value_get(all, "aliases"), 1)->line, 8);
    assert_int_equal(value_count(value_get(value_get(all, "taxonomies"), "tags")), 2);
    assert_string_equal(text_at(value_get(extra, "episode"), "number"), "8");
    assert_string_equal(text_at(value_get(extra, "quoted key"), "file"), "x.mp3");
    assert_string_equal(text_at(value_at(value_get(extra, "links"), 0), "url"), "one");
    assert_string_equal(text_at(value_get(value_at(value_get(extra, "links"), 1), "more"), "x"),
                        "1.5");
    assert_int_equal(value_get(value_at(value_get(extra, "links"), 1), "url")->line, 20);
    arena_destroy(arena);
}

static void test_strings(void **state)
{
    static const struct {
        const char *toml, *text;
    } rows[] = {
        {"x = \"\"", ""},
        {"x = ''", ""},
        {"x = \"a\\tb\\\\ \\u00e9 \\U0001F600\"", "a\tb\\ \xC3\xA9 \xF0\x9F\x98\x80"},
        {"x = 'C:\\dir\\'", "C:\\dir\\"},
        {"x = \"\"\"\nline\nnext\"\"\"", "line\nnext"},
        {"x = \"\"\"a \\\n\n   b\"\"\"", "a b"},
        {"x = \"\"\"a \\   \n b\"\"\"", "a b"},
        {"x = '''\nraw \\ 'x' \n'''", "raw \\ 'x' \n"},
        {"x = \"\"\"\"quoted\"\"\"\"", "\"quoted\""},
        {"x = \"\"\"\"\"\"\"\"", "\"\""},
        {"x = ''''two'''''", "'two''"},
        {"x = \"\"\"a\r\nb\"\"\"", "a\r\nb"},
    };
    struct arena *arena = arena_create();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(text_at(read_text(arena, rows[i].toml), "x"), rows[i].text);
    arena_destroy(arena);
}

static void test_scalars(void **state)
{
    static const struct {
        const char *toml;
        enum value_type type;
        const char *text;
    } rows[] = {
        {"x = 0", VALUE_NUMBER, "0"},
        {"x = -17", VALUE_NUMBER, "-17"},
        {"x = +99", VALUE_NUMBER, "99"},
        {"x = 5_349_221", VALUE_NUMBER, "5349221"},
        {"x = 0xdead_BEEF", VALUE_NUMBER, "3735928559"},
        {"x = 0o755", VALUE_NUMBER, "493"},
        {"x = 0b1101", VALUE_NUMBER, "13"},
        {"x = 9223372036854775807", VALUE_NUMBER, "9223372036854775807"},
        {"x = 3.1415", VALUE_NUMBER, "3.1415"},
        {"x = 6.626e-34", VALUE_NUMBER, "6.626e-34"},
        {"x = 5e+22", VALUE_NUMBER, "5e22"},
        {"x = -inf", VALUE_NUMBER, "-inf"},
        {"x = 07:32:00", VALUE_STRING, "07:32:00"},
        {"x = 07:32:00.999", VALUE_STRING, "07:32:00.999"},
        {"x = 1979-05-27", VALUE_STRING, "1979-05-27"},
        {"x = 1979-05-27 # day", VALUE_STRING, "1979-05-27"},
        {"x = 1979-05-27T07:32:00Z", VALUE_STRING, "1979-05-27T07:32:00Z"},
        {"x = 1979-05-27t00:32:00.999-07:00", VALUE_STRING, "1979-05-27t00:32:00.999-07:00"},
    };
    struct arena *arena = arena_create();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct value *value = value_get(read_text(arena, rows[i].toml), "x");
        assert_int_equal(value->type, rows[i].type);
        assert_string_equal(value_text(value), rows[i].text);
    }
    arena_destroy(arena);
}

static void test_tables_that_are_allowed(void **state)
{
    static const char *const rows[] = {
        "",
        "\n# only a comment",
        "[a.b.c]\nx = 1\n[a]\ny = 2\n[a.b]\nz = 3",
        "a.b.c = 1\na.b.d = 2",
        "[fruit]\napple.color = 1\n[fruit.apple.texture]\nsmooth = true",
        "[[a]]\n[a.b]\n[[a]]\n[a.b]",
        "[[a]]\n[[a.b]]\n[[a.b]]\n[[a]]\n[[a.b]]",
        "x = [[1, 2], [\"a\", {b = 1}]]",
        "x = {}\ny = { a.b = 1, a.c = 2 }",
        "3.14 = 1",
        " [ a . \"b\" ] \n",
        "\xEF\xBB\xBFtitle = 'x'",
    };
    struct arena *arena = arena_create();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        read_text(arena, rows[i]);
    arena_destroy(arena);
}

static void test_refuses_with_place(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"a = 1\na = 2", "x.md:2: 'a' is given twice, first in line 1"},
        {"[a]\n[a]", "x.md:2: 'a' is given twice"},
        {"a = {b = 1}\n[a.c]", "'a' is given twice"},
        {"a = {b = 1}\na.c = 2", "'a' is given twice"},
        {"a = {b = 1, b = 2}", "'b' is given twice"},
        {"a = 1\na.b = 2", "'a' is given twice"},
        {"a.b = 1\n[a]", "'a' is given twice"},
        {"[a.b]\n[a]\nb.c = 1", "'b' is given twice"},
        {"a = []\n[[a]]", "'a' is given twice"},
        {"[a]\n[[a]]", "'a' is given twice"},
        {"[[a]]\n[a]", "'a' is given twice"},
        {"title = Season", "'Season' is no value of TOML; text needs quotes"},
        {"\n\ntitle: x", "x.md:3: expected '='"},
        {"a = 1 b = 2", "expected the end of the line before 'b'"},
        {"a =", "expected a value"},
        {"a = \"x\nb = 1", "x.md:1: this string has no closing \""},
        {"a = \"\"\"x\nb = 1", "x.md:1: this string has no closing \"\"\""},
        {"a = 'x", "no closing '"},
        {"a = \"\\x41\"", "no escape like this: \\x"},
        {"a = \"\\uD800\"", "U+D800 is no character"},
        {"a = \"\\u12", "4 hexadecimal digits"},
        {"a = \"\x01\"", "control character"},
        {"a = [1, 2\nb = 3", "in the array that begins in line 1"},
        {"a = [1 2]", "expected ',' or ']'"},
        {"a = {b = 1,\nc = 2}", "expected a key"},
        {"[a", "expected ']'"},
        {"[[a]", "expected ']]'"},
        {"[]", "expected a key"},
        {"= 1", "expected a key"},
        {"a = 012", "no value"},
        {"a = 1__0", "no value"},
        {"a = 1_", "no value"},
        {"a = .5", "no value"},
        {"a = 5.", "no value"},
        {"a = 0x", "no value"},
        {"a = 9223372036854775808", "no value"},
        {"a = 2024-13-01", "no value"},
        {"a = 25:00:00", "no value"},
        {"a = 12:34", "no value"},
        {"a = \"\xFF\"", "no UTF-8"},
        {"\"a\\u0000\" = 1", "zero byte"},
    };
    struct arena *arena = arena_create();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        assert_null(toml_read(arena, slice_of(rows[i].text), 1, "x.md", &err));
        assert_error(err, ERROR_INPUT, rows[i].says);
    }
    arena_destroy(arena);
}

static void test_lines_count_from_the_first(void **state)
{
    struct arena *arena = arena_create();
    struct error err = ERROR_INIT;
    (void)state;
    const struct value *all = toml_read(arena, SLICE("a = '''\n\n'''\nb = 1"), 2, "x.md", &err);
    assert_int_equal(value_get(all, "a")->line, 2);
    assert_int_equal(value_get(all, "b")->line, 5);
    assert_null(toml_read(arena, SLICE("\nb"), 2, "x.md", &err));
    assert_error(err, ERROR_INPUT, "x.md:3:");
    arena_destroy(arena);
}

/* `count` times `opening`, as a value, a header or a dotted key. */
static void expect_depth(const char *prefix, const char *opening, const char *suffix, int count,
                         bool readable)
{
    struct arena *arena = arena_create();
    struct error err = ERROR_INIT;
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    buffer_append_text(&text, prefix);
    for (int i = 0; i < count; i++)
        buffer_append_text(&text, opening);
    buffer_append_text(&text, suffix);
    assert_int_equal(toml_read(arena, buffer_slice(&text), 1, "x", &err) != NULL, readable);
    if (!readable)
        assert_error(err, ERROR_INPUT, "nested over 100 levels");
    buffer_release(&text);
    arena_destroy(arena);
}

static void test_depth_is_bounded(void **state)
{
    (void)state;
    expect_depth("", "a.", "b = 1", 99, true);
    expect_depth("", "a.", "b = 1", 100, false);
    expect_depth("[", "a.", "b]", 99, true);
    expect_depth("[", "a.", "b]", 100, false);
    expect_depth("x = ", "[", "", 100000, false);
    expect_depth("x = ", "{x=", "", 100000, false);
    expect_depth("", "[[a]]\n[[a.b]]\n", "", 100, true);
}

static void test_large_tables_are_fast(void **state)
{
    struct arena *arena = arena_create();
    struct error err = ERROR_INIT;
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    (void)state;
    for (int i = 0; i < 200000; i++)
        buffer_append_format(&text, "key%d = %d\n", i, i);
    const struct value *all = toml_read(arena, buffer_slice(&text), 1, "x", &err);
    assert_no_error(err);
    assert_int_equal(value_count(all), 200000);
    buffer_release(&text);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_front_matter),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_tables_that_are_allowed),
        cmocka_unit_test(test_refuses_with_place),
        cmocka_unit_test(test_lines_count_from_the_first),
        cmocka_unit_test(test_depth_is_bounded),
        cmocka_unit_test(test_large_tables_are_fast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
