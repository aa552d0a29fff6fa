/* SPDX-License-Identifier: MIT */
/*
 * What every unit test starts with: cmocka and the headers that it wants before it, and a few
 * checks in our own words.
 */
#ifndef CLIPNOTES_TESTS_UNIT_TEST_H
#define CLIPNOTES_TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/slice.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* The slice holds just this text. */
#define assert_slice(slice, expected)                                                              \
    do {                                                                                           \
        char *held = slice_dup(slice);                                                             \
        assert_string_equal(held, expected);                                                       \
        free(held);                                                                                \
    } while (0)

/* An owned text is this one; it is freed. */
#define assert_owned(text, expected)                                                               \
    do {                                                                                           \
        char *owned = (text);                                                                      \
        assert_non_null(owned);                                                                    \
        assert_string_equal(owned, expected);                                                      \
        free(owned);                                                                               \
    } while (0)

/* The call failed with a message that holds `part`; the error is released. */
#define assert_error(err, expected_kind, part)                                                     \
    do {                                                                                           \
        assert_int_equal((err).kind, expected_kind);                                               \
        if (!strstr((err).message, part))                                                          \
            fail_msg("'%s' does not say '%s'", (err).message, part);                               \
        error_release(&(err));                                                                     \
    } while (0)

#define assert_no_error(err)                                                                       \
    do {                                                                                           \
        if (error_is_set(&(err)))                                                                  \
            fail_msg("%s", (err).message);                                                         \
    } while (0)

#endif
