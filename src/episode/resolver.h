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

struct feed;
struct feed_item;
struct local_files;

struct resolver {
    struct resolve_options options;
    pthread_mutex_t lock; /* held while a page is looked for */

    /* What the ways have read, kept for the next page. */
    struct local_files *local_files;
    struct feed **feeds; /* those of the options that could be read */
    size_t feed_count;
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
extern const struct way map_way, local_way, feed_way;

/* "not in the feed x.xml": becomes part of the error where no way finds anything. */
void search_note(struct search *search, const char *format, ...) PRINTF_LIKE(2, 3);

/* feed.c: the item that shows the page, and its feed; *ret_item NULL where there is none. False
 * where several are equally good. */
bool feeds_find(struct search *search, const struct feed **ret_feed,
                const struct feed_item **ret_item, struct error *err);

/* What the item says of its episode, where nobody else has said it. */
void episode_fill(struct episode *episode, const struct feed *feed, const struct feed_item *item);

/* local.c */
struct local_files *local_files_read(const char *const *folders, size_t count, struct error *err);
void local_files_destroy(struct local_files *files); /* takes NULL */

/* map.c: each is PAGE=AUDIO. */
bool maps_check(const char *const *maps, size_t count, struct error *err);

#endif
