/* SPDX-License-Identifier: MIT */
#include "model/cut.h"

#include "test.h"

/* As the manifest has promised them. */
static void test_end_names(void **state)
{
    (void)state;
    assert_string_equal(cut_end_name(CUT_END_RANGE), "range");
    assert_string_equal(cut_end_name(CUT_END_FIXED), "fixed");
    assert_string_equal(cut_end_name(CUT_END_PAUSE), "pause");
    assert_string_equal(cut_end_name(CUT_END_NEXT), "next");
    assert_string_equal(cut_end_name(CUT_END_TRANSCRIPT), "transcript");
    assert_string_equal(cut_end_name(CUT_END_EOF), "eof");
}

/* "Zeroed, it copies, verifies the edges and allows what is inexact." */
static void test_zeroed_options(void **state)
{
    (void)state;
    assert_int_equal(VERIFY_EDGES, 0);
    assert_int_equal(INEXACT_ALLOW, 0);
    assert_int_equal(CUT_COPY, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_end_names),
        cmocka_unit_test(test_zeroed_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
