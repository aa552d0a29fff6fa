/* SPDX-License-Identifier: MIT */
/*
 * When do two names mean the same episode? Pages, files and titles, compared as people would.
 */
#ifndef CLIPNOTES_EPISODE_MATCH_H
#define CLIPNOTES_EPISODE_MATCH_H

#include <stdbool.h>

#include "base/slice.h"

/* A season's and episode's number out of a name: "s02e05", "S2-E5", "season-2-episode-5". */
struct episode_token {
    int season, number;
};

/* The first one in `text`; false where there is none. */
bool episode_token_find(struct slice text, struct episode_token *ret_token);

/* What is known of a page by its URL alone. All owned; "" where there is nothing. */
struct page_name {
    char *url;       /* absolute where a base is known */
    char *shown;     /* the same without secrets, for messages */
    char *canonical; /* for comparing; NULL where it is no URL */
    char *path;      /* decoded, without slashes at the ends: "podcast/s02e05-paul" */
    char *slug;      /* as text_slug() writes it: "s02e05-paul" */
    bool has_token;
    struct episode_token token;
};

/* `base` may be NULL. */
void page_name_init(struct page_name *page, const char *url, const char *base);
void page_name_release(struct page_name *page);

/* `text` means this page: the same URL or path, or its last part alone. */
bool page_name_is(const struct page_name *page, const char *text);

enum slug_match {
    SLUG_EQUAL,
    SLUG_WITHIN, /* one begins or ends with the other, at a word's boundary */
    SLUG_TOKEN,  /* the same season and episode */
    SLUG_OTHER,
};

/* How well a name, as text_slug() writes it, fits the page. */
enum slug_match page_name_match(const struct page_name *page, struct slice slug);

/* How much two slugs have in common, in thousandths: words of both over words of either, each
 * counted once; tokens such as s02e05 do not count. */
int slug_likeness(struct slice a, struct slice b);

/* By extension: mp3, m4a, opus, ... */
bool is_audio_name(const char *path_or_url);

#endif
