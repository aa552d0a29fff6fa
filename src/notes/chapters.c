/* SPDX-License-Identifier: MIT */
/*
 * From entries to chapters: which times go to the page's own recording, what the titles are where
 * they do not stand beside their time, and whether 12:34 is minutes or hours.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "format/url.h"
#include "notes/list.h"
#include "notes/page.h"
#include "notes/title.h"

struct search {
    struct page *page;
    struct document *document;
    struct entry_list list;
    bool *timed_lines; /* by line: does it hold an entry? */
};

/* ---- Whose times they are ---- */

/* What a video is called whatever site and spelling show it; for free(). */
static char *recording_of(const char *page)
{
    static const struct slice hosts[] = {
        {"youtu.be/", 9},          {"youtube.com/embed/", 18},
        {"youtube.com/live/", 17}, {"youtube-nocookie.com/embed/", 27},
        {"watch?v=", 8},           {"&v=", 3},
    };
    struct slice url = slice_of(page);
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        size_t at = slice_find(url, hosts[i]);
        if (at == SIZE_MAX)
            continue;
        struct slice id = slice_from(url, at + hosts[i].size);
        size_t size = 0;
        while (size < id.size && (byte_is_alpha(id.data[size]) || byte_is_digit(id.data[size]) ||
                                  id.data[size] == '-' || id.data[size] == '_'))
            size++;
        if (size)
            return slice_dup(slice_first(id, size));
    }
    char *canonical = url_canonical(page);
    return canonical ? canonical : mem_strdup(page);
}

/* Fewer links into one recording are no list. */
#define MIN_OWN_LINKS 3

/* The link whose text the time is, though its URL carries none. */
static const struct document_link *untimed_link_of(const struct search *search,
                                                   const struct entry *entry)
{
    const struct document_line *line = &search->document->lines[entry->line];
    for (size_t i = 0; i < line->link_count; i++) {
        const struct document_link *link = &search->document->links[line->first_link + i];
        if (entry->stamp.begin >= link->begin && entry->stamp.end <= link->end)
            return link->timed ? NULL : link;
    }
    return NULL;
}

/* Links into the recording that begin at its beginning often say no time: "[0:00](video)". */
static size_t count_untimed(const struct search *search, const char *own)
{
    size_t count = 0;
    for (size_t i = 0; i < search->list.count; i++) {
        const struct entry *entry = &search->list.items[i];
        const struct document_link *link = entry->link ? NULL : untimed_link_of(search, entry);
        char *recording = link ? recording_of(link->url) : NULL;
        count += recording && strcmp(recording, own) == 0;
        free(recording);
    }
    return count;
}

/* A page that has no recording of its own, and times one recording only, at the top and not below
 * some other item, is about that recording. Where the page's audio is known, links elsewhere are
 * what they say: links elsewhere. */
static char *find_own_recording(const struct search *search)
{
    char *own = NULL;
    size_t count = 0;
    bool sole = !search->page->notes->audio_url;
    for (size_t i = 0; i < search->list.count && sole; i++) {
        const struct entry *entry = &search->list.items[i];
        if (!entry->link || !*entry->link->page)
            continue;
        char *recording = recording_of(entry->link->page);
        const struct document_line *line = &search->document->lines[entry->line];
        bool below = line->block == BLOCK_ITEM && line->depth > 1;
        sole = !below && (!own || strcmp(own, recording) == 0);
        count++;
        if (!own)
            own = mem_strdup(recording);
        free(recording);
    }
    if (own && sole && count + count_untimed(search, own) >= MIN_OWN_LINKS)
        return own;
    free(own);
    return NULL;
}

/* The recordings that the page itself is about, whatever they are called; NULL where not known. */
struct own {
    char *linked; /* that its list links to */
    char *page, *audio;
};

static bool is_same(const char *recording, const char *own)
{
    return own && strcmp(recording, own) == 0;
}

static bool leads_to(const struct entry *entry, const struct own *own)
{
    if (!*entry->link->page)
        return true;
    char *recording = recording_of(entry->link->page);
    bool same = is_same(recording, own->linked) || is_same(recording, own->page) ||
                is_same(recording, own->audio);
    free(recording);
    return same;
}

static bool has_links_elsewhere(const struct search *search)
{
    for (size_t i = 0; i < search->list.count; i++)
        if (search->list.items[i].link && *search->list.items[i].link->page)
            return true;
    return false;
}

/* Entries whose times are links into somebody else's recording are clips. */
static void drop_foreign(struct search *search)
{
    const struct notes *notes = search->page->notes;
    if (!has_links_elsewhere(search))
        return;
    struct own own = {
        .linked = find_own_recording(search),
        .page = notes->page ? recording_of(notes->page) : NULL,
        .audio = notes->audio_url ? recording_of(notes->audio_url) : NULL,
    };
    size_t kept = 0;
    for (size_t i = 0; i < search->list.count; i++) {
        struct entry *entry = &search->list.items[i];
        if (!entry->link || leads_to(entry, &own))
            search->list.items[kept++] = *entry;
    }
    search->list.count = kept;
    free(own.linked);
    free(own.page);
    free(own.audio);
}

/* ---- Titles that stand on more than one line, or on another ---- */

/* Editors break lines somewhere behind this column. */
#define WRAP_COLUMN 72

static size_t source_width(const struct document_line *line)
{
    return text_width(line->source.size ? slice_trim_right(line->source) : line->text);
}

static size_t first_word_width(const struct document_line *line)
{
    struct slice rest = slice_trim_left(line->source.size ? line->source : line->text), word = rest;
    slice_take_field(&rest, ' ', &word);
    return text_width(word);
}

/* Does line i go on with what line i - 1 says? */
static bool goes_on(const struct search *search, size_t i)
{
    const struct document_line *line = &search->document->lines[i];
    if (line->linked)
        return true;
    if (!line->wrapped || !i)
        return false;
    return source_width(line - 1) + 1 + first_word_width(line) > WRAP_COLUMN;
}

static void append_title(struct buffer *title, struct slice text)
{
    if (title->size)
        buffer_append_byte(title, ' ');
    buffer_append_slice(title, text);
}

/* No title has more lines. */
#define MAX_TITLE_LINES 8

/* The lines behind line i that go on with it. */
static void append_wrapped(const struct search *search, size_t i, struct buffer *title)
{
    for (size_t j = i + 1; j < search->document->line_count && j <= i + MAX_TITLE_LINES; j++) {
        if (search->timed_lines[j] || !goes_on(search, j))
            return;
        append_title(title, search->document->lines[j].text);
    }
}

/* The lines before line i that it goes on with. */
static void append_begun(const struct search *search, size_t i, struct buffer *title)
{
    size_t first = i;
    while (first && i - first < MAX_TITLE_LINES && goes_on(search, first) &&
           !search->timed_lines[first - 1])
        first--;
    for (size_t j = first; j < i; j++)
        append_title(title, search->document->lines[j].text);
}

static void build_title(const struct search *search, struct entry *entry)
{
    struct buffer title = BUFFER_INIT(BUFFER_UNBOUNDED);
    bool whole = !entry->part && search->document->lines[entry->line].block != BLOCK_ROW;
    if (whole && entry->place == PLACE_END)
        append_begun(search, entry->line, &title);
    append_title(&title, entry->title);
    if (whole && entry->place == PLACE_START)
        append_wrapped(search, entry->line, &title);
    struct slice text = buffer_slice(&title);
    text = entry->place == PLACE_END ? title_before(text) : title_behind(text);
    entry->whole_title = arena_strndup(search->document->arena, text.data, text.size);
    buffer_release(&title);
}

/* A heading, or an untimed line of the same paragraph. */
static bool has_title_above(const struct search *search, const struct entry *entry)
{
    if (!entry->line || search->timed_lines[entry->line - 1])
        return false;
    const struct document_line *line = &search->document->lines[entry->line];
    return line[-1].block == BLOCK_HEADING || (!line->begins && line->block != BLOCK_HEADING);
}

static bool has_title_below(const struct search *search, const struct entry *entry)
{
    size_t next = entry->line + 1;
    return next < search->document->line_count && !search->timed_lines[next];
}

/* An untimed line of the same kind: another item, or another paragraph. */
static bool has_like_above(const struct search *search, const struct entry *entry)
{
    const struct document_line *line = &search->document->lines[entry->line];
    return entry->line && !search->timed_lines[entry->line - 1] && line[-1].block == line->block &&
           line[-1].depth == line->depth;
}

static bool has_like_below(const struct search *search, const struct entry *entry)
{
    const struct document_line *line = &search->document->lines[entry->line];
    return has_title_below(search, entry) && line[1].block == line->block;
}

/* Times that stand alone have their titles all above or all below: above where there are headings
 * or paragraphs to go with, or where a line like them stands before the first and none behind the
 * last. */
static bool are_titles_above(const struct search *search)
{
    size_t alone = 0, above = 0, like = 0;
    const struct entry *last = NULL;
    for (size_t i = 0; i < search->list.count; i++) {
        const struct entry *entry = &search->list.items[i];
        if (entry->place != PLACE_ALONE)
            continue;
        alone++;
        above += has_title_above(search, entry);
        like += has_like_above(search, entry);
        last = entry;
    }
    return above * 5 >= alone * 4 || (like == alone && !has_like_below(search, last));
}

static void build_lone_titles(struct search *search)
{
    bool all_above = are_titles_above(search);
    for (size_t i = 0; i < search->list.count; i++) {
        struct entry *entry = &search->list.items[i];
        struct buffer title = BUFFER_INIT(BUFFER_UNBOUNDED);
        if (entry->place != PLACE_ALONE)
            continue;
        if (all_above && (has_title_above(search, entry) || has_like_above(search, entry))) {
            append_title(&title, title_before(search->document->lines[entry->line - 1].text));
        } else if (!all_above && has_title_below(search, entry)) {
            append_title(&title, search->document->lines[entry->line + 1].text);
            append_wrapped(search, entry->line + 1, &title);
        }
        struct slice text = title_behind(buffer_slice(&title));
        entry->whole_title = arena_strndup(search->document->arena, text.data, text.size);
        buffer_release(&title);
    }
}

static void build_titles(struct search *search)
{
    search->timed_lines =
        arena_alloc_array(search->document->arena, search->document->line_count + 1, sizeof(bool));
    for (size_t i = 0; i < search->list.count; i++)
        search->timed_lines[search->list.items[i].line] = true;
    for (size_t i = 0; i < search->list.count; i++)
        if (search->list.items[i].place != PLACE_ALONE)
            build_title(search, &search->list.items[i]);
    build_lone_titles(search);
}

/* ---- Minutes or hours ---- */

/* 1:05 may be an hour and five minutes, and 12:34:00 twelve minutes. Only where the episode's
 * length rules out the common reading, and the other fits, is it taken. */
static int find_factor(const struct search *search)
{
    millis latest = 0;
    bool whole = true;
    int fields = 0;
    for (size_t i = 0; i < search->list.count; i++) {
        const struct entry *entry = &search->list.items[i];
        if (!entry->accepted)
            continue;
        if (entry->link || entry->stamp.notation == STAMP_UNITS ||
            (fields && fields != entry->stamp.fields))
            return 1;
        fields = entry->stamp.fields;
        whole &= fields == 2 || !entry->stamp.numbers[2];
        if (entry->stamp.start > latest)
            latest = entry->stamp.start;
    }
    millis duration = search->page->duration;
    if (fields == 3 && whole && latest > 60 &&
        (latest >= 24 * MILLIS_HOUR || (duration != MILLIS_NONE && latest > 2 * duration)))
        return -60;
    if (fields == 2 && duration != MILLIS_NONE && duration > MILLIS_HOUR &&
        latest * 20 < duration && latest * 60 <= duration + MILLIS_MINUTE &&
        latest * 60 * 2 > duration)
        return 60;
    return 1;
}

static millis scaled(millis time, int factor)
{
    if (time == MILLIS_NONE)
        return time;
    return factor > 0 ? time * factor : time / -factor;
}

/* ---- Chapters ---- */

/* Where the title leads: the first link of its line that is not the time itself. */
static const char *link_of_title(const struct search *search, const struct entry *entry)
{
    const struct document_line *line = &search->document->lines[entry->line];
    if (entry->part || entry->place == PLACE_ALONE)
        return NULL;
    for (size_t i = 0; i < line->link_count; i++) {
        const struct document_link *link = &search->document->links[line->first_link + i];
        bool time = entry->stamp.begin >= link->begin && entry->stamp.end <= link->end &&
                    link->end - link->begin <= entry->stamp.outer_end - entry->stamp.outer_begin;
        if (link != entry->link && !time)
            return link->url;
    }
    return NULL;
}

static void add_chapter(struct search *search, struct entry *entry, int factor)
{
    struct notes *notes = search->page->notes;
    int number = search->document->lines[entry->line].number;
    struct chapter chapter = {
        .start = scaled(entry->stamp.start, factor),
        .end = scaled(entry->stamp.stop, factor),
        .title = arena_strdup(notes->arena, entry->whole_title),
        .link = arena_strdup(notes->arena, link_of_title(search, entry)),
        .line = number,
    };
    notes_add_chapter(notes, &chapter);
}

static size_t accept_entries(struct search *search, bool keep)
{
    int factor = find_factor(search);
    size_t count = 0;
    for (size_t i = 0; i < search->list.count; i++) {
        struct entry *entry = &search->list.items[i];
        if (!entry->accepted)
            continue;
        if (!count && keep && factor != 1)
            notes_warn(search->page->notes, search->document->lines[entry->line].number,
                       "the times are read as %s, since the episode is that long",
                       factor > 1 ? "hours and minutes" : "minutes and seconds");
        if (entry->link)
            entry->link->chapter = true;
        if (keep)
            add_chapter(search, entry, factor);
        count++;
    }
    return count;
}

/* A page that is full of times in one notation has its list in no other. */
#define MANY_STAMPS 1000

size_t chapters_take_listed(struct page *page, struct document *document, bool keep)
{
    struct search search = {.page = page, .document = document};
    for (int notation = 0; notation < STAMP_NOTATIONS; notation++) {
        entries_find(document, (enum stamp_notation)notation, &search.list);
        drop_foreign(&search);
        if (!search.list.count && search.list.stamps <= MANY_STAMPS)
            continue;
        build_titles(&search);
        list_judge(keep ? page->notes : NULL, document, &search.list);
        size_t count = accept_entries(&search, keep);
        if (count || search.list.stamps > MANY_STAMPS)
            return count;
    }
    return 0;
}
