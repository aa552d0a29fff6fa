/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 text: decoding, repairing, folding (by libutf8proc).
 */
#ifndef CLIPNOTES_BASE_TEXT_H
#define CLIPNOTES_BASE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

/* The next character; U+FFFD for a byte that begins none. False at the end. */
bool text_take_char(struct slice *text, uint32_t *ret_char);

void text_append_char(struct buffer *buffer, uint32_t character);

bool text_is_utf8(struct slice text);

/* What a character is to Unicode: a letter in upper or title case, any letter, a letter, mark or
 * number. */
bool text_is_capital(uint32_t character);
bool text_is_letter(uint32_t character);
bool text_is_word(uint32_t character);

/* A copy for free() in which each byte that is no UTF-8 stands as the Latin-1 (Windows-1252) letter
 * that it was most likely meant to be, and each zero byte as U+FFFD. */
char *text_repair(struct slice text);

/* UTF-16 as UTF-8, for free(). A byte order mark at the beginning decides, else `big_endian`. */
char *text_from_utf16(struct slice bytes, bool big_endian);

/* Runs of white space (and zero bytes) become one blank, none at the ends. For free(). */
char *text_collapse(struct slice text);

/* On one line, and without what a terminal would obey: control characters are blanks. For free().
 */
char *text_one_line(struct slice text);

/* Columns on a terminal: wide characters count two, combining marks none. */
size_t text_width(struct slice text);

/* The longest beginning of at most `size` bytes that ends with a whole character. */
struct slice text_cut_bytes(struct slice text, size_t size);

/* The longest beginning of at most `count` characters. */
struct slice text_cut_characters(struct slice text, size_t count);

/* The longest beginning of at most `columns` columns. */
struct slice text_cut_columns(struct slice text, size_t columns);

/*
 * A name for files and URLs: lower-case ASCII letters and digits, words joined by hyphens, accents
 * dropped ("Brüggen" is "bruggen"), at most `size` bytes, cut between words where that keeps half
 * of them. Letters with no ASCII form (Cyrillic, Han) stay as they are, composed (NFC), so that
 * every title has a name; apostrophes vanish ("doesn't" is "doesnt"). Empty where the text holds no
 * letter or digit. For free().
 */
char *text_slug(struct slice text, size_t size);

/* Without case, accents of Latin letters, punctuation and repeated blanks, for comparing titles.
 * For free(). */
char *text_fold(struct slice text);

#endif
