/* SPDX-License-Identifier: MIT */
/*
 * Clips that an earlier run of the job has cut already.
 */
#ifndef CLIPNOTES_RECAP_KEPT_H
#define CLIPNOTES_RECAP_KEPT_H

#include "recap/record.h"
#include "recap/run.h"

/* The hash of all that decides what the clip's file holds: the program's version, the episode and
 * what is known of it, the mark, the options. */
void kept_key(const struct clip_job *job, const struct episode *episode,
              const struct run_options *options, char ret_key[static HASH_TEXT_SIZE]);

/* Whether a clip was recorded under this key at all. */
bool kept_is_known(const struct run_options *options, const char *key);

/* What servers have under an episode's URLs now; NULL: not known, so that any is right. */
struct kept_versions {
    const char *audio, *transcript;
};

/* Fills in the outcome of a clip that was recorded under this key, out of these versions, and whose
 * files are still what was written; false where it has to be cut. */
bool kept_find(const struct run_options *options, const char *key, const struct kept_versions *now,
               const struct clip_job *job, struct clip_outcome *outcome);

/* The same for a clip that a shard has cut on another machine, whatever the episode was there:
 * known by what the notes and the options say of it. */
bool kept_assemble(const struct run_options *options, const struct clip_job *job,
                   struct clip_outcome *outcome);

/* Records a clip that was cut. */
bool kept_add(const struct run_options *options, const struct clip_job *job,
              const struct clip_outcome *outcome, struct error *err);

#endif
