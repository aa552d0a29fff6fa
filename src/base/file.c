/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* O_TMPFILE, copy_file_range, fallocate */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/path.h"

#define READ_STEP          ((size_t)64 * 1024)
#define TEMPORARY_ATTEMPTS 100
#define COPY_STEP          ((int64_t)8 << 20)
#define BLOCK              4096 /* file systems share whole blocks */
#define FOLIO              ((int64_t)64 * 1024)

struct output {
    int fd;
    char *name;      /* as the user gave it, for messages */
    char *path;      /* the final place, behind symbolic links */
    char *folder;    /* that holds it */
    char *temporary; /* the name it has meanwhile; NULL while it has none */
    int64_t position, size;
    bool repeatable;
    struct error failure; /* the first */
};

static bool read_descriptor(int fd, const char *name, struct buffer *ret_data, struct error *err)
{
    size_t before = ret_data->size;
    char *step = mem_alloc(READ_STEP);
    ssize_t got;
    int failure = 0;
    while ((got = read(fd, step, READ_STEP)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            failure = errno;
        if (got < 0 || !buffer_append(ret_data, step, (size_t)got))
            break;
    }
    free(step);
    if (got == 0)
        return true;
    buffer_truncate(ret_data, before);
    if (failure)
        return error_set_errno(err, failure, "%s: cannot be read", name);
    return error_set(err, ERROR_INPUT, "%s: larger than %zu KiB, which is the most that is read",
                     name, ret_data->limit >> 10);
}

bool file_read(const char *path, struct buffer *ret_data, struct error *err)
{
    if (strcmp(path, "-") == 0)
        return read_descriptor(STDIN_FILENO, "standard input", ret_data, err);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(err, errno, "%s: cannot be opened", path);
    bool read = read_descriptor(fd, path, ret_data, err);
    close(fd);
    return read;
}

/* A name in the folder that nobody has. The clock tells apart what processes of the same number
 * left behind, as containers give it out again and again. */
static char *temporary_name(const struct output *output, int attempt)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return mem_format("%s/.clipnotes-%ld-%09ld-%d.tmp", output->folder, (long)getpid(), now.tv_nsec,
                      attempt);
}

static bool open_named(struct output *output)
{
    int failure = EEXIST;
    for (int attempt = 0; attempt < TEMPORARY_ATTEMPTS && failure == EEXIST; attempt++) {
        char *name = temporary_name(output, attempt);
        output->fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (output->fd >= 0) {
            output->temporary = name;
            return true;
        }
        failure = errno;
        free(name);
    }
    errno = failure;
    return false;
}

/* Where the kernel shows the file itself; what linkat() gives a name to. */
static const char *descriptor_path(const struct output *output, char ret_path[static 64])
{
    (void)snprintf(ret_path, 64, "/proc/self/fd/%d", output->fd);
    return ret_path;
}

/* Without /proc a nameless file can never get a name. */
static bool open_nameless(struct output *output)
{
#ifdef O_TMPFILE
    char self[64];
    output->fd = open(output->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    if (output->fd >= 0 && access(descriptor_path(output, self), F_OK) == 0)
        return true;
    if (output->fd >= 0)
        close(output->fd);
    output->fd = -1;
#else
    (void)output;
#endif
    return false;
}

/* Only a regular file may be replaced: /dev/null and a FIFO are there for others, too. */
static bool may_replace(const char *path, struct error *err)
{
    struct stat old;
    if (stat(path, &old) != 0)
        return (errno == ENOENT && path[0]) ||
               error_set_errno(err, errno, "%s: cannot be written", path);
    return S_ISREG(old.st_mode) ||
           error_set(err, ERROR_SYSTEM, "%s: cannot be written: it is %s", path,
                     S_ISDIR(old.st_mode) ? "a folder" : "no regular file");
}

struct output *output_create(const char *path, struct error *err)
{
    struct output *output = mem_zalloc(sizeof *output);
    char *target = realpath(path, NULL);
    output->fd = -1;
    output->name = mem_strdup(path);
    output->path = target ? target : mem_strdup(path);
    output->folder = path_folder(output->path);
    if (may_replace(path, err)) {
        if (open_nameless(output) || open_named(output))
            return output;
        error_set_errno(err, errno, "%s: cannot be written", path);
    }
    output_destroy(output);
    return NULL;
}

void output_set_repeatable(struct output *output)
{
    output->repeatable = true;
}

/* Errors stick: the first is kept for output_commit(), and told to the caller. */
static bool fail(struct output *output, struct error *err)
{
    if (!error_is_set(&output->failure))
        error_set_errno(&output->failure, errno, "%s: cannot be written", output->name);
    return error_set(err, output->failure.kind, "%s", output->failure.message);
}

static void advance(struct output *output, int64_t size)
{
    output->position += size;
    if (output->position > output->size)
        output->size = output->position;
}

bool output_write(struct output *output, const void *data, size_t size, struct error *err)
{
    if (error_is_set(&output->failure))
        return fail(output, err);
    const char *rest = data;
    while (size) {
        ssize_t written = pwrite(output->fd, rest, size, (off_t)output->position);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail(output, err);
        rest += written;
        size -= (size_t)written;
        advance(output, written);
    }
    return true;
}

static bool copy_by_hand(struct output *output, int fd, int64_t offset, int64_t size,
                         struct error *err)
{
    char *step = mem_alloc(READ_STEP);
    while (size) {
        ssize_t got =
            pread(fd, step, size < (int64_t)READ_STEP ? (size_t)size : READ_STEP, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            fail(output, err);
            break;
        }
        if (got == 0) {
            error_set(&output->failure, ERROR_INPUT,
                      "%s: cannot be written: what it is made of became shorter", output->path);
            fail(output, err);
            break;
        }
        if (!output_write(output, step, (size_t)got, err))
            break;
        offset += got;
        size -= got;
    }
    free(step);
    return size == 0;
}

/* Sets the disk to work on a range, to the end if `size` is 0, without waiting for it. */
static void hand_to_disk(const struct output *output, int64_t offset, int64_t size)
{
#ifdef __linux__
    (void)!sync_file_range(output->fd, (off_t)offset, (off_t)size, SYNC_FILE_RANGE_WRITE);
#else
    (void)output, (void)offset, (void)size;
#endif
}

#ifdef __linux__
/* Up to where the file is `FOLIO`s, and then in large steps: Linux copies 64 KiB at a time, and
 * keeps what lies across a multiple of that in many small pieces, at half the speed. */
static size_t copy_step(const struct output *output, int64_t size)
{
    int64_t across = output->position % FOLIO;
    int64_t step = across ? FOLIO - across : COPY_STEP;
    return (size_t)(size < step ? size : step);
}
#endif

/* As much as the system copies by itself; what it does not is left to do by hand. Room is made at
 * once, and the disk is set to work on each step while the next one is copied, so that committing
 * has less to wait for. Where no room is made there may be enough still: data can be shared. */
static int64_t copy_by_system(struct output *output, int fd, int64_t offset, int64_t size)
{
    int64_t done = 0;
#ifdef __linux__
    if (size > COPY_STEP)
        (void)!fallocate(output->fd, 0, (off_t)output->position, (off_t)size);
    while (done < size) {
        off_t from = (off_t)(offset + done), to = (off_t)output->position;
        ssize_t copied =
            copy_file_range(fd, &from, output->fd, &to, copy_step(output, size - done), 0);
        if (copied < 0 && errno == EINTR)
            continue;
        if (copied <= 0)
            break;
        hand_to_disk(output, output->position, copied);
        advance(output, copied);
        done += copied;
    }
#else
    (void)output, (void)fd, (void)offset, (void)size;
#endif
    return done;
}

bool output_copy(struct output *output, int fd, int64_t offset, int64_t size, struct error *err)
{
    if (error_is_set(&output->failure))
        return fail(output, err);
    int64_t head = (BLOCK - offset % BLOCK) % BLOCK;
    if (head && head < size && offset % BLOCK == output->position % BLOCK) {
        if (!copy_by_hand(output, fd, offset, head, err))
            return false;
        offset += head;
        size -= head;
    }
    int64_t done = copy_by_system(output, fd, offset, size);
    return copy_by_hand(output, fd, offset + done, size - done, err);
}

void output_seek(struct output *output, int64_t offset)
{
    output->position = offset;
}

int64_t output_tell(const struct output *output)
{
    return output->position;
}

int64_t output_size(const struct output *output)
{
    return output->size;
}

bool output_truncate(struct output *output, int64_t size, struct error *err)
{
    if (ftruncate(output->fd, (off_t)size) != 0)
        return fail(output, err);
    output->size = size;
    if (output->position > size)
        output->position = size;
    return true;
}

bool output_read_at(struct output *output, int64_t offset, void *data, size_t size,
                    size_t *ret_size, struct error *err)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got =
            pread(output->fd, (char *)data + done, size - done, (off_t)offset + (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(err, errno, "%s: cannot be read back", output->name);
        if (got == 0)
            break;
        done += (size_t)got;
    }
    *ret_size = done;
    return true;
}

int output_descriptor(struct output *output)
{
    return output->fd;
}

/* What replaces a file belongs to the same people and is open to no others. Who may not give files
 * away keeps them. */
static void take_over_rights(struct output *output)
{
    struct stat old;
    if (stat(output->path, &old) != 0)
        return;
    bool given = fchown(output->fd, old.st_uid, old.st_gid) == 0;
    (void)given;
    (void)fchmod(output->fd, old.st_mode & 0777);
}

/* linkat() gives a nameless file its name but replaces nothing; rename() replaces a file in one
 * step but needs a name to begin with. */
static bool give_name(struct output *output)
{
    char self[64];
    descriptor_path(output, self);
    if (linkat(AT_FDCWD, self, AT_FDCWD, output->path, AT_SYMLINK_FOLLOW) == 0)
        return true;
    int failure = errno;
    for (int attempt = 0; attempt < TEMPORARY_ATTEMPTS && failure == EEXIST; attempt++) {
        char *name = temporary_name(output, attempt);
        if (linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0) {
            output->temporary = name;
            return true;
        }
        failure = errno;
        free(name);
    }
    errno = failure;
    return false;
}

void file_sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

/* One that is not waited for is closed once all the same: network file systems tell only then what
 * they could not take. */
static bool reach_disk(struct output *output, bool wait)
{
    if (wait)
        return fsync(output->fd) == 0 || errno == EINVAL || errno == EROFS;
    hand_to_disk(output, 0, 0);
    int other = dup(output->fd);
    return other < 0 || close(other) == 0 || errno == EINTR;
}

/* What replaces a file is on the disk before that one is given up, be it that it came into being
 * only just now. */
static bool commit(struct output *output, struct error *err)
{
    if (error_is_set(&output->failure))
        return fail(output, err);
    take_over_rights(output);
    bool wait = !output->repeatable || output->temporary || access(output->path, F_OK) == 0;
    if (!reach_disk(output, wait))
        return fail(output, err);
    if (!output->temporary && !give_name(output))
        return fail(output, err);
    bool came_meanwhile = output->temporary && !wait;
    if (came_meanwhile && !reach_disk(output, true))
        return fail(output, err);
    if (output->temporary && rename(output->temporary, output->path) != 0)
        return fail(output, err);
    free(output->temporary);
    output->temporary = NULL;
    if (wait || came_meanwhile)
        file_sync_folder(output->folder);
    return true;
}

bool output_commit(struct output *output, struct error *err)
{
    bool committed = commit(output, err);
    output_destroy(output);
    return committed;
}

void output_destroy(struct output *output)
{
    if (!output)
        return;
    if (output->fd >= 0)
        close(output->fd);
    if (output->temporary)
        unlink(output->temporary);
    free(output->temporary);
    free(output->folder);
    free(output->path);
    free(output->name);
    error_release(&output->failure);
    free(output);
}

bool file_write(const char *path, const void *data, size_t size, struct error *err)
{
    struct output *output = output_create(path, err);
    if (!output)
        return false;
    if (!output_write(output, data, size, err)) {
        output_destroy(output);
        return false;
    }
    return output_commit(output, err);
}
