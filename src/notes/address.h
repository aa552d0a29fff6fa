/* SPDX-License-Identifier: MIT */
/*
 * URLs that stand in plain text.
 */
#ifndef CLIPNOTES_NOTES_ADDRESS_H
#define CLIPNOTES_NOTES_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/* The first URL in `text`: one with http or https, or one that is clear without ("www.",
 * "youtu.be/"). The full stop or bracket behind it is not part of it. */
bool address_find(struct slice text, size_t *ret_begin, size_t *ret_size);

/* Does it stand at the front? Its size; 0 where none does. */
size_t address_size(struct slice text);

#endif
