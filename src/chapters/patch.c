/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* O_DIRECT */
#include "chapters/patch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/vfs.h>
#include <sys/xattr.h>
#endif

#include "base/file.h"
#include "base/path.h"

#define BLOCK        4096
#define MAX_IN_PLACE (1 << 20)

void patch_init(struct patch *patch)
{
    *patch = (struct patch){.arena = arena_create()};
}

void patch_release(struct patch *patch)
{
    arena_destroy(patch->arena);
    *patch = (struct patch){0};
}

void patch_replace(struct patch *patch, int64_t offset, int64_t removed, struct slice inserted)
{
    patch->items = arena_grow(patch->arena, patch->items, &patch->capacity, patch->count + 1,
                              sizeof *patch->items);
    patch->items[patch->count++] =
        (struct splice){offset,
                        removed,
                        {arena_strndup(patch->arena, inserted.data, inserted.size), inserted.size}};
}

int64_t patch_growth(const struct patch *patch)
{
    return patch_moved(patch, INT64_MAX / 2) - INT64_MAX / 2;
}

int64_t patch_moved(const struct patch *patch, int64_t offset)
{
    int64_t moved = offset;
    for (size_t i = 0; i < patch->count && patch->items[i].offset <= offset; i++)
        moved += (int64_t)patch->items[i].inserted.size - patch->items[i].removed;
    return moved;
}

struct patched_file {
    char *path; /* without symbolic links where it is to be replaced itself */
    int fd;
    struct stat status; /* when it was opened */
    struct source *source;
};

static bool is_writable(const char *path, struct error *err)
{
    if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0)
        return true;
    return error_set_errno(err, errno, "%s: cannot be changed in place; write a copy with -o",
                           path);
}

/* Any number may make copies at a time, but none while the file itself is changed. */
static bool open_locked(struct patched_file *file, bool in_place, struct error *err)
{
    file->fd = open(file->path, O_RDONLY | O_CLOEXEC);
    if (file->fd < 0)
        return error_set_errno(err, errno, "%s: cannot be opened", file->path);
    if (flock(file->fd, (in_place ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return error_set(err, ERROR_SYSTEM, "%s: another program is changing it", file->path);
    if (fstat(file->fd, &file->status) != 0)
        return error_set_errno(err, errno, "%s: cannot be read", file->path);
    file->source = source_open_file(file->path, err);
    return file->source != NULL;
}

struct patched_file *patched_file_open(const char *path, bool in_place, struct error *err)
{
    struct patched_file *file = mem_zalloc(sizeof *file);
    file->fd = -1;
    file->path = in_place ? realpath(path, NULL) : mem_strdup(path);
    if (!file->path)
        error_set_errno(err, errno, "%s: cannot be opened", path);
    else if ((!in_place || is_writable(file->path, err)) && open_locked(file, in_place, err))
        return file;
    patched_file_close(file);
    return NULL;
}

void patched_file_close(struct patched_file *file)
{
    if (!file)
        return;
    source_destroy(file->source);
    if (file->fd >= 0)
        close(file->fd);
    free(file->path);
    free(file);
}

struct source *patched_file_source(struct patched_file *file)
{
    return file->source;
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* Does the name still stand for the bytes that the patch was made for? */
static bool is_unchanged(const struct patched_file *file, struct error *err)
{
    struct stat now;
    if (stat(file->path, &now) == 0 && now.st_dev == file->status.st_dev &&
        now.st_ino == file->status.st_ino && now.st_size == file->status.st_size &&
        same_time(now.st_mtim, file->status.st_mtim))
        return true;
    return error_set(err, ERROR_SYSTEM,
                     "%s: was changed meanwhile by another program; nothing was "
                     "written, try again",
                     file->path);
}

/* A range of the file and what it is to hold. */
struct range {
    int64_t start, end;
    uint8_t *bytes; /* aligned for direct writing; owned */
};

/* From the first byte that differs to behind the last, moved out to whole blocks. False where the
 * patch moves bytes, or changes too much, or reaches into the last, broken block. */
static bool plan_in_place(const struct patch *patch, int64_t file_size, struct range *ret_range)
{
    if (!patch->count)
        return false;
    const struct splice *last = &patch->items[patch->count - 1];
    int64_t start = patch->items[0].offset / BLOCK * BLOCK;
    int64_t end = (last->offset + last->removed + BLOCK - 1) / BLOCK * BLOCK;
    for (size_t i = 0; i < patch->count; i++)
        if ((int64_t)patch->items[i].inserted.size != patch->items[i].removed)
            return false;
    if (end - start > MAX_IN_PLACE || end > file_size)
        return false;
    *ret_range = (struct range){start, end, NULL};
    return true;
}

static bool fill_range(const struct patch *patch, struct source *source, struct range *range,
                       struct error *err)
{
    size_t size = (size_t)(range->end - range->start);
    range->bytes = aligned_alloc(BLOCK, size);
    if (!range->bytes)
        return error_set(err, ERROR_SYSTEM, "%s: no memory to change it in place", source->name);
    if (!source_read_exactly(source, range->start, range->bytes, size, err))
        return false;
    for (size_t i = 0; i < patch->count; i++) {
        const struct splice *splice = &patch->items[i];
        memcpy(range->bytes + (splice->offset - range->start), splice->inserted.data,
               splice->inserted.size);
    }
    return true;
}

/* Is a direct write to this file one that a kill cannot divide? */
static bool writes_whole(int fd)
{
#ifdef __linux__
    static const uint32_t file_systems[] = {
        0xEF53,     /* ext2, ext3, ext4 */
        0x58465342, /* XFS */
        0x9123683E, /* Btrfs */
        0xF2F52010, /* F2FS */
        0x794C7630, /* overlay */
    };
    struct statfs status;
    if (fstatfs(fd, &status) != 0)
        return false;
    for (size_t i = 0; i < sizeof file_systems / sizeof *file_systems; i++)
        if ((uint32_t)status.f_type == file_systems[i])
            return true;
#endif
    (void)fd;
    return false;
}

static int open_direct(const struct patched_file *file)
{
#ifdef O_DIRECT
    return open(file->path, O_WRONLY | O_DIRECT | O_CLOEXEC);
#else
    (void)file;
    return -1;
#endif
}

enum outcome {
    DONE,
    FAILED,
    NOT_POSSIBLE, /* nothing was written; the other way is open */
};

static enum outcome write_range(const struct patched_file *file, const struct range *range,
                                struct error *err)
{
    int fd = open_direct(file);
    if (fd < 0)
        return NOT_POSSIBLE;
    enum outcome outcome = NOT_POSSIBLE;
    size_t size = (size_t)(range->end - range->start);
    if (writes_whole(fd)) {
        ssize_t written = -1;
        if (!is_unchanged(file, err))
            outcome = FAILED;
        else if ((written = pwrite(fd, range->bytes, size, (off_t)range->start)) == (ssize_t)size)
            outcome = DONE;
        else if (written >= 0 || errno == EIO) {
            error_set(err, ERROR_SYSTEM, "%s: the disk did not take a change in place", file->path);
            outcome = FAILED;
        }
    }
    if (outcome == DONE && fdatasync(fd) != 0) {
        error_set_errno(err, errno, "%s: cannot be written", file->path);
        outcome = FAILED;
    }
    close(fd);
    return outcome;
}

static enum outcome apply_in_place(const struct patch *patch, struct patched_file *file,
                                   struct error *err)
{
    struct range range;
    if (!plan_in_place(patch, file->source->size, &range))
        return NOT_POSSIBLE;
    enum outcome outcome = FAILED;
    if (fill_range(patch, file->source, &range, err))
        outcome = write_range(file, &range, err);
    free(range.bytes);
    return outcome;
}

#ifdef __linux__
static void keep_extended_attribute(int from, int to, const char *name)
{
    ssize_t size = fgetxattr(from, name, NULL, 0);
    if (size < 0)
        return;
    char *value = mem_alloc((size_t)size + 1);
    size = fgetxattr(from, name, value, (size_t)size);
    if (size >= 0)
        (void)!fsetxattr(to, name, value, (size_t)size, 0);
    free(value);
}
#endif

/* Access lists, labels and what people note on files; what we may not set stays behind. */
static void keep_extended_attributes(int from, int to)
{
#ifdef __linux__
    ssize_t size = flistxattr(from, NULL, 0);
    if (size <= 0)
        return;
    char *names = mem_alloc((size_t)size);
    size = flistxattr(from, names, (size_t)size);
    for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names + at) + 1)
        keep_extended_attribute(from, to, names + at);
    free(names);
#else
    (void)from, (void)to;
#endif
}

/* Mode as it was; the owner where we may. */
static void keep_attributes(const struct patched_file *file, int fd)
{
    keep_extended_attributes(file->fd, fd);
    if (fchown(fd, file->status.st_uid, file->status.st_gid) != 0)
        (void)!fchown(fd, (uid_t)-1, file->status.st_gid);
    (void)!fchmod(fd, file->status.st_mode & 07777);
}

static bool write_pieces(const struct patch *patch, struct patched_file *file,
                         struct output *output, struct error *err)
{
    int64_t position = 0;
    for (size_t i = 0; i < patch->count; i++) {
        const struct splice *splice = &patch->items[i];
        if (!output_copy(output, file->fd, position, splice->offset - position, err) ||
            !output_write(output, splice->inserted.data, splice->inserted.size, err))
            return false;
        position = splice->offset + splice->removed;
    }
    return output_copy(output, file->fd, position, file->source->size - position, err);
}

static bool rewrite(const struct patch *patch, struct patched_file *file, const char *path,
                    bool repeatable, struct error *err)
{
    struct output *output = output_create(path, err);
    if (!output)
        return false;
    if (!write_pieces(patch, file, output, err) || !is_unchanged(file, err)) {
        output_destroy(output);
        return false;
    }
    bool replace = path == file->path;
    if (replace)
        keep_attributes(file, output_descriptor(output));
    if (repeatable)
        output_set_repeatable(output);
    return output_commit(output, err);
}

/* Drops from each splice the bytes that stay as they are at its beginning and end. */
static bool trim(const struct patch *patch, struct source *source, struct patch *trimmed,
                 struct error *err)
{
    for (size_t i = 0; i < patch->count; i++) {
        struct splice s = patch->items[i];
        if (s.removed != (int64_t)s.inserted.size) {
            patch_replace(trimmed, s.offset, s.removed, s.inserted);
            continue;
        }
        char *old = mem_alloc((size_t)s.removed + 1);
        bool read = source_read_exactly(source, s.offset, old, (size_t)s.removed, err);
        size_t first = 0, last = (size_t)s.removed;
        while (read && first < last && old[first] == s.inserted.data[first])
            first++;
        while (read && last > first && old[last - 1] == s.inserted.data[last - 1])
            last--;
        free(old);
        if (!read)
            return false;
        if (first < last)
            patch_replace(trimmed, s.offset + (int64_t)first, (int64_t)(last - first),
                          slice_first(slice_from(s.inserted, first), last - first));
    }
    return true;
}

static bool apply_to_itself(const struct patch *patch, struct patched_file *file,
                            enum patch_way *ret_way, struct error *err)
{
    struct patch trimmed;
    patch_init(&trimmed);
    bool applied = trim(patch, file->source, &trimmed, err);
    if (applied && !trimmed.count) {
        *ret_way = PATCH_NOTHING;
    } else if (applied) {
        enum outcome outcome = apply_in_place(&trimmed, file, err);
        *ret_way = outcome == DONE ? PATCH_IN_PLACE : PATCH_REWRITE;
        applied = outcome == DONE ||
                  (outcome == NOT_POSSIBLE && rewrite(&trimmed, file, file->path, false, err));
    }
    patch_release(&trimmed);
    return applied;
}

bool patch_apply(const struct patch *patch, struct patched_file *file, const char *output,
                 bool repeatable, enum patch_way *ret_way, struct error *err)
{
    if (!output || path_is_open_file(output, file->fd))
        return apply_to_itself(patch, file, ret_way, err);
    *ret_way = PATCH_REWRITE;
    return rewrite(patch, file, output, repeatable, err);
}
