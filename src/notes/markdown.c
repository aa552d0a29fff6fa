/* SPDX-License-Identifier: MIT */
/*
 * md4c says nothing of where a block stands, but the texts that it hands over are pieces of the
 * input itself: a pointer tells the line.
 */
#include "notes/markdown.h"

#include <md4c.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "format/entity.h"
#include "notes/plain.h"

struct markdown {
    struct html *html;
    struct document *document;
    struct slice input;
    int first_line;
    size_t *line_starts; /* offsets into the input, in order; owned */
    size_t line_count, line_capacity;
    int line; /* of the last text */

    int lists, images;
    bool fenced;       /* within a block of code */
    bool language;     /* whose language is named */
    struct buffer raw; /* HTML that has not been handed on yet */
    int raw_line;
};

static void find_lines(struct markdown *markdown)
{
    struct slice rest = markdown->input;
    size_t at = 0, offset = 0;
    do {
        markdown->line_starts = mem_grow(markdown->line_starts, &markdown->line_capacity,
                                         markdown->line_count + 1, sizeof(size_t));
        markdown->line_starts[markdown->line_count++] = offset;
        at = slice_find_byte(slice_from(rest, offset), '\n');
        offset += at + 1;
    } while (at != SIZE_MAX);
}

/* The line in which the text stands; that of the text before it where it is no part of the input.
 */
static int line_of(struct markdown *markdown, const char *text)
{
    const char *begin = markdown->input.data;
    if (text < begin || text >= begin + markdown->input.size)
        return markdown->line;
    size_t offset = (size_t)(text - begin);
    size_t low = 0, high = markdown->line_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (markdown->line_starts[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    markdown->line = markdown->first_line + (int)low;
    return markdown->line;
}

/* Hands on the HTML that has come in pieces. */
static void end_raw(struct markdown *markdown)
{
    if (!markdown->raw.size)
        return;
    html_read_fragment(markdown->html, buffer_slice(&markdown->raw), markdown->raw_line);
    buffer_clear(&markdown->raw);
}

static void append_raw(struct markdown *markdown, struct slice text)
{
    int line = line_of(markdown, text.data);
    if (!markdown->raw.size)
        markdown->raw_line = line;
    buffer_append_slice(&markdown->raw, text);
}

static void begin_block(struct markdown *markdown, enum block block, int depth)
{
    document_begin_block(markdown->document, block, depth);
}

/* What a paragraph is where it stands. */
static void begin_text(struct markdown *markdown)
{
    begin_block(markdown, markdown->lists ? BLOCK_ITEM : BLOCK_TEXT, markdown->lists);
}

static int on_enter_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct markdown *markdown = context;
    end_raw(markdown);
    switch (type) {
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        markdown->lists++;
        break;
    case MD_BLOCK_H:
        begin_block(markdown, BLOCK_HEADING, (int)((MD_BLOCK_H_DETAIL *)detail)->level);
        break;
    case MD_BLOCK_TR:
        begin_block(markdown, BLOCK_ROW, 0);
        break;
    case MD_BLOCK_CODE:
        markdown->fenced = true;
        markdown->language = ((MD_BLOCK_CODE_DETAIL *)detail)->lang.size > 0;
        begin_block(markdown, BLOCK_CODE, 0);
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
    case MD_BLOCK_DOC:
    case MD_BLOCK_TABLE:
    case MD_BLOCK_THEAD:
    case MD_BLOCK_TBODY:
        break;
    default:
        begin_text(markdown);
        break;
    }
    return markdown->document->full;
}

static int on_leave_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct markdown *markdown = context;
    (void)detail;
    end_raw(markdown);
    switch (type) {
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        markdown->lists--;
        break;
    case MD_BLOCK_CODE:
        markdown->fenced = false;
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        document_cell(markdown->document);
        break;
    default:
        break;
    }
    return markdown->document->full;
}

/* With its references decoded; for free(), NULL where there is none. */
static char *attribute_text(const MD_ATTRIBUTE *attribute)
{
    if (!attribute->text)
        return NULL;
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    for (size_t i = 0; attribute->substr_offsets[i] < attribute->size; i++) {
        size_t begin = attribute->substr_offsets[i], end = attribute->substr_offsets[i + 1];
        struct slice part = {attribute->text + begin, end - begin};
        if (attribute->substr_types[i] == MD_TEXT_ENTITY)
            entity_append(&text, part);
        else
            buffer_append_slice(&text, part);
    }
    return buffer_detach(&text);
}

static void enter_link(struct markdown *markdown, const MD_SPAN_A_DETAIL *detail)
{
    char *url = attribute_text(&detail->href), *title = attribute_text(&detail->title);
    document_begin_link(markdown->document, slice_of(url), title);
    free(url);
    free(title);
}

/* [[Page]], [[Page|text]]: md4c gives the text as it does that of a link. */
static void enter_wiki_link(struct markdown *markdown, const MD_SPAN_WIKILINK_DETAIL *detail)
{
    char *target = attribute_text(&detail->target);
    document_begin_link(markdown->document, slice_of(target), NULL);
    free(target);
}

static int on_enter_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct markdown *markdown = context;
    end_raw(markdown);
    if (type == MD_SPAN_A)
        enter_link(markdown, detail);
    else if (type == MD_SPAN_WIKILINK)
        enter_wiki_link(markdown, detail);
    else if (type == MD_SPAN_IMG)
        markdown->images++;
    return markdown->document->full;
}

static int on_leave_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct markdown *markdown = context;
    (void)detail;
    end_raw(markdown);
    if (type == MD_SPAN_A || type == MD_SPAN_WIKILINK)
        document_end_link(markdown->document);
    else if (type == MD_SPAN_IMG)
        markdown->images--;
    return markdown->document->full;
}

static void append_entity(struct markdown *markdown, struct slice text)
{
    struct buffer decoded = BUFFER_INIT(BUFFER_UNBOUNDED);
    entity_append(&decoded, text);
    document_text(markdown->document, buffer_slice(&decoded), line_of(markdown, text.data));
    buffer_release(&decoded);
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *data, MD_SIZE size, void *context)
{
    struct markdown *markdown = context;
    struct slice text = {data, size};
    if (type == MD_TEXT_HTML) {
        append_raw(markdown, text);
        return markdown->document->full;
    }
    end_raw(markdown);
    /* A picture's text is seen only where it is all that a link shows. */
    if (markdown->html->hidden || (markdown->images && !markdown->document->linking))
        return markdown->document->full;
    if (markdown->fenced) {
        if (!markdown->language)
            document_raw_text(markdown->document, text, line_of(markdown, data), true);
        return markdown->document->full;
    }
    switch (type) {
    case MD_TEXT_BR:
        document_break(markdown->document, false);
        break;
    case MD_TEXT_SOFTBR:
        document_break(markdown->document, true);
        break;
    case MD_TEXT_ENTITY:
        append_entity(markdown, text);
        break;
    default:
        document_text(markdown->document, text, line_of(markdown, data));
        break;
    }
    return markdown->document->full;
}

/* Gives the document's lines from `first` on what they were in the source. */
static void set_sources(const struct markdown *markdown, size_t first)
{
    for (size_t i = first; i < markdown->document->line_count; i++) {
        struct document_line *line = &markdown->document->lines[i];
        size_t index = (size_t)(line->number - markdown->first_line);
        if (line->number < markdown->first_line || index >= markdown->line_count)
            continue;
        if (i > first && line[-1].number == line->number) {
            line->source = line[-1].source; /* a long one is searched for its end once */
            continue;
        }
        struct slice rest = slice_from(markdown->input, markdown->line_starts[index]);
        slice_take_line(&rest, &line->source);
    }
}

/*
 * md4c finds bare URLs in time that grows with the square of their number in a paragraph, and keeps
 * some forty bytes for each character that may be markup. No paragraph that somebody wrote comes
 * near these limits: past the first, bare URLs are text; past the second, everything is.
 */
#define MAX_PARAGRAPH_URLS  5000
#define MAX_PARAGRAPH_MARKS 500000

struct extent {
    size_t urls, marks; /* the most in one paragraph */
};

/* Bytes that may be markup. */
static const bool is_mark[256] = {
    ['['] = true, [']'] = true, ['('] = true, [')'] = true, ['!'] = true,  ['*'] = true,
    ['_'] = true, ['`'] = true, ['<'] = true, ['>'] = true, ['&'] = true,  ['\\'] = true,
    [':'] = true, ['~'] = true, ['|'] = true, ['"'] = true, ['\''] = true,
};

static size_t count_urls(struct slice line)
{
    static const struct slice signs[] = {{"://", 3}, {"www.", 4}};
    size_t count = 0;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        struct slice rest = line;
        for (size_t at; (at = slice_find(rest, signs[i])) != SIZE_MAX; count++)
            rest = slice_from(rest, at + signs[i].size);
    }
    return count;
}

static struct extent measure(struct slice text)
{
    struct extent most = {0}, current = {0};
    struct slice line;
    while (slice_take_line(&text, &line)) {
        if (!slice_trim_left(line).size)
            current = (struct extent){0};
        for (size_t i = 0; i < line.size; i++)
            current.marks += is_mark[(uint8_t)line.data[i]];
        current.urls += count_urls(line);
        if (current.urls > most.urls)
            most.urls = current.urls;
        if (current.marks > most.marks)
            most.marks = current.marks;
    }
    return most;
}

/* md4c looks at the character behind the last one, and at more where a construct is cut off there:
 * it gets a copy that ends in a line's end and zeros. */
#define PADDING 64

static struct slice copy_padded(struct arena *arena, struct slice text)
{
    char *copy = arena_alloc(arena, text.size + 1 + PADDING);
    if (text.size)
        memcpy(copy, text.data, text.size);
    copy[text.size] = '\n';
    return (struct slice){copy, text.size + 1};
}

/* Where brackets stand within the text of usual links, "[[12:34]](url)", md4c would take them for
 * wiki links. */
static bool has_wiki_links(struct slice text)
{
    return slice_find(text, SLICE("[[")) != SIZE_MAX &&
           slice_find(text, SLICE("]](")) == SIZE_MAX && slice_find(text, SLICE("]][")) == SIZE_MAX;
}

static unsigned flags_for(struct slice text, struct extent extent)
{
    unsigned flags =
        MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_NOINDENTEDCODEBLOCKS;
    if (has_wiki_links(text))
        flags |= MD_FLAG_WIKILINKS;
    if (extent.urls <= MAX_PARAGRAPH_URLS)
        flags |= MD_FLAG_PERMISSIVEURLAUTOLINKS | MD_FLAG_PERMISSIVEWWWAUTOLINKS;
    return flags;
}

void markdown_read(struct html *html, struct slice text, int first_line)
{
    struct extent extent = measure(text);
    if (extent.marks > MAX_PARAGRAPH_MARKS) {
        plain_read(html->document, text, first_line);
        return;
    }
    struct markdown markdown = {
        .html = html,
        .document = html->document,
        .input = copy_padded(html->document->arena, text),
        .first_line = first_line,
        .line = first_line,
        .raw = BUFFER_INIT(BUFFER_UNBOUNDED),
    };
    MD_PARSER parser = {
        .flags = flags_for(text, extent),
        .enter_block = on_enter_block,
        .leave_block = on_leave_block,
        .enter_span = on_enter_span,
        .leave_span = on_leave_span,
        .text = on_text,
    };
    size_t first = html->document->line_count;
    find_lines(&markdown);
    md_parse(markdown.input.data, (MD_SIZE)markdown.input.size, &parser, &markdown);
    end_raw(&markdown);
    document_begin_block(html->document, BLOCK_TEXT, 0);
    set_sources(&markdown, first);
    buffer_release(&markdown.raw);
    free(markdown.line_starts);
}
