/* SPDX-License-Identifier: MIT */
#include "format/url.h"

#include "test.h"

static void test_is_http(void **state)
{
    (void)state;
    assert_true(url_is_http("https://a.example/x"));
    assert_true(url_is_http("HTTP://a.example"));
    assert_false(url_is_http("ftp://a.example"));
    assert_false(url_is_http("httpx://a"));
    assert_false(url_is_http("episode.mp3"));
    assert_false(url_is_http(""));
}

static void test_resolves_references(void **state)
{
    static const struct {
        const char *base, *reference, *url;
    } rows[] = {
        {"https://a.example/pod/", "s01/?t=5", "https://a.example/pod/s01/?t=5"},
        {"https://a.example/pod/x", "../y.mp3", "https://a.example/y.mp3"},
        {"https://a.example/pod/x?q=1#f", "?t=2", "https://a.example/pod/x?t=2"},
        {"https://a.example/pod/x", "/top", "https://a.example/top"},
        {"https://a.example/pod/x", "//cdn.example/y.mp3", "https://cdn.example/y.mp3"},
        {"https://a.example/pod/x", "http://b.example/z?a=%2f", "http://b.example/z?a=%2f"},
        {"https://a.example/pod/x", " http://b.example/a b.mp3 \n", "http://b.example/a%20b.mp3"},
        {"https://a.example/", "f\xC3\xBCr.mp3", "https://a.example/f%c3%bcr.mp3"},
        {"https://a.example/x", "#t=5", "https://a.example/x#t=5"},
        {NULL, "https://a.example/x", "https://a.example/x"},
        {NULL, "x.mp3", NULL},
        {NULL, "", NULL},
        {"https://a.example/", "mailto:x@example.org", NULL},
        {"https://a.example/", "javascript:void(0)", NULL},
        {"not a url", "x", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *url = url_resolve(rows[i].base, rows[i].reference);
        if (!rows[i].url)
            assert_null(url);
        else
            assert_owned(url, rows[i].url);
    }
}

static void test_parts(void **state)
{
    const char *url = "https://User:pw@WWW.Example.org:8080/a%20b/S01E02-x%2fy/?t=55%3A40&x=#t=%31";
    (void)state;
    assert_owned(url_host(url), "www.example.org");
    assert_owned(url_path(url, false), "/a%20b/S01E02-x%2fy/");
    assert_owned(url_path(url, true), "/a b/S01E02-x/y/");
    assert_owned(url_query(url), "t=55%3A40&x=");
    assert_owned(url_fragment(url, false), "t=%31");
    assert_owned(url_fragment(url, true), "t=1");
    assert_owned(url_slug(url), "S01E02-x/y");
    assert_owned(url_without_fragment("https://a.example/x?y#z"), "https://a.example/x?y");

    assert_owned(url_query("https://a.example"), "");
    assert_owned(url_slug("https://a.example//"), "");
    assert_owned(url_slug("https://a.example/one"), "one");
    assert_null(url_host("mailto:x"));
    assert_null(url_slug("mailto:x"));
}

static void test_parts_of_relative_references(void **state)
{
    (void)state;
    assert_null(url_host("episodes/one"));
    assert_owned(url_path("episodes/one/?t=1", false), "/episodes/one/");
    assert_owned(url_slug("../one/?t=1"), "one");
    assert_owned(url_query("one?t=1#x?y"), "t=1");
    assert_owned(url_fragment("one#x?y", false), "x?y");
}

static bool drop_time(void *context, struct slice name, struct slice value)
{
    size_t *seen = context;
    (*seen)++;
    return slice_equal(name, SLICE("t")) && value.size > 0 && byte_is_digit(value.data[0]);
}

static void test_drops_parameters(void **state)
{
    static const struct {
        const char *url, *left;
    } rows[] = {
        {"https://a.example/x/?t=55%3A40", "https://a.example/x/"},
        {"https://a.example/x?a=%2f&t=1&b=c+d#f", "https://a.example/x?a=%2f&b=c+d#f"},
        {"https://a.example/x?t=podcast", "https://a.example/x?t=podcast"},
        {"https://a.example/x?%74=%31", "https://a.example/x"},
        {"../x?t=5&t=6", "../x"},
        {"https://a.example/x", "https://a.example/x"},
        {"https://a.example/x#?t=5", "https://a.example/x#?t=5"},
    };
    size_t seen = 0;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_owned(url_without_parameters(rows[i].url, drop_time, &seen), rows[i].left);
    assert_int_equal(seen, 8);
}

static void test_pages_that_are_the_same(void **state)
{
    static const struct {
        const char *url, *canonical;
    } rows[] = {
        {"https://example.org/pod/s01/", "example.org/pod/s01"},
        {"http://www.Example.org:80/pod/s01", "example.org/pod/s01"},
        {"HTTPS://EXAMPLE.ORG:443/pod/s01/index.html", "example.org/pod/s01"},
        {"https://example.org./pod/%7300%31/../s01#t=5", "example.org/pod/s01"},
        {"https://me:pw@example.org/pod/s01?utm_source=x&fbclid=1", "example.org/pod/s01"},
        {"https://example.org/pod/s01?", "example.org/pod/s01"},
        {"https://example.org", "example.org"},
        {"https://example.org/", "example.org"},
        /* and those that are not */
        {"https://example.org:8443/pod/s01", "example.org:8443/pod/s01"},
        {"https://example.org/pod/S01", "example.org/pod/S01"},
        {"https://example.org/pod/s01?id=5&UTM_medium=y", "example.org/pod/s01?id=5"},
        {"https://example.org/a%2fb", "example.org/a%2Fb"},
        {"https://example.org/f\xC3\xBCr", "example.org/f%C3%BCr"},
        {"https://example.org/f%c3%bcr", "example.org/f%C3%BCr"},
        {"https://example.org/a b", "example.org/a%20b"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_owned(url_canonical(rows[i].url), rows[i].canonical);
    assert_null(url_canonical("episode.mp3"));
    assert_null(url_canonical(""));
}

static void test_secrets_do_not_show(void **state)
{
    static const struct {
        const char *url, *safe;
    } rows[] = {
        {"https://me:secret@a.example/x.mp3", "https://a.example/x.mp3"},
        {"https://token@a.example", "https://a.example"},
        {"https://a.example/x?auth=abc&t=5", "https://a.example/x?auth=…&t=5"},
        {"https://a.example/x?X-Amz-Signature=ab%20c&apiKey=1&access_token=2",
         "https://a.example/x?X-Amz-Signature=…&apiKey=…&access_token=…"},
        {"https://a.example/x?%6Bey=1#access_token=2",
         "https://a.example/x?%6Bey=…#access_token=…"},
        {"https://a.example/design?design=1&keyword=x",
         "https://a.example/design?design=1&keyword=x"},
        {"http://me:p@ss@bad host:99999999/", "http://bad host:99999999/"},
        {"https://a.example/@user/x", "https://a.example/@user/x"},
        {"episode.mp3", "episode.mp3"},
        {"https://a.example/x?#", "https://a.example/x?#"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_owned(url_redacted(rows[i].url), rows[i].safe);
}

static void test_decodes(void **state)
{
    (void)state;
    assert_owned(url_decode(SLICE("%41+%zz%4")), "A+%zz%4");
    assert_owned(url_decode(SLICE("a%00b")), "a%00b");
    assert_owned(url_decode(SLICE("%c3%BC")), "\xC3\xBC");
    assert_owned(url_decode(SLICE("")), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_http),
        cmocka_unit_test(test_resolves_references),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_parts_of_relative_references),
        cmocka_unit_test(test_drops_parameters),
        cmocka_unit_test(test_pages_that_are_the_same),
        cmocka_unit_test(test_secrets_do_not_show),
        cmocka_unit_test(test_decodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
