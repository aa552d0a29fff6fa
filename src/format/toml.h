/* SPDX-License-Identifier: MIT */
/*
 * TOML 1.0, as front matter and our configuration use it, into values. Dates and times are strings
 * as written. Debian has no C library for it; what this reader does not know it refuses by name.
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
