/* SPDX-License-Identifier: MIT */
/*
 * The pages whose audio a command needs: each once, however the links to it spell it.
 */
#ifndef CLIPNOTES_CLI_WANTED_H
#define CLIPNOTES_CLI_WANTED_H

#include <stddef.h>

#include "model/mark.h"

/* A page, and the place in the notes that names it first. */
struct wanted {
    const char *page; /* borrowed from the notes, as the path is */
    const char *path;
    int line;
    char *spelling; /* for comparing; owned */
};

struct wanted_pages {
    struct wanted *items;
    size_t count, capacity;
};

/* Where the page is in the list; at its end where it is new. */
size_t wanted_add(struct wanted_pages *pages, const char *page, const char *path, int line);

/* All that the clips of the notes link to. */
void wanted_add_clips(struct wanted_pages *pages, const struct notes *notes);

void wanted_release(struct wanted_pages *pages);

/* Where the notes' own episode is asked for: their page, the audio that they name, or their file.
 */
const char *wanted_own_page(const struct notes *notes);

#endif
