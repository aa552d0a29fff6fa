/* SPDX-License-Identifier: MIT */
/*
 * What the commands do, one file each. Each returns the exit status (enum exit_status).
 */
#ifndef CLIPNOTES_CLI_COMMANDS_H
#define CLIPNOTES_CLI_COMMANDS_H

struct options;
struct terminal;

int command_list(const struct options *options, struct terminal *terminal);
int command_resolve(const struct options *options, struct terminal *terminal);
int command_fetch(const struct options *options, struct terminal *terminal);
int command_clip(const struct options *options, struct terminal *terminal);
int command_chapters(const struct options *options, struct terminal *terminal);
int command_mark(const struct options *options, struct terminal *terminal);
int command_recap(const struct options *options, struct terminal *terminal);
int command_cut(const struct options *options, struct terminal *terminal);
int command_cache(const struct options *options, struct terminal *terminal);

#endif
