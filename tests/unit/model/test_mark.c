/* SPDX-License-Identifier: MIT */
#include "model/mark.h"

#include "test.h"

static void test_nothing_is_known_at_first(void **state)
{
    (void)state;
    char path[] = "finale.md";
    struct notes *notes = notes_create(path);
    path[0] = 'x';
    assert_string_equal(notes->path, "finale.md");
    assert_null(notes->title);
    assert_null(notes->page);
    assert_null(notes->aliases);
    assert_int_equal(notes->season, MARK_NUMBER_NONE);
    assert_int_equal(notes->episode, MARK_NUMBER_NONE);
    assert_int_equal(notes->clip_count + notes->chapter_count + notes->warning_count, 0);
    notes_destroy(notes);
    notes_destroy(NULL);
}

static void test_marks_keep_their_order(void **state)
{
    (void)state;
    struct notes *notes = notes_create("a.md");
    for (int i = 0; i < 5000; i++) {
        struct clip *clip =
            notes_add_clip(notes, &(struct clip){.number = i,
                                                 .title = arena_format(notes->arena, "clip %d", i),
                                                 .start = i * 1000,
                                                 .end = MILLIS_NONE,
                                                 .line = i + 1});
        struct chapter *chapter = notes_add_chapter(
            notes, &(struct chapter){.start = i, .title = arena_format(notes->arena, "c %d", i)});
        assert_ptr_equal(clip, &notes->clips[i]);
        assert_ptr_equal(chapter, &notes->chapters[i]);
    }
    assert_int_equal(notes->clip_count, 5000);
    assert_int_equal(notes->chapter_count, 5000);
    assert_int_equal(notes->clips[4321].number, 4321);
    assert_string_equal(notes->clips[4321].title, "clip 4321");
    assert_true(notes->clips[4321].end == MILLIS_NONE);
    assert_string_equal(notes->chapters[4321].title, "c 4321");
    notes_destroy(notes);
}

static void test_warnings(void **state)
{
    (void)state;
    struct notes *notes = notes_create("a.md");
    notes_warn(notes, 7, "'%s' is no time", "1:75");
    for (int i = 0; i < 100; i++)
        notes_warn(notes, i, "warning %d", i);
    assert_int_equal(notes->warning_count, 101);
    assert_int_equal(notes->warnings[0].line, 7);
    assert_string_equal(notes->warnings[0].message, "'1:75' is no time");
    assert_string_equal(notes->warnings[100].message, "warning 99");
    notes_destroy(notes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_known_at_first),
        cmocka_unit_test(test_marks_keep_their_order),
        cmocka_unit_test(test_warnings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
