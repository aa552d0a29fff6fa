/* SPDX-License-Identifier: MIT */
/*
 * What a kind of audio file has to know about its chapters. One file fills one of these in, and
 * registry.c lists them.
 */
#ifndef CLIPNOTES_CHAPTERS_CONTAINER_H
#define CLIPNOTES_CHAPTERS_CONTAINER_H

#include "chapters/chapters.h"
#include "chapters/patch.h"
#include "format/id3.h"

/* As much of a file's beginning as probe() may see. */
#define CONTAINER_HEAD 16

enum container_holds {
    HOLDS_LINKS = 1 << 0,
    HOLDS_PICTURES = 1 << 1,
    HOLDS_HIDDEN = 1 << 2,
};

struct container {
    const char *name;
    unsigned holds; /* of what not every container does */

    /* Is it one of these? `head` is at most CONTAINER_HEAD bytes: the file's first, behind any ID3
     * tag. */
    bool (*probe)(struct slice head, bool after_id3);

    /* Fills the list, in the file's order, and the duration of `chapters`, which are empty and
     * MILLIS_NONE, and adds findings of its own. */
    bool (*read)(struct source *source, struct chapters *chapters, struct error *err);

    /* Makes the patch that puts `list` (sorted, perhaps empty) into the file. */
    bool (*plan)(struct source *source, const struct chapter_list *list,
                 const struct chapters_options *options, struct patch *patch, struct error *err);
};

extern const struct container mp3_container, mp4_container, ogg_container, flac_container,
    matroska_container, wav_container;

/* The container of this file; NULL, and an error, where it is none of them. */
const struct container *container_find(struct source *source, struct error *err);

void chapters_add_finding(struct chapters *chapters, enum finding_level level, const char *format,
                          ...) PRINTF_LIKE(3, 4);

/* The findings that concern every container: order, times, titles, sizes of pictures. The list is
 * in the file's order. */
void chapters_check(struct chapters *chapters);

/* Gives a tag that is new the version that is asked for. */
void chapters_choose_version(struct id3_tag *tag, const struct chapters_options *options,
                             const char *name);

#endif
