/* SPDX-License-Identifier: MIT */
/*
 * The plan: from pages of notes to the work that they ask for. Pure: it reads no file and no
 * network.
 *
 * Clips are grouped by the episode that they are cut from, so that each is found, opened and
 * indexed once, whatever the number of its clips; two spellings of a page's URL are one episode.
 */
#ifndef CLIPNOTES_RECAP_PLAN_H
#define CLIPNOTES_RECAP_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "model/mark.h"

/* A share of a job that is spread over machines: the episodes (of `mark`: files) whose turn it is
 * when all are dealt out to `count` machines, one by one. A count of 0 is the whole job. */
struct shard {
    int number, count; /* 1 to count */
};

static inline bool shard_has(struct shard shard, size_t i)
{
    return shard.count == 0 || i % (size_t)shard.count == (size_t)(shard.number - 1);
}

/* One clip to cut. Borrowed: the notes must outlive the plan. */
struct clip_job {
    const struct notes *notes;
    const struct clip *clip;
    size_t episode;   /* index in plan->episodes */
    const char *stem; /* of the file, below the output folder, without extension */
    int track, track_total;
    millis next; /* the next mark of the same episode; MILLIS_NONE */
};

/* One episode and what is cut from it, in the notes' order. */
struct episode_job {
    const char *page; /* as its first clip spells it */
    size_t *clips;    /* indexes in plan->clips */
    size_t clip_count, clip_capacity;
};

struct plan {
    struct arena *arena; /* owned */
    struct clip_job *clips;
    size_t clip_count, clip_capacity;
    struct episode_job *episodes;
    size_t episode_count, episode_capacity;
};

/* The files are named "01-title-of-the-clip", in `folder` ("" for none); where several pages have
 * clips, in a folder a page below it. No two are the same. */
struct plan *plan_create(struct notes *const *pages, size_t count, const char *folder);
void plan_destroy(struct plan *plan); /* takes NULL */

#endif
