/* SPDX-License-Identifier: MIT */
#include "base/buffer.h"

#include "test.h"

static void test_empty(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT(10);
    assert_string_equal(buffer_text(&buffer), "");
    assert_slice(buffer_slice(&buffer), "");
    buffer_clear(&buffer);
    buffer_truncate(&buffer, 5);
    assert_int_equal(buffer.size, 0);
    assert_owned(buffer_detach(&buffer), "");
    buffer_release(&buffer);
    buffer_release(&buffer);
}

static void test_appends_are_terminated(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT(BUFFER_UNBOUNDED);
    assert_true(buffer_append(&buffer, NULL, 0));
    assert_string_equal(buffer_text(&buffer), "");
    assert_true(buffer_append_text(&buffer, "one"));
    assert_true(buffer_append_byte(&buffer, ','));
    assert_true(buffer_append_slice(&buffer, SLICE("two")));
    assert_true(buffer_append_slice(&buffer, (struct slice){NULL, 0}));
    assert_true(buffer_append_format(&buffer, ",%s%d", "thr", 33));
    assert_string_equal(buffer_text(&buffer), "one,two,thr33");
    assert_true(buffer_append(&buffer, "\0x", 2));
    assert_int_equal(buffer.size, 15);
    assert_int_equal(buffer.data[15], 0);
    buffer_release(&buffer);
}

static void test_limit_is_exact_and_sticks(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT(5);
    assert_true(buffer_append_text(&buffer, "abcde"));
    assert_false(buffer_overflowed(&buffer));
    assert_false(buffer_append_byte(&buffer, 'f'));
    assert_true(buffer_overflowed(&buffer));
    assert_string_equal(buffer_text(&buffer), "abcde");

    buffer_truncate(&buffer, 1);
    assert_false(buffer_append_byte(&buffer, 'b')); /* text with a hole is not what was meant */
    assert_null(buffer_extend(&buffer, 1));
    assert_string_equal(buffer_text(&buffer), "a");

    buffer_clear(&buffer);
    assert_true(buffer_append_text(&buffer, "again"));
    assert_false(buffer_append_format(&buffer, "%d", 1));
    buffer_release(&buffer);
    assert_false(buffer_overflowed(&buffer));
    assert_int_equal(buffer.limit, 5);
}

static void test_sizes_that_wrap(void **state)
{
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 3, (size_t)PTRDIFF_MAX + 1, 98};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct buffer buffer = BUFFER_INIT(100);
        buffer_append_text(&buffer, "abc");
        assert_null(buffer_extend(&buffer, sizes[i]));
        assert_true(buffer_overflowed(&buffer));
        assert_string_equal(buffer_text(&buffer), "abc");
        buffer_release(&buffer);
    }
}

static void test_limit_of_nothing(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT(0);
    assert_true(buffer_append_text(&buffer, ""));
    assert_false(buffer_append_byte(&buffer, 'a'));
    assert_string_equal(buffer_text(&buffer), "");
    buffer_release(&buffer);
}

static void test_extension_is_zeroed(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT(1000);
    buffer_append_text(&buffer, "0123456789");
    buffer_truncate(&buffer, 2); /* leaves digits behind, in memory that is used again */
    char *place = buffer_extend(&buffer, 6);
    assert_memory_equal(place, "\0\0\0\0\0\0", 7);
    memcpy(place, "abcdef", 6);
    assert_string_equal(buffer_text(&buffer), "01abcdef");
    buffer_release(&buffer);
}

static void test_detached_text_is_the_callers(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT(1000);
    buffer_append_text(&buffer, "one");
    char *one = buffer_detach(&buffer);
    buffer_append_text(&buffer, "two");
    assert_string_equal(buffer_text(&buffer), "two");
    assert_owned(one, "one");
    buffer_release(&buffer);
}

static void test_a_million_bytes_one_by_one(void **state)
{
    (void)state;
    struct buffer buffer = BUFFER_INIT(BUFFER_UNBOUNDED);
    for (int i = 0; i < 1000000; i++)
        buffer_append_byte(&buffer, (char)('a' + i % 26));
    assert_int_equal(strlen(buffer_text(&buffer)), 1000000);
    assert_int_equal(buffer.data[999999], 'a' + 999999 % 26);
    buffer_release(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_appends_are_terminated),
        cmocka_unit_test(test_limit_is_exact_and_sticks),
        cmocka_unit_test(test_sizes_that_wrap),
        cmocka_unit_test(test_limit_of_nothing),
        cmocka_unit_test(test_extension_is_zeroed),
        cmocka_unit_test(test_detached_text_is_the_callers),
        cmocka_unit_test(test_a_million_bytes_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
