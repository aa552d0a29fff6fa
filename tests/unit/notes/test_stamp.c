/* SPDX-License-Identifier: MIT */
#include "notes/stamp.h"
#include "test.h"

static const struct {
    const char *text;
    enum stamp_notation notation;
    millis start, stop;
    size_t outer_begin, outer_end;
} found[] = {
    {"12:34", STAMP_COLONS, 754000, MILLIS_NONE, 0, 5},
    {"a 1:02:03 b", STAMP_COLONS, 3723000, MILLIS_NONE, 2, 9},
    {"[@1:02]", STAMP_COLONS, 62000, MILLIS_NONE, 0, 7},
    {"[[1:02]]", STAMP_COLONS, 62000, MILLIS_NONE, 0, 8},
    {"(at 1:02) (x)", STAMP_COLONS, 62000, MILLIS_NONE, 0, 9},
    {"(at 1:02) x", STAMP_COLONS, 62000, MILLIS_NONE, 0, 9},
    {"(1:02 x", STAMP_COLONS, 62000, MILLIS_NONE, 1, 5},
    {"0:10.5", STAMP_COLONS, 10500, MILLIS_NONE, 0, 6},
    {"00:00:10,250", STAMP_COLONS, 10250, MILLIS_NONE, 0, 12},
    {"00:75:20", STAMP_COLONS, 4520000, MILLIS_NONE, 0, 8},
    {"112:28", STAMP_COLONS, 6748000, MILLIS_NONE, 0, 6},
    {"1:00-2:00", STAMP_COLONS, 60000, 120000, 0, 9},
    {"1:00 bis 2:00 x", STAMP_COLONS, 60000, 120000, 0, 13},
    {"2:00-1:00", STAMP_COLONS, 120000, MILLIS_NONE, 0, 4},
    {"__58:15-1:01:30_", STAMP_COLONS, 3495000, 3690000, 2, 15},
    {"０：３０", STAMP_COLONS, 30000, MILLIS_NONE, 0, 12},
    {"٠١:٣٠", STAMP_COLONS, 90000, MILLIS_NONE, 0, 9},
    {"4:42題", STAMP_COLONS, 282000, MILLIS_NONE, 0, 4},
    {"4:42Intro", STAMP_COLONS, 282000, MILLIS_NONE, 0, 4},
    {"1h02m03s", STAMP_UNITS, 3723000, MILLIS_NONE, 0, 8},
    {"1h02", STAMP_UNITS, 3720000, MILLIS_NONE, 0, 4},
    {"12 min 30 sec", STAMP_UNITS, 750000, MILLIS_NONE, 0, 13},
    {"12分34秒", STAMP_UNITS, 754000, MILLIS_NONE, 0, 10},
    {"12'34\"", STAMP_PRIMES, 754000, MILLIS_NONE, 0, 6},
    {"01.02.03", STAMP_DOTS, 3723000, MILLIS_NONE, 0, 8},
};

static void test_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(found); i++) {
        struct stamp stamp;
        if (!stamp_find(slice_of(found[i].text), 0, found[i].notation, &stamp))
            fail_msg("no time in '%s'", found[i].text);
        if (stamp.start != found[i].start || stamp.stop != found[i].stop || stamp.odd ||
            stamp.outer_begin != found[i].outer_begin || stamp.outer_end != found[i].outer_end)
            fail_msg("'%s': %lld to %lld at %zu to %zu", found[i].text, (long long)stamp.start,
                     (long long)stamp.stop, stamp.outer_begin, stamp.outer_end);
    }
}

static void test_not_found(void **state)
{
    static const char *const texts[] = {
        "",        "12",          "1:2",         "16:9",         "12:345",         "1234:56",
        "a12:34",  "12:34:56:78", "::12:34",     "fe80::12:34",  "10.0.0.1:80",    "1/12:34",
        "$12:34",  "12:34%",      "16:00h",      "UTC+05:30",    "12:34x",         "t=12:34",
        "x_12:34", "2020-12:34",  "00:1b:44:11", "[blah 12:34]", "(Video, 45:12)", "12:34:5",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct stamp stamp;
        if (stamp_find(slice_of(texts[i]), 0, STAMP_COLONS, &stamp))
            fail_msg("a time in '%s'", texts[i]);
    }
}

static void test_clock_times(void **state)
{
    static const char *const texts[] = {"12:34 pm",         "12:34PM",        "16:00 UTC",
                                        "18:00 Uhr",        "20:00 ET)",      "16:00 h",
                                        "2021-03-04 12:34", "4.3.2021, 12:34"};
    static const char *const others[] = {"12:34 Am Anfang", "12:34 ET phone home",
                                         "0:12:34 AM radio", "12:34 Hello", "Live 2021 12:34"};
    struct stamp stamp;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (!stamp_find(slice_of(texts[i]), 0, STAMP_COLONS, &stamp) || !stamp.clock)
            fail_msg("'%s' is a time of day", texts[i]);
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (!stamp_find(slice_of(others[i]), 0, STAMP_COLONS, &stamp) || stamp.clock)
            fail_msg("'%s' is no time of day", others[i]);
}

static void test_odd(void **state)
{
    struct stamp stamp;
    (void)state;
    assert_true(stamp_find(SLICE("12:75"), 0, STAMP_COLONS, &stamp) && stamp.odd);
    assert_true(stamp_find(SLICE("1:75:00"), 0, STAMP_COLONS, &stamp) && stamp.odd);
    assert_true(stamp_find(SLICE("0:75:00"), 0, STAMP_COLONS, &stamp) && !stamp.odd);
}

static void test_all(void **state)
{
    struct stamp stamp;
    (void)state;
    assert_true(stamp_is_all(SLICE("[@ 12:34]"), &stamp));
    assert_true(stamp_is_all(SLICE("▶ 12:34 -"), &stamp));
    assert_false(stamp_is_all(SLICE("12:34 x"), &stamp));
    assert_false(stamp_is_all(SLICE("12:34 13:00"), &stamp));
    assert_false(stamp_is_all(SLICE(""), &stamp));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),       cmocka_unit_test(test_not_found),
        cmocka_unit_test(test_clock_times), cmocka_unit_test(test_odd),
        cmocka_unit_test(test_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
