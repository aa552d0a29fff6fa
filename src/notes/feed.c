/* SPDX-License-Identifier: MIT */
/*
 * Feeds as notes: each item of an RSS or Atom feed is a page. Its text may stand there several
 * times (description, content:encoded, itunes:summary); the one with the most marks is taken.
 */
#include <stdlib.h>
#include <string.h>

#include "format/markup.h"
#include "model/timecode.h"
#include "notes/html.h"
#include "notes/reader.h"

enum field {
    FIELD_TITLE,
    FIELD_DATE,
    FIELD_GUID,
    FIELD_LINK,
    FIELD_SEASON,
    FIELD_EPISODE,
    FIELD_DURATION,
    FIELD_TEXT, /* the first of three that may hold the notes */
    FIELD_CONTENT,
    FIELD_SUMMARY,
    FIELD_COUNT,
};

/* RSS 2.0, Atom (RFC 4287), Apple's and the content module's names. */
static const struct element {
    const char *name;
    enum field field;
} elements[] = {
    {"title", FIELD_TITLE},
    {"pubDate", FIELD_DATE},
    {"published", FIELD_DATE},
    {"updated", FIELD_DATE},
    {"dc:date", FIELD_DATE},
    {"guid", FIELD_GUID},
    {"id", FIELD_GUID},
    {"link", FIELD_LINK},
    {"itunes:season", FIELD_SEASON},
    {"podcast:season", FIELD_SEASON},
    {"itunes:episode", FIELD_EPISODE},
    {"podcast:episode", FIELD_EPISODE},
    {"itunes:duration", FIELD_DURATION},
    {"description", FIELD_TEXT},
    {"content:encoded", FIELD_CONTENT},
    {"content", FIELD_CONTENT},
    {"itunes:summary", FIELD_SUMMARY},
    {"summary", FIELD_SUMMARY},
};

struct feed {
    struct reader *reader;
    const char *name;
    char *show; /* the channel's title; owned */
    size_t number;
    int depth, item_depth; /* 0: in no item */
    int field, field_depth;
    struct buffer fields[FIELD_COUNT];
    int lines[FIELD_COUNT];
    struct page page;
};

static int find_field(const char *name)
{
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (strcmp(elements[i].name, name) == 0)
            return (int)elements[i].field;
    return -1;
}

static void begin_item(struct feed *feed)
{
    char *name = mem_format("%s#%zu", feed->name, ++feed->number);
    reader_begin_page(feed->reader, name, &feed->page);
    free(name);
    feed->item_depth = feed->depth;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        buffer_clear(&feed->fields[i]);
}

static void keep(struct feed *feed, const char **member, const char *text)
{
    struct slice value = slice_trim(slice_of(text));
    if (!*member && value.size)
        *member = arena_strndup(feed->page.notes->arena, value.data, value.size);
}

/* Podlove Simple Chapters, which stand in the item themselves. */
static void add_chapter(struct feed *feed, const struct markup_attribute *attributes, size_t count,
                        int line)
{
    const char *start = markup_attribute(attributes, count, "start");
    const char *title = markup_attribute(attributes, count, "title");
    struct chapter chapter = {.end = MILLIS_NONE, .line = line};
    if (!start || !timecode_parse(slice_of(start), TIMECODE_ANY, &chapter.start)) {
        notes_warn(feed->page.notes, line, "a chapter whose start is no time");
        return;
    }
    struct arena *arena = feed->page.notes->arena;
    chapter.title = arena_strdup(arena, title ? title : "");
    chapter.link = arena_strdup(arena, markup_attribute(attributes, count, "href"));
    notes_add_chapter(feed->page.notes, &chapter);
}

/* What an item says by attributes. */
static void read_attributes(struct feed *feed, const char *name,
                            const struct markup_attribute *attributes, size_t count, int line)
{
    const char *relation = markup_attribute(attributes, count, "rel");
    const char *link = markup_attribute(attributes, count, "href");
    const char *type = markup_attribute(attributes, count, "type");
    struct notes *notes = feed->page.notes;
    if (strcmp(name, "enclosure") == 0) {
        if (!type || strncmp(type, "image/", 6) != 0)
            keep(feed, &notes->audio_url, markup_attribute(attributes, count, "url"));
    } else if (strcmp(name, "link") == 0 && link) {
        if (relation && strcmp(relation, "enclosure") == 0)
            keep(feed, &notes->audio_url, link);
        else if (!relation || strcmp(relation, "alternate") == 0)
            keep(feed, &notes->page, link);
    } else if (strcmp(name, "psc:chapter") == 0) {
        add_chapter(feed, attributes, count, line);
    }
}

static bool on_open(void *context, const char *name, const struct markup_attribute *attributes,
                    size_t count, int line)
{
    struct feed *feed = context;
    feed->depth++;
    if (!feed->item_depth && (strcmp(name, "item") == 0 || strcmp(name, "entry") == 0)) {
        begin_item(feed);
        return true;
    }
    int field = find_field(name);
    bool inside = feed->item_depth && feed->depth == feed->item_depth + 1;
    bool show = !feed->item_depth && !feed->show && field == FIELD_TITLE;
    if (feed->item_depth)
        read_attributes(feed, name, attributes, count, line);
    if (field >= 0 && feed->field < 0 && (inside || show) && !feed->fields[field].size) {
        feed->field = field;
        feed->field_depth = feed->depth;
        feed->lines[field] = line;
    }
    return true;
}

static bool on_text(void *context, struct slice text, int line)
{
    struct feed *feed = context;
    if (feed->field < 0)
        return true;
    if (!feed->fields[feed->field].size)
        feed->lines[feed->field] = line;
    buffer_append_slice(&feed->fields[feed->field], text);
    return true;
}

static const char *field_text(const struct feed *feed, enum field field)
{
    return buffer_text(&feed->fields[field]);
}

static int field_number(const struct feed *feed, enum field field)
{
    int64_t number;
    struct slice text = slice_trim(buffer_slice(&feed->fields[field]));
    return slice_to_int64(text, &number) && number >= 0 && number <= 100000 ? (int)number
                                                                            : MARK_NUMBER_NONE;
}

static void read_facts(struct feed *feed)
{
    struct notes *notes = feed->page.notes;
    keep(feed, &notes->title, field_text(feed, FIELD_TITLE));
    keep(feed, &notes->date, field_text(feed, FIELD_DATE));
    keep(feed, &notes->guid, field_text(feed, FIELD_GUID));
    keep(feed, &notes->page, field_text(feed, FIELD_LINK));
    keep(feed, &notes->show, feed->show);
    notes->season = field_number(feed, FIELD_SEASON);
    notes->episode = field_number(feed, FIELD_EPISODE);
    timecode_parse(buffer_slice(&feed->fields[FIELD_DURATION]), TIMECODE_ANY, &feed->page.duration);
}

/* One of the texts that may hold the notes, read. */
struct text {
    struct arena *arena;
    struct document document;
    size_t marks;
};

static void text_init(struct text *text, struct feed *feed, enum field field)
{
    struct html html;
    text->arena = arena_create();
    document_init(&text->document, text->arena);
    html_init(&html, &text->document);
    html_read_any(&html, buffer_slice(&feed->fields[field]), feed->name, feed->lines[field]);
    html_release(&html);
    document_finish(&text->document);
    document_read_times(&text->document);
}

static void count_marks(struct text *text, struct feed *feed)
{
    struct document *document = &text->document;
    text->marks = chapters_take_listed(&feed->page, document, false);
    for (size_t i = 0; i < document->link_count; i++)
        text->marks += document->links[i].timed && !document->links[i].chapter;
}

/* Podlove's chapters are surer than a list of times. */
static void take_marks(struct text *text, struct feed *feed)
{
    bool keep_chapters = !feed->page.notes->chapter_count;
    chapters_take_listed(&feed->page, &text->document, keep_chapters);
    clips_find(&feed->page, &text->document);
}

/* Many feeds give the same text under several names. */
static bool is_repeated(const struct feed *feed, enum field field)
{
    for (enum field other = FIELD_TEXT; other < field; other++)
        if (slice_equal(buffer_slice(&feed->fields[other]), buffer_slice(&feed->fields[field])))
            return true;
    return false;
}

#define TEXTS (FIELD_COUNT - FIELD_TEXT)

static void read_texts(struct feed *feed)
{
    struct text texts[TEXTS];
    size_t count = 0, best = 0;
    for (enum field field = FIELD_TEXT; field < FIELD_COUNT; field++)
        if (feed->fields[field].size && !is_repeated(feed, field))
            text_init(&texts[count++], feed, field);
    for (size_t i = 0; count > 1 && i < count; i++) {
        count_marks(&texts[i], feed);
        if (texts[i].marks > texts[best].marks)
            best = i;
    }
    if (count)
        take_marks(&texts[best], feed);
    for (size_t i = 0; i < count; i++)
        arena_destroy(texts[i].arena);
}

static void end_item(struct feed *feed)
{
    read_facts(feed);
    read_texts(feed);
    feed->item_depth = 0;
    reader_hand_over(feed->reader, &feed->page);
    feed->page.notes = NULL;
}

static bool on_close(void *context, const char *name, int line)
{
    struct feed *feed = context;
    (void)name;
    (void)line;
    if (feed->field >= 0 && feed->depth == feed->field_depth) {
        if (!feed->item_depth) {
            feed->show = mem_strdup(field_text(feed, FIELD_TITLE));
            buffer_clear(&feed->fields[FIELD_TITLE]);
        }
        feed->field = -1;
    }
    if (feed->item_depth && feed->depth == feed->item_depth)
        end_item(feed);
    feed->depth--;
    return !feed->reader->stopped;
}

bool feed_read_pages(struct reader *reader, struct slice text, const char *name, struct error *err)
{
    struct feed feed = {.reader = reader, .name = name, .field = -1};
    struct markup_handler handler = {on_open, on_text, on_close, &feed};
    for (size_t i = 0; i < FIELD_COUNT; i++)
        feed.fields[i] = (struct buffer)BUFFER_INIT(MARKUP_MAX_BYTES);
    bool read = xml_read(text, name, &handler, err);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        buffer_release(&feed.fields[i]);
    notes_destroy(feed.page.notes);
    free(feed.show);
    if (read && !feed.number)
        return error_set(err, ERROR_INPUT, "%s: no feed: it holds no items or entries", name);
    return read;
}

bool feed_knows(struct slice text)
{
    struct slice head = slice_first(text, 1000);
    return slice_starts(slice_trim_left(text), SLICE("<")) &&
           (slice_find(head, SLICE("<rss")) != SIZE_MAX ||
            slice_find(head, SLICE("<feed")) != SIZE_MAX ||
            slice_find(head, SLICE("<rdf:RDF")) != SIZE_MAX);
}
