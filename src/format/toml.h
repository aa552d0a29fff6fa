/* SPDX-License-Identifier: MIT */
/*
 * TOML 1.0 (toml.io/en/v1.0.0) into values, for front matter and our configuration; Debian has no C
 * library for it. Dates and times are strings as written. Numbers lose their underscores and a
 * leading plus; hexadecimal, octal and binary integers become decimal ones.
 */
#ifndef CLIPNOTES_FORMAT_TOML_H
#define CLIPNOTES_FORMAT_TOML_H

#include "base/error.h"
#include "base/slice.h"
#include "format/value.h"

/* Into `arena`, lines counted from `first_line` on. NULL on failure. */
const struct value *toml_read(struct arena *arena, struct slice text, int first_line,
                              const char *name, struct error *err);

#endif
