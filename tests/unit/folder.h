/* SPDX-License-Identifier: MIT */
/*
 * A folder of its own for a test, and child processes for what would end the test.
 */
#ifndef CLIPNOTES_TESTS_UNIT_FOLDER_H
#define CLIPNOTES_TESTS_UNIT_FOLDER_H

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "test.h"

/* A new empty folder, for folder_remove(). */
static inline char *folder_create(void)
{
    const char *parent = getenv("TMPDIR");
    char *folder = mem_format("%s/clipnotes-test-XXXXXX", parent ? parent : "/tmp");
    assert_non_null(mkdtemp(folder));
    return folder;
}

static inline void folder_empty(const char *folder)
{
    char **names = NULL;
    size_t count = 0;
    assert_true(path_list(folder, &names, &count, NULL));
    for (size_t i = 0; i < count; i++) {
        char *path = path_join(folder, names[i]);
        if (unlink(path) != 0) {
            folder_empty(path);
            assert_int_equal(rmdir(path), 0);
        }
        free(path);
    }
    path_list_free(names, count);
}

static inline void folder_remove(char *folder)
{
    folder_empty(folder);
    assert_int_equal(rmdir(folder), 0);
    free(folder);
}

static inline size_t folder_count(const char *folder)
{
    char **names = NULL;
    size_t count = 0;
    assert_true(path_list(folder, &names, &count, NULL));
    path_list_free(names, count);
    return count;
}

/* Makes a file in the plainest way there is. */
static inline void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static inline void assert_file(const char *path, const char *text)
{
    struct buffer data = BUFFER_INIT(BUFFER_UNBOUNDED);
    assert_true(file_read(path, &data, NULL));
    assert_string_equal(buffer_text(&data), text);
    buffer_release(&data);
}

/* How a child ended, its exit status or minus its signal, and what it said on standard error. */
struct ending {
    int status;
    char said[256];
};

/* Does `work` in a child process, whose exit status is what `work` returns. */
static inline struct ending in_child(int (*work)(void *context), void *context)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        _exit(work(context));
    }
    close(ends[1]);
    struct ending ending = {0};
    size_t size = 0;
    ssize_t got;
    while ((got = read(ends[0], ending.said + size, sizeof ending.said - 1 - size)) > 0)
        size += (size_t)got;
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    ending.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    return ending;
}

#endif
