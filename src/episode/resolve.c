/* SPDX-License-Identifier: MIT */
#include "episode/resolve.h"

#include <stdarg.h>
#include <stdlib.h>

#include "episode/resolver.h"
#include "episode/site.h"
#include "fetch/fetch.h"
#include "format/url.h"

/* In this order: what the user says goes before what others say, and what is near before what is
 * far. */
static const struct way *const ways[] = {&map_way,  &local_way, &site_way,
                                         &link_way, &feed_way,  &page_way};

/* Files that are not there, or broken, are told before the work begins; what must be fetched is
 * read when it is needed. */
static bool check_feeds(struct resolver *resolver, struct error *err)
{
    const struct resolve_options *options = &resolver->options;
    for (size_t i = 0; i < options->feed_count; i++)
        if (!url_is_http(options->feeds[i]) &&
            !feed_store_get(resolver->feeds, options->fetcher, options->feeds[i], err))
            return false;
    return true;
}

static bool prepare(struct resolver *resolver, struct error *err)
{
    const struct resolve_options *options = &resolver->options;
    if (!maps_check(options->maps, options->map_count, err))
        return false;
    resolver->feeds = feed_store_create();
    resolver->local_files = local_files_read(options->audio_dirs, options->audio_dir_count, err);
    if (!resolver->local_files || !check_feeds(resolver, err))
        return false;
    if (options->site)
        resolver->site = site_read(options->site, options->log, err);
    return resolver->site || !options->site;
}

struct resolver *resolver_create(const struct resolve_options *options, struct error *err)
{
    struct resolver *resolver = mem_zalloc(sizeof *resolver);
    resolver->options = *options;
    pthread_mutex_init(&resolver->lock, NULL);
    if (prepare(resolver, err))
        return resolver;
    resolver_destroy(resolver);
    return NULL;
}

void resolver_destroy(struct resolver *resolver)
{
    if (!resolver)
        return;
    site_destroy(resolver->site);
    feed_store_destroy(resolver->feeds);
    local_files_destroy(resolver->local_files);
    pthread_mutex_destroy(&resolver->lock);
    free(resolver);
}

void search_note(struct search *search, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *reason = mem_vformat(format, args);
    va_end(args);
    if (search->reasons.size)
        buffer_append_text(&search->reasons, "; ");
    buffer_append_text(&search->reasons, reason);
    free(reason);
}

enum way_result search_pass(struct search *search, struct error *failure, struct error *err)
{
    bool interrupted = failure->kind == ERROR_INTERRUPTED;
    if (interrupted) {
        error_move(err, failure);
    } else {
        /* The page itself is named already. */
        struct slice why = slice_of(failure->message);
        if (slice_take(&why, slice_of(search->page.shown)))
            slice_take(&why, SLICE(": "));
        search_note(search, "%s", why.data);
    }
    error_release(failure);
    return interrupted ? WAY_FAILED : WAY_PASSED;
}

bool search_fetch(struct search *search, const char *url, size_t max_bytes,
                  struct document *ret_document, struct error *err)
{
    struct fetcher *fetcher = search->resolver->options.fetcher;
    if (fetcher)
        return fetch_document(fetcher, url, max_bytes, ret_document, err);
    char *shown = url_redacted(url);
    error_set(err, ERROR_UNSUPPORTED, "%s: nothing is fetched here", shown);
    free(shown);
    return false;
}

static bool fail_nowhere(struct search *search, struct error *err)
{
    return error_set(err, ERROR_MISSING,
                     "no audio found for %s: %s; try --map, --audio-dir, --site or --feed",
                     search->page.shown,
                     search->reasons.size ? buffer_text(&search->reasons) : "nowhere to look");
}

static bool try_ways(struct search *search, struct error *err)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        enum way_result result = ways[i]->find(search, err);
        if (result == WAY_FAILED)
            return false;
        if (result == WAY_FOUND) {
            if (!search->episode->resolved_by)
                search->episode->resolved_by = ways[i]->name;
            return true;
        }
    }
    return fail_nowhere(search, err);
}

/* What the feeds know of an episode that was found, by whatever way. Doubt is no failure here. */
static void fill_from_feeds(struct search *search)
{
    const struct resolve_options *options = &search->resolver->options;
    const struct feed *feed = NULL;
    const struct feed_item *item = NULL;
    if (feeds_find(search, options->feeds, options->feed_count, &feed, &item, NULL) && item)
        episode_fill(search->episode, feed, item);
}

struct episode *resolver_find(struct resolver *resolver, const char *page, struct error *err)
{
    struct search search = {.resolver = resolver, .reasons = BUFFER_INIT(BUFFER_UNBOUNDED)};
    page_name_init(&search.page, page, resolver->options.base_url);
    search.episode = episode_create(search.page.url);

    pthread_mutex_lock(&resolver->lock);
    bool found = try_ways(&search, err);
    if (found)
        fill_from_feeds(&search);
    pthread_mutex_unlock(&resolver->lock);

    buffer_release(&search.reasons);
    page_name_release(&search.page);
    if (found)
        return search.episode;
    episode_destroy(search.episode);
    return NULL;
}

struct fetch_target episode_target(const struct episode *episode)
{
    return (struct fetch_target){
        .url = episode->audio,
        .key = episode->guid,
        .name = episode->title,
    };
}
