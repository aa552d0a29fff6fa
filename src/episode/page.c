/* SPDX-License-Identifier: MIT */
/*
 * The page itself: it is fetched, and its clues are followed from the surest to the faintest.
 */
#include "episode/page.h"

#include <stdlib.h>
#include <string.h>

#include "episode/feed.h"
#include "fetch/fetch.h"
#include "format/url.h"

static enum way_result take_audio(struct search *search, const char *url)
{
    search->episode->audio = arena_strdup(search->episode->arena, url);
    return WAY_FOUND;
}

/* The one address that clues of this kind give, however often; *ret_other is set where there is a
 * second one. */
static const char *only_clue(const struct page_clues *clues, enum clue_kind kind,
                             const char **ret_other)
{
    const char *only = NULL;
    char *canonical = NULL;
    *ret_other = NULL;
    for (size_t i = 0; i < clues->count && !*ret_other; i++) {
        if (clues->items[i].kind != kind)
            continue;
        char *other = url_canonical(clues->items[i].url);
        if (!only) {
            only = clues->items[i].url;
            canonical = mem_strdup(other);
        } else if (canonical && other && strcmp(canonical, other) != 0) {
            *ret_other = clues->items[i].url;
        }
        free(other);
    }
    free(canonical);
    return only;
}

/* Kinds that name the page's own audio. Where one names two, a later one may decide. */
static enum way_result follow_direct(struct search *search, const struct page_clues *clues,
                                     struct error *err)
{
    static const enum clue_kind kinds[] = {CLUE_AUDIO, CLUE_META, CLUE_JSON_LD};
    const char *first = NULL, *second = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *other = NULL, *only = only_clue(clues, kinds[i], &other);
        if (only && !other)
            return take_audio(search, only);
        if (only && !first) {
            first = only;
            second = other;
        }
    }
    if (!first)
        return WAY_PASSED;
    char *shown = url_redacted(first), *shown_other = url_redacted(second);
    error_set(err, ERROR_INPUT,
              "%s: the page has more than one recording, %s and %s; say which "
              "with --map",
              search->page.shown, shown, shown_other);
    free(shown_other);
    free(shown);
    return WAY_FAILED;
}

/* Kinds that may as well name something else: only where they name one thing alone. */
static enum way_result follow_faint(struct search *search, const struct page_clues *clues,
                                    enum clue_kind kind)
{
    const char *other = NULL, *only = only_clue(clues, kind, &other);
    if (only && !other)
        return take_audio(search, only);
    if (only)
        search_note(search, "the page names more than one audio file");
    return WAY_PASSED;
}

static enum way_result follow_embeds(struct search *search, const struct page_clues *clues,
                                     struct error *err)
{
    const char *other = NULL, *only = only_clue(clues, CLUE_EMBED, &other);
    if (other) {
        error_set(err, ERROR_INPUT,
                  "%s: the page has more than one player, %s and %s; say which audio is meant "
                  "with --map",
                  search->page.shown, only, other);
        return WAY_FAILED;
    }
    return only ? embed_follow(search, only, err) : WAY_PASSED;
}

/* The feeds that the page names, as if they were given by --feed. */
static enum way_result follow_feeds(struct search *search, const struct page_clues *clues,
                                    struct error *err)
{
    enum way_result result = WAY_PASSED;
    for (size_t i = 0; i < clues->count && result == WAY_PASSED; i++) {
        const struct feed *feed = NULL;
        const struct feed_item *item = NULL;
        if (clues->items[i].kind != CLUE_FEED)
            continue;
        if (!feeds_find(search, &clues->items[i].url, 1, &feed, &item, err))
            return WAY_FAILED;
        if (item) {
            episode_take_item(search->episode, feed, item);
            return WAY_FOUND;
        }
        char *shown = url_redacted(clues->items[i].url);
        search_note(search, "not in %s", shown);
        free(shown);
    }
    return result;
}

static enum way_result follow_oembed(struct search *search, const struct page_clues *clues,
                                     struct error *err)
{
    const char *other = NULL, *only = only_clue(clues, CLUE_OEMBED, &other);
    return only && !other ? player_follow(search, only, err) : WAY_PASSED;
}

enum way_result clues_follow(struct search *search, const struct page_clues *clues,
                             struct error *err)
{
    enum way_result result = follow_direct(search, clues, err);
    if (result == WAY_PASSED)
        result = follow_embeds(search, clues, err);
    if (result == WAY_PASSED)
        result = follow_faint(search, clues, CLUE_SCRIPT);
    if (result == WAY_PASSED)
        result = follow_feeds(search, clues, err);
    if (result == WAY_PASSED)
        result = follow_faint(search, clues, CLUE_DOWNLOAD);
    if (result == WAY_PASSED)
        result = follow_oembed(search, clues, err);
    return result;
}

static bool is_html(const struct document *document)
{
    struct slice begin = slice_trim_left((struct slice){document->data, document->size});
    return strcmp(document->type, "text/html") == 0 ||
           strcmp(document->type, "application/xhtml+xml") == 0 ||
           (!document->type[0] && slice_starts(begin, SLICE("<")));
}

static bool is_audio(const struct document *document)
{
    return slice_starts(slice_of(document->type), SLICE("audio/"));
}

static struct page_clues *read_clues(const struct document *document, struct error *err)
{
    struct slice text = {document->data, document->size};
    char *shown = url_redacted(document->url);
    struct page_clues *clues = is_html(document) ? page_clues_read(text, shown, document->url, err)
                                                 : page_clues_scan(text, shown, document->url);
    free(shown);
    return clues;
}

enum way_result player_follow(struct search *search, const char *url, struct error *err)
{
    struct document document = {0};
    struct error failure = ERROR_INIT;
    struct page_clues *clues = NULL;
    enum way_result result = WAY_PASSED;
    if (search_fetch(search, url, HTML_MAX_BYTES, &document, &failure)) {
        if (is_audio(&document))
            result = take_audio(search, url);
        else
            clues = read_clues(&document, &failure);
    }
    if (clues) {
        result = follow_direct(search, clues, err);
        if (result == WAY_PASSED)
            result = follow_faint(search, clues, CLUE_SCRIPT);
        if (result == WAY_PASSED)
            result = follow_faint(search, clues, CLUE_DOWNLOAD);
    }
    if (error_is_set(&failure))
        result = search_pass(search, &failure, err);
    page_clues_destroy(clues);
    document_release(&document);
    return result;
}

static void fill(struct episode *episode, const struct page_clues *clues)
{
    const struct {
        const char **field;
        const char *text;
    } rows[] = {{&episode->title, clues->title},
                {&episode->show, clues->show},
                {&episode->cover, clues->cover}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!*rows[i].field)
            *rows[i].field = arena_strdup(episode->arena, rows[i].text);
}

static enum way_result read_page(struct search *search, const struct document *document,
                                 struct error *err)
{
    if (is_audio(document)) {
        search->episode->resolved_by = "link";
        search->episode->audio_type = arena_strdup(search->episode->arena, document->type);
        return take_audio(search, search->page.url);
    }
    if (!is_html(document)) {
        search_note(search, "the page is %s, neither HTML nor audio",
                    document->type[0] ? document->type : "of no type that we know");
        return WAY_PASSED;
    }
    struct error failure = ERROR_INIT;
    struct page_clues *clues = read_clues(document, &failure);
    if (!clues)
        return search_pass(search, &failure, err);
    enum way_result result = clues_follow(search, clues, err);
    if (result == WAY_FOUND)
        fill(search->episode, clues);
    else if (result == WAY_PASSED)
        search_note(search, "the page has no audio, player or feed that leads to it");
    page_clues_destroy(clues);
    return result;
}

/* By the bytes that containers of audio begin with. */
static bool begins_like_audio(const uint8_t *data, size_t size)
{
    static const struct {
        size_t offset;
        const char *bytes;
    } rows[] = {{0, "ID3"},  {0, "OggS"}, {0, "fLaC"},
                {8, "WAVE"}, {4, "ftyp"}, {0, "\x1A\x45\xDF\xA3"}};
    struct slice begin = {(const char *)data, size};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (slice_starts(slice_from(begin, rows[i].offset), slice_of(rows[i].bytes)))
            return true;
    return size > 1 && data[0] == 0xFF && (data[1] & 0xE0) == 0xE0; /* MPEG's frame sync */
}

/* What is larger than any page may be audio behind a link that does not say so. */
static bool is_large_audio(struct search *search)
{
    const struct fetch_target target = {.url = search->page.url};
    struct source *source = fetch_open(search->resolver->options.fetcher, &target, NULL);
    const uint8_t *data = NULL;
    size_t size = 0;
    bool audio =
        source && source_view(source, 0, 16, &data, &size, NULL) && begins_like_audio(data, size);
    source_destroy(source);
    return audio;
}

static enum way_result find(struct search *search, struct error *err)
{
    struct document document = {0};
    struct error failure = ERROR_INIT;
    if (!search->resolver->options.fetcher || !url_is_http(search->page.url))
        return WAY_PASSED;
    if (!search_fetch(search, search->page.url, HTML_MAX_BYTES, &document, &failure)) {
        if (failure.kind != ERROR_INPUT || !is_large_audio(search))
            return search_pass(search, &failure, err);
        error_release(&failure);
        search->episode->resolved_by = "link";
        return take_audio(search, search->page.url);
    }
    enum way_result result = read_page(search, &document, err);
    document_release(&document);
    return result;
}

const struct way page_way = {"page", find};
