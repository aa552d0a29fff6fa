/* SPDX-License-Identifier: MIT */
/*
 * A folder for a test's files, and small files in it.
 */
#ifndef CLIPNOTES_TESTS_UNIT_CHAPTERS_FILES_H
#define CLIPNOTES_TESTS_UNIT_CHAPTERS_FILES_H

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "test.h"

/* "FOLDER/NAME" in a new folder; both are for drop_file(). */
static inline char *new_file(const char *name, const void *data, size_t size)
{
    char folder[] = "/tmp/clipnotes-test-XXXXXX";
    struct error err = ERROR_INIT;
    assert_non_null(mkdtemp(folder));
    char *path = mem_format("%s/%s", folder, name);
    assert_true(file_write(path, data, size, &err));
    return path;
}

static inline struct buffer file_bytes(const char *path)
{
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct error err = ERROR_INIT;
    assert_true(file_read(path, &bytes, &err));
    return bytes;
}

static inline void assert_file(const char *path, const void *data, size_t size)
{
    struct buffer bytes = file_bytes(path);
    assert_int_equal(bytes.size, size);
    assert_memory_equal(bytes.data, data, size);
    buffer_release(&bytes);
}

static inline void drop_file(char *path)
{
    unlink(path);
    *strrchr(path, '/') = '\0';
    assert_int_equal(rmdir(path), 0); /* nothing else was left there */
    free(path);
}

#endif
