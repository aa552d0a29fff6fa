/* SPDX-License-Identifier: MIT */
#include "recap/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "format/url.h"

#define TITLE_BYTES                                                                                \
    100 /* of a file name: 255 with number, extension and the longest folder names */
#define MIN_DIGITS 2

/* Where each known page stands in plan->episodes: an open hash table of canonical URLs. */
struct page_table {
    char **keys;
    size_t *episodes;
    size_t size; /* a power of two, more than twice the number of clips */
};

static void page_table_init(struct page_table *table, size_t count)
{
    table->size = 16;
    while (table->size < 2 * count + 1)
        table->size *= 2;
    table->keys = mem_alloc_array(table->size, sizeof *table->keys);
    table->episodes = mem_alloc_array(table->size, sizeof *table->episodes);
}

static void page_table_release(struct page_table *table)
{
    for (size_t i = 0; i < table->size; i++)
        free(table->keys[i]);
    free(table->keys);
    free(table->episodes);
}

/* The slot of `key`, which the table takes over; free where its keys[] is NULL. */
static size_t slot_of(const struct page_table *table, const char *key)
{
    size_t slot = (size_t)slice_hash(slice_of(key)) & (table->size - 1);
    while (table->keys[slot] && strcmp(table->keys[slot], key) != 0)
        slot = (slot + 1) & (table->size - 1);
    return slot;
}

static size_t find_episode(struct plan *plan, struct page_table *table, const char *page)
{
    char *key = url_canonical(page);
    if (!key)
        key = mem_strdup(page);
    size_t slot = slot_of(table, key);
    if (table->keys[slot]) {
        free(key);
        return table->episodes[slot];
    }
    plan->episodes = arena_grow(plan->arena, plan->episodes, &plan->episode_capacity,
                                plan->episode_count + 1, sizeof *plan->episodes);
    plan->episodes[plan->episode_count] = (struct episode_job){.page = page};
    table->keys[slot] = key;
    table->episodes[slot] = plan->episode_count;
    return plan->episode_count++;
}

static void add_clip(struct plan *plan, struct page_table *table, const struct clip_job *job)
{
    size_t episode = find_episode(plan, table, job->clip->page);
    plan->clips = arena_grow(plan->arena, plan->clips, &plan->clip_capacity, plan->clip_count + 1,
                             sizeof *plan->clips);
    plan->clips[plan->clip_count] = *job;
    plan->clips[plan->clip_count].episode = episode;

    struct episode_job *owner = &plan->episodes[episode];
    owner->clips = arena_grow(plan->arena, owner->clips, &owner->clip_capacity,
                              owner->clip_count + 1, sizeof *owner->clips);
    owner->clips[owner->clip_count++] = plan->clip_count++;
}

/* "season-finale", or the folder's name where the file's says nothing ("index.md"). */
static char *page_name(const struct notes *notes)
{
    static const char *const plain[] = {"index", "_index", "README", "readme"};
    struct slice stem = path_stem(notes->path);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (!slice_equal(stem, slice_of(plain[i])))
            continue;
        char *folder = path_folder(notes->path);
        char *slug = text_slug(path_name(folder), TITLE_BYTES);
        free(folder);
        if (*slug)
            return slug;
        free(slug);
    }
    return text_slug(stem, TITLE_BYTES);
}

static int digits_of(size_t count)
{
    int digits = 1;
    while (count >= 10) {
        count /= 10;
        digits++;
    }
    return digits < MIN_DIGITS ? MIN_DIGITS : digits;
}

static const char *stem_of(struct plan *plan, const char *folder, int digits,
                           const struct clip *clip)
{
    char *title = text_slug(slice_of(clip->title), TITLE_BYTES);
    char *stem = arena_format(plan->arena, "%s%s%0*d%s%s", folder, *folder ? "/" : "", digits,
                              clip->number, *title ? "-" : "", title);
    free(title);
    return stem;
}

static bool stem_taken(const struct plan *plan, size_t first, const char *stem)
{
    for (size_t i = first; i < plan->clip_count; i++)
        if (strcmp(plan->clips[i].stem, stem) == 0)
            return true;
    return false;
}

static void add_page(struct plan *plan, struct page_table *table, const struct notes *notes,
                     const char *folder)
{
    size_t first = plan->clip_count;
    int digits = digits_of(notes->clip_count);
    for (size_t i = 0; i < notes->clip_count; i++) {
        const struct clip *clip = &notes->clips[i];
        const char *stem = stem_of(plan, folder, digits, clip), *unique = stem;
        for (int n = 2; stem_taken(plan, first, unique); n++)
            unique = arena_format(plan->arena, "%s-%d", stem, n);
        const struct clip_job job = {
            .notes = notes,
            .clip = clip,
            .stem = unique,
            .track = clip->number,
            .track_total = (int)notes->clip_count,
        };
        add_clip(plan, table, &job);
    }
}

/* The folder of a page whose name an earlier page has already gets a number. */
static const char *unique_folder(struct plan *plan, const struct notes *notes, const char **taken,
                                 size_t count)
{
    char *name = page_name(notes);
    const char *folder = arena_strdup(plan->arena, name), *unique = folder;
    free(name);
    for (int n = 2;; n++) {
        bool free_name = true;
        for (size_t i = 0; i < count && free_name; i++)
            free_name = strcmp(taken[i], unique) != 0;
        if (free_name)
            return unique;
        unique = arena_format(plan->arena, "%s-%d", folder, n);
    }
}

/* A moment of an episode that the notes name. */
struct moment {
    size_t episode;
    millis time;
};

static int compare_moments(const void *a, const void *b)
{
    const struct moment *left = a, *right = b;
    if (left->episode != right->episode)
        return left->episode < right->episode ? -1 : 1;
    return (left->time > right->time) - (left->time < right->time);
}

/* The chapters of a page that is the episode's own are marks of it too. */
static size_t add_chapters(const struct page_table *table, const struct notes *notes,
                           struct moment *moments)
{
    char *key = notes->page ? url_canonical(notes->page) : NULL;
    size_t slot = key ? slot_of(table, key) : 0, count = 0;
    if (key && table->keys[slot])
        for (; count < notes->chapter_count; count++)
            moments[count] = (struct moment){table->episodes[slot], notes->chapters[count].start};
    free(key);
    return count;
}

/* The first of the sorted moments behind `after` in the same episode. */
static millis next_moment(const struct moment *moments, size_t count, const struct moment *after)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_moments(&moments[middle], after) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && moments[low].episode == after->episode ? moments[low].time : MILLIS_NONE;
}

/* Tells each clip the next mark of its episode. */
static void find_next(struct plan *plan, const struct page_table *table, struct notes *const *pages,
                      size_t page_count)
{
    size_t capacity = plan->clip_count, count = 0;
    for (size_t i = 0; i < page_count; i++)
        capacity += pages[i]->chapter_count;
    struct moment *moments = mem_alloc_array(capacity, sizeof *moments);
    for (size_t i = 0; i < plan->clip_count; i++)
        moments[count++] = (struct moment){plan->clips[i].episode, plan->clips[i].clip->start};
    for (size_t i = 0; i < page_count; i++)
        count += add_chapters(table, pages[i], moments + count);
    if (count)
        qsort(moments, count, sizeof *moments, compare_moments);
    for (size_t i = 0; i < plan->clip_count; i++) {
        struct clip_job *job = &plan->clips[i];
        const struct moment own = {job->episode, job->clip->start};
        job->next = next_moment(moments, count, &own);
    }
    free(moments);
}

struct plan *plan_create(struct notes *const *pages, size_t count, const char *folder)
{
    struct arena *arena = arena_create();
    struct plan *plan = arena_alloc(arena, sizeof *plan);
    plan->arena = arena;

    size_t clips = 0, with_clips = 0;
    for (size_t i = 0; i < count; i++) {
        clips += pages[i]->clip_count;
        with_clips += pages[i]->clip_count > 0;
    }
    struct page_table table = {0};
    page_table_init(&table, clips);
    const char **folders = arena_alloc_array(arena, with_clips, sizeof *folders);
    size_t folder_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!pages[i]->clip_count)
            continue;
        const char *own =
            with_clips > 1 ? unique_folder(plan, pages[i], folders, folder_count) : "";
        folders[folder_count++] = own;
        bool both = *folder && *own;
        add_page(plan, &table, pages[i],
                 arena_format(arena, "%s%s%s", folder, both ? "/" : "", own));
    }
    find_next(plan, &table, pages, count);
    page_table_release(&table);
    return plan;
}

void plan_destroy(struct plan *plan)
{
    if (plan)
        arena_destroy(plan->arena);
}
