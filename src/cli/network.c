/* SPDX-License-Identifier: MIT */
#include "cli/network.h"

#include <stdlib.h>

#include "base/memory.h"
#include "cli/stop.h"

char *network_cache(const struct options *options)
{
    return options->cache_dir ? mem_strdup(options->cache_dir) : fetch_cache_folder();
}

bool network_init(struct network *ret_network, const struct options *options,
                  const struct config *config, struct terminal *terminal, struct error *err)
{
    *ret_network = (struct network){
        .progress = progress_create(terminal),
        .stop = stop_on_signals(),
    };
    const struct fetcher_options how = {
        .cache_dir = options->cache_dir,
        .user_agent = options->user_agent,
        .ca_file = getenv("CURL_CA_BUNDLE"), /* as curl has it */
        .headers = config->headers,
        .header_count = config->header_count,
        .offline = options->offline,
        .refresh = options->refresh,
        .max_rate = options->max_rate,
        .max_size = options->max_size,
        .stop = ret_network->stop,
        .log = terminal_log(terminal),
        .observer = progress_observer(ret_network->progress),
    };
    ret_network->fetcher = fetcher_create(&how, err);
    return ret_network->fetcher != NULL;
}

void network_release(struct network *network)
{
    fetcher_destroy(network->fetcher);
    progress_destroy(network->progress);
    *network = (struct network){0};
}
