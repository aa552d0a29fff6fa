/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* F_OFD_SETLK, flock() */
#include "fetch/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/path.h"
#include "fetch/clock.h"
#include "fetch/disk.h"
#include "format/url.h"

#define LOCK_POLL 20 /* ms */

/* No audio file is larger; a map that says so is damaged. */
#define MOST_BYTES ((int64_t)1 << 44)

char *cache_name(const char *key)
{
    char digest[HASH_TEXT_SIZE];
    hash_bytes(key, strlen(key), digest);
    return mem_strndup(digest, CACHE_NAME_SIZE);
}

/* Waits with an eye on the stop flag, so not in the system call. */
static bool lock_map(struct cache_entry *entry, int operation, struct error *err)
{
    while (flock(entry->map, operation | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return true; /* no locks on this file system: the marks hold without */
        if (!clock_sleep(LOCK_POLL, entry->stop, err))
            return false;
    }
    return true;
}

static bool open_data(struct cache_entry *entry, int flags)
{
    entry->data_path = path_join(entry->folder, entry->meta.file);
    flags |= entry->read_only ? O_RDONLY : O_RDWR;
    entry->data = open(entry->data_path, O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    return entry->data >= 0;
}

static void forget_data(struct cache_entry *entry)
{
    if (entry->data >= 0)
        close(entry->data);
    entry->data = -1;
    free(entry->data_path);
    entry->data_path = NULL;
    free(entry->trusted);
    entry->trusted = NULL;
    meta_release(&entry->meta);
    entry->held = false;
}

static void become_held(struct cache_entry *entry)
{
    entry->trusted = mem_zalloc((size_t)(entry->meta.size / CACHE_BLOCK / 8 + 1));
    entry->held = true;
}

/* The name of our own making, so that a map from elsewhere leads to no other file. */
static bool is_own_file(const struct cache_entry *entry, const char *file)
{
    return file && slice_starts(slice_of(file), slice_of(entry->name)) && !strchr(file, '/');
}

static bool read_header(struct cache_entry *entry)
{
    char *text = mem_alloc(META_MAX_SIZE);
    ssize_t got = disk_read_at(entry->map, text, META_MAX_SIZE, 0);
    struct slice rest = {text, got > 0 ? (size_t)got : 0};
    bool read = meta_read(&rest, &entry->meta) && entry->meta.size >= 0 &&
                entry->meta.size <= MOST_BYTES && entry->meta.url &&
                is_own_file(entry, entry->meta.file) && open_data(entry, 0);
    free(text);
    if (read)
        become_held(entry);
    else
        forget_data(entry);
    return read;
}

enum attempt {
    ATTEMPT_DONE,
    ATTEMPT_AGAIN,
    ATTEMPT_FAILED,
};

/* Shared while it is held, exclusive while it is empty. */
static enum attempt lock_and_read(struct cache_entry *entry, struct error *err)
{
    if (!lock_map(entry, LOCK_SH, err))
        return ATTEMPT_FAILED;
    if (!path_is_open_file(entry->map_path, entry->map))
        return ATTEMPT_AGAIN;
    if (read_header(entry))
        return ATTEMPT_DONE;
    if (entry->read_only) {
        error_set_errno(err, EROFS, "%s: cannot be written", entry->map_path);
        return ATTEMPT_FAILED;
    }
    if (!lock_map(entry, LOCK_EX, err))
        return ATTEMPT_FAILED;
    if (!path_is_open_file(entry->map_path, entry->map))
        return ATTEMPT_AGAIN;
    if (read_header(entry))
        return lock_map(entry, LOCK_SH, err) ? ATTEMPT_DONE : ATTEMPT_FAILED;
    if (ftruncate(entry->map, 0) != 0) {
        error_set_errno(err, errno, "%s: cannot be written", entry->map_path);
        return ATTEMPT_FAILED;
    }
    return ATTEMPT_DONE;
}

static enum attempt open_once(struct cache_entry *entry, struct error *err)
{
    if (entry->map >= 0)
        close(entry->map);
    entry->map = open(entry->map_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int failure = errno;
    if (entry->map < 0 && (failure == EACCES || failure == EROFS || failure == EPERM)) {
        entry->map = open(entry->map_path, O_RDONLY | O_CLOEXEC);
        entry->read_only = true;
    }
    if (entry->map < 0) {
        error_set_errno(err, failure, "%s: cannot be written", entry->map_path);
        return ATTEMPT_FAILED;
    }
    return lock_and_read(entry, err);
}

/* `name` is taken over. */
static struct cache_entry *entry_create(const char *folder, char *name)
{
    struct cache_entry *entry = mem_zalloc(sizeof *entry);
    entry->name = name;
    entry->folder = mem_strdup(folder);
    entry->map_path = mem_format("%s/%s.map", folder, name);
    entry->map = entry->data = -1;
    entry->meta = (struct meta)META_INIT;
    return entry;
}

struct cache_entry *cache_open(const char *folder, const char *key, const atomic_bool *stop,
                               struct error *err)
{
    struct cache_entry *entry = entry_create(folder, cache_name(key));
    entry->stop = stop;
    enum attempt attempt;
    do {
        attempt = open_once(entry, err);
    } while (attempt == ATTEMPT_AGAIN);
    if (attempt == ATTEMPT_FAILED) {
        entry->held = true; /* nothing of it is ours to remove */
        cache_close(entry);
        return NULL;
    }
    futimens(entry->map, NULL); /* when it was last used */
    return entry;
}

/* Only while it is still ours: another may have taken its place. */
static void remove_names(struct cache_entry *entry)
{
    if (entry->map >= 0 && path_is_open_file(entry->map_path, entry->map))
        unlink(entry->map_path);
    if (entry->data_path)
        unlink(entry->data_path);
}

void cache_close(struct cache_entry *entry)
{
    if (!entry)
        return;
    if (!entry->held)
        remove_names(entry);
    forget_data(entry);
    if (entry->map >= 0)
        close(entry->map);
    free(entry->map_path);
    free(entry->folder);
    free(entry->name);
    free(entry);
}

void cache_discard(struct cache_entry *entry)
{
    remove_names(entry);
}

struct cache_entry *cache_peek(const char *folder, const char *name)
{
    struct cache_entry *entry = entry_create(folder, mem_strdup(name));
    entry->map = open(entry->map_path, O_RDONLY | O_CLOEXEC);
    entry->read_only = true;
    bool held = entry->map >= 0 && read_header(entry);
    entry->held = true; /* so that closing removes nothing */
    if (held)
        return entry;
    cache_close(entry);
    return NULL;
}

static bool remove_all(const char *folder, const char *name, struct error *err)
{
    char **files = NULL;
    size_t count = 0;
    if (!path_list(folder, &files, &count, err))
        return false;
    bool removed = true;
    for (size_t i = 0; i < count; i++) {
        char *path = path_join(folder, files[i]);
        if (slice_starts(slice_of(files[i]), slice_of(name)))
            removed = disk_remove(path, err) && removed;
        free(path);
    }
    path_list_free(files, count);
    return removed;
}

bool cache_remove(const char *folder, const char *name, struct error *err)
{
    char *path = mem_format("%s/%s.map", folder, name);
    int map = open(path, O_RDWR | O_CLOEXEC);
    free(path);
    bool used = map >= 0 && flock(map, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    bool removed = !used && remove_all(folder, name, err);
    if (map >= 0)
        close(map);
    return removed;
}

/* Players go by the extension. */
static char *extension_of(const char *url)
{
    char *path = url_path(url, false);
    struct slice extension = path ? path_extension(path) : SLICE("");
    bool plain = extension.size > 0 && extension.size <= 4;
    for (size_t i = 0; i < extension.size; i++)
        plain = plain && (byte_is_alpha(extension.data[i]) || byte_is_digit(extension.data[i]));
    char *copy = plain ? slice_dup(extension) : mem_strdup("audio");
    free(path);
    return copy;
}

/* Another name for each generation of the file: who uses an older one is not disturbed. */
static char *new_file_name(const struct cache_entry *entry)
{
    uint32_t generation = 0;
    if (getrandom(&generation, sizeof generation, 0) != (ssize_t)sizeof generation)
        generation = (uint32_t)clock_now() ^ (uint32_t)getpid() << 16;
    char *extension = extension_of(entry->meta.url);
    char *name = mem_format("%s-%08x.%s", entry->name, (unsigned)generation, extension);
    free(extension);
    return name;
}

static bool write_header(struct cache_entry *entry, struct error *err)
{
    struct buffer header = BUFFER_INIT(META_MAX_SIZE);
    meta_write(&entry->meta, &header);
    bool written = disk_write_at(entry->map, header.data, header.size, 0);
    int failure = errno;
    buffer_release(&header);
    if (!written)
        return error_set_errno(err, failure, "%s: cannot be written", entry->map_path);
    become_held(entry);
    return lock_map(entry, LOCK_SH, err); /* from now on others may join in */
}

static bool set_range_lock(struct cache_entry *entry, short type, int64_t first, int64_t end)
{
#ifdef F_OFD_SETLK
    struct flock range = {.l_type = type,
                          .l_whence = SEEK_SET,
                          .l_start = (off_t)first,
                          .l_len = (off_t)(end - first)};
    return fcntl(entry->data, F_OFD_SETLK, &range) == 0 ||
           (errno != EAGAIN && errno != EACCES && errno != EINTR);
#else
    (void)entry, (void)type, (void)first, (void)end;
    return true;
#endif
}

bool cache_begin(struct cache_entry *entry, const struct meta *meta, struct error *err)
{
    meta_release(&entry->meta);
    meta_copy(&entry->meta, meta);
    free((char *)entry->meta.file);
    entry->meta.file = new_file_name(entry);
    if (!open_data(entry, O_CREAT | O_EXCL)) {
        error_set_errno(err, errno, "%s: cannot be written", entry->data_path);
        forget_data(entry);
        return false;
    }
    if (meta->size < 0)
        return true;
    if (ftruncate(entry->data, (off_t)meta->size) != 0)
        return error_set_errno(err, errno, "%s: cannot be written", entry->data_path);
    set_range_lock(entry, F_WRLCK, 0, meta->size); /* nobody else can know of it yet */
    return write_header(entry, err);
}

bool cache_finish(struct cache_entry *entry, int64_t size, struct error *err)
{
    entry->meta.size = size;
    return write_header(entry, err);
}

bool cache_try_lock(struct cache_entry *entry, int64_t first, int64_t end)
{
    return set_range_lock(entry, F_WRLCK, first, end);
}

void cache_unlock(struct cache_entry *entry)
{
    set_range_lock(entry, F_UNLCK, 0, 0); /* to the end, however large */
}
