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

static void keep_message(void *context, enum log_level level, const char *message)
{
    char **kept = context;
    assert_int_equal(level, LOG_WARNING);
    free(*kept);
    *kept = mem_strdup(message);
}

static void test_durations_are_compared(void **state)
{
    static const struct {
        millis declared, measured;
        const char *says; /* NULL: nothing */
    } rows[] = {
        {60000, 60000, NULL},
        {60000, 62000, NULL},
        {60000, 62001, "a.mp3: 2.001 s longer than the feed says (1:02.001, not 1:00): "},
        {60000, 30000, "a.mp3: 30 s shorter than the feed says (0:30, not 1:00): "},
        {MILLIS_NONE, 60000, NULL},
        {60000, MILLIS_NONE, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *message = NULL;
        struct log log = {keep_message, &message, LOG_WARNING};
        struct episode *episode = episode_create("https://show.example/1");
        episode->duration = rows[i].declared;
        episode_compare_duration(episode, rows[i].measured, "a.mp3", &log);
        if (!rows[i].says)
            assert_null(message);
        else
            assert_memory_equal(message, rows[i].says, strlen(rows[i].says));
        free(message);
        episode_destroy(episode);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_known_at_first),
        cmocka_unit_test(test_without_a_page),
        cmocka_unit_test(test_durations_are_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
