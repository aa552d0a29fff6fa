/* SPDX-License-Identifier: MIT */
/*
 * The NOTES arguments of a command.
 */
#ifndef CLIPNOTES_CLI_INPUTS_H
#define CLIPNOTES_CLI_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"
#include "cli/terminal.h"
#include "notes/notes.h"

/* Hands every page of every argument to `visit`. An argument that cannot be read is told on the
 * terminal; returns how many those were. */
size_t inputs_visit(const struct options *options, struct terminal *terminal, notes_visitor *visit,
                    void *context);

/* All pages at once. */
struct pages {
    struct notes **items; /* owned */
    size_t count, capacity;
    size_t failed; /* arguments that could not be read */
};

void pages_read(struct pages *ret_pages, const struct options *options, struct terminal *terminal);
void pages_release(struct pages *pages);

/* Tells what was odd in the notes. */
void pages_warn(const struct notes *notes, struct terminal *terminal);

#endif
