/* SPDX-License-Identifier: MIT */
/*
 * Time grows with the size of a text and not with its square, whatever the text is made of: each
 * row is a text that once was, or may be, slow.
 */
#include <stdio.h>
#include <time.h>

#include "base/buffer.h"
#include "notes/notes.h"
#include "test.h"

static const struct growing {
    const char *name, *head, *repeated, *tail; /* "%d" in what is repeated is its number */
} rows[] = {
    {"a.xml", "<rss><channel>", "<item><description>0:00 A\n9:00 B</description></item>",
     "</channel></rss>"},
    {"a.xml", "<rss><channel><item><description>", "%d:00 A\n",
     "</description></item></channel></rss>"},
    {"a.json", "{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[",
     "{\"content_text\":\"0:00 A\\n9:00 B\"},", "{}]}"},
    {"a.json", "{\"version\":1,\"notes\":[{\"clips\":[", "{\"page\":\"a\",\"start_ms\":%d},",
     "{\"page\":\"a\",\"start_ms\":1}]}]}"},
    {"a.md", "", "[Label](https://example.com/a?t=%d)\n", ""},
    {"a.md", "", "https://example.com/a?t=%d ", ""},
    {"a.md", "", "1:00 A<br>", ""},
    {"a.md", "", "%d:00 A<br>\n", ""},
    {"a.md", "|a|b|\n|-|-|\n", "|%d:00|A|\n", ""},
    {"a.md", "|a|b|\n|-|-|\n|", "0:00|", "\n"},
    {"a.md", "", "{{< clip src=\"a?t=%d\" >}}\n", ""},
    {"a.md", "", "{{< {%", ""},
    {"a.md", "{{< a ", "a=\"?t=1\" ", ">}}"},
    {"a.md", "", "<Timestamp time=\"1:00\"/>", ""},
    {"a.md", "", "<a href=\"", ""},
    {"a.md", "<p ", "a%d=\"b\" ", ">"},
    {"a.md", "", "<div>\n", ""},
    {"a.md", "", "&amp;&nosuch;&#8212;", ""},
    {"a.md", "", "[", ""},
    {"a.md", "", "[[a|b", ""},
    {"a.md", "", "[[a]] ", ""},
    {"a.md", "", "*a_ ", ""},
    {"a.md", "", "> ", ""},
    {"a.md", "", "- %d:00 A\n", ""},
    {"a.md", "---\n", "key%d: value\n", "---\n"},
    {"a.md", "---\n", "key%d: \"0:00 A\\n1:00 B\"\n", "---\n"},
    {"a.md", "---\n", "key%d: \"https://example.com/a?t=%d\"\n", "---\n"},
    {"a.md", "---\n", "key%d: \"[a](https://example.com/a?t=1)\"\n", "---\n"},
    {"a.md", "---\nchapters:\n", "  - {start: '%d:00', title: A}\n", "---\n"},
    {"a.md", "+++\n", "[[chapters]]\nstart = \"%d:00\"\ntitle = \"A\"\n", "+++\n"},
    {"a.md", "{\"chapters\":[", "{\"start\":%d,\"title\":\"A\"},", "{}]}"},
    {"a.html", "<table><tr>", "<td>1:00</td>", "</tr></table>"},
    {"a.html", "", "<p>%d:00 A</p>", ""},
    {"a.txt", "", "1:00 ", ""},
    {"a.txt", "", "1:", ""},
    {"a.txt", "", "(1:00 ", ""},
    {"a.txt", "", "https://example.com/(", ""},
    {"a.txt", "", "[[https://example.com][", ""},
    {"a.txt", "", "https://example.com[ ", ""},
    {"a.txt", "", "\":https://example.com ", ""},
    {"a.txt", "", "`a <https://example.com>", ""},
};

static void fill(struct buffer *text, const struct growing *row, size_t size)
{
    buffer_clear(text);
    buffer_append_text(text, row->head);
    for (int number = 0; text->size < size; number++) {
        struct slice rest = slice_of(row->repeated);
        for (size_t at; (at = slice_find(rest, SLICE("%d"))) != SIZE_MAX;) {
            buffer_append_slice(text, slice_first(rest, at));
            buffer_append_format(text, "%d", number);
            rest = slice_from(rest, at + 2);
        }
        buffer_append_slice(text, rest);
    }
    buffer_append_text(text, row->tail);
}

static bool drop(void *context, struct notes *notes)
{
    (void)context;
    notes_destroy(notes);
    return true;
}

/* Of this program, in seconds. */
static double measure(const struct growing *row, struct slice text)
{
    struct error err = ERROR_INIT;
    clock_t before = clock();
    notes_read_text(text, row->name, NULL, drop, NULL, &err);
    clock_t behind = clock();
    error_release(&err);
    return (double)(behind - before) / CLOCKS_PER_SEC;
}

#define SIZE      ((size_t)200000)
#define MOST      3.5  /* times as long for twice the size */
#define UNCERTAIN 0.02 /* seconds that a measurement may be wrong by */
#define TRIES     4

static bool grows_with_size(const struct growing *row, struct buffer *text)
{
    fill(text, row, SIZE);
    double once = measure(row, buffer_slice(text));
    fill(text, row, 2 * SIZE);
    return measure(row, buffer_slice(text)) <= MOST * once + UNCERTAIN;
}

static void test_growth(void **state)
{
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bool linear = false;
        for (int try = 0; try < TRIES && !linear; try++)
            linear = grows_with_size(&rows[i], &text);
        if (!linear)
            fail_msg("%s of '%s': twice the size takes over %.1f times as long", rows[i].name,
                     rows[i].repeated, MOST);
    }
    buffer_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_growth)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
