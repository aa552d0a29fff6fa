/* SPDX-License-Identifier: MIT */
/*
 * From a page to its audio: the ways are tried in the order of the table in resolve.c, and the
 * episode says which one found it.
 */
#ifndef CLIPNOTES_EPISODE_RESOLVE_H
#define CLIPNOTES_EPISODE_RESOLVE_H

#include "base/error.h"
#include "base/log.h"
#include "model/episode.h"

/* What the user gave to find audio by. All borrowed. */
struct resolve_options {
    const char *const *maps; /* "PAGE=AUDIO" */
    size_t map_count;
    const char *const *audio_dirs;
    size_t audio_dir_count;
    const char *const *feeds; /* URLs or files */
    size_t feed_count;
    const char *site;
    const char *base_url;
    bool offline;
    const struct log *log;
};

struct resolver;

struct resolver *resolver_create(const struct resolve_options *options, struct error *err);
void resolver_destroy(struct resolver *resolver); /* takes NULL */

/* The episode that `page` shows, for episode_destroy(); NULL, with a sentence that says where we
 * looked and what to try, where none is found. Calls from several threads are made one by one. */
struct episode *resolver_find(struct resolver *resolver, const char *page, struct error *err);

#endif
