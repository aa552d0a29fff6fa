/* SPDX-License-Identifier: MIT */
#include "model/chapter.h"

#include <string.h>

void chapter_list_init(struct chapter_list *list)
{
    *list = (struct chapter_list){.arena = arena_create()};
}

void chapter_list_release(struct chapter_list *list)
{
    arena_destroy(list->arena);
    *list = (struct chapter_list){0};
}

static const struct picture *copy_picture(struct arena *arena, const struct picture *picture)
{
    if (!picture)
        return NULL;
    struct picture *copy = arena_alloc(arena, sizeof *copy);
    uint8_t *data = arena_alloc(arena, picture->size);
    if (picture->size)
        memcpy(data, picture->data, picture->size);
    *copy = (struct picture){data, picture->size, arena_strdup(arena, picture->type)};
    return copy;
}

static const struct location *copy_location(struct arena *arena, const struct location *location)
{
    if (!location)
        return NULL;
    struct location *copy = arena_alloc(arena, sizeof *copy);
    *copy =
        (struct location){arena_strdup(arena, location->name), arena_strdup(arena, location->geo),
                          arena_strdup(arena, location->osm)};
    return copy;
}

struct chapter *chapter_list_add(struct chapter_list *list, const struct chapter *chapter)
{
    list->items =
        arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    struct chapter *copy = &list->items[list->count++];
    *copy = *chapter;
    copy->title = arena_strdup(list->arena, chapter->title);
    copy->link = arena_strdup(list->arena, chapter->link);
    copy->image = arena_strdup(list->arena, chapter->image);
    copy->picture = copy_picture(list->arena, chapter->picture);
    copy->location = copy_location(list->arena, chapter->location);
    return copy;
}

/* Merges two sorted runs; the left one's items come first where starts are equal. */
static void merge(struct chapter *items, size_t middle, size_t count, struct chapter *spare)
{
    size_t left = 0, right = middle, out = 0;
    while (left < middle || right < count) {
        bool from_left =
            right == count || (left < middle && items[left].start <= items[right].start);
        spare[out++] = from_left ? items[left++] : items[right++];
    }
    memcpy(items, spare, count * sizeof *items);
}

static void sort(struct chapter *items, size_t count, struct chapter *spare)
{
    if (count < 2)
        return;
    size_t middle = count / 2;
    sort(items, middle, spare);
    sort(items + middle, count - middle, spare);
    merge(items, middle, count, spare);
}

void chapter_list_sort(struct chapter_list *list)
{
    sort(list->items, list->count,
         arena_alloc_array(list->arena, list->count, sizeof *list->items));
}

millis chapter_list_end(const struct chapter_list *list, size_t i, millis duration)
{
    const struct chapter *chapter = &list->items[i];
    millis end = chapter->end;
    if (end == MILLIS_NONE)
        end = i + 1 < list->count ? list->items[i + 1].start : duration;
    return end != MILLIS_NONE && end < chapter->start ? chapter->start : end;
}
