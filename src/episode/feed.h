/* SPDX-License-Identifier: MIT */
/*
 * A podcast's feed: RSS 2.0 (rssboard.org/rss-specification), RSS 1.0, or Atom (RFC 4287), with the
 * extensions of Apple (itunes), Podcasting 2.0 (podcast) and others. Private to this folder.
 */
#ifndef CLIPNOTES_EPISODE_FEED_H
#define CLIPNOTES_EPISODE_FEED_H

#include "base/error.h"
#include "base/memory.h"
#include "base/slice.h"
#include "model/episode.h"

/* What is said of an item or of the whole feed, as written but for white space. */
enum feed_field {
    FEED_TITLE,
    FEED_LINK,
    FEED_GUID,
    FEED_DATE,
    FEED_AUTHOR,
    FEED_DURATION,
    FEED_SEASON,
    FEED_NUMBER,
    FEED_COVER,
    FEED_CHAPTERS,
    FEED_TRANSCRIPT,
    FEED_TRANSCRIPT_TYPE,
    FEED_AUDIO,
    FEED_AUDIO_TYPE,
    FEED_AUDIO_SIZE,
    FEED_NEXT, /* of the feed: its next page (RFC 5005) */
    FEED_FIELD_COUNT,
};

struct feed_item {
    const char *texts[FEED_FIELD_COUNT]; /* NULL where it is not said; links are absolute */
    struct soundbite *soundbites;
    size_t soundbite_count, soundbite_capacity;
    int line; /* in the feed's text */
};

/* Everything belongs to the arena. */
struct feed {
    struct arena *arena;
    const char *name; /* URL or path, for messages */
    struct feed_item channel;
    struct feed_item *items; /* in the feed's order */
    size_t count, capacity;
    struct feed *older; /* the next page of the same feed; NULL after the last; owned */
};

/* `base` is the feed's own URL, NULL where it is not known. NULL on failure: it is no feed, or it
 * breaks off. */
struct feed *feed_read(struct slice text, const char *name, const char *base, struct error *err);
void feed_destroy(struct feed *feed); /* with its older pages; takes NULL */

#endif
