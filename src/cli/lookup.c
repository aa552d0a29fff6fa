/* SPDX-License-Identifier: MIT */
#include "cli/lookup.h"

#include <stdlib.h>

static void collect_maps(struct lookup *lookup, const struct options *options)
{
    size_t count = 0;
    lookup->maps =
        mem_alloc_array(lookup->config.map_count + options->maps.count, sizeof *lookup->maps);
    for (size_t i = 0; i < lookup->config.map_count; i++)
        lookup->maps[count++] = lookup->config.maps[i];
    for (size_t i = 0; i < options->maps.count; i++)
        lookup->maps[count++] = options->maps.items[i];
}

bool lookup_init(struct lookup *lookup, const struct options *options, struct terminal *terminal,
                 struct error *err)
{
    const struct log *log = terminal_log(terminal);
    *lookup = (struct lookup){.resolver = NULL};
    if (!config_of(&lookup->config, options, err))
        return false;
    collect_maps(lookup, options);
    if (!network_init(&lookup->network, options, &lookup->config, terminal, &lookup->failure))
        log_info(log, "nothing can be fetched: %s", lookup->failure.message);
    const struct resolve_options how = {
        .maps = lookup->maps,
        .map_count = lookup->config.map_count + options->maps.count,
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
    free(lookup->maps);
    config_release(&lookup->config);
    *lookup = (struct lookup){0};
}

bool lookup_can_fetch(const struct lookup *lookup, struct error *err)
{
    return lookup->network.fetcher ||
           error_set(err, lookup->failure.kind, "%s", lookup->failure.message);
}
