/* SPDX-License-Identifier: MIT */
#include "episode/resolve.h"

#include "folder.h"
#include "test.h"

static struct resolve_options site_options(const char *folder)
{
    return (struct resolve_options){.site = folder};
}

static void test_zola(void **state)
{
    struct resolve_options options = site_options(*state);
    add_text(*state, "config.toml", "base_url = \"https://a.example/show\"\ntitle = \"x\"\n");
    add_text(*state, "content/podcast/_index.md", "+++\ntitle = 'All'\n+++\n");
    add_text(*state, "content/podcast/s01e01-one.md",
             "+++\ntitle = 'One'\ndate = 2024-05-01\naliases = ['old/one', '/ep1/']\n[extra]\n"
             "season = 1\nepisode = 1\naudio = 'https://c.example/1.mp3'\n+++\nText\n");
    add_text(*state, "content/podcast/s01e02-two/index.md",
             "+++\ntitle = 'Two'\n[extra]\naudio_file = 'two.mp3'\n+++\n");
    add_text(*state, "content/podcast/s01e02-two/two.mp3", "");
    add_text(*state, "content/podcast/2024-05-02-three.md",
             "+++\ntitle = 'Three'\nslug = 'third'\n[extra]\naudio = '/audio/3.mp3'\n+++\n");
    add_text(*state, "static/audio/3.mp3", "");
    add_text(*state, "content/podcast/four.md",
             "+++\ntitle = 'Four'\n[extra]\naudio = '/audio/4.mp3'\n+++\n");
    add_text(*state, "content/podcast/five.md", "+++\ntitle = 'Five'\n+++\n");

    expect_found(&options, "https://a.example/show/podcast/s01e01-one/", "https://c.example/1.mp3");
    expect_found(&options, "http://www.a.example/show/old/one", "https://c.example/1.mp3");
    expect_found(&options, "https://a.example/show/ep1/", "https://c.example/1.mp3");
    expect_found(&options, "https://a.example/show/elsewhere/s01e01-one",
                 "https://c.example/1.mp3");
    expect_file(&options, "https://a.example/show/podcast/s01e02-two", *state,
                "content/podcast/s01e02-two/two.mp3", "site");
    expect_file(&options, "https://a.example/show/podcast/third/", *state, "static/audio/3.mp3",
                "site");
    expect_found(&options, "https://a.example/show/podcast/four/", "https://a.example/audio/4.mp3");
    expect_failure(&options, "https://a.example/show/podcast/five/", ERROR_MISSING,
                   "five.md names no audio");
    expect_failure(&options, "https://a.example/show/podcast/six/", ERROR_MISSING,
                   "none of the 6 pages in ");
    expect_failure(&options, "https://b.example/podcast/s01e01-one/", ERROR_MISSING,
                   "not a page of https://a.example/show");
    expect_failure(&options, "https://a.example/showing/podcast/s01e01-one/", ERROR_MISSING,
                   "not a page of");
}

static void test_hugo(void **state)
{
    struct resolve_options options = site_options(*state);
    add_text(*state, "hugo.yaml", "baseURL: https://a.example/\n");
    add_text(
        *state, "content/episode/one.md",
        "---\ntitle: One\nurl: /e/1/\naliases:\n  - /1\nparams:\n  podcast_file: 1.mp3\n---\n");
    add_text(*state, "content/episode/two.md",
             "---\ntitle: Two\n---\n<audio controls src=\"https://c.example/2.mp3\"></audio>\n");
    expect_found(&options, "https://a.example/e/1", "https://a.example/e/1.mp3");
    expect_found(&options, "https://a.example/1/", "https://a.example/1/1.mp3");
    expect_found(&options, "https://a.example/episode/two/", "https://c.example/2.mp3");
}

static void test_jekyll(void **state)
{
    struct resolve_options options = site_options(*state);
    add_text(*state, "_config.yml", "url: https://a.example\nbaseurl: /blog\n");
    add_text(*state, "_posts/2024-05-01-one.md",
             "---\ntitle: One\nredirect_from: /old\naudio: https://c.example/1.mp3\n---\n");
    add_text(
        *state, "_episodes/two.md",
        "---\ntitle: Two\npermalink: /e/two/\nenclosure:\n  url: https://c.example/2.mp3\n---\n");
    expect_found(&options, "https://a.example/blog/2024/05/01/one.html", "https://c.example/1.mp3");
    expect_found(&options, "https://a.example/blog/old", "https://c.example/1.mp3");
    expect_found(&options, "https://a.example/blog/e/two/", "https://c.example/2.mp3");
}

static void test_two_pages_are_one_too_many(void **state)
{
    struct resolve_options options = site_options(*state);
    add_text(*state, "content/a/one.md", "---\naudio: https://c.example/1.mp3\n---\n");
    add_text(*state, "content/b/one.md", "---\naudio: https://c.example/2.mp3\n---\n");
    expect_failure(&options, "https://a.example/one", ERROR_INPUT, "two pages of the site fit");
    expect_found(&options, "https://a.example/b/one", "https://c.example/2.mp3");
}

static void test_sites_that_cannot_be_read(void **state)
{
    struct error err = ERROR_INIT;
    struct resolve_options none = {.site = "/no/such/site"}, broken = {.site = *state};
    assert_null(resolver_create(&none, &err));
    assert_error(err, ERROR_MISSING, "/no/such/site");
    add_text(*state, "config.toml", "base_url = x");
    assert_null(resolver_create(&broken, &err));
    assert_error(err, ERROR_INPUT, "config.toml:1: 'x' is no value of TOML");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_zola, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_hugo, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_jekyll, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_two_pages_are_one_too_many, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_sites_that_cannot_be_read, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
