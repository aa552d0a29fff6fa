/* SPDX-License-Identifier: MIT */
#include "notes/plain.h"

#include "notes/address.h"

/* A link that was found in a line: what is shown, and what of the line it takes up. */
struct found {
    size_t begin, end;
    struct slice url, label;
};

/* No label is longer; what seems to be has brackets or quotes that belong elsewhere. */
#define MAX_LABEL ((size_t)1000)

static size_t find_back(struct slice text, size_t from, char what)
{
    size_t first = from > MAX_LABEL ? from - MAX_LABEL : 0;
    for (size_t i = from; i > first; i--)
        if (text.data[i - 1] == what)
            return i - 1;
    return SIZE_MAX;
}

static struct slice between(struct slice text, size_t begin, size_t end)
{
    return slice_from(slice_first(text, end), begin);
}

/* url[text], with "link:" before it or not. */
static bool is_asciidoc(struct slice line, size_t begin, size_t end, struct found *found)
{
    struct slice behind = slice_from(line, end);
    if (!slice_take_byte(&behind, '['))
        return false;
    size_t size = slice_find_byte(slice_first(behind, MAX_LABEL), ']');
    if (size == SIZE_MAX)
        return false;
    struct slice label = slice_first(behind, size);
    if (slice_ends(slice_first(line, begin), SLICE("link:")))
        begin -= SLICE("link:").size;
    *found = (struct found){begin, line.size - behind.size + size + 1, found->url, label};
    return true;
}

/* [[url][text]]. */
static bool is_org(struct slice line, size_t begin, size_t end, struct found *found)
{
    struct slice behind = slice_from(line, end);
    if (!slice_ends(slice_first(line, begin), SLICE("[[")))
        return false;
    begin -= 2;
    if (slice_take(&behind, SLICE("]]"))) {
        *found = (struct found){begin, line.size - behind.size, found->url, found->url};
        return true;
    }
    if (!slice_take(&behind, SLICE("][")))
        return false;
    size_t size = slice_find(slice_first(behind, MAX_LABEL), SLICE("]]"));
    if (size == SIZE_MAX)
        return false;
    struct slice label = slice_first(behind, size);
    *found = (struct found){begin, line.size - behind.size + size + 2, found->url, label};
    return true;
}

/* `text <url>`_ */
static bool is_rest(struct slice line, size_t begin, size_t end, struct found *found)
{
    struct slice behind = slice_from(line, end);
    if (!slice_ends(slice_first(line, begin), SLICE("<")) || !slice_take(&behind, SLICE(">`_")))
        return false;
    slice_take_byte(&behind, '_');
    size_t quote = find_back(line, begin - 1, '`');
    if (quote == SIZE_MAX)
        return false;
    struct slice label = slice_trim(between(line, quote + 1, begin - 1));
    *found = (struct found){quote, line.size - behind.size, found->url, label};
    return true;
}

/* "text":url */
static bool is_textile(struct slice line, size_t begin, size_t end, struct found *found)
{
    if (!slice_ends(slice_first(line, begin), SLICE("\":")))
        return false;
    size_t quote = find_back(line, begin - 2, '"');
    if (quote == SIZE_MAX)
        return false;
    *found = (struct found){quote, end, found->url, between(line, quote + 1, begin - 2)};
    return true;
}

static bool (*const notations[])(struct slice line, size_t begin, size_t end,
                                 struct found *found) = {
    is_asciidoc,
    is_org,
    is_rest,
    is_textile,
};

static bool find_link(struct slice line, struct found *ret_found)
{
    size_t begin, size;
    if (!address_find(line, &begin, &size))
        return false;
    struct slice url = between(line, begin, begin + size);
    *ret_found = (struct found){begin, begin + size, url, url};
    for (size_t i = 0; i < sizeof notations / sizeof *notations; i++)
        if (notations[i](line, begin, begin + size, ret_found))
            break;
    return true;
}

static void read_line(struct document *document, struct slice line, int number)
{
    struct found found;
    while (document->link_count < DOCUMENT_MAX_LINKS && find_link(line, &found)) {
        document_text(document, slice_first(line, found.begin), number);
        document_begin_link(document, found.url, NULL);
        document_text(document, found.label, number);
        document_end_link(document);
        line = slice_from(line, found.end);
    }
    document_text(document, line, number);
}

/* "== Title", "* Title" (Org), "# Title": the marks are no part of the text. */
static bool take_heading(struct slice *line)
{
    static const char marks[] = {'=', '#'};
    for (size_t i = 0; i < sizeof marks; i++) {
        struct slice rest = *line;
        while (slice_take_byte(&rest, marks[i]))
            ;
        if (rest.size < line->size && rest.size && rest.data[0] == ' ') {
            *line = slice_trim(rest);
            return true;
        }
    }
    return false;
}

static bool is_bulleted(struct slice line)
{
    struct slice rest = slice_trim_left(line);
    return rest.size > 1 && (rest.data[0] == '-' || rest.data[0] == '*' || rest.data[0] == '+') &&
           rest.data[1] == ' ';
}

void plain_read(struct document *document, struct slice text, int first_line)
{
    struct slice line;
    bool fresh = true; /* a block begins here */
    for (int number = first_line; !document->full && slice_take_line(&text, &line); number++) {
        bool empty = !slice_trim(line).size;
        if (empty) {
            fresh = true;
            continue;
        }
        if (take_heading(&line)) {
            document_begin_block(document, BLOCK_HEADING, 1);
            fresh = true;
        } else if (is_bulleted(line)) {
            document_begin_block(document, BLOCK_ITEM, 1);
            fresh = false;
        } else if (fresh) {
            document_begin_block(document, BLOCK_TEXT, 0);
            fresh = false;
        } else {
            document_break(document, true);
        }
        read_line(document, line, number);
    }
    document_begin_block(document, BLOCK_TEXT, 0);
}
