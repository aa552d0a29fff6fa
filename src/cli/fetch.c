/* SPDX-License-Identifier: MIT */
/*
 * clipnotes fetch: brings the audio of the notes' episodes into the cache.
 */
#include <stdlib.h>

#include "base/pool.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/lookup.h"
#include "format/json.h"
#include "format/url.h"
#include "recap/plan.h"

/* What became of one episode. */
struct fetched {
    const char *page;
    char *audio; /* where it was found; NULL */
    char *path;  /* where it is now; NULL: it failed */
    int64_t size, received;
    struct error failure;
};

struct fetching {
    const struct plan *plan;
    struct resolver *resolver;
    struct fetcher *fetcher;
    struct terminal *terminal;
    struct fetched *episodes; /* one for each of the plan's */
};

static bool fetch_audio(const struct fetching *fetching, const struct episode *episode,
                        struct fetched *fetched)
{
    fetched->audio = mem_strdup(episode->audio);
    if (!url_is_http(episode->audio)) { /* it is here already */
        fetched->path = mem_strdup(episode->audio);
        return true;
    }
    const struct fetch_target target = {
        .url = episode->audio,
        .key = episode->guid,
        .name = episode->title,
    };
    struct fetch_result result;
    if (!fetch_whole(fetching->fetcher, &target, &result, &fetched->failure))
        return false;
    fetched->path = result.path;
    fetched->size = result.size;
    fetched->received = result.received;
    return true;
}

static void fetch_episode(void *context, size_t i)
{
    struct fetching *fetching = context;
    struct fetched *fetched = &fetching->episodes[i];
    fetched->page = fetching->plan->episodes[i].page;
    struct episode *episode = resolver_find(fetching->resolver, fetched->page, &fetched->failure);
    if (!episode || !fetch_audio(fetching, episode, fetched))
        terminal_error(fetching->terminal, &fetched->failure);
    episode_destroy(episode);
}

static void append_json(struct buffer *out, const struct fetching *fetching)
{
    struct json_writer json = JSON_WRITER(out, JSON_INDENTED);
    json_begin_object(&json, NULL);
    json_put_int(&json, "version", 1);
    json_begin_array(&json, "episodes");
    for (size_t i = 0; i < fetching->plan->episode_count; i++) {
        const struct fetched *fetched = &fetching->episodes[i];
        char *audio = fetched->audio ? url_redacted(fetched->audio) : NULL;
        json_begin_object(&json, NULL);
        json_put_string(&json, "page", fetched->page);
        json_put_string(&json, "audio", audio);
        json_put_string(&json, "path", fetched->path);
        json_put_int(&json, "bytes", fetched->size);
        json_put_int(&json, "received", fetched->received);
        json_put_string(&json, "error", fetched->failure.message);
        json_end(&json);
        free(audio);
    }
    json_end(&json);
    json_end(&json);
    buffer_append_byte(out, '\n');
}

static bool print_result(const struct options *options, const struct fetching *fetching)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    if (options->json)
        append_json(&out, fetching);
    for (size_t i = 0; !options->json && i < fetching->plan->episode_count; i++)
        if (fetching->episodes[i].path)
            buffer_append_format(&out, "%s\n", fetching->episodes[i].path);
    bool printed = terminal_print(fetching->terminal, buffer_slice(&out));
    buffer_release(&out);
    return printed;
}

/* One line about it all, and the exit status. */
static int sum_up(const struct fetching *fetching)
{
    size_t failed = 0, count = fetching->plan->episode_count;
    int64_t received = 0;
    bool stopped = false;
    for (size_t i = 0; i < count; i++) {
        const struct fetched *fetched = &fetching->episodes[i];
        failed += !fetched->path;
        stopped = stopped || fetched->failure.kind == ERROR_INTERRUPTED;
        received += fetched->received;
    }
    struct buffer size = BUFFER_INIT(BUFFER_UNBOUNDED);
    progress_append_size(&size, received);
    terminal_note(fetching->terminal, "%zu of %zu episodes are here, %s fetched", count - failed,
                  count, buffer_text(&size));
    buffer_release(&size);
    return stopped           ? STATUS_INTERRUPTED
           : failed == count ? STATUS_FAILED
           : failed          ? STATUS_PARTLY
                             : STATUS_DONE;
}

static int run(const struct options *options, struct fetching *fetching)
{
    size_t count = fetching->plan->episode_count;
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

static int fetch_pages(const struct options *options, struct terminal *terminal,
                       const struct pages *pages)
{
    struct error err = ERROR_INIT;
    struct lookup lookup = {0};
    struct plan *plan = plan_create(pages->items, pages->count, "");
    int status = STATUS_FAILED;
    if (!plan->episode_count)
        error_set(&err, ERROR_INPUT, "%s: holds no clip links", options->arguments.items[0]);
    else if (lookup_init(&lookup, options, terminal, &err) && !lookup.network.fetcher)
        error_move(&err, &lookup.failure);

    if (error_is_set(&err)) {
        terminal_error(terminal, &err);
        status = terminal_status(err.kind);
    } else {
        struct fetching fetching = {plan, lookup.resolver, lookup.network.fetcher, terminal, NULL};
        status = run(options, &fetching);
    }
    lookup_release(&lookup);
    plan_destroy(plan);
    error_release(&err);
    return status;
}

int command_fetch(const struct options *options, struct terminal *terminal)
{
    struct pages pages;
    pages_read(&pages, options, terminal);
    int status = pages.count ? fetch_pages(options, terminal, &pages) : STATUS_FAILED;
    if (pages.failed && status == STATUS_DONE)
        status = STATUS_PARTLY;
    pages_release(&pages);
    return status;
}
