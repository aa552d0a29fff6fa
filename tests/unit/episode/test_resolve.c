/* SPDX-License-Identifier: MIT */
#include "episode/resolve.h"

#include "folder.h"
#include "test.h"

static void test_local_files(void **state)
{
    static const char *const names[] = {"s01e01-influxdata.mp3",
                                        "The Show - Postgres for All.m4a",
                                        "s02/show_S02E05.flac",
                                        "s01e01-influxdata.txt",
                                        "cover.jpg",
                                        ".s03e01.mp3",
                                        "s04e01-a.mp3",
                                        "s04e01-b.mp3",
                                        "twice.mp3",
                                        "twice.wav",
                                        NULL};
    const char *folder = *state;
    struct resolve_options options = {.audio_dirs = &folder, .audio_dir_count = 1};
    add_files(folder, names);
    expect_file(&options, "https://a.example/pod/s01e01-influxdata/", folder, names[0],
                "audio-dir");
    expect_file(&options, "https://a.example/pod/Postgres-for-all.html", folder, names[1],
                "audio-dir");
    expect_file(&options, "https://a.example/pod/s2e5-paul-dix/", folder, names[2], "audio-dir");
    expect_failure(&options, "https://a.example/pod/s03e01-x/", ERROR_MISSING,
                   "none of the 7 audio files in");
    expect_failure(&options, "https://a.example/pod/s04e01-c/", ERROR_INPUT, "s04e01-a.mp3 and ");
    expect_failure(&options, "https://a.example/twice", ERROR_INPUT, "twice.wav; say which");
    expect_file(&options, "https://a.example/pod/s04e01-b/", folder, "s04e01-b.mp3", "audio-dir");
    expect_failure(&options, "https://a.example/", ERROR_MISSING, "try --map");
}

static const char feed_text[] =
    "<rss xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'><channel><title>Show</title>"
    "<itunes:author>Ann</itunes:author>"
    "<item><title>Paul Dix on InfluxData</title><link>https://a.example/pod/paul</link>"
    "<guid>g1</guid><itunes:duration>75:00</itunes:duration><itunes:season>1</itunes:season>"
    "<itunes:episode>1</itunes:episode><pubDate>Wed, 01 May 2024 10:00:00 GMT</pubDate>"
    "<enclosure url='https://c.example/x/7f3a.mp3' length='72000000' type='audio/mpeg'/></item>"
    "<item><title>Anna on Rust (S01E02)</title><link>https://h.example/e/anna</link>"
    "<enclosure url='https://c.example/x/s01e02.mp3' length='75'/></item>"
    "<item><title>Same</title><link>https://a.example/same</link><guid>g3</guid>"
    "<enclosure url='https://c.example/3.mp3'/></item>"
    "<item><title>Same again</title><link>https://a.example/same</link><guid>g4</guid>"
    "<enclosure url='https://c.example/4.mp3'/></item>"
    "<item><title>Kafka streams in production part one</title>"
    "<enclosure url='https://c.example/5.mp3'/></item>"
    "<item><title>Kafka streams in production part two</title>"
    "<enclosure url='https://c.example/6.mp3'/></item>"
    "<item><title>Deep learning compilers</title><enclosure url='https://c.example/7.mp3'/></item>"
    "</channel></rss>";

static void test_feeds(void **state)
{
    static const struct {
        const char *page, *audio;
    } rows[] = {
        {"http://www.a.example/pod/paul/?utm_source=x", "https://c.example/x/7f3a.mp3"},
        {"https://a.example/pod/s01e01-whatever", "https://c.example/x/7f3a.mp3"},
        {"https://a.example/pod/s01e02-anna", "https://c.example/x/s01e02.mp3"},
        {"https://a.example/episodes/anna", "https://c.example/x/s01e02.mp3"},
        {"https://a.example/g3", "https://c.example/3.mp3"},
        {"https://a.example/4", "https://c.example/4.mp3"},
        {"https://a.example/deep-learning-compilers", "https://c.example/7.mp3"},
        {"https://a.example/kafka-streams-in-production-part-two", "https://c.example/6.mp3"},
    };
    char *feed = add_file(*state, "feed.xml", feed_text);
    struct resolve_options options = {.feeds = (const char *const[]){feed}, .feed_count = 1};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        expect_file(&options, rows[i].page, "", rows[i].audio, "feed");
    expect_failure(&options, "https://a.example/same", ERROR_INPUT, "'Same' (");
    expect_failure(&options, "https://a.example/kafka-streams-in-production", ERROR_INPUT,
                   "two episodes have a title like it, 'Kafka streams in production part one'");
    expect_failure(&options, "https://a.example/other", ERROR_MISSING, "feed.xml; try --map");
    free(feed);
}

static void test_feeds_fill_in_what_they_know(void **state)
{
    struct error err = ERROR_INIT;
    const char *folder = *state;
    char *feed = add_file(folder, "feed.xml", feed_text);
    struct resolve_options options = {.feeds = (const char *const[]){feed, feed},
                                      .feed_count = 2,
                                      .audio_dirs = &folder,
                                      .audio_dir_count = 1};
    free(add_file(folder, "7F3A.mp3", ""));
    struct resolver *resolver = resolver_create(&options, &err);
    struct episode *episode = resolver_find(resolver, "https://a.example/pod/paul", &err);
    assert_no_error(err);
    assert_string_equal(episode->resolved_by, "audio-dir");
    assert_string_equal(episode->title, "Paul Dix on InfluxData");
    assert_string_equal(episode->show, "Show");
    assert_string_equal(episode->author, "Ann");
    assert_string_equal(episode->guid, "g1");
    assert_int_equal(episode->duration, 75 * MILLIS_MINUTE);
    assert_int_equal(episode->season, 1);
    assert_int_equal(episode->number, 1);
    assert_int_equal(episode->audio_size, -1);
    episode_destroy(episode);

    /* An enclosure of 75 bytes is one whose length is in minutes or seconds. */
    episode = resolver_find(resolver, "https://h.example/e/anna", &err);
    assert_no_error(err);
    assert_int_equal(episode->audio_size, -1);
    episode_destroy(episode);
    resolver_destroy(resolver);
    free(feed);
}

static void test_maps(void **state)
{
    const char *folder = *state;
    char *audio = add_file(folder, "a=b.mp3", "");
    char *map = mem_format("https://a.example/?p=12=%s", audio);
    char *gone = mem_format("two=%s/gone.mp3", folder);
    const char *maps[] = {"one=https://c.example/old.mp3", "one=https://c.example/1.mp3", map,
                          gone};
    struct resolve_options options = {
        .maps = maps, .map_count = COUNT_OF(maps), .audio_dirs = &folder, .audio_dir_count = 1};
    free(add_file(folder, "one.mp3", ""));
    expect_file(&options, "https://a.example/one/", "", "https://c.example/1.mp3", "map");
    expect_file(&options, "http://a.example?p=12", folder, "a=b.mp3", "map");
    expect_failure(&options, "https://a.example/two", ERROR_MISSING, "gone.mp3: the audio");
    expect_failure(&options, "https://a.example/?p=13", ERROR_MISSING, "no audio found");
    free(gone);
    free(map);
    free(audio);
}

static void test_bases_make_pages_absolute(void **state)
{
    struct resolve_options options = {
        .maps = (const char *const[]){"https://a.example/pod/one=https://c.example/1.mp3"},
        .map_count = 1,
        .base_url = "https://a.example/pod/",
    };
    (void)state;
    expect_file(&options, "one/", "", "https://c.example/1.mp3", "map");
    expect_file(&options, "/pod/one", "", "https://c.example/1.mp3", "map");
}

static void test_links_to_audio(void **state)
{
    struct resolve_options options = {0};
    char *path = add_file(*state, "one.mp3", "");
    expect_file(&options, "https://c.example/5.mp3?x=1", "", "https://c.example/5.mp3?x=1", "link");
    expect_file(&options, path, *state, "one.mp3", "link");
    expect_failure(&options, "gone.mp3", ERROR_MISSING,
                   "no audio found for gone.mp3: no such file");
    free(path);
}

static void test_options_that_cannot_be(void **state)
{
    char *broken = add_file(*state, "broken.xml", "<rss>");
    const struct {
        struct resolve_options options;
        enum error_kind kind;
        const char *says;
    } rows[] = {
        {{.maps = (const char *const[]){"one"}, .map_count = 1}, ERROR_USAGE, "PAGE=AUDIO"},
        {{.maps = (const char *const[]){"=x"}, .map_count = 1}, ERROR_USAGE, "PAGE=AUDIO"},
        {{.audio_dirs = (const char *const[]){"/no/such"}, .audio_dir_count = 1},
         ERROR_MISSING,
         "/no/such: "},
        {{.feeds = (const char *const[]){"/no/such.xml"}, .feed_count = 1},
         ERROR_MISSING,
         "/no/such.xml"},
        {{.feeds = (const char *const[]){broken}, .feed_count = 1}, ERROR_INPUT, "broken.xml:1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        assert_null(resolver_create(&rows[i].options, &err));
        assert_error(err, rows[i].kind, rows[i].says);
    }
    free(broken);
}

static void test_nothing_given(void **state)
{
    struct resolve_options options = {0};
    (void)state;
    expect_failure(&options, "https://me:pw@a.example/x?token=abc", ERROR_MISSING,
                   "no audio found for https://a.example/x?token=…: nowhere to look");
    resolver_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_local_files, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_feeds, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_feeds_fill_in_what_they_know, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_maps, make_folder, remove_folder),
        cmocka_unit_test(test_bases_make_pages_absolute),
        cmocka_unit_test_setup_teardown(test_links_to_audio, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_options_that_cannot_be, make_folder, remove_folder),
        cmocka_unit_test(test_nothing_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
