/* SPDX-License-Identifier: MIT */
#include "notes/html.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "notes/component.h"

enum element_kind {
    ELEMENT_BREAK,
    ELEMENT_BLOCK,
    ELEMENT_HEADING,
    ELEMENT_LIST,
    ELEMENT_ITEM,
    ELEMENT_ROW,
    ELEMENT_CELL,
    ELEMENT_LINK,
    ELEMENT_PLAYER,
    ELEMENT_HIDDEN,
    ELEMENT_TITLE,
    ELEMENT_RELATION,
};

/* What is not here is text within a line. */
static const struct element {
    const char *name;
    enum element_kind kind;
    int level;
} elements[] = {
    {"br", ELEMENT_BREAK, 0},         {"hr", ELEMENT_BREAK, 0},
    {"p", ELEMENT_BLOCK, 0},          {"div", ELEMENT_BLOCK, 0},
    {"section", ELEMENT_BLOCK, 0},    {"article", ELEMENT_BLOCK, 0},
    {"aside", ELEMENT_BLOCK, 0},      {"header", ELEMENT_BLOCK, 0},
    {"footer", ELEMENT_BLOCK, 0},     {"main", ELEMENT_BLOCK, 0},
    {"nav", ELEMENT_BLOCK, 0},        {"blockquote", ELEMENT_BLOCK, 0},
    {"pre", ELEMENT_BLOCK, 0},        {"figure", ELEMENT_BLOCK, 0},
    {"figcaption", ELEMENT_BLOCK, 0}, {"details", ELEMENT_BLOCK, 0},
    {"summary", ELEMENT_BLOCK, 0},    {"table", ELEMENT_BLOCK, 0},
    {"caption", ELEMENT_BLOCK, 0},    {"address", ELEMENT_BLOCK, 0},
    {"form", ELEMENT_BLOCK, 0},       {"fieldset", ELEMENT_BLOCK, 0},
    {"dl", ELEMENT_BLOCK, 0},         {"center", ELEMENT_BLOCK, 0},
    {"option", ELEMENT_BLOCK, 0},     {"h1", ELEMENT_HEADING, 1},
    {"h2", ELEMENT_HEADING, 2},       {"h3", ELEMENT_HEADING, 3},
    {"h4", ELEMENT_HEADING, 4},       {"h5", ELEMENT_HEADING, 5},
    {"h6", ELEMENT_HEADING, 6},       {"ul", ELEMENT_LIST, 0},
    {"ol", ELEMENT_LIST, 0},          {"menu", ELEMENT_LIST, 0},
    {"li", ELEMENT_ITEM, 0},          {"dt", ELEMENT_ITEM, 0},
    {"dd", ELEMENT_ITEM, 0},          {"tr", ELEMENT_ROW, 0},
    {"td", ELEMENT_CELL, 0},          {"th", ELEMENT_CELL, 0},
    {"a", ELEMENT_LINK, 0},           {"audio", ELEMENT_PLAYER, 0},
    {"video", ELEMENT_PLAYER, 0},     {"source", ELEMENT_PLAYER, 0},
    {"script", ELEMENT_HIDDEN, 0},    {"style", ELEMENT_HIDDEN, 0},
    {"template", ELEMENT_HIDDEN, 0},  {"noscript", ELEMENT_HIDDEN, 0},
    {"svg", ELEMENT_HIDDEN, 0},       {"select", ELEMENT_HIDDEN, 0},
    {"title", ELEMENT_TITLE, 0},      {"link", ELEMENT_RELATION, 0},
};

static const struct element *find_element(const char *name)
{
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (name[0] == elements[i].name[0] && strcmp(name, elements[i].name) == 0)
            return &elements[i];
    return NULL;
}

void html_init(struct html *html, struct document *document)
{
    *html = (struct html){.document = document, .title = BUFFER_INIT(BUFFER_UNBOUNDED)};
}

void html_release(struct html *html)
{
    buffer_release(&html->title);
    free(html->audio);
    free(html->canonical);
    html->audio = html->canonical = NULL;
}

/* A row is one line, whatever paragraphs its cells hold. */
static void begin_block(struct html *html)
{
    if (html->rows)
        document_text(html->document, SLICE(" "), html->document->last_number);
    else
        document_begin_block(html->document, html->lists ? BLOCK_ITEM : BLOCK_TEXT, html->lists);
}

static void begin_cell(struct html *html)
{
    if (html->rows)
        document_cell(html->document);
    else
        begin_block(html);
}

static void keep_first(char **text, const char *value)
{
    if (!*text && value && *value)
        *text = mem_strdup(value);
}

static void open_player(struct html *html, const struct markup_attribute *attributes, size_t count,
                        int line)
{
    const char *url = markup_attribute(attributes, count, "src");
    if (!url || !*url)
        return;
    keep_first(&html->audio, url);
    document_add_link(html->document, slice_of(url), markup_attribute(attributes, count, "title"),
                      line);
}

static void open_link(struct html *html, const struct markup_attribute *attributes, size_t count)
{
    const char *url = markup_attribute(attributes, count, "href");
    if (url)
        document_begin_link(html->document, slice_trim(slice_of(url)),
                            markup_attribute(attributes, count, "title"));
}

static void open_relation(struct html *html, const struct markup_attribute *attributes,
                          size_t count)
{
    const char *relation = markup_attribute(attributes, count, "rel");
    if (relation && strcmp(relation, "canonical") == 0)
        keep_first(&html->canonical, markup_attribute(attributes, count, "href"));
}

#define MAX_ARGUMENTS 32

/* An element that HTML does not know, or one without looks: a site's own component, which may show
 * a time. */
static void open_component(struct html *html, const char *name,
                           const struct markup_attribute *attributes, size_t count, int line)
{
    struct component_argument arguments[MAX_ARGUMENTS];
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    count = count < MAX_ARGUMENTS ? count : MAX_ARGUMENTS;
    for (size_t i = 0; i < count; i++)
        arguments[i] = (struct component_argument){slice_of(attributes[i].name),
                                                   slice_of(attributes[i].value)};
    if (count && !html->hidden && component_append_text(slice_of(name), arguments, count, &text)) {
        document_text(html->document, SLICE(" "), line);
        document_text(html->document, buffer_slice(&text), line);
        document_text(html->document, SLICE(" "), line);
    }
    buffer_release(&text);
}

void html_open(struct html *html, const char *name, const struct markup_attribute *attributes,
               size_t count, int line)
{
    const struct element *element = find_element(name);
    if (!element) {
        open_component(html, name, attributes, count, line);
        return;
    }
    switch (element->kind) {
    case ELEMENT_BREAK:
        document_break(html->document, false);
        break;
    case ELEMENT_BLOCK:
        begin_block(html);
        break;
    case ELEMENT_HEADING:
        document_begin_block(html->document, BLOCK_HEADING, element->level);
        break;
    case ELEMENT_LIST:
        html->lists++;
        break;
    case ELEMENT_ITEM:
        document_begin_block(html->document, BLOCK_ITEM, html->lists ? html->lists : 1);
        break;
    case ELEMENT_ROW:
        html->rows++;
        document_begin_block(html->document, BLOCK_ROW, 0);
        break;
    case ELEMENT_CELL:
        begin_cell(html);
        break;
    case ELEMENT_LINK:
        open_link(html, attributes, count);
        break;
    case ELEMENT_PLAYER:
        open_player(html, attributes, count, line);
        break;
    case ELEMENT_HIDDEN:
        html->hidden++;
        break;
    case ELEMENT_TITLE:
        html->in_title = true;
        break;
    case ELEMENT_RELATION:
        open_relation(html, attributes, count);
        break;
    }
}

static void decrease(int *count)
{
    if (*count)
        (*count)--;
}

void html_close(struct html *html, const char *name)
{
    const struct element *element = find_element(name);
    if (!element)
        return;
    switch (element->kind) {
    case ELEMENT_LINK:
        document_end_link(html->document);
        break;
    case ELEMENT_HIDDEN:
        decrease(&html->hidden);
        break;
    case ELEMENT_TITLE:
        html->in_title = false;
        break;
    case ELEMENT_LIST:
        decrease(&html->lists);
        begin_block(html);
        break;
    case ELEMENT_ROW:
        decrease(&html->rows);
        begin_block(html);
        break;
    case ELEMENT_BLOCK:
    case ELEMENT_HEADING:
    case ELEMENT_ITEM:
        begin_block(html);
        break;
    case ELEMENT_BREAK:
    case ELEMENT_CELL:
    case ELEMENT_PLAYER:
    case ELEMENT_RELATION:
        break;
    }
}

void html_text(struct html *html, struct slice text, int line)
{
    if (html->hidden)
        return;
    if (html->in_title) {
        buffer_append_slice(&html->title, text);
        return;
    }
    document_raw_text(html->document, text, line, !html->rows);
}

/* The reader's events, whose lines count from the text's first. */
struct page {
    struct html *html;
    int first_line;
};

static bool on_open(void *context, const char *name, const struct markup_attribute *attributes,
                    size_t count, int line)
{
    struct page *page = context;
    html_open(page->html, name, attributes, count, page->first_line + line - 1);
    return !page->html->document->full;
}

static bool on_text(void *context, struct slice text, int line)
{
    struct page *page = context;
    html_text(page->html, text, page->first_line + line - 1);
    return true;
}

static bool on_close(void *context, const char *name, int line)
{
    struct page *page = context;
    (void)line;
    html_close(page->html, name);
    return true;
}

bool html_read_document(struct html *html, struct slice text, const char *name, int first_line,
                        struct error *err)
{
    struct page page = {html, first_line};
    struct markup_handler handler = {on_open, on_text, on_close, &page};
    return html_read(text, name, &handler, err);
}

void html_read_any(struct html *html, struct slice text, const char *name, int first_line)
{
    bool plain = slice_find_byte(text, '<') == SIZE_MAX && slice_find_byte(text, '&') == SIZE_MAX;
    if (plain)
        html_text(html, text, first_line);
    else if (!html_read_document(html, text, name, first_line, NULL))
        html_read_fragment(html, text, first_line);
}
