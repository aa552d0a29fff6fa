/* SPDX-License-Identifier: MIT */
#include "fetch/prune.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "fetch/cache.h"
#include "fetch/disk.h"
#include "fetch/fetcher.h"

/* A file without a name that belongs to it is left alone so long: somebody may be making it. */
#define LEAVING_AGE 3600

static time_t used_at(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_mtime : 0;
}

static void add(struct cache_items *items, const struct cache_item *item)
{
    items->items = mem_grow(items->items, &items->capacity, items->count + 1, sizeof *item);
    items->items[items->count++] = *item;
}

static void item_release(struct cache_item *item)
{
    free(item->url);
    free(item->path);
}

void cache_items_release(struct cache_items *items)
{
    for (size_t i = 0; i < items->count; i++)
        item_release(&items->items[i]);
    free(items->items);
    *items = (struct cache_items){0};
}

static void list_audio(const char *folder, const char *file, struct cache_items *items)
{
    if (!slice_ends(slice_of(file), SLICE(".map")))
        return;
    char *name = slice_dup(path_stem(file));
    struct cache_entry *entry = cache_peek(folder, name);
    free(name);
    if (!entry)
        return;
    struct cache_item item = {.is_audio = true,
                              .url = mem_strdup(entry->meta.url),
                              .path = mem_strdup(entry->data_path),
                              .size = entry->meta.size,
                              .held = cache_held_bytes(entry),
                              .used = used_at(entry->map_path)};
    add(items, &item);
    cache_close(entry);
}

static void list_document(const char *folder, const char *file, struct cache_items *items)
{
    char *path = path_join(folder, file);
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct meta meta = META_INIT;
    bool read = file_read(path, &text, NULL);
    struct slice rest = buffer_slice(&text);
    if (read && meta_read(&rest, &meta) && meta.url) {
        struct cache_item item = {.url = mem_strdup(meta.url),
                                  .path = mem_strdup(path),
                                  .size = meta.size,
                                  .held = (int64_t)rest.size,
                                  .used = used_at(path)};
        add(items, &item);
    }
    meta_release(&meta);
    buffer_release(&text);
    free(path);
}

/* Calls `visit` with each file of a folder; one that is not there has none. */
static bool each_file(const char *folder,
                      void (*visit)(const char *folder, const char *file,
                                    struct cache_items *items),
                      struct cache_items *items, struct error *err)
{
    char **files = NULL;
    size_t count = 0;
    if (!path_is_folder(folder))
        return true;
    if (!path_list(folder, &files, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        visit(folder, files[i], items);
    path_list_free(files, count);
    return true;
}

static int by_use(const void *a, const void *b)
{
    const struct cache_item *left = a, *right = b;
    if (left->used != right->used)
        return left->used < right->used ? 1 : -1;
    return strcmp(left->path, right->path);
}

bool cache_list(const char *folder, struct cache_items *ret_items, struct error *err)
{
    char *audio = fetch_audio_folder(folder), *documents = fetch_document_folder(folder);
    struct cache_items items = {0};
    bool listed = each_file(audio, list_audio, &items, err) &&
                  each_file(documents, list_document, &items, err);
    free(audio);
    free(documents);
    if (!listed) {
        cache_items_release(&items);
        return false;
    }
    if (items.count)
        qsort(items.items, items.count, sizeof *items.items, by_use);
    *ret_items = items;
    return true;
}

/* The beginning of all file names of an entry. */
static char *entry_name(const char *file)
{
    struct slice name = path_name(file);
    size_t end = 0;
    while (end < name.size && (byte_is_digit(name.data[end]) || byte_is_alpha(name.data[end])))
        end++;
    return slice_dup(slice_first(name, end));
}

/* False without an error set where somebody uses it. */
static bool remove_item(const struct cache_item *item, struct error *err)
{
    if (!item->is_audio)
        return disk_remove(item->path, err);
    char *folder = path_folder(item->path), *name = entry_name(item->path);
    bool removed = cache_remove(folder, name, err);
    free(folder);
    free(name);
    return removed;
}

static bool is_left(const char *path)
{
    return used_at(path) < time(NULL) - LEAVING_AGE;
}

/* What no map leads to: data of a file that changed while it was fetched, maps that are torn. What
 * is not of our making stays. */
static void remove_leaving(const char *folder, const char *file, struct cache_items *items)
{
    (void)items;
    char *name = entry_name(file), *path = path_join(folder, file);
    bool ours = strlen(name) == CACHE_NAME_SIZE;
    struct cache_entry *entry = ours ? cache_peek(folder, name) : NULL;
    bool led_to =
        entry && (strcmp(entry->data_path, path) == 0 || strcmp(entry->map_path, path) == 0);
    if (ours && !led_to && is_left(path)) {
        if (entry)
            unlink(path);
        else
            cache_remove(folder, name, NULL);
    }
    cache_close(entry);
    free(path);
    free(name);
}

/* Outputs that never came to have a name. */
static void remove_temporary(const char *folder, const char *file, struct cache_items *items)
{
    (void)items;
    char *path = path_join(folder, file);
    if (slice_starts(slice_of(file), SLICE(".clipnotes-")) && is_left(path))
        unlink(path);
    free(path);
}

static void remove_leavings(const char *folder)
{
    char *audio = fetch_audio_folder(folder), *documents = fetch_document_folder(folder);
    each_file(audio, remove_leaving, NULL, NULL);
    each_file(audio, remove_temporary, NULL, NULL);
    each_file(documents, remove_temporary, NULL, NULL);
    free(audio);
    free(documents);
}

static bool is_wanted(const struct cache_item *item, const struct prune_options *options,
                      int64_t held_before)
{
    bool unlimited = options->older_than < 0 && options->max_size < 0;
    bool old = options->older_than >= 0 && item->used < time(NULL) - options->older_than;
    bool beyond = options->max_size >= 0 && held_before + item->held > options->max_size;
    return !unlimited && !old && !beyond;
}

bool cache_prune(const char *folder, const struct prune_options *options,
                 struct cache_items *ret_removed, struct error *err)
{
    struct cache_items items = {0}, removed = {0};
    struct error failure = ERROR_INIT;
    if (!cache_list(folder, &items, err))
        return false;
    int64_t held = 0;
    for (size_t i = 0; i < items.count; i++) {
        struct cache_item *item = &items.items[i];
        bool wanted = is_wanted(item, options, held);
        if (!wanted && (options->dry_run || remove_item(item, &failure))) {
            add(&removed, item);
            *item = (struct cache_item){0};
        } else {
            held += item->held;
        }
    }
    cache_items_release(&items);
    if (!options->dry_run)
        remove_leavings(folder);
    bool pruned = !error_is_set(&failure);
    if (pruned && ret_removed)
        *ret_removed = removed;
    else
        cache_items_release(&removed);
    if (!pruned)
        error_move(err, &failure);
    return pruned;
}
