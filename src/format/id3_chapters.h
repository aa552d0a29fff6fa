/* SPDX-License-Identifier: MIT */
/*
 * Chapters as ID3v2 frames (id3.org: id3v2-chapters-1.0): a CHAP frame each, with TIT2, WXXX and
 * APIC frames in it, and a CTOC frame that says which of them a player shows, in which order.
 */
#ifndef CLIPNOTES_FORMAT_ID3_CHAPTERS_H
#define CLIPNOTES_FORMAT_ID3_CHAPTERS_H

#include "format/id3.h"
#include "model/chapter.h"

/* Entries of a table of contents: the count has one byte. */
#define ID3_TABLE_MAX 255

/* What a reader that is stricter than we are would stumble over. */
struct id3_chapter_facts {
    size_t chapters;    /* CHAP frames that could be read */
    size_t damaged;     /* CHAP frames that could not */
    size_t tables;      /* CTOC frames */
    bool top_level;     /* one of them is marked as the top */
    bool miscounted;    /* one says another number of entries than it has */
    size_t dangling;    /* entries of a table for which there is no chapter */
    size_t unlisted;    /* chapters in no table, though one holds others */
    bool lists_none;    /* there are tables, and no chapter is in any */
    size_t mistaken;    /* frames or sub-frames whose size is stored in the other version's way */
    size_t long_v24;    /* sub-frames of 2.4 over 127 bytes, whose size FFmpeg up to 5 misreads */
    size_t utf8_latin1; /* titles that say Latin-1 and hold UTF-8 */
    size_t not_latin1;  /* titles that say Latin-1 and hold what has no sign there */
    size_t long_ids;    /* element ids over 100 bytes */
};

/* Has it chapters or tables of them, be they damaged? */
bool id3_has_chapters(const struct id3_tag *tag);

/* Appends the tag's chapters to `list` in the order of their frames; texts and pictures are copied.
 * Those outside of every table of contents are hidden, where there is a table. `ret_facts` may be
 * NULL. */
void id3_read_chapters(const struct id3_tag *tag, struct chapter_list *list,
                       struct id3_chapter_facts *ret_facts);

/*
 * Puts these chapters in the place of those that the tag holds, in order, with the shape that every
 * player takes: the table "toc", top-level and ordered, before "chp0", "chp1", ...; over 255 of
 * them, tables within the table. A chapter whose `end` is MILLIS_NONE ends where the next one
 * starts, or at `duration`. The tag's version is not ID3_V22. An empty list takes all of it out.
 */
void id3_set_chapters(struct id3_tag *tag, const struct chapter_list *list, millis duration);

#endif
