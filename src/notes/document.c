/* SPDX-License-Identifier: MIT */
#include "notes/document.h"

#include <stdlib.h>

#include "notes/address.h"
#include "notes/link.h"

void document_init(struct document *document, struct arena *arena)
{
    *document = (struct document){.arena = arena,
                                  .text = BUFFER_INIT(BUFFER_UNBOUNDED),
                                  .label = BUFFER_INIT(BUFFER_UNBOUNDED)};
    document->begins = true;
}

/* The line that is being made, without the blank at its end. */
static struct slice current_text(const struct document *document)
{
    struct slice text = buffer_slice(&document->text);
    while (text.size && (text.data[text.size - 1] == ' '))
        text.size--;
    return text;
}

static void add_line(struct document *document, struct slice text)
{
    document->lines = arena_grow(document->arena, document->lines, &document->line_capacity,
                                 document->line_count + 1, sizeof *document->lines);
    struct document_line *line = &document->lines[document->line_count++];
    *line = (struct document_line){
        .text = {arena_strndup(document->arena, text.data, text.size), text.size},
        .number = document->number,
        .block = document->block,
        .depth = document->depth,
        .begins = document->begins,
        .wrapped = document->wrapped,
        .linked = document->linked,
        .first_link = document->first_link,
        .link_count = document->link_count - document->first_link,
    };
    for (size_t i = line->first_link; i < document->link_count; i++) {
        struct document_link *link = &document->links[i];
        if (link->begin > text.size)
            link->begin = text.size;
        if (link->end > text.size)
            link->end = text.size;
    }
}

/* True where there was a line to end. */
static bool end_line(struct document *document)
{
    struct slice text = current_text(document);
    if (document->linking && document->open_link >= document->first_link)
        document->links[document->open_link].end = text.size;
    bool filled = text.size || document->link_count > document->first_link;
    if (filled && !document->full)
        add_line(document, text);
    buffer_clear(&document->text);
    document->first_link = document->link_count;
    document->number = 0;
    document->linked = document->linking;
    if (document->line_count == DOCUMENT_MAX_LINES || document->link_count >= DOCUMENT_MAX_LINKS)
        document->full = true;
    return filled;
}

void document_begin_block(struct document *document, enum block block, int depth)
{
    document_end_link(document);
    end_line(document);
    document->block = block;
    document->depth = depth;
    document->begins = true;
    document->wrapped = false;
}

void document_break(struct document *document, bool wrapped)
{
    if (end_line(document)) {
        document->begins = false;
        document->wrapped = wrapped;
    } else if (!wrapped) {
        document->wrapped = false;
    }
    if (document->linking && document->label.size)
        buffer_append_byte(&document->label, ' ');
}

void document_cell(struct document *document)
{
    document_end_link(document);
    struct slice text = current_text(document);
    buffer_truncate(&document->text, text.size);
    if (document->block == BLOCK_ROW)
        buffer_append_byte(&document->text, DOCUMENT_CELL);
}

void document_finish(struct document *document)
{
    document_begin_block(document, BLOCK_TEXT, 0);
    buffer_release(&document->text);
    buffer_release(&document->label);
}

/* The size of what begins the text and is a blank to a reader; a no-break space is two bytes. */
static size_t blank_size(struct slice text)
{
    uint8_t byte = (uint8_t)text.data[0];
    if (byte > ' ' && byte != 0xC2)
        return 0;
    if (byte_is_space(text.data[0]) || byte == '\0')
        return 1;
    return slice_starts(text, SLICE("\xC2\xA0")) ? 2 : 0;
}

/* The number of bytes from the front that are no blanks. */
static size_t word_size(struct slice text)
{
    size_t size = 0;
    while (size < text.size && !blank_size(slice_from(text, size)))
        size++;
    return size;
}

static void append_collapsed(struct buffer *buffer, struct slice text)
{
    while (text.size) {
        size_t blank = blank_size(text), word = 0;
        if (!blank) {
            word = word_size(text);
            buffer_append(buffer, text.data, word);
        } else if (buffer->size && buffer->data[buffer->size - 1] != ' ' &&
                   buffer->data[buffer->size - 1] != DOCUMENT_CELL) {
            buffer_append_byte(buffer, ' ');
        }
        text = slice_from(text, blank + word);
    }
}

/* A line begins where its first visible text does. */
static void set_number(struct document *document, int number)
{
    document->last_number = number;
    if (!document->number)
        document->number = number;
    if (document->linking && !document->links[document->open_link].number)
        document->links[document->open_link].number = number;
}

void document_text(struct document *document, struct slice text, int number)
{
    append_collapsed(&document->text, text);
    if (document->linking)
        append_collapsed(&document->label, text);
    if (document->text.size && slice_trim(text).size)
        set_number(document, number);
}

/* One line of raw text. */
static void append_line(struct document *document, struct slice text, int number)
{
    size_t begin, size;
    while (!document->linking && document->link_count < DOCUMENT_MAX_LINKS &&
           address_find(text, &begin, &size)) {
        struct slice url = slice_first(slice_from(text, begin), size);
        document_text(document, slice_first(text, begin), number);
        document_begin_link(document, url, NULL);
        document_text(document, url, number);
        document_end_link(document);
        text = slice_from(text, begin + size);
    }
    document_text(document, text, number);
}

void document_raw_text(struct document *document, struct slice text, int number, bool lines)
{
    struct slice line;
    while (!document->full && slice_take_line(&text, &line)) {
        append_line(document, line, number++);
        /* What has no end of line may go on with the next text. */
        if (text.data > line.data + line.size) {
            if (lines)
                document_break(document, true);
            else
                document_text(document, SLICE(" "), number);
        }
    }
}

void document_begin_link(struct document *document, struct slice url, const char *title)
{
    document_end_link(document);
    if (document->link_count >= DOCUMENT_MAX_LINKS)
        return;
    document->links = arena_grow(document->arena, document->links, &document->link_capacity,
                                 document->link_count + 1, sizeof *document->links);
    document->open_link = document->link_count++;
    document->links[document->open_link] = (struct document_link){
        .url = arena_strndup(document->arena, url.data, url.size),
        .title = arena_strdup(document->arena, title),
        .label = "",
        .begin = document->text.size,
    };
    document->linking = true;
    buffer_clear(&document->label);
}

/* The text is a URL itself, perhaps without its scheme. */
static bool is_bare(struct slice url, struct slice label)
{
    bool equal = slice_equal(url, label) && slice_find(url, SLICE("://")) != SIZE_MAX;
    return label.size && (equal || address_size(label) == label.size);
}

void document_end_link(struct document *document)
{
    if (!document->linking)
        return;
    struct document_link *link = &document->links[document->open_link];
    struct slice label = slice_trim(buffer_slice(&document->label));
    if (!link->number)
        link->number = document->last_number;
    link->label = arena_strndup(document->arena, label.data, label.size);
    link->bare = is_bare(slice_of(link->url), label);
    if (document->open_link >= document->first_link)
        link->end = current_text(document).size;
    if (link->end < link->begin)
        link->end = link->begin;
    document->linking = false;
}

void document_read_times(struct document *document)
{
    for (size_t i = 0; i < document->link_count; i++) {
        struct document_link *link = &document->links[i];
        struct link_time time;
        enum link_kind kind = link_read(link->url, &time);
        link->timed = kind == LINK_TIMED;
        link->odd = kind == LINK_ODD ? time.odd : NULL;
        if (kind != LINK_TIMED)
            continue;
        link->start = time.start;
        link->stop = time.end;
        link->page = arena_strdup(document->arena, time.page);
        free(time.page);
    }
}

void document_add_link(struct document *document, struct slice url, const char *label, int number)
{
    document_begin_link(document, url, NULL);
    if (!document->linking)
        return;
    set_number(document, number);
    if (label)
        buffer_append_text(&document->label, label);
    document_end_link(document);
}
