/* SPDX-License-Identifier: MIT */
/*
 * How exact a clip is, in words.
 */
#ifndef CLIPNOTES_CLI_EXACTNESS_H
#define CLIPNOTES_CLI_EXACTNESS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/terminal.h"

/* "within 17.0 ms"; "at the right place", where both ends are exact and what is between is not. */
void cut_error_text(int64_t error_micros, char *ret_text, size_t size);

/* Warns that so many clips are not exact, by how much at most, and why (NULL: not known). */
void cut_warn_inexact(struct terminal *terminal, size_t count, int64_t error_micros,
                      const char *why);

#endif
