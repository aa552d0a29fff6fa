/* SPDX-License-Identifier: MIT */
#include "fetch/header.h"

#include "test.h"

static void test_content_range(void **state)
{
    static const struct {
        const char *text;
        bool right;
        int64_t first, last, total;
    } rows[] = {
        {"bytes 0-499/1234", true, 0, 499, 1234},
        {"bytes 0-0/1", true, 0, 0, 1},
        {" Bytes  7-9/10 ", true, 7, 9, 10},
        {"bytes=7-9/10", true, 7, 9, 10},
        {"bytes 0-499/*", true, 0, 499, -1},
        {"bytes */1234", true, -1, -1, 1234},
        {"bytes */0", true, -1, -1, 0},
        {"bytes 9223372036854775805-9223372036854775805/9223372036854775806", true, INT64_MAX - 2,
         INT64_MAX - 2, INT64_MAX - 1},
        {"", false, 0, 0, 0},
        {"bytes", false, 0, 0, 0},
        {"bytes ", false, 0, 0, 0},
        {"bytes */*", false, 0, 0, 0},
        {"bytes 5-4/10", false, 0, 0, 0},
        {"bytes 0-10/10", false, 0, 0, 0},
        {"bytes -1-4/10", false, 0, 0, 0},
        {"bytes 0-4/10x", false, 0, 0, 0},
        {"bytes 0-4", false, 0, 0, 0},
        {"bytes 0 - 4/10", false, 0, 0, 0},
        {"bytes 0-18446744073709551616/*", false, 0, 0, 0},
        {"bytes 0-9223372036854775807/*", false, 0, 0, 0},
        {"items 0-4/10", false, 0, 0, 0},
        {"bytesx 0-4/10", false, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct content_range range = {-7, -7, -7};
        bool right = header_content_range(slice_of(rows[i].text), &range);
        if (right != rows[i].right)
            fail_msg("'%s'", rows[i].text);
        assert_int_equal(range.first, right ? rows[i].first : -7);
        assert_int_equal(range.last, right ? rows[i].last : -7);
        assert_int_equal(range.total, right ? rows[i].total : -7);
    }
}

static void test_retry_after(void **state)
{
    static const time_t now = 784111777; /* Sun, 06 Nov 1994 08:49:37 GMT */
    static const struct {
        const char *text;
        bool right;
        int64_t wait;
    } rows[] = {
        {"120", true, 120000},
        {" 0 ", true, 0},
        {"Sun, 06 Nov 1994 08:50:37 GMT", true, 60000},
        {"Sunday, 06-Nov-94 08:50:37 GMT", true, 60000},
        {"Sun Nov  6 08:50:37 1994", true, 60000},
        {"Sun, 06 Nov 1994 08:00:00 GMT", true, 0},
        {"-5", true, 0},
        {"soon", false, 0},
        {"", false, 0},
        {"9223372036854775807", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t wait = -7;
        bool right = header_retry_after(slice_of(rows[i].text), now, &wait);
        if (right != rows[i].right || (right && wait != rows[i].wait))
            fail_msg("'%s': %d, %lld", rows[i].text, right, (long long)wait);
    }
}

static void test_types(void **state)
{
    static const struct {
        const char *text, *type, *charset;
    } rows[] = {
        {"text/html", "text/html", ""},
        {"Text/HTML; charset=UTF-8", "text/html", "utf-8"},
        {"text/html;Charset=\"ISO-8859-1\" ; x=y", "text/html", "iso-8859-1"},
        {"application/rss+xml; x=charset=no; charset=utf-8", "application/rss+xml", "utf-8"},
        {"", "", ""},
        {";charset=", "", ""},
        {"text/html; charset=\"", "text/html", "\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_owned(header_media_type(slice_of(rows[i].text)), rows[i].type);
        assert_owned(header_charset(slice_of(rows[i].text)), rows[i].charset);
    }
}

static void test_etags(void **state)
{
    (void)state;
    assert_true(header_same_etag("\"a\"", "\"a\""));
    assert_true(header_same_etag("W/\"a\"", "\"a\""));
    assert_false(header_same_etag("\"a\"", "\"b\""));
    assert_true(header_etag_is_strong("\"a\""));
    assert_false(header_etag_is_strong("W/\"a\""));
    assert_false(header_etag_is_strong("a"));
    assert_false(header_etag_is_strong(NULL));
}

static void test_pages(void **state)
{
    static const struct {
        const char *type, *text;
        bool page;
    } rows[] = {
        {"audio/mpeg", "ID3\4", false},
        {"text/plain", "ID3\4", false},
        {"text/html", "ID3\4", false}, /* wrong types are common, wrong bytes are not */
        {"audio/mpeg", "<!DOCTYPE html><html>", true},
        {"audio/mpeg", "\r\n \xEF\xBB\xBF", false},
        {"audio/mpeg", "\xEF\xBB\xBF\n<html lang=\"en\">", true},
        {"application/xml", "<Error><Code>AccessDenied</Code>", true},
        {"application/json", "{\"error\": 1}", true},
        {"text/html", "<p>sorry", true},
        {"audio/mpeg", "<p>", false},
        {"audio/mpeg", "", false},
        {"", "", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (header_is_page(rows[i].type, rows[i].text, strlen(rows[i].text)) != rows[i].page)
            fail_msg("%s '%s'", rows[i].type, rows[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_content_range), cmocka_unit_test(test_retry_after),
        cmocka_unit_test(test_types),         cmocka_unit_test(test_etags),
        cmocka_unit_test(test_pages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
