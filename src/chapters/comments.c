/* SPDX-License-Identifier: MIT */
#include "chapters/comments.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/timecode.h"

#define ANTENNAPOD_MAX 100

static bool take_u32(struct slice *bytes, size_t *ret_number)
{
    const uint8_t *data = (const uint8_t *)bytes->data;
    if (bytes->size < 4)
        return false;
    *ret_number =
        (size_t)data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16 | (size_t)data[3] << 24;
    *bytes = slice_from(*bytes, 4);
    return true;
}

static bool take_string(struct slice *bytes, struct slice *ret_string)
{
    struct slice rest = *bytes;
    size_t size;
    if (!take_u32(&rest, &size) || size > rest.size)
        return false;
    *ret_string = slice_first(rest, size);
    *bytes = slice_from(rest, size);
    return true;
}

static void append_u32(struct buffer *out, size_t number)
{
    const uint8_t bytes[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                              (uint8_t)(number >> 24)};
    buffer_append(out, bytes, sizeof bytes);
}

/* A comment about a chapter: its number, which of its facts, the value. */
struct chapter_comment {
    uint64_t number;
    struct slice fact; /* "", "NAME", "URL", or what we do not know */
    struct slice value;
};

static bool parse_comment(struct slice comment, struct chapter_comment *ret_comment)
{
    struct slice key;
    if (!slice_take_field(&comment, '=', &key) || !slice_starts_nocase(key, SLICE("CHAPTER")))
        return false;
    key = slice_from(key, 7);
    struct chapter_comment parsed = {.value = comment};
    if (!slice_take_digits(&key, &parsed.number, NULL))
        return false;
    parsed.fact = key;
    *ret_comment = parsed;
    return true;
}

/* A chapter while its comments are gathered. */
struct entry {
    uint64_t number;
    size_t place; /* of its time among the comments */
    millis start; /* MILLIS_NONE until it is found */
    struct slice name, url;
    bool named_first; /* the name stands before the time */
};

struct gathering {
    struct arena *arena;
    struct entry *entries; /* in order of appearance */
    size_t count, capacity;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

/* Each comment is an entry of its own first; those of one number are put together once sorted. */
static void gather(struct gathering *gathering, const struct chapter_comment *comment, size_t place)
{
    struct entry entry = {.number = comment->number, .place = place, .start = MILLIS_NONE};
    if (!comment->fact.size) {
        if (!timecode_parse(comment->value, TIMECODE_COLONS | TIMECODE_SECONDS, &entry.start))
            return;
    } else if (slice_equal_nocase(comment->fact, SLICE("NAME"))) {
        entry.name = comment->value;
    } else if (slice_equal_nocase(comment->fact, SLICE("URL"))) {
        entry.url = comment->value;
    } else {
        return;
    }
    gathering->entries = arena_grow(gathering->arena, gathering->entries, &gathering->capacity,
                                    gathering->count + 1, sizeof *gathering->entries);
    gathering->entries[gathering->count++] = entry;
}

static void put_together(struct gathering *gathering)
{
    size_t count = 0;
    if (gathering->count)
        qsort(gathering->entries, gathering->count, sizeof *gathering->entries, compare_entries);
    for (size_t i = 0; i < gathering->count; i++) {
        const struct entry *part = &gathering->entries[i];
        if (!count || gathering->entries[count - 1].number != part->number) {
            gathering->entries[count++] = *part;
            continue;
        }
        struct entry *whole = &gathering->entries[count - 1];
        if (part->start != MILLIS_NONE && whole->start == MILLIS_NONE) {
            whole->start = part->start;
            whole->named_first = whole->name.data != NULL;
        }
        whole->name = whole->name.data ? whole->name : part->name;
        whole->url = whole->url.data ? whole->url : part->url;
    }
    gathering->count = count;
}

static const char *text_of(struct arena *arena, struct slice text)
{
    if (!text.data)
        return NULL;
    char *valid = text_repair(text);
    const char *copy = arena_strdup(arena, valid);
    free(valid);
    return copy;
}

static void add_chapters(const struct gathering *gathering, struct chapters *chapters)
{
    size_t named_first = 0;
    for (size_t i = 0; i < gathering->count; i++) {
        const struct entry *entry = &gathering->entries[i];
        if (entry->start == MILLIS_NONE)
            continue;
        named_first += entry->named_first;
        chapter_list_add(&chapters->list, &(struct chapter){
                                              .start = entry->start,
                                              .end = MILLIS_NONE,
                                              .title = text_of(gathering->arena, entry->name),
                                              .link = text_of(gathering->arena, entry->url),
                                          });
    }
    if (named_first)
        chapters_add_finding(
            chapters, FINDING_WARNING,
            "%zu chapters have their name before their time: AntennaPod does not show it",
            named_first);
}

bool comments_read(struct slice block, struct chapters *chapters, size_t *ret_size)
{
    struct gathering gathering = {.arena = arena_create()};
    struct slice rest = block, comment;
    size_t count = 0;
    bool whole = take_string(&rest, &comment) && take_u32(&rest, &count);
    for (size_t i = 0; whole && i < count; i++) {
        struct chapter_comment parsed;
        whole = take_string(&rest, &comment);
        if (whole && parse_comment(comment, &parsed))
            gather(&gathering, &parsed, i);
    }
    put_together(&gathering);
    add_chapters(&gathering, chapters);
    arena_destroy(gathering.arena);
    *ret_size = block.size - rest.size;
    return whole;
}

static void append_comment(struct buffer *out, size_t number, const char *fact, const char *value)
{
    struct buffer comment = BUFFER_INIT(BUFFER_UNBOUNDED);
    buffer_append_format(&comment, "CHAPTER%03zu%s=%s", number, fact, value);
    append_u32(out, comment.size);
    buffer_append_slice(out, buffer_slice(&comment));
    buffer_release(&comment);
}

/* Returns how many comments they are. The time comes first: AntennaPod wants it so. */
static size_t append_chapters(struct buffer *out, const struct chapter_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        char start[MILLIS_TEXT_SIZE];
        append_comment(out, i + 1, "", millis_text_full(chapter->start, start));
        append_comment(out, i + 1, "NAME", chapter->title ? chapter->title : "");
        count += 2;
        if (chapter->link) {
            append_comment(out, i + 1, "URL", chapter->link);
            count++;
        }
    }
    return count;
}

bool comments_replace(struct slice block, const struct chapter_list *list, struct buffer *out)
{
    struct buffer kept = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct slice rest = block, vendor, comment;
    size_t said = 0, count = 0;
    bool whole = take_string(&rest, &vendor) && take_u32(&rest, &said);
    for (size_t i = 0; whole && i < said; i++) {
        struct chapter_comment parsed;
        whole = take_string(&rest, &comment);
        if (!whole || parse_comment(comment, &parsed))
            continue;
        append_u32(&kept, comment.size);
        buffer_append_slice(&kept, comment);
        count++;
    }
    if (whole) {
        count += append_chapters(&kept, list);
        append_u32(out, vendor.size);
        buffer_append_slice(out, vendor);
        append_u32(out, count);
        buffer_append_slice(out, buffer_slice(&kept));
    }
    buffer_release(&kept);
    return whole;
}

void comments_check(struct chapters *chapters)
{
    if (chapters->list.count > ANTENNAPOD_MAX)
        chapters_add_finding(
            chapters, FINDING_WARNING,
            "there are %zu chapters: AntennaPod shows none where there are more than 100",
            chapters->list.count);
}

bool comments_fit(const struct chapter_list *list, const char *name, struct error *err)
{
    if (list->count <= COMMENTS_MAX_CHAPTERS)
        return true;
    return error_set(err, ERROR_UNSUPPORTED,
                     "%s: %zu chapters are more than Vorbis comments can number (999)", name,
                     list->count);
}
