/* SPDX-License-Identifier: MIT */
/*
 * The files that a job reads: none of them is written over, whatever its name. A folder may hold
 * episodes and clips at once, and an episode be called what a clip of it would be.
 */
#ifndef CLIPNOTES_RECAP_INPUTS_H
#define CLIPNOTES_RECAP_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/path.h"

struct inputs {
    struct file_identity *items;
    size_t count, capacity;
};

void inputs_release(struct inputs *inputs);

/* NULL, and what is no file on disk, is passed over. */
void inputs_add(struct inputs *inputs, const char *path);

/* Fails where writing to `path` would replace an input. */
bool inputs_allow(const struct inputs *inputs, const char *path, struct error *err);

#endif
