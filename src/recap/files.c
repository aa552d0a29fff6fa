/* SPDX-License-Identifier: MIT */
#include "recap/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "format/json.h"

static const char in_the_way[] = "not written by clipnotes, or changed since; ours is beside it";
static const char not_ours[] = "no longer part of the recap, but changed since it was written";

/* The files that one piece of the record tells of: members that hold name, size and digest. */
static const struct {
    const char *name, *bytes, *sha256;
} members[] = {
    {"file", "bytes", "sha256"},
    {"transcript", "transcript_bytes", "transcript_sha256"},
};

#define MEMBERS (sizeof members / sizeof *members)

void files_init(struct files *files, const char *folder, struct record *record)
{
    *files = (struct files){.arena = arena_create(), .folder = folder, .record = record};
}

void files_release(struct files *files)
{
    arena_destroy(files->arena);
    *files = (struct files){0};
}

static void add_text(struct files *files, const char ***list, size_t *count, size_t *capacity,
                     const char *text)
{
    *list = arena_grow(files->arena, *list, capacity, *count + 1, sizeof **list);
    (*list)[(*count)++] = arena_strdup(files->arena, text);
}

void files_add(struct files *files, const char *name)
{
    if (name)
        add_text(files, &files->names, &files->count, &files->capacity, name);
}

static void add_key(struct files *files, const char *key)
{
    add_text(files, &files->keys, &files->key_count, &files->key_capacity, key);
}

static void add_left(struct files *files, const char *name, const char *because)
{
    for (size_t i = 0; i < files->left_count; i++)
        if (strcmp(files->left[i].file, name) == 0)
            return;
    files->left = arena_grow(files->arena, files->left, &files->left_capacity,
                             files->left_count + 1, sizeof *files->left);
    files->left[files->left_count++] =
        (struct left_file){arena_strdup(files->arena, name), because};
}

/* Whether the piece tells of a file of this name, which has on disk the digest that it tells. */
static bool is_as_told(const struct value *piece, size_t member, const char *name, const char *path)
{
    const char *told = value_text(value_get(piece, members[member].name));
    int64_t bytes = -1;
    return told && strcmp(told, name) == 0 &&
           value_int64(value_get(piece, members[member].bytes), &bytes) &&
           record_file_is(path, bytes, value_text(value_get(piece, members[member].sha256)));
}

static bool is_ours(const struct files *files, const char *name, const char *path)
{
    const struct value *piece;
    for (size_t i = 0; (piece = record_piece(files->record, i)); i++)
        for (size_t k = 0; k < MEMBERS; k++)
            if (is_as_told(piece, k, name, path))
                return true;
    return false;
}

/* "project.new.rpp", then "project.new-2.rpp". */
static char *other_name(const char *name, int number)
{
    struct slice extension = path_extension(name);
    int stem = (int)(strlen(name) - extension.size - (extension.size > 0));
    const char *dot = extension.size ? "." : "";
    return number == 1
               ? mem_format("%.*s.new%s%.*s", stem, name, dot, SLICE_ARGS(extension))
               : mem_format("%.*s.new-%d%s%.*s", stem, name, number, dot, SLICE_ARGS(extension));
}

/* Remembers it first: a file of ours that the record does not know would be taken for another's. */
static bool write_own(struct files *files, const char *name, const char *path, struct slice text,
                      const char *sha256, bool there, struct error *err)
{
    char key[HASH_TEXT_SIZE];
    struct record_key parts = RECORD_KEY_INIT;
    record_key_text(&parts, "beside", name);
    record_key_text(&parts, "sha256", sha256);
    record_key_finish(&parts, key);

    struct buffer line = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct json_writer json = JSON_WRITER(&line, JSON_ONE_LINE);
    json_begin_object(&json, NULL);
    json_put_string(&json, "key", key);
    json_put_string(&json, "beside", name);
    json_put_string(&json, "file", name);
    json_put_string(&json, "sha256", sha256);
    json_put_int(&json, "bytes", (int64_t)text.size);
    json_end(&json);
    bool known = record_find(files->record, key) != NULL;
    bool done = (known || record_add(files->record, buffer_slice(&line), err)) &&
                (there || file_write(path, text.data, text.size, err));
    buffer_release(&line);
    files_add(files, name);
    add_key(files, key);
    return done;
}

bool files_write(struct files *files, const char *name, struct slice text, struct error *err)
{
    char sha256[HASH_TEXT_SIZE];
    char *own = mem_strdup(name), *path = path_join(files->folder, own);
    hash_bytes(text.data, text.size, sha256);
    bool there = false;
    for (int number = 1;; number++) {
        there = record_file_is(path, (int64_t)text.size, sha256);
        if (there || access(path, F_OK) != 0 || is_ours(files, own, path))
            break;
        add_left(files, own, in_the_way);
        free(path);
        free(own);
        own = other_name(name, number);
        path = path_join(files->folder, own);
    }
    bool written = write_own(files, own, path, text, sha256, there, err);
    free(path);
    free(own);
    return written;
}

static bool is_named(const struct files *files, const char *name)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->names[i], name) == 0)
            return true;
    return false;
}

/* A record that somebody has written by hand must not lead out of the folder. */
static bool stays_inside(const char *name)
{
    struct slice rest = slice_of(name), part;
    if (*name == '/')
        return false;
    while (slice_take_field(&rest, '/', &part))
        if (slice_equal(part, SLICE("..")))
            return false;
    return true;
}

/* The folders above a file that was removed, as far as they are empty. */
static void remove_folders(const struct files *files, const char *name)
{
    char *folder = path_folder(name);
    while (strcmp(folder, ".") != 0) {
        char *path = path_join(files->folder, folder);
        bool removed = rmdir(path) == 0;
        free(path);
        char *above = removed ? path_folder(folder) : mem_strdup(".");
        free(folder);
        folder = above;
    }
    free(folder);
}

static void remove_file(struct files *files, const char *name, const char *path)
{
    if (unlink(path) != 0)
        return;
    add_text(files, &files->removed, &files->removed_count, &files->removed_capacity, name);
    remove_folders(files, name);
}

/* Calls `visit` for each file that the record tells of and this run has not named. */
static void visit_stale(struct files *files,
                        void (*visit)(struct files *files, const struct value *piece, size_t member,
                                      const char *name, const char *path))
{
    const struct value *piece;
    for (size_t i = 0; (piece = record_piece(files->record, i)); i++)
        for (size_t k = 0; k < MEMBERS; k++) {
            const char *name = value_text(value_get(piece, members[k].name));
            if (!name || !stays_inside(name) || is_named(files, name))
                continue;
            char *path = path_join(files->folder, name);
            visit(files, piece, k, name, path);
            free(path);
        }
}

static void remove_if_ours(struct files *files, const struct value *piece, size_t member,
                           const char *name, const char *path)
{
    if (is_as_told(piece, member, name, path))
        remove_file(files, name, path);
}

/* It stays in the record, so that the next run still knows that we made it. */
static void list_as_left(struct files *files, const struct value *piece, size_t member,
                         const char *name, const char *path)
{
    const char *key = value_text(value_get(piece, "key"));
    (void)member;
    if (access(path, F_OK) != 0)
        return;
    add_left(files, name, not_ours);
    add_key(files, key);
}

void files_remove_stale(struct files *files)
{
    visit_stale(files, remove_if_ours);
    visit_stale(files, list_as_left);
}
