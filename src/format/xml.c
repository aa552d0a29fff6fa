/* SPDX-License-Identifier: MIT */
#include <libxml/HTMLparser.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "format/markup.h"

/* What namespaces are called here; "" has no prefix. Compared without case, since the first of them
 * is written in two ways by half the world. */
static const struct {
    const char *uri, *prefix;
} namespaces[] = {
    {"http://www.itunes.com/dtds/podcast-1.0.dtd", "itunes"},
    {"https://www.itunes.com/dtds/podcast-1.0.dtd", "itunes"},
    {"http://www.itunes.com/dtds/podcast-1.0.dtd/", "itunes"},
    {"https://podcastindex.org/namespace/1.0", "podcast"},
    {"http://podcastindex.org/namespace/1.0", "podcast"},
    {"https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md", "podcast"},
    {"http://www.w3.org/2005/Atom", "atom"},
    {"http://purl.org/atom/ns#", "atom"},
    {"http://purl.org/rss/1.0/modules/content/", "content"},
    {"http://podlove.org/simple-chapters", "psc"},
    {"http://podlove.org/simple-chapters/", "psc"},
    {"http://www.google.com/schemas/play-podcasts/1.0", "googleplay"},
    {"http://www.google.com/schemas/play-podcasts/1.0/play-podcasts.xsd", "googleplay"},
    {"http://search.yahoo.com/mrss/", "media"},
    {"http://search.yahoo.com/mrss", "media"},
    {"http://purl.org/dc/elements/1.1/", "dc"},
    {"http://purl.org/dc/terms/", "dcterms"},
    {"http://purl.org/syndication/history/1.0", "fh"},
    {"http://www.spotify.com/ns/rss", "spotify"},
    {"http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf"},
    {"http://www.w3.org/1999/xhtml", "xhtml"},
    {"http://purl.org/rss/1.0/", ""},
    {"http://my.netscape.com/rdf/simple/0.9/", ""},
    {"http://backend.userland.com/rss2", ""},
    {"http://backend.userland.com/RSS2", ""},
};

/* libxml2 compares each attribute with all others of its element, and looks for a prefix among all
 * namespaces in scope: without limits a few megabytes would keep it busy for hours. */
#define MAX_ATTRIBUTES 1000 /* of one element, namespaces among them */
#define MAX_NAMESPACES 2000 /* in scope */

struct reader {
    xmlParserCtxtPtr parser;
    const struct markup_handler *handler;
    const char *name;
    int lines_before; /* passed over before libxml2 saw the document */
    int depth;
    int declared[XML_MAX_DEPTH + 1]; /* namespaces, by the depth of their element */
    int namespaces;                  /* in scope */
    bool atom, stopped;
    struct buffer names;
    struct markup_attribute *attributes;
    size_t attribute_capacity;
    struct error failure; /* the first */
    xmlEntity html_entity;
    char html_text[8];
};

static void stop(struct reader *reader)
{
    reader->stopped = true;
    xmlStopParser(reader->parser);
}

static int line_now(const struct reader *reader)
{
    return reader->lines_before + reader->parser->input->line;
}

/* libxml2 calls when it has read a tag: the line where that began. No '<' stands within a tag. */
static int line_of_tag(const struct reader *reader)
{
    const xmlParserInput *input = reader->parser->input;
    int line = line_now(reader);
    for (const xmlChar *at = input->cur; at > input->base && at[-1] != '<'; at--)
        line -= at[-1] == '\n';
    return line;
}

static void append_name(struct reader *reader, const xmlChar *local, const xmlChar *prefix,
                        const xmlChar *uri)
{
    const char *known = (const char *)prefix;
    for (size_t i = 0; uri && i < sizeof namespaces / sizeof *namespaces; i++)
        if (slice_equal_nocase(slice_of((const char *)uri), slice_of(namespaces[i].uri))) {
            known = namespaces[i].prefix;
            if (reader->atom && strcmp(known, "atom") == 0)
                known = NULL;
            break;
        }
    if (known && known[0])
        buffer_append_format(&reader->names, "%s:", known);
    buffer_append_text(&reader->names, (const char *)local);
    buffer_append_byte(&reader->names, '\0');
}

static bool is_atom(const xmlChar *uri)
{
    return uri && (xmlStrEqual(uri, BAD_CAST "http://www.w3.org/2005/Atom") ||
                   xmlStrEqual(uri, BAD_CAST "http://purl.org/atom/ns#"));
}

/* Names and values of the attributes, one after the other in `names`: their addresses are only
 * known when all are there. `items` are libxml2's, five pointers an attribute. */
static void collect_attributes(struct reader *reader, size_t count, const xmlChar **items)
{
    reader->attributes = mem_grow(reader->attributes, &reader->attribute_capacity, count,
                                  sizeof *reader->attributes);
    for (size_t i = 0; i < count; i++) {
        const xmlChar **item = items + i * 5;
        append_name(reader, item[0], item[1], item[1] ? item[2] : NULL);
        buffer_append(&reader->names, item[3], (size_t)(item[4] - item[3]));
        buffer_append_byte(&reader->names, '\0');
    }
    const char *at = reader->names.data + strlen(reader->names.data) + 1;
    for (size_t i = 0; i < count; i++) {
        reader->attributes[i].name = at;
        at += strlen(at) + 1;
        reader->attributes[i].value = at;
        at += strlen(at) + 1;
    }
}

/* Counts the element; false where it is one too many for us. */
static bool enter(struct reader *reader, int namespace_count)
{
    if (reader->depth == XML_MAX_DEPTH)
        error_set(&reader->failure, ERROR_INPUT, "%s:%d: this XML is nested over %d levels deep",
                  reader->name, line_of_tag(reader), XML_MAX_DEPTH);
    else if (reader->namespaces + namespace_count > MAX_NAMESPACES)
        error_set(&reader->failure, ERROR_INPUT, "%s:%d: over %d namespaces are declared here",
                  reader->name, line_of_tag(reader), MAX_NAMESPACES);
    if (error_is_set(&reader->failure))
        return false;
    reader->declared[++reader->depth] = namespace_count;
    reader->namespaces += namespace_count;
    return true;
}

static void on_open(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
                    int namespace_count, const xmlChar **new_namespaces, int attribute_count,
                    int defaulted, const xmlChar **items)
{
    struct reader *reader = context;
    (void)new_namespaces, (void)defaulted;
    if (reader->stopped)
        return;
    if (reader->depth == 0)
        reader->atom = is_atom(uri);
    if (!enter(reader, namespace_count)) {
        stop(reader);
        return;
    }
    if (!reader->handler->open)
        return;
    buffer_clear(&reader->names);
    append_name(reader, local, prefix, uri);
    collect_attributes(reader, (size_t)attribute_count, items);
    if (!reader->handler->open(reader->handler->context, reader->names.data, reader->attributes,
                               (size_t)attribute_count, line_of_tag(reader)))
        stop(reader);
}

static void on_close(void *context, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    struct reader *reader = context;
    if (reader->stopped)
        return;
    reader->namespaces -= reader->declared[reader->depth--];
    if (!reader->handler->close)
        return;
    buffer_clear(&reader->names);
    append_name(reader, local, prefix, uri);
    if (!reader->handler->close(reader->handler->context, reader->names.data, line_of_tag(reader)))
        stop(reader);
}

static void on_text(void *context, const xmlChar *text, int size)
{
    struct reader *reader = context;
    if (reader->stopped || !reader->handler->text)
        return;
    struct slice piece = {(const char *)text, (size_t)size};
    int line = line_now(reader);
    for (size_t i = 0; i < piece.size; i++)
        line -= piece.data[i] == '\n';
    if (line < 1)
        line = 1; /* line ends that are only CR are given as LF, but not counted */
    if (!reader->handler->text(reader->handler->context, piece, line))
        stop(reader);
}

/* An entity that a DTD may have declared: as it is written. */
static void on_reference(void *context, const xmlChar *name)
{
    on_text(context, BAD_CAST "&", 1);
    on_text(context, name, xmlStrlen(name));
    on_text(context, BAD_CAST ";", 1);
}

/* The only entities that there are: what a DTD declares is never kept, so nothing can grow by
 * entities of entities. HTML's are given as if they were predefined, which libxml2 passes on as
 * they are in text; in attributes it would take only their first byte. */
static xmlEntityPtr on_entity(void *context, const xmlChar *name)
{
    struct reader *reader = context;
    xmlEntityPtr predefined = xmlGetPredefinedEntity(name);
    const htmlEntityDesc *html = predefined ? NULL : htmlEntityLookup(name);
    if (!html || reader->parser->instate != XML_PARSER_CONTENT)
        return predefined;
    struct buffer text = BUFFER_INIT(sizeof reader->html_text - 1);
    text_append_char(&text, html->value);
    memcpy(reader->html_text, buffer_text(&text), text.size + 1);
    reader->html_entity = (xmlEntity){
        .type = XML_ENTITY_DECL,
        .name = name,
        .content = BAD_CAST reader->html_text,
        .length = (int)text.size,
        .etype = XML_INTERNAL_PREDEFINED_ENTITY,
    };
    buffer_release(&text);
    return &reader->html_entity;
}

static void on_error(void *context, xmlErrorPtr problem)
{
    struct reader *reader = context;
    if (problem->level < XML_ERR_FATAL || reader->stopped)
        return;
    struct slice why = slice_trim(slice_of(problem->message));
    error_set(&reader->failure, ERROR_INPUT, "%s:%d: this XML is broken: %.*s", reader->name,
              reader->lines_before + problem->line, SLICE_ARGS(text_cut_bytes(why, 300)));
}

static const xmlSAXHandler callbacks = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = on_open,
    .endElementNs = on_close,
    .characters = on_text,
    .ignorableWhitespace = on_text,
    .cdataBlock = on_text,
    .reference = on_reference,
    .getEntity = on_entity,
    .serror = on_error,
};

/* Eats one tag, behind its '<': how many attributes it has. */
static int take_tag(struct slice *text)
{
    int attributes = 0;
    char quote = '\0';
    for (; text->size; *text = slice_from(*text, 1)) {
        char c = text->data[0];
        if (quote)
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>' || c == '<')
            break;
        else
            attributes += c == '=';
    }
    return attributes;
}

/* Looked at before libxml2 reads the document, which calls us when it has compared them all. */
static bool check_attributes(struct slice text, const char *name, struct error *err)
{
    static const struct {
        struct slice begin, end;
    } others[] = {
        {{"<!--", 4}, {"-->", 3}}, {{"<![CDATA[", 9}, {"]]>", 3}}, {{"<?", 2}, {"?>", 2}}};
    size_t at;
    while ((at = slice_find_byte(text, '<')) != SIZE_MAX) {
        text = slice_from(text, at);
        size_t end = 0;
        for (size_t i = 0; i < sizeof others / sizeof *others && !end; i++)
            if (slice_starts(text, others[i].begin))
                end = slice_find(text, others[i].end);
        text = slice_from(text, end ? end : 1);
        if (!end && take_tag(&text) > MAX_ATTRIBUTES)
            return error_set(err, ERROR_INPUT, "%s: an element has over %d attributes", name,
                             MAX_ATTRIBUTES);
    }
    return true;
}

static void parse(struct reader *reader, struct slice text)
{
    xmlInitParser();
    reader->parser = xmlCreateMemoryParserCtxt(text.data, (int)text.size);
    if (!reader->parser) {
        error_set(&reader->failure, ERROR_SYSTEM, "%s: libxml2 could not be set up", reader->name);
        return;
    }
    *reader->parser->sax = callbacks;
    reader->parser->userData = reader;
    /* NOENT hands & over in attributes as it is; HUGE is for feeds over 10 MB, whose size and depth
     * we bound ourselves. */
    xmlCtxtUseOptions(reader->parser, XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_HUGE);
    xmlParseDocument(reader->parser);
    if (!reader->parser->wellFormed && !reader->stopped)
        error_set(&reader->failure, ERROR_INPUT, "%s: this XML is broken", reader->name);
    /* libxml2 keeps what a DTD declares in a document of its own. */
    xmlFreeDoc(reader->parser->myDoc);
    reader->parser->myDoc = NULL;
    xmlFreeParserCtxt(reader->parser);
}

bool xml_read(struct slice text, const char *name, const struct markup_handler *handler,
              struct error *err)
{
    struct reader reader = {.handler = handler,
                            .name = name,
                            .names = BUFFER_INIT(BUFFER_UNBOUNDED),
                            .failure = ERROR_INIT};
    if (text.size > MARKUP_MAX_BYTES)
        return error_set(err, ERROR_INPUT, "%s: this XML is over %zu MiB large", name,
                         MARKUP_MAX_BYTES >> 20);
    slice_take(&text, SLICE("\xEF\xBB\xBF"));
    struct slice document = slice_trim_left(text);
    for (const char *at = text.data; at < document.data; at++)
        reader.lines_before += *at == '\n';
    if (!document.size)
        return error_set(err, ERROR_INPUT, "%s: there is no XML in it", name);
    if (!check_attributes(document, name, err))
        return false;

    parse(&reader, document);
    buffer_release(&reader.names);
    free(reader.attributes);
    if (!error_is_set(&reader.failure))
        return true;
    error_move(err, &reader.failure);
    return false;
}
