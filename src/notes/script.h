/* SPDX-License-Identifier: MIT */
/*
 * The characters of times in every script.
 */
#ifndef CLIPNOTES_NOTES_SCRIPT_H
#define CLIPNOTES_NOTES_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* Eats a decimal digit of any script. */
bool script_take_digit(struct slice *text, int *ret_digit);

/* Eats a colon: ":", the full-width one, and others that look so. */
bool script_take_colon(struct slice *text);

/* Eats a number of `min` to `max` digits; one with more digits is none. */
bool script_take_number(struct slice *text, size_t min, size_t max, int *ret_number);

/* The character that ends at `end`; 0 at the text's beginning. */
uint32_t script_char_before(struct slice text, size_t end);

/* The character at the front; 0 where the text is empty. */
uint32_t script_char_at(struct slice text);

/* Is it a letter that is written together with a number in words ("x12:34"), so that the number is
 * no time? Scripts without blanks between words put a time next to a letter. */
bool script_joins_words(uint32_t character);

#endif
