/* SPDX-License-Identifier: MIT */
/*
 * Chapters as Vorbis comments, in Ogg and FLAC (wiki.xiph.org, "Chapter Extension"):
 * CHAPTERnnn=HH:MM:SS.mmm, CHAPTERnnnNAME and CHAPTERnnnURL. A block is the vendor's name and a
 * list of comments, all with sizes of 32 bits, little end first.
 */
#ifndef CLIPNOTES_CHAPTERS_COMMENTS_H
#define CLIPNOTES_CHAPTERS_COMMENTS_H

#include "base/buffer.h"
#include "chapters/container.h"

/* The most that the numbering of three digits holds, from 001 on. */
#define COMMENTS_MAX_CHAPTERS 999

/* Reads the chapters of the comments that `block` begins with. *ret_size is what they take up;
 * false where they are cut off. */
bool comments_read(struct slice block, struct chapters *chapters, size_t *ret_size);

/* Appends the comments of `block`, with these chapters in place of its own. False where they are
 * cut off. */
bool comments_replace(struct slice block, const struct chapter_list *list, struct buffer *out);

/* What players make of them. */
void comments_check(struct chapters *chapters);

/* More than the numbering holds? */
bool comments_fit(const struct chapter_list *list, const char *name, struct error *err);

#endif
