/* SPDX-License-Identifier: MIT */
#include "notes/reader.h"

#include "notes/front.h"
#include "notes/markdown.h"

void reader_begin_page(struct reader *reader, const char *name, struct page *ret_page)
{
    *ret_page = (struct page){notes_create(name), reader->options, MILLIS_NONE};
}

bool reader_hand_over(struct reader *reader, struct page *page)
{
    reader->pages++;
    if (!reader->visit(reader->context, page->notes))
        reader->stopped = true;
    return !reader->stopped;
}

bool markdown_knows(struct slice text)
{
    (void)text;
    return true;
}

bool markdown_read_page(struct reader *reader, struct slice text, const char *name,
                        struct error *err)
{
    (void)err;
    struct arena *arena = arena_create();
    struct page page;
    struct front front;
    struct document document;
    struct html html;
    reader_begin_page(reader, name, &page);
    front_read(arena, text, &page, &front);
    if (front.value)
        front_apply(&page, front.value);

    document_init(&document, arena);
    html_init(&html, &document);
    markdown_read(&html, front.body, front.body_line);
    document_finish(&document);
    html_release(&html);
    document_read_times(&document);
    chapters_find(&page, &document, true);
    clips_find(&page, &document);
    arena_destroy(arena);
    reader_hand_over(reader, &page);
    return true;
}
