/* SPDX-License-Identifier: MIT */
#include "notes/reader.h"

#include <stdlib.h>

#include "notes/markdown.h"
#include "notes/plain.h"
#include "notes/shortcode.h"
#include "notes/values.h"

void reader_begin_page(struct reader *reader, const char *name, struct page *ret_page)
{
    *ret_page = (struct page){
        .notes = notes_create(name), .options = reader->options, .duration = MILLIS_NONE};
}

bool reader_hand_over(struct reader *reader, struct page *page)
{
    marks_check(page);
    reader->pages++;
    if (!reader->visit(reader->context, page->notes))
        reader->stopped = true;
    return !reader->stopped;
}

/* A text with front matter, in a language that becomes a document. */
struct text_page {
    struct arena *arena; /* of the document and the front matter */
    struct page page;
    struct front front;
    struct document document;
    struct html html;
};

static void begin_page(struct text_page *text, struct reader *reader, struct slice all,
                       const char *name)
{
    text->arena = arena_create();
    reader_begin_page(reader, name, &text->page);
    front_read(text->arena, all, &text->page, &text->front);
    if (text->front.value)
        front_apply(&text->page, text->front.value);
    document_init(&text->document, text->arena);
    html_init(&text->html, &text->document);
}

static const char *copy_text(struct page *page, const char *text)
{
    struct slice trimmed = slice_trim(slice_of(text));
    return trimmed.size ? arena_strndup(page->notes->arena, trimmed.data, trimmed.size) : NULL;
}

/* What HTML says of the page and front matter did not. */
static void apply_html(struct page *page, const struct html *html)
{
    struct notes *notes = page->notes;
    if (!notes->title)
        notes->title = copy_text(page, buffer_text(&html->title));
    if (!notes->audio_url)
        notes->audio_url = copy_text(page, html->audio);
    if (!notes->page)
        notes->page = copy_text(page, html->canonical);
}

/* Chapters as data are surest, then the page's own list, then one in the front matter's texts. */
static void find_marks(struct text_page *text)
{
    struct page *page = &text->page;
    const struct value *value = text->front.value;
    size_t chapters = value ? values_find_chapters(page, &text->front) : 0;
    size_t listed = chapters_take_listed(page, &text->document, !chapters);
    if (value && !chapters && !listed)
        values_find_lists(page, &text->front);
    clips_find(page, &text->document);
    if (value)
        values_find_clips(page, &text->front);
}

static void end_page(struct text_page *text, struct reader *reader)
{
    document_finish(&text->document);
    if (text->document.full)
        notes_warn(text->page.notes, text->document.last_number,
                   "the page is too long: what follows is not read");
    document_read_times(&text->document);
    apply_html(&text->page, &text->html);
    find_marks(text);
    html_release(&text->html);
    arena_destroy(text->arena);
    reader_hand_over(reader, &text->page);
}

/* Shortcodes are taken out first: to Markdown they are text. */
static void read_markdown(struct text_page *text)
{
    struct slice body = text->front.body;
    if (slice_find(body, SLICE("{{")) == SIZE_MAX && slice_find(body, SLICE("{%")) == SIZE_MAX) {
        markdown_read(&text->html, body, text->front.body_line);
        return;
    }
    char *copy = arena_strndup(text->arena, body.data, body.size);
    shortcodes_find(&text->page, copy, body.size, text->front.body_line);
    markdown_read(&text->html, (struct slice){copy, body.size}, text->front.body_line);
}

bool markdown_knows(struct slice text)
{
    (void)text;
    return true;
}

bool markdown_read_page(struct reader *reader, struct slice text, const char *name,
                        struct error *err)
{
    struct text_page page;
    (void)err;
    begin_page(&page, reader, text, name);
    read_markdown(&page);
    end_page(&page, reader);
    return true;
}

bool plain_knows(struct slice text)
{
    (void)text;
    return false;
}

/* Many texts are Markdown by another name. */
static bool holds_markdown(struct slice text)
{
    return slice_find(text, SLICE("](")) != SIZE_MAX;
}

bool plain_read_page(struct reader *reader, struct slice text, const char *name, struct error *err)
{
    struct text_page page;
    (void)err;
    begin_page(&page, reader, text, name);
    if (holds_markdown(page.front.body))
        read_markdown(&page);
    else
        plain_read(&page.document, page.front.body, page.front.body_line);
    end_page(&page, reader);
    return true;
}

bool html_knows(struct slice text)
{
    struct slice head = slice_first(slice_trim_left(text), 200);
    return slice_starts_nocase(head, SLICE("<!doctype html")) ||
           slice_starts_nocase(head, SLICE("<html"));
}

bool html_read_page(struct reader *reader, struct slice text, const char *name, struct error *err)
{
    struct text_page page;
    (void)err;
    begin_page(&page, reader, text, name);
    html_read_any(&page.html, page.front.body, name, page.front.body_line);
    end_page(&page, reader);
    return true;
}
