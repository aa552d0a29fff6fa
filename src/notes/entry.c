/* SPDX-License-Identifier: MIT */
#include "notes/entry.h"

#include "base/text.h"
#include "notes/title.h"

/* A line with more times than this is no line of a list. */
#define MAX_STAMPS 200

/* Nor is a row of a table. */
#define MAX_TIME_CELLS 8

/* A whole list in one line is no longer than this; what stands behind is not searched. */
#define MAX_SEARCHED ((size_t)64 * 1024)

/* No list has more. */
#define MAX_ENTRIES 200000

/* A line and the times in it. */
struct scan {
    struct document *document;
    struct entry_list *list;
    size_t index;
    const struct document_line *line;
    struct stamp *stamps; /* at most MAX_STAMPS, in the document's arena */
    size_t count, capacity;
};

static void add_entry(struct scan *scan, enum place place, const struct stamp *stamp,
                      struct slice title, bool part)
{
    struct entry_list *list = scan->list;
    list->items =
        arena_grow(list->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = (struct entry){
        .line = scan->index, .stamp = *stamp, .place = place, .title = title, .part = part};
}

static struct slice text_between(const struct scan *scan, size_t begin, size_t end)
{
    return slice_from(slice_first(scan->line->text, end), begin);
}

static bool is_in_bare_link(const struct scan *scan, const struct stamp *stamp)
{
    for (size_t i = 0; i < scan->line->link_count; i++) {
        const struct document_link *link = &scan->document->links[scan->line->first_link + i];
        if (link->bare && stamp->begin >= link->begin && stamp->end <= link->end)
            return true;
    }
    return false;
}

/* The same time once more: "[12:34](...) (12:34)", a component's attribute and its text. */
static bool is_said_again(struct scan *scan, const struct stamp *stamp)
{
    struct stamp *last = scan->count ? &scan->stamps[scan->count - 1] : NULL;
    if (!last || last->start != stamp->start || last->odd || stamp->odd ||
        slice_find_byte(text_between(scan, last->end, stamp->begin), DOCUMENT_CELL) != SIZE_MAX ||
        stamp_has_words(text_between(scan, last->end, stamp->begin)))
        return false;
    last->outer_end = stamp->outer_end;
    return true;
}

static void find_stamps(struct scan *scan, enum stamp_notation notation)
{
    struct slice text = text_cut_bytes(scan->line->text, MAX_SEARCHED);
    struct stamp stamp;
    size_t most = scan->line->block == BLOCK_ROW ? MAX_TIME_CELLS : MAX_STAMPS;
    scan->count = 0;
    for (size_t at = 0; scan->count < most; at = stamp.end) {
        if (!stamp_find(text, at, notation, &stamp))
            break;
        if (is_in_bare_link(scan, &stamp) || is_said_again(scan, &stamp))
            continue;
        scan->stamps = arena_grow(scan->list->arena, scan->stamps, &scan->capacity, scan->count + 1,
                                  sizeof *scan->stamps);
        scan->stamps[scan->count++] = stamp;
    }
}

/* The words before a time, without those that lead to it: "A title at 12:34". */
static struct slice words_before(struct slice text)
{
    static const struct slice words[] = {{" at", 3},   {" ab", 3}, {" à", 3},      {" min", 4},
                                         {" min.", 5}, {" @", 2},  {" minute", 7}, {" в", 3}};
    text = slice_trim_right(text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (slice_ends_nocase(text, words[i]))
            return slice_first(text, text.size - words[i].size);
    return text;
}

/* Two in one line may be the ends of anything; a bar between them parts a line in two. */
static bool is_barred(const struct scan *scan)
{
    struct slice between =
        slice_trim_right(text_between(scan, scan->stamps[0].end, scan->stamps[1].outer_begin));
    return slice_ends(between, SLICE("|")) || slice_ends(between, SLICE("•")) ||
           slice_ends(between, SLICE(";"));
}

/* Each later than the one before, with words between them. */
static bool are_parts(const struct scan *scan, bool brackets)
{
    if (scan->count < 2 || (scan->count == 2 && !is_barred(scan)))
        return false;
    for (size_t i = 0; i < scan->count; i++) {
        const struct stamp *stamp = &scan->stamps[i];
        if (stamp->odd || stamp->clock || (brackets && !stamp->bracket))
            return false;
        if (i && (stamp->start <= stamp[-1].start ||
                  !stamp_has_words(text_between(scan, stamp[-1].outer_end, stamp->outer_begin))))
            return false;
    }
    return true;
}

/* A whole list in one line, titles behind the times. */
static void add_parts_behind(struct scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        size_t end = i + 1 < scan->count ? scan->stamps[i + 1].outer_begin : scan->line->text.size;
        struct slice title = title_behind(text_between(scan, scan->stamps[i].outer_end, end));
        add_entry(scan, PLACE_START, &scan->stamps[i], title, true);
    }
}

static void add_parts_before(struct scan *scan)
{
    size_t begin = 0;
    for (size_t i = 0; i < scan->count; i++) {
        struct slice title = title_before(text_between(scan, begin, scan->stamps[i].outer_begin));
        add_entry(scan, PLACE_END, &scan->stamps[i], title, true);
        begin = scan->stamps[i].outer_end;
    }
}

/* The end of a range may stand apart: in the next cell of a table. */
static void take_stop(struct scan *scan, struct stamp *first)
{
    const struct stamp *second = scan->stamps + 1;
    if (scan->count < 2 || first->stop != MILLIS_NONE || second->start <= first->start ||
        stamp_has_words(text_between(scan, first->outer_end, second->outer_begin)))
        return;
    first->stop = second->start;
    first->outer_end = second->outer_end;
}

/* The cell in which the offset lies. */
static struct slice cell_at(const struct scan *scan, size_t at)
{
    struct slice text = scan->line->text;
    size_t begin = at, end = at;
    while (begin && text.data[begin - 1] != DOCUMENT_CELL)
        begin--;
    while (end < text.size && text.data[end] != DOCUMENT_CELL)
        end++;
    return text_between(scan, begin, end);
}

/* The first cell from `at` on, or the last before it, that has words which are no number. */
static struct slice cell_behind(const struct scan *scan, size_t at)
{
    struct slice rest = slice_from(slice_first(scan->line->text, MAX_SEARCHED), at), cell;
    while (slice_take_field(&rest, DOCUMENT_CELL, &cell))
        if (!title_is_ordinal(cell))
            return cell;
    return (struct slice){"", 0};
}

static struct slice cell_before(const struct scan *scan, size_t at)
{
    struct slice rest = slice_first(scan->line->text, at), cell, last = {"", 0};
    while (slice_take_field(&rest, DOCUMENT_CELL, &cell))
        if (!title_is_ordinal(cell))
            last = cell;
    return last;
}

/* A row of a table: a cell that holds nothing but a time; the title is the cell before it, or
 * else behind. */
static void scan_row(struct scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        struct stamp stamp = scan->stamps[i], only;
        struct slice cell = cell_at(scan, stamp.begin);
        if (!stamp_is_all(cell, &only) && stamp.notation == STAMP_COLONS)
            continue;
        if (!i)
            take_stop(scan, &stamp);
        struct slice before = cell_before(scan, stamp.outer_begin);
        struct slice behind = cell_behind(scan, stamp.outer_end);
        if (before.size)
            add_entry(scan, PLACE_END, &stamp, title_before(before), false);
        else if (behind.size)
            add_entry(scan, PLACE_START, &stamp, title_behind(behind), false);
        else
            continue;
        return;
    }
}

/* "At 3:15 he called": the sentence goes on in small letters. */
static bool is_sentence(const struct scan *scan, struct slice before, struct slice behind)
{
    return scan->line->block == BLOCK_TEXT && stamp_has_words(before) && behind.size > 1 &&
           behind.data[0] == ' ' && behind.data[1] >= 'a' && behind.data[1] <= 'z';
}

/* "Chapter 3" is a title where there is no other; "Time" and "3." are none. */
static bool is_numbered(struct slice text)
{
    bool digit = false, letter = false;
    for (size_t i = 0; i < text.size; i++) {
        digit |= byte_is_digit(text.data[i]);
        letter |= byte_is_alpha(text.data[i]) || (uint8_t)text.data[i] >= 0x80;
    }
    return digit && letter;
}

static void scan_text(struct scan *scan)
{
    struct slice text = scan->line->text;
    struct stamp first = scan->stamps[0], last = scan->stamps[scan->count - 1];
    struct slice before = slice_first(text, first.outer_begin);
    bool begins =
        title_is_ordinal(before) && !is_sentence(scan, before, slice_from(text, first.outer_end));
    bool ends = !stamp_has_words(slice_from(text, last.outer_end));
    if (begins && are_parts(scan, false)) {
        add_parts_behind(scan);
    } else if (!begins && are_parts(scan, true)) {
        if (ends)
            add_parts_before(scan);
        else
            add_parts_behind(scan);
    } else if (begins) {
        take_stop(scan, &first);
        struct slice behind = slice_from(text, first.outer_end);
        bool alone = !stamp_has_words(behind);
        if (alone && is_numbered(before))
            add_entry(scan, PLACE_END, &first, title_before(before), false);
        else
            add_entry(scan, alone ? PLACE_ALONE : PLACE_START, &first, title_behind(behind), false);
    } else if (ends && !title_is_duration(slice_first(text, last.outer_begin))) {
        add_entry(scan, PLACE_END, &last,
                  title_before(words_before(slice_first(text, last.outer_begin))), false);
    }
}

/* What a link within the page is called: its text, or where that is a time the words before it. */
static struct slice own_title(const struct scan *scan, const struct document_link *link)
{
    struct stamp only;
    if (!stamp_is_all(slice_of(link->label), &only))
        return title_behind(slice_of(link->label));
    return title_before(slice_first(scan->line->text, link->begin));
}

/* A link to a place in the page itself says by its URL what others say by their text. */
static void scan_own_links(struct scan *scan)
{
    for (size_t i = 0; i < scan->line->link_count; i++) {
        struct document_link *link = &scan->document->links[scan->line->first_link + i];
        if (!link->timed || *link->page)
            continue;
        struct stamp stamp = {.start = link->start,
                              .stop = link->stop,
                              .fields = 2,
                              .begin = link->begin,
                              .end = link->end};
        add_entry(scan, PLACE_START, &stamp, own_title(scan, link), true);
        scan->list->items[scan->list->count - 1].link = link;
    }
}

static bool is_inside(const struct entry *entry, const struct document_link *link)
{
    return entry->stamp.begin >= link->begin && entry->stamp.end <= link->end;
}

/* How far the time in a text may be from that of its link: some round. */
#define LINK_TOLERANCE (2 * MILLIS_SECOND)

/* The link in the entry's line that leads to the same moment, or whose text is the time. */
static struct document_link *link_of(const struct scan *scan, const struct entry *entry)
{
    const struct document_line *line = &scan->document->lines[entry->line];
    for (size_t i = 0; i < line->link_count; i++) {
        struct document_link *link = &scan->document->links[line->first_link + i];
        millis apart = link->start - entry->stamp.start;
        bool inside = is_inside(entry, link);
        if (!link->timed || (entry->part && !inside))
            continue;
        struct stamp only;
        if ((apart <= LINK_TOLERANCE && apart >= -LINK_TOLERANCE) ||
            (inside && stamp_is_all(slice_of(link->label), &only)))
            return link;
    }
    return NULL;
}

static bool has_timed_link(const struct scan *scan, const struct entry *entry)
{
    const struct document_line *line = &scan->document->lines[entry->line];
    for (size_t i = 0; i < line->link_count; i++)
        if (scan->document->links[line->first_link + i].timed)
            return true;
    return false;
}

/* In a list of times of one recording and links into others, such as our own recaps have, it is
 * chance where the two are alike. */
static bool are_links_alike_by_chance(const struct scan *scan)
{
    size_t alike = 0, different = 0;
    for (size_t i = 0; i < scan->list->count; i++) {
        const struct entry *entry = &scan->list->items[i];
        const struct document_link *link = entry->link ? entry->link : link_of(scan, entry);
        if (!link)
            different += has_timed_link(scan, entry);
        else if (!is_inside(entry, link))
            alike++;
    }
    return different > alike;
}

/* The URL is what a player goes by, so its time is the one that counts. */
static void apply_links(struct scan *scan)
{
    bool by_chance = are_links_alike_by_chance(scan);
    for (size_t i = 0; i < scan->list->count; i++) {
        struct entry *entry = &scan->list->items[i];
        struct document_link *link = entry->link ? NULL : link_of(scan, entry);
        if (!link || (by_chance && !is_inside(entry, link)))
            continue;
        entry->link = link;
        entry->stamp.start = link->start;
        entry->stamp.odd = entry->stamp.clock = false;
        if (link->stop != MILLIS_NONE)
            entry->stamp.stop = link->stop;
    }
}

void entries_find(struct document *document, enum stamp_notation notation,
                  struct entry_list *ret_list)
{
    *ret_list = (struct entry_list){.arena = document->arena};
    struct scan scan = {.document = document, .list = ret_list};
    for (scan.index = 0; scan.index < document->line_count && ret_list->count < MAX_ENTRIES;
         scan.index++) {
        scan.line = &document->lines[scan.index];
        size_t first = ret_list->count;
        find_stamps(&scan, notation);
        ret_list->stamps += scan.count;
        if (scan.count && scan.line->block == BLOCK_ROW)
            scan_row(&scan);
        else if (scan.count)
            scan_text(&scan);
        if (ret_list->count == first && notation == STAMP_COLONS)
            scan_own_links(&scan);
    }
    apply_links(&scan);
}
