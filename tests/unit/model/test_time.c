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
    assert_int_equal(millis_of_samples(24, 48000), 1); /* halves away from 0 */
    assert_int_equal(millis_of_samples(-22, 44100), 0);
    assert_int_equal(millis_of_samples(-23, 44100), -1);
    assert_int_equal(millis_of_samples(MILLIS_MAX * 192, 192000), MILLIS_MAX);
}

/* A millisecond is more than a sample at all of these, so none is lost on the way. */
static void test_there_and_back(void **state)
{
    static const int rates[] = {8000, 11025, 22050, 44100, 48000, 96000};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rates); i++)
        for (millis time = 0; time < 5000; time += 7)
            assert_int_equal(millis_of_samples(samples_of_millis(time, rates[i]), rates[i]), time);
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
        {3599999, "59:59.999", "00:59:59.999", "3599.999"},
        {3600000, "1:00:00", "01:00:00.000", "3600"},
        {10, "0:00.010", "00:00:00.010", "0.01"},
        {MILLIS_MAX, "1000000:00:00", "1000000:00:00.000", "3600000000"},
        /* the longest that there are still fit */
        {INT64_MAX, "2562047788015:12:55.807", "2562047788015:12:55.807", "9223372036854775.807"},
        {INT64_MIN, "-2562047788015:12:55.808", "-2562047788015:12:55.808",
         "-9223372036854775.808"},
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
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
