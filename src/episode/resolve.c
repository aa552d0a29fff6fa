/* SPDX-License-Identifier: MIT */
#include "episode/resolve.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/file.h"
#include "episode/feed.h"
#include "episode/resolver.h"
#include "format/markup.h"

/* In this order: what the user says goes before what others say, and what is near before what is
 * far. */
static const struct way *const ways[] = {&map_way, &local_way, &feed_way};

static struct feed *read_feed_file(const char *path, struct error *err)
{
    struct buffer text = BUFFER_INIT(MARKUP_MAX_BYTES);
    struct feed *feed = NULL;
    if (file_read(path, &text, err))
        feed = feed_read(buffer_slice(&text), path, NULL, err);
    buffer_release(&text);
    return feed;
}

static bool read_feeds(struct resolver *resolver, struct error *err)
{
    const struct resolve_options *options = &resolver->options;
    resolver->feeds = mem_alloc_array(options->feed_count, sizeof(struct feed *));
    for (size_t i = 0; i < options->feed_count; i++) {
        struct feed *feed = read_feed_file(options->feeds[i], err);
        if (!feed)
            return false;
        resolver->feeds[resolver->feed_count++] = feed;
    }
    return true;
}

static bool prepare(struct resolver *resolver, struct error *err)
{
    const struct resolve_options *options = &resolver->options;
    if (!maps_check(options->maps, options->map_count, err))
        return false;
    resolver->local_files = local_files_read(options->audio_dirs, options->audio_dir_count, err);
    return resolver->local_files && read_feeds(resolver, err);
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
    for (size_t i = 0; i < resolver->feed_count; i++)
        feed_destroy(resolver->feeds[i]);
    free(resolver->feeds);
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

static bool fail_nowhere(struct search *search, struct error *err)
{
    return error_set(err, ERROR_MISSING,
                     "no audio found for %s: %s; try --map, --audio-dir or --feed",
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
            search->episode->resolved_by = ways[i]->name;
            return true;
        }
    }
    return fail_nowhere(search, err);
}

/* What the feeds know of an episode that was found, by whatever way. Doubt is no failure here. */
static void fill_from_feeds(struct search *search)
{
    const struct feed *feed = NULL;
    const struct feed_item *item = NULL;
    if (feeds_find(search, &feed, &item, NULL) && item)
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
