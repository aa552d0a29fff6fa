/* SPDX-License-Identifier: MIT */
/*
 * Private to the joined recap: its parts while it is made (programme.c), and what the record keeps
 * of it (programme_kept.c).
 */
#ifndef CLIPNOTES_RECAP_PROGRAMME_WORK_H
#define CLIPNOTES_RECAP_PROGRAMME_WORK_H

#include "audio/join.h"
#include "recap/programme.h"

/* A recording of the programme, or the silence before it. */
enum item_kind {
    ITEM_CLIP,
    ITEM_INTRO,
    ITEM_BETWEEN,
    ITEM_OUTRO,
};

struct item {
    enum item_kind kind;
    size_t clip; /* of ITEM_CLIP: index in plan->clips; else 0 */
    char *path;
    int rate; /* of the recording */
    struct join_piece piece;
    struct error err;
};

struct work {
    const struct plan *plan;
    const struct clip_outcome *outcomes;
    const struct programme_options *options;
    struct join_format format;
    struct item *items;
    size_t count, capacity;
};

/* Says where an item stands: the next of the programme's parts, or of what is around them, for
 * which there is room. The part's clip is the item's. */
void programme_place(struct programme *programme, const struct item *item,
                     struct programme_part part);
void programme_forget_parts(struct programme *programme);

/* The hash of all that decides what the recap's file holds. */
void programme_key(const struct work *work, char ret_key[static HASH_TEXT_SIZE]);

bool programme_remember(const struct programme *programme, struct record *record,
                        struct error *err);

/* Fills in a recap that was recorded under programme->key and whose file is still what was written;
 * its chapters are left to the caller. False, and nothing filled in, where it has to be made. */
bool programme_recall(const struct work *work, struct programme *programme);

#endif
