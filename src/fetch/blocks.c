/* SPDX-License-Identifier: MIT */
/*
 * The bytes of an entry of the cache, block by block, and the marks by which they count.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fetch/cache.h"
#include "fetch/clock.h"
#include "fetch/disk.h"
#include "fetch/mark.h"

#define MARKS_RUN   512
#define MARKS_BEGIN ((int64_t)META_MAX_SIZE) /* in the map, behind the header's room */

static int64_t block_of(int64_t offset)
{
    return offset / CACHE_BLOCK;
}

static int64_t block_count(const struct cache_entry *entry)
{
    return (entry->meta.size + CACHE_BLOCK - 1) / CACHE_BLOCK;
}

static size_t block_size(const struct cache_entry *entry, int64_t block)
{
    int64_t left = entry->meta.size - block * CACHE_BLOCK;
    return (size_t)(left < CACHE_BLOCK ? left : CACHE_BLOCK);
}

/* Marks of blocks that were never written, or are past the map's end, are 0. */
static void read_marks(const struct cache_entry *entry, int64_t block, uint64_t *marks,
                       size_t count)
{
    memset(marks, 0, count * sizeof *marks);
    ssize_t got = disk_read_at(entry->map, marks, count * sizeof *marks,
                               MARKS_BEGIN + block * (int64_t)sizeof *marks);
    if (got < 0)
        memset(marks, 0, count * sizeof *marks);
}

static bool set_unwritable(const struct cache_entry *entry, const char *path, struct error *err)
{
    return error_set_errno(err, entry->read_only ? EROFS : errno, "%s: cannot be written", path);
}

static bool write_marks(struct cache_entry *entry, int64_t block, const uint64_t *marks,
                        size_t count, struct error *err)
{
    if (disk_write_at(entry->map, marks, count * sizeof *marks,
                      MARKS_BEGIN + block * (int64_t)sizeof *marks))
        return true;
    return set_unwritable(entry, entry->map_path, err);
}

bool cache_missing(const struct cache_entry *entry, int64_t first, int64_t end, int64_t *ret_first,
                   int64_t *ret_end)
{
    uint64_t marks[MARKS_RUN];
    int64_t begin = -1;
    if (end > entry->meta.size)
        end = entry->meta.size;
    if (first >= end)
        return false;
    int64_t block = block_of(first), stop = block_of(end + CACHE_BLOCK - 1);
    while (block < stop) {
        size_t count = stop - block < MARKS_RUN ? (size_t)(stop - block) : MARKS_RUN;
        read_marks(entry, block, marks, count);
        for (size_t i = 0; i < count; i++, block++) {
            if (begin < 0 && !marks[i])
                begin = block;
            if (begin >= 0 && marks[i])
                stop = block;
            if (block == stop)
                break;
        }
    }
    if (begin < 0)
        return false;
    *ret_first = begin * CACHE_BLOCK;
    *ret_end = stop * CACHE_BLOCK < entry->meta.size ? stop * CACHE_BLOCK : entry->meta.size;
    return true;
}

int64_t cache_held_bytes(const struct cache_entry *entry)
{
    int64_t missing = 0, first, end;
    for (int64_t at = 0; cache_missing(entry, at, entry->meta.size, &first, &end); at = end)
        missing += end - first;
    return entry->meta.size - missing;
}

static bool is_trusted(const struct cache_entry *entry, int64_t block)
{
    return entry->trusted && (entry->trusted[block / 8] >> (block % 8) & 1);
}

static void set_trusted(struct cache_entry *entry, int64_t block)
{
    if (entry->trusted)
        entry->trusted[block / 8] |= (uint8_t)(1 << (block % 8));
}

static void distrust(struct cache_entry *entry, int64_t block, int64_t count)
{
    for (int64_t end = block + count; block < end; block++)
        entry->trusted[block / 8] &= (uint8_t) ~(1 << (block % 8));
}

bool cache_write(struct cache_entry *entry, int64_t offset, const uint8_t *data, size_t size,
                 struct error *err)
{
    if (!disk_write_at(entry->data, data, size, offset))
        return set_unwritable(entry, entry->data_path, err);
    while (size) {
        uint64_t marks[MARKS_RUN];
        size_t count = 0;
        int64_t block = block_of(offset);
        for (; size && count < MARKS_RUN; count++) {
            size_t step = size < (size_t)CACHE_BLOCK ? size : (size_t)CACHE_BLOCK;
            marks[count] = mark_of_bytes(data, step);
            set_trusted(entry, block + (int64_t)count);
            data += step;
            size -= step;
        }
        if (!write_marks(entry, block, marks, count, err))
            return false;
        offset += (int64_t)count * CACHE_BLOCK;
    }
    return true;
}

/* *ret_true: the block is here, and its bytes are what the mark says. Where they are not, it is
 * missing from now on. */
static bool read_block(struct cache_entry *entry, int64_t block, uint8_t *ret_data, bool *ret_true,
                       struct error *err)
{
    uint64_t mark;
    size_t size = block_size(entry, block);
    read_marks(entry, block, &mark, 1);
    *ret_true = mark != 0 &&
                disk_read_at(entry->data, ret_data, size, block * CACHE_BLOCK) == (ssize_t)size &&
                mark_of_bytes(ret_data, size) == mark;
    if (*ret_true)
        set_trusted(entry, block);
    if (*ret_true || !mark)
        return true;
    mark = 0;
    return write_marks(entry, block, &mark, 1, err);
}

/* How many blocks from `block` on, up to `end`, need no look at their marks any more. */
static int64_t trusted_run(const struct cache_entry *entry, int64_t block, int64_t end)
{
    int64_t run = 0;
    while (block + run < end && is_trusted(entry, block + run))
        run++;
    return run;
}

bool cache_read(struct cache_entry *entry, int64_t offset, uint8_t *data, size_t size,
                size_t *ret_size, struct error *err)
{
    uint8_t scratch[CACHE_BLOCK];
    size_t done = 0;
    if (offset >= entry->meta.size)
        size = 0;
    else if ((int64_t)size > entry->meta.size - offset)
        size = (size_t)(entry->meta.size - offset);
    int64_t end = block_of(offset + (int64_t)size + CACHE_BLOCK - 1);
    for (int64_t block = block_of(offset); done < size && block < end;) {
        int64_t at = offset + (int64_t)done;
        int64_t run = trusted_run(entry, block, end);
        bool here = run > 0;
        if (!here && !read_block(entry, block, scratch, &here, err))
            return false;
        if (!here)
            break;
        int64_t until = (block + (run ? run : 1)) * CACHE_BLOCK;
        size_t step = until - at < (int64_t)(size - done) ? (size_t)(until - at) : size - done;
        if (!run) {
            memcpy(data + done, scratch + at % CACHE_BLOCK, step);
        } else {
            ssize_t got = disk_read_at(entry->data, data + done, step, at);
            if (got < 0)
                return error_set_errno(err, errno, "%s: cannot be read", entry->data_path);
            if (got < (ssize_t)step) {
                distrust(entry, block, run); /* somebody made the file shorter */
                continue;
            }
        }
        done += step;
        block += run ? run : 1;
    }
    *ret_size = done;
    return true;
}

bool cache_verify(struct cache_entry *entry, struct error *err)
{
    uint8_t scratch[CACHE_BLOCK];
    bool here;
    /* Somebody may have appended. */
    if (!entry->read_only && ftruncate(entry->data, (off_t)entry->meta.size) != 0)
        return set_unwritable(entry, entry->data_path, err);
    for (int64_t block = 0; block < block_count(entry); block++) {
        if (!is_trusted(entry, block) && !read_block(entry, block, scratch, &here, err))
            return false;
        if (clock_stopped(entry->stop))
            return clock_set_stopped(err);
    }
    return true;
}
