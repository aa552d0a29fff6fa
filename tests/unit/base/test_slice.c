/* SPDX-License-Identifier: MIT */
#include "base/slice.h"

#include <time.h>

#include "base/memory.h"
#include "test.h"

static const struct slice nothing; /* as a zeroed struct holds it */

static void test_zeroed_slices_are_empty(void **state)
{
    (void)state;
    struct slice rest = nothing, piece = SLICE("kept");
    uint64_t number = 77;
    int64_t signed_number = 77;
    assert_int_equal(slice_of(NULL).size, 0);
    assert_int_equal(slice_from(nothing, 5).size, 0);
    assert_int_equal(slice_first(nothing, 5).size, 0);
    assert_int_equal(slice_trim(nothing).size, 0);
    assert_true(slice_equal(nothing, SLICE("")));
    assert_true(slice_starts(nothing, nothing));
    assert_true(slice_ends_nocase(SLICE("a"), nothing));
    assert_true(slice_find(nothing, SLICE("a")) == SIZE_MAX);
    assert_int_equal(slice_find(nothing, nothing), 0);
    assert_true(slice_find_byte(nothing, 'a') == SIZE_MAX);
    assert_true(slice_rfind_byte(nothing, 'a') == SIZE_MAX);
    assert_false(slice_take_line(&rest, &piece));
    assert_false(slice_take_field(&rest, ',', &piece));
    assert_false(slice_take_byte(&rest, 0));
    assert_false(slice_take_digits(&rest, &number, NULL));
    assert_false(slice_to_int64(nothing, &signed_number));
    assert_slice(piece, "kept");
    assert_int_equal(number, 77);
    assert_int_equal(signed_number, 77);
    assert_owned(slice_dup(nothing), "");
}

static void test_pieces(void **state)
{
    (void)state;
    struct slice text = SLICE("clip");
    assert_slice(slice_from(text, 0), "clip");
    assert_slice(slice_from(text, 2), "ip");
    assert_slice(slice_from(text, 4), "");
    assert_slice(slice_from(text, SIZE_MAX), "");
    assert_slice(slice_first(text, 2), "cl");
    assert_slice(slice_first(text, SIZE_MAX), "clip");
}

static void test_comparisons(void **state)
{
    static const struct {
        const char *text, *other;
        bool equal, equal_nocase, starts, starts_nocase, ends, ends_nocase;
    } rows[] = {
        {"clip", "clip", true, true, true, true, true, true},
        {"clip", "CLIP", false, true, false, true, false, true},
        {"clip", "cl", false, false, true, true, false, false},
        {"clip", "Cl", false, false, false, true, false, false},
        {"clip", "ip", false, false, false, false, true, true},
        {"clip", "IP", false, false, false, false, false, true},
        {"cl", "clip", false, false, false, false, false, false},
        {"clip", "", false, false, true, true, true, true},
        {"\xC3\xA4", "\xC3\x84", false, false, false, false, false, false}, /* not ASCII */
        {"[", "{", false, false, false, false, false, false}, /* 32 apart, as letters are */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice a = slice_of(rows[i].text), b = slice_of(rows[i].other);
        assert_int_equal(slice_equal(a, b), rows[i].equal);
        assert_int_equal(slice_equal_nocase(a, b), rows[i].equal_nocase);
        assert_int_equal(slice_starts(a, b), rows[i].starts);
        assert_int_equal(slice_starts_nocase(a, b), rows[i].starts_nocase);
        assert_int_equal(slice_ends(a, b), rows[i].ends);
        assert_int_equal(slice_ends_nocase(a, b), rows[i].ends_nocase);
    }
}

static void test_find(void **state)
{
    static const struct {
        const char *text, *what;
        size_t at;
    } rows[] = {
        {"abcabc", "abc", 0},      {"xabcabc", "abc", 1},   {"aab", "ab", 1},   {"aaab", "aab", 1},
        {"abab", "abc", SIZE_MAX}, {"ab", "abc", SIZE_MAX}, {"abc", "c", 2},    {"abc", "", 0},
        {"", "a", SIZE_MAX},       {"a-->", "-->", 1},      {"--->", "-->", 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_true(slice_find(slice_of(rows[i].text), slice_of(rows[i].what)) == rows[i].at);
    struct slice zero = {"a\0bc", 4};
    assert_int_equal(slice_find(zero, SLICE("bc")), 2);
    assert_int_equal(slice_find_byte(zero, '\0'), 1);
    assert_int_equal(slice_rfind_byte(SLICE("a/b/c"), '/'), 3);
    assert_int_equal(slice_rfind_byte(SLICE("/"), '/'), 0);
}

/* Nothing is found outside of the slice, though it stands there. */
static void test_find_stays_inside(void **state)
{
    (void)state;
    struct slice text = {"xxab", 3};
    assert_true(slice_find(text, SLICE("ab")) == SIZE_MAX);
    assert_true(slice_find_byte(text, 'b') == SIZE_MAX);
    assert_false(slice_ends(text, SLICE("ab")));
}

/* What makes careless parsers quadratic: all that begin and none that ends. */
static void test_a_million_brackets(void **state)
{
    (void)state;
    size_t size = 1000000;
    char *brackets = mem_alloc(size);
    memset(brackets, '[', size);
    struct slice text = {brackets, size};
    clock_t before = clock();
    assert_true(slice_find(text, SLICE("](")) == SIZE_MAX);
    assert_true(slice_find(text, SLICE("[x")) == SIZE_MAX);
    assert_true(slice_find(text, SLICE("[[[[[[[[[[[[[[[[x")) == SIZE_MAX);
    assert_true(slice_find(text, SLICE("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[x")) == SIZE_MAX);
    double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
    print_message("four searches of a million brackets: %.0f ms\n", seconds * 1000);
    assert_true(seconds < 2);
    free(brackets);
}

static void test_trim(void **state)
{
    static const struct {
        const char *text, *both, *left, *right;
    } rows[] = {
        {" \t a b \r\n", "a b", "a b \r\n", " \t a b"},
        {"", "", "", ""},
        {" \f\v ", "", "", ""},
        {"a", "a", "a", "a"},
        {"\xC2\xA0", "\xC2\xA0", "\xC2\xA0", "\xC2\xA0"}, /* ASCII only */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_slice(slice_trim(slice_of(rows[i].text)), rows[i].both);
        assert_slice(slice_trim_left(slice_of(rows[i].text)), rows[i].left);
        assert_slice(slice_trim_right(slice_of(rows[i].text)), rows[i].right);
    }
}

static void test_take(void **state)
{
    (void)state;
    struct slice text = SLICE("https://a");
    assert_false(slice_take(&text, SLICE("http:")));
    assert_false(slice_take_byte(&text, 'x'));
    assert_slice(text, "https://a");
    assert_true(slice_take(&text, SLICE("https:")));
    assert_true(slice_take_byte(&text, '/'));
    assert_true(slice_take(&text, SLICE("")));
    assert_slice(text, "/a");
    assert_false(slice_take(&text, SLICE("/ab")));
}

static void test_take_digits(void **state)
{
    static const struct {
        const char *text;
        bool taken;
        uint64_t number;
        size_t digits;
        const char *rest;
    } rows[] = {
        {"0", true, 0, 1, ""},
        {"007x", true, 7, 3, "x"},
        {"18446744073709551615", true, UINT64_MAX, 20, ""},
        {"18446744073709551616", false, 0, 0, ""},
        {"99999999999999999999", false, 0, 0, ""},
        {"184467440737095516150", false, 0, 0, ""},
        {"00000000000000000000000000001", true, 1, 29, ""},
        {"", false, 0, 0, ""},
        {"-1", false, 0, 0, ""},
        {" 1", false, 0, 0, ""},
        {"\xD9\xA1", false, 0, 0, ""}, /* an Arabic digit */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice rest = slice_of(rows[i].text);
        uint64_t number = 77;
        size_t digits = 77;
        assert_int_equal(slice_take_digits(&rest, &number, &digits), rows[i].taken);
        assert_slice(rest, rows[i].taken ? rows[i].rest : rows[i].text);
        assert_true(number == (rows[i].taken ? rows[i].number : 77));
        assert_int_equal(digits, rows[i].taken ? rows[i].digits : 77);
    }
}

static void test_lines(void **state)
{
    static const struct {
        const char *text, *lines[5];
    } rows[] = {
        {"a\nb", {"a", "b"}},           {"a\nb\n", {"a", "b"}},
        {"a\r\nb\rc", {"a", "b", "c"}}, {"\n", {""}},
        {"\n\r\n\r", {"", "", ""}},     {"a\n\nb", {"a", "", "b"}},
        {"\r\r\n\n", {"", "", ""}},     {"", {NULL}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice rest = slice_of(rows[i].text), line;
        for (size_t n = 0; rows[i].lines[n]; n++) {
            assert_true(slice_take_line(&rest, &line));
            assert_slice(line, rows[i].lines[n]);
        }
        assert_false(slice_take_line(&rest, &line));
    }
}

static void test_fields(void **state)
{
    static const struct {
        const char *text, *fields[5];
    } rows[] = {
        {"a,b", {"a", "b"}}, {"a,,b", {"a", "", "b"}},
        {",a", {"", "a"}},   {"a,", {"a"}},
        {",", {""}},         {"a", {"a"}},
        {"", {NULL}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice rest = slice_of(rows[i].text), field;
        for (size_t n = 0; rows[i].fields[n]; n++) {
            assert_true(slice_take_field(&rest, ',', &field));
            assert_slice(field, rows[i].fields[n]);
        }
        assert_false(slice_take_field(&rest, ',', &field));
    }
}

static void test_to_int64(void **state)
{
    static const struct {
        const char *text;
        bool good;
        int64_t number;
    } rows[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"-12", true, -12},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775807", true, -INT64_MAX},
        {"-9223372036854775808", false, 0}, /* so that every result can be negated */
        {"", false, 0},
        {"-", false, 0},
        {"--1", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"0x10", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t number = 77;
        assert_int_equal(slice_to_int64(slice_of(rows[i].text), &number), rows[i].good);
        assert_int_equal(number, rows[i].good ? rows[i].number : 77);
    }
}

static void test_print(void **state)
{
    (void)state;
    struct slice text = {"clip and more", 4};
    assert_owned(mem_format("<%.*s>", SLICE_ARGS(text)), "<clip>");
    /* A precision that wrapped would be negative, and read on to a terminator. */
    struct slice huge = {"", (size_t)INT_MAX + 1};
    struct {
        int precision;
        const char *data;
    } args = {SLICE_ARGS(huge)};
    assert_int_equal(args.precision, INT_MAX);
    assert_ptr_equal(args.data, huge.data);
}

/* The vectors that http://www.isthe.com/chongo/src/fnv/test_fnv.c has. */
static void test_hash(void **state)
{
    (void)state;
    assert_true(slice_hash(SLICE("")) == UINT64_C(0xcbf29ce484222325));
    assert_true(slice_hash(SLICE("a")) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(slice_hash(SLICE("foobar")) == UINT64_C(0x85944171f73967e8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zeroed_slices_are_empty),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_find_stays_inside),
        cmocka_unit_test(test_a_million_brackets),
        cmocka_unit_test(test_trim),
        cmocka_unit_test(test_take),
        cmocka_unit_test(test_take_digits),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_to_int64),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
