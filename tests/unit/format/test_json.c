/* SPDX-License-Identifier: MIT */
#include "format/json.h"

#include <math.h>

#include "test.h"

static const struct value *read_text(struct arena *arena, const char *text)
{
    struct error err = ERROR_INIT;
    const struct value *value = json_read(arena, slice_of(text), "x.json", &err);
    assert_no_error(err);
    assert_non_null(value);
    return value;
}

static void test_reads_every_type(void **state)
{
    struct arena *arena = arena_create();
    const struct value *all = read_text(
        arena, "\xEF\xBB\xBF{\"b\": true, \"n\": null, \"s\": \"\\u00fc\\u0000x\", \"i\": -12,"
               " \"a\": [1, [], {}], \"f\": false, \"big\": 9007199254740993}");
    (void)state;
    assert_true(value_is(all, VALUE_OBJECT));
    assert_string_equal(all->keys[0], "b");
    assert_string_equal(all->keys[6], "big");
    assert_true(value_get(all, "b")->truth);
    assert_false(value_get(all, "f")->truth);
    assert_true(value_is(value_get(all, "n"), VALUE_NULL));
    assert_int_equal(value_get(all, "s")->text_size, 4);
    assert_memory_equal(value_text(value_get(all, "s")), "\xC3\xBC\0x", 4);
    assert_string_equal(value_text(value_get(all, "i")), "-12");
    assert_string_equal(value_text(value_get(all, "big")), "9007199254740993");
    assert_int_equal(value_count(value_get(all, "a")), 3);
    arena_destroy(arena);
}

static void test_numbers_keep_their_decimals(void **state)
{
    static const struct {
        const char *json, *text;
    } rows[] = {
        {"12.345", "12.345"},
        {"0.1", "0.1"},
        {"3340.0", "3340.0"},
        {"1e3", "1000.0"},
        {"1e-3", "0.001"},
        {"-0.5", "-0.5"},
        {"168.25", "168.25"},
        {"1.5e300", "1.5e+300"},
        {"123456.789", "123456.789"},
        {"0.30000000000000004", "0.30000000000000004"},
    };
    struct arena *arena = arena_create();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(value_text(read_text(arena, rows[i].json)), rows[i].text);
    arena_destroy(arena);
}

static void test_refuses_with_place(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "x.json:1:1: "},
        {"{\"a\": 1,\n  \"b\" 2}", "x.json:2:"},
        {"{\"a\": 1, \"a\": 2}", "duplicate"},
        {"[1] [2]", "end of file expected"},
        {"\"\xFF\"", "0xff"},
        {"[1, 2", "x.json:1:"},
        {"{\"a\": 99999999999999999999}", "too big"},
    };
    struct arena *arena = arena_create();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        assert_null(json_read(arena, slice_of(rows[i].text), "x.json", &err));
        assert_error(err, ERROR_INPUT, rows[i].says);
    }
    arena_destroy(arena);
}

static void test_depth_is_bounded(void **state)
{
    struct arena *arena = arena_create();
    (void)state;
    for (int depth = VALUE_MAX_DEPTH; depth <= 100000; depth = depth < 200 ? depth + 1 : 100001) {
        struct error err = ERROR_INIT;
        struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
        for (int i = 0; i < depth; i++)
            buffer_append_byte(&text, '[');
        for (int i = 0; i < depth; i++)
            buffer_append_byte(&text, ']');
        const struct value *value = json_read(arena, buffer_slice(&text), "x.json", &err);
        assert_int_equal(value != NULL, depth <= VALUE_MAX_DEPTH + 1);
        if (!value)
            assert_error(err, ERROR_INPUT, "x.json");
        buffer_release(&text);
    }
    arena_destroy(arena);
}

static void write_sample(struct json_writer *json)
{
    json_begin_object(json, NULL);
    json_put_int(json, "version", 1);
    json_put_string(json, "a\"b", "line\nend\t\x01 \xC3\xBC \\ /");
    json_put_string(json, "none", NULL);
    json_put_slice(json, "slice", SLICE("nul\0!"));
    json_begin_array(json, "list");
    json_put_bool(json, NULL, true);
    json_put_null(json, NULL);
    json_begin_object(json, NULL);
    json_end(json);
    json_begin_array(json, NULL);
    json_end(json);
    json_end(json);
    json_put_string(json, "latin", "Br\xFCggen \x96");
    json_end(json);
}

static void test_writes_on_one_line(void **state)
{
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct json_writer json = JSON_WRITER(&text, JSON_ONE_LINE);
    (void)state;
    write_sample(&json);
    assert_string_equal(buffer_text(&text),
                        "{\"version\": 1, \"a\\\"b\": \"line\\nend\\t\\u0001 \xC3\xBC \\\\ /\", "
                        "\"none\": null, \"slice\": \"nul\\u0000!\", \"list\": [true, null, {}, "
                        "[]], \"latin\": \"Br\xC3\xBCggen \xE2\x80\x93\"}");
    buffer_release(&text);
}

static void test_writes_indented(void **state)
{
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct json_writer json = JSON_WRITER(&text, JSON_INDENTED);
    (void)state;
    json_begin_object(&json, NULL);
    json_begin_array(&json, "a");
    json_put_int(&json, NULL, INT64_MIN);
    json_put_int(&json, NULL, 2);
    json_end(&json);
    json_begin_object(&json, "o");
    json_end(&json);
    json_end(&json);
    assert_string_equal(buffer_text(&text), "{\n  \"a\": [\n    -9223372036854775808,\n    2\n  "
                                            "],\n  \"o\": {}\n}");
    buffer_release(&text);
}

static void test_writes_decimals(void **state)
{
    static const struct {
        int64_t numerator;
        int digits;
        const char *text;
    } rows[] = {
        {1500, 3, "1.5"},  {2000, 3, "2.0"},
        {1, 3, "0.001"},   {-1, 3, "-0.001"},
        {0, 3, "0.0"},     {10, 0, "10.0"},
        {12, 1, "1.2"},    {-2500, 3, "-2.5"},
        {1050, 3, "1.05"}, {INT64_MIN, 9, "-9223372036.854775808"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
        struct json_writer json = JSON_WRITER(&text, JSON_ONE_LINE);
        json_put_decimal(&json, NULL, rows[i].numerator, rows[i].digits);
        assert_string_equal(buffer_text(&text), rows[i].text);
        buffer_release(&text);
    }
}

static void test_writes_doubles_that_read_back(void **state)
{
    static const double rows[] = {0.1, 1.0 / 3, 1e-7, 123456789.125, 1e22, 5e-324, -2.5, 0.0};
    struct arena *arena = arena_create();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
        struct json_writer json = JSON_WRITER(&text, JSON_ONE_LINE);
        json_put_double(&json, NULL, rows[i]);
        assert_true(strtod(buffer_text(&text), NULL) == rows[i]);
        read_text(arena, buffer_text(&text));
        buffer_release(&text);
    }
    arena_destroy(arena);

    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct json_writer json = JSON_WRITER(&text, JSON_ONE_LINE);
    json_put_double(&json, NULL, (double)NAN);
    assert_string_equal(buffer_text(&text), "null");
    buffer_release(&text);
}

static void test_what_is_written_can_be_read(void **state)
{
    struct arena *arena = arena_create();
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct json_writer json = JSON_WRITER(&text, JSON_INDENTED);
    (void)state;
    write_sample(&json);
    const struct value *read = read_text(arena, buffer_text(&text));
    assert_string_equal(value_text(value_get(read, "a\"b")), "line\nend\t\x01 \xC3\xBC \\ /");
    assert_int_equal(value_get(read, "slice")->text_size, 5);
    buffer_release(&text);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_every_type),
        cmocka_unit_test(test_numbers_keep_their_decimals),
        cmocka_unit_test(test_refuses_with_place),
        cmocka_unit_test(test_depth_is_bounded),
        cmocka_unit_test(test_writes_on_one_line),
        cmocka_unit_test(test_writes_indented),
        cmocka_unit_test(test_writes_decimals),
        cmocka_unit_test(test_writes_doubles_that_read_back),
        cmocka_unit_test(test_what_is_written_can_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
