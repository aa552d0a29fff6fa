/* SPDX-License-Identifier: MIT */
#include "model/timecode.h"

#include "base/buffer.h"
#include "test.h"

#define NONE MILLIS_NONE

/* What a whole text is in each notation, and in any. */
static void test_parse(void **state)
{
    static const struct {
        const char *text;
        millis seconds, colons, units;
    } rows[] = {
        /* seconds */
        {"0", 0, NONE, NONE},
        {"27012", 27012000, NONE, NONE},
        {"12.5", 12500, NONE, NONE},
        {"007", 7000, NONE, NONE},
        {" 90 \n", 90000, NONE, NONE},
        {"1.9994", 1999, NONE, NONE},
        {"1.9995", 2000, NONE, NONE},
        {"1.99949999999999999999999", 1999, NONE, NONE},
        {"59.9995", 60000, NONE, NONE},
        {"0.0004", 0, NONE, NONE},
        {"0.0005", 1, NONE, NONE},
        {"0.000500000000000000000000000000001", 1, NONE, NONE},
        {"12,5", NONE, NONE, NONE},
        {"12,500", NONE, NONE, NONE}, /* twelve and a half, or thousands? */
        {"12.", NONE, NONE, NONE},
        {".5", NONE, NONE, NONE},

        /* colons */
        {"0:00", NONE, 0, NONE},
        {"55:40", NONE, 3340000, NONE},
        {"5:07", NONE, 307000, NONE},
        {"90:00", NONE, 5400000, NONE},
        {"150:59", NONE, 9059000, NONE},
        {"1:02:03", NONE, 3723000, NONE},
        {"01:02:03.004", NONE, 3723004, NONE},
        {"01:02:03,004", NONE, 3723004, NONE}, /* SubRip */
        {"0:59", NONE, 59000, NONE},
        {"59:59", NONE, 3599000, NONE},
        {"0:59:59", NONE, 3599000, NONE},
        {"0:59.9995", NONE, 60000, NONE},
        {"0:59:59.9995", NONE, 3600000, NONE},
        {"1:30.5", NONE, 90500, NONE},
        {"1:30,5", NONE, NONE, NONE},
        {"1:30,5000", NONE, NONE, NONE},
        {"0:60", NONE, NONE, NONE},
        {"0:60:00", NONE, NONE, NONE},
        {"0:00:60", NONE, NONE, NONE},
        {"1:2", NONE, NONE, NONE},
        {"1:023", NONE, NONE, NONE},
        {"1:2:03", NONE, NONE, NONE},
        {"1:02:3", NONE, NONE, NONE},
        {":30", NONE, NONE, NONE},
        {"1:", NONE, NONE, NONE},
        {"1::30", NONE, NONE, NONE},
        {"1:30:", NONE, NONE, NONE},
        {"1: 30", NONE, NONE, NONE},
        {"1:02:03:04", NONE, NONE, NONE},
        {"1:30x", NONE, NONE, NONE},
        {"1:-30", NONE, NONE, NONE},
        {"1:+30", NONE, NONE, NONE},

        /* units */
        {"1h2m3s", NONE, NONE, 3723000},
        {"1H2M3S", NONE, NONE, 3723000},
        {"1h 2m", NONE, NONE, 3720000},
        {"1 hour 2 minutes 3 seconds 4 ms", NONE, NONE, 3723004},
        {"2 hours", NONE, NONE, 7200000},
        {"2hrs 1hr", NONE, NONE, NONE},
        {"2hrs", NONE, NONE, 7200000},
        {"1 min 30 secs", NONE, NONE, 90000},
        {"3 mins 1 sec", NONE, NONE, 181000},
        {"45s", NONE, NONE, 45000},
        {"90m", NONE, NONE, 5400000},
        {"90s", NONE, NONE, 90000}, /* more than sixty of a unit are what they are */
        {"250ms", NONE, NONE, 250},
        {"0.5ms", NONE, NONE, 1},
        {"0.4ms", NONE, NONE, 0},
        {"1.5h", NONE, NONE, 5400000},
        {"1.3333h", NONE, NONE, 4799880}, /* not 1.333 of an hour */
        {"0.000000139h", NONE, NONE, 1},
        {"0.9999m", NONE, NONE, 59994},
        {"1m30.25s", NONE, NONE, 90250},
        {"1h30", NONE, NONE, NONE},
        {"1s2m", NONE, NONE, NONE},
        {"1m1m", NONE, NONE, NONE},
        {"1.h", NONE, NONE, NONE},
        {"h", NONE, NONE, NONE},
        {"5 months", NONE, NONE, NONE},
        {"5 mississippi", NONE, NONE, NONE},
        {"1m, 30s", NONE, NONE, NONE},
        {"1:30m", NONE, NONE, NONE},

        /* limits: a million hours */
        {"3600000000", MILLIS_MAX, NONE, NONE},
        {"3600000000.0004", MILLIS_MAX, NONE, NONE},
        {"3600000000.001", NONE, NONE, NONE},
        {"3600000001", NONE, NONE, NONE},
        {"1000000:00:00", NONE, MILLIS_MAX, NONE},
        {"1000000:00:00.001", NONE, NONE, NONE},
        {"999999:59:59.999", NONE, MILLIS_MAX - 1, NONE},
        {"999999:59:59.9995", NONE, MILLIS_MAX, NONE},
        {"60000000:00", NONE, MILLIS_MAX, NONE},
        {"60000000:01", NONE, NONE, NONE},
        {"1000000h", NONE, NONE, MILLIS_MAX},
        {"1000000h1ms", NONE, NONE, NONE},
        {"1000000.00001h", NONE, NONE, NONE},
        {"3600000000000ms", NONE, NONE, MILLIS_MAX},
        {"3600000000001ms", NONE, NONE, NONE},
        {"99999999999999999999", NONE, NONE, NONE},
        {"18446744073709551617", NONE, NONE, NONE},
        {"18446744073709551616:00", NONE, NONE, NONE},
        {"0:18446744073709551616", NONE, NONE, NONE},
        {"9223372036854775807", NONE, NONE, NONE},
        {"9223372036854775807:59:59", NONE, NONE, NONE},
        {"9223372036854775807h", NONE, NONE, NONE},
        {"18446744073709551615ms", NONE, NONE, NONE},
        {"99999999999999999999s", NONE, NONE, NONE},
        {"1h99999999999999999999m", NONE, NONE, NONE},
        {"00000000000000000000000000000001", 1000, NONE, NONE},

        /* none */
        {"", NONE, NONE, NONE},
        {" ", NONE, NONE, NONE},
        {"-1", NONE, NONE, NONE},
        {"+1", NONE, NONE, NONE},
        {"-0:30", NONE, NONE, NONE},
        {"1e3", NONE, NONE, NONE},
        {"0x10", NONE, NONE, NONE},
        {"inf", NONE, NONE, NONE},
        {"nan", NONE, NONE, NONE},
        {"1 2", NONE, NONE, NONE},
        {"1.5.3", NONE, NONE, NONE},
        {"12 apples", NONE, NONE, NONE},
        {"podcast", NONE, NONE, NONE},
        {"\xD9\xA1:\xD9\xA2\xD9\xA3", NONE, NONE, NONE}, /* Arabic digits */
        {"1\xEF\xBC\x9A"
         "30",
         NONE, NONE, NONE}, /* a full-width colon */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const millis expected[] = {rows[i].seconds, rows[i].colons, rows[i].units};
        static const unsigned notations[] = {TIMECODE_SECONDS, TIMECODE_COLONS, TIMECODE_UNITS};
        millis any = NONE;
        for (size_t n = 0; n < COUNT_OF(notations); n++) {
            millis time = NONE;
            bool parsed = timecode_parse(slice_of(rows[i].text), notations[n], &time);
            if (time != expected[n] || parsed != (expected[n] != NONE))
                fail_msg("'%s' in notation %u is %lld, not %lld", rows[i].text, notations[n],
                         (long long)time, (long long)expected[n]);
            if (parsed)
                any = time;
        }
        millis time = NONE;
        assert_int_equal(timecode_parse(slice_of(rows[i].text), TIMECODE_ANY, &time), any != NONE);
        assert_int_equal(time, any);
    }
    assert_false(timecode_parse(SLICE("90"), 0, NULL));
    assert_false(timecode_parse((struct slice){"1\0", 2}, TIMECODE_ANY, &(millis){0}));
}

/* What is eaten of a text that goes on; NULL: nothing. */
static void test_take(void **state)
{
    static const struct {
        const char *text;
        unsigned notations;
        millis time;
        const char *rest;
    } rows[] = {
        {"12:34 Title", TIMECODE_ANY, 754000, " Title"},
        {"1:02:03.5-1:03:00", TIMECODE_ANY, 3723500, "-1:03:00"},
        {"12:34. Next", TIMECODE_ANY, 754000, ". Next"},
        {"12:34: Next", TIMECODE_ANY, 754000, ": Next"},
        {"12:34, 13:00", TIMECODE_ANY, 754000, ", 13:00"},
        {"12:34,5", TIMECODE_ANY, 754000, ",5"},
        {"1h2m3s,4", TIMECODE_ANY, 3723000, ",4"},
        {"1m 30 apples", TIMECODE_ANY, 60000, " 30 apples"},
        {"90&x=1", TIMECODE_ANY, 90000, "&x=1"},
        {"12.5,20", TIMECODE_SECONDS, 12500, ",20"},
        {"5 apples", TIMECODE_ANY, 5000, " apples"},
        {"5m", TIMECODE_SECONDS | TIMECODE_COLONS, 0, NULL}, /* no seconds, those */
        {"5 minutes", TIMECODE_SECONDS, 0, NULL},
        {"12:34", TIMECODE_SECONDS, 0, NULL},
        {"0:75", TIMECODE_ANY, 0, NULL}, /* not 0 s, and ":75" left */
        {"1:75:00", TIMECODE_ANY, 0, NULL},
        {"1:02:03:04", TIMECODE_ANY, 0, NULL},
        {"1000001:00:00", TIMECODE_ANY, 0, NULL},
        {"2000000h", TIMECODE_ANY, 0, NULL}, /* nor so many seconds */
        {"1h 99999999999m", TIMECODE_ANY, 0, NULL},
        {" 12:34", TIMECODE_ANY, 0, NULL},
        {"x12:34", TIMECODE_ANY, 0, NULL},
        {"", TIMECODE_ANY, 0, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice rest = slice_of(rows[i].text);
        millis time = NONE;
        bool taken = timecode_take(&rest, rows[i].notations, &time);
        if (taken != (rows[i].rest != NULL))
            fail_msg("'%s' %s", rows[i].text, taken ? "is taken" : "is not taken");
        assert_slice(rest, rows[i].rest ? rows[i].rest : rows[i].text);
        assert_int_equal(time, rows[i].rest ? rows[i].time : NONE);
    }
}

static void test_times_and_texts_agree(void **state)
{
    static const millis times[] = {
        0,       1,        999,       1000,    59999,   60000,          3599999,
        3600000, 86399999, 360000000, 3340000, 3402118, MILLIS_MAX - 1, MILLIS_MAX};
    static const struct {
        const char *(*write)(millis time, char ret_text[static MILLIS_TEXT_SIZE]);
        unsigned notation;
    } ways[] = {
        {millis_text, TIMECODE_COLONS},
        {millis_text_full, TIMECODE_COLONS},
        {millis_text_seconds, TIMECODE_SECONDS},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(times); i++)
        for (size_t n = 0; n < COUNT_OF(ways); n++) {
            char text[MILLIS_TEXT_SIZE];
            millis time = NONE;
            assert_true(
                timecode_parse(slice_of(ways[n].write(times[i], text)), ways[n].notation, &time));
            assert_int_equal(time, times[i]);
        }
}

static void test_a_million_digits(void **state)
{
    (void)state;
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    millis time = NONE;
    memset(buffer_extend(&text, 1000000), '9', 1000000);
    assert_false(timecode_parse(buffer_slice(&text), TIMECODE_ANY, &time));
    text.data[1] = '.';
    assert_true(timecode_parse(buffer_slice(&text), TIMECODE_ANY, &time));
    assert_int_equal(time, 10000);
    memset(text.data, '0', text.size);
    assert_true(timecode_parse(buffer_slice(&text), TIMECODE_ANY, &time));
    assert_int_equal(time, 0);
    buffer_release(&text);
}

static void test_option(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    millis time = NONE;
    assert_true(timecode_parse_option("1m30s", "--length", &time, &err));
    assert_int_equal(time, 90000);
    assert_false(timecode_parse_option("soon", "--length", &time, &err));
    assert_int_equal(time, 90000);
    assert_error(err, ERROR_USAGE, "--length: 'soon' is no time; write 90, 1:30");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_take),
        cmocka_unit_test(test_times_and_texts_agree),
        cmocka_unit_test(test_a_million_digits),
        cmocka_unit_test(test_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
