/* SPDX-License-Identifier: MIT */
/*
 * The network as the options want it: a fetcher, its progress on the terminal, and what stops it.
 */
#ifndef CLIPNOTES_CLI_NETWORK_H
#define CLIPNOTES_CLI_NETWORK_H

#include "cli/config.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "fetch/fetch.h"

struct network {
    struct fetcher *fetcher;
    struct progress *progress;
    const atomic_bool *stop;
};

/* `config` is borrowed until network_release(), which is due also where this fails. */
bool network_init(struct network *ret_network, const struct options *options,
                  const struct config *config, struct terminal *terminal, struct error *err);
void network_release(struct network *network);

/* The folder of the cache. For free(). */
char *network_cache(const struct options *options);

#endif
