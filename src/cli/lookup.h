/* SPDX-License-Identifier: MIT */
/*
 * What finds the audio of pages, set up as the options say.
 */
#ifndef CLIPNOTES_CLI_LOOKUP_H
#define CLIPNOTES_CLI_LOOKUP_H

#include <stdbool.h>

#include "base/error.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "episode/resolve.h"
#include "fetch/fetch.h"

struct lookup {
    struct fetcher *fetcher; /* NULL where the cache cannot be used: then nothing is fetched */
    struct resolver *resolver;
};

bool lookup_init(struct lookup *lookup, const struct options *options, struct terminal *terminal,
                 struct error *err);
void lookup_release(struct lookup *lookup);

#endif
