/* SPDX-License-Identifier: MIT */
/*
 * What finds the audio of pages, set up as the options say.
 */
#ifndef CLIPNOTES_CLI_LOOKUP_H
#define CLIPNOTES_CLI_LOOKUP_H

#include <stdbool.h>

#include "base/error.h"
#include "cli/network.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "episode/resolve.h"

struct lookup {
    struct config config;
    const char **maps;      /* the configuration's, then the command line's, which count more */
    struct network network; /* without a fetcher where the cache cannot be used: who has all audio
                               at hand needs none */
    struct error failure;   /* why it cannot */
    struct resolver *resolver;
};

bool lookup_init(struct lookup *lookup, const struct options *options, struct terminal *terminal,
                 struct error *err);
void lookup_release(struct lookup *lookup);

/* An error where nothing can be fetched: says why. */
bool lookup_can_fetch(const struct lookup *lookup, struct error *err);

#endif
