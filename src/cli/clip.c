/* SPDX-License-Identifier: MIT */
/*
 * clipnotes clip: cuts the clips of the notes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/exactness.h"
#include "cli/job.h"
#include "recap/manifest.h"
#include "recap/plan.h"
#include "recap/run.h"

#define DEFAULT_FOLDER "clips"

static const char *output_folder(const struct options *options)
{
    return options->output ? options->output : DEFAULT_FOLDER;
}

static size_t widest_path(const struct plan *plan, const struct clip_outcome *outcomes,
                          const char *folder)
{
    size_t widest = 0;
    for (size_t i = 0; i < plan->clip_count; i++) {
        if (outcomes[i].status < CLIP_PLANNED)
            continue;
        char *path = path_join(folder, outcomes[i].file);
        size_t width = text_width(slice_of(path));
        free(path);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void append_line(struct buffer *out, const struct terminal *terminal, const char *folder,
                        size_t width, const struct clip_outcome *outcome)
{
    char length[MILLIS_TEXT_SIZE], verdict[64] = "exact";
    char *path = path_join(folder, outcome->file);
    enum style style = STYLE_GREEN;
    if (outcome->status == CLIP_PLANNED) {
        strcpy(verdict, "planned");
        style = STYLE_DIM;
    } else if (!outcome->cut.exact) {
        cut_error_text(outcome->cut.error_micros, verdict, sizeof verdict);
        style = STYLE_YELLOW;
    }
    buffer_append_format(out, "%s%*s  %s  ", path, (int)(width - text_width(slice_of(path))), "",
                         millis_text(outcome->range.end - outcome->range.start, length));
    terminal_style(terminal, out, style, slice_of(verdict));
    buffer_append_byte(out, '\n');
    free(path);
}

/* One line for each reason why clips are not exact, with how many and by how much at most. */
static void warn_inexact(const struct plan *plan, const struct clip_outcome *outcomes,
                         struct terminal *terminal)
{
    for (size_t i = 0; i < plan->clip_count; i++) {
        const struct cut_result *first = &outcomes[i].cut;
        bool told = outcomes[i].status != CLIP_CUT || first->exact;
        for (size_t k = 0; k < i && !told; k++)
            told = outcomes[k].status == CLIP_CUT && outcomes[k].cut.why == first->why;
        if (told)
            continue;
        int64_t worst = 0;
        size_t count = 0;
        for (size_t k = i; k < plan->clip_count; k++) {
            if (outcomes[k].status != CLIP_CUT || outcomes[k].cut.exact ||
                outcomes[k].cut.why != first->why)
                continue;
            count++;
            worst = outcomes[k].cut.error_micros > worst ? outcomes[k].cut.error_micros : worst;
        }
        cut_warn_inexact(terminal, count, worst, first->why);
    }
}

static bool print_result(const struct options *options, struct terminal *terminal,
                         const struct plan *plan, const struct clip_outcome *outcomes,
                         struct slice manifest)
{
    if (options->json)
        return terminal_print(terminal, manifest);
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    size_t width = widest_path(plan, outcomes, output_folder(options));
    for (size_t i = 0; i < plan->clip_count; i++)
        if (outcomes[i].status >= CLIP_PLANNED)
            append_line(&out, terminal, output_folder(options), width, &outcomes[i]);
    bool printed = terminal_print(terminal, buffer_slice(&out));
    buffer_release(&out);
    return printed;
}

static void tell_failure(void *context, const struct clip_job *job,
                         const struct clip_outcome *outcome)
{
    job_tell_failure(context, job, outcome);
}

static void tell_count(const struct options *options, struct terminal *terminal,
                       const struct plan *plan, const struct clip_outcome *outcomes)
{
    size_t count = plan->clip_count - job_count(outcomes, plan->clip_count, CLIP_ELSEWHERE);
    size_t done = count - job_count(outcomes, plan->clip_count, CLIP_FAILED);
    const char *what = options->dry_run ? "can be cut" : "cut";
    if (options->json)
        return;
    if (options->shard.count)
        terminal_note(terminal, "%zu of the %zu clips of shard %d of %d %s", done, count,
                      options->shard.number, options->shard.count, what);
    else
        terminal_note(terminal, "%zu of %zu clips %s, from %zu episode%s", done, count, what,
                      plan->episode_count, plan->episode_count == 1 ? "" : "s");
}

/* Shards leave the manifest to who puts them together. */
static int give_out(const struct options *options, struct terminal *terminal,
                    const struct plan *plan, const struct clip_outcome *outcomes)
{
    struct buffer manifest = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct error err = ERROR_INIT;
    int status = job_status(outcomes, plan->clip_count);
    manifest_append(&manifest, plan, outcomes, NULL, NULL);
    if (!print_result(options, terminal, plan, outcomes, buffer_slice(&manifest)))
        status = STATUS_FAILED;
    if (!options->dry_run && !options->shard.count && status != STATUS_FAILED &&
        !manifest_write(output_folder(options), buffer_slice(&manifest), &err)) {
        terminal_error(terminal, &err);
        status = STATUS_PARTLY;
    }
    warn_inexact(plan, outcomes, terminal);
    tell_count(options, terminal, plan, outcomes);
    error_release(&err);
    buffer_release(&manifest);
    return status;
}

static int cut_clips(const struct options *options, struct terminal *terminal,
                     const struct plan *plan, const struct lookup *lookup, struct record *record)
{
    const struct run_options how = {
        .output = output_folder(options),
        .range = options->range,
        .cut = options_cut(options),
        .jobs = (size_t)options->jobs,
        .dry_run = options->dry_run,
        .shard = options->shard,
        .assemble = options->assemble,
        .record = record,
        .resolver = lookup->resolver,
        .fetcher = lookup->network.fetcher,
        .no_fetcher = lookup->failure.message,
        .stop = lookup->network.stop,
        .log = terminal_log(terminal),
        .done = tell_failure,
        .context = terminal,
    };
    struct clip_outcome *outcomes = run_clips(plan, &how);
    int status = give_out(options, terminal, plan, outcomes);
    outcomes_destroy(outcomes, plan->clip_count);
    return status;
}

/* Only what is spread over machines needs a record. */
static int run_plan(const struct options *options, struct terminal *terminal,
                    const struct plan *plan, const struct lookup *lookup)
{
    struct record *record = NULL;
    struct error err = ERROR_INIT;
    int status;
    bool spread = options->shard.count || options->assemble;
    if (!spread || job_open_record(options, output_folder(options), &record, &err)) {
        status = cut_clips(options, terminal, plan, lookup, record);
    } else {
        terminal_error(terminal, &err);
        status = terminal_status(err.kind);
    }
    record_close(record);
    error_release(&err);
    return status;
}

int command_clip(const struct options *options, struct terminal *terminal)
{
    return job_run(options, terminal, "", run_plan);
}
