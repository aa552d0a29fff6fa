/* SPDX-License-Identifier: MIT */
/*
 * clipnotes fetch: brings the audio of the notes' episodes into the cache.
 */
#include <stdlib.h>

#include "base/pool.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/lookup.h"
#include "cli/wanted.h"
#include "format/json.h"
#include "format/url.h"

/* What became of one episode. */
struct fetched {
    bool passed_over; /* it was only a guess that there is one */
    char *audio;      /* where it was found; NULL */
    char *path;       /* where it is now; NULL: it failed */
    int64_t size, received;
    int64_t missing; /* in a dry run: what would be received; -1: it failed */
    struct error failure;
};

struct fetching {
    struct wanted_pages wanted;
    bool *guesses; /* a flag for each page: the notes do not say that it has an episode */
    size_t guess_capacity;
    struct resolver *resolver;
    struct network *network;
    struct terminal *terminal;
    struct fetched *episodes; /* one for each page */
    bool dry_run;
};

/* The page's own episode is wanted where the notes have times of it. That of notes which name
 * neither page nor audio may be beside them, or nowhere. */
static void add_notes(struct fetching *fetching, const struct notes *notes)
{
    struct wanted_pages *wanted = &fetching->wanted;
    size_t before = wanted->count;
    if (notes->chapter_count)
        wanted_add(wanted, wanted_own_page(notes), notes->path, notes->chapters[0].line);
    bool guess = wanted->count > before && notes->clip_count && !notes->page && !notes->audio_url;
    wanted_add_clips(wanted, notes);
    fetching->guesses = mem_grow(fetching->guesses, &fetching->guess_capacity, wanted->count,
                                 sizeof *fetching->guesses);
    for (size_t i = before; i < wanted->count; i++)
        fetching->guesses[i] = guess && i == before;
}

static bool fetch_audio(const struct fetching *fetching, const struct episode *episode,
                        struct fetched *fetched)
{
    fetched->audio = mem_strdup(episode->audio);
    if (!url_is_http(episode->audio)) { /* it is here already */
        fetched->path = mem_strdup(episode->audio);
        return true;
    }
    const struct fetch_target target = episode_target(episode);
    struct fetch_result result;
    if (!fetch_whole(fetching->network->fetcher, &target, &result, &fetched->failure))
        return false;
    fetched->path = result.path;
    fetched->size = result.size;
    fetched->received = result.received;
    return true;
}

/* Asks only for how large it is, and how much of it is here. */
static bool plan_audio(const struct fetching *fetching, const struct episode *episode,
                       struct fetched *fetched)
{
    fetched->audio = mem_strdup(episode->audio);
    if (!url_is_http(episode->audio)) {
        fetched->missing = 0;
        return true;
    }
    const struct fetch_target target = episode_target(episode);
    struct source *source = fetch_open(fetching->network->fetcher, &target, &fetched->failure);
    if (!source)
        return false;
    fetched->size = source->size;
    fetched->missing = fetch_missing(source, 0, source->size);
    source_destroy(source);
    return true;
}

static void fetch_episode(void *context, size_t i)
{
    struct fetching *fetching = context;
    const struct wanted *wanted = &fetching->wanted.items[i];
    struct fetched *fetched = &fetching->episodes[i];
    struct episode *episode = resolver_find(fetching->resolver, wanted->page, &fetched->failure);
    fetched->passed_over = !episode && fetching->guesses[i];
    fetched->missing = -1;
    bool failed =
        !episode || !(fetching->dry_run ? plan_audio : fetch_audio)(fetching, episode, fetched);
    if (failed)
        error_prefix(&fetched->failure, "%s:%d", wanted->path, wanted->line);
    if (fetched->passed_over)
        log_info(terminal_log(fetching->terminal), "%s", fetched->failure.message);
    else if (failed && fetched->failure.kind != ERROR_INTERRUPTED)
        terminal_error(fetching->terminal, &fetched->failure);
    episode_destroy(episode);
}

static void append_json(struct buffer *out, const struct fetching *fetching)
{
    struct json_writer json = JSON_WRITER(out, JSON_INDENTED);
    json_begin_object(&json, NULL);
    json_put_int(&json, "version", 1);
    json_begin_array(&json, "episodes");
    for (size_t i = 0; i < fetching->wanted.count; i++) {
        const struct fetched *fetched = &fetching->episodes[i];
        if (fetched->passed_over)
            continue;
        char *audio = fetched->audio ? url_redacted(fetched->audio) : NULL;
        json_begin_object(&json, NULL);
        json_put_string(&json, "page", fetching->wanted.items[i].page);
        json_put_string(&json, "audio", audio);
        json_put_string(&json, "path", fetched->path);
        json_put_int(&json, "bytes", fetched->size);
        json_put_int(&json, "received", fetched->received);
        if (fetching->dry_run && fetched->missing >= 0)
            json_put_int(&json, "fetch_bytes", fetched->missing);
        json_put_string(&json, "error", fetched->failure.message);
        json_end(&json);
        free(audio);
    }
    json_end(&json);
    json_end(&json);
    buffer_append_byte(out, '\n');
}

/* Where it is, or in a dry run what there is to be fetched. */
static void append_line(struct buffer *out, const struct fetching *fetching,
                        const struct fetched *fetched)
{
    if (fetched->path)
        buffer_append_format(out, "%s\n", fetched->path);
    if (!fetching->dry_run || fetched->missing < 0)
        return;
    char *audio = url_redacted(fetched->audio);
    buffer_append_format(out, "%s  ", audio);
    progress_append_size(out, fetched->missing);
    buffer_append_byte(out, '\n');
    free(audio);
}

static bool print_result(const struct options *options, const struct fetching *fetching)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    if (options->json)
        append_json(&out, fetching);
    for (size_t i = 0; !options->json && i < fetching->wanted.count; i++)
        append_line(&out, fetching, &fetching->episodes[i]);
    bool printed = terminal_print(fetching->terminal, buffer_slice(&out));
    buffer_release(&out);
    return printed;
}

struct tally {
    size_t count, failed;
    bool stopped;
    int64_t missing; /* bytes, in a dry run */
};

static struct tally count_episodes(const struct fetching *fetching)
{
    struct tally tally = {0};
    for (size_t i = 0; i < fetching->wanted.count; i++) {
        const struct fetched *fetched = &fetching->episodes[i];
        if (fetched->passed_over)
            continue;
        tally.count++;
        tally.failed += fetching->dry_run ? fetched->missing < 0 : !fetched->path;
        tally.stopped |= fetched->failure.kind == ERROR_INTERRUPTED;
        tally.missing += fetched->missing > 0 ? fetched->missing : 0;
    }
    return tally;
}

/* One line about it all, and the exit status. */
static int sum_up(const struct fetching *fetching)
{
    struct tally tally = count_episodes(fetching);
    struct buffer size = BUFFER_INIT(BUFFER_UNBOUNDED);
    progress_append_size(&size, fetching->dry_run ? tally.missing
                                                  : progress_received(fetching->network->progress));
    terminal_note(fetching->terminal,
                  fetching->dry_run ? "%zu of %zu episodes can be had, %s to fetch%s"
                                    : "%zu of %zu episodes are here, %s fetched%s",
                  tally.count - tally.failed, tally.count, buffer_text(&size),
                  tally.stopped ? "; stopped, and the same command goes on from there" : "");
    buffer_release(&size);
    return tally.stopped                 ? STATUS_INTERRUPTED
           : tally.failed == tally.count ? STATUS_FAILED
           : tally.failed                ? STATUS_PARTLY
                                         : STATUS_DONE;
}

static int run(const struct options *options, struct fetching *fetching)
{
    size_t count = fetching->wanted.count;
    fetching->episodes = mem_alloc_array(count, sizeof *fetching->episodes);
    pool_run((size_t)options->jobs, count, fetch_episode, fetching);
    int status = sum_up(fetching);
    if (!print_result(options, fetching))
        status = STATUS_FAILED;
    for (size_t i = 0; i < count; i++) {
        free(fetching->episodes[i].audio);
        free(fetching->episodes[i].path);
        error_release(&fetching->episodes[i].failure);
    }
    free(fetching->episodes);
    return status;
}

static int fetch_wanted(const struct options *options, struct fetching *fetching)
{
    struct error err = ERROR_INIT;
    struct lookup lookup = {0};
    int status = STATUS_FAILED;
    if (!fetching->wanted.count)
        error_set(&err, ERROR_INPUT, "%s: holds neither clip links nor times",
                  options->arguments.items[0]);
    else if (lookup_init(&lookup, options, fetching->terminal, &err) && !lookup.network.fetcher)
        error_move(&err, &lookup.failure);

    if (error_is_set(&err)) {
        terminal_error(fetching->terminal, &err);
        status = terminal_status(err.kind);
    } else {
        fetching->resolver = lookup.resolver;
        fetching->network = &lookup.network;
        status = run(options, fetching);
    }
    lookup_release(&lookup);
    error_release(&err);
    return status;
}

int command_fetch(const struct options *options, struct terminal *terminal)
{
    struct fetching fetching = {.terminal = terminal, .dry_run = options->dry_run};
    struct pages pages;
    pages_read(&pages, options, terminal);
    for (size_t i = 0; i < pages.count; i++)
        add_notes(&fetching, pages.items[i]);
    int status = pages.count ? fetch_wanted(options, &fetching) : STATUS_FAILED;
    if (pages.failed && status == STATUS_DONE)
        status = STATUS_PARTLY;
    free(fetching.guesses);
    wanted_release(&fetching.wanted);
    pages_release(&pages);
    return status;
}
