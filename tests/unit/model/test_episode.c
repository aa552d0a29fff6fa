/* SPDX-License-Identifier: MIT */
#include "model/episode.h"

#include "test.h"

static void test_nothing_is_known_at_first(void **state)
{
    (void)state;
    char page[] = "https://show.example/1";
    struct episode *episode = episode_create(page);
    page[0] = 'x';
    assert_string_equal(episode->page, "https://show.example/1");
    assert_null(episode->audio);
    assert_null(episode->title);
    assert_true(episode->audio_size == -1);
    assert_true(episode->duration == MILLIS_NONE);
    assert_int_equal(episode->season, MARK_NUMBER_NONE);
    assert_int_equal(episode->number, MARK_NUMBER_NONE);
    episode_destroy(episode);
    episode_destroy(NULL);
}

static void test_without_a_page(void **state)
{
    (void)state;
    struct episode *episode = episode_create(NULL);
    assert_null(episode->page);
    episode_destroy(episode);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_known_at_first),
        cmocka_unit_test(test_without_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
