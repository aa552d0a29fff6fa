/* SPDX-License-Identifier: MIT */
#include "chapters/chapters.h"

#include "chapters/container.h"

void chapters_choose_version(struct id3_tag *tag, const struct chapters_options *options,
                             const char *name)
{
    int wanted = options->id3_version;
    if (wanted && !tag->file_size)
        tag->version = (enum id3_version)wanted;
    else if (wanted && wanted != (int)tag->version)
        log_warning(options->log,
                    "%s: its ID3v2.%d tag keeps its version, since other frames would change with "
                    "it; convert it first, with: eyeD3 --to-v2.%d FILE",
                    name, (int)tag->version, wanted);
}

bool chapters_read(struct source *source, struct chapters *ret_chapters, struct error *err)
{
    const struct container *container = container_find(source, err);
    if (!container)
        return false;
    struct chapters chapters = {.container = container->name, .duration = MILLIS_NONE};
    chapter_list_init(&chapters.list);
    if (!container->read(source, &chapters, err)) {
        chapters_release(&chapters);
        return false;
    }
    chapters_check(&chapters);
    chapter_list_sort(&chapters.list);
    *ret_chapters = chapters;
    return true;
}

bool chapters_read_file(const char *path, struct chapters *ret_chapters, struct error *err)
{
    struct source *source = source_open_file(path, err);
    bool read = source && chapters_read(source, ret_chapters, err);
    source_destroy(source);
    return read;
}

void chapters_release(struct chapters *chapters)
{
    chapter_list_release(&chapters->list);
    *chapters = (struct chapters){0};
}

/* A sorted copy that borrows the texts. */
static struct chapter_list sorted(const struct chapter_list *list)
{
    struct chapter_list copy;
    chapter_list_init(&copy);
    copy.title = list->title;
    copy.items = arena_alloc_array(copy.arena, list->count, sizeof *copy.items);
    copy.count = copy.capacity = list->count;
    for (size_t i = 0; i < list->count; i++)
        copy.items[i] = list->items[i];
    chapter_list_sort(&copy);
    return copy;
}

/* Hidden chapters would be seen where they cannot be hidden. */
static void drop_hidden(struct chapter_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (!list->items[i].hidden)
            list->items[kept++] = list->items[i];
    list->count = kept;
}

static void say_what_is_lost(const struct log *log, const char *name,
                             const struct container *container, const struct chapter_list *list)
{
    size_t links = 0, pictures = 0, images = 0, hidden = 0, locations = 0;
    for (size_t i = 0; i < list->count; i++) {
        links += list->items[i].link != NULL;
        pictures += list->items[i].picture != NULL;
        images += list->items[i].image != NULL && !list->items[i].picture;
        hidden += list->items[i].hidden;
        locations += list->items[i].location != NULL;
    }
    if (links && !(container->holds & HOLDS_LINKS))
        log_warning(log, "%s: %zu chapter links are left out: %s holds none", name, links,
                    container->name);
    if (pictures && !(container->holds & HOLDS_PICTURES))
        log_warning(log, "%s: %zu chapter pictures are left out: %s holds none", name, pictures,
                    container->name);
    if (images)
        log_warning(log,
                    "%s: %zu addresses of chapter pictures are left out: only pictures themselves "
                    "can be held",
                    name, images);
    if (locations)
        log_warning(log, "%s: %zu chapter locations are left out: %s holds none", name, locations,
                    container->name);
    if (hidden && !(container->holds & HOLDS_HIDDEN))
        log_warning(log, "%s: %zu hidden chapters are left out: %s cannot hide them", name, hidden,
                    container->name);
}

static bool write_patched(struct patched_file *file, struct chapter_list *list,
                          const struct chapters_options *options, const char *output,
                          enum chapters_way *ret_way, struct error *err)
{
    static const enum chapters_way ways[] = {
        [PATCH_NOTHING] = CHAPTERS_UNCHANGED,
        [PATCH_IN_PLACE] = CHAPTERS_IN_PLACE,
        [PATCH_REWRITE] = CHAPTERS_REWRITTEN,
    };
    struct source *source = patched_file_source(file);
    const struct container *container = container_find(source, err);
    if (!container)
        return false;
    say_what_is_lost(options->log, source->name, container, list);
    if (!(container->holds & HOLDS_HIDDEN))
        drop_hidden(list);
    struct patch patch;
    patch_init(&patch);
    enum patch_way way = PATCH_NOTHING;
    bool written = container->plan(source, list, options, &patch, err) &&
                   patch_apply(&patch, file, output, options->repeatable, &way, err);
    patch_release(&patch);
    if (written)
        *ret_way = ways[way];
    return written;
}

bool chapters_write(const char *path, const struct chapter_list *list,
                    const struct chapters_options *options, const char *output,
                    enum chapters_way *ret_way, struct error *err)
{
    static const struct chapters_options defaults = {0};
    struct patched_file *file = patched_file_open(path, !output, err);
    if (!file)
        return false;
    struct chapter_list copy = sorted(list);
    bool written = write_patched(file, &copy, options ? options : &defaults, output, ret_way, err);
    chapter_list_release(&copy);
    patched_file_close(file);
    return written;
}

static millis shifted(millis time, millis shift)
{
    return time + shift < 0 ? 0 : time + shift;
}

/* An end is at or before the `from` of a shift where what it ends stays, unless the next chapter
 * begins there and takes it along. */
static void shift_ends(struct chapter_list *list, millis from, millis shift)
{
    for (size_t i = 0; i < list->count; i++) {
        millis end = list->items[i].end;
        bool joined = i + 1 < list->count && end == list->items[i + 1].start;
        if (end != MILLIS_NONE && (end > from || (joined && end == from)))
            list->items[i].end = shifted(end, shift);
    }
}

/* The latest start that moves to 0 or would move before it; MILLIS_NONE where there is none. */
static millis last_lost(const struct chapter_list *list, millis from, millis shift)
{
    millis last = MILLIS_NONE;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].start >= from && list->items[i].start + shift <= 0)
            last = list->items[i].start;
    return last;
}

void chapters_shift(struct chapter_list *list, millis from, millis shift)
{
    chapter_list_sort(list);
    shift_ends(list, from, shift);
    millis last = last_lost(list, from, shift);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct chapter chapter = list->items[i];
        bool moves = chapter.start >= from;
        if (moves && chapter.start < last)
            continue;
        if (moves)
            chapter.start = shifted(chapter.start, shift);
        list->items[kept++] = chapter;
    }
    list->count = kept;
    chapter_list_sort(list);
}

/* The first that starts at `start` or later. */
static size_t first_from(const struct chapter_list *sorted_list, millis start)
{
    size_t low = 0, high = sorted_list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted_list->items[middle].start < start)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Does one start in [from, end)? */
static bool has_start(const struct chapter_list *sorted_list, millis from, millis end)
{
    size_t i = first_from(sorted_list, from);
    return i < sorted_list->count && sorted_list->items[i].start < end;
}

void chapters_merge(struct chapter_list *list, const struct chapter_list *other)
{
    struct chapter_list ours = sorted(other);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct chapter chapter = list->items[i];
        if (has_start(&ours, chapter.start, chapter.start + 1))
            continue;
        if (has_start(&ours, chapter.start, chapter.end))
            chapter.end = MILLIS_NONE;
        list->items[kept++] = chapter;
    }
    list->count = kept;
    for (size_t i = 0; i < ours.count; i++)
        chapter_list_add(list, &ours.items[i]);
    chapter_list_release(&ours);
    chapter_list_sort(list);
}
