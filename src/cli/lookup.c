/* SPDX-License-Identifier: MIT */
#include "cli/lookup.h"

bool lookup_init(struct lookup *lookup, const struct options *options, struct terminal *terminal,
                 struct error *err)
{
    const struct log *log = terminal_log(terminal);
    *lookup = (struct lookup){.resolver = NULL};
    if (!network_init(&lookup->network, options, terminal, &lookup->failure))
        log_info(log, "nothing can be fetched: %s", lookup->failure.message);
    const struct resolve_options how = {
        .maps = options->maps.items,
        .map_count = options->maps.count,
        .audio_dirs = options->audio_dirs.items,
        .audio_dir_count = options->audio_dirs.count,
        .feeds = options->feeds.items,
        .feed_count = options->feeds.count,
        .site = options->site,
        .base_url = options->base_url,
        .fetcher = lookup->network.fetcher,
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
    network_release(&lookup->network);
    error_release(&lookup->failure);
    *lookup = (struct lookup){0};
}
