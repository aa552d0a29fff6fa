/* SPDX-License-Identifier: MIT */
/*
 * YAML, by libyaml, into values. Scalars stay text, so that `12:34` is not a number of base sixty:
 * plain scalars are strings, but for null (also as nothing or ~), true and false. Tags are ignored.
 * Keys must be scalars. A merge key (`<<`) brings the keys of other mappings, which those of its
 * own mapping come before.
 */
#ifndef CLIPNOTES_FORMAT_YAML_H
#define CLIPNOTES_FORMAT_YAML_H

#include "base/error.h"
#include "base/slice.h"
#include "format/value.h"

/* What all aliases of a document may stand for together, in values; also the most anchors. */
#define YAML_MAX_ALIASED 10000

/* The first document of the stream into `arena`, its lines counted from `first_line` on; null where
 * there is none. NULL on failure. */
const struct value *yaml_read(struct arena *arena, struct slice text, int first_line,
                              const char *name, struct error *err);

#endif
