/* SPDX-License-Identifier: MIT */
#include "model/mark.h"

#include <stdarg.h>
#include <stdlib.h>

struct notes *notes_create(const char *path)
{
    struct arena *arena = arena_create();
    struct notes *notes = arena_alloc(arena, sizeof *notes);
    notes->arena = arena;
    notes->path = arena_strdup(arena, path);
    notes->season = MARK_NUMBER_NONE;
    notes->episode = MARK_NUMBER_NONE;
    return notes;
}

void notes_destroy(struct notes *notes)
{
    if (notes)
        arena_destroy(notes->arena);
}

struct clip *notes_add_clip(struct notes *notes, const struct clip *clip)
{
    notes->clips = arena_grow(notes->arena, notes->clips, &notes->clip_capacity,
                              notes->clip_count + 1, sizeof *notes->clips);
    notes->clips[notes->clip_count] = *clip;
    return &notes->clips[notes->clip_count++];
}

struct chapter *notes_add_chapter(struct notes *notes, const struct chapter *chapter)
{
    notes->chapters = arena_grow(notes->arena, notes->chapters, &notes->chapter_capacity,
                                 notes->chapter_count + 1, sizeof *notes->chapters);
    notes->chapters[notes->chapter_count] = *chapter;
    return &notes->chapters[notes->chapter_count++];
}

void notes_warn(struct notes *notes, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *message = mem_vformat(format, args);
    va_end(args);
    notes->warnings = arena_grow(notes->arena, notes->warnings, &notes->warning_capacity,
                                 notes->warning_count + 1, sizeof *notes->warnings);
    notes->warnings[notes->warning_count++] =
        (struct mark_warning){line, arena_strdup(notes->arena, message)};
    free(message);
}
