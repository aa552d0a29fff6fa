/* SPDX-License-Identifier: MIT */
/*
 * A patch says how a file changes: pieces of it that are replaced by other bytes. Those who know a
 * container make one; how it gets to the disk is the same for all.
 *
 * The rule that keeps files whole: at every moment the name stands for the old file or for the new
 * one, whatever is killed or full.
 *
 * - Where the size stays and what differs is at most 1 MiB, it is written into the file by one
 *   direct, aligned write. Such a write is handed to the device as a whole: the kernel looks for a
 *   pending kill before it and behind it, but not within. (A buffered write stops between pages.)
 *   This is done on file systems of which we know that: ext4, XFS, Btrfs, F2FS, and overlays over
 *   them. A power cut in that instant is the device's matter; audio outside of the blocks written
 *   is out of its reach.
 * - Everywhere else a new file is made of what stays, copied by the system (shared, where the file
 *   system can) and what is new, and renamed over the old one. Mode, owner and extended
 *   attributes are kept; other hard links keep the old file.
 */
#ifndef CLIPNOTES_CHAPTERS_PATCH_H
#define CLIPNOTES_CHAPTERS_PATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/slice.h"
#include "base/source.h"

struct splice {
    int64_t offset, removed;
    struct slice inserted;
};

struct patch {
    struct arena *arena; /* owned; what is inserted lives there */
    struct splice *items;
    size_t count, capacity;
};

void patch_init(struct patch *patch);
void patch_release(struct patch *patch);

/* Replaces `removed` bytes at `offset` by a copy of `inserted`. Calls come in rising order of
 * offset, and pieces do not overlap. */
void patch_replace(struct patch *patch, int64_t offset, int64_t removed, struct slice inserted);

/* By how much the file grows. */
int64_t patch_growth(const struct patch *patch);

/* What becomes of the byte at `offset` of the old file, which no splice removes. */
int64_t patch_moved(const struct patch *patch, int64_t offset);

/*
 * A file that is going to be patched: it is locked against others of our kind, and known again, so
 * that a change by anybody else between opening and writing is noticed.
 */
struct patched_file;

/* `in_place`: it is to be replaced itself, so it must be writable and nobody else may have it open
 * here; a symbolic link is followed. */
struct patched_file *patched_file_open(const char *path, bool in_place, struct error *err);
void patched_file_close(struct patched_file *file); /* takes NULL */

/* Its bytes, borrowed. */
struct source *patched_file_source(struct patched_file *file);

enum patch_way {
    PATCH_NOTHING,  /* there was no difference */
    PATCH_IN_PLACE, /* a piece of the file was written over */
    PATCH_REWRITE,  /* a new file took its name */
};

/* Writes the patched file to `output`, or over itself where that is NULL. `repeatable`: the file
 * stays, so that an output can be made again (output_set_repeatable() in base/file.h). */
bool patch_apply(const struct patch *patch, struct patched_file *file, const char *output,
                 bool repeatable, enum patch_way *ret_way, struct error *err);

#endif
