/* SPDX-License-Identifier: MIT */
/*
 * --feed: the item that shows a page. Criteria are tried one after the other, the surest first; the
 * first that any item meets decides, and where several items meet it equally well, nobody guesses.
 */
#include "episode/feed.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "episode/resolver.h"
#include "format/url.h"
#include "model/timecode.h"

/* Titles count as the page's when they share so much of their words with its name, in thousandths,
 * and the next best shares less by the margin. */
#define TITLE_LIKENESS 700
#define TITLE_MARGIN   100

struct candidate {
    const struct feed *feed;
    const struct feed_item *item;
    int score;
};

struct candidates {
    struct candidate *items; /* owned */
    size_t count, capacity;
};

static const char *text_of(const struct feed_item *item, enum feed_field field)
{
    return item->texts[field] ? item->texts[field] : "";
}

static int number_of(const struct feed_item *item, enum feed_field field)
{
    int64_t number = MARK_NUMBER_NONE;
    slice_to_int64(slice_trim(slice_of(text_of(item, field))), &number);
    return number >= 0 && number <= INT32_MAX ? (int)number : MARK_NUMBER_NONE;
}

/* Each criterion scores an item from 1 to 1000; 0: not this one. */
typedef int criterion(const struct page_name *page, const struct feed_item *item);

static int same_page(const struct page_name *page, const char *url)
{
    char *canonical = page->canonical && url_is_http(url) ? url_canonical(url) : NULL;
    bool same = canonical && strcmp(canonical, page->canonical) == 0;
    free(canonical);
    return same ? 1000 : 0;
}

static int by_link(const struct page_name *page, const struct feed_item *item)
{
    return same_page(page, text_of(item, FEED_LINK));
}

static int by_audio(const struct page_name *page, const struct feed_item *item)
{
    return same_page(page, text_of(item, FEED_AUDIO));
}

static int by_guid(const struct page_name *page, const struct feed_item *item)
{
    const char *guid = text_of(item, FEED_GUID);
    bool same = page->slug[0] && strcmp(guid, page->slug) == 0;
    return same ? 1000 : same_page(page, guid);
}

/* Hosts often know a page by another URL with the same last part. */
static int by_slug(const struct page_name *page, const struct feed_item *item)
{
    struct page_name other;
    page_name_init(&other, text_of(item, FEED_LINK), NULL);
    bool same = page->slug[0] && strcmp(page->slug, other.slug) == 0;
    page_name_release(&other);
    return same ? 1000 : 0;
}

static int by_number(const struct page_name *page, const struct feed_item *item)
{
    struct episode_token token = {number_of(item, FEED_SEASON), number_of(item, FEED_NUMBER)};
    if (!page->has_token)
        return 0;
    if (token.season == MARK_NUMBER_NONE || token.number == MARK_NUMBER_NONE)
        episode_token_find(slice_of(text_of(item, FEED_TITLE)), &token);
    bool same = token.season == page->token.season && token.number == page->token.number;
    return same ? 1000 : 0;
}

static int by_file_name(const struct page_name *page, const struct feed_item *item)
{
    char *name = url_slug(text_of(item, FEED_AUDIO));
    char *slug = name ? text_slug(path_stem(name), SIZE_MAX) : NULL;
    enum slug_match match = slug ? page_name_match(page, slice_of(slug)) : SLUG_OTHER;
    free(slug);
    free(name);
    return match == SLUG_EQUAL ? 1000 : match == SLUG_WITHIN ? 900 : match == SLUG_TOKEN ? 800 : 0;
}

static int by_title(const struct page_name *page, const struct feed_item *item)
{
    char *slug = text_slug(slice_of(text_of(item, FEED_TITLE)), SIZE_MAX);
    int likeness = slug_likeness(slice_of(page->slug), slice_of(slug));
    free(slug);
    return likeness >= TITLE_LIKENESS ? likeness : 0;
}

/* Two feeds of one show hold the same episodes. */
static bool is_same_episode(const struct feed_item *a, const struct feed_item *b)
{
    if (a->texts[FEED_GUID] && b->texts[FEED_GUID])
        return strcmp(a->texts[FEED_GUID], b->texts[FEED_GUID]) == 0;
    return strcmp(text_of(a, FEED_AUDIO), text_of(b, FEED_AUDIO)) == 0;
}

static void add_candidate(struct candidates *found, const struct candidate *candidate)
{
    for (size_t i = 0; i < found->count; i++)
        if (is_same_episode(found->items[i].item, candidate->item))
            return;
    found->items = mem_grow(found->items, &found->capacity, found->count + 1, sizeof *found->items);
    found->items[found->count++] = *candidate;
}

static void collect(const struct page_name *page, const struct feed *feed, criterion *score_of,
                    struct candidates *found)
{
    for (; feed; feed = feed->older)
        for (size_t i = 0; i < feed->count; i++) {
            const struct feed_item *item = &feed->items[i];
            int score = item->texts[FEED_AUDIO] ? score_of(page, item) : 0;
            if (score > 0)
                add_candidate(found, &(struct candidate){feed, item, score});
        }
}

static int by_score(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    return (left->score < right->score) - (left->score > right->score);
}

static bool fail_ambiguous(const struct search *search, const struct candidates *found,
                           const char *what, struct error *err)
{
    const struct candidate *first = &found->items[0], *second = &found->items[1];
    return error_set(
        err, ERROR_INPUT,
        "%s: two episodes have %s, '%s' (%s:%d) and '%s' (%s:%d); say which with --map",
        search->page.shown, what, text_of(first->item, FEED_TITLE), first->feed->name,
        first->item->line, text_of(second->item, FEED_TITLE), second->feed->name,
        second->item->line);
}

/* The feeds that can be read; what is wrong with the others is noted. */
static bool open_feeds(struct search *search, const char *const *sources, size_t count,
                       const struct feed **feeds, size_t *ret_opened, struct error *err)
{
    struct resolver *resolver = search->resolver;
    *ret_opened = 0;
    for (size_t i = 0; i < count; i++) {
        struct error failure = ERROR_INIT;
        const struct feed *feed =
            feed_store_get(resolver->feeds, resolver->options.fetcher, sources[i], &failure);
        if (feed)
            feeds[(*ret_opened)++] = feed;
        else if (search_pass(search, &failure, err) == WAY_FAILED)
            return false;
    }
    return true;
}

static const struct {
    criterion *score_of;
    int margin; /* that the best must have before the second */
    const char *what;
} criteria[] = {
    {by_link, 1, "this link"},
    {by_audio, 1, "this audio"},
    {by_guid, 1, "this GUID"},
    {by_slug, 1, "a link that ends like it"},
    {by_number, 1, "its season and number"},
    {by_file_name, 1, "a file name like it"},
    {by_title, TITLE_MARGIN, "a title like it"},
};

static bool choose(const struct search *search, const struct feed *const *feeds, size_t count,
                   struct candidate *ret_best, struct error *err)
{
    struct candidates found = {0};
    bool clear = true;
    size_t row = 0;
    for (; row < sizeof criteria / sizeof *criteria && !found.count; row++)
        for (size_t i = 0; i < count; i++)
            collect(&search->page, feeds[i], criteria[row].score_of, &found);
    if (found.count) {
        qsort(found.items, found.count, sizeof *found.items, by_score);
        row--;
        clear = found.count == 1 ||
                found.items[0].score - found.items[1].score >= criteria[row].margin ||
                fail_ambiguous(search, &found, criteria[row].what, err);
        *ret_best = found.items[0];
    }
    free(found.items);
    return clear;
}

bool feeds_find(struct search *search, const char *const *sources, size_t count,
                const struct feed **ret_feed, const struct feed_item **ret_item, struct error *err)
{
    const struct feed **feeds = mem_alloc_array(count, sizeof *feeds);
    struct candidate best = {0};
    size_t opened = 0;
    bool clear = open_feeds(search, sources, count, feeds, &opened, err) &&
                 choose(search, feeds, opened, &best, err);
    free(feeds);
    *ret_feed = best.feed;
    *ret_item = best.item;
    return clear;
}

static void fill_text(struct episode *episode, const char **field, const char *text)
{
    if (!*field && text)
        *field = arena_strdup(episode->arena, text);
}

static void fill_soundbites(struct episode *episode, const struct feed_item *item)
{
    if (episode->soundbite_count || !item->soundbite_count)
        return;
    struct soundbite *bites =
        arena_alloc_array(episode->arena, item->soundbite_count, sizeof *bites);
    for (size_t i = 0; i < item->soundbite_count; i++) {
        bites[i] = item->soundbites[i];
        bites[i].title = arena_strdup(episode->arena, bites[i].title);
    }
    episode->soundbites = bites;
    episode->soundbite_count = item->soundbite_count;
}

static void fill_number(int *field, int number)
{
    if (*field == MARK_NUMBER_NONE)
        *field = number;
}

void episode_fill(struct episode *episode, const struct feed *feed, const struct feed_item *item)
{
    const char *const *texts = item->texts, *const *channel = feed->channel.texts;
    fill_text(episode, &episode->title, texts[FEED_TITLE]);
    fill_text(episode, &episode->show, channel[FEED_TITLE]);
    fill_text(episode, &episode->author,
              channel[FEED_AUTHOR] ? channel[FEED_AUTHOR] : texts[FEED_AUTHOR]);
    fill_text(episode, &episode->date, texts[FEED_DATE]);
    fill_text(episode, &episode->guid, texts[FEED_GUID]);
    fill_text(episode, &episode->cover,
              texts[FEED_COVER] ? texts[FEED_COVER] : channel[FEED_COVER]);
    fill_text(episode, &episode->chapters, texts[FEED_CHAPTERS]);
    if (!episode->transcript) {
        fill_text(episode, &episode->transcript, texts[FEED_TRANSCRIPT]);
        fill_text(episode, &episode->transcript_type, texts[FEED_TRANSCRIPT_TYPE]);
    }
    fill_soundbites(episode, item);
    fill_number(&episode->season, number_of(item, FEED_SEASON));
    fill_number(&episode->number, number_of(item, FEED_NUMBER));
    millis duration = 0;
    if (episode->duration == MILLIS_NONE && texts[FEED_DURATION] &&
        timecode_parse(slice_of(texts[FEED_DURATION]), TIMECODE_ANY, &duration) && duration > 0)
        episode->duration = duration;
}

void episode_take_item(struct episode *episode, const struct feed *feed,
                       const struct feed_item *item)
{
    fill_text(episode, &episode->audio, item->texts[FEED_AUDIO]);
    fill_text(episode, &episode->audio_type, item->texts[FEED_AUDIO_TYPE]);
    int64_t size = 0;
    /* Some write the length in seconds, or 0. */
    if (slice_to_int64(slice_of(text_of(item, FEED_AUDIO_SIZE)), &size) && size > 100000)
        episode->audio_size = size;
    episode_fill(episode, feed, item);
}

static enum way_result find(struct search *search, struct error *err)
{
    const struct resolve_options *options = &search->resolver->options;
    const struct feed *feed = NULL;
    const struct feed_item *item = NULL;
    if (!options->feed_count)
        return WAY_PASSED;
    if (!feeds_find(search, options->feeds, options->feed_count, &feed, &item, err))
        return WAY_FAILED;
    if (item) {
        episode_take_item(search->episode, feed, item);
        return WAY_FOUND;
    }
    char *shown = url_redacted(options->feeds[0]);
    search_note(search, "not in %s%s", shown, options->feed_count > 1 ? " and other feeds" : "");
    free(shown);
    return WAY_PASSED;
}

const struct way feed_way = {"feed", find};
