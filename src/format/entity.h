/* SPDX-License-Identifier: MIT */
/*
 * Character references of HTML.
 */
#ifndef CLIPNOTES_FORMAT_ENTITY_H
#define CLIPNOTES_FORMAT_ENTITY_H

#include "base/buffer.h"
#include "base/slice.h"

/* The character that "&mdash;", "&#8212;" or "&#x2014;" stands for; what is no reference is
 * appended as it is. */
void entity_append(struct buffer *buffer, struct slice reference);

/* The same for a text that may hold references anywhere. */
void entity_append_text(struct buffer *buffer, struct slice text);

#endif
