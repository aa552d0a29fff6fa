/* SPDX-License-Identifier: MIT */
/*
 * YAML, by libyaml, into values. Scalars stay text, so that `12:34` is not a number of base sixty:
 * plain scalars are strings, but for null, true and false.
 */
#ifndef CLIPNOTES_FORMAT_YAML_H
#define CLIPNOTES_FORMAT_YAML_H

#include "base/error.h"
#include "base/slice.h"
#include "format/value.h"

/* The first document of the stream into `arena`, its lines counted from `first_line` on. Aliases
 * are followed, up to a bounded number of values. NULL on failure. */
const struct value *yaml_read(struct arena *arena, struct slice text, int first_line,
                              const char *name, struct error *err);

#endif
