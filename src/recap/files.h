/* SPDX-License-Identifier: MIT */
/*
 * The files of a job in its output folder, and whose they are.
 *
 * The record knows the digest of every file that the job has written. So a file that is ours can be
 * told from one that somebody else put there, or has changed since:
 *
 *  - What lies beside the clips (the page, the project, the notes) is only ever written over where
 *    it is ours. Somebody else's file stays as it is, and ours gets the name "project.new.rpp".
 *  - What an earlier run made, and the notes no longer ask for (a clip whose title was changed, the
 *    recap in another format), is removed once all of the job is done; only where it is ours still.
 *
 * What stays in the way of ours, or is not ours enough to be removed, is listed as left.
 */
#ifndef CLIPNOTES_RECAP_FILES_H
#define CLIPNOTES_RECAP_FILES_H

#include "base/error.h"
#include "base/log.h"
#include "base/slice.h"
#include "recap/record.h"

struct left_file {
    const char *file;    /* below the folder */
    const char *because; /* static: words for people */
};

/* Texts belong to the arena. */
struct files {
    struct arena *arena;
    const char *folder;
    struct record *record;
    const char **names; /* of this run's files, below the folder */
    size_t count, capacity;
    const char **keys; /* under which the record knows what files_write() wrote, or was left */
    size_t key_count, key_capacity;
    struct left_file *left;
    size_t left_count, left_capacity;
    const char **removed;
    size_t removed_count, removed_capacity;
};

/* `folder` and `record` are borrowed. */
void files_init(struct files *files, const char *folder, struct record *record);
void files_release(struct files *files);

/* Names a file that this run has made by other means; NULL is passed over. */
void files_add(struct files *files, const char *name);

/* Writes a file whole, and remembers that it is ours before it is there. One that holds just that
 * text already is not touched. */
bool files_write(struct files *files, const char *name, struct slice text, struct error *err);

/* Removes what earlier runs made and this one has not named, and the folders that become empty. */
void files_remove_stale(struct files *files);

#endif
