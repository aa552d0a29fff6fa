/* SPDX-License-Identifier: MIT */
/*
 * Files that are read whole, and files that appear whole or not at all.
 */
#ifndef CLIPNOTES_BASE_FILE_H
#define CLIPNOTES_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/* Appends the file's bytes to `ret_data`; "-" is standard input. A file that passes the buffer's
 * limit is an error that says so. After a failure the buffer's text is as it was. */
bool file_read(const char *path, struct buffer *ret_data, struct error *err);

/*
 * An output has no name while it is written. output_commit() makes it durable and gives it its name
 * in one step, in place of any older file, whose owner and permissions it takes over; until then,
 * and after any failure, what was there before stays. A program that is killed leaves nothing
 * behind where the system knows nameless files (Linux's O_TMPFILE; elsewhere, and there for the
 * moment in which an older file is replaced, a hidden file ".clipnotes-*.tmp" in the same folder).
 *
 * Symbolic links are followed: the file behind them is replaced. Only a regular file is: a folder,
 * a device or a pipe is refused.
 */
struct output;

/* A new file beside `path`. NULL on failure. */
struct output *output_create(const char *path, struct error *err);

/*
 * What is written can be made again at any time, from a file that stays: then, where it replaces
 * nothing, committing hands it to the disk and does not wait until it is there, as cp does not. For
 * large copies this is most of the time. A power cut in the moments after may leave part of it.
 */
void output_set_repeatable(struct output *output);

/* At the current position, which then moves on. Errors stick: a later commit fails with the first.
 */
bool output_write(struct output *output, const void *data, size_t size, struct error *err);

/* The same with bytes of another file: shared with it where the file system can (best where offset
 * and position are a multiple of 4096 apart), else copied without passing through us. A file that
 * ends early is an error. */
bool output_copy(struct output *output, int fd, int64_t offset, int64_t size, struct error *err);

/* Moves the position; the file may be written over, and past its end. */
void output_seek(struct output *output, int64_t offset);
int64_t output_tell(const struct output *output);
int64_t output_size(const struct output *output);

/* Makes it shorter; a position past the new end moves there. */
bool output_truncate(struct output *output, int64_t size, struct error *err);

/* Reads back what was written: short only at the end. */
bool output_read_at(struct output *output, int64_t offset, void *data, size_t size,
                    size_t *ret_size, struct error *err);

/* The descriptor, borrowed, for calls such as copy_file_range(). What is written through it is in
 * the file, but position and size do not know of it: give copy_file_range() its own offset, and
 * seek. */
int output_descriptor(struct output *output);

/* Flushes to disk (but see output_set_repeatable()) and gives the final name; the output is
 * destroyed in any case. */
bool output_commit(struct output *output, struct error *err);

/* Takes NULL. What was written and not committed is gone. */
void output_destroy(struct output *output);

/* The three steps in one, for what is in memory already. */
bool file_write(const char *path, const void *data, size_t size, struct error *err);

/* So that new names in the folder survive a power cut, too. One that cannot be synced is no
 * failure: the files are there. */
void file_sync_folder(const char *folder);

#endif
