/* SPDX-License-Identifier: MIT */
#include "model/time.h"

#include "test.h"

static void test_samples_round_to_the_nearest(void **state)
{
    (void)state;
    assert_int_equal(samples_of_millis(0, 44100), 0);
    assert_int_equal(samples_of_millis(1, 44100), 44);  /* 44.1 */
    assert_int_equal(samples_of_millis(5, 44100), 221); /* 220.5 */
    assert_int_equal(samples_of_millis(3340000, 44100), 147294000);
    assert_int_equal(samples_of_millis(MILLIS_MAX, 192000), MILLIS_MAX * 192);
}

static void test_millis_round_to_the_nearest(void **state)
{
    (void)state;
    assert_int_equal(millis_of_samples(44100, 44100), 1000);
    assert_int_equal(millis_of_samples(22, 44100), 0);
    assert_int_equal(millis_of_samples(23, 44100), 1);
}

static void test_texts(void **state)
{
    static const struct {
        millis time;
        const char *text, *full, *seconds;
    } rows[] = {
        {0, "0:00", "00:00:00.000", "0"},
        {7250, "0:07.250", "00:00:07.250", "7.25"},
        {3340000, "55:40", "00:55:40.000", "3340"},
        {3723004, "1:02:03.004", "01:02:03.004", "3723.004"},
        {360000000, "100:00:00", "100:00:00.000", "360000"},
        {-1500, "-0:01.500", "-00:00:01.500", "-1.5"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[MILLIS_TEXT_SIZE];
        assert_string_equal(millis_text(rows[i].time, text), rows[i].text);
        assert_string_equal(millis_text_full(rows[i].time, text), rows[i].full);
        assert_string_equal(millis_text_seconds(rows[i].time, text), rows[i].seconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples_round_to_the_nearest),
        cmocka_unit_test(test_millis_round_to_the_nearest),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
