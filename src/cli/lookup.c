/* SPDX-License-Identifier: MIT */
#include "cli/lookup.h"

static struct fetcher *create_fetcher(const struct options *options, const struct log *log)
{
    const struct fetcher_options how = {
        .cache_dir = options->cache_dir,
        .offline = options->offline,
        .refresh = options->refresh,
        .log = log,
    };
    struct error err = ERROR_INIT;
    struct fetcher *fetcher = fetcher_create(&how, &err);
    /* Who has all audio at hand needs no cache. */
    if (!fetcher)
        log_info(log, "nothing can be fetched: %s", err.message);
    error_release(&err);
    return fetcher;
}

bool lookup_init(struct lookup *lookup, const struct options *options, struct terminal *terminal,
                 struct error *err)
{
    const struct log *log = terminal_log(terminal);
    lookup->fetcher = create_fetcher(options, log);
    const struct resolve_options how = {
        .maps = options->maps.items,
        .map_count = options->maps.count,
        .audio_dirs = options->audio_dirs.items,
        .audio_dir_count = options->audio_dirs.count,
        .feeds = options->feeds.items,
        .feed_count = options->feeds.count,
        .site = options->site,
        .base_url = options->base_url,
        .fetcher = lookup->fetcher,
        .log = log,
    };
    lookup->resolver = resolver_create(&how, err);
    if (lookup->resolver)
        return true;
    lookup_release(lookup);
    return false;
}

void lookup_release(struct lookup *lookup)
{
    resolver_destroy(lookup->resolver);
    fetcher_destroy(lookup->fetcher);
    *lookup = (struct lookup){0};
}
