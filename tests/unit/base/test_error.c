/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>

#include "test.h"

static void test_first_error_wins(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    assert_false(error_is_set(&err));
    assert_false(error_set(&err, ERROR_INPUT, "%s:%d: no time", "a.md", 7));
    assert_false(error_set(&err, ERROR_SYSTEM, "later"));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_string_equal(err.message, "a.md:7: no time");
    error_release(&err);
    assert_false(error_is_set(&err));
    assert_null(err.message);
    error_release(&err);
}

static void test_nobody_wants_to_know(void **state)
{
    (void)state;
    struct error held = ERROR_INIT;
    assert_false(error_set(NULL, ERROR_INPUT, "x"));
    assert_false(error_set_errno(NULL, ENOENT, "x"));
    assert_false(error_prefix(NULL, "x"));
    error_set(&held, ERROR_INPUT, "dropped");
    error_move(NULL, &held);
    assert_false(error_is_set(&held));
}

static void test_kinds_of_errno(void **state)
{
    static const struct {
        int errnum;
        enum error_kind kind;
        const char *text;
    } rows[] = {
        {ENOENT, ERROR_MISSING, "a.mp3: cannot be opened: No such file or directory"},
        {ENOTDIR, ERROR_MISSING, "a.mp3: cannot be opened: Not a directory"},
        {EACCES, ERROR_SYSTEM, "a.mp3: cannot be opened: Permission denied"},
        {ENOSPC, ERROR_SYSTEM, "a.mp3: cannot be opened: No space left on device"},
        {123456, ERROR_SYSTEM, "a.mp3: cannot be opened: "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        assert_false(error_set_errno(&err, rows[i].errnum, "%s: cannot be opened", "a.mp3"));
        assert_error(err, rows[i].kind, rows[i].text);
    }
}

static void test_prefix(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    assert_false(error_prefix(&err, "nothing to stand before"));
    assert_null(err.message);
    error_set(&err, ERROR_NETWORK, "timed out");
    assert_false(error_prefix(&err, "https://%s", "a.example/%s%n"));
    assert_false(error_prefix(&err, "notes.md:%d", 3));
    assert_string_equal(err.message, "notes.md:3: https://a.example/%s%n: timed out");
    assert_int_equal(err.kind, ERROR_NETWORK);
    error_release(&err);
}

static void test_move(void **state)
{
    (void)state;
    struct error from = ERROR_INIT, to = ERROR_INIT;
    error_move(&to, &from);
    assert_false(error_is_set(&to));

    error_set(&from, ERROR_INPUT, "one");
    error_move(&to, &from);
    assert_false(error_is_set(&from));
    assert_string_equal(to.message, "one");

    error_set(&from, ERROR_INPUT, "two");
    error_move(&to, &from); /* the first wins here, too */
    assert_false(error_is_set(&from));
    assert_error(to, ERROR_INPUT, "one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_error_wins),
        cmocka_unit_test(test_nobody_wants_to_know),
        cmocka_unit_test(test_kinds_of_errno),
        cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
