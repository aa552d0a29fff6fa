/* SPDX-License-Identifier: MIT */
/*
 * A document is a page as a reader sees it: lines of plain text with links, whatever it was written
 * in. Markdown, HTML and plain text all become one (markdown.c, html.c, plain.c), and what looks
 * for marks (clips.c, chapters.c) knows nothing else.
 *
 * A line ends where a reader sees a new one begin: at the end of a block, at a forced break, and at
 * the end of a line in the source, since people who list times put each on a line of its own. A
 * line that only goes on with the one before is marked as wrapped.
 */
#ifndef CLIPNOTES_NOTES_DOCUMENT_H
#define CLIPNOTES_NOTES_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/slice.h"
#include "model/time.h"

enum block {
    BLOCK_TEXT,
    BLOCK_HEADING,
    BLOCK_ITEM, /* of a list */
    BLOCK_ROW,  /* of a table; a tab stands between two cells */
    BLOCK_CODE, /* in no language that is named: some fence their lists of times */
};

/* What stands between two cells of a row. */
#define DOCUMENT_CELL '\t'

struct document_line {
    struct slice text; /* blanks collapsed, none at the ends; terminated */
    int number;        /* in the source */
    enum block block;
    int depth;    /* of nested lists, 0 outside of one; of a heading its level */
    bool begins;  /* the first line of its heading, item or row, or of a paragraph */
    bool wrapped; /* parted from the line before by nothing but an end of line in the source */
    bool linked;  /* begins within a link that the line before opened */
    size_t first_link, link_count;
    struct slice source; /* the line of the source that it begins in; empty where not known */
};

/* A link belongs to the line in which it begins. */
struct document_link {
    const char *url;   /* as written, entities decoded */
    const char *title; /* the Markdown link's or the attribute's; NULL */
    const char *label; /* the text of the link, also where it runs over several lines */
    size_t begin, end; /* its part of the line's text */
    int number;        /* line in the source */
    bool bare;         /* the URL itself stands in the text */

    /* What document_read_times() finds. */
    bool timed;         /* the URL carries a time */
    const char *odd;    /* it carries what should be one, and this is wrong with it; NULL */
    millis start, stop; /* MILLIS_NONE where it gives no end */
    const char *page;   /* the URL without the time; "" for a place in the page itself */
    bool chapter;       /* the time belongs to a chapter of the page (chapters.c) */
};

/* What is longer was not written by anybody; the rest of it is not read. */
#define DOCUMENT_MAX_LINES 200000
#define DOCUMENT_MAX_LINKS 100000

struct document {
    struct arena *arena; /* borrowed */
    bool full;           /* a limit was reached: readers stop */
    struct document_line *lines;
    size_t line_count, line_capacity;
    struct document_link *links;
    size_t link_count, link_capacity;

    /* The line that is being made. */
    struct buffer text;
    int number, last_number;
    enum block block;
    int depth;
    bool begins, wrapped, linked;
    size_t first_link;

    /* The link that is open. */
    bool linking;
    size_t open_link;
    struct buffer label;
};

/* Everything that the document holds lives in `arena`. */
void document_init(struct document *document, struct arena *arena);

/* Ends the last line. What was read stays; nothing can be added. */
void document_finish(struct document *document);

/* What follows is of this kind. Ends the line. */
void document_begin_block(struct document *document, enum block block, int depth);

/* Ends the line within a block. */
void document_break(struct document *document, bool wrapped);

/* The next cell of a row. */
void document_cell(struct document *document);

/* Text, `number` being the line in the source where it begins. Ends of lines in it are blanks. */
void document_text(struct document *document, struct slice text, int number);

/* As document_text(), but URLs in it are links, and, with `lines`, an end of line in it is a
 * wrapped break. */
void document_raw_text(struct document *document, struct slice text, int number, bool lines);

/* The text up to document_end_link() is that of a link. Links do not nest: one that is open is
 * ended. `title` may be NULL; both are copied. */
void document_begin_link(struct document *document, struct slice url, const char *title);
void document_end_link(struct document *document);

/* Reads the times of all links. */
void document_read_times(struct document *document);

/* A link without a text of its own, such as that of a player. */
void document_add_link(struct document *document, struct slice url, const char *label, int number);

#endif
