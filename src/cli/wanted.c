/* SPDX-License-Identifier: MIT */
#include "cli/wanted.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "format/url.h"

static char *spelling_of(const char *page)
{
    char *canonical = url_canonical(page);
    return canonical ? canonical : mem_strdup(page);
}

size_t wanted_add(struct wanted_pages *pages, const char *page, const char *path, int line)
{
    char *spelling = spelling_of(page);
    for (size_t i = 0; i < pages->count; i++) {
        if (strcmp(pages->items[i].spelling, spelling) == 0) {
            free(spelling);
            return i;
        }
    }
    pages->items = mem_grow(pages->items, &pages->capacity, pages->count + 1, sizeof *pages->items);
    pages->items[pages->count] = (struct wanted){page, path, line, spelling};
    return pages->count++;
}

void wanted_add_clips(struct wanted_pages *pages, const struct notes *notes)
{
    for (size_t i = 0; i < notes->clip_count; i++)
        wanted_add(pages, notes->clips[i].page, notes->path, notes->clips[i].line);
}

void wanted_release(struct wanted_pages *pages)
{
    for (size_t i = 0; i < pages->count; i++)
        free(pages->items[i].spelling);
    free(pages->items);
    *pages = (struct wanted_pages){0};
}

const char *wanted_own_page(const struct notes *notes)
{
    return notes->page ? notes->page : notes->audio_url ? notes->audio_url : notes->path;
}
