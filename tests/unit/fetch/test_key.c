/* SPDX-License-Identifier: MIT */
#include "fetch/key.h"

#include "test.h"

static void test_tracking_is_left_out(void **state)
{
    static const struct {
        const char *url, *plain;
    } rows[] = {
        {"https://example.com/a.mp3", "https://example.com/a.mp3"},
        {"https://dts.podtrac.com/redirect.mp3/example.com/a.mp3", "https://example.com/a.mp3"},
        {"http://www.podtrac.com/pts/redirect.mp3/example.com/a.mp3?x=1",
         "https://example.com/a.mp3?x=1"},
        {"https://chtbl.com/track/ABC12/example.com/a.mp3", "https://example.com/a.mp3"},
        {"https://op3.dev/e/https://example.com/a.mp3", "https://example.com/a.mp3"},
        {"https://op3.dev/e,pg=01234567-89ab/example.com/a.mp3", "https://example.com/a.mp3"},
        {"https://pdst.fm/e/chrt.fm/track/X/pscrb.fm/rss/p/traffic.megaphone.fm/ABC.mp3",
         "https://traffic.megaphone.fm/ABC.mp3"},
        {"https://PDST.FM/e/example.com/a.mp3", "https://example.com/a.mp3"},
        /* What follows is no host, so this is the file itself. */
        {"https://pdst.fm/e/a.mp3", "https://pdst.fm/e/a.mp3"},
        {"https://op3.dev/e/", "https://op3.dev/e/"},
        {"https://chtbl.com/track/ABC12", "https://chtbl.com/track/ABC12"},
        {"https://example.com/pdst.fm/e/a.b/c.mp3", "https://example.com/pdst.fm/e/a.b/c.mp3"},
        {"notes/a.mp3", "notes/a.mp3"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_owned(key_without_tracking(rows[i].url), rows[i].plain);
}

static void test_keys(void **state)
{
    static const struct {
        const char *url, *guid, *key;
    } rows[] = {
        {"https://example.com/a.mp3", "01234567-89ab-cdef-0123-456789abcdef",
         "guid:01234567-89ab-cdef-0123-456789abcdef"},
        {"https://example.com/a.mp3", " https://example.com/?p=1\n",
         "guid:https://example.com/?p=1"},
        {"https://op3.dev/e/example.com/a.mp3", "42", "guid:example.com:42"},
        {"https://op3.dev/e/Example.com/a.mp3", NULL, "url:example.com/a.mp3"},
        {"http://example.com:80/a.mp3#t=5", "", "url:example.com/a.mp3"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_owned(key_of(rows[i].url, rows[i].guid), rows[i].key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tracking_is_left_out),
        cmocka_unit_test(test_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
