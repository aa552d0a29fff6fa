/* SPDX-License-Identifier: MIT */
/*
 * What the ways of finding audio share; private to this folder.
 */
#ifndef CLIPNOTES_EPISODE_RESOLVER_H
#define CLIPNOTES_EPISODE_RESOLVER_H

#include <pthread.h>

#include "base/buffer.h"
#include "episode/match.h"
#include "episode/resolve.h"

struct document;
struct feed;
struct feed_item;
struct feed_store;
struct local_files;
struct site;

struct resolver {
    struct resolve_options options;
    pthread_mutex_t lock; /* held while a page is looked for */

    /* What the ways have read, kept for the next page. */
    struct local_files *local_files;
    struct feed_store *feeds;
    struct site *site; /* NULL where none was given */
};

/* One page that is looked for. */
struct search {
    struct resolver *resolver;
    struct page_name page;
    struct episode *episode; /* what a way finds is written here */
    struct buffer reasons;   /* of the ways that found nothing, for the user */
};

enum way_result {
    WAY_FOUND,  /* episode->audio is set */
    WAY_PASSED, /* not here; a reason may have been noted */
    WAY_FAILED, /* the error is set, and no other way is tried */
};

struct way {
    const char *name; /* episode->resolved_by */
    enum way_result (*find)(struct search *search, struct error *err);
};

/* One file each. */
extern const struct way map_way, local_way, site_way, link_way, feed_way, page_way;

/* "not in the feed x.xml": becomes part of the error where no way finds anything. */
void search_note(struct search *search, const char *format, ...) PRINTF_LIKE(2, 3);

/* Notes why a document on the way could not be had, for it is no reason to stop looking: but for an
 * interruption, which becomes the error. The failure is released. */
enum way_result search_pass(struct search *search, struct error *failure, struct error *err);

/* The document behind a URL, for document_release(). */
bool search_fetch(struct search *search, const char *url, size_t max_bytes,
                  struct document *ret_document, struct error *err);

/* feed_store.c: each feed is read once. */
struct feed_store *feed_store_create(void);
void feed_store_destroy(struct feed_store *store); /* takes NULL */

/* A URL or a file, with the older pages that it leads to. Borrowed; NULL on failure, which is
 * remembered too. `fetcher` may be NULL where the source is a file. */
struct fetcher;
const struct feed *feed_store_get(struct feed_store *store, struct fetcher *fetcher,
                                  const char *source, struct error *err);

/* feed.c: the item of the feeds that shows the page; *ret_item NULL where there is none. False
 * where several are equally good, or after an interruption. */
bool feeds_find(struct search *search, const char *const *sources, size_t count,
                const struct feed **ret_feed, const struct feed_item **ret_item, struct error *err);

/* The audio of an item, and what else the feed says where nobody else has said it. */
void episode_take_item(struct episode *episode, const struct feed *feed,
                       const struct feed_item *item);
void episode_fill(struct episode *episode, const struct feed *feed, const struct feed_item *item);

/* local.c */
struct local_files *local_files_read(const char *const *folders, size_t count, struct error *err);
void local_files_destroy(struct local_files *files); /* takes NULL */

/* map.c: each is PAGE=AUDIO. */
bool maps_check(const char *const *maps, size_t count, struct error *err);

#endif
