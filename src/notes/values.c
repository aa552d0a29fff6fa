/* SPDX-License-Identifier: MIT */
#include "notes/values.h"

#include <stdlib.h>
#include <string.h>

#include "model/timecode.h"
#include "notes/link.h"
#include "notes/markdown.h"
#include "notes/stamp.h"
#include "notes/title.h"

#define MAX_NAMES 16

static const char *const start_names[MAX_NAMES] = {
    "start", "start_time", "starttime", "time", "timestamp", "timecode", "at",
    "begin", "position",   "offset",    "ts",   "start_ts",  "from",     "t"};
static const char *const end_names[MAX_NAMES] = {"end", "end_time", "endtime", "stop", "to"};
static const char *const title_names[MAX_NAMES] = {"title",   "name",        "label",   "chapter",
                                                   "topic",   "text",        "subject", "heading",
                                                   "caption", "description", "desc",    "summary"};
static const char *const link_names[MAX_NAMES] = {"url", "href", "link"};

/* Lists under these names are of chapters, whatever they look like. */
static const char *const list_names[MAX_NAMES] = {
    "chapters",  "chapter", "chaptermarks", "chapter_marks", "timestamps", "timestamp", "timeline",
    "timecodes", "markers", "marks",        "segments",      "toc",        "topics"};

static const struct value *find_any(const struct value *object, const char *const *names)
{
    for (size_t i = 0; i < MAX_NAMES && names[i]; i++) {
        const struct value *found = value_get_nocase(object, names[i]);
        if (found)
            return found;
    }
    return NULL;
}

static bool is_any(const char *key, const char *const *names)
{
    for (size_t i = 0; key && i < MAX_NAMES && names[i]; i++)
        if (slice_equal_nocase(slice_of(key), slice_of(names[i])))
            return true;
    return false;
}

/* Seconds only where it is sure that a time is meant. */
static bool read_time(const char *text, bool sure, millis *ret_time)
{
    unsigned notations = sure ? TIMECODE_ANY : TIMECODE_COLONS | TIMECODE_UNITS;
    return text && stamp_read_time(slice_of(text), notations, ret_time);
}

/* ---- Chapters as data ---- */

/* One item of a list, in whatever form: {start, title}, {"12:34": title}, [12:34, title]. */
static bool read_item(const struct value *item, bool sure, struct chapter *ret_chapter)
{
    const char *title = NULL, *time = NULL;
    *ret_chapter = (struct chapter){.end = MILLIS_NONE, .line = item->line};
    if (value_is(item, VALUE_ARRAY) && value_count(item) >= 2) {
        time = value_text(value_at(item, 0));
        title = value_text(value_at(item, 1));
    } else if (value_is(item, VALUE_OBJECT) && value_count(item) == 1) {
        time = item->keys[0];
        title = value_text(value_at(item, 0));
    } else if (value_is(item, VALUE_OBJECT)) {
        const struct value *start = find_any(item, start_names);
        time = value_text(start);
        title = value_text(find_any(item, title_names));
        ret_chapter->link = value_text(find_any(item, link_names));
        read_time(value_text(find_any(item, end_names)), sure, &ret_chapter->end);
        if (start)
            ret_chapter->line = start->line;
    }
    ret_chapter->title = title ? title : "";
    return title && read_time(time, sure, &ret_chapter->start);
}

/* {"00:00": "Intro", "01:30": "News"}, or, under a name that says what it is, {"Intro": "00:00"}.
 */
static bool read_pair(const struct value *object, size_t i, bool sure, struct chapter *ret_chapter)
{
    const struct value *value = value_at(object, i);
    const char *key = object->keys[i], *text = value_text(value);
    *ret_chapter = (struct chapter){.end = MILLIS_NONE, .line = value->line, .title = text};
    if (text && read_time(key, sure, &ret_chapter->start))
        return true;
    ret_chapter->title = key;
    return sure && read_time(text, false, &ret_chapter->start);
}

struct data_list {
    const struct value *value;
    bool sure; /* its name says what it is */
};

static bool read_chapter(const struct data_list *list, size_t i, struct chapter *ret_chapter)
{
    if (value_is(list->value, VALUE_OBJECT))
        return read_pair(list->value, i, list->sure, ret_chapter);
    return read_item(value_at(list->value, i), list->sure, ret_chapter);
}

/* All are chapters, and rise from near the beginning; by its name, most are. */
static bool is_chapter_list(const struct data_list *list)
{
    size_t count = value_count(list->value), valid = 0, rising = 0;
    millis first = 0, last = 0;
    struct chapter chapter;
    for (size_t i = 0; i < count; i++) {
        if (!read_chapter(list, i, &chapter)) {
            if (!list->sure)
                return false;
            continue;
        }
        if (!valid++)
            first = chapter.start;
        rising += chapter.start >= last;
        last = chapter.start;
    }
    if (list->sure)
        return valid && valid * 2 > count;
    return valid > 1 && rising == valid && first * 2 <= last;
}

static void copy_chapter(struct page *page, const struct chapter *chapter)
{
    struct chapter copy = *chapter;
    struct slice title = slice_trim(slice_of(chapter->title));
    copy.title = arena_strndup(page->notes->arena, title.data, title.size);
    copy.link = arena_strdup(page->notes->arena, chapter->link);
    notes_add_chapter(page->notes, &copy);
}

static size_t take_data(struct page *page, const struct front *front, const struct data_list *list)
{
    size_t before = page->notes->chapter_count;
    for (size_t i = 0; i < value_count(list->value); i++) {
        int line = value_at(list->value, i)->line;
        struct chapter chapter;
        if (read_chapter(list, i, &chapter))
            copy_chapter(page, &chapter);
        else
            notes_warn(page->notes, line ? line : front->line,
                       "a chapter of the front matter has no time or no title: it is left out");
    }
    return page->notes->chapter_count - before;
}

static size_t find_data(struct page *page, const struct front *front, const struct value *value,
                        const char *key)
{
    struct data_list list = {value, is_any(key, list_names)};
    if (is_chapter_list(&list))
        return take_data(page, front, &list);
    for (size_t i = 0; i < value_count(value); i++) {
        const char *inner = value->keys ? value->keys[i] : NULL;
        size_t count = find_data(page, front, value_at(value, i), inner);
        if (count)
            return count;
    }
    return 0;
}

/* Where a text of the front matter stands, from `rest` on, which then begins there: for languages
 * whose reader does not tell lines. */
static bool find_in_front(struct slice *rest, int *number, struct slice text)
{
    size_t at = slice_find(*rest, text);
    if (at == SIZE_MAX)
        return false;
    for (size_t i = 0; i < at; i++)
        *number += rest->data[i] == '\n';
    *rest = slice_from(*rest, at);
    return true;
}

static void number_chapters(struct page *page, const struct front *front)
{
    struct slice rest = front->text;
    int number = front->line;
    for (size_t i = 0; i < page->notes->chapter_count; i++) {
        struct chapter *chapter = &page->notes->chapters[i];
        if (!chapter->line && find_in_front(&rest, &number, slice_of(chapter->title)))
            chapter->line = number;
    }
}

size_t values_find_chapters(struct page *page, const struct front *front)
{
    size_t count = find_data(page, front, front->value, NULL);
    if (count)
        number_chapters(page, front);
    return count;
}

/* ---- Chapters and links in texts ---- */

/* A document out of a text, or of a list of texts. */
struct text_document {
    struct arena *arena;
    struct document document;
};

static void begin_text(struct text_document *text)
{
    text->arena = arena_create();
    document_init(&text->document, text->arena);
}

static void end_text(struct text_document *text)
{
    document_finish(&text->document);
    document_read_times(&text->document);
}

static void read_texts(struct text_document *text, const struct value *value)
{
    begin_text(text);
    struct html html;
    html_init(&html, &text->document);
    if (value_text(value)) {
        markdown_read(&html, slice_of(value_text(value)), value->line);
    } else {
        for (size_t i = 0; i < value_count(value); i++) {
            const struct value *item = value_at(value, i);
            if (!value_text(item))
                continue;
            document_begin_block(&text->document, BLOCK_ITEM, 1);
            document_raw_text(&text->document, slice_of(value_text(item)), item->line, true);
        }
    }
    html_release(&html);
    end_text(text);
}

/* The lines of a text that was folded or escaped are found again by their first words. */
static void find_numbers(struct document *document, const struct front *front)
{
    struct slice rest = front->text;
    int number = front->line;
    for (size_t i = 0; i < document->line_count; i++) {
        struct document_line *line = &document->lines[i];
        struct slice word = slice_first(line->text, slice_find_byte(line->text, ' '));
        struct stamp stamp;
        if (stamp_is_all(word, &stamp) && find_in_front(&rest, &number, word))
            line->number = number;
    }
}

/* A list of texts counts as one; deeper values are visited in the document's order. */
static void visit_texts(const struct value *value, const char *key,
                        void (*visit)(void *context, const struct value *value, const char *key),
                        void *context)
{
    bool texts = value_is(value, VALUE_ARRAY) && value_text(value_at(value, 0));
    if (texts || value_is(value, VALUE_STRING)) {
        visit(context, value, key);
        return;
    }
    for (size_t i = 0; i < value_count(value); i++)
        visit_texts(value_at(value, i), value->keys ? value->keys[i] : key, visit, context);
}

struct best_list {
    struct page *page;
    const struct value *value;
    size_t count;
};

static void compare_list(void *context, const struct value *value, const char *key)
{
    struct best_list *best = context;
    struct text_document text;
    (void)key;
    read_texts(&text, value);
    size_t count = chapters_take_listed(best->page, &text.document, false);
    if (count > best->count) {
        best->count = count;
        best->value = value;
    }
    arena_destroy(text.arena);
}

size_t values_find_lists(struct page *page, const struct front *front)
{
    struct best_list best = {.page = page};
    visit_texts(front->value, NULL, compare_list, &best);
    if (best.count) {
        struct text_document text;
        read_texts(&text, best.value);
        find_numbers(&text.document, front);
        chapters_take_listed(page, &text.document, true);
        arena_destroy(text.arena);
    }
    return best.count;
}

/* ---- Links ---- */

/* A page with more clips than this repeats none of them in its front matter. */
#define MAX_REPEATED 1000

static bool has_clip(const struct page *page, const char *url)
{
    for (size_t i = 0; i < page->notes->clip_count && i < MAX_REPEATED; i++)
        if (strcmp(page->notes->clips[i].url, url) == 0)
            return true;
    return false;
}

static void add_clip(struct page *page, const char *url, struct slice label, int line)
{
    if (!has_clip(page, url) &&
        (!page->notes->audio_url || strcmp(url, page->notes->audio_url) != 0))
        clips_add(page, url, label, NULL, line);
}

/* Links in a text that is more than one. */
static void find_links_in_text(struct page *page, const struct value *value)
{
    struct text_document text;
    read_texts(&text, value);
    chapters_take_listed(page, &text.document, false);
    for (size_t i = 0; i < text.document.link_count; i++) {
        const struct document_link *link = &text.document.links[i];
        if (link->timed && !link->chapter)
            add_clip(page, link->url, slice_of(link->label), link->number);
    }
    arena_destroy(text.arena);
}

static bool looks_like_url(struct slice text)
{
    if (slice_starts(text, SLICE("[")) || slice_starts(text, SLICE("<")))
        return false;
    return slice_find_byte(text, ' ') == SIZE_MAX && slice_find_byte(text, '\n') == SIZE_MAX &&
           (slice_find(text, SLICE("://")) != SIZE_MAX || slice_starts(text, SLICE("/")));
}

static bool may_hold_links(struct slice text)
{
    return slice_find(text, SLICE("](")) != SIZE_MAX || slice_find(text, SLICE("href")) != SIZE_MAX;
}

/* `title` is what the table that holds the value is called. */
static void find_clips(struct page *page, const struct value *value, const char *title)
{
    const char *text = value_is(value, VALUE_STRING) ? value_text(value) : NULL;
    if (text && looks_like_url(slice_of(text)))
        add_clip(page, text, slice_trim(slice_of(title)), value->line);
    else if (text && may_hold_links(slice_of(text)))
        find_links_in_text(page, value);
    const char *inner = value_text(find_any(value, title_names));
    for (size_t i = 0; i < value_count(value); i++)
        find_clips(page, value_at(value, i), inner);
}

void values_find_clips(struct page *page, const struct front *front)
{
    find_clips(page, front->value, NULL);
}
