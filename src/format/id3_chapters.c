/* SPDX-License-Identifier: MIT */
#include "format/id3_chapters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define TOC_TOP_LEVEL   0x02
#define TOC_ORDERED     0x01
#define TIMES_SIZE      16 /* start, end, first byte, byte behind the last */
#define NOT_SET         0xFFFFFFFFu
#define LAST_PLAIN_SIZE 127 /* up to here plain and synchsafe sizes are the same */
#define LONG_ID         100 /* AntennaPod takes no longer one */
#define TOC_ID          "toc"
#define PICTURE_OTHER   0

static uint32_t number_at(struct slice bytes, size_t offset)
{
    const uint8_t *data = (const uint8_t *)bytes.data + offset;
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static bool take_element_id(struct slice *bytes, struct slice *ret_id)
{
    return bytes->size && memchr(bytes->data, '\0', bytes->size) &&
           slice_take_field(bytes, '\0', ret_id);
}

/* Element ids, sorted before they are looked up. */
struct ids {
    struct slice *items;
    size_t count, capacity;
};

struct reading {
    const struct id3_tag *tag;
    struct chapter_list *list;
    struct arena *scratch;
    size_t first;        /* of the list's chapters that is ours */
    struct ids chapters; /* of the chapters read, in their order */
    struct ids elements; /* of chapters and tables */
    struct ids entries;  /* of all tables */
    struct id3_chapter_facts facts;
};

static void add_id(struct reading *reading, struct ids *ids, struct slice id)
{
    ids->items = arena_grow(reading->scratch, ids->items, &ids->capacity, ids->count + 1,
                            sizeof *ids->items);
    ids->items[ids->count++] = id;
}

static int compare_ids(const void *a, const void *b)
{
    const struct slice *x = a, *y = b;
    int order = memcmp(x->data, y->data, x->size < y->size ? x->size : y->size);
    return order ? order : (x->size > y->size) - (x->size < y->size);
}

static void sort_ids(struct ids *ids)
{
    if (ids->count)
        qsort(ids->items, ids->count, sizeof *ids->items, compare_ids);
}

static bool holds_id(const struct ids *ids, struct slice id)
{
    return ids->count && bsearch(&id, ids->items, ids->count, sizeof *ids->items, compare_ids);
}

static void read_link(struct reading *reading, struct slice content, struct chapter *chapter)
{
    if (!content.size)
        return;
    uint8_t encoding = (uint8_t)content.data[0];
    content = slice_from(content, 1);
    id3_take_string(reading->scratch, &content, encoding); /* description */
    const char *link = id3_take_string(reading->scratch, &content, 0);
    if (*link && !chapter->link)
        chapter->link = link;
}

/* The type "-->" says that an address stands in the picture's place. */
static void read_picture(struct reading *reading, struct slice content, struct chapter *chapter)
{
    struct arena *arena = reading->scratch;
    if (!content.size || chapter->picture)
        return;
    uint8_t encoding = (uint8_t)content.data[0];
    content = slice_from(content, 1);
    const char *type = id3_take_string(arena, &content, 0);
    content = slice_from(content, 1); /* kind */
    id3_take_string(arena, &content, encoding);
    if (!content.size)
        return;
    if (strcmp(type, "-->") == 0) {
        chapter->image = id3_take_string(arena, &content, 0);
        return;
    }
    struct picture *picture = arena_alloc(arena, sizeof *picture);
    *picture = (struct picture){(const uint8_t *)content.data, content.size, type};
    chapter->picture = picture;
}

/* Of Latin-1, 80 to 9F are no signs: where they stand it is Windows-1252 or its like. */
static void note_encoding(struct reading *reading, struct slice content)
{
    struct slice text = slice_from(content, 1);
    bool plain = true, unused = false;
    for (size_t i = 0; i < text.size; i++) {
        plain = plain && (uint8_t)text.data[i] < 0x80;
        unused = unused || ((uint8_t)text.data[i] >= 0x80 && (uint8_t)text.data[i] < 0xA0);
    }
    if (!content.size || content.data[0] != 0 || plain)
        return;
    if (text_is_utf8(text))
        reading->facts.utf8_latin1++;
    else if (unused)
        reading->facts.not_latin1++;
}

static void read_subframes(struct reading *reading, struct slice bytes, struct chapter *chapter)
{
    enum id3_version version = reading->tag->version;
    struct id3_frame frame;
    struct slice content;
    while (id3_take_frame(&bytes, version, &frame)) {
        reading->facts.mistaken += frame.size_mistaken;
        reading->facts.long_v24 += version == ID3_V24 && frame.body.size > LAST_PLAIN_SIZE;
        if (!id3_content(reading->scratch, version, &frame, &content))
            continue;
        if (strcmp(frame.id, "TIT2") == 0 && !chapter->title) {
            chapter->title = id3_text(reading->scratch, version, &frame);
            note_encoding(reading, content);
        } else if (strcmp(frame.id, "WXXX") == 0) {
            read_link(reading, content, chapter);
        } else if (strcmp(frame.id, "APIC") == 0) {
            read_picture(reading, content, chapter);
        }
    }
}

static bool read_chapter(struct reading *reading, const struct id3_frame *frame)
{
    struct slice bytes, id;
    if (!id3_content(reading->scratch, reading->tag->version, frame, &bytes) ||
        !take_element_id(&bytes, &id) || bytes.size < TIMES_SIZE || number_at(bytes, 0) == NOT_SET)
        return false;
    uint32_t end = number_at(bytes, 4);
    struct chapter chapter = {
        .start = number_at(bytes, 0),
        .end = end == NOT_SET ? MILLIS_NONE : (millis)end,
    };
    read_subframes(reading, slice_from(bytes, TIMES_SIZE), &chapter);
    chapter_list_add(reading->list, &chapter);
    add_id(reading, &reading->chapters, id);
    add_id(reading, &reading->elements, id);
    reading->facts.long_ids += id.size > LONG_ID;
    return true;
}

/* The first title of a table is the list's. */
static void read_table_title(struct reading *reading, struct slice bytes)
{
    struct id3_frame frame;
    while (id3_take_frame(&bytes, reading->tag->version, &frame)) {
        reading->facts.mistaken += frame.size_mistaken;
        if (strcmp(frame.id, "TIT2") == 0 && !reading->list->title)
            reading->list->title = id3_text(reading->list->arena, reading->tag->version, &frame);
    }
}

static void read_table(struct reading *reading, const struct id3_frame *frame)
{
    struct slice bytes, id;
    if (!id3_content(reading->scratch, reading->tag->version, frame, &bytes) ||
        !take_element_id(&bytes, &id) || bytes.size < 2)
        return;
    add_id(reading, &reading->elements, id);
    uint8_t flags = (uint8_t)bytes.data[0];
    size_t count = (uint8_t)bytes.data[1];
    reading->facts.tables++;
    reading->facts.top_level = reading->facts.top_level || (flags & TOC_TOP_LEVEL);
    bytes = slice_from(bytes, 2);
    for (size_t i = 0; i < count; i++) {
        if (!take_element_id(&bytes, &id)) {
            reading->facts.miscounted = true;
            return;
        }
        add_id(reading, &reading->entries, id);
    }
    struct slice after = bytes;
    struct id3_frame sub;
    if (bytes.size && !id3_take_frame(&after, reading->tag->version, &sub))
        reading->facts.miscounted = true;
    read_table_title(reading, bytes);
}

/* Tables without a chapter that is there hide nothing. */
static void hide_unlisted(struct reading *reading)
{
    size_t unlisted = 0;
    sort_ids(&reading->entries);
    for (size_t i = 0; i < reading->chapters.count; i++)
        unlisted += !holds_id(&reading->entries, reading->chapters.items[i]);
    if (!reading->facts.tables || unlisted == reading->chapters.count) {
        reading->facts.lists_none = reading->facts.tables && unlisted;
        return;
    }
    for (size_t i = 0; i < reading->chapters.count; i++)
        reading->list->items[reading->first + i].hidden =
            !holds_id(&reading->entries, reading->chapters.items[i]);
    reading->facts.unlisted = unlisted;
}

static void count_dangling(struct reading *reading)
{
    sort_ids(&reading->elements);
    for (size_t i = 0; i < reading->entries.count; i++)
        reading->facts.dangling += !holds_id(&reading->elements, reading->entries.items[i]);
}

bool id3_has_chapters(const struct id3_tag *tag)
{
    return id3_find(tag, "CHAP") || id3_find(tag, "CTOC");
}

void id3_read_chapters(const struct id3_tag *tag, struct chapter_list *list,
                       struct id3_chapter_facts *ret_facts)
{
    struct reading reading = {
        .tag = tag, .list = list, .scratch = arena_create(), .first = list->count};
    for (size_t i = 0; i < tag->count; i++) {
        const struct id3_frame *frame = &tag->frames[i];
        reading.facts.mistaken += frame->size_mistaken;
        if (strcmp(frame->id, "CTOC") == 0)
            read_table(&reading, frame);
        if (strcmp(frame->id, "CHAP") != 0)
            continue;
        if (read_chapter(&reading, frame))
            reading.facts.chapters++;
        else
            reading.facts.damaged++;
    }
    hide_unlisted(&reading);
    count_dangling(&reading);
    if (ret_facts)
        *ret_facts = reading.facts;
    arena_destroy(reading.scratch);
}

static void append_number(struct buffer *out, uint32_t number)
{
    const uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
                              (uint8_t)(number >> 8), (uint8_t)number};
    buffer_append(out, bytes, sizeof bytes);
}

/* Times have 32 bits: 49 days. */
static uint32_t stored_time(millis time)
{
    return time == MILLIS_NONE || time >= NOT_SET ? NOT_SET : time < 0 ? 0 : (uint32_t)time;
}

static void append_title(struct buffer *out, enum id3_version version, const char *title)
{
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    id3_append_text(&text, version, title);
    id3_append_frame(out, version, "TIT2", buffer_slice(&text));
    buffer_release(&text);
}

static void append_details(struct buffer *out, enum id3_version version,
                           const struct chapter *chapter)
{
    struct buffer body = BUFFER_INIT(BUFFER_UNBOUNDED);
    if (chapter->title)
        append_title(out, version, chapter->title);
    if (chapter->link) {
        id3_append_link(&body, version, "chapter url", chapter->link);
        id3_append_frame(out, version, "WXXX", buffer_slice(&body));
        buffer_clear(&body);
    }
    if (chapter->picture) {
        id3_append_picture(&body, PICTURE_OTHER, chapter->picture);
        id3_append_frame(out, version, "APIC", buffer_slice(&body));
    }
    buffer_release(&body);
}

static void add_chapter(struct id3_tag *tag, const struct chapter_list *list, size_t i,
                        millis duration)
{
    const struct chapter *chapter = &list->items[i];
    struct buffer body = BUFFER_INIT(BUFFER_UNBOUNDED);
    buffer_append_format(&body, "chp%zu", i);
    buffer_append_byte(&body, '\0');
    append_number(&body, stored_time(chapter->start));
    append_number(&body, stored_time(chapter_list_end(list, i, duration)));
    append_number(&body, NOT_SET);
    append_number(&body, NOT_SET);
    append_details(&body, tag->version, chapter);
    id3_add(tag, "CHAP", buffer_slice(&body));
    buffer_release(&body);
}

static void begin_table(struct buffer *body, const char *id, uint8_t flags, size_t count)
{
    buffer_append(body, id, strlen(id) + 1);
    buffer_append_byte(body, (char)flags);
    buffer_append_byte(body, (char)count);
}

static void append_entry(struct buffer *body, const char *prefix, size_t number)
{
    buffer_append_format(body, "%s%zu", prefix, number);
    buffer_append_byte(body, '\0');
}

/* A table of the chapters visible[0] to visible[count - 1]. */
static void add_table(struct id3_tag *tag, const char *id, uint8_t flags, const size_t *visible,
                      size_t count, const char *title)
{
    struct buffer body = BUFFER_INIT(BUFFER_UNBOUNDED);
    begin_table(&body, id, flags, count);
    for (size_t i = 0; i < count; i++)
        append_entry(&body, "chp", visible[i]);
    if (title)
        append_title(&body, tag->version, title);
    id3_add(tag, "CTOC", buffer_slice(&body));
    buffer_release(&body);
}

/* Tables "toc0", "toc1", ... below the top one. 65025 chapters are more than a tag can hold with
 * titles; what is beyond is not listed. */
static void add_nested_tables(struct id3_tag *tag, const size_t *visible, size_t count,
                              const char *title)
{
    size_t tables = (count + ID3_TABLE_MAX - 1) / ID3_TABLE_MAX;
    if (tables > ID3_TABLE_MAX)
        tables = ID3_TABLE_MAX;
    struct buffer body = BUFFER_INIT(BUFFER_UNBOUNDED);
    begin_table(&body, TOC_ID, TOC_TOP_LEVEL | TOC_ORDERED, tables);
    for (size_t i = 0; i < tables; i++)
        append_entry(&body, TOC_ID, i);
    append_title(&body, tag->version, title);
    id3_add(tag, "CTOC", buffer_slice(&body));
    buffer_release(&body);

    for (size_t i = 0; i < tables; i++) {
        char id[sizeof TOC_ID + 20];
        snprintf(id, sizeof id, TOC_ID "%zu", i);
        size_t first = i * ID3_TABLE_MAX, left = count - first;
        add_table(tag, id, TOC_ORDERED, visible + first,
                  left < ID3_TABLE_MAX ? left : ID3_TABLE_MAX, NULL);
    }
}

void id3_set_chapters(struct id3_tag *tag, const struct chapter_list *list, millis duration)
{
    id3_remove(tag, "CTOC");
    id3_remove(tag, "CHAP");
    if (!list->count)
        return;
    size_t *visible = mem_alloc_array(list->count, sizeof *visible);
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (!list->items[i].hidden)
            visible[count++] = i;
    const char *title = list->title ? list->title : "Chapters";
    if (count <= ID3_TABLE_MAX)
        add_table(tag, TOC_ID, TOC_TOP_LEVEL | TOC_ORDERED, visible, count, title);
    else
        add_nested_tables(tag, visible, count, title);
    free(visible);
    for (size_t i = 0; i < list->count; i++)
        add_chapter(tag, list, i, duration);
}
