/* SPDX-License-Identifier: MIT */
#include "model/chapter.h"

#include "test.h"

static void test_empty(void **state)
{
    (void)state;
    struct chapter_list list;
    chapter_list_init(&list);
    assert_int_equal(list.count, 0);
    assert_null(list.title);
    chapter_list_sort(&list);
    assert_int_equal(list.count, 0);
    chapter_list_release(&list);
    chapter_list_release(&list);
}

static void test_copies_are_deep(void **state)
{
    (void)state;
    char title[] = "Intro", link[] = "https://a", image[] = "https://i", type[] = "image/png";
    uint8_t data[] = {1, 2, 3};
    struct picture picture = {data, sizeof data, type};
    const struct chapter given = {.start = 1000,
                                  .end = MILLIS_NONE,
                                  .title = title,
                                  .link = link,
                                  .image = image,
                                  .picture = &picture,
                                  .hidden = true,
                                  .line = 7};
    struct chapter_list list;
    chapter_list_init(&list);
    struct chapter *copy = chapter_list_add(&list, &given);
    memset(title, 'x', sizeof title - 1);
    memset(link, 'x', sizeof link - 1);
    memset(image, 'x', sizeof image - 1);
    memset(type, 'x', sizeof type - 1);
    memset(data, 9, sizeof data);
    picture = (struct picture){0};

    assert_ptr_equal(copy, &list.items[0]);
    assert_int_equal(copy->start, 1000);
    assert_true(copy->end == MILLIS_NONE);
    assert_string_equal(copy->title, "Intro");
    assert_string_equal(copy->link, "https://a");
    assert_string_equal(copy->image, "https://i");
    assert_int_equal(copy->picture->size, 3);
    assert_memory_equal(copy->picture->data, "\1\2\3", 3);
    assert_string_equal(copy->picture->type, "image/png");
    assert_true(copy->hidden);
    assert_int_equal(copy->line, 7);
    chapter_list_release(&list);
}

static void test_what_is_not_there_stays_so(void **state)
{
    (void)state;
    static const struct picture empty;
    struct chapter_list list;
    chapter_list_init(&list);
    struct chapter *bare = chapter_list_add(&list, &(struct chapter){.start = 5});
    assert_null(bare->title);
    assert_null(bare->link);
    assert_null(bare->image);
    assert_null(bare->picture);
    struct chapter *pictured = chapter_list_add(&list, &(struct chapter){.picture = &empty});
    assert_int_equal(pictured->picture->size, 0);
    assert_null(pictured->picture->type);
    chapter_list_release(&list);
}

/* A chapter of the list itself is given while the list moves. */
static void test_a_list_may_copy_its_own(void **state)
{
    (void)state;
    struct chapter_list list;
    chapter_list_init(&list);
    chapter_list_add(&list, &(struct chapter){.start = 1, .title = "one"});
    for (int i = 0; i < 1000; i++)
        chapter_list_add(&list, &list.items[list.count - 1]);
    assert_int_equal(list.count, 1001);
    assert_string_equal(list.items[1000].title, "one");
    chapter_list_release(&list);
}

static void check_sorted(const struct chapter_list *list)
{
    for (size_t i = 1; i < list->count; i++) {
        const struct chapter *before = &list->items[i - 1], *after = &list->items[i];
        assert_true(before->start < after->start ||
                    (before->start == after->start && before->line < after->line));
    }
}

static void test_sort_is_stable(void **state)
{
    static const size_t counts[] = {1, 2, 3, 7, 8, 1000, 20000};
    static const uint32_t spreads[] = {1, 3, 1000000};
    (void)state;
    for (size_t c = 0; c < COUNT_OF(counts); c++)
        for (size_t s = 0; s < COUNT_OF(spreads); s++) {
            struct chapter_list list;
            uint32_t random = 1;
            int64_t sum = 0;
            chapter_list_init(&list);
            for (size_t i = 0; i < counts[c]; i++) {
                random = random * 1664525 + 1013904223;
                millis start = (random >> 8) % spreads[s];
                sum += start;
                chapter_list_add(&list, &(struct chapter){.start = start, .line = (int)i});
            }
            chapter_list_sort(&list);
            assert_int_equal(list.count, counts[c]);
            check_sorted(&list);
            chapter_list_sort(&list); /* what is sorted stays as it is */
            check_sorted(&list);
            for (size_t i = 0; i < list.count; i++)
                sum -= list.items[i].start;
            assert_int_equal(sum, 0);
            chapter_list_release(&list);
        }
}

static void test_sort_by_extremes(void **state)
{
    static const millis starts[] = {MILLIS_MAX, MILLIS_NONE, 0, -1, INT64_MAX, 5};
    static const millis sorted[] = {MILLIS_NONE, -1, 0, 5, MILLIS_MAX, INT64_MAX};
    (void)state;
    struct chapter_list list;
    chapter_list_init(&list);
    for (size_t i = 0; i < COUNT_OF(starts); i++)
        chapter_list_add(&list, &(struct chapter){.start = starts[i]});
    chapter_list_sort(&list);
    for (size_t i = 0; i < COUNT_OF(sorted); i++)
        assert_true(list.items[i].start == sorted[i]);
    chapter_list_release(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_copies_are_deep),
        cmocka_unit_test(test_what_is_not_there_stays_so),
        cmocka_unit_test(test_a_list_may_copy_its_own),
        cmocka_unit_test(test_sort_is_stable),
        cmocka_unit_test(test_sort_by_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
