/* SPDX-License-Identifier: MIT */
/*
 * A folder of its own for each test of the resolver, and what pages resolve to with it.
 */
#ifndef CLIPNOTES_TESTS_UNIT_EPISODE_FOLDER_H
#define CLIPNOTES_TESTS_UNIT_EPISODE_FOLDER_H

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "episode/resolve.h"
#include "test.h"

/* A folder of its own for each test, with empty files in it. */
static inline int make_folder(void **state)
{
    char *folder = mem_strdup("/tmp/clipnotes-resolve-XXXXXX");
    *state = folder;
    return mkdtemp(folder) ? 0 : -1;
}

static inline void remove_below(const char *folder)
{
    char **names = NULL;
    size_t count = 0;
    assert_true(path_list(folder, &names, &count, NULL));
    for (size_t i = 0; i < count; i++) {
        char *path = path_join(folder, names[i]);
        if (path_is_folder(path))
            remove_below(path);
        remove(path);
        free(path);
    }
    path_list_free(names, count);
}

static inline int remove_folder(void **state)
{
    remove_below(*state);
    rmdir(*state);
    free(*state);
    return 0;
}

static inline char *add_file(const char *folder, const char *name, const char *text)
{
    struct error err = ERROR_INIT;
    char *path = path_join(folder, name), *parent = path_folder(path);
    assert_true(path_make_folder(parent, &err));
    assert_true(file_write(path, text, strlen(text), &err));
    free(parent);
    return path;
}

static inline void add_text(const char *folder, const char *name, const char *text)
{
    free(add_file(folder, name, text));
}

static inline void add_files(const char *folder, const char *const *names)
{
    for (; *names; names++)
        free(add_file(folder, *names, ""));
}

/* What the page resolves to, within the folder. */
static inline void expect_file(const struct resolve_options *options, const char *page,
                               const char *folder, const char *name, const char *by)
{
    struct error err = ERROR_INIT;
    struct resolver *resolver = resolver_create(options, &err);
    assert_no_error(err);
    struct episode *episode = resolver_find(resolver, page, &err);
    char *path = path_join(folder, name);
    assert_no_error(err);
    assert_string_equal(episode->audio, path);
    assert_string_equal(episode->resolved_by, by);
    free(path);
    episode_destroy(episode);
    resolver_destroy(resolver);
}

static inline void expect_failure(const struct resolve_options *options, const char *page,
                                  enum error_kind kind, const char *says)
{
    struct error err = ERROR_INIT;
    struct resolver *resolver = resolver_create(options, &err);
    assert_no_error(err);
    assert_null(resolver_find(resolver, page, &err));
    assert_error(err, kind, says);
    resolver_destroy(resolver);
}

static inline void expect_found(const struct resolve_options *options, const char *page,
                                const char *audio)
{
    struct error err = ERROR_INIT;
    struct resolver *resolver = resolver_create(options, &err);
    assert_no_error(err);
    struct episode *episode = resolver_find(resolver, page, &err);
    assert_no_error(err);
    assert_string_equal(episode->audio, audio);
    episode_destroy(episode);
    resolver_destroy(resolver);
}

#endif
