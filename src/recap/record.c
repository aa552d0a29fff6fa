/* SPDX-License-Identifier: MIT */
#include "recap/record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/source.h"
#include "format/json.h"

#define MAX_RECORD_BYTES ((size_t)256 << 20)
#define READ_AT_ONCE     ((size_t)64 * 1024)

struct entry {
    const char *key;
    const struct value *piece;
    struct slice line;
    size_t order; /* in which they were recorded */
};

struct record {
    char *folder;
    char *path; /* of the file that is written to, */
    int fd;     /* and locked */
    int common; /* a shard's: of the whole job's record, locked against a run of that; else -1 */
    pthread_mutex_t lock;
    struct arena *arena;
    struct entry *entries; /* of the runs before, by key */
    size_t count, capacity;
    size_t order;        /* of the next entry */
    struct buffer added; /* by this run */
    bool torn;           /* the file ends within a line */
};

/* An advisory lock of a whole file, which ends with the process. */
static bool lock_file(int fd, short type, const char *path, const char *folder, struct error *err)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
    if (fcntl(fd, F_SETLK, &lock) == 0)
        return true;
    if (errno == EACCES || errno == EAGAIN)
        return error_set(err, ERROR_SYSTEM,
                         "%s: another run is working in this folder; wait for it, or choose "
                         "another with -o",
                         folder);
    return error_set_errno(err, errno, "%s: cannot be locked", path);
}

/* A run that ended between the opening and the locking has put another record in its place. */
static int open_locked(const char *path, short type, const char *folder, struct error *err)
{
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        if (fd < 0) {
            error_set_errno(err, errno, "%s: cannot be opened", path);
            return -1;
        }
        bool locked = lock_file(fd, type, path, folder, err);
        if (locked && path_is_open_file(path, fd)) {
            file_sync_folder(folder);
            return fd;
        }
        close(fd);
        if (!locked)
            return -1;
    }
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int by_key = compare_keys(a, b);
    return by_key ? by_key : (left->order > right->order) - (left->order < right->order);
}

/* What was recorded last of a piece is what counts. */
static void sort_entries(struct record *record)
{
    size_t count = 0;
    if (record->count)
        qsort(record->entries, record->count, sizeof *record->entries, compare_entries);
    for (size_t i = 0; i < record->count; i++) {
        bool again = count && compare_keys(&record->entries[count - 1], &record->entries[i]) == 0;
        record->entries[again ? count - 1 : count++] = record->entries[i];
    }
    record->count = count;
}

static void add_entry(struct record *record, struct slice line)
{
    struct error ignored = ERROR_INIT;
    const struct value *piece = json_read(record->arena, line, record->path, &ignored);
    const char *key = value_text(value_get(piece, "key"));
    error_release(&ignored);
    if (!key)
        return;
    record->entries =
        mem_grow(record->entries, &record->capacity, record->count + 1, sizeof *record->entries);
    char *copy = arena_strndup(record->arena, line.data, line.size);
    record->entries[record->count] = (struct entry){key, piece, slice_of(copy), record->order++};
    record->count++;
}

/* By the locked descriptor: POSIX ends a process's lock when it closes any other of the file. */
static bool read_file(const struct record *record, int fd, struct buffer *text, struct error *err)
{
    char *bytes = mem_alloc(READ_AT_ONCE);
    ssize_t got;
    do {
        got = pread(fd, bytes, READ_AT_ONCE, (off_t)text->size);
        if (got > 0)
            buffer_append(text, bytes, (size_t)got);
    } while ((got > 0 && !buffer_overflowed(text)) || (got < 0 && errno == EINTR));
    free(bytes);
    if (got < 0)
        return error_set_errno(err, errno, "%s: cannot be read", record->path);
    return !buffer_overflowed(text) ||
           error_set(err, ERROR_INPUT, "%s: is no record of a job", record->path);
}

static bool read_entries(struct record *record, int fd, bool *ret_torn, struct error *err)
{
    struct buffer text = BUFFER_INIT(MAX_RECORD_BYTES);
    if (!read_file(record, fd, &text, err)) {
        buffer_release(&text);
        return false;
    }
    struct slice rest = buffer_slice(&text), line = {0};
    *ret_torn = rest.size && rest.data[rest.size - 1] != '\n';
    while (slice_take_field(&rest, '\n', &line))
        if (line.size)
            add_entry(record, line);
    buffer_release(&text);
    return true;
}

/* Calls `visit` with the path of each shard's record in the folder. */
static bool visit_shards(struct record *record,
                         bool (*visit)(struct record *record, const char *path, struct error *err),
                         struct error *err)
{
    char **names = NULL;
    size_t count = 0;
    bool visited = path_list(record->folder, &names, &count, err);
    for (size_t i = 0; visited && i < count; i++) {
        if (!slice_starts(slice_of(names[i]), SLICE(RECORD_NAME ".")))
            continue;
        char *path = path_join(record->folder, names[i]);
        visited = visit(record, path, err);
        free(path);
    }
    path_list_free(names, count);
    return visited;
}

static bool read_shard(struct record *record, const char *path, struct error *err)
{
    bool torn = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || error_set_errno(err, errno, "%s: cannot be opened", path);
    bool read = read_entries(record, fd, &torn, err);
    close(fd);
    return read;
}

/* One that a shard works with again stays: the record that locked it out is no longer there. */
static bool remove_shard(struct record *record, const char *path, struct error *err)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || error_set_errno(err, errno, "%s: cannot be opened", path);
    bool free_of_use = lock_file(fd, F_WRLCK, path, record->folder, NULL);
    bool right = !free_of_use || unlink(path) == 0 ||
                 error_set_errno(err, errno, "%s: cannot be removed", path);
    close(fd);
    return right;
}

/* The whole job's record holds what shards have finished, as well. */
static bool open_whole(struct record *record, struct error *err)
{
    record->fd = open_locked(record->path, F_WRLCK, record->folder, err);
    return record->fd >= 0 && read_entries(record, record->fd, &record->torn, err) &&
           visit_shards(record, read_shard, err);
}

static bool open_shard(struct record *record, struct shard shard, struct error *err)
{
    bool torn = false;
    record->common = open_locked(record->path, F_RDLCK, record->folder, err);
    char *own = mem_format("%s.%d-of-%d", record->path, shard.number, shard.count);
    free(record->path);
    record->path = own;
    if (record->common >= 0)
        record->fd = open_locked(own, F_WRLCK, record->folder, err);
    return record->fd >= 0 && read_entries(record, record->common, &torn, err) &&
           read_entries(record, record->fd, &record->torn, err);
}

struct record *record_open(const char *folder, struct shard shard, struct error *err)
{
    if (!path_make_folder(folder, err))
        return NULL;
    struct record *record = mem_zalloc(sizeof *record);
    record->folder = mem_strdup(folder);
    record->path = path_join(folder, RECORD_NAME);
    record->fd = -1;
    record->common = -1;
    record->arena = arena_create();
    record->added = (struct buffer)BUFFER_INIT(MAX_RECORD_BYTES);
    pthread_mutex_init(&record->lock, NULL);
    if (!(shard.count ? open_shard(record, shard, err) : open_whole(record, err))) {
        record_close(record);
        return NULL;
    }
    sort_entries(record);
    return record;
}

void record_close(struct record *record)
{
    if (!record)
        return;
    if (record->fd >= 0)
        close(record->fd);
    if (record->common >= 0)
        close(record->common);
    pthread_mutex_destroy(&record->lock);
    arena_destroy(record->arena);
    buffer_release(&record->added);
    free(record->entries);
    free(record->path);
    free(record->folder);
    free(record);
}

static const struct entry *find_entry(const struct record *record, const char *key)
{
    const struct entry wanted = {.key = key};
    return record->count ? bsearch(&wanted, record->entries, record->count, sizeof *record->entries,
                                   compare_keys)
                         : NULL;
}

const struct value *record_find(const struct record *record, const char *key)
{
    const struct entry *entry = find_entry(record, key);
    return entry ? entry->piece : NULL;
}

const struct value *record_piece(const struct record *record, size_t i)
{
    return i < record->count ? record->entries[i].piece : NULL;
}

static bool write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, data, size);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            data += written;
            size -= (size_t)written;
        }
    }
    return true;
}

bool record_add(struct record *record, struct slice line, struct error *err)
{
    struct buffer text = BUFFER_INIT(MAX_RECORD_BYTES);
    pthread_mutex_lock(&record->lock);
    if (record->torn)
        buffer_append_byte(&text, '\n');
    buffer_append_slice(&text, line);
    buffer_append_byte(&text, '\n');
    bool written = write_all(record->fd, text.data, text.size) && fdatasync(record->fd) == 0;
    int reason = errno;
    record->torn = !written; /* on a full disk, within the line */
    if (written) {
        buffer_append_slice(&record->added, line);
        buffer_append_byte(&record->added, '\n');
    }
    pthread_mutex_unlock(&record->lock);
    buffer_release(&text);
    return written || error_set_errno(err, reason, "%s: cannot be written", record->path);
}

bool record_keep(struct record *record, const char *const *keys, size_t count, struct error *err)
{
    struct slice rest = buffer_slice(&record->added), line = {0};
    while (slice_take_field(&rest, '\n', &line))
        if (line.size)
            add_entry(record, line);
    sort_entries(record);
    struct buffer text = BUFFER_INIT(MAX_RECORD_BYTES);
    for (size_t i = 0; i < count; i++) {
        const struct entry *entry = keys[i] ? find_entry(record, keys[i]) : NULL;
        if (!entry)
            continue;
        buffer_append_slice(&text, entry->line);
        buffer_append_byte(&text, '\n');
    }
    bool written = file_write(record->path, buffer_text(&text), text.size, err) &&
                   visit_shards(record, remove_shard, err);
    buffer_release(&text);
    return written;
}

bool record_hash_file(const char *path, char ret_sha256[static HASH_TEXT_SIZE], int64_t *ret_size,
                      struct error *err)
{
    struct source *source = source_open_file(path, err);
    if (!source)
        return false;
    struct hash *hash = hash_create();
    char *bytes = mem_alloc(READ_AT_ONCE);
    size_t got = 1;
    bool read = true;
    for (int64_t at = 0; read && got; at += (int64_t)got) {
        read = source_read(source, at, bytes, READ_AT_ONCE, &got, err);
        if (read)
            hash_update(hash, bytes, got);
    }
    *ret_size = source->size;
    hash_finish(hash, ret_sha256);
    free(bytes);
    source_destroy(source);
    return read;
}

bool record_file_is(const char *path, int64_t size, const char *sha256)
{
    struct stat facts;
    char found[HASH_TEXT_SIZE];
    int64_t found_size = 0;
    if (!sha256 || stat(path, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size != size)
        return false;
    return record_hash_file(path, found, &found_size, NULL) && strcmp(found, sha256) == 0;
}

void record_key_text(struct record_key *key, const char *name, const char *value)
{
    buffer_append_format(&key->text, "%s=%zu:%s\n", name, value ? strlen(value) + 1 : 0,
                         value ? value : "");
}

void record_key_number(struct record_key *key, const char *name, int64_t value)
{
    buffer_append_format(&key->text, "%s=%" PRId64 "\n", name, value);
}

void record_key_file(struct record_key *key, const char *name, const char *path)
{
    struct stat facts;
    record_key_text(key, name, path);
    if (!path || stat(path, &facts) != 0)
        return;
    record_key_number(key, "size", facts.st_size);
    record_key_number(key, "seconds", facts.st_mtim.tv_sec);
    record_key_number(key, "nanoseconds", facts.st_mtim.tv_nsec);
}

void record_key_finish(struct record_key *key, char ret_text[static HASH_TEXT_SIZE])
{
    hash_bytes(buffer_text(&key->text), key->text.size, ret_text);
    buffer_release(&key->text);
}
