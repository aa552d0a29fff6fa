/* SPDX-License-Identifier: MIT */
#include "audio/pause.h"

#include "test.h"

#define SECOND 100 /* windows */
#define SPEECH (-20.0F)

/* Ten seconds of speech whose words are a third of a second long, over a floor. */
struct sound {
    float levels[10 * SECOND];
};

static void speak(struct sound *sound, float floor)
{
    for (size_t i = 0; i < COUNT_OF(sound->levels); i++) {
        bool between_words = i % 33 < 3;
        sound->levels[i] = between_words ? floor + 8 : SPEECH + (float)(i % 7) - 3;
    }
}

static void hush(struct sound *sound, size_t from, size_t to, float level)
{
    for (size_t i = from; i < to; i++)
        sound->levels[i] = level + (float)(i % 2);
}

struct pick {
    const char *what;
    float floor;
    size_t pauses[3][2]; /* from, to; 0, 0: none */
    float levels[3];
    size_t from, to;
    int expected; /* which pause; -1: none */
};

static const struct pick picks[] = {
    {"no pause at all", -60, {{0}}, {0}, 0, 1000, -1},
    {"the longer one", -60, {{200, 240}, {600, 680}}, {-60, -60}, 0, 1000, 1},
    {"the quieter one", -60, {{200, 260}, {600, 660}}, {-60, -49}, 0, 1000, 0},
    {"longer counts more than a little quieter",
     -60,
     {{200, 240}, {600, 690}},
     {-60, -57},
     0,
     1000,
     1},
    {"only what begins in reach", -60, {{200, 290}, {600, 640}}, {-60, -60}, 300, 1000, 1},
    {"nothing in reach", -60, {{200, 290}}, {-60}, 300, 1000, -1},
    {"too short", -60, {{208, 221}}, {-60}, 0, 1000, -1},
    {"over music", -35, {{200, 240}, {600, 660}}, {-35, -36}, 0, 1000, 1},
    {"the first of equals that is nearest",
     -60,
     {{205, 255}, {605, 655}, {904, 954}},
     {-60, -60, -60},
     0,
     1000,
     1},
};

static void test_picks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(picks); i++) {
        const struct pick *pick = &picks[i];
        struct sound sound;
        speak(&sound, pick->floor);
        for (int k = 0; k < 3; k++)
            hush(&sound, pick->pauses[k][0], pick->pauses[k][1], pick->levels[k]);
        size_t first = 0, after = 0;
        bool found = pause_pick(sound.levels, COUNT_OF(sound.levels), pick->from, pick->to, 610,
                                &first, &after);
        if (found != (pick->expected >= 0))
            fail_msg("%s: found %d, %zu to %zu", pick->what, found, first, after);
        if (!found)
            continue;
        const size_t *wanted = pick->pauses[pick->expected];
        if (first < wanted[0] || first > (wanted[0] + wanted[1]) / 2 || after < wanted[1])
            fail_msg("%s: %zu to %zu", pick->what, first, after);
    }
}

static void test_a_click_does_not_end_a_pause(void **state)
{
    (void)state;
    struct sound sound;
    speak(&sound, -60);
    hush(&sound, 500, 560, -60);
    hush(&sound, 530, 532, SPEECH);
    size_t first = 0, after = 0;
    assert_true(pause_pick(sound.levels, COUNT_OF(sound.levels), 0, 1000, 500, &first, &after));
    assert_in_range(first, 498, 510);
    assert_in_range(after, 560, 566);
}

static void test_what_plays_underneath_hides_the_end_of_a_word(void **state)
{
    (void)state;
    struct sound clean, music;
    speak(&clean, -60);
    hush(&clean, 500, 560, -60);
    speak(&music, -35);
    hush(&music, 500, 560, -35);
    size_t early = 0, late = 0, after = 0;
    assert_true(pause_pick(clean.levels, 10 * SECOND, 0, 1000, 500, &early, &after));
    assert_true(pause_pick(music.levels, 10 * SECOND, 0, 1000, 500, &late, &after));
    assert_int_equal(late - early, 8);
}

/* What a loud voice drowns may hide the end of a quiet one's words. */
static void test_a_quiet_voice_after_a_loud_one(void **state)
{
    (void)state;
    struct sound loud, quiet;
    speak(&loud, -55);
    hush(&loud, 500, 560, -55);
    quiet = loud;
    for (size_t i = 200; i < 500; i++)
        if (quiet.levels[i] > -40)
            quiet.levels[i] -= 12;
    size_t early = 0, late = 0, after = 0;
    assert_true(pause_pick(loud.levels, 10 * SECOND, 0, 1000, 500, &early, &after));
    assert_true(pause_pick(quiet.levels, 10 * SECOND, 0, 1000, 500, &late, &after));
    assert_int_equal(late - early, 8);
}

static void test_nothing_to_hear(void **state)
{
    (void)state;
    size_t first = 0, after = 0;
    float silence[200];
    for (size_t i = 0; i < COUNT_OF(silence); i++)
        silence[i] = -120;
    assert_false(pause_pick(NULL, 0, 0, 10, 5, &first, &after));
    assert_false(pause_pick(silence, 1, 0, 10, 5, &first, &after));
    assert_false(pause_pick(silence, COUNT_OF(silence), 0, 200, 5, &first, &after));
    assert_false(pause_phrase(silence, COUNT_OF(silence), 0, 100, &first));
}

static void test_phrases_begin_behind_a_pause(void **state)
{
    (void)state;
    struct sound sound;
    for (size_t i = 0; i < COUNT_OF(sound.levels); i++)
        sound.levels[i] = SPEECH + (float)(i % 5);
    hush(&sound, 400, 450, -60);
    size_t first = 0;
    assert_true(pause_phrase(sound.levels, 10 * SECOND, 430, 480, &first));
    assert_int_equal(first, 450);
    assert_false(pause_phrase(sound.levels, 10 * SECOND, 470, 490, &first)); /* out of reach */
    assert_false(pause_phrase(sound.levels, 10 * SECOND, 400, 430, &first)); /* in the pause */
    assert_false(pause_phrase(sound.levels, 10 * SECOND, 0, 1000, &first));  /* past the end */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_picks),
        cmocka_unit_test(test_a_click_does_not_end_a_pause),
        cmocka_unit_test(test_what_plays_underneath_hides_the_end_of_a_word),
        cmocka_unit_test(test_a_quiet_voice_after_a_loud_one),
        cmocka_unit_test(test_nothing_to_hear),
        cmocka_unit_test(test_phrases_begin_behind_a_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
