/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing at a place in a file, without the ways in which the system may do half of it;
 * and the disk that it is on.
 */
#ifndef CLIPNOTES_FETCH_DISK_H
#define CLIPNOTES_FETCH_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* All of it, short only at the end of the file. -1 on failure, with errno. */
ssize_t disk_read_at(int fd, void *data, size_t size, int64_t offset);

/* All of it; false with errno. */
bool disk_write_at(int fd, const void *data, size_t size, int64_t offset);

/* What is not there is removed already. */
bool disk_remove(const char *path, struct error *err);

/* There is room for so many bytes more on the disk of that folder, and some is left for others. */
bool disk_has_room(const char *folder, int64_t bytes, struct error *err);

#endif
