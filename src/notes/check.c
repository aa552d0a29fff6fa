/* SPDX-License-Identifier: MIT */
/*
 * What is odd about the marks of a page as a whole, wherever they stood. Nothing is left out for
 * it, but that a chapter with the same time and title is kept once, and no time that cannot be.
 */
#include <stdlib.h>
#include <string.h>

#include "notes/link.h"
#include "notes/page.h"

static void check_end(struct notes *notes, const char *what, int line, millis start, millis *end)
{
    if (*end == MILLIS_NONE || *end > start)
        return;
    *end = MILLIS_NONE;
    notes_warn(notes, line, "a %s whose end is not behind its start: the end is left out", what);
}

static int compare_clips(const void *a, const void *b)
{
    const struct clip *const *left = a, *const *right = b;
    int order = strcmp((*left)->url, (*right)->url);
    return order ? order : ((*left)->line > (*right)->line) - ((*left)->line < (*right)->line);
}

static void check_clips(struct notes *notes)
{
    const struct clip **sorted = mem_alloc_array(notes->clip_count + 1, sizeof *sorted);
    for (size_t i = 0; i < notes->clip_count; i++) {
        struct clip *clip = &notes->clips[i];
        check_end(notes, "clip", clip->line, clip->start, &clip->end);
        sorted[i] = clip;
    }
    qsort(sorted, notes->clip_count, sizeof *sorted, compare_clips);
    for (size_t i = 1; i < notes->clip_count; i++)
        if (strcmp(sorted[i]->url, sorted[i - 1]->url) == 0)
            notes_warn(notes, sorted[i]->line, "the same clip stands in line %d already: %s",
                       sorted[i - 1]->line, sorted[i]->url);
    free(sorted);
}

static int compare_chapters(const void *a, const void *b)
{
    const struct chapter *const *left = a, *const *right = b;
    if ((*left)->start != (*right)->start)
        return (*left)->start > (*right)->start ? 1 : -1;
    int order = strcmp((*left)->title, (*right)->title);
    return order ? order : (*left > *right) - (*left < *right);
}

static void drop_marked(struct notes *notes, const bool *marked)
{
    size_t kept = 0;
    for (size_t i = 0; i < notes->chapter_count; i++)
        if (!marked[i])
            notes->chapters[kept++] = notes->chapters[i];
    notes->chapter_count = kept;
}

/* Each by itself. */
static void check_chapter(struct notes *notes, size_t i, bool *ret_impossible)
{
    struct chapter *chapter = &notes->chapters[i];
    *ret_impossible = chapter->start > LINK_MAX_START;
    if (*ret_impossible)
        notes_warn(notes, chapter->line, "a chapter past 100 hours: it is left out");
    else if (!*chapter->title)
        notes_warn(notes, chapter->line, "a chapter without a title");
    check_end(notes, "chapter", chapter->line, chapter->start, &chapter->end);
}

static void check_chapters(struct notes *notes)
{
    const struct chapter **sorted = mem_alloc_array(notes->chapter_count + 1, sizeof *sorted);
    bool *marked = mem_zalloc(notes->chapter_count + 1);
    for (size_t i = 0; i < notes->chapter_count; i++) {
        sorted[i] = &notes->chapters[i];
        check_chapter(notes, i, &marked[i]);
    }
    qsort(sorted, notes->chapter_count, sizeof *sorted, compare_chapters);
    for (size_t i = 1; i < notes->chapter_count; i++) {
        if (sorted[i]->start != sorted[i - 1]->start ||
            strcmp(sorted[i]->title, sorted[i - 1]->title) != 0)
            continue;
        marked[sorted[i] - notes->chapters] = true;
        notes_warn(notes, sorted[i]->line, "the same chapter stands in line %d already",
                   sorted[i - 1]->line);
    }
    drop_marked(notes, marked);
    free(marked);
    free(sorted);
}

static int compare_warnings(const void *a, const void *b)
{
    const struct mark_warning *left = a, *right = b;
    if (left->line != right->line)
        return left->line > right->line ? 1 : -1;
    return strcmp(left->message, right->message);
}

/* A plan holds the warnings of the notes that it was made from. */
static void drop_repeated_warnings(struct notes *notes)
{
    size_t kept = 0;
    for (size_t i = 0; i < notes->warning_count; i++)
        if (!kept || compare_warnings(&notes->warnings[kept - 1], &notes->warnings[i]) != 0)
            notes->warnings[kept++] = notes->warnings[i];
    notes->warning_count = kept;
}

void marks_check(struct page *page)
{
    check_clips(page->notes);
    check_chapters(page->notes);
    if (page->notes->warning_count)
        qsort(page->notes->warnings, page->notes->warning_count, sizeof *page->notes->warnings,
              compare_warnings);
    drop_repeated_warnings(page->notes);
}
