/* SPDX-License-Identifier: MIT */
/*
 * An entry of the cache whose files hold anything: what is read of it must be what its marks say,
 * within its size, and nothing else of the folder may be touched.
 *
 * The input is the map's text up to the first empty line, then its marks; the data file holds them,
 * too. The checksum of the text is put right here, which chance would not do, and so is a mark
 * of 1.
 */
#define _GNU_SOURCE /* mkdtemp() */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "fetch/cache.h"
#include "fetch/mark.h"

#define NAME      "0123456789abcdef0123456789abcdef"
#define DATA_NAME NAME "-00000001.mp3"
#define MOST_READ ((int64_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/clipnotes-fuzz-XXXXXX";
static char *map_path, *data_path;

static void remove_folder(void)
{
    unlink(map_path);
    unlink(data_path);
    free(map_path);
    free(data_path);
    rmdir(folder);
}

static void make_folder(void)
{
    if (map_path)
        return;
    if (!mkdtemp(folder))
        abort();
    map_path = mem_format("%s/%s.map", folder, NAME);
    data_path = mem_format("%s/%s", folder, DATA_NAME);
    atexit(remove_folder);
}

static void write_plain(const char *path, struct slice bytes)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes.data, 1, bytes.size, file) != bytes.size || fclose(file) != 0)
        abort();
}

/* Marks that are 1 become those of their blocks, as far as there are any. */
static void append_marks(struct buffer *map, struct slice data)
{
    for (size_t i = 0; i < data.size; i += sizeof(uint64_t)) {
        struct slice piece = slice_first(slice_from(data, i), sizeof(uint64_t));
        struct slice block = slice_from(data, i / sizeof(uint64_t) * (size_t)CACHE_BLOCK);
        uint64_t mark = 0;
        memcpy(&mark, piece.data, piece.size);
        block = slice_first(block, (size_t)CACHE_BLOCK);
        if (mark == 1 && block.size)
            mark = mark_of_bytes((const uint8_t *)block.data, block.size);
        buffer_append(map, &mark, piece.size);
    }
}

static struct slice write_files(struct slice input)
{
    size_t end = slice_find(input, SLICE("\n\n"));
    struct slice text = end == SIZE_MAX ? input : slice_first(input, end + 2);
    struct slice marks = slice_from(input, text.size);
    struct buffer map = BUFFER_INIT(BUFFER_UNBOUNDED);
    uint64_t check = mark_of_bytes((const uint8_t *)text.data, text.size);
    buffer_append_format(&map, "clipnotes cache 1\ncheck: %016llx\n", (unsigned long long)check);
    buffer_append_slice(&map, text);
    if (map.size < META_MAX_SIZE)
        buffer_extend(&map, META_MAX_SIZE - map.size);
    append_marks(&map, marks);
    write_plain(map_path, buffer_slice(&map));
    write_plain(data_path, marks);
    buffer_release(&map);
    return marks;
}

/* Runs that are missing lie one behind the other, in whole blocks. */
static void walk(const struct cache_entry *entry, int64_t end)
{
    int64_t first = 0, stop = 0;
    for (int64_t at = 0; cache_missing(entry, at, end, &first, &stop); at = stop)
        if (first < at || stop <= first || first % CACHE_BLOCK || stop > entry->meta.size)
            abort();
}

static void read_all(struct cache_entry *entry, int64_t end, struct slice data)
{
    uint8_t piece[1000];
    for (int64_t at = 0; at < end; at += (int64_t)sizeof piece) {
        size_t got = 0;
        if (!cache_read(entry, at, piece, sizeof piece, &got, NULL) || !got)
            continue;
        if (got > sizeof piece || (size_t)at + got > data.size ||
            memcmp(piece, data.data + at, got) != 0)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    make_folder();
    struct slice held = write_files((struct slice){(const char *)data, size});
    struct cache_entry *entry = cache_peek(folder, NAME);
    if (entry) {
        if (strncmp(entry->data_path, folder, strlen(folder)) != 0 || entry->meta.size < 0)
            abort();
        int64_t end = entry->meta.size < MOST_READ ? entry->meta.size : MOST_READ;
        walk(entry, end);
        if (strcmp(entry->data_path, data_path) == 0)
            read_all(entry, end, held);
    }
    cache_close(entry);
    return 0;
}
