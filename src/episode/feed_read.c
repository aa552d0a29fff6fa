/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "episode/feed.h"
#include "episode/match.h"
#include "format/markup.h"
#include "format/url.h"
#include "model/timecode.h"

/* Longer texts are cut: what we read are titles, links and numbers. */
#define MAX_TEXT_BYTES ((size_t)64 << 10)

/* The lowest rank is the best; a field that has one is only overwritten by a better one. */
#define NO_RANK 100

struct reading {
    struct feed *feed;
    struct buffer path; /* names of the open elements: "/rss/channel/item/title" */
    size_t container;   /* the size of the path at the channel or item; 0 outside */
    bool in_item;
    int channel_ranks[FEED_FIELD_COUNT], item_ranks[FEED_FIELD_COUNT];
    const struct text_row *row; /* whose text is being read; NULL */
    size_t row_path;            /* the size of the path there */
    bool soundbite;             /* that of a soundbite, which has been read */
    struct buffer text;
};

/* What an element's text says; the path is seen from the channel or item. */
struct text_row {
    const char *path;
    enum feed_field field;
    int rank;
};

static const struct text_row text_rows[] = {
    {"title", FEED_TITLE, 1},
    {"itunes:title", FEED_TITLE, 2},
    {"media:title", FEED_TITLE, 3},
    {"link", FEED_LINK, 1},
    {"guid", FEED_GUID, 1},
    {"id", FEED_GUID, 2},
    {"pubDate", FEED_DATE, 1},
    {"published", FEED_DATE, 1},
    {"dc:date", FEED_DATE, 2},
    {"updated", FEED_DATE, 3},
    {"itunes:author", FEED_AUTHOR, 1},
    {"author/name", FEED_AUTHOR, 2},
    {"dc:creator", FEED_AUTHOR, 3},
    {"googleplay:author", FEED_AUTHOR, 4},
    {"author", FEED_AUTHOR, 5},
    {"itunes:duration", FEED_DURATION, 1},
    {"podcast:season", FEED_SEASON, 1},
    {"itunes:season", FEED_SEASON, 2},
    {"podcast:episode", FEED_NUMBER, 1},
    {"itunes:episode", FEED_NUMBER, 2},
    {"image/url", FEED_COVER, 2},
    {"logo", FEED_COVER, 3},
    {"icon", FEED_COVER, 5},
    {"podcast:soundbite", FEED_FIELD_COUNT, 0}, /* the title of the last one */
};

/* What an element's attribute says. */
static const struct attribute_row {
    const char *path, *attribute;
    enum feed_field field;
    int rank;
} attribute_rows[] = {
    {"itunes:image", "href", FEED_COVER, 1},   {"googleplay:image", "href", FEED_COVER, 3},
    {"media:thumbnail", "url", FEED_COVER, 4}, {"podcast:chapters", "url", FEED_CHAPTERS, 1},
    {"link", "resource", FEED_LINK, 2},
};

static struct feed_item *current(struct reading *reading, int **ret_ranks)
{
    struct feed *feed = reading->feed;
    *ret_ranks = reading->in_item ? reading->item_ranks : reading->channel_ranks;
    return reading->in_item ? &feed->items[feed->count - 1] : &feed->channel;
}

static void set(struct reading *reading, enum feed_field field, int rank, struct slice text)
{
    int *ranks = NULL;
    struct feed_item *item = current(reading, &ranks);
    char *collapsed = text_collapse(text);
    if (collapsed[0] && rank < ranks[field]) {
        item->texts[field] = arena_strdup(reading->feed->arena, collapsed);
        ranks[field] = rank;
    }
    free(collapsed);
}

/* A link with what is said of it: all are of one element, so they are set together. */
static void set_link(struct reading *reading, int rank, const enum feed_field fields[3],
                     const char *const texts[3])
{
    int *ranks = NULL;
    struct feed_item *item = current(reading, &ranks);
    if (!texts[0] || rank >= ranks[fields[0]])
        return;
    for (int i = 0; i < 3 && fields[i] != FEED_FIELD_COUNT; i++) {
        item->texts[fields[i]] = NULL;
        ranks[fields[i]] = NO_RANK;
        if (texts[i])
            set(reading, fields[i], rank, slice_of(texts[i]));
    }
}

/* The types in feeds are often wrong or missing, and an enclosure may be a picture: the extension
 * counts first. NO_RANK is no audio. */
static int audio_rank(const char *url, const char *type, const char *medium)
{
    struct slice declared = slice_of(type);
    if (!url || slice_starts_nocase(declared, SLICE("image/")))
        return NO_RANK;
    if (slice_starts_nocase(declared, SLICE("audio/")) || strcmp(medium, "audio") == 0)
        return is_audio_name(url) ? 1 : 2;
    if (is_audio_name(url))
        return slice_starts_nocase(declared, SLICE("video/")) ? 5 : 3;
    if (!declared.size || slice_equal_nocase(declared, SLICE("application/octet-stream")))
        return 6;
    return slice_starts_nocase(declared, SLICE("video/")) ? 7 : NO_RANK;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static void set_audio(struct reading *reading, int worse, const char *url, const char *type,
                      const char *medium, const char *size)
{
    static const enum feed_field fields[] = {FEED_AUDIO, FEED_AUDIO_TYPE, FEED_AUDIO_SIZE};
    const char *const texts[] = {url, type, size};
    int rank = audio_rank(url, or_empty(type), or_empty(medium));
    if (reading->in_item && rank < NO_RANK)
        set_link(reading, rank + worse, fields, texts);
}

/* Those that say when each sentence was spoken go first. */
static int transcript_rank(const char *type)
{
    static const char *const types[] = {"text/vtt", "application/x-subrip", "application/srt",
                                        "text/srt", "application/json",     "text/html"};
    int rank = 1;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++, rank++)
        if (slice_starts_nocase(slice_of(type), slice_of(types[i])))
            break;
    return rank;
}

struct element {
    const char *path; /* seen from the channel or item */
    const struct markup_attribute *attributes;
    size_t count;
};

static const char *attribute_of(const struct element *element, const char *name)
{
    return markup_attribute(element->attributes, element->count, name);
}

/* RFC 4287, 4.2.7, and RFC 5005 for the pages of a feed. */
static void take_atom_link(struct reading *reading, const struct element *element)
{
    const char *rel = attribute_of(element, "rel"), *href = attribute_of(element, "href");
    const char *type = attribute_of(element, "type");
    if (!href)
        return;
    if (!rel || strcmp(rel, "alternate") == 0) {
        bool page = !type || slice_starts_nocase(slice_of(type), SLICE("text/html"));
        set(reading, FEED_LINK, page ? 2 : 3, slice_of(href));
    } else if (strcmp(rel, "enclosure") == 0) {
        set_audio(reading, 0, href, type, NULL, attribute_of(element, "length"));
    } else if (!reading->in_item && strcmp(rel, "next") == 0) {
        set(reading, FEED_NEXT, 1, slice_of(href));
    } else if (!reading->in_item && strcmp(rel, "prev-archive") == 0) {
        set(reading, FEED_NEXT, 2, slice_of(href));
    }
}

static void take_attributes(struct reading *reading, const struct element *element)
{
    static const enum feed_field transcript[] = {FEED_TRANSCRIPT, FEED_TRANSCRIPT_TYPE,
                                                 FEED_FIELD_COUNT};
    const char *path = element->path, *url = attribute_of(element, "url");
    const char *type = attribute_of(element, "type");
    if (strcmp(path, "enclosure") == 0)
        set_audio(reading, 0, url, type, NULL, attribute_of(element, "length"));
    else if (strcmp(path, "media:content") == 0 || strcmp(path, "media:group/media:content") == 0)
        set_audio(reading, 10, url, type, attribute_of(element, "medium"),
                  attribute_of(element, "fileSize"));
    else if (strcmp(path, "link") == 0 || strcmp(path, "atom:link") == 0)
        take_atom_link(reading, element);
    else if (strcmp(path, "podcast:transcript") == 0)
        set_link(reading, transcript_rank(or_empty(type)), transcript,
                 (const char *const[]){url, type, NULL});

    for (size_t i = 0; i < sizeof attribute_rows / sizeof *attribute_rows; i++) {
        const struct attribute_row *row = &attribute_rows[i];
        const char *text = attribute_of(element, row->attribute);
        if (text && strcmp(path, row->path) == 0)
            set(reading, row->field, row->rank, slice_of(text));
    }
}

/* One whose times cannot be read is none. */
static void take_soundbite(struct reading *reading, const struct element *element)
{
    struct feed *feed = reading->feed;
    struct feed_item *item = reading->in_item ? &feed->items[feed->count - 1] : NULL;
    struct soundbite bite = {0};
    if (!item || strcmp(element->path, "podcast:soundbite") != 0 ||
        !timecode_parse(slice_of(attribute_of(element, "startTime")), TIMECODE_SECONDS,
                        &bite.start) ||
        !timecode_parse(slice_of(attribute_of(element, "duration")), TIMECODE_SECONDS,
                        &bite.duration))
        return;
    item->soundbites = arena_grow(feed->arena, item->soundbites, &item->soundbite_capacity,
                                  item->soundbite_count + 1, sizeof *item->soundbites);
    item->soundbites[item->soundbite_count++] = bite;
    reading->soundbite = true;
}

static void set_soundbite_title(struct reading *reading)
{
    struct feed *feed = reading->feed;
    if (!reading->soundbite)
        return;
    struct feed_item *item = &feed->items[feed->count - 1];
    char *title = text_collapse(buffer_slice(&reading->text));
    if (title[0])
        item->soundbites[item->soundbite_count - 1].title = arena_strdup(feed->arena, title);
    reading->soundbite = false;
    free(title);
}

static bool is_one_of(const char *text, const char *const *others)
{
    for (; *others; others++)
        if (strcmp(text, *others) == 0)
            return true;
    return false;
}

static void begin_item(struct reading *reading, int line)
{
    struct feed *feed = reading->feed;
    feed->items =
        arena_grow(feed->arena, feed->items, &feed->capacity, feed->count + 1, sizeof *feed->items);
    feed->items[feed->count++] = (struct feed_item){.line = line};
    for (int i = 0; i < FEED_FIELD_COUNT; i++)
        reading->item_ranks[i] = NO_RANK;
    reading->in_item = true;
    reading->container = reading->path.size;
}

static const char *const channels[] = {"/rss/channel", "/rdf:RDF/channel", "/feed", NULL};
static const char *const items[] = {"/rss/channel/item", "/rdf:RDF/item", "/feed/entry", NULL};

/* Is this element a channel or an item? */
static bool take_container(struct reading *reading, int line)
{
    const char *path = buffer_text(&reading->path);
    if (!reading->in_item && is_one_of(path, items)) {
        begin_item(reading, line);
        return true;
    }
    if (reading->container || !is_one_of(path, channels))
        return false;
    reading->container = reading->path.size;
    return true;
}

static bool on_open(void *context, const char *name, const struct markup_attribute *attributes,
                    size_t count, int line)
{
    struct reading *reading = context;
    buffer_append_format(&reading->path, "/%s", name);
    if (take_container(reading, line) || !reading->container || reading->row)
        return true;
    const char *path = reading->path.data + reading->container + 1;
    struct element element = {path, attributes, count};
    take_attributes(reading, &element);
    take_soundbite(reading, &element);
    for (size_t i = 0; i < sizeof text_rows / sizeof *text_rows && !reading->row; i++)
        if (strcmp(path, text_rows[i].path) == 0)
            reading->row = &text_rows[i];
    reading->row_path = reading->path.size;
    buffer_clear(&reading->text);
    return true;
}

static bool on_text(void *context, struct slice text, int line)
{
    struct reading *reading = context;
    (void)line;
    if (reading->row)
        buffer_append_slice(&reading->text,
                            text_cut_bytes(text, MAX_TEXT_BYTES - reading->text.size));
    return true;
}

static bool on_close(void *context, const char *name, int line)
{
    struct reading *reading = context;
    (void)line;
    if (reading->row && reading->path.size == reading->row_path) {
        if (reading->row->field == FEED_FIELD_COUNT)
            set_soundbite_title(reading);
        else
            set(reading, reading->row->field, reading->row->rank, buffer_slice(&reading->text));
        reading->row = NULL;
    }
    bool leaves = reading->path.size == reading->container;
    buffer_truncate(&reading->path, reading->path.size - strlen(name) - 1);
    if (!leaves)
        return true;
    /* Behind an item comes its channel again, where that holds it. */
    reading->in_item = false;
    reading->container = is_one_of(buffer_text(&reading->path), channels) ? reading->path.size : 0;
    return true;
}

/* Links as seen from the feed; one that is none, or relative to nothing, stays as it is. */
static void resolve_links(struct feed *feed, struct feed_item *item, const char *base)
{
    static const enum feed_field links[] = {FEED_LINK,       FEED_COVER, FEED_CHAPTERS,
                                            FEED_TRANSCRIPT, FEED_AUDIO, FEED_NEXT};
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        const char **text = &item->texts[links[i]];
        if (!*text)
            continue;
        char *url = url_resolve(base, *text);
        if (!url && slice_starts(slice_of(*text), SLICE("//")))
            url = url_resolve("https://localhost/", *text);
        if (url)
            *text = arena_strdup(feed->arena, url);
        free(url);
    }
}

/* A link that is the audio itself, where there is no enclosure. */
static void finish_item(struct feed *feed, struct feed_item *item, const char *base)
{
    resolve_links(feed, item, base);
    if (!item->texts[FEED_AUDIO] && item->texts[FEED_LINK] && is_audio_name(item->texts[FEED_LINK]))
        item->texts[FEED_AUDIO] = item->texts[FEED_LINK];
}

/* What a server that has no such feed often answers with. */
static bool is_html(struct slice text)
{
    struct slice begin = slice_trim_left(text);
    return slice_starts_nocase(begin, SLICE("<!doctype html")) ||
           slice_starts_nocase(begin, SLICE("<html"));
}

struct feed *feed_read(struct slice text, const char *name, const char *base, struct error *err)
{
    if (is_html(text)) {
        error_set(err, ERROR_INPUT, "%s: this is no feed but an HTML page", name);
        return NULL;
    }
    struct arena *arena = arena_create();
    struct feed *feed = arena_alloc(arena, sizeof *feed);
    feed->arena = arena;
    feed->name = arena_strdup(arena, name);
    struct reading reading = {
        .feed = feed, .path = BUFFER_INIT(BUFFER_UNBOUNDED), .text = BUFFER_INIT(BUFFER_UNBOUNDED)};
    for (int i = 0; i < FEED_FIELD_COUNT; i++)
        reading.channel_ranks[i] = NO_RANK;
    struct markup_handler handler = {on_open, on_text, on_close, &reading};
    bool read = xml_read(text, name, &handler, err);
    bool any = feed->channel.texts[FEED_TITLE] || feed->count;
    if (read && !any)
        read = error_set(err, ERROR_INPUT, "%s: this is no feed: it has neither channel nor items",
                         name);
    buffer_release(&reading.path);
    buffer_release(&reading.text);
    if (!read) {
        feed_destroy(feed);
        return NULL;
    }
    const char *seen_from = base ? base : feed->channel.texts[FEED_LINK];
    finish_item(feed, &feed->channel, seen_from);
    for (size_t i = 0; i < feed->count; i++)
        finish_item(feed, &feed->items[i], seen_from);
    return feed;
}

void feed_destroy(struct feed *feed)
{
    for (struct feed *older; feed; feed = older) {
        older = feed->older;
        arena_destroy(feed->arena);
    }
}
