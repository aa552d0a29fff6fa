/* SPDX-License-Identifier: MIT */
#include "notes/label.h"
#include "test.h"

static void test_numbers(void **state)
{
    static const struct {
        const char *label, *title;
        int number;
    } rows[] = {
        {"Clip 7: A title", "A title", 7},
        {"Clip #12 - A title", "A title", 12},
        {"clip 3 – A title", "A title", 3},
        {"Quote 4. A title", "A title", 4},
        {"Clip 5", "", 5},
        {"Clip 7 of 9", "Clip 7 of 9", 0},
        {"Clips of birds", "Clips of birds", 0},
        {"7: A title", "7: A title", 0},
        {"", "", 0},
        {"Clip 99999999999: x", "Clip 99999999999: x", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice label = slice_of(rows[i].label);
        int number = 0;
        assert_int_equal(label_take_number(&label, &number), rows[i].number != 0);
        assert_int_equal(number, rows[i].number);
        assert_slice(label, rows[i].title);
    }
}

static void test_speakers(void **state)
{
    static const struct {
        const char *title, *speaker;
    } rows[] = {
        {"Stephen Blum: All new services", "Stephen Blum"},
        {"Folkert de Vries on safe multiprocessing", "Folkert de Vries"},
        {"Paul Dix talking about Rust", "Paul Dix"},
        {"Simon Brüggen: Mastering", "Simon Brüggen"},
        {"Conan O'Brien about late nights", "Conan O'Brien"},
        {"Жан Клод о роботах", "Жан Клод"},
        {"Jane Roe (Acme) on rust", "Jane Roe"},
        {"Jane Roe (Acme, Inc.): rust", "Jane Roe"},
        {"Jane Roe (Acme): rust", "Jane Roe"},
        {"Jane Roe (Acme on rust", ""},
        {"The Answer: 42", ""},
        {"Part Two: the end", ""},
        {"Open Source on trial", ""},
        {"Rust on the moon", ""},
        {"Note: this is long", ""},
        {"the whole story", ""},
        {"Folkert de: x", ""},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_slice(label_speaker(slice_of(rows[i].title)), rows[i].speaker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_speakers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
