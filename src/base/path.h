/* SPDX-License-Identifier: MIT */
/*
 * File names as text. What is returned as a slice is borrowed from the argument.
 */
#ifndef CLIPNOTES_BASE_PATH_H
#define CLIPNOTES_BASE_PATH_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/slice.h"

/* "a/b.mp3" of "a" (or "a/") and "b.mp3"; an absolute `name` stays as it is. For free(). */
char *path_join(const char *folder, const char *name);

/* The last part: "b.mp3" of "a/b.mp3". */
struct slice path_name(const char *path);

/* The last part without its extension: "b" of "a/b.mp3"; ".b" of "a/.b". */
struct slice path_stem(const char *path);

/* The extension without its dot: "mp3" of "a/b.mp3"; empty where there is none. */
struct slice path_extension(const char *path);

/* The folder that holds it: "a" of "a/b.mp3", "." of "b.mp3". For free(). */
char *path_folder(const char *path);

/* Makes the folder and those above it; one that is there already is right. */
bool path_make_folder(const char *path, struct error *err);

/* The entries of a folder by name in byte order, without "." and "..": *ret_names is an array for
 * path_list_free(). */
bool path_list(const char *folder, char ***ret_names, size_t *ret_count, struct error *err);
void path_list_free(char **names, size_t count);

bool path_is_folder(const char *path);

/* What a file is, under all its names. */
struct file_identity {
    dev_t device;
    ino_t node;
};

/* False where nothing is there. */
bool path_identify(const char *path, struct file_identity *ret_identity);
bool file_identity_equal(struct file_identity a, struct file_identity b);

/* Are both there, and one file, perhaps by links? */
bool path_is_same_file(const char *a, const char *b);

/* Is the open file still the one of that name? */
bool path_is_open_file(const char *path, int fd);

#endif
