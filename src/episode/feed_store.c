/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "episode/feed.h"
#include "episode/resolver.h"
#include "fetch/fetch.h"
#include "format/markup.h"
#include "format/url.h"

/* A feed of more pages is a loop that we did not see, or nothing to wait for. */
#define MAX_PAGES 100

/* A feed that was read, or could not be. */
struct stored_feed {
    char *source;
    struct feed *feed;    /* NULL after a failure */
    struct error failure; /* what is told each time */
};

struct feed_store {
    struct stored_feed *items;
    size_t count, capacity;
};

struct feed_store *feed_store_create(void)
{
    return mem_zalloc(sizeof(struct feed_store));
}

void feed_store_destroy(struct feed_store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < store->count; i++) {
        free(store->items[i].source);
        feed_destroy(store->items[i].feed);
        error_release(&store->items[i].failure);
    }
    free(store->items);
    free(store);
}

static struct feed *read_file(const char *path, struct error *err)
{
    struct buffer text = BUFFER_INIT(MARKUP_MAX_BYTES);
    struct feed *feed = NULL;
    if (file_read(path, &text, err))
        feed = feed_read(buffer_slice(&text), path, NULL, err);
    buffer_release(&text);
    return feed;
}

static struct feed *fetch(struct fetcher *fetcher, const char *url, struct error *err)
{
    struct document document = {0};
    struct feed *feed = NULL;
    char *shown = url_redacted(url);
    if (!fetcher)
        error_set(err, ERROR_UNSUPPORTED, "%s: nothing is fetched here", shown);
    else if (fetch_document(fetcher, url, MARKUP_MAX_BYTES, &document, err))
        feed = feed_read((struct slice){document.data, document.size}, shown, document.url, err);
    document_release(&document);
    free(shown);
    return feed;
}

static bool was_here(const struct feed *first, const struct feed *last, const char *next)
{
    for (const struct feed *page = first; page != last; page = page->older)
        if (page->channel.texts[FEED_NEXT] && strcmp(page->channel.texts[FEED_NEXT], next) == 0)
            return true;
    return false;
}

/* RFC 5005: the pages of a feed, or its archive, hold the older episodes. */
static bool read_older(struct feed *first, struct fetcher *fetcher, struct error *err)
{
    struct feed *last = first;
    for (int pages = 1; pages < MAX_PAGES; pages++) {
        const char *next = last->channel.texts[FEED_NEXT];
        if (!next || !fetcher || !url_is_http(next) || was_here(first, last, next))
            return true;
        last->older = fetch(fetcher, next, err);
        if (!last->older)
            return error_prefix(err, "%s: its next page", first->name);
        last = last->older;
    }
    return true;
}

static void read_feed(struct stored_feed *stored, struct fetcher *fetcher)
{
    bool remote = url_is_http(stored->source);
    struct feed *feed = remote ? fetch(fetcher, stored->source, &stored->failure)
                               : read_file(stored->source, &stored->failure);
    if (feed && read_older(feed, fetcher, &stored->failure))
        stored->feed = feed;
    else
        feed_destroy(feed);
}

static struct stored_feed *find(struct feed_store *store, const char *source)
{
    for (size_t i = 0; i < store->count; i++)
        if (strcmp(store->items[i].source, source) == 0)
            return &store->items[i];
    return NULL;
}

const struct feed *feed_store_get(struct feed_store *store, struct fetcher *fetcher,
                                  const char *source, struct error *err)
{
    struct stored_feed *stored = find(store, source);
    if (!stored) {
        store->items =
            mem_grow(store->items, &store->capacity, store->count + 1, sizeof *store->items);
        stored = &store->items[store->count++];
        *stored = (struct stored_feed){.source = mem_strdup(source)};
        read_feed(stored, fetcher);
    }
    if (!stored->feed)
        error_set(err, stored->failure.kind, "%s", stored->failure.message);
    return stored->feed;
}
