/* SPDX-License-Identifier: MIT */
#include "fetch/retry.h"

#include "test.h"

static void test_waits_double_within_their_jitter(void **state)
{
    static const int64_t most[] = {100, 200, 400, 800};
    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct retry retry;
        int64_t wait = 0;
        retry_init(&retry, 0, 100, seed);
        for (size_t i = 0; i < COUNT_OF(most); i++) {
            assert_true(retry_next(&retry, -1, &wait));
            assert_in_range(wait, most[i] / 2, most[i]);
        }
        assert_false(retry_next(&retry, -1, &wait)); /* the fifth try was the last */
    }
}

static void test_waits_are_spread(void **state)
{
    int64_t least = INT64_MAX, most = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed += 2) {
        struct retry retry;
        int64_t wait = 0;
        retry_init(&retry, 5, 1000, seed * UINT64_C(0x9E3779B97F4A7C15));
        assert_true(retry_next(&retry, -1, &wait));
        least = wait < least ? wait : least;
        most = wait > most ? wait : most;
    }
    assert_true(most - least > 300);
}

static void test_waits_are_bounded(void **state)
{
    struct retry retry;
    int64_t wait = 0;
    (void)state;
    retry_init(&retry, 1000, 0, 1);
    for (int i = 1; i < 1000; i++) {
        assert_true(retry_next(&retry, -1, &wait));
        assert_in_range(wait, RETRY_FIRST_WAIT / 2, RETRY_MAX_WAIT);
    }
    assert_false(retry_next(&retry, -1, &wait));
}

static void test_progress_begins_the_count_anew(void **state)
{
    struct retry retry;
    int64_t wait = 0;
    (void)state;
    retry_init(&retry, 2, 100, 1);
    for (int i = 0; i < 50; i++) {
        assert_true(retry_next(&retry, -1, &wait));
        assert_in_range(wait, 50, 100);
        retry_progress(&retry);
    }
}

static void test_the_server_is_heard(void **state)
{
    struct retry retry;
    int64_t wait = 0;
    (void)state;
    retry_init(&retry, 5, 100, 1);
    assert_true(retry_next(&retry, 7000, &wait));
    assert_int_equal(wait, 7000);
    assert_true(retry_next(&retry, 0, &wait));
    assert_in_range(wait, 100, 200);
    wait = 1;
    assert_false(retry_next(&retry, RETRY_MAX_AFTER + 1, &wait));
    assert_int_equal(wait, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_double_within_their_jitter),
        cmocka_unit_test(test_waits_are_spread),
        cmocka_unit_test(test_waits_are_bounded),
        cmocka_unit_test(test_progress_begins_the_count_anew),
        cmocka_unit_test(test_the_server_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
