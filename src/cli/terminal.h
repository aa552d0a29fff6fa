/* SPDX-License-Identifier: MIT */
/*
 * The two streams and what can be shown on them: results on stdout, all else on stderr. The only
 * place that prints.
 */
#ifndef CLIPNOTES_CLI_TERMINAL_H
#define CLIPNOTES_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "cli/options.h"

enum style {
    STYLE_PLAIN,
    STYLE_BOLD,
    STYLE_DIM,
    STYLE_RED,
    STYLE_GREEN,
    STYLE_YELLOW,
    STYLE_CYAN,
};

enum exit_status {
    STATUS_DONE = 0,
    STATUS_FAILED = 1,
    STATUS_USAGE = 2,
    STATUS_PARTLY = 3,
    STATUS_INTERRUPTED = 130,
};

struct terminal;

struct terminal *terminal_create(const struct options *options);
void terminal_destroy(struct terminal *terminal);

/* Where the rest of the program says what it has to say; safe in several threads. */
const struct log *terminal_log(struct terminal *terminal);

/* Columns of stdout; 0 where it is no terminal: then nothing needs to fit. */
size_t terminal_columns(const struct terminal *terminal);

/* Appends `text` for stdout, in colour where stdout shows colours. */
void terminal_style(const struct terminal *terminal, struct buffer *out, enum style style,
                    struct slice text);

/* Writes a result to stdout; false where nobody could read it. */
bool terminal_print(struct terminal *terminal, struct slice text);

/* One line on stderr: what failed. With -q too. */
void terminal_error(struct terminal *terminal, const struct error *err);

/* One line on stderr about how it goes; not with -q. */
void terminal_note(struct terminal *terminal, const char *format, ...) PRINTF_LIKE(2, 3);

/* Lines that stay below all others on stderr and change: how far the work is. Each ends with a
 * newline; an empty text takes them away. Shown on a terminal only, and not with -q. */
void terminal_set_status(struct terminal *terminal, struct slice lines);

/* Columns for those lines; 0 where they are not shown. */
size_t terminal_status_columns(const struct terminal *terminal);

/* The exit status for a failure of this kind. */
int terminal_status(enum error_kind kind);

#endif
