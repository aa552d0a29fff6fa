/* SPDX-License-Identifier: MIT */
/*
 * What the commands that work on clips have in common.
 */
#ifndef CLIPNOTES_CLI_JOB_H
#define CLIPNOTES_CLI_JOB_H

#include "cli/inputs.h"
#include "cli/lookup.h"
#include "cli/terminal.h"
#include "recap/plan.h"
#include "recap/record.h"
#include "recap/run.h"

/* `season-finale.md:39: what went wrong`; nothing for what was told with an earlier clip. */
void job_tell_failure(struct terminal *terminal, const struct clip_job *job,
                      const struct clip_outcome *outcome);

size_t job_count(const struct clip_outcome *outcomes, size_t count, enum clip_status status);

/* A run does one part of a job or puts all together, not both. */
bool job_check_parts(const struct options *options, struct error *err);

/* The record in `folder` that the options ask for. A dry run looks at one that is there, and makes
 * none: *ret_record may be NULL. */
bool job_open_record(const struct options *options, const char *folder, struct record **ret_record,
                     struct error *err);

/* The exit status where so many clips of those that are this run's have failed. */
int job_status(const struct clip_outcome *outcomes, size_t count);

/* Reads the notes, warns of what is odd in them, plans their clips with files below `folder`, and
 * has `run` do it. Returns the exit status. */
int job_run(const struct options *options, struct terminal *terminal, const char *folder,
            int (*run)(const struct options *options, struct terminal *terminal,
                       const struct plan *plan, const struct lookup *lookup));

#endif
