/* SPDX-License-Identifier: MIT */
/*
 * clipnotes recap: the whole season as one job that goes on where it was stopped.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "cli/commands.h"
#include "cli/job.h"
#include "cli/recap_plan.h"
#include "format/json.h"
#include "recap/files.h"
#include "recap/leaves.h"
#include "recap/manifest.h"
#include "recap/programme.h"
#include "recap/record.h"

#define DEFAULT_FOLDER "recap"
#define CLIPS_FOLDER   "clips"
#define DEFAULT_FORMAT "mp3"

struct recap {
    const struct options *options;
    struct terminal *terminal;
    const struct plan *plan;
    const char *folder;
    const atomic_bool *stop;
    struct record *record;
    struct files files;
    struct clip_outcome *outcomes;
    struct programme programme;
    bool joined;       /* `programme` is there */
    struct error lost; /* why it is not */
    size_t failed;     /* clips */
};

/* Before everything was done. */
static bool is_stopped(const struct recap *recap)
{
    bool done = !recap->failed && (recap->joined || recap->options->shard.count);
    return !done && atomic_load(recap->stop);
}

/* One line a finished piece, with --json. */
static void print_event(const struct recap *recap, const char *event, const struct clip_job *job,
                        const struct clip_outcome *outcome)
{
    struct buffer line = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct json_writer json = JSON_WRITER(&line, JSON_ONE_LINE);
    json_begin_object(&json, NULL);
    json_put_string(&json, "event", event);
    if (job)
        manifest_append_clip(&json, job, outcome);
    else
        manifest_append_programme(&json, recap->plan, &recap->programme);
    json_end(&json);
    buffer_append_byte(&line, '\n');
    terminal_print(recap->terminal, buffer_slice(&line));
    buffer_release(&line);
}

static void tell_clip(void *context, const struct clip_job *job, const struct clip_outcome *outcome)
{
    const struct recap *recap = context;
    job_tell_failure(recap->terminal, job, outcome);
    if (recap->options->json)
        print_event(recap, "clip", job, outcome);
}

/* The clips are copies whatever the recap is encoded as: those options are its own. */
static void cut_clips(struct recap *recap, const struct lookup *lookup)
{
    const struct options *options = recap->options;
    const struct run_options how = {
        .output = recap->folder,
        .range = options->range,
        .cut = {.verify = options->verify, .inexact = options->inexact},
        .jobs = (size_t)options->jobs,
        .dry_run = options->dry_run,
        .shard = options->shard,
        .assemble = options->assemble,
        .transcripts = true,
        .resolver = lookup->resolver,
        .fetcher = lookup->network.fetcher,
        .no_fetcher = lookup->failure.message,
        .stop = recap->stop,
        .record = recap->record,
        .log = terminal_log(recap->terminal),
        .done = tell_clip,
        .context = recap,
    };
    recap->outcomes = run_clips(recap->plan, &how);
    recap->failed = job_count(recap->outcomes, recap->plan->clip_count, CLIP_FAILED);
}

static const char *format_of(const struct options *options)
{
    return options->format ? options->format : DEFAULT_FORMAT;
}

static struct programme_options programme_options_of(const struct recap *recap)
{
    const struct options *options = recap->options;
    struct programme_options how = {
        .output = recap->folder,
        .gap = options->gap,
        .intro = options->intro,
        .between = options->between,
        .outro = options->outro,
        .cut = options_cut(options),
        .jobs = (size_t)options->jobs,
        .record = recap->record,
        .stop = recap->stop,
        .log = terminal_log(recap->terminal),
    };
    how.cut.format = format_of(options);
    return how;
}

static void join_clips(struct recap *recap)
{
    const struct programme_options how = programme_options_of(recap);
    recap->joined =
        programme_make(recap->plan, recap->outcomes, &how, &recap->programme, &recap->lost);
    if (is_stopped(recap))
        return;
    if (!recap->joined) {
        recap->programme.error = recap->lost.message;
        terminal_error(recap->terminal, &recap->lost);
    }
    if (recap->options->json)
        print_event(recap, "recap", NULL, NULL);
}

static bool write_manifest(const struct recap *recap, struct error *err)
{
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    bool anything = recap->failed < recap->plan->clip_count;
    manifest_append(&text, recap->plan, recap->outcomes, anything ? &recap->programme : NULL,
                    &recap->files);
    bool written = manifest_write(recap->folder, buffer_slice(&text), err);
    buffer_release(&text);
    return written;
}

static bool write_leaves(struct recap *recap, struct error *err)
{
    const struct results results = {
        .folder = recap->folder,
        .files = &recap->files,
        .plan = recap->plan,
        .outcomes = recap->outcomes,
        .programme = recap->joined ? &recap->programme : NULL,
        .programme_error = recap->lost.message,
    };
    return leaves_write(&results, err);
}

/* Once all is done, what is left over from earlier runs goes. */
static void remove_stale(struct recap *recap)
{
    for (size_t i = 0; i < recap->plan->clip_count; i++) {
        files_add(&recap->files, recap->outcomes[i].file);
        files_add(&recap->files, recap->outcomes[i].transcript);
    }
    files_add(&recap->files, recap->programme.file);
    files_remove_stale(&recap->files);
}

/* Once all is done the record holds just that, whatever the order in which it was. */
static bool tidy_record(const struct recap *recap, struct error *err)
{
    const struct files *files = &recap->files;
    size_t clips = recap->plan->clip_count, count = 0;
    const char **keys = mem_alloc_array(clips + 1 + files->key_count, sizeof *keys);
    while (count < clips) {
        keys[count] = recap->outcomes[count].key;
        count++;
    }
    keys[count++] = recap->programme.key;
    for (size_t i = 0; i < files->key_count; i++)
        keys[count++] = files->keys[i];
    bool kept = record_keep(recap->record, keys, count, err);
    free(keys);
    return kept;
}

static void print_removed(const struct recap *recap, const char *file)
{
    struct buffer line = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct json_writer json = JSON_WRITER(&line, JSON_ONE_LINE);
    json_begin_object(&json, NULL);
    json_put_string(&json, "event", "removed");
    json_put_string(&json, "file", file);
    json_end(&json);
    buffer_append_byte(&line, '\n');
    terminal_print(recap->terminal, buffer_slice(&line));
    buffer_release(&line);
}

static void tell_files(const struct recap *recap)
{
    const struct files *files = &recap->files;
    for (size_t i = 0; i < files->removed_count; i++) {
        if (recap->options->json)
            print_removed(recap, files->removed[i]);
        terminal_note(recap->terminal, "%s/%s: removed; the notes no longer ask for it",
                      recap->folder, files->removed[i]);
    }
    for (size_t i = 0; i < files->left_count; i++)
        log_warning(terminal_log(recap->terminal), "%s/%s: left as it is: %s", recap->folder,
                    files->left[i].file, files->left[i].because);
}

/* What an earlier run has made stays; the manifest says why nothing came of this one. */
static int give_up(const struct recap *recap)
{
    struct error err = ERROR_INIT;
    if (!write_manifest(recap, &err))
        terminal_error(recap->terminal, &err);
    error_release(&err);
    return STATUS_FAILED;
}

/* Who stops the job gets no recap of the clips that happen to be there: an older one stays. */
static int finish(struct recap *recap)
{
    struct error err = ERROR_INIT;
    int status = STATUS_DONE;
    if (recap->failed == recap->plan->clip_count)
        return is_stopped(recap) ? STATUS_FAILED : give_up(recap);
    if (!is_stopped(recap))
        join_clips(recap);
    if (is_stopped(recap))
        return STATUS_PARTLY;
    bool whole = recap->joined && !recap->failed;
    bool written = write_leaves(recap, &err);
    if (whole && written)
        remove_stale(recap);
    tell_files(recap);
    if (!written || !write_manifest(recap, &err) || (whole && !tidy_record(recap, &err))) {
        terminal_error(recap->terminal, &err);
        whole = false;
    }
    if (!whole)
        status = STATUS_PARTLY;
    error_release(&err);
    return status;
}

static void tell_count(const struct recap *recap)
{
    const struct shard shard = recap->options->shard;
    size_t all = recap->plan->clip_count;
    size_t count = all - job_count(recap->outcomes, all, CLIP_ELSEWHERE);
    size_t kept = job_count(recap->outcomes, all, CLIP_KEPT);
    if (is_stopped(recap))
        terminal_note(recap->terminal,
                      "stopped, with %zu of %zu clips done; the same command goes on from there",
                      count - recap->failed, count);
    else if (shard.count)
        terminal_note(recap->terminal,
                      "%zu of the %zu clips of shard %d of %d (%zu kept); --assemble puts the "
                      "shards together",
                      count - recap->failed, count, shard.number, shard.count, kept);
    else
        terminal_note(recap->terminal, "%zu of %zu clips (%zu kept), from %zu episode%s%s",
                      count - recap->failed, count, kept, recap->plan->episode_count,
                      recap->plan->episode_count == 1 ? "" : "s",
                      recap->joined ? "" : "; no recap of them");
}

static void tell_result(const struct recap *recap)
{
    char length[MILLIS_TEXT_SIZE];
    tell_count(recap);
    if (!recap->joined || recap->options->json)
        return;
    char *path = path_join(recap->folder, recap->programme.file);
    char *page = path_join(recap->folder, "index.html");
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    buffer_append_format(&out, "%s  %s%s\n%s\n", path,
                         millis_text(programme_duration(&recap->programme), length),
                         recap->programme.status == CLIP_KEPT ? "  kept" : "", page);
    terminal_print(recap->terminal, buffer_slice(&out));
    buffer_release(&out);
    free(page);
    free(path);
}

/* What would be done, without doing it. */
static void show_plan(struct recap *recap)
{
    const struct programme_options how = programme_options_of(recap);
    size_t kept = job_count(recap->outcomes, recap->plan->clip_count, CLIP_KEPT);
    recap->joined = kept == recap->plan->clip_count &&
                    programme_find(recap->plan, recap->outcomes, &how, &recap->programme);
    struct recap_plan planned = {
        .plan = recap->plan,
        .outcomes = recap->outcomes,
        .programme = &how,
        .kept = recap->joined,
    };
    recap_plan_print(&planned, recap->options, recap->terminal);
}

static int run_recap(struct recap *recap, const struct lookup *lookup)
{
    cut_clips(recap, lookup);
    int status = job_status(recap->outcomes, recap->plan->clip_count);
    if (recap->options->dry_run)
        show_plan(recap);
    else if (!recap->options->shard.count)
        status = finish(recap);
    if (!recap->options->dry_run)
        tell_result(recap);
    return status;
}

static bool check_format(const struct options *options, struct error *err)
{
    const char *format = format_of(options);
    if (strcmp(format, "copy") != 0 && strcmp(format, "mka") != 0)
        return true;
    return error_set(err, ERROR_USAGE,
                     "--format %s: a recap is encoded; choose mp3, m4a, opus, ogg, flac or wav",
                     format);
}

/* Before anything is fetched. Who runs a shard joins nothing, and need not have them. */
static bool check_around(const struct recap *recap, struct error *err)
{
    const struct programme_options how = programme_options_of(recap);
    return recap->options->shard.count || programme_check(&how, err);
}

static int run_plan(const struct options *options, struct terminal *terminal,
                    const struct plan *plan, const struct lookup *lookup)
{
    struct error err = ERROR_INIT;
    struct recap recap = {
        .options = options,
        .terminal = terminal,
        .plan = plan,
        .folder = options->output ? options->output : DEFAULT_FOLDER,
        .stop = lookup->network.stop,
        .lost = ERROR_INIT,
    };
    int status;
    if (check_format(options, &err) && check_around(&recap, &err) &&
        job_open_record(options, recap.folder, &recap.record, &err)) {
        files_init(&recap.files, recap.folder, recap.record);
        status = run_recap(&recap, lookup);
    } else {
        terminal_error(terminal, &err);
        status = terminal_status(err.kind);
    }
    if (recap.joined)
        programme_release(&recap.programme);
    outcomes_destroy(recap.outcomes, plan->clip_count);
    if (recap.files.arena)
        files_release(&recap.files);
    record_close(recap.record);
    error_release(&recap.lost);
    error_release(&err);
    return status;
}

int command_recap(const struct options *options, struct terminal *terminal)
{
    return job_run(options, terminal, CLIPS_FOLDER, run_plan);
}
