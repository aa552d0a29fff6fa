/* SPDX-License-Identifier: MIT */
#include "chapters/sidecar.h"

#include <stdio.h>
#include <time.h>

#include "test.h"

/* "0 Intro|5000-6000 Zwei <link> {image} hidden", for comparing. */
static char *described(const struct chapter_list *list)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        buffer_append_format(&out, "%s%lld", i ? "|" : "", (long long)chapter->start);
        if (chapter->end != MILLIS_NONE)
            buffer_append_format(&out, "-%lld", (long long)chapter->end);
        if (chapter->title)
            buffer_append_format(&out, " %s", chapter->title);
        if (chapter->link)
            buffer_append_format(&out, " <%s>", chapter->link);
        if (chapter->image)
            buffer_append_format(&out, " {%s}", chapter->image);
        if (chapter->hidden)
            buffer_append_text(&out, " hidden");
    }
    return buffer_detach(&out);
}

static void check_read(const char *text, const char *name, const char *format, const char *expected)
{
    struct error err = ERROR_INIT;
    struct chapter_list list;
    chapter_list_init(&list);
    const struct sidecar *sidecar = format ? sidecar_find(format, &err) : NULL;
    sidecar_read(slice_of(text), name, sidecar, &list, &err);
    if (error_is_set(&err))
        fail_msg("%s: %s", text, err.message);
    char *got = described(&list);
    assert_string_equal(got, expected);
    free(got);
    chapter_list_release(&list);
}

#define EDITION(is_default, second, title)                                                         \
    "<EditionEntry><EditionFlagDefault>" is_default "</EditionFlagDefault><ChapterAtom>"           \
    "<ChapterTimeStart>00:00:0" second "</ChapterTimeStart><ChapterDisplay><ChapterString>" title  \
    "</ChapterString></ChapterDisplay></ChapterAtom></EditionEntry>"

/* As others write them; the format is told by the name or the text. */
static void test_read(void **state)
{
    static const struct {
        const char *name, *text, *expected;
    } rows[] = {
        {"a.json",
         "{\"version\":\"1.2.0\",\"chapters\":[{\"startTime\":168,\"title\":\"Zwei\"},"
         "{\"startTime\":0,\"title\":\"Intro\",\"url\":\"https://a.b/\",\"img\":\"https://a.b/i\"},"
         "{\"startTime\":260.25,\"endTime\":270,\"toc\":false}]}",
         "0 Intro <https://a.b/> {https://a.b/i}|168000 Zwei|260250-270000 hidden"},
        {"a.json", "\xEF\xBB\xBF{\"chapters\":[{\"startTime\":\"00:01:02.5\"}]}", "62500"},
        {"a.json",
         "{\"chapters\":[{\"startTime\":1,\"title\":1984},{\"startTime\":2,\"title\":true}]}",
         "1000 1984|2000"},
        {"a.psc",
         "<?xml version=\"1.0\"?><chapters xmlns=\"http://podlove.org/simple-chapters\">"
         "<chapter start=\"7:48\" title=\"A &amp; B\" href=\"http://x\"/>"
         "<chapter start=\"37\" title=\"First\"/><chapter start=\"35:12.250\" title=\"Z\" "
         "image=\"http://i\"/></chapters>",
         "37000 First|468000 A & B <http://x>|2112250 Z {http://i}"},
        {"feed.xml",
         "<rss xmlns:psc=\"http://podlove.org/simple-chapters\"><channel><item><psc:chapters>"
         "<psc:chapter start='00:00:01.5' title='x'/></psc:chapters></item></channel></rss>",
         "1500 x"},
        {"x",
         "<p:chapters xmlns:p=\"http://podlove.org/simple-chapters\"><p:chapter start='2' "
         "title='a&#10;b'/></p:chapters>",
         "2000 a\nb"},
        {"feed.xml",
         "<rss xmlns:psc=\"http://podlove.org/simple-chapters\" "
         "xmlns:podcast=\"https://podcastindex.org/namespace/1.0\"><channel><item>"
         "<podcast:soundbite startTime=\"1\" duration=\"15\">x</podcast:soundbite>"
         "</item></channel></rss>",
         "1000-16000 x"},
        {"a.xml",
         "<Chapters><EditionEntry><ChapterAtom><ChapterTimeStart>00:00:01.500000000"
         "</ChapterTimeStart><ChapterTimeEnd>00:00:03.000000000</ChapterTimeEnd><ChapterDisplay>"
         "<ChapterString>A &lt; B</ChapterString></ChapterDisplay><ChapterAtom>"
         "<ChapterTimeStart>00:00:01.700</ChapterTimeStart></ChapterAtom></"
         "ChapterAtom><ChapterAtom>"
         "<ChapterFlagHidden>1</ChapterFlagHidden><ChapterTimeStart>00:00:02</ChapterTimeStart>"
         "</ChapterAtom></EditionEntry></Chapters>",
         "1500-3000 A < B|2000 hidden"},
        {"a.xml",
         "<Chapters>" EDITION("0", "1", "Long") EDITION("1", "2", "Short")
             EDITION("1", "3", "Other") "</Chapters>",
         "2000 Short"},
        {"a.xml", "<Chapters>" EDITION("0", "1", "One") EDITION("0", "2", "Two") "</Chapters>",
         "1000 One"},
        {"x",
         "<podcast:soundbite startTime=\"73.0\" duration=\"60.5\">Why &amp; how"
         "</podcast:soundbite>\n<podcast:soundbite startTime=\"1\" duration=\"15\"/>",
         "1000-16000|73000-133500 Why & how"},
        {"a.vtt",
         "WEBVTT - x\n\nNOTE hi\n\n1\n00:00.000 --> 00:05.500 align:start\n<v Ann>A &amp; "
         "B</v>\nline two\n\n00:01:05.500 --> 00:02:00.000\nEnd\n",
         "0-5500 A & B line two|65500-120000 End"},
        {"a.vtt",
         "WEBVTT\n\n00:00.000 --> 00:05.000\nIt&#39;s &#x2014; &#XE9;&#; &#0; &#x110000; &#1a; "
         "&hm;\n",
         "0-5000 It's \u2014 \u00E9&#; \uFFFD \uFFFD &#1a; &hm;"},
        {"a.srt",
         "1\r\n00:00:01,500 --> 00:00:03,000\r\n<i>One</i>\r\n\r\n2\r\n"
         "00:00:04,000 --> 00:00:05,000\r\nTwo\r\n",
         "1500-3000 One|4000-5000 Two"},
        {"x",
         ";FFMETADATA1\nno key\ntitle=Ep\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\n#x\nEND=60000\n"
         "title=a \\= b\\; c\\#\\\\d\\\ne\n[CHAPTER]\nSTART=60000000000\nEND=61000000000\n"
         "[STREAM]\ntitle=no\n",
         "0-60000 a = b; c#\\d\ne|60000-61000"},
        {"a.cue",
         "REM x\nTITLE \"All\"\nFILE \"a.mp3\" MP3\n  TRACK 01 AUDIO\n    TITLE \"One\"\n"
         "    INDEX 00 00:00:00\n    INDEX 01 00:01:37\n  TRACK 02 AUDIO\n"
         "    TITLE Two\n    INDEX 01 123:59:74\n",
         "1493 One|7439987 Two"},
        {"x",
         "CHAPTER01=00:00:00.000\nCHAPTER01NAME=Intro\nchapter02=00:01:00.500\n"
         "chapter02url=http://x\nCHAPTER02NAME=Zwei\n",
         "0 Intro|60500 Zwei <http://x>"},
        {"x.csv",
         "#,Name,Start,End,Length,Color\nM1,Intro,0:00.000,,,\n"
         "R1,\"a, \"\"b\"\"\",1:02:03.500,1:02:04.000,0:00.500,FF0000\n",
         "0 Intro|3723500-3724000 a, \"b\""},
        {"x.txt", "0.000000\t0.000000\tIntro\n1.500000\t3.250000\tTwo\n\\\t100\t200\n",
         "0 Intro|1500-3250 Two"},
        {"x.txt", "# c\n00:00:00.000 Intro\n00:12:30.500 Zwei <https://a.b/c>\n",
         "0 Intro|750500 Zwei <https://a.b/c>"},
        {"x.txt", "In this episode:\n\n0:00 Intro\n12:34 - Zwei\n1:02:03 – Drei\n",
         "0 Intro|754000 Zwei|3723000 Drei"},
        {"notes.md",
         "# Notes\n\n- [00:01](https://a/?t=1) One\n* **12:34** | [Two](https://b)\n"
         "1. (13:00) Three\n2) 14:00-15:30 Four: 4\n- 16:00pm no\n- 17:00\n",
         "1000 One <https://a/?t=1>|754000 Two <https://b>|780000 Three|840000-930000 Four: "
         "4|1020000"},
        {"x.txt",
         "• 0:00 One\n•0:05 Two\n►\u00A00:10\u00A0–\u00A0Three\n– 0:15 Four\n▶️ 0:20 "
         "five\n"
         "👉 0:25 Six\nà 0:30 prose\n",
         "0 One|5000 Two|10000 Three|15000 Four|20000 five|25000 Six"},
        {"notes.md",
         "- **0:00 – One**\n- **0:05** - __Two__\n- *0:10* *a* and *b*\n- **[0:15](http://a) "
         "Four**\n"
         "- 0:20 [**Five**](http://a/b_(c))\n- 0:25 **[Six](http://b \"tip\")**\n- 0:30 **\n"
         "- 0:35 snake_case_\n",
         "0 One|5000 Two|10000 *a* and *b*|15000 Four <http://a>|20000 Five <http://a/b_(c)>|25000 "
         "Six <http://b>|30000 **|35000 snake_case_"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        check_read(rows[i].text, rows[i].name, NULL, rows[i].expected);
}

/* A title of a megabyte of signs that may begin a tag or a reference is read as any other. */
static void test_long_lines(void **state)
{
    static const char signs[] = {'<', '&', ';', 'x'};
    const size_t size = 1 << 20;
    (void)state;
    for (size_t i = 0; i < sizeof signs; i++) {
        struct error err = ERROR_INIT;
        struct chapter_list list;
        struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
        chapter_list_init(&list);
        buffer_append_text(&text, "WEBVTT\n\n00:00.000 --> 00:05.000\na<i>b</i>");
        for (size_t k = 0; k < size; k++)
            buffer_append_byte(&text, signs[i]);
        clock_t before = clock();
        assert_true(sidecar_read(buffer_slice(&text), "a.vtt", NULL, &list, &err));
        assert_true((double)(clock() - before) / CLOCKS_PER_SEC < 2);
        assert_int_equal(strlen(list.items[0].title), size + 2);
        buffer_release(&text);
        chapter_list_release(&list);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *name, *text, *format;
        enum error_kind kind;
        const char *part;
    } rows[] = {
        {"a.txt", "", NULL, ERROR_INPUT, "a.txt: holds no chapters"},
        {"a.txt", "just prose", NULL, ERROR_INPUT, "--from"},
        {"a.json", "{\"chapters\":[]}", NULL, ERROR_INPUT, "holds no chapters (read as json)"},
        {"a.json", "{\"chapters\":[{\"startTime\":-1}]}", NULL, ERROR_INPUT,
         "chapter 1: startTime"},
        {"a.json", "{\"chapters\":[{\"startTime\":1e300}]}", NULL, ERROR_INPUT, "startTime"},
        {"a.json", "{\"chapters\":", NULL, ERROR_INPUT, "a.json"},
        {"a.vtt", "WEBVTT\n\nx --> y\n", NULL, ERROR_INPUT, "a.vtt:3: "},
        {"a.cue", "TRACK 01 AUDIO\nINDEX 01 00:60:00\n", NULL, ERROR_INPUT, "a.cue:2: "},
        {"a", ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/0\nSTART=1\n", NULL, ERROR_INPUT, "a:3: "},
        {"a", ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\n", NULL, ERROR_INPUT, "START"},
        {"a.csv", "M1,x,1.1.00,,\n", NULL, ERROR_INPUT, "a.csv:1: "},
        {"a", "hello\n", "audacity", ERROR_INPUT, "a:1: no label"},
        {"a", "hello\n", "mp4chaps", ERROR_INPUT, "a:1: no time"},
        {"a.psc", "<chapters><psc:chapter start='x'/></chapters>", "podlove", ERROR_INPUT, "a.psc"},
        {"a.xml", "<Chapters>\n<ChapterAtom>\n</ChapterAtom></Chapters>", NULL, ERROR_INPUT,
         "a.xml:3: the chapter that ends here has no ChapterTimeStart"},
        {"a.txt", "CHAPTER01=00:00:00.000\nCHAPTER02=00:61:00.000\n", NULL, ERROR_INPUT,
         "a.txt:2: "},
        {"a.cue",
         "FILE \"a.wav\" WAVE\nTRACK 01 AUDIO\nINDEX 01 00:00:00\nFILE \"b.wav\" WAVE\n"
         "TRACK 02 AUDIO\nINDEX 01 00:00:00\n",
         NULL, ERROR_INPUT, "a.cue:5: "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        struct chapter_list list;
        chapter_list_init(&list);
        const struct sidecar *format = rows[i].format ? sidecar_find(rows[i].format, &err) : NULL;
        assert_false(sidecar_read(slice_of(rows[i].text), rows[i].name, format, &list, &err));
        assert_error(err, rows[i].kind, rows[i].part);
        chapter_list_release(&list);
    }
}

static void test_unknown_formats_are_named(void **state)
{
    struct error err = ERROR_INIT;
    (void)state;
    assert_null(sidecar_find("docx", &err));
    assert_error(err, ERROR_USAGE, "json, podlove, matroska");
    assert_ptr_equal(sidecar_find("JSON", &err), sidecar_of_path("x/y.Json"));
    assert_null(sidecar_of_path("x/y"));
    assert_null(sidecar_of_path("x/y.txt"));
}

/* What a format holds comes back; twice written is the same text. */
static const struct chapter hard[] = {
    {0, 4000, "Intro – ❤️ & <b> \"q\" 'a'", "https://a.b/?x=1&y=2", "https://a.b/i.png", NULL,
     false, 0, NULL},
    {5120, MILLIS_NONE, "a=b; c#d\\e, f|g", NULL, NULL, NULL, false, 0, NULL},
    {65360, 70000, "10:30 news --> end", NULL, NULL, NULL, true, 0, NULL},
    {3723400, MILLIS_NONE, NULL, "https://c.d/", NULL, NULL, false, 0, NULL},
    {360000000, MILLIS_NONE, "Late", NULL, NULL, NULL, false, 0, NULL},
};

/* As the format holds it: without what it does not, with the ends that it wants. */
static void add_expected(struct chapter_list *list, const struct sidecar *format, size_t i)
{
    struct chapter chapter = hard[i];
    if (!(format->holds & SIDECAR_LINKS))
        chapter.link = NULL;
    if (!(format->holds & SIDECAR_IMAGES))
        chapter.image = NULL;
    if (!(format->holds & SIDECAR_ENDS))
        chapter.end = MILLIS_NONE;
    chapter_list_add(list, &chapter);
}

static void compare(const struct sidecar *format, const struct chapter *read,
                    const struct chapter *expected)
{
    const char *title = expected->title ? expected->title : "";
    bool quotes = strcmp(format->name, "cue") == 0 && strchr(title, '"');
    if (read->start != expected->start)
        fail_msg("%s: %lld", format->name, (long long)read->start);
    if (expected->end != MILLIS_NONE)
        assert_int_equal(read->end, expected->end);
    if (!quotes)
        assert_string_equal(read->title ? read->title : "", title);
    assert_int_equal(!read->link, !expected->link);
    assert_int_equal(!read->image, !expected->image);
    if (expected->link)
        assert_string_equal(read->link, expected->link);
    if (expected->image)
        assert_string_equal(read->image, expected->image);
    assert_int_equal(read->hidden, expected->hidden);
}

static void round_trip(const struct sidecar *format)
{
    struct error err = ERROR_INIT;
    struct chapter_list list, expected, read;
    struct sidecar_context context = {.audio = "a.mp3", .duration = 360060000};
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED), again = BUFFER_INIT(BUFFER_UNBOUNDED);
    chapter_list_init(&list);
    chapter_list_init(&expected);
    chapter_list_init(&read);
    for (size_t i = 0; i < COUNT_OF(hard); i++) {
        chapter_list_add(&list, &hard[i]);
        if (!hard[i].hidden || (format->holds & SIDECAR_HIDDEN))
            add_expected(&expected, format, i);
    }
    assert_true(sidecar_write(format, &list, &context, &text, &err));
    if (!sidecar_read(buffer_slice(&text), "x", format, &read, &err))
        fail_msg("%s", err.message);
    assert_int_equal(read.count, expected.count);
    for (size_t i = 0; i < expected.count; i++)
        compare(format, &read.items[i], &expected.items[i]);
    assert_true(sidecar_write(format, &read, &context, &again, &err));
    assert_string_equal(buffer_text(&again), buffer_text(&text));
    buffer_release(&text);
    buffer_release(&again);
    chapter_list_release(&list);
    chapter_list_release(&expected);
    chapter_list_release(&read);
}

static void test_round_trips(void **state)
{
    (void)state;
    size_t count;
    const struct sidecar *const *formats = sidecar_formats(&count);
    for (size_t i = 0; i < count; i++) {
        bool whole_seconds =
            strcmp(formats[i]->name, "youtube") == 0 || strcmp(formats[i]->name, "spotify") == 0;
        if (formats[i]->write && !whole_seconds)
            round_trip(formats[i]);
    }
}

static void collect(void *context, enum log_level level, const char *message)
{
    (void)level;
    buffer_append_text(context, message);
    buffer_append_byte(context, '\n');
}

static void test_rules_of_platforms(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct buffer said = BUFFER_INIT(BUFFER_UNBOUNDED), text = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct log log = {collect, &said, LOG_WARNING};
    struct sidecar_context context = {.duration = 20000, .log = &log};
    struct chapter_list list;
    chapter_list_init(&list);
    chapter_list_add(&list, &(struct chapter){.start = 1000, .end = MILLIS_NONE, .title = "a"});
    chapter_list_add(&list, &(struct chapter){.start = 5500, .end = MILLIS_NONE, .title = "b"});
    assert_true(sidecar_write(sidecar_find("youtube", &err), &list, &context, &text, &err));
    assert_string_equal(buffer_text(&text), "0:01 a\n0:05 b\n");
    assert_non_null(strstr(buffer_text(&said), "first one is at 0:00"));
    assert_non_null(strstr(buffer_text(&said), "at least 3"));
    assert_non_null(strstr(buffer_text(&said), "shorter than 10 s: the one at 0:01"));
    buffer_clear(&text);
    chapter_list_add(&list, &(struct chapter){.start = 3723000, .end = MILLIS_NONE, .title = "c"});
    assert_true(sidecar_write(sidecar_find("spotify", &err), &list, &context, &text, &err));
    assert_string_equal(buffer_text(&text), "0:00:01 a\n0:00:05 b\n1:02:03 c\n");
    chapter_list_release(&list);
    buffer_release(&said);
    buffer_release(&text);
}

static void test_a_cue_sheet_has_99_tracks(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct sidecar_context context = {.duration = MILLIS_NONE};
    struct chapter_list list;
    chapter_list_init(&list);
    for (int i = 0; i < 100; i++)
        chapter_list_add(&list, &(struct chapter){.start = i, .end = MILLIS_NONE});
    assert_false(sidecar_write(sidecar_find("cue", &err), &list, &context, &text, &err));
    assert_error(err, ERROR_UNSUPPORTED, "99 tracks");
    chapter_list_release(&list);
    buffer_release(&text);
}

static void test_a_title_of_lines_stays_in_its_line(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct sidecar_context context = {.duration = MILLIS_NONE};
    struct chapter_list list;
    chapter_list_init(&list);
    list.title = "One\nTRACK 01 AUDIO\nINDEX 01 00:00:00";
    chapter_list_add(&list, &(struct chapter){.start = 1000, .end = MILLIS_NONE, .title = "a"});
    assert_true(sidecar_write(sidecar_find("cue", &err), &list, &context, &text, &err));
    check_read(buffer_text(&text), "a.cue", NULL, "1000 a");
    chapter_list_release(&list);
    buffer_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_unknown_formats_are_named),
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_rules_of_platforms),
        cmocka_unit_test(test_a_cue_sheet_has_99_tracks),
        cmocka_unit_test(test_a_title_of_lines_stays_in_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
