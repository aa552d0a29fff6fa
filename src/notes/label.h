/* SPDX-License-Identifier: MIT */
/*
 * What the label of a link says beside its title: "Clip 7: Stephen Blum: All new services" is the
 * seventh clip, and Stephen Blum speaks.
 */
#ifndef CLIPNOTES_NOTES_LABEL_H
#define CLIPNOTES_NOTES_LABEL_H

#include <stdbool.h>

#include "base/slice.h"

/* Eats "Clip 7:" (also "Clip #7 -", and the word in other languages) from the front. */
bool label_take_number(struct slice *label, int *ret_number);

/* The name that the title begins with, borrowed: "Name: ..." or "Name about ...". Empty where it
 * cannot be told. */
struct slice label_speaker(struct slice title);

#endif
