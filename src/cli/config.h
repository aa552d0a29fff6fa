/* SPDX-License-Identifier: MIT */
/*
 * The configuration file: what is true for every run, and what does not belong on a command line.
 *
 *     [episodes]                                # as --map, which counts more
 *     "s01e01-influxdata" = "audio/one.mp3"     # a URL, or a file relative to this one
 *
 *     [headers]                                 # for private feeds: sent to this host alone
 *     "feeds.example.com" = "Authorization: Bearer ..."
 */
#ifndef CLIPNOTES_CLI_CONFIG_H
#define CLIPNOTES_CLI_CONFIG_H

#include <stdbool.h>

#include "base/error.h"
#include "base/memory.h"
#include "fetch/fetch.h"

struct options;

struct config {
    struct arena *arena; /* owned; NULL where there is no file */
    const char **maps;   /* "PAGE=AUDIO" */
    size_t map_count, map_capacity;
    struct fetch_header *headers;
    size_t header_count, header_capacity;
};

/* Reads `path`; NULL: config.toml in $XDG_CONFIG_HOME/clipnotes or ~/.config/clipnotes, which need
 * not be there. What is in it and not known is an error that names the line. On failure there is
 * nothing to release. */
bool config_read(struct config *ret_config, const char *path, struct error *err);

/* What a command goes by: options->named_config, lent, or else the usual file. */
bool config_of(struct config *ret_config, const struct options *options, struct error *err);

void config_release(struct config *config); /* one that was lent stays */

#endif
