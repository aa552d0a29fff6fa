/* SPDX-License-Identifier: MIT */
#include "episode/match.h"

#include "test.h"

static void test_tokens(void **state)
{
    static const struct {
        const char *text;
        int season, number; /* -1: none */
    } rows[] = {
        {"s01e02", 1, 2},
        {"S1E2", 1, 2},
        {"the-s02e05-paul", 2, 5},
        {"s02-e05", 2, 5},
        {"Season 2, Episode 5", -1, -1},
        {"season-2-episode-5", 2, 5},
        {"s2ep12-x", 2, 12},
        {"s2024e100", 2024, 100},
        {"", -1, -1},
        {"s01", -1, -1},
        {"its01e02", -1, -1},
        {"s01e02b", -1, -1},
        {"s99999999999e1", -1, -1},
        {"e05", -1, -1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct episode_token token = {-1, -1};
        assert_int_equal(episode_token_find(slice_of(rows[i].text), &token), rows[i].season >= 0);
        assert_int_equal(token.season, rows[i].season);
        assert_int_equal(token.number, rows[i].number);
    }
}

static void test_page_names(void **state)
{
    static const struct {
        const char *url, *base, *absolute, *path, *slug;
    } rows[] = {
        {"https://a.example/pod/s01e02-Paul/", NULL, "https://a.example/pod/s01e02-Paul/",
         "pod/s01e02-Paul", "s01e02-paul"},
        {"../s01e02", "https://a.example/pod/x/", "https://a.example/pod/s01e02", "pod/s01e02",
         "s01e02"},
        {"https://a.example/pod/one/index.html", NULL, "https://a.example/pod/one/index.html",
         "pod/one", "one"},
        {"https://a.example/one.html", NULL, "https://a.example/one.html", "one.html", "one"},
        {"https://a.example/br%C3%BCggen", NULL, "https://a.example/br%C3%BCggen", "br\xC3\xBCggen",
         "bruggen"},
        {"https://a.example/", NULL, "https://a.example/", "", ""},
        {"audio/one two.mp3", NULL, "audio/one two.mp3", "audio/one two.mp3", "one-two-mp3"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct page_name page;
        page_name_init(&page, rows[i].url, rows[i].base);
        assert_string_equal(page.url, rows[i].absolute);
        assert_string_equal(page.path, rows[i].path);
        assert_string_equal(page.slug, rows[i].slug);
        page_name_release(&page);
    }
}

static void test_what_a_page_is_called(void **state)
{
    static const struct {
        const char *text;
        bool same;
    } rows[] = {
        {"https://a.example/pod/s01e02-paul", true},
        {"http://www.a.example/pod/s01e02-paul/index.html?utm_source=x", true},
        {"/pod/s01e02-paul/", true},
        {"pod/s01e02-paul", true},
        {"s01e02-paul", true},
        {"S01E02-Paul", true},
        {"other/s01e02-paul", false},
        {"https://b.example/pod/s01e02-paul", false},
        {"s01e02", false},
        {"", false},
        {"/", false},
    };
    struct page_name page;
    (void)state;
    page_name_init(&page, "https://a.example/pod/s01e02-paul/", NULL);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(page_name_is(&page, rows[i].text), rows[i].same);
    page_name_release(&page);
}

static void test_slugs_fit(void **state)
{
    static const struct {
        const char *page, *slug;
        enum slug_match match;
    } rows[] = {
        {"https://a/s01e02-paul", "s01e02-paul", SLUG_EQUAL},
        {"https://a/s01e02-paul", "show-s01e02-paul", SLUG_WITHIN},
        {"https://a/s01e02-paul", "s01e02-paul-final-mix", SLUG_WITHIN},
        {"https://a/s01e02-paul", "s01e02-paula", SLUG_TOKEN},
        {"https://a/s01e02-paul", "show-s1e2", SLUG_TOKEN},
        {"https://a/s01e02-paul", "s01e03-paul", SLUG_OTHER},
        {"https://a/paul", "not-paul-here", SLUG_OTHER},
        {"https://a/12", "12", SLUG_EQUAL},
        {"https://a/12", "season-1-12", SLUG_OTHER},
        {"https://a/", "", SLUG_OTHER},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct page_name page;
        page_name_init(&page, rows[i].page, NULL);
        assert_int_equal(page_name_match(&page, slice_of(rows[i].slug)), rows[i].match);
        page_name_release(&page);
    }
}

static void test_likeness(void **state)
{
    static const struct {
        const char *a, *b;
        int likeness;
    } rows[] = {
        {"paul-dix", "paul-dix", 1000},
        {"s02e05-paul-dix", "paul-dix", 1000},
        {"paul-dix", "paul-smith", 500},
        {"a-a-a-b", "a-b", 1000},
        {"paul", "anna", 0},
        {"", "", 0},
        {"s01e01", "s01e01", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(slug_likeness(slice_of(rows[i].a), slice_of(rows[i].b)), rows[i].likeness);
        assert_int_equal(slug_likeness(slice_of(rows[i].b), slice_of(rows[i].a)), rows[i].likeness);
    }
}

static void test_audio_names(void **state)
{
    (void)state;
    assert_true(is_audio_name("a/b.mp3"));
    assert_true(is_audio_name("https://a.example/b.M4A?x=1.html#t=5"));
    assert_true(is_audio_name("a b.opus"));
    assert_false(is_audio_name("https://a.example/b.html"));
    assert_false(is_audio_name("mp3"));
    assert_false(is_audio_name(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_page_names),
        cmocka_unit_test(test_what_a_page_is_called),
        cmocka_unit_test(test_slugs_fit),
        cmocka_unit_test(test_likeness),
        cmocka_unit_test(test_audio_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
