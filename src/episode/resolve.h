/* SPDX-License-Identifier: MIT */
/*
 * From a page to its audio: the ways are tried in the order of the table in resolve.c, and the
 * episode says which one found it.
 *
 * A way may find nothing, and the next is tried; where it finds two answers that are equally good,
 * that is an error which names both, for a guess would be cut, published and noticed by nobody.
 */
#ifndef CLIPNOTES_EPISODE_RESOLVE_H
#define CLIPNOTES_EPISODE_RESOLVE_H

#include "base/error.h"
#include "base/log.h"
#include "fetch/fetch.h"
#include "model/episode.h"

/* What the user gave to find audio by. All borrowed for the life of the resolver. */
struct resolve_options {
    const char *const *maps; /* "PAGE=AUDIO"; PAGE is a URL, its path, or its last part */
    size_t map_count;
    const char *const *audio_dirs;
    size_t audio_dir_count;
    const char *const *feeds; /* URLs or files */
    size_t feed_count;
    const char *site;
    const char *base_url;    /* what a page without a host is relative to */
    struct fetcher *fetcher; /* NULL: nothing is fetched */
    const struct log *log;
};

struct resolver;

/* NULL on failure: a map that is none, a folder or a feed's file that is not there. */
struct resolver *resolver_create(const struct resolve_options *options, struct error *err);
void resolver_destroy(struct resolver *resolver); /* takes NULL */

/* The episode that `page` shows: a URL without a time in it, or the path of an audio file. For
 * episode_destroy(); NULL, with a sentence that says where we looked and what to try, where none is
 * found. Calls from several threads are made one by one. */
struct episode *resolver_find(struct resolver *resolver, const char *page, struct error *err);

/* How an episode whose audio is on a server is asked for. Borrows from the episode. */
struct fetch_target episode_target(const struct episode *episode);

#endif
