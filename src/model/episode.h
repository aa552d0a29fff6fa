/* SPDX-License-Identifier: MIT */
/*
 * What a page resolves to: an episode's audio and what is known of it.
 */
#ifndef CLIPNOTES_MODEL_EPISODE_H
#define CLIPNOTES_MODEL_EPISODE_H

#include "base/log.h"
#include "base/memory.h"
#include "model/mark.h"

/* A part that the feed recommends (podcast:soundbite). */
struct soundbite {
    millis start, duration;
    const char *title; /* NULL: the episode's */
};

/* Everything belongs to the arena. NULL, MARK_NUMBER_NONE, MILLIS_NONE: not known. */
struct episode {
    struct arena *arena;
    const char *page;        /* the URL that was resolved */
    const char *audio;       /* a path or an http(s) URL */
    const char *resolved_by; /* "map", "audio-dir", "site", "link", "feed", "page" */
    const char *audio_type;  /* as declared: "audio/mpeg" */
    int64_t audio_size;      /* in bytes, as declared; -1 where it is not */
    const char *title, *show, *author, *date, *guid;
    millis duration; /* as declared */
    int season, number;
    const char *cover;      /* URL or path of a picture */
    const char *transcript; /* URL or path */
    const char *transcript_type;
    const char *chapters; /* URL or path */
    const struct soundbite *soundbites;
    size_t soundbite_count;
};

/* Inserted advertising shifts every position: it shows in a recording that is longer or shorter
 * than was declared. Warns where it is so by more than two seconds; either time may be MILLIS_NONE.
 * `name` is the recording's, for the message. */
void episode_compare_duration(const struct episode *episode, millis measured, const char *name,
                              const struct log *log);

struct episode *episode_create(const char *page);
void episode_destroy(struct episode *episode); /* takes NULL */

#endif
