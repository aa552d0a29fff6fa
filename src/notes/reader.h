/* SPDX-License-Identifier: MIT */
/*
 * The kinds of files that hold notes. Each has a function that reads one text and hands over its
 * pages; notes.c has the table.
 */
#ifndef CLIPNOTES_NOTES_READER_H
#define CLIPNOTES_NOTES_READER_H

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"
#include "notes/notes.h"
#include "notes/page.h"

struct reader {
    const struct notes_options *options; /* never NULL */
    notes_visitor *visit;
    void *context;
    bool stopped; /* the visitor has seen enough */
    size_t pages; /* handed over */
};

/* Reads a text in UTF-8 whose file has this name. */
typedef bool reader_function(struct reader *reader, struct slice text, const char *name,
                             struct error *err);

/* Each with what tells it by the text alone. */
reader_function plan_read_pages, json_feed_read_pages, feed_read_pages, html_read_page,
    plain_read_page, markdown_read_page;
bool plan_knows(struct slice text);
bool json_feed_knows(struct slice text);
bool feed_knows(struct slice text);
bool html_knows(struct slice text);
bool plain_knows(struct slice text);
bool markdown_knows(struct slice text);

/* A page to fill. */
void reader_begin_page(struct reader *reader, const char *name, struct page *ret_page);

/* Gives its notes to the visitor. False where that has seen enough. */
bool reader_hand_over(struct reader *reader, struct page *page);

#endif
