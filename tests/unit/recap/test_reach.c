/* SPDX-License-Identifier: MIT */
#include "recap/reach.h"

#include "test.h"

#define S MILLIS_SECOND

static const struct range_options fixed = {.end = END_FIXED, .length = 60 * S, .snap = 8 * S};
static const struct range_options pause = {.end = END_PAUSE, .length = 60 * S, .snap = 8 * S};
static const struct range_options next = {.end = END_NEXT, .length = 60 * S, .snap = 8 * S};
static const struct range_options padded = {.end = END_FIXED,
                                            .length = 60 * S,
                                            .snap_start = true,
                                            .pad_before = 2 * S,
                                            .pad_after = 3 * S};

static void test_what_clips_cover(void **state)
{
    (void)state;
    static const struct {
        const struct range_options *options;
        size_t count;
        millis times[4][2]; /* start and end */
        millis reach;
    } rows[] = {
        {&fixed, 0, {{0, 0}}, 0},
        {&fixed, 1, {{100 * S, 130 * S}}, 30 * S},
        {&fixed, 1, {{100 * S, MILLIS_NONE}}, 60 * S},
        {&pause, 1, {{100 * S, MILLIS_NONE}}, 68 * S},
        {&pause, 1, {{100 * S, 130 * S}}, 30 * S},
        {&padded, 1, {{100 * S, 130 * S}}, 35 * S + 500},
        {&padded, 1, {{S, 2 * S}}, 5 * S},
        /* Out of order, one within another, one that overlaps, twice the same. */
        {&fixed, 2, {{500 * S, 510 * S}, {100 * S, 130 * S}}, 40 * S},
        {&fixed, 2, {{100 * S, 200 * S}, {150 * S, 160 * S}}, 100 * S},
        {&fixed, 2, {{100 * S, 200 * S}, {150 * S, 260 * S}}, 160 * S},
        {&fixed, 2, {{100 * S, 200 * S}, {100 * S, 200 * S}}, 100 * S},
        /* An end in front of the start is an error elsewhere. */
        {&fixed, 1, {{100 * S, 50 * S}}, 0},
        /* Up to the next mark, where there is one. */
        {&next, 2, {{100 * S, MILLIS_NONE}, {400 * S, MILLIS_NONE}}, 360 * S},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct notes *notes = notes_create("x.md");
        for (size_t k = 0; k < rows[i].count; k++)
            notes_add_clip(notes, &(struct clip){.number = (int)k + 1,
                                                 .title = "t",
                                                 .page = "https://show.example/a",
                                                 .start = rows[i].times[k][0],
                                                 .end = rows[i].times[k][1]});
        struct plan *plan = plan_create(&notes, 1, "");
        static const size_t clips[] = {0, 1, 2, 3};
        assert_int_equal(reach_of_clips(plan, clips, rows[i].count, rows[i].options),
                         rows[i].reach);
        plan_destroy(plan);
        notes_destroy(notes);
    }
}

static void test_half_is_most(void **state)
{
    (void)state;
    assert_false(reach_is_most(49, 100));
    assert_true(reach_is_most(50, 100));
    assert_true(reach_is_most(500, 100));
    assert_false(reach_is_most(500, MILLIS_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_clips_cover),
        cmocka_unit_test(test_half_is_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
