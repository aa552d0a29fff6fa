/* SPDX-License-Identifier: MIT */
#include "recap/transcript.h"

#include <stdlib.h>

#include "base/memory.h"

#include "test.h"

static const char vtt[] = "\xEF\xBB\xBFWEBVTT - an episode\n"
                          "\n"
                          "NOTE nothing --> to see\n"
                          "\n"
                          "1\n"
                          "00:01.000 --> 00:04.500 align:start\n"
                          "<v Ann>The ferry sailed <i>twice</i>\n"
                          "that &amp; every day.</v>\n"
                          "\n"
                          "00:00:05.000 --> 00:00:08.000\n"
                          "<v Bob>Nobody was on board, and\n"
                          "\n"
                          "00:00:08.000 --> 00:00:10.000\n"
                          "<v Bob>the captain slept.\n";
static const char srt[] =
    "1\r\n00:00:01,000 --> 00:00:04,500\r\nAnn: The ferry sailed twice\r\n"
    "that & every day.\r\n\r\n"
    "2\r\n00:00:05,000 --> 00:00:08,000\r\nBob: Nobody was on board, and\r\n\r\n"
    "3\r\n00:00:08,000 --> 00:00:10,000\r\nBob: the captain slept.";
static const char json[] =
    "{\"version\": \"1.0.0\", \"segments\": ["
    "{\"speaker\": \"Ann\", \"startTime\": 1, \"endTime\": 4.5,"
    " \"body\": \"The ferry sailed twice that & every day.\"},"
    "{\"speaker\": \"Bob\", \"startTime\": 5.0, \"endTime\": 8, \"body\": \"Nobody was on board, "
    "and\"},"
    "{\"speaker\": \"Bob\", \"startTime\": 8, \"endTime\": 10, \"body\": \"the captain slept.\"},"
    "{\"speaker\": \"Bob\", \"startTime\": -1, \"endTime\": 10, \"body\": \"no time\"}]}";

static struct transcript *read_text(const char *text)
{
    struct error err = ERROR_INIT;
    struct transcript *transcript = transcript_read(slice_of(text), "episode", &err);
    assert_no_error(err);
    return transcript;
}

static void test_three_formats_say_the_same(void **state)
{
    (void)state;
    static const char *const texts[] = {vtt, srt, json};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct transcript *transcript = read_text(texts[i]);
        assert_int_equal(transcript->count, 3);
        assert_string_equal(transcript->cues[0].text, "The ferry sailed twice that & every day.");
        assert_string_equal(transcript->cues[0].speaker, "Ann");
        assert_int_equal(transcript->cues[0].start, 1000);
        assert_int_equal(transcript->cues[0].end, 4500);
        assert_string_equal(transcript->cues[2].text, "the captain slept.");
        transcript_destroy(transcript);
    }
}

/* WebVTT 1, 4.2.2 and 6.4: names hold references, too. */
static void test_a_name_with_a_reference(void **state)
{
    (void)state;
    struct transcript *transcript =
        read_text("WEBVTT\n\n00:01.000 --> 00:02.000\n<v.loud Ann &amp; Bob>Hello.\n");
    assert_string_equal(transcript->cues[0].speaker, "Ann & Bob");
    struct buffer out = BUFFER_INIT(1000);
    transcript_append_vtt(transcript, 0, 2000, 0, &out);
    assert_non_null(strstr(buffer_text(&out), "\n<v Ann &amp; Bob>Hello.\n"));
    buffer_release(&out);
    transcript_destroy(transcript);
}

static void test_html(void **state)
{
    (void)state;
    struct transcript *transcript =
        read_text("<html><cite>Ann:</cite><time>0:01</time><p>The ferry &amp; I.</p>"
                  "<cite>Bob:</cite><time>1:02:03</time><p>No.</p></html>");
    assert_int_equal(transcript->count, 2);
    assert_string_equal(transcript->cues[0].speaker, "Ann");
    assert_string_equal(transcript->cues[0].text, "The ferry & I.");
    assert_int_equal(transcript->cues[0].end, 3723000);
    assert_int_equal(transcript->cues[1].start, 3723000);
    transcript_destroy(transcript);
}

/* Where an end is missing, the next cue that starts later gives it; the last takes its time. */
static void test_other_spellings(void **state)
{
    (void)state;
    static const struct {
        const char *text, *first, *speaker;
        size_t count;
        millis start, end;
    } rows[] = {
        {"{\"text\": \"\", \"segments\": [{\"id\": 0, \"start\": 1.5, \"end\": 4, \"text\": \" "
         "A.\"}]}",
         "A.", NULL, 1, 1500, 4000},
        {"[{\"start\": \"00:00:01.500\", \"start_ms\": 1500, \"end_ms\": 4000, \"speaker\": "
         "\"Ann\","
         " \"text\": \"A.\"}]",
         "A.", "Ann", 1, 1500, 4000},
        {"{\"transcript\": [{\"start\": \"00:00:01.500\", \"end\": \"0:04\", \"text\": \"A.\"}]}",
         "A.", NULL, 1, 1500, 4000},
        {"{\"segments\": [{\"startTime\": \"1.5\", \"body\": \"A.\"}, {\"startTime\": 4, \"body\": "
         "\"B\"}]}",
         "A.", NULL, 2, 1500, 4000},
        {"{\"segments\": [{\"startTime\": \"soon\", \"body\": \"A.\"}, {\"startTime\": 4, "
         "\"body\": \"B\"}]}",
         "B", NULL, 1, 4000, 5000},
        {"1\n0:00:01,5 --> 0:00:04,00\n{\\an8}<font color=\"red\">A</font> &#8217;&eacute; 1 < 2 & "
         "3 > 2",
         "A \u2019\u00e9 1 < 2 & 3 > 2", NULL, 1, 1500, 4000},
        {"1\r00:01 --> 00:04\rA\r\r2\r00:05 --> 00:05\rB\r", "A", NULL, 2, 1000, 4000},
        {"1\n00:00:01,000 --> 00:00:04,000\nCaf\xE9 \x96 open", "Caf\u00e9 \u2013 open", NULL, 1,
         1000, 4000},
        {"WEBVTT\n\n00:01.000 --> 00:01.000\nA\n\n00:01.000 --> 00:03.000\nB\n\n00:04.000 --> "
         "00:05.000\nC",
         "A", NULL, 3, 1000, 4000},
        {"<p><cite>Ann:</cite> <time>0:01</time> A.</p><p>B.</p><p><time>0:04</time>C</p>", "A.",
         "Ann", 3, 1000, 4000},
        {"<p><time>0:01</time> Ann: A.</p>", "A.", "Ann", 1, 1000, 2000},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct transcript *transcript = read_text(rows[i].text);
        assert_int_equal(transcript->count, rows[i].count);
        assert_string_equal(transcript->cues[0].text, rows[i].first);
        assert_int_equal(transcript->cues[0].start, rows[i].start);
        assert_int_equal(transcript->cues[0].end, rows[i].end);
        if (rows[i].speaker)
            assert_string_equal(transcript->cues[0].speaker, rows[i].speaker);
        else
            assert_null(transcript->cues[0].speaker);
        transcript_destroy(transcript);
    }
}

/* A line that is all "<" would be gone through once for each of them. */
static void test_tags_are_short(void **state)
{
    (void)state;
    static const int sizes[] = {900, 1100};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        char *text = mem_format("WEBVTT\n\n00:01.000 --> 00:02.000\n<b%*s>A", sizes[i], "");
        struct transcript *transcript = read_text(text);
        assert_string_equal(transcript->cues[0].text, i == 0 ? "A" : "<b >A");
        transcript_destroy(transcript);
        free(text);
    }
}

static void test_utf16(void **state)
{
    (void)state;
    static const char text[] = "1\n00:01 --> 00:04\nA!";
    struct buffer wide = BUFFER_INIT(1000);
    buffer_append(&wide, "\xFF\xFE", 2);
    for (const char *c = text; *c; c++)
        buffer_append(&wide, (const char[]){*c, 0}, 2);
    struct error err = ERROR_INIT;
    struct transcript *transcript = transcript_read(buffer_slice(&wide), "episode", &err);
    assert_no_error(err);
    assert_string_equal(transcript->cues[0].text, "A!");
    transcript_destroy(transcript);
    buffer_release(&wide);
}

static void test_what_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "WEBVTT\n\n00:01.000 --> 00:00.500\nBackwards\n",
                                        "WEBVTT\n\n00:01.000 -->",
                                        "{\"version\": \"1.2.0\"}",
                                        "{",
                                        "<p>no time</p>",
                                        "prose"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct error err = ERROR_INIT;
        assert_null(transcript_read(slice_of(texts[i]), "episode", &err));
        assert_error(err, ERROR_INPUT, "episode");
    }
}

static void test_ends(void **state)
{
    (void)state;
    static const struct {
        millis start, target, snap, end; /* -1: none */
    } rows[] = {
        {0, 5000, 8000, 4500},     {0, 9000, 8000, 10000}, {0, 8000, 3000, 10000},
        {4600, 5000, 8000, 10000}, {0, 7000, 1000, -1},    {0, 30000, 8000, -1},
    };
    struct transcript *transcript = read_text(vtt);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        millis end = -1;
        assert_int_equal(
            transcript_find_end(transcript, rows[i].start, rows[i].target, rows[i].snap, &end),
            rows[i].end >= 0);
        assert_int_equal(end, rows[i].end);
    }
    transcript_destroy(transcript);
}

static void test_speakers_end_what_they_say(void **state)
{
    (void)state;
    struct transcript *transcript = read_text("1\n00:00:01,000 --> 00:00:02,000\nAnn: And so we\n\n"
                                              "2\n00:00:02,000 --> 00:00:03,000\nBob: Yes but\n");
    millis end = 0;
    assert_true(transcript_find_end(transcript, 0, 2500, 1000, &end));
    assert_int_equal(end, 2000);
    transcript_destroy(transcript);
    /* Named only where it is another. */
    transcript = read_text("1\n00:01 --> 00:02\nAnn: And so\n\n2\n00:02 --> 00:03\nwe all went\n\n"
                           "3\n00:03 --> 00:04\nBob: Yes but");
    assert_true(transcript_find_end(transcript, 0, 2000, 8000, &end));
    assert_int_equal(end, 3000);
    transcript_destroy(transcript);
}

static void test_sentences_of_other_scripts(void **state)
{
    (void)state;
    static const char *const ends[] = {"\u7761\u7740\u4e86\u3002", "\u300c\u5bdd\u305f\u3002\u300d",
                                       "\u0646\u0627\u0645\u061f", "\u201eSchlief!\u201c"};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        char *text = mem_format("1\n00:01 --> 00:02\n%s\n", ends[i]);
        struct transcript *transcript = read_text(text);
        millis end = 0;
        assert_true(transcript_find_end(transcript, 0, 2000, 1000, &end));
        transcript_destroy(transcript);
        free(text);
    }
}

static void test_quotations(void **state)
{
    (void)state;
    struct transcript *transcript = read_text(vtt);
    millis start = 0, end = 0;
    assert_true(
        transcript_find_quote(transcript, "Bob: \"board and the Captain\"", 0, &start, &end));
    assert_in_range(start, 6000, 7500);
    assert_in_range(end, 8500, 9500);
    assert_true(transcript_find_quote(transcript, "\xE2\x80\x9CThe ferry sailed twice!\xE2\x80\x9D",
                                      9000, &start, &end));
    assert_int_equal(start, 1000);
    static const char *const missing[] = {"no marks at all", "\"the ferry sank yesterday\"",
                                          "\"the ferry\"", "\"unclosed ferry sailed twice", "\"\""};
    for (size_t i = 0; i < COUNT_OF(missing); i++)
        assert_false(transcript_find_quote(transcript, missing[i], 0, &start, &end));
    transcript_destroy(transcript);
}

static void test_quotation_marks(void **state)
{
    (void)state;
    static const struct {
        const char *title, *said;
        bool found;
    } rows[] = {
        {"\u201eder Kapit\u00e4n schlief\u201c", "Nur der Kapit\u00e4n schlief.", true},
        {"\u00bbder Kapit\u00e4n schlief\u00ab", "Nur der Kapit\u00e4n schlief.", true},
        {"\u00ab le capitaine dormait \u00bb", "Le capitaine dormait.", true},
        {"\u2018he didn\u2019t sleep at all\u2019", "No, he didn't sleep at all!", true},
        {"Ann's crew: 'he didn't sleep at all'", "No, he didn\u2019t sleep at all!", true},
        {"The \"Ferry\": \"he slept too long\"", "Yes, he slept too long.", true},
        {"\u300c\u8239\u9577\u306f\u7720\u3063\u305f\u300d",
         "\u591c\u3001\u8239\u9577\u306f\u7720\u3063\u305f\u3002", true},
        {"\u201c\u8239\u957f\u7761\u7740\u4e86\u201d",
         "\u4ed6\u7684\u8239\u957f\u7761\u7740\u4e86\u3002", true},
        {"\u300c\u8239\u9577\u300d", "\u8239\u9577\u306f\u7720\u3063\u305f\u3002", false},
        {"Ann's crew and Bob's dog slept", "crew and bob's dog slept s crew and bob", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *text = mem_format("1\n00:10 --> 00:20\n%s\n", rows[i].said);
        struct transcript *transcript = read_text(text);
        millis start = 0, end = 0;
        assert_int_equal(transcript_find_quote(transcript, rows[i].title, 0, &start, &end),
                         rows[i].found);
        assert_true(!rows[i].found || (start >= 10000 && end > start && end <= 20000));
        transcript_destroy(transcript);
        free(text);
    }
}

static void test_slices(void **state)
{
    (void)state;
    struct transcript *transcript = read_text(vtt);
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    vtt_append_header(&out);
    assert_int_equal(transcript_append_vtt(transcript, 4000, 6000, 60000, &out), 2);
    assert_string_equal(buffer_text(&out), "WEBVTT\n"
                                           "\n00:01:00.000 --> 00:01:00.500\n"
                                           "<v Ann>The ferry sailed twice that &amp; every day.\n"
                                           "\n00:01:01.000 --> 00:01:02.000\n"
                                           "<v Bob>Nobody was on board, and\n");
    struct transcript *again = read_text(buffer_text(&out));
    assert_int_equal(again->count, 2);
    assert_string_equal(again->cues[0].text, transcript->cues[0].text);
    assert_int_equal(transcript_append_vtt(transcript, 4500, 5000, 0, &out), 0);
    transcript_destroy(again);
    transcript_destroy(transcript);
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_formats_say_the_same),
        cmocka_unit_test(test_a_name_with_a_reference),
        cmocka_unit_test(test_html),
        cmocka_unit_test(test_other_spellings),
        cmocka_unit_test(test_utf16),
        cmocka_unit_test(test_tags_are_short),
        cmocka_unit_test(test_quotation_marks),
        cmocka_unit_test(test_sentences_of_other_scripts),
        cmocka_unit_test(test_what_is_none_is_refused),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_speakers_end_what_they_say),
        cmocka_unit_test(test_quotations),
        cmocka_unit_test(test_slices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
