/* SPDX-License-Identifier: MIT */
/*
 * What clipnotes recap would do, for --dry-run.
 */
#ifndef CLIPNOTES_CLI_RECAP_PLAN_H
#define CLIPNOTES_CLI_RECAP_PLAN_H

#include "cli/options.h"
#include "cli/terminal.h"
#include "recap/plan.h"
#include "recap/programme.h"
#include "recap/run.h"

struct recap_plan {
    const struct plan *plan;
    const struct clip_outcome *outcomes; /* planned, kept or failed */
    const struct programme_options *programme;
    bool kept; /* the joined recap, too */
};

/* A table for people, or with --json the event "plan" as the last line. Bytes and times are
 * estimates: by the episodes' average bitrates, and without the time that fetching takes unless
 * --max-rate says how fast that goes. */
void recap_plan_print(const struct recap_plan *planned, const struct options *options,
                      struct terminal *terminal);

#endif
