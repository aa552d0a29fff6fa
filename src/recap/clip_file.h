/* SPDX-License-Identifier: MIT */
/*
 * One clip as a file that appears whole or not at all.
 */
#ifndef CLIPNOTES_RECAP_CLIP_FILE_H
#define CLIPNOTES_RECAP_CLIP_FILE_H

#include "audio/audio.h"
#include "base/hash.h"

/* Cuts [start, end) of `audio` into a file at `path`, whose folder is made where it is missing. A
 * path that leads to the file that is cut is refused. The digest is that of the file's bytes. */
bool clip_write(struct audio *audio, sample_index start, sample_index end,
                const struct cut_options *options, const struct tags *tags, const char *path,
                struct cut_result *ret_result, char ret_sha256[static HASH_TEXT_SIZE],
                struct error *err);

#endif
