/* SPDX-License-Identifier: MIT */
/*
 * A JSON Feed as notes (jsonfeed.org, version 1.1): each item is a page, its text is HTML or plain,
 * and an attachment is its audio.
 */
#include <stdlib.h>
#include <string.h>

#include "format/json.h"
#include "notes/html.h"
#include "notes/plain.h"
#include "notes/reader.h"

/* The members that may hold the notes, the best first. */
static const struct member {
    const char *name;
    struct slice quoted; /* as it stands in the file */
    bool html;
} members[] = {
    {"content_html", {"\"content_html\"", 14}, true},
    {"content_text", {"\"content_text\"", 14}, false},
    {"summary", {"\"summary\"", 9}, false},
};

#define MEMBERS (sizeof members / sizeof *members)

struct feed {
    struct reader *reader;
    const char *name;
    const char *show;
    struct slice rests[MEMBERS]; /* of the file, behind the last member of that name */
    int lines[MEMBERS];          /* where they begin */
    struct page page;
};

/* The line of an item's member: the JSON reader tells none, but items come in order. */
static void find_line(struct feed *feed, size_t member)
{
    struct slice *rest = &feed->rests[member], quoted = members[member].quoted;
    size_t at = slice_find(*rest, quoted);
    if (at == SIZE_MAX)
        return;
    for (size_t i = 0; i < at; i++)
        feed->lines[member] += rest->data[i] == '\n';
    *rest = slice_from(*rest, at + quoted.size);
}

/* A text is one line of the file, however many it has itself. */
static void set_numbers(struct document *document, int number)
{
    for (size_t i = 0; i < document->line_count; i++)
        document->lines[i].number = number;
    for (size_t i = 0; i < document->link_count; i++)
        document->links[i].number = number;
}

/* True where the text held marks. */
static bool read_text(struct feed *feed, const struct value *value, size_t member)
{
    struct arena *arena = arena_create();
    struct notes *notes = feed->page.notes;
    struct slice text = slice_of(value_text(value));
    struct document document;
    struct html html;
    document_init(&document, arena);
    html_init(&html, &document);
    if (members[member].html)
        html_read_any(&html, text, feed->name, 1);
    else
        plain_read(&document, text, 1);
    document_finish(&document);
    set_numbers(&document, feed->lines[member]);
    document_read_times(&document);
    chapters_take_listed(&feed->page, &document, true);
    clips_find(&feed->page, &document);
    html_release(&html);
    arena_destroy(arena);
    return notes->chapter_count || notes->clip_count;
}

static const char *copy_text(struct feed *feed, const struct value *object, const char *key)
{
    const char *text = value_text(value_get(object, key));
    return text && *text ? arena_strdup(feed->page.notes->arena, text) : NULL;
}

static void read_attachment(struct feed *feed, const struct value *attachment)
{
    const char *type = value_text(value_get(attachment, "mime_type"));
    int64_t seconds;
    if (feed->page.notes->audio_url || !type || strncmp(type, "image/", 6) == 0)
        return;
    feed->page.notes->audio_url = copy_text(feed, attachment, "url");
    if (value_int64(value_get(attachment, "duration_in_seconds"), &seconds) && seconds > 0 &&
        seconds <= MILLIS_MAX / MILLIS_SECOND)
        feed->page.duration = seconds * MILLIS_SECOND;
}

static void read_facts(struct feed *feed, const struct value *item)
{
    struct notes *notes = feed->page.notes;
    const struct value *attachments = value_get(item, "attachments");
    notes->title = copy_text(feed, item, "title");
    notes->date = copy_text(feed, item, "date_published");
    notes->guid = copy_text(feed, item, "id");
    notes->page = copy_text(feed, item, "url");
    notes->show = arena_strdup(notes->arena, feed->show);
    for (size_t i = 0; i < value_count(attachments); i++)
        read_attachment(feed, value_at(attachments, i));
}

static void read_item(struct feed *feed, const struct value *item, size_t number)
{
    char *name = mem_format("%s#%zu", feed->name, number);
    reader_begin_page(feed->reader, name, &feed->page);
    free(name);
    read_facts(feed, item);
    bool found = false;
    for (size_t i = 0; i < MEMBERS; i++) {
        const struct value *value = value_get(item, members[i].name);
        if (!value)
            continue;
        find_line(feed, i);
        found = found || read_text(feed, value, i);
    }
    reader_hand_over(feed->reader, &feed->page);
}

bool json_feed_read_pages(struct reader *reader, struct slice text, const char *name,
                          struct error *err)
{
    struct arena *arena = arena_create();
    struct feed feed = {.reader = reader, .name = name};
    const struct value *root = json_read(arena, text, name, err);
    const struct value *items = value_get(root, "items");
    feed.show = value_text(value_get(root, "title"));
    for (size_t i = 0; i < MEMBERS; i++) {
        feed.rests[i] = text;
        feed.lines[i] = 1;
    }
    bool read = root != NULL;
    if (root && !value_is(items, VALUE_ARRAY))
        read = error_set(err, ERROR_INPUT, "%s: no JSON Feed: it has no \"items\"", name);
    for (size_t i = 0; read && i < value_count(items) && !reader->stopped; i++)
        read_item(&feed, value_at(items, i), i + 1);
    arena_destroy(arena);
    return read;
}

bool json_feed_knows(struct slice text)
{
    struct slice head = slice_first(text, 1000);
    return slice_starts(slice_trim_left(head), SLICE("{")) &&
           slice_find(head, SLICE("jsonfeed.org/version")) != SIZE_MAX;
}
