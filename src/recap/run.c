/* SPDX-License-Identifier: MIT */
#include "recap/run.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/file.h"
#include "base/path.h"
#include "base/pool.h"
#include "format/url.h"
#include "recap/clip_file.h"
#include "recap/inputs.h"
#include "recap/kept.h"
#include "recap/opened.h"
#include "recap/reach.h"

struct run {
    const struct plan *plan;
    const struct run_options *options;
    struct clip_outcome *outcomes;
    struct opened *opened;  /* one an episode */
    struct error *failures; /* why one was not found */
    struct inputs inputs;   /* the episodes that were */
    pthread_mutex_t done_lock;
};

static void finish(struct run *run, size_t i)
{
    if (!run->options->done)
        return;
    pthread_mutex_lock(&run->done_lock);
    run->options->done(run->options->context, &run->plan->clips[i], &run->outcomes[i]);
    pthread_mutex_unlock(&run->done_lock);
}

static void fail_clip(struct run *run, size_t i, struct error *err)
{
    struct clip_outcome *outcome = &run->outcomes[i];
    outcome->status = CLIP_FAILED;
    outcome->repeated = outcome->repeated || err->kind == ERROR_INTERRUPTED; /* who did it knows */
    outcome->error = err->message;
    *err = (struct error)ERROR_INIT;
    finish(run, i);
}

/* What stops one clip of an episode stops them all: it is told once, with the lines of all. */
static void fail_clips(struct run *run, const size_t *clips, size_t count, struct error *err)
{
    struct buffer lines = BUFFER_INIT(BUFFER_UNBOUNDED);
    for (size_t i = 1; i < count; i++)
        buffer_append_format(&lines, "%s%d", i > 1 ? ", " : "",
                             run->plan->clips[clips[i]].clip->line);
    for (size_t i = 0; i < count; i++) {
        struct error copy = {err->kind, mem_strdup(err->message)};
        if (i == 0 && count > 1) {
            free(copy.message);
            copy.message = mem_format("%s (also needed by line%s %s)", err->message,
                                      count > 2 ? "s" : "", buffer_text(&lines));
        }
        run->outcomes[clips[i]].repeated = i > 0;
        fail_clip(run, clips[i], &copy);
    }
    buffer_release(&lines);
    error_release(err);
}

static const char *first_of(const char *a, const char *b, const char *c)
{
    return a && *a ? a : b && *b ? b : c;
}

/* What the clip's file says of itself: the episode's facts, as the feed knows them or the file
 * does. */
static struct tags tags_of(const struct clip_job *job, const struct opened *opened,
                           char **ret_comment)
{
    const struct tags *file = audio_tags(opened->audio);
    const struct episode *episode = opened->episode;
    char start[MILLIS_TEXT_SIZE];
    const char *of = first_of(episode->title, file->title, NULL);
    *ret_comment = mem_format("%s%sfrom %s at %s", of ? of : "", of ? ", " : "", job->clip->page,
                              millis_text(job->clip->start, start));
    return (struct tags){
        .title = job->clip->title,
        .artist = first_of(file->artist, episode->author, episode->show),
        .album = first_of(job->notes->title, file->album, episode->show),
        .date = first_of(episode->date, file->date, job->notes->date),
        .comment = *ret_comment,
        .track = job->track,
        .track_total = job->track_total,
        .cover = file->cover,
        .others = file->others,
        .other_count = file->other_count,
    };
}

/* "01-title.vtt" beside the clip, where something is said in it. */
static bool write_slice(struct run *run, const struct clip_job *job, const struct opened *opened,
                        struct clip_outcome *outcome, struct error *err)
{
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    const struct range *range = &outcome->range;
    bool written = true;
    vtt_append_header(&text);
    if (run->options->transcripts && opened->transcript &&
        transcript_append_vtt(opened->transcript, range->start, range->end, 0, &text)) {
        free(outcome->transcript);
        outcome->transcript = mem_format("%s.vtt", job->stem);
        outcome->transcript_bytes = (int64_t)text.size;
        hash_bytes(text.data, text.size, outcome->transcript_sha256);
        char *path = path_join(run->options->output, outcome->transcript);
        written = inputs_allow(&run->inputs, path, err) &&
                  file_write(path, buffer_text(&text), text.size, err);
        free(path);
    }
    buffer_release(&text);
    return written;
}

/* A quotation that is spoken elsewhere shows that the position is wrong, or that the episode is
 * not the one that the notes were written for. */
static void warn_of_drift(const struct run *run, const struct clip_job *job,
                          const struct range *range)
{
    millis drift = range_quote_drift(range);
    char spoken[MILLIS_TEXT_SIZE], length[MILLIS_TEXT_SIZE];
    if (llabs(drift) > RANGE_QUOTE)
        log_warning(run->options->log, "%s:%d: the quotation is spoken at %s, %s s %s",
                    job->notes->path, job->clip->line, millis_text(range->quote_start, spoken),
                    millis_text_seconds(llabs(drift), length),
                    drift < 0 ? "before the clip" : "behind its start");
}

static bool write_clip(struct run *run, size_t i, struct opened *opened, struct error *err)
{
    const struct run_options *options = run->options;
    struct clip_outcome *outcome = &run->outcomes[i];
    char *comment = NULL;
    struct tags tags = tags_of(&run->plan->clips[i], opened, &comment);
    char *path = path_join(options->output, outcome->file);
    sample_index start = 0, end = 0;
    range_samples(&outcome->range, audio_info(opened->audio), &start, &end);
    bool written = clip_write(opened->audio, start, end, &options->cut, &tags, path, &outcome->cut,
                              outcome->sha256, err);
    free(path);
    free(comment);
    return written;
}

static bool is_stopped(const struct run_options *options, struct error *err)
{
    if (!options->stop || !atomic_load(options->stop))
        return false;
    error_set(err, ERROR_INTERRUPTED, "stopped");
    return true;
}

/* By the episode's average bitrate. What finding the end has read is here already. Of an episode
 * that is fetched whole its first clip bears the cost. */
static void estimate(struct opened *opened, struct clip_outcome *outcome)
{
    const struct audio_info *info = audio_info(opened->audio);
    const struct range *range = &outcome->range;
    int64_t offset = 0;
    if (!checked_scale(range->end - range->start, info->bitrate, 8 * MILLIS_SECOND,
                       &outcome->to_write) ||
        !checked_scale(range->start, info->bitrate, 8 * MILLIS_SECOND, &offset))
        return;
    if (!reach_is_most(opened->reach, info->duration)) {
        outcome->to_fetch = fetch_missing(opened->source, offset, outcome->to_write);
    } else if (!opened->counted) {
        outcome->to_fetch = fetch_missing(opened->source, 0, opened->source->size);
        opened->counted = true;
    }
}

/* An earlier try may have named it already. */
static bool name_file(const struct run *run, const char *stem, const char *extension,
                      struct clip_outcome *outcome, struct error *err)
{
    free(outcome->file);
    outcome->file = mem_format("%s.%s", stem, extension);
    char *path = path_join(run->options->output, outcome->file);
    bool allowed = inputs_allow(&run->inputs, path, err);
    free(path);
    return allowed;
}

static bool cut_clip(struct run *run, size_t i, struct opened *opened, struct error *err)
{
    if (is_stopped(run->options, err))
        return false;
    const struct clip_job *job = &run->plan->clips[i];
    struct clip_outcome *outcome = &run->outcomes[i];
    const char *extension = audio_clip_extension(opened->audio, &run->options->cut, err);
    const struct range_hints hints = {.next = job->next, .transcript = opened->transcript};
    outcome->decided = extension && range_decide(&run->options->range, opened->audio, job->clip,
                                                 &hints, &outcome->range, err);
    if (!outcome->decided)
        return false;
    if (!outcome->episode_title)
        outcome->episode_title = mem_strdup(audio_tags(opened->audio)->title);
    warn_of_drift(run, job, &outcome->range);
    free(outcome->version); /* of an earlier try */
    outcome->version = fetch_version(opened->source);
    outcome->channels = audio_info(opened->audio)->channels;
    memcpy(outcome->transcript_version, opened->transcript_version, HASH_TEXT_SIZE);
    if (!name_file(run, job->stem, extension, outcome, err))
        return false;
    if (run->options->dry_run) {
        outcome->status = CLIP_PLANNED;
        estimate(opened, outcome);
        return true;
    }
    if (!write_clip(run, i, opened, err) || !write_slice(run, job, opened, outcome, err) ||
        (run->options->record && !kept_add(run->options, job, outcome, err)))
        return false;
    outcome->status = CLIP_CUT;
    return true;
}

/* Tells what is known of the clips' episode, and leaves in `ret_left` those that are to be cut. */
static size_t keep_clips(struct run *run, const struct episode_job *job, struct opened *opened,
                         size_t *ret_left)
{
    const struct episode *episode = opened->episode;
    struct kept_versions now = {NULL, NULL};
    char *version = NULL;
    bool asked = false;
    size_t left = 0;
    for (size_t i = 0; i < job->clip_count; i++) {
        const struct clip_job *clip = &run->plan->clips[job->clips[i]];
        struct clip_outcome *outcome = &run->outcomes[job->clips[i]];
        outcome->audio =
            url_is_http(episode->audio) ? url_redacted(episode->audio) : mem_strdup(episode->audio);
        outcome->resolved_by = mem_strdup(episode->resolved_by);
        outcome->episode_title = mem_strdup(episode->title);
        kept_key(clip, episode, run->options, outcome->key);
        if (!asked && kept_is_known(run->options, outcome->key)) {
            version = opened_version(opened, run->options);
            now = (struct kept_versions){version, opened_transcript_version(opened, run->options)};
            asked = true;
        }
        if (kept_find(run->options, outcome->key, &now, clip, outcome))
            finish(run, job->clips[i]);
        else
            ret_left[left++] = job->clips[i];
    }
    free(version);
    return left;
}

static void cut_clips(struct run *run, struct opened *opened, const size_t *clips, size_t count)
{
    struct error err = ERROR_INIT;
    for (size_t i = 0; i < count; i++) {
        bool cut = cut_clip(run, clips[i], opened, &err);
        if (!cut && opened_was_replaced(opened)) {
            error_release(&err);
            if (!opened_open(opened, run->options, &err)) {
                fail_clips(run, clips + i, count - i, &err);
                return;
            }
            cut = cut_clip(run, clips[i], opened, &err);
        }
        if (cut)
            finish(run, clips[i]);
        else
            fail_clip(run, clips[i], &err);
    }
}

/* What the shards have finished, without a look at the episodes. */
static void assemble_episode(struct run *run, const struct episode_job *job)
{
    size_t *missing = mem_alloc_array(job->clip_count, sizeof *missing), count = 0;
    for (size_t i = 0; i < job->clip_count; i++) {
        const struct clip_job *clip = &run->plan->clips[job->clips[i]];
        if (kept_assemble(run->options, clip, &run->outcomes[job->clips[i]]))
            finish(run, job->clips[i]);
        else
            missing[count++] = job->clips[i];
    }
    struct error err = ERROR_INIT;
    if (count) {
        error_set(&err, ERROR_MISSING,
                  "no shard has cut the clips of %s: run the one that has this episode, with the "
                  "same notes and options",
                  job->page);
        fail_clips(run, missing, count, &err);
    }
    free(missing);
}

static void find_episode(void *context, size_t episode)
{
    struct run *run = context;
    const char *page = run->plan->episodes[episode].page;
    if (shard_has(run->options->shard, episode))
        run->opened[episode].episode =
            resolver_find(run->options->resolver, page, &run->failures[episode]);
}

/* All of them are known before the first clip is written: it might take an episode's place. */
static void find_episodes(struct run *run)
{
    pool_run(run->options->jobs, run->plan->episode_count, find_episode, run);
    for (size_t i = 0; i < run->plan->episode_count; i++) {
        const struct episode *episode = run->opened[i].episode;
        char *transcript = episode ? transcript_place(episode) : NULL;
        inputs_add(&run->inputs, episode ? episode->audio : NULL);
        inputs_add(&run->inputs, transcript);
        free(transcript);
    }
}

static void cut_episode(struct run *run, const struct episode_job *job, struct opened *opened)
{
    struct error err = ERROR_INIT;
    size_t *left = mem_alloc_array(job->clip_count, sizeof *left);
    size_t count = keep_clips(run, job, opened, left);
    opened->reach = reach_of_clips(run->plan, left, count, &run->options->range);
    if (count && !opened_open(opened, run->options, &err)) {
        fail_clips(run, left, count, &err);
        count = 0;
    }
    if (count)
        opened_read_transcript(opened, run->options);
    cut_clips(run, opened, left, count);
    free(left);
}

static void run_episode(void *context, size_t episode)
{
    struct run *run = context;
    const struct episode_job *job = &run->plan->episodes[episode];
    if (!shard_has(run->options->shard, episode))
        for (size_t i = 0; i < job->clip_count; i++)
            run->outcomes[job->clips[i]].status = CLIP_ELSEWHERE;
    else if (run->options->assemble)
        assemble_episode(run, job);
    else if (run->opened[episode].episode)
        cut_episode(run, job, &run->opened[episode]);
    else
        fail_clips(run, job->clips, job->clip_count, &run->failures[episode]);
    opened_release(&run->opened[episode]);
}

struct clip_outcome *run_clips(const struct plan *plan, const struct run_options *options)
{
    struct run run = {.plan = plan, .options = options};
    run.outcomes = mem_alloc_array(plan->clip_count, sizeof *run.outcomes);
    run.opened = mem_alloc_array(plan->episode_count, sizeof *run.opened);
    run.failures = mem_alloc_array(plan->episode_count, sizeof *run.failures);
    pthread_mutex_init(&run.done_lock, NULL);
    if (!options->assemble)
        find_episodes(&run);
    pool_run(options->jobs, plan->episode_count, run_episode, &run);
    pthread_mutex_destroy(&run.done_lock);
    inputs_release(&run.inputs);
    free(run.failures);
    free(run.opened);
    return run.outcomes;
}

void outcomes_destroy(struct clip_outcome *outcomes, size_t count)
{
    if (!outcomes)
        return;
    for (size_t i = 0; i < count; i++) {
        free(outcomes[i].audio);
        free(outcomes[i].resolved_by);
        free(outcomes[i].version);
        free(outcomes[i].file);
        free(outcomes[i].episode_title);
        free(outcomes[i].transcript);
        free(outcomes[i].error);
    }
    free(outcomes);
}
