/* SPDX-License-Identifier: MIT */
#include "cli/job.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/path.h"

void job_tell_failure(struct terminal *terminal, const struct clip_job *job,
                      const struct clip_outcome *outcome)
{
    if (outcome->status != CLIP_FAILED || outcome->repeated)
        return;
    struct error err = ERROR_INIT;
    error_set(&err, ERROR_INPUT, "%s:%d: %s", job->notes->path, job->clip->line, outcome->error);
    terminal_error(terminal, &err);
    error_release(&err);
}

size_t job_count(const struct clip_outcome *outcomes, size_t count, enum clip_status status)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += outcomes[i].status == status;
    return found;
}

bool job_check_parts(const struct options *options, struct error *err)
{
    if (!options->shard.count || !options->assemble)
        return true;
    return error_set(err, ERROR_USAGE,
                     "--shard cuts one part of a job and --assemble puts all parts together: give "
                     "one of them");
}

bool job_open_record(const struct options *options, const char *folder, struct record **ret_record,
                     struct error *err)
{
    char *path = path_join(folder, RECORD_NAME);
    bool there = access(path, F_OK) == 0;
    free(path);
    if (!job_check_parts(options, err))
        return false;
    if (options->dry_run && !there)
        return true;
    *ret_record = record_open(folder, options->shard, err);
    return *ret_record != NULL;
}

int job_status(const struct clip_outcome *outcomes, size_t count)
{
    size_t failed = job_count(outcomes, count, CLIP_FAILED);
    size_t own = count - job_count(outcomes, count, CLIP_ELSEWHERE);
    if (!failed)
        return STATUS_DONE;
    return failed == own ? STATUS_FAILED : STATUS_PARTLY;
}

static int run_pages(const struct options *options, struct terminal *terminal,
                     const struct pages *pages, const char *folder,
                     int (*run)(const struct options *options, struct terminal *terminal,
                                const struct plan *plan, const struct lookup *lookup))
{
    struct error err = ERROR_INIT;
    struct plan *plan = plan_create(pages->items, pages->count, folder);
    struct lookup lookup = {0};
    int status = STATUS_FAILED;
    if (!plan->clip_count)
        error_set(&err, ERROR_INPUT, "%s: holds no clip links", options->arguments.items[0]);
    else
        lookup_init(&lookup, options, terminal, &err);

    if (lookup.resolver) {
        status = run(options, terminal, plan, &lookup);
        if (status != STATUS_DONE && atomic_load(lookup.network.stop))
            status = STATUS_INTERRUPTED;
    } else {
        terminal_error(terminal, &err);
        status = terminal_status(err.kind);
    }
    lookup_release(&lookup);
    plan_destroy(plan);
    error_release(&err);
    return status;
}

int job_run(const struct options *options, struct terminal *terminal, const char *folder,
            int (*run)(const struct options *options, struct terminal *terminal,
                       const struct plan *plan, const struct lookup *lookup))
{
    struct pages pages;
    pages_read(&pages, options, terminal);
    for (size_t i = 0; i < pages.count; i++)
        pages_warn(pages.items[i], terminal);
    int status = pages.count ? run_pages(options, terminal, &pages, folder, run) : STATUS_FAILED;
    if (pages.failed && status == STATUS_DONE)
        status = STATUS_PARTLY;
    pages_release(&pages);
    return status;
}
