/* SPDX-License-Identifier: MIT */
/*
 * What is being fetched, for people who wait: a line a file and a total, redrawn in place on a
 * terminal; elsewhere a plain line every few seconds. Nothing before the first half second, nothing
 * with -q.
 */
#ifndef CLIPNOTES_CLI_PROGRESS_H
#define CLIPNOTES_CLI_PROGRESS_H

#include "base/buffer.h"
#include "cli/terminal.h"
#include "fetch/fetch.h"

struct progress;

struct progress *progress_create(struct terminal *terminal);
void progress_destroy(struct progress *progress); /* takes NULL; takes the lines away */

/* To be told of every download; borrowed. */
const struct fetch_observer *progress_observer(const struct progress *progress);

/* Bytes over the network so far, of all downloads. */
int64_t progress_received(const struct progress *progress);

/* "34.2 MB", "1.2 GB"; units of a thousand. Appended. */
void progress_append_size(struct buffer *out, int64_t bytes);

#endif
