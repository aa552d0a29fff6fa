/* SPDX-License-Identifier: MIT */
#include "format/value.h"

#include "test.h"

static void test_missing_values_may_be_asked(void **state)
{
    int64_t number = 7;
    (void)state;
    assert_null(value_get(NULL, "a"));
    assert_null(value_get_nocase(NULL, "a"));
    assert_null(value_at(NULL, 0));
    assert_null(value_text(NULL));
    assert_int_equal(value_count(NULL), 0);
    assert_false(value_is(NULL, VALUE_NULL));
    assert_false(value_int64(NULL, &number));
    assert_int_equal(number, 7);
}

static void test_objects_keep_order_and_answer_with_the_last(void **state)
{
    struct arena *arena = arena_create();
    struct value *object = value_create(arena, VALUE_OBJECT, 3);
    (void)state;
    for (int i = 0; i < 100; i++) {
        char *key = arena_format(arena, "key%d", i % 60);
        value_put(arena, object, slice_of(key), value_string(arena, slice_of(key), i));
    }
    value_put(arena, object, SLICE("Key1"), value_string(arena, SLICE("upper"), 200));
    assert_int_equal(value_count(object), 101);
    assert_string_equal(object->keys[60], "key0");
    assert_int_equal(value_get(object, "key0")->line, 60);
    assert_int_equal(value_get(object, "key59")->line, 59);
    assert_int_equal(value_get(object, "key1")->line, 61);
    assert_int_equal(value_get_nocase(object, "KEY1")->line, 200);
    assert_null(value_get(object, "key"));
    assert_string_equal(value_text(value_at(object, 2)), "key2");
    arena_destroy(arena);
}

static void test_look_ups_of_the_wrong_type_find_nothing(void **state)
{
    struct arena *arena = arena_create();
    struct value *array = value_create(arena, VALUE_ARRAY, 1);
    (void)state;
    value_append(arena, array, value_string(arena, SLICE("x"), 1));
    assert_null(value_get(array, "x"));
    assert_null(value_text(array));
    assert_null(value_at(array, 1));
    assert_null(value_get(value_at(array, 0), "x"));
    arena_destroy(arena);
}

static void test_whole_numbers(void **state)
{
    static const struct {
        const char *text;
        bool whole;
        int64_t number;
    } rows[] = {
        {"0", true, 0},
        {"02", true, 2},
        {"-5", true, -5},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"1.5", false, 0},
        {"", false, 0},
        {"12 ", false, 0},
    };
    struct arena *arena = arena_create();
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t number = 0;
        const struct value *value = value_string(arena, slice_of(rows[i].text), 0);
        assert_int_equal(value_int64(value, &number), rows[i].whole);
        assert_int_equal(number, rows[i].number);
    }
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing_values_may_be_asked),
        cmocka_unit_test(test_objects_keep_order_and_answer_with_the_last),
        cmocka_unit_test(test_look_ups_of_the_wrong_type_find_nothing),
        cmocka_unit_test(test_whole_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
