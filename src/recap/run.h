/* SPDX-License-Identifier: MIT */
/*
 * Does what a plan says: finds each episode's audio, opens it once, cuts its clips.
 *
 * A clip that fails does not hold up the others: each has an outcome of its own.
 */
#ifndef CLIPNOTES_RECAP_RUN_H
#define CLIPNOTES_RECAP_RUN_H

#include <stdbool.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "episode/resolve.h"
#include "fetch/fetch.h"
#include "model/cut.h"
#include "recap/plan.h"
#include "recap/range.h"

struct record;

/* Those from CLIP_CUT on have a file. */
enum clip_status {
    CLIP_FAILED,
    CLIP_ELSEWHERE, /* another shard's */
    CLIP_PLANNED,   /* by a dry run: everything is there to cut it */
    CLIP_CUT,
    CLIP_KEPT, /* as an earlier run of the job has cut it */
};

/* What became of one clip. Released by outcomes_destroy(). */
struct clip_outcome {
    enum clip_status status;
    bool decided; /* `range` is there */
    struct range range;
    struct cut_result cut; /* of CLIP_CUT and CLIP_KEPT; a kept one's texts are the record's */
    char *audio;           /* where the episode's audio is, without secrets; NULL */
    char *resolved_by;     /* how it was found; NULL */
    char *version;         /* which file the server has there, as it says; NULL */
    char *file;            /* below the output folder; NULL where no name could be made */
    char sha256[HASH_TEXT_SIZE];
    char key[HASH_TEXT_SIZE]; /* under which the record knows it; "": its episode was not found */
    char *episode_title;      /* as the feed or the file says; NULL */
    char *transcript;         /* a slice of the episode's, below the output folder; NULL */
    char transcript_sha256[HASH_TEXT_SIZE];
    int64_t transcript_bytes;
    char transcript_version[HASH_TEXT_SIZE]; /* of the episode's, from a server; "": none came */
    int channels;                            /* of the episode, where it is known */
    int64_t to_fetch, to_write;              /* bytes, about, of CLIP_PLANNED */
    char *error;                             /* of CLIP_FAILED */
    bool repeated; /* the same failure was told with an earlier clip of the episode */
};

struct run_options {
    const char *output; /* folder */
    struct range_options range;
    struct cut_options cut;
    size_t jobs; /* episodes at a time */
    bool dry_run;
    struct shard shard; /* what is done of the job */
    bool assemble;      /* nothing is cut: shards have done that, and the record knows it */
    bool transcripts;   /* each clip gets its slice of the episode's, where there is one */
    struct resolver *resolver;
    struct fetcher *fetcher; /* NULL: audio on the network cannot be read, */
    const char *no_fetcher;  /* for this reason */
    const atomic_bool *stop; /* what is not begun when it is set is not done; NULL */
    struct record *record;   /* of what was finished before; NULL: everything is done anew */
    const struct log *log;

    /* Called when a clip is done, from several threads, one at a time. May be NULL. */
    void (*done)(void *context, const struct clip_job *job, const struct clip_outcome *outcome);
    void *context;
};

/* One outcome for each of plan->clips. Never fails as a whole. */
struct clip_outcome *run_clips(const struct plan *plan, const struct run_options *options);
void outcomes_destroy(struct clip_outcome *outcomes, size_t count); /* takes NULL */

#endif
