/* SPDX-License-Identifier: MIT */
/*
 * Kinds of files: folders, feeds, plans, encodings, and what is printed.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "notes/notes.h"
#include "test.h"

#define MAX_PAGES 8

struct pages {
    struct notes *items[MAX_PAGES];
    size_t count, stop_at;
};

static bool keep(void *context, struct notes *notes)
{
    struct pages *pages = context;
    assert_true(pages->count < MAX_PAGES);
    pages->items[pages->count++] = notes;
    return pages->count != pages->stop_at;
}

static void release(struct pages *pages)
{
    for (size_t i = 0; i < pages->count; i++)
        notes_destroy(pages->items[i]);
    *pages = (struct pages){0};
}

static void read_right(const char *text, const char *name, struct pages *pages)
{
    struct error err = ERROR_INIT;
    notes_read_text(slice_of(text), name, NULL, keep, pages, &err);
    assert_no_error(err);
}

static const char page[] = "+++\n"
                           "title = \"Season 2 - Finale\"\n"
                           "date = 2024-08-08\n"
                           "aliases = [\"/p/s02e08\"]\n"
                           "[extra]\n"
                           "season = \"02\"\n"
                           "episode = \"08\"\n"
                           "file = \"https://example.com/8.mp3?x=1\"\n"
                           "+++\n"
                           "- [Clip 7: Paul Dix: x](/podcast/a?t=55%3A40)\n"
                           "\n"
                           "0:00 Intro\n"
                           "1:00 [News](https://example.com/n)\n";

static void test_facts(void **state)
{
    struct pages pages = {0};
    (void)state;
    read_right(page, "a/finale.md", &pages);
    const struct notes *notes = pages.items[0];
    assert_string_equal(notes->title, "Season 2 - Finale");
    assert_string_equal(notes->date, "2024-08-08");
    assert_int_equal(notes->season, 2);
    assert_int_equal(notes->episode, 8);
    assert_string_equal(notes->audio_url, "https://example.com/8.mp3?x=1");
    assert_string_equal(notes->aliases[0], "/p/s02e08");
    assert_string_equal(notes->clips[0].title, "Paul Dix: x");
    assert_string_equal(notes->clips[0].speaker, "Paul Dix");
    assert_string_equal(notes->clips[0].url, "/podcast/a?t=55%3A40");
    assert_int_equal(notes->clips[0].number, 7);
    assert_int_equal(notes->clips[0].line, 10);
    assert_string_equal(notes->chapters[1].link, "https://example.com/n");
    release(&pages);
}

static void test_base(void **state)
{
    struct error err = ERROR_INIT;
    struct pages pages = {0};
    struct notes_options options = {.base_url = "https://corrode.dev/podcast/"};
    (void)state;
    assert_true(notes_read_text(slice_of(page), "a.md", &options, keep, &pages, &err));
    assert_string_equal(pages.items[0]->clips[0].page, "https://corrode.dev/podcast/a");
    release(&pages);
}

/* The same marks from the same text in other clothes. */
static void test_encodings(void **state)
{
    static const char utf16[] = {(char)0xFF, (char)0xFE, '0', 0, ':',  0, '0',  0, '0', 0,
                                 ' ',        0,          'A', 0, '\r', 0, '\n', 0, '1', 0,
                                 ':',        0,          '0', 0, '0',  0, ' ',  0, 'B', 0};
    static const struct {
        struct slice text;
        const char *title;
    } rows[] = {
        {{"\xEF\xBB\xBF"
          "0:00 A\r\n1:00 B\r\n",
          19},
         "B"},
        {{"0:00 A\r1:00 B", 13}, "B"},
        {{"0:00 A\n1:00 \xFC"
          "ber\n",
          17},
         "über"},
        {{utf16, sizeof utf16}, "B"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        struct pages pages = {0};
        assert_true(notes_read_text(rows[i].text, "a.txt", NULL, keep, &pages, &err));
        assert_int_equal(pages.items[0]->chapter_count, 2);
        assert_string_equal(pages.items[0]->chapters[1].title, rows[i].title);
        release(&pages);
    }
}

static void test_feed(void **state)
{
    static const char feed[] =
        "<rss xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>\n"
        "<channel><title>Show</title>\n"
        "<item><title>One</title><itunes:episode>1</itunes:episode>\n"
        "<enclosure url='https://example.com/1.mp3' type='audio/mpeg'/>\n"
        "<description><![CDATA[<p>(00:00) Intro</p>\n<p>(02:10) Q&amp;A</p>]]></description>\n"
        "<guid>g1</guid></item>\n"
        "<item><title>Two</title></item>\n"
        "</channel></rss>";
    struct pages pages = {0};
    (void)state;
    read_right(feed, "feed.xml", &pages);
    assert_int_equal(pages.count, 2);
    const struct notes *one = pages.items[0];
    assert_string_equal(one->path, "feed.xml#1");
    assert_string_equal(one->title, "One");
    assert_string_equal(one->show, "Show");
    assert_string_equal(one->guid, "g1");
    assert_string_equal(one->audio_url, "https://example.com/1.mp3");
    assert_int_equal(one->episode, 1);
    assert_int_equal(one->chapter_count, 2);
    assert_string_equal(one->chapters[1].title, "Q&A");
    assert_int_equal(one->chapters[1].line, 6);
    release(&pages);

    /* A visitor that has seen enough ends the reading, which succeeds. */
    pages.stop_at = 1;
    read_right(feed, "feed.xml", &pages);
    assert_int_equal(pages.count, 1);
    release(&pages);
}

static void test_json_feed(void **state)
{
    static const char feed[] =
        "{\n\"version\": \"https://jsonfeed.org/version/1.1\", \"title\": \"Show\", \"items\": [\n"
        "{\"id\": \"g1\", \"title\": \"One\", \"url\": \"https://example.com/1\",\n"
        " \"date_published\": \"2024-08-08\",\n"
        " \"content_html\": \"<p>0:00 Intro<br>1:05 News</p>\",\n"
        " \"attachments\": [{\"url\": \"1.jpg\", \"mime_type\": \"image/jpeg\"},\n"
        "  {\"url\": \"https://example.com/1.mp3\", \"mime_type\": \"audio/mpeg\",\n"
        "   \"duration_in_seconds\": 700}]},\n"
        "{\"id\": \"g2\", \"content_html\": \"no times\",\n"
        " \"content_text\": \"[A](a?t=1:00)\\n0:00 A\\n1:00 B\"}]}";
    struct pages pages = {0};
    (void)state;
    read_right(feed, "feed.json", &pages);
    assert_int_equal(pages.count, 2);
    const struct notes *one = pages.items[0], *two = pages.items[1];
    assert_string_equal(one->path, "feed.json#1");
    assert_string_equal(one->title, "One");
    assert_string_equal(one->show, "Show");
    assert_string_equal(one->guid, "g1");
    assert_string_equal(one->page, "https://example.com/1");
    assert_string_equal(one->date, "2024-08-08");
    assert_string_equal(one->audio_url, "https://example.com/1.mp3");
    assert_int_equal(one->chapter_count, 2);
    assert_int_equal(one->chapters[1].start, 65000);
    assert_int_equal(one->chapters[1].line, 5);
    assert_int_equal(two->chapter_count, 2);
    assert_int_equal(two->chapters[0].line, 10);
    release(&pages);

    struct error err = ERROR_INIT;
    assert_false(notes_read_text(SLICE("{\"version\": \"https://jsonfeed.org/version/1\"}"), "-",
                                 NULL, keep, &pages, &err));
    assert_error(err, ERROR_INPUT, "no \"items\"");
}

static char *print(const struct notes *notes)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct json_writer json = JSON_WRITER(&out, JSON_ONE_LINE);
    json_begin_object(&json, NULL);
    json_put_int(&json, "version", 1);
    json_begin_array(&json, "notes");
    notes_write_json(&json, notes);
    json_end(&json);
    json_end(&json);
    return buffer_detach(&out);
}

static void test_plan_comes_back(void **state)
{
    struct pages first = {0}, second = {0};
    (void)state;
    read_right(page, "finale.md", &first);
    char *plan = print(first.items[0]);
    read_right(plan, "plan.json", &second);
    char *again = print(second.items[0]);
    assert_string_equal(plan, again);
    free(plan);
    free(again);
    release(&first);
    release(&second);
}

static void test_edited_plans(void **state)
{
    static const struct {
        const char *plan, *message; /* NULL: right */
    } rows[] = {
        {"{\"notes\":[{\"clips\":[{\"page\":\"a\",\"start\":\"55:40\",\"end\":\"56:00\"}]}]}",
         NULL},
        {"{\"notes\":[{\"clips\":[{\"url\":\"a?t=1:00\",\"start_ms\":1}]}]}", NULL},
        {"{\"notes\":[]}", NULL},
        {"{\"notes\":[{\"clips\":[{\"page\":\"a\"}]}]}", "\"start_ms\" is missing"},
        {"{\"notes\":[{\"clips\":[{\"start_ms\":1}]}]}", "needs a \"page\""},
        {"{\"notes\":[{\"clips\":[{\"page\":\"a\",\"start\":\"x\"}]}]}", "is no time"},
        {"{\"notes\":[{\"clips\":[{\"page\":\"a\",\"start_ms\":-1}]}]}", "milliseconds"},
        {"{\"notes\":[{\"clips\":[{\"page\":\"a\",\"start_ms\":5,\"end_ms\":5}]}]}", "later"},
        {"{\"notes\":[{\"clips\":[1]}]}", "array of objects"},
        {"{\"notes\":[1]}", "must be an object"},
        {"{\"version\":2,\"notes\":[]}", "version 2"},
        {"{}", "no plan"},
        {"[", "plan.json"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        struct pages pages = {0};
        bool read = notes_read_text(slice_of(rows[i].plan), "plan.json", NULL, keep, &pages, &err);
        assert_int_equal(read, rows[i].message == NULL);
        if (!read && !strstr(err.message, rows[i].message))
            fail_msg("'%s' does not say '%s'", err.message, rows[i].message);
        error_release(&err);
        release(&pages);
    }
}

static void write_in(const char *folder, const char *name, const char *text)
{
    struct error err = ERROR_INIT;
    char *path = path_join(folder, name);
    file_write(path, text, strlen(text), &err);
    assert_no_error(err);
    free(path);
}

static void remove_in(const char *folder, const char *name)
{
    char *path = path_join(folder, name);
    if (unlink(path) != 0)
        rmdir(path);
    free(path);
}

static void test_folder(void **state)
{
    char folder[] = "/tmp/clipnotes-notes-XXXXXX";
    struct error err = ERROR_INIT;
    struct pages pages = {0};
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_false(notes_read(folder, NULL, keep, &pages, &err));
    assert_error(err, ERROR_MISSING, "no notes");

    char *inner = path_join(folder, "b");
    assert_int_equal(mkdir(inner, 0777), 0);
    write_in(folder, "c.txt", "0:00 C\n1:00 D\n");
    write_in(folder, "a.md", "0:00 A\n1:00 B\n");
    write_in(folder, "package.json", "{}");
    write_in(folder, "a.gif", "GIF");
    write_in(inner, "b.html", "<p>0:00 B<br>1:00 C</p>");
    assert_true(notes_read(folder, NULL, keep, &pages, &err));
    assert_int_equal(pages.count, 3);
    assert_non_null(strstr(pages.items[0]->path, "a.md"));
    assert_non_null(strstr(pages.items[1]->path, "b/b.html"));
    assert_non_null(strstr(pages.items[2]->path, "c.txt"));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pages.items[i]->chapter_count, 2);
    release(&pages);

    remove_in(inner, "b.html");
    static const char *const names[] = {"b", "c.txt", "a.md", "package.json", "a.gif"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        remove_in(folder, names[i]);
    rmdir(folder);
    free(inner);
}

static void test_missing(void **state)
{
    struct error err = ERROR_INIT;
    struct pages pages = {0};
    (void)state;
    assert_false(notes_read("/nonexistent/a.md", NULL, keep, &pages, &err));
    assert_error(err, ERROR_MISSING, "/nonexistent/a.md");
    read_right("", "a.md", &pages);
    assert_int_equal(pages.items[0]->clip_count, 0);
    release(&pages);
}

/* What md4c cannot take in a paragraph is read as text, and what is too long is cut off. */
static void test_limits(void **state)
{
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct pages pages = {0};
    (void)state;
    buffer_append_text(&text, "0:00 A\n1:00 B\n\n");
    for (size_t i = 0; i < 600000; i++)
        buffer_append_text(&text, "[");
    read_right(buffer_text(&text), "a.md", &pages);
    assert_int_equal(pages.items[0]->chapter_count, 2);
    release(&pages);

    buffer_clear(&text);
    for (size_t i = 0; i < 250000; i++)
        buffer_append_text(&text, "x\n");
    read_right(buffer_text(&text), "a.md", &pages);
    assert_int_equal(pages.items[0]->warning_count, 1);
    assert_non_null(strstr(pages.items[0]->warnings[0].message, "too long"));
    release(&pages);
    buffer_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),        cmocka_unit_test(test_base),
        cmocka_unit_test(test_encodings),    cmocka_unit_test(test_feed),
        cmocka_unit_test(test_json_feed),    cmocka_unit_test(test_plan_comes_back),
        cmocka_unit_test(test_edited_plans), cmocka_unit_test(test_folder),
        cmocka_unit_test(test_missing),      cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
