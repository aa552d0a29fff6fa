/* SPDX-License-Identifier: MIT */
/*
 * The HTML that stands in Markdown comes in pieces: a tag here, its end three paragraphs later. A
 * parser of whole documents would repair each piece by itself; this tokeniser only says what is
 * opened, closed and written, in one pass.
 */
#include <string.h>

#include "format/entity.h"
#include "notes/html.h"

#define MAX_ATTRIBUTES 32

/* A tag that is being read; what its attributes hold lies in `text`, terminated. */
struct tag {
    struct buffer text;
    size_t names[MAX_ATTRIBUTES], values[MAX_ATTRIBUTES];
    size_t count;
};

static int count_lines(struct slice text)
{
    int lines = 0;
    for (size_t at; (at = slice_find_byte(text, '\n')) != SIZE_MAX; lines++)
        text = slice_from(text, at + 1);
    return lines;
}

/* Eats everything up to and with `end`, or all there is. */
static void skip_past(struct slice *text, struct slice end)
{
    size_t at = slice_find(*text, end);
    *text = slice_from(*text, at == SIZE_MAX ? text->size : at + end.size);
}

static bool is_name_byte(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c) || c == '-' || c == ':' || c == '_' || c == '@' ||
           c == '.';
}

static struct slice take_name(struct slice *text)
{
    size_t size = 0;
    while (size < text->size && is_name_byte(text->data[size]))
        size++;
    struct slice name = slice_first(*text, size);
    *text = slice_from(*text, size);
    return name;
}

/* Quoted, or up to a blank or the tag's end. */
static struct slice take_value(struct slice *text)
{
    struct slice value;
    char quote = text->size ? text->data[0] : '\0';
    if (quote == '"' || quote == '\'') {
        *text = slice_from(*text, 1);
        if (!slice_take_field(text, quote, &value))
            value = slice_first(*text, 0);
        return value;
    }
    size_t size = 0;
    while (size < text->size && !byte_is_space(text->data[size]) && text->data[size] != '>')
        size++;
    value = slice_first(*text, size);
    *text = slice_from(*text, size);
    return value;
}

static size_t store(struct tag *tag, struct slice text, bool lower)
{
    size_t offset = tag->text.size;
    if (lower)
        for (size_t i = 0; i < text.size; i++)
            buffer_append_byte(&tag->text, byte_lower(text.data[i]));
    else
        entity_append_text(&tag->text, text);
    buffer_append_byte(&tag->text, '\0');
    return offset;
}

static void take_attributes(struct slice *text, struct tag *tag)
{
    while (text->size && text->data[0] != '>') {
        struct slice name = take_name(text);
        if (!name.size) {
            *text = slice_from(*text, 1);
            continue;
        }
        struct slice rest = slice_trim_left(*text), value = {"", 0};
        if (slice_take_byte(&rest, '=')) {
            *text = slice_trim_left(rest);
            value = take_value(text);
        }
        if (tag->count < MAX_ATTRIBUTES) {
            tag->names[tag->count] = store(tag, name, true);
            tag->values[tag->count++] = store(tag, value, false);
        }
    }
    slice_take_byte(text, '>');
}

/* What the tag holds is no markup; it ends with its own end tag. */
static bool is_raw(const char *name)
{
    return strcmp(name, "script") == 0 || strcmp(name, "style") == 0;
}

static void take_open_tag(struct html *html, struct slice *text, int line)
{
    struct tag tag = {.text = BUFFER_INIT(BUFFER_UNBOUNDED)};
    struct markup_attribute attributes[MAX_ATTRIBUTES];
    size_t name = store(&tag, take_name(text), true);
    take_attributes(text, &tag);
    for (size_t i = 0; i < tag.count; i++)
        attributes[i] =
            (struct markup_attribute){tag.text.data + tag.names[i], tag.text.data + tag.values[i]};
    if (is_raw(tag.text.data + name))
        skip_past(text, SLICE("</"));
    else
        html_open(html, tag.text.data + name, attributes, tag.count, line);
    buffer_release(&tag.text);
}

static void take_close_tag(struct html *html, struct slice *text)
{
    struct tag tag = {.text = BUFFER_INIT(BUFFER_UNBOUNDED)};
    size_t name = store(&tag, take_name(text), true);
    skip_past(text, SLICE(">"));
    html_close(html, tag.text.data + name);
    buffer_release(&tag.text);
}

static void take_text(struct html *html, struct slice *text, int line)
{
    size_t size = slice_find_byte(slice_from(*text, 1), '<');
    size = size == SIZE_MAX ? text->size : size + 1;
    struct buffer decoded = BUFFER_INIT(BUFFER_UNBOUNDED);
    entity_append_text(&decoded, slice_first(*text, size));
    html_text(html, buffer_slice(&decoded), line);
    buffer_release(&decoded);
    *text = slice_from(*text, size);
}

/* Eats one tag, comment or run of text. */
static void take_piece(struct html *html, struct slice *text, int line)
{
    struct slice rest = *text;
    bool tag = slice_take_byte(&rest, '<') && rest.size;
    if (tag && slice_starts(rest, SLICE("!--"))) {
        skip_past(text, SLICE("-->"));
    } else if (tag && (rest.data[0] == '!' || rest.data[0] == '?')) {
        skip_past(text, SLICE(">"));
    } else if (tag && slice_take_byte(&rest, '/')) {
        *text = rest;
        take_close_tag(html, text);
    } else if (tag && byte_is_alpha(rest.data[0])) {
        *text = rest;
        take_open_tag(html, text, line);
    } else {
        take_text(html, text, line);
    }
}

void html_read_fragment(struct html *html, struct slice text, int first_line)
{
    int line = first_line;
    while (text.size && !html->document->full) {
        const char *before = text.data;
        take_piece(html, &text, line);
        line += count_lines((struct slice){before, (size_t)(text.data - before)});
    }
}
