/* SPDX-License-Identifier: MIT */
#include "recap/plan.h"

#include "test.h"

struct row {
    int number;
    const char *title, *page;
};

static struct notes *make_page(const char *path, const struct row *rows, size_t count)
{
    struct notes *notes = notes_create(path);
    for (size_t i = 0; i < count; i++)
        notes_add_clip(notes, &(struct clip){.number = rows[i].number,
                                             .label = rows[i].title,
                                             .title = rows[i].title,
                                             .url = rows[i].page,
                                             .page = rows[i].page,
                                             .end = MILLIS_NONE});
    return notes;
}

static void test_no_pages_no_work(void **state)
{
    (void)state;
    struct plan *plan = plan_create(NULL, 0, "");
    assert_int_equal(plan->clip_count, 0);
    assert_int_equal(plan->episode_count, 0);
    plan_destroy(plan);
}

static void test_an_episode_is_one_however_it_is_spelt(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {1, "a", "https://show.example/podcast/s01e01-one/"},
        {2, "b", "https://show.example/podcast/s01e02-two"},
        {3, "c", "https://show.example/podcast/s01e01-one"},
        {4, "d", "http://www.show.example/podcast/s01e01-one/"},
    };
    struct notes *page = make_page("finale.md", rows, COUNT_OF(rows));
    struct plan *plan = plan_create(&page, 1, "");
    assert_int_equal(plan->clip_count, 4);
    assert_int_equal(plan->episode_count, 2);
    assert_int_equal(plan->episodes[0].clip_count, 3);
    assert_int_equal(plan->episodes[0].clips[2], 3);
    assert_int_equal(plan->episodes[1].clip_count, 1);
    assert_string_equal(plan->episodes[0].page, rows[0].page);
    plan_destroy(plan);
    notes_destroy(page);
}

static void test_files_are_named_by_number_and_title(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {1, "Paul Dix talking about Rust adoption at InfluxData", "p"},
        {7, "Stephen Blum: \"All new services will be in Rust\"", "p"},
        {16, "Rust doesn't hide complexity", "p"},
        {20, "\xF0\x9F\xA6\x80", "p"},
        {21, "", "p"},
        {21, "", "p"},
    };
    static const char *const stems[] = {
        "01-paul-dix-talking-about-rust-adoption-at-influxdata",
        "07-stephen-blum-all-new-services-will-be-in-rust",
        "16-rust-doesnt-hide-complexity",
        "20",
        "21",
        "21-2",
    };
    struct notes *page = make_page("finale.md", rows, COUNT_OF(rows));
    struct plan *plan = plan_create(&page, 1, "");
    for (size_t i = 0; i < COUNT_OF(stems); i++)
        assert_string_equal(plan->clips[i].stem, stems[i]);
    assert_int_equal(plan->clips[1].track, 7);
    assert_int_equal(plan->clips[1].track_total, COUNT_OF(rows));
    plan_destroy(plan);
    notes_destroy(page);
}

static void test_several_pages_have_folders(void **state)
{
    (void)state;
    static const struct row row = {1, "A clip", "p"};
    struct notes *pages[] = {
        make_page("notes/finale.md", &row, 1),
        make_page("notes/two/index.md", &row, 1),
        make_page("old/finale.md", &row, 1),
        make_page("empty.md", NULL, 0),
    };
    struct plan *plan = plan_create(pages, COUNT_OF(pages), "");
    assert_int_equal(plan->clip_count, 3);
    assert_string_equal(plan->clips[0].stem, "finale/01-a-clip");
    assert_string_equal(plan->clips[1].stem, "two/01-a-clip");
    assert_string_equal(plan->clips[2].stem, "finale-2/01-a-clip");
    plan_destroy(plan);
    for (size_t i = 0; i < COUNT_OF(pages); i++)
        notes_destroy(pages[i]);
}

static void test_the_next_mark_of_an_episode(void **state)
{
    (void)state;
    struct notes *page = notes_create("finale.md");
    static const struct {
        const char *page;
        millis start, next;
    } rows_of[] = {
        {"https://show.example/e1", 60000, 90000},
        {"https://show.example/e2", 70000, MILLIS_NONE},
        {"https://show.example/e1/", 120000, MILLIS_NONE},
        {"https://show.example/e1", 60000, 90000},
    };
    for (size_t i = 0; i < COUNT_OF(rows_of); i++)
        notes_add_clip(page, &(struct clip){.number = (int)i,
                                            .title = "",
                                            .page = rows_of[i].page,
                                            .start = rows_of[i].start,
                                            .end = MILLIS_NONE});
    struct notes *own = notes_create("e1.md");
    own->page = "http://show.example/e1/";
    notes_add_chapter(own, &(struct chapter){.start = 90000, .title = "A chapter"});
    struct notes *pages[] = {page, own};
    struct plan *plan = plan_create(pages, COUNT_OF(pages), "");
    for (size_t i = 0; i < COUNT_OF(rows_of); i++)
        assert_int_equal(plan->clips[i].next, rows_of[i].next);
    plan_destroy(plan);
    notes_destroy(own);
    notes_destroy(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_pages_no_work),
        cmocka_unit_test(test_an_episode_is_one_however_it_is_spelt),
        cmocka_unit_test(test_files_are_named_by_number_and_title),
        cmocka_unit_test(test_several_pages_have_folders),
        cmocka_unit_test(test_the_next_mark_of_an_episode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
