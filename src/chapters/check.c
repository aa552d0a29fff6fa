/* SPDX-License-Identifier: MIT */
#include "chapters/container.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/text.h"

#define LARGE_PICTURE ((size_t)1 << 20)

void chapters_add_finding(struct chapters *chapters, enum finding_level level, const char *format,
                          ...)
{
    va_list args;
    va_start(args, format);
    char *message = mem_vformat(format, args);
    va_end(args);
    chapters->findings =
        arena_grow(chapters->list.arena, chapters->findings, &chapters->finding_capacity,
                   chapters->finding_count + 1, sizeof *chapters->findings);
    chapters->findings[chapters->finding_count++] =
        (struct finding){level, arena_strdup(chapters->list.arena, message)};
    free(message);
}

static bool is_untitled(const struct chapter *chapter)
{
    return slice_trim(slice_of(chapter->title)).size == 0;
}

/* What a message calls chapter i: its place in the file, and its title. */
static const char *called(const struct chapters *chapters, size_t i)
{
    const struct chapter *chapter = &chapters->list.items[i];
    if (is_untitled(chapter))
        return arena_format(chapters->list.arena, "chapter %zu", i + 1);
    char *title = text_one_line(slice_of(chapter->title));
    const char *name = arena_format(chapters->list.arena, "chapter %zu, '%s',", i + 1, title);
    free(title);
    return name;
}

static void check_times(struct chapters *chapters, size_t i)
{
    const struct chapter *chapter = &chapters->list.items[i];
    char start[MILLIS_TEXT_SIZE], other[MILLIS_TEXT_SIZE];
    millis_text(chapter->start, start);
    if (chapters->duration != MILLIS_NONE && chapter->start >= chapters->duration)
        chapters_add_finding(chapters, FINDING_ERROR,
                             "%s starts at %s, but the recording ends at %s: it is never reached",
                             called(chapters, i), start, millis_text(chapters->duration, other));
    if (chapter->end != MILLIS_NONE && chapter->end < chapter->start)
        chapters_add_finding(chapters, FINDING_ERROR, "%s starts at %s and ends before it, at %s",
                             called(chapters, i), start, millis_text(chapter->end, other));
}

static void check_content(struct chapters *chapters, size_t i)
{
    const struct chapter *chapter = &chapters->list.items[i];
    if (is_untitled(chapter))
        chapters_add_finding(chapters, FINDING_ERROR,
                             "%s has no title: players show an empty line or leave it out",
                             called(chapters, i));
    if (chapter->picture && chapter->picture->size > LARGE_PICTURE)
        chapters_add_finding(
            chapters, FINDING_WARNING,
            "%s has a picture of %.1f MB: players load all of it before they start",
            called(chapters, i), (double)chapter->picture->size / 1e6);
}

static void check_neighbours(struct chapters *chapters, size_t i)
{
    const struct chapter *chapter = &chapters->list.items[i];
    if (i == 0)
        return;
    millis before = chapters->list.items[i - 1].start;
    char start[MILLIS_TEXT_SIZE];
    if (chapter->start == before)
        chapters_add_finding(chapters, FINDING_WARNING, "%s starts at %s like the one before it",
                             called(chapters, i), millis_text(chapter->start, start));
    if (chapter->start < before)
        chapters_add_finding(
            chapters, FINDING_WARNING,
            "%s starts at %s, earlier than the one before it: not every player sorts them",
            called(chapters, i), millis_text(chapter->start, start));
}

static void check_first(struct chapters *chapters)
{
    millis first = chapters->list.items[0].start;
    for (size_t i = 1; i < chapters->list.count; i++)
        if (chapters->list.items[i].start < first)
            first = chapters->list.items[i].start;
    char start[MILLIS_TEXT_SIZE];
    if (first > 0)
        chapters_add_finding(chapters, FINDING_WARNING,
                             "the first chapter starts at %s: some players want one at 0:00",
                             millis_text(first, start));
}

void chapters_check(struct chapters *chapters)
{
    if (!chapters->list.count) {
        chapters_add_finding(chapters, FINDING_ERROR, "there are no chapters");
        return;
    }
    check_first(chapters);
    for (size_t i = 0; i < chapters->list.count; i++) {
        check_neighbours(chapters, i);
        check_times(chapters, i);
        check_content(chapters, i);
    }
}
