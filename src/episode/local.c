/* SPDX-License-Identifier: MIT */
/*
 * --audio-dir: the episodes as files. A file's name is the page's slug, or begins or ends with it;
 * or it holds the same sNNeNN; or it is that of the enclosure in the feed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "episode/feed.h"
#include "episode/resolver.h"
#include "format/url.h"

/* Of folders in folders; also what ends a loop of links. */
#define MAX_FOLDER_DEPTH 8

struct local_file {
    char *path;
    char *slug; /* of its stem, as text_slug() writes it */
};

struct local_files {
    struct local_file *items;
    size_t count, capacity;
};

static void add_file(struct local_files *files, const char *path)
{
    files->items = mem_grow(files->items, &files->capacity, files->count + 1, sizeof *files->items);
    files->items[files->count++] =
        (struct local_file){mem_strdup(path), text_slug(path_stem(path), SIZE_MAX)};
}

static bool add_folder(struct local_files *files, const char *folder, int depth, struct error *err)
{
    char **names = NULL;
    size_t count = 0;
    if (!path_list(folder, &names, &count, err))
        return false;
    bool added = true;
    for (size_t i = 0; added && i < count; i++) {
        if (names[i][0] == '.')
            continue;
        char *path = path_join(folder, names[i]);
        if (path_is_folder(path))
            added = depth == MAX_FOLDER_DEPTH || add_folder(files, path, depth + 1, err);
        else if (is_audio_name(names[i]))
            add_file(files, path);
        free(path);
    }
    path_list_free(names, count);
    return added;
}

struct local_files *local_files_read(const char *const *folders, size_t count, struct error *err)
{
    struct local_files *files = mem_zalloc(sizeof *files);
    for (size_t i = 0; i < count; i++)
        if (!add_folder(files, folders[i], 0, err)) {
            local_files_destroy(files);
            return NULL;
        }
    return files;
}

void local_files_destroy(struct local_files *files)
{
    if (!files)
        return;
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].path);
        free(files->items[i].slug);
    }
    free(files->items);
    free(files);
}

/* Does the file fit as well as this way of comparing asks for? */
typedef bool fits(const struct local_file *file, const void *what);

struct slug_wish {
    const struct page_name *page;
    enum slug_match match;
};

static bool fits_slug(const struct local_file *file, const void *what)
{
    const struct slug_wish *wish = what;
    return page_name_match(wish->page, slice_of(file->slug)) == wish->match;
}

static bool fits_name(const struct local_file *file, const void *what)
{
    return slice_equal_nocase(path_name(file->path), slice_of(what));
}

/* The one file that fits; WAY_PASSED where none does. */
static enum way_result find_one(struct search *search, fits *fit, const void *what,
                                struct error *err)
{
    const struct local_files *files = search->resolver->local_files;
    const struct local_file *found = NULL;
    for (size_t i = 0; i < files->count; i++) {
        if (!fit(&files->items[i], what))
            continue;
        if (found) {
            error_set(err, ERROR_INPUT,
                      "%s: two files fit equally well, %s and %s; say which with --map",
                      search->page.shown, found->path, files->items[i].path);
            return WAY_FAILED;
        }
        found = &files->items[i];
    }
    if (!found)
        return WAY_PASSED;
    search->episode->audio = arena_strdup(search->episode->arena, found->path);
    return WAY_FOUND;
}

/* By the file name that the feed has for the page. */
static enum way_result find_enclosure(struct search *search, struct error *err)
{
    const struct feed *feed = NULL;
    const struct feed_item *item = NULL;
    const struct resolve_options *options = &search->resolver->options;
    if (!feeds_find(search, options->feeds, options->feed_count, &feed, &item, err))
        return WAY_FAILED;
    char *name = item ? url_slug(item->texts[FEED_AUDIO]) : NULL;
    enum way_result result = name ? find_one(search, fits_name, name, err) : WAY_PASSED;
    free(name);
    return result;
}

static enum way_result find(struct search *search, struct error *err)
{
    const struct resolve_options *options = &search->resolver->options;
    enum way_result result = WAY_PASSED;
    if (!options->audio_dir_count)
        return WAY_PASSED;
    for (enum slug_match match = SLUG_EQUAL; match < SLUG_OTHER && result == WAY_PASSED; match++) {
        struct slug_wish wish = {&search->page, match};
        result = find_one(search, fits_slug, &wish, err);
    }
    if (result == WAY_PASSED)
        result = find_enclosure(search, err);
    if (result == WAY_PASSED)
        search_note(search, "none of the %zu audio files in %s%s is named like '%s'",
                    search->resolver->local_files->count, options->audio_dirs[0],
                    options->audio_dir_count > 1 ? " and other folders" : "", search->page.slug);
    return result;
}

const struct way local_way = {"audio-dir", find};
