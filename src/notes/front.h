/* SPDX-License-Identifier: MIT */
/*
 * Front matter: what stands before the text in the language of some site generator: TOML between
 * "+++", YAML between "---", or JSON from "{" on.
 */
#ifndef CLIPNOTES_NOTES_FRONT_H
#define CLIPNOTES_NOTES_FRONT_H

#include "format/value.h"
#include "notes/page.h"

struct front {
    const struct value *value; /* an object; NULL where there is none, or none that can be read */
    struct slice text;         /* what it was read from */
    int line;                  /* where that begins */
    struct slice body;         /* what follows */
    int body_line;
};

/* Parts the text. Front matter that cannot be read is a warning of the page, and its plain
 * "key: value" lines are taken as they stand. */
void front_read(struct arena *arena, struct slice text, struct page *page, struct front *ret_front);

/* Title, date, audio and so on, under the names that site generators and hosts use. What the page
 * knows already stays. */
void front_apply(struct page *page, const struct value *front);

#endif
