/* SPDX-License-Identifier: MIT */
/*
 * Where a web page points to audio. Private to this folder.
 */
#ifndef CLIPNOTES_EPISODE_PAGE_H
#define CLIPNOTES_EPISODE_PAGE_H

#include "base/error.h"
#include "base/memory.h"
#include "base/slice.h"
#include "episode/resolver.h"
#include "format/markup.h"

/* The kinds of hints, the surest first: within one, two different answers are one too many. */
enum clue_kind {
    CLUE_AUDIO,    /* <audio>, <source> */
    CLUE_META,     /* og:audio, twitter:player:stream */
    CLUE_JSON_LD,  /* AudioObject, associatedMedia */
    CLUE_EMBED,    /* a player that a host serves: embed.c knows it */
    CLUE_SCRIPT,   /* a player that a script makes: audio in its text */
    CLUE_DOWNLOAD, /* <a href="….mp3"> */
    CLUE_OEMBED,
    CLUE_FEED,
    CLUE_KIND_COUNT,
};

struct clue {
    enum clue_kind kind;
    const char *url; /* absolute */
    int line;
};

/* Everything belongs to the arena. */
struct page_clues {
    struct arena *arena;
    const char *name; /* for messages */
    struct clue *items;
    size_t count, capacity;
    const char *title, *show, *cover; /* NULL where it is not said */
};

/* `base` is the page's own URL. NULL on failure. */
struct page_clues *page_clues_read(struct slice html, const char *name, const char *base,
                                   struct error *err);

/* Any other text that is a player's: a script, or JSON. Only audio that it names is a clue. */
struct page_clues *page_clues_scan(struct slice text, const char *name, const char *base);

void page_clues_destroy(struct page_clues *clues); /* takes NULL */

/* What the clues lead to: audio itself, or players and feeds that are fetched. */
enum way_result clues_follow(struct search *search, const struct page_clues *clues,
                             struct error *err);

/* The same for the document of a player, which leads to no other player. */
enum way_result player_follow(struct search *search, const char *url, struct error *err);

/* embed.c: is this URL a player's? */
bool embed_knows(const char *url);

/* The audio that the player plays, written to the episode. */
enum way_result embed_follow(struct search *search, const char *url, struct error *err);

#endif
