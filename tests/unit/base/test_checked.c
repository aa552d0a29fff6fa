/* SPDX-License-Identifier: MIT */
#include "base/checked.h"

#include "test.h"

static void test_add(void **state)
{
    static const struct {
        int64_t a, b;
        bool fits;
        int64_t sum;
    } rows[] = {
        {1, 2, true, 3},           {INT64_MAX, 0, true, INT64_MAX},  {INT64_MAX, 1, false, 0},
        {INT64_MIN, -1, false, 0}, {INT64_MIN, INT64_MAX, true, -1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t sum = 77;
        assert_int_equal(checked_add(rows[i].a, rows[i].b, &sum), rows[i].fits);
        assert_int_equal(sum, rows[i].fits ? rows[i].sum : 77);
    }
}

static void test_multiply(void **state)
{
    static const struct {
        int64_t a, b;
        bool fits;
        int64_t product;
    } rows[] = {
        {-3, 5, true, -15},
        {INT64_MAX, 1, true, INT64_MAX},
        {INT64_MAX / 2 + 1, 2, false, 0},
        {INT64_MIN, -1, false, 0},
        {INT64_MIN, 1, true, INT64_MIN},
        {INT64_MAX, 0, true, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t product = 77;
        assert_int_equal(checked_multiply(rows[i].a, rows[i].b, &product), rows[i].fits);
        assert_int_equal(product, rows[i].fits ? rows[i].product : 77);
    }
}

static void test_scale(void **state)
{
    static const struct {
        int64_t value, numerator, denominator;
        bool fits;
        int64_t scaled;
    } rows[] = {
        {5, 44100, 1000, true, 221}, /* 220.5 */
        {-5, 44100, 1000, true, -221},
        {1, 1, 3, true, 0},
        {2, 1, 3, true, 1},
        {-2, 1, 3, true, -1},
        {7, 1, 1, true, 7},
        {INT64_MAX, INT64_MAX, INT64_MAX, true, INT64_MAX}, /* 126 bits between */
        {INT64_MIN, INT64_MAX, INT64_MAX, true, INT64_MIN},
        {INT64_MIN, INT64_MIN, INT64_MAX, false, 0},
        {INT64_MAX, 2, 1, false, 0},
        {INT64_MAX, 3, 2, false, 0},
        {INT64_MIN, -1, 1, false, 0},
        {INT64_MAX, 1, INT64_MAX, true, 1},
        {INT64_MAX / 2, 1, INT64_MAX, true, 0}, /* just below a half */
        {INT64_MAX / 2 + 1, 1, INT64_MAX, true, 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t scaled = 77;
        assert_int_equal(
            checked_scale(rows[i].value, rows[i].numerator, rows[i].denominator, &scaled),
            rows[i].fits);
        assert_int_equal(scaled, rows[i].fits ? rows[i].scaled : 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add),
        cmocka_unit_test(test_multiply),
        cmocka_unit_test(test_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
