/* SPDX-License-Identifier: MIT */
#include "format/markup.h"

#include <time.h>

#include "events.h"
#include "test.h"

static char *events_of(struct slice text, size_t most, bool lines)
{
    struct error err = ERROR_INIT;
    struct events events = {
        .text = BUFFER_INIT(BUFFER_UNBOUNDED), .left = most, .no_lines = !lines};
    struct markup_handler handler = EVENTS_HANDLER(&events);
    assert_true(html_read(text, "x.html", &handler, &err));
    assert_no_error(err);
    return buffer_detach(&events.text);
}

static void test_events(void **state)
{
    static const struct {
        const char *html, *events; /* within <body> */
    } rows[] = {
        {"", ""},
        {"text", "'text'"},
        {"a &amp; b &uuml; &#8211;", "'a & b \xC3\xBC \xE2\x80\x93'"},
        {"<P CLASS=X Id=\"&lt;y\">t</P>", "<p class='X' id='<y'>'t'</p>"},
        {"<audio controls><source src=x.mp3></audio>",
         "<audio controls=''><source src='x.mp3'></source></audio>"},
        {"<My-Player data-x=1>t</My-Player>", "<my-player data-x='1'>'t'</my-player>"},
        {"<p>a<p>b", "<p>'a'</p><p>'b'</p>"},
        {"<b><i>x</b></i>", "<b><i>'x'</i></b>"},
        {"a<!-- no -->b", "'ab'"},
        {"Br\xFCggen \x96", "'Br\xC3\xBCggen \xE2\x80\x93'"},
        {"<script>if (a < b && \"</p>\") {}</script>",
         "<script>'if (a < b && \"</p>\") {}'</script>"},
        {"<textarea><p></textarea>", "<textarea>'<p>'</textarea>"},
        {"<template><p>x</p></template>", "<template><p>'x'</p></template>"},
        {"&#x1100CCCCCCCCCC;x", "'?x'"},
        {"<svg><path d=1 /></svg>", "<svg><path d='1'></path></svg>"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer page = BUFFER_INIT(BUFFER_UNBOUNDED), all = BUFFER_INIT(BUFFER_UNBOUNDED);
        buffer_append_format(&page, "<body>%s", rows[i].html);
        buffer_append_format(&all, "<html><head></head><body>%s</body></html>", rows[i].events);
        assert_owned(events_of(buffer_slice(&page), SIZE_MAX, false), buffer_text(&all));
        buffer_release(&page);
        buffer_release(&all);
    }
}

static void test_json_in_scripts_stays_as_it_is(void **state)
{
    (void)state;
    assert_owned(events_of(SLICE("<head><script type='application/ld+json'>\n"
                                 "{\"name\": \"a &amp; <b>\\u00fc</b>\"}\n</script>"),
                           SIZE_MAX, false),
                 "<html><head><script type='application/ld+json'>'\n"
                 "{\"name\": \"a &amp; <b>\\u00fc</b>\"}\n'</script></head><body></body></html>");
}

static void test_lines(void **state)
{
    (void)state;
    assert_owned(events_of(SLICE("<!doctype html>\n<html>\n<body>\n<p\nid=x>one\n</p>\n<a>t</a>"),
                           SIZE_MAX, true),
                 "2<html>3<head>3</head>3<body>3'\n'4<p id='x'>5'one\n'6</p>6'\n'7<a>7't'7</a>"
                 "7</body>7</html>");
}

static void test_handlers_end_the_reading(void **state)
{
    static const char all[] = "<html><head></head><body><p>'t'</p></body></html>";
    (void)state;
    for (size_t most = 1; most <= 9; most++) {
        char *events = events_of(SLICE("<p>t</p>"), most, false);
        assert_memory_equal(events, all, strlen(events));
        free(events);
    }
    struct markup_handler none = {0};
    assert_true(html_read(SLICE("<p>t"), "x", &none, NULL));
}

/* `unit` as often as it fits into `size` bytes: read, or refused, but never for long. */
static void expect_an_end(const char *before, const char *unit, size_t size)
{
    struct error err = ERROR_INIT;
    struct markup_handler none = {0};
    struct buffer page = BUFFER_INIT(BUFFER_UNBOUNDED);
    buffer_append_text(&page, before);
    while (page.size + strlen(unit) <= size)
        buffer_append_text(&page, unit);
    clock_t start = clock();
    if (!html_read(buffer_slice(&page), "x", &none, &err))
        assert_error(err, ERROR_INPUT, "this HTML is ");
    assert_in_range((clock() - start) / CLOCKS_PER_SEC, 0, HTML_MAX_SECONDS * 4);
    buffer_release(&page);
}

static void test_twisted_pages_come_to_an_end(void **state)
{
    (void)state;
    expect_an_end("", "<div>", HTML_MAX_BYTES);
    expect_an_end("", "<div>", 50 << 20);
    expect_an_end("<p><b a=1><b a=2><b a=3><b a=4><b a=5><b a=6></p>", "<p>x</p>", 4 << 20);
    expect_an_end("<p", " a b='c'", 2 << 20);
}

static void test_depth_does_not_matter(void **state)
{
    struct buffer page = BUFFER_INIT(BUFFER_UNBOUNDED);
    (void)state;
    for (int i = 0; i < 10000; i++)
        buffer_append_text(&page, "<div>");
    struct error err = ERROR_INIT;
    struct markup_handler none = {0};
    assert_true(html_read(buffer_slice(&page), "x", &none, &err));
    assert_no_error(err);
    buffer_release(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_json_in_scripts_stays_as_it_is),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_handlers_end_the_reading),
        cmocka_unit_test(test_twisted_pages_come_to_an_end),
        cmocka_unit_test(test_depth_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
