/* SPDX-License-Identifier: MIT */
#include "episode/page.h"

#include "base/buffer.h"
#include "test.h"

static const char *const kinds[] = {"audio",  "meta",     "json-ld", "embed",
                                    "script", "download", "oembed",  "feed"};

/* The clues as "kind url" lines. */
static char *clues_of(const char *html)
{
    struct error err = ERROR_INIT;
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct page_clues *clues =
        page_clues_read(slice_of(html), "x.html", "https://a.example/pod/one/", &err);
    assert_no_error(err);
    for (size_t i = 0; i < clues->count; i++)
        buffer_append_format(&text, "%s%s %s", i ? "\n" : "", kinds[clues->items[i].kind],
                             clues->items[i].url);
    page_clues_destroy(clues);
    return buffer_detach(&text);
}

static void test_clues(void **state)
{
    static const struct {
        const char *html, *clues;
    } rows[] = {
        {"<p>no audio</p>", ""},
        {"<audio src=x.mp3></audio>", "audio https://a.example/pod/one/x.mp3"},
        {"<audio><source src='/x.ogg'><source src='/x.mp3'></audio><audio src='//b.example/y'>",
         "audio https://a.example/x.ogg\naudio https://b.example/y"},
        {"<picture><source src='x.jpg'></picture>", ""},
        {"<base href='https://b.example/z/'><audio src=x.mp3>", "audio https://b.example/z/x.mp3"},
        {"<meta property='og:audio' content='/x.mp3'>"
         "<meta name='twitter:player:stream' content='https://c.example/y'>",
         "meta https://a.example/x.mp3\nmeta https://c.example/y"},
        {"<link rel=alternate type='application/rss+xml' href='/feed'>"
         "<link rel=alternate type='application/json+oembed' href='/o?x=1&amp;y'>"
         "<link rel=stylesheet type='text/css' href='/css'>",
         "feed https://a.example/feed\noembed https://a.example/o?x=1&y"},
        {"<script type='application/ld+json'>{\"@graph\": [{\"@type\": \"PodcastEpisode\", "
         "\"associatedMedia\": {\"@type\": \"MediaObject\", \"contentUrl\": \"/m.mp3\"}}, "
         "{\"@type\": [\"AudioObject\"], \"url\": \"https://c.example/a\"}, "
         "{\"@type\": \"ImageObject\", \"contentUrl\": \"/i.jpg\"}]}</script>",
         "json-ld https://a.example/m.mp3\njson-ld https://c.example/a"},
        {"<script type='application/ld+json'>[{\"@type\": \"PodcastEpisode\", \"url\": "
         "\"/pod/two/\", \"associatedMedia\": {\"contentUrl\": \"/2.mp3\"}}, {\"@type\": "
         "\"PodcastEpisode\", \"url\": \"/pod/one\", \"associatedMedia\": {\"contentUrl\": "
         "\"/1.mp3\"}}]</script>",
         "json-ld https://a.example/1.mp3"},
        {"<script type='application/ld+json'>{broken</script>", ""},
        {"<script>player({url: 'https:\\/\\/c.example\\/x.mp3?a=1\\u0026b=2', "
         "img: 'https://c.example/i.jpg'})</script>",
         "script https://c.example/x.mp3?a=1&b=2"},
        {"<a href='x.mp3'>Download</a><a href='page'>Page</a>",
         "download https://a.example/pod/one/x.mp3"},
        {"<a href='javascript:x.mp3'>x</a><audio src=''><audio src='data:x'>", ""},
        {"<script "
         "src='https://letscast.fm/podcasts/show-1/episodes/ep-2/player.js?size=s'></script>",
         "embed https://letscast.fm/podcasts/show-1/episodes/ep-2/player.js?size=s"},
        {"<script class=podigee-podcast-player src='https://cdn.podigee.com/p.js' "
         "data-configuration='https://show.podigee.io/1-one/embed?context=external'></script>",
         "embed https://show.podigee.io/1-one/embed?context=external"},
        {"<iframe src='https://share.transistor.fm/e/1a2b'></iframe>"
         "<iframe src='https://www.youtube.com/embed/x'></iframe>",
         "embed https://share.transistor.fm/e/1a2b"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_owned(clues_of(rows[i].html), rows[i].clues);
}

static void test_facts(void **state)
{
    struct error err = ERROR_INIT;
    struct page_clues *clues = page_clues_read(
        SLICE("<meta property='og:title' content='  One\n two '><meta property=og:site_name "
              "content=Show><meta property='og:image' content='/i.jpg'>"),
        "x.html", "https://a.example/pod/one/", &err);
    (void)state;
    assert_no_error(err);
    assert_string_equal(clues->title, "One two");
    assert_string_equal(clues->show, "Show");
    assert_string_equal(clues->cover, "https://a.example/i.jpg");
    page_clues_destroy(clues);
    page_clues_destroy(NULL);
}

static void test_embeds(void **state)
{
    static const struct {
        const char *url;
        bool known;
    } rows[] = {
        {"https://letscast.fm/podcasts/a/episodes/b/player.js?size=s", true},
        {"http://127.0.0.1:8080/podcasts/a/episodes/b/player.js", true},
        {"https://www.buzzsprout.com/123/456-one.js?player=small", true},
        {"https://buzzsprout.com.evil.example/123/456-one.js", false},
        {"https://share.transistor.fm/e/1a2b", true},
        {"https://share.transistor.fm/s/1a2b", false},
        {"https://html5-player.libsyn.com/embed/episode/id/1/", true},
        {"https://player.simplecast.com/5e1b?dark=true", true},
        {"https://player.captivate.fm/episode/5e1b/", true},
        {"https://widget.spreaker.com/player?episode_id=12", true},
        {"https://player.fireside.fm/v2/abc+def", true},
        {"https://anchor.fm/show/embed/episodes/one-e1", true},
        {"https://podcasters.spotify.com/pod/show/x/embed/episodes/one-e1/a-b", true},
        {"https://open.spotify.com/embed/episode/x", true},
        {"https://example.org/x.js", false},
        {"javascript:void(0)", false},
        {"", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(embed_knows(rows[i].url), rows[i].known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clues),
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_embeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
