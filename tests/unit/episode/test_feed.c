/* SPDX-License-Identifier: MIT */
#include "episode/feed.h"

#include "base/buffer.h"
#include "test.h"

static struct feed *read_text(const char *text, const char *base)
{
    struct error err = ERROR_INIT;
    struct feed *feed = feed_read(slice_of(text), "feed.xml", base, &err);
    assert_no_error(err);
    assert_non_null(feed);
    return feed;
}

static void expect(const struct feed_item *item, enum feed_field field, const char *text)
{
    if (!text)
        assert_null(item->texts[field]);
    else
        assert_string_equal(item->texts[field], text);
}

#define RSS_BEGIN                                                                                  \
    "<?xml version='1.0'?>\n<rss version='2.0' "                                                   \
    "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' "                                   \
    "xmlns:podcast='https://podcastindex.org/namespace/1.0' "                                      \
    "xmlns:atom='http://www.w3.org/2005/Atom' "                                                    \
    "xmlns:media='http://search.yahoo.com/mrss/'><channel>\n"
#define RSS_END "</channel></rss>"

static void test_rss(void **state)
{
    static const char text[] = RSS_BEGIN
        "<title>The\n Show</title><link>https://a.example/</link><itunes:author>Ann</itunes:author>"
        "<image><url>https://a.example/small.jpg</url><title>no</title><link>no</link></image>"
        "<itunes:image href='https://a.example/large.jpg'/>"
        "<atom:link rel='self' href='https://a.example/feed'/>"
        "<atom:link rel='next' href='/feed?page=2'/>\n"
        "<item><title><![CDATA[ A & B ]]></title><link>https://a.example/1</link>"
        "<guid isPermaLink='false'>g1</guid><pubDate>Wed, 01 May 2024 10:00:00 GMT</pubDate>"
        "<itunes:duration>1:02:03</itunes:duration><itunes:season>2</itunes:season>"
        "<itunes:episode>5</itunes:episode><podcast:season name='x'>3</podcast:season>"
        "<podcast:soundbite startTime='x' duration='1'>no</podcast:soundbite>"
        "<podcast:soundbite startTime='73.25' duration='60'> A\n bite</podcast:soundbite>"
        "<podcast:soundbite startTime='5' duration='30'/>"
        "<podcast:chapters url='c.json' type='application/json+chapters'/>"
        "<podcast:transcript url='t.txt' type='text/plain'/>"
        "<podcast:transcript url='t.vtt' type='text/vtt'/>"
        "<podcast:transcript url='t.html' type='text/html'/>"
        "<enclosure url='cover.jpg' type='image/jpeg' length='9'/>"
        "<enclosure url='https://c.example/a.mp3?x=1&amp;y=2' type='audio/mpeg' length='12345'/>"
        "<enclosure url='https://c.example/b.mp3' type='audio/mpeg' length='6'/></item>\n"
        "<item><title>Two</title></item>" RSS_END;
    struct feed *feed = read_text(text, "https://f.example/x/feed.xml");
    const struct feed_item *item = &feed->items[0];
    (void)state;
    assert_int_equal(feed->count, 2);
    expect(&feed->channel, FEED_TITLE, "The Show");
    expect(&feed->channel, FEED_AUTHOR, "Ann");
    expect(&feed->channel, FEED_COVER, "https://a.example/large.jpg");
    expect(&feed->channel, FEED_NEXT, "https://f.example/feed?page=2");
    expect(item, FEED_TITLE, "A & B");
    expect(item, FEED_GUID, "g1");
    expect(item, FEED_LINK, "https://a.example/1");
    expect(item, FEED_DATE, "Wed, 01 May 2024 10:00:00 GMT");
    expect(item, FEED_DURATION, "1:02:03");
    expect(item, FEED_SEASON, "3");
    expect(item, FEED_NUMBER, "5");
    expect(item, FEED_CHAPTERS, "https://f.example/x/c.json");
    expect(item, FEED_TRANSCRIPT, "https://f.example/x/t.vtt");
    expect(item, FEED_TRANSCRIPT_TYPE, "text/vtt");
    expect(item, FEED_AUDIO, "https://c.example/a.mp3?x=1&y=2");
    expect(item, FEED_AUDIO_TYPE, "audio/mpeg");
    expect(item, FEED_AUDIO_SIZE, "12345");
    assert_int_equal(item->line, 5);
    assert_int_equal(item->soundbite_count, 2);
    assert_int_equal(item->soundbites[0].start, 73250);
    assert_int_equal(item->soundbites[0].duration, 60000);
    assert_string_equal(item->soundbites[0].title, "A bite");
    assert_null(item->soundbites[1].title);
    expect(&feed->items[1], FEED_AUDIO, NULL);
    feed_destroy(feed);
}

static void test_enclosures_in_the_wild(void **state)
{
    static const struct {
        const char *item, *audio;
    } rows[] = {
        {"<enclosure url='a.mp3'/>", "https://f.example/a.mp3"},
        {"<enclosure url='a.mp3' type='text/html'/>", "https://f.example/a.mp3"},
        {"<enclosure url='a' type='audio/mpeg'/>", "https://f.example/a"},
        {"<enclosure url='a' type='application/octet-stream'/>", "https://f.example/a"},
        {"<enclosure url='a.pdf' type='application/pdf'/>", NULL},
        {"<enclosure url='a.jpg' type='image/jpeg'/><enclosure url='b' type='AUDIO/x-m4a'/>",
         "https://f.example/b"},
        {"<enclosure url='v.mp4' type='video/mp4'/><enclosure url='b.mp3' type='audio/mpeg'/>",
         "https://f.example/b.mp3"},
        {"<enclosure url='v.mp4' type='video/mp4'/>", "https://f.example/v.mp4"},
        {"<enclosure url='//c.example/a.mp3'/>", "https://c.example/a.mp3"},
        {"<enclosure url='  a b.mp3\n'/>", "https://f.example/a%20b.mp3"},
        {"<enclosure length='5'/>", NULL},
        {"<link>https://c.example/a.mp3</link>", "https://c.example/a.mp3"},
        {"<link>https://c.example/page</link>", NULL},
        {"<media:content url='m.mp3' medium='audio'/>", "https://f.example/m.mp3"},
        {"<media:group><media:content url='m.mp3' type='audio/mpeg'/></media:group>",
         "https://f.example/m.mp3"},
        {"<media:content url='m.mp3' medium='audio'/><enclosure url='a.mp3'/>",
         "https://f.example/a.mp3"},
        {"<atom:link rel='enclosure' href='a.mp3'/>", "https://f.example/a.mp3"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
        buffer_append_format(&text, RSS_BEGIN "<item>%s</item>" RSS_END, rows[i].item);
        struct feed *feed = read_text(buffer_text(&text), "https://f.example/feed");
        expect(&feed->items[0], FEED_AUDIO, rows[i].audio);
        feed_destroy(feed);
        buffer_release(&text);
    }
}

static void test_atom(void **state)
{
    struct feed *feed = read_text(
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Show</title><id>urn:show</id>"
        "<author><name>Ann</name></author><link href='https://a.example/'/>"
        "<entry><title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>A <b>B</b></div>"
        "</title><id>urn:1</id><updated>2024-06-01T00:00:00Z</updated>"
        "<published>2024-05-01T00:00:00Z</published>"
        "<link rel='alternate' type='text/html' href='/one'/>"
        "<link rel='enclosure' type='audio/ogg' length='7' href='/one.ogg'/>"
        "<source><title>Other</title><id>other</id></source></entry></feed>",
        NULL);
    const struct feed_item *item = &feed->items[0];
    (void)state;
    assert_int_equal(feed->count, 1);
    expect(&feed->channel, FEED_TITLE, "Show");
    expect(&feed->channel, FEED_AUTHOR, "Ann");
    expect(item, FEED_TITLE, "A B");
    expect(item, FEED_GUID, "urn:1");
    expect(item, FEED_DATE, "2024-05-01T00:00:00Z");
    expect(item, FEED_LINK, "https://a.example/one");
    expect(item, FEED_AUDIO, "https://a.example/one.ogg");
    feed_destroy(feed);
}

static void test_rss_1(void **state)
{
    struct feed *feed =
        read_text("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
                  "xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'>"
                  "<channel><title>Show</title><link>https://a.example/</link></channel>"
                  "<item><title>One</title><link>https://a.example/1.mp3</link>"
                  "<dc:date>2024-05-01</dc:date></item><item><title>Two</title></item></rdf:RDF>",
                  NULL);
    (void)state;
    assert_int_equal(feed->count, 2);
    expect(&feed->channel, FEED_TITLE, "Show");
    expect(&feed->items[0], FEED_AUDIO, "https://a.example/1.mp3");
    expect(&feed->items[0], FEED_DATE, "2024-05-01");
    expect(&feed->items[1], FEED_TITLE, "Two");
    feed_destroy(feed);
}

static void test_channel_fields_behind_items_stay_the_channels(void **state)
{
    struct feed *feed = read_text("<rss><channel><item><title>One</title></item>"
                                  "<title>Show</title><item/></channel></rss>",
                                  NULL);
    (void)state;
    expect(&feed->channel, FEED_TITLE, "Show");
    expect(&feed->items[0], FEED_TITLE, "One");
    assert_int_equal(feed->count, 2);
    feed_destroy(feed);
}

static void test_what_is_no_feed(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "feed.xml: there is no XML"},
        {"<!doctype html><html><head><title>404</title></head></html>", "this is no feed"},
        {"<rss><channel></channel></rss>", "this is no feed"},
        {"<rss><channel><title>x</title>\n<item><title>a", "feed.xml:2: this XML is broken"},
        {"{\"version\": 1}", "this XML is broken"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        assert_null(feed_read(slice_of(rows[i].text), "feed.xml", NULL, &err));
        assert_error(err, ERROR_INPUT, rows[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rss),
        cmocka_unit_test(test_enclosures_in_the_wild),
        cmocka_unit_test(test_atom),
        cmocka_unit_test(test_rss_1),
        cmocka_unit_test(test_channel_fields_behind_items_stay_the_channels),
        cmocka_unit_test(test_what_is_no_feed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
