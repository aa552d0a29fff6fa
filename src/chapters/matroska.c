/* SPDX-License-Identifier: MIT */
/*
 * Matroska and WebM (RFC 9559; EBML: RFC 8794). Chapters are an element of the Segment. It is
 * written over where it stands, if it fits there with the Void behind it; else it goes to the end,
 * with room, and the SeekHead says so. Nothing else moves, so no other position changes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "chapters/container.h"
#include "chapters/ebml.h"

#define MAX_ELEMENT  ((int64_t)64 << 20) /* of what is read into memory */
#define MAX_ELEMENTS 1000000
#define ROOM         8192
#define NANOS        1000000 /* in a millisecond */

enum element_id {
    EBML = 0x1A45DFA3,
    SEGMENT = 0x18538067,
    SEEK_HEAD = 0x114D9B74,
    SEEK = 0x4DBB,
    SEEK_ID = 0x53AB,
    SEEK_POSITION = 0x53AC,
    INFO = 0x1549A966,
    TIMESTAMP_SCALE = 0x2AD7B1,
    DURATION = 0x4489,
    CHAPTERS = 0x1043A770,
    EDITION = 0x45B9,
    EDITION_DEFAULT = 0x45DB,
    ATOM = 0xB6,
    ATOM_UID = 0x73C4,
    ATOM_START = 0x91,
    ATOM_END = 0x92,
    ATOM_HIDDEN = 0x98,
    DISPLAY = 0x80,
    DISPLAY_STRING = 0x85,
    DISPLAY_LANGUAGE = 0x437C,
};

/* An element of the Segment in the file. */
struct place {
    uint32_t id;
    int64_t offset, header, size, end;
};

struct matroska {
    struct arena *arena; /* owned */
    int64_t size_offset; /* of the Segment's size */
    size_t size_width;
    int64_t start, end; /* of what is in the Segment */
    bool size_known, cut_off;
    bool whole; /* all elements are of known size and end where the Segment does */
    struct place *places;
    size_t count, capacity;
};

static bool place_at(struct source *source, int64_t offset, struct place *ret_place)
{
    uint8_t head[12];
    size_t got;
    struct place place = {.offset = offset};
    if (!source_read(source, offset, head, sizeof head, &got, NULL))
        return false;
    place.header = (int64_t)element_header(head, got, &place.id, &place.size);
    if (!place.header)
        return false;
    place.end = place.size > source->size - offset - place.header
                    ? INT64_MAX
                    : offset + place.header + place.size;
    *ret_place = place;
    return true;
}

static bool matroska_probe(struct slice head, bool after_id3)
{
    return !after_id3 && slice_starts(head, SLICE("\x1A\x45\xDF\xA3"));
}

static bool no_segment(struct source *source, struct error *err)
{
    return error_set(err, ERROR_INPUT, "%s: the Matroska file has no usable Segment", source->name);
}

static bool open_segment(struct source *source, struct matroska *file, struct error *err)
{
    struct place ebml, segment;
    if (!place_at(source, 0, &ebml) || ebml.end == INT64_MAX ||
        !place_at(source, ebml.end, &segment) || segment.id != SEGMENT)
        return no_segment(source, err);
    file->size_offset = segment.offset + 4;
    file->size_width = (size_t)segment.header - 4;
    file->start = segment.offset + segment.header;
    file->size_known = segment.size != EBML_UNKNOWN_SIZE;
    file->end = file->size_known ? segment.end : source->size;
    file->cut_off = file->end > source->size;
    if (file->cut_off)
        file->end = source->size;
    return true;
}

static bool open_matroska(struct source *source, struct matroska *ret_file, struct error *err)
{
    struct matroska file = {0};
    if (!open_segment(source, &file, err))
        return false;
    file.arena = arena_create();
    struct place place;
    int64_t offset = file.start;
    while (offset < file.end && file.count < MAX_ELEMENTS && place_at(source, offset, &place) &&
           place.end <= file.end) {
        file.places =
            arena_grow(file.arena, file.places, &file.capacity, file.count + 1, sizeof place);
        file.places[file.count++] = place;
        offset = place.end;
    }
    file.whole = offset == file.end && !file.cut_off;
    *ret_file = file;
    return true;
}

static const struct place *find_place(const struct matroska *file, uint32_t id)
{
    for (size_t i = 0; i < file->count; i++)
        if (file->places[i].id == id)
            return &file->places[i];
    return NULL;
}

/* The body of an element of the Segment; empty where there is none. */
static bool read_place(struct source *source, const struct matroska *file, uint32_t id,
                       struct slice *ret_body, struct error *err)
{
    const struct place *place = find_place(file, id);
    *ret_body = SLICE("");
    if (!place || place->size > MAX_ELEMENT)
        return true;
    char *data = arena_alloc(file->arena, (size_t)place->size + 1);
    if (!source_read_exactly(source, place->offset + place->header, data, (size_t)place->size, err))
        return false;
    *ret_body = (struct slice){data, (size_t)place->size};
    return true;
}

static const char *display_string(struct arena *arena, struct slice body)
{
    struct element element;
    while (element_take(&body, &element)) {
        if (element.id != DISPLAY_STRING)
            continue;
        struct slice text = element.body;
        text = slice_first(text, slice_find_byte(text, '\0'));
        char *valid = text_repair(text);
        const char *copy = arena_strdup(arena, valid);
        free(valid);
        return copy;
    }
    return NULL;
}

static millis millis_of_nanos(uint64_t nanos)
{
    uint64_t time = nanos / NANOS + (nanos % NANOS >= NANOS / 2);
    return time > (uint64_t)MILLIS_MAX ? MILLIS_MAX : (millis)time;
}

/* Returns how many chapters are nested in this one: players show one level. */
static size_t read_atom(struct chapter_list *list, struct slice body)
{
    struct chapter chapter = {.end = MILLIS_NONE};
    struct element element;
    size_t nested = 0;
    while (element_take(&body, &element)) {
        if (element.id == ATOM_START)
            chapter.start = millis_of_nanos(element_number(element.body));
        else if (element.id == ATOM_END)
            chapter.end = millis_of_nanos(element_number(element.body));
        else if (element.id == ATOM_HIDDEN)
            chapter.hidden = element_number(element.body) != 0;
        else if (element.id == DISPLAY && !chapter.title)
            chapter.title = display_string(list->arena, element.body);
        nested += element.id == ATOM;
    }
    chapter_list_add(list, &chapter);
    return nested;
}

static bool is_default_edition(struct slice body)
{
    struct element element;
    while (element_take(&body, &element))
        if (element.id == EDITION_DEFAULT)
            return element_number(element.body) != 0;
    return false;
}

/* The default edition, or the first; others are other cuts of the same recording. */
static void read_editions(struct chapters *chapters, struct slice body)
{
    struct slice rest = body, chosen = SLICE("");
    struct element element;
    size_t editions = 0, nested = 0;
    while (element_take(&rest, &element)) {
        if (element.id != EDITION)
            continue;
        if (!editions++ || (is_default_edition(element.body) && !is_default_edition(chosen)))
            chosen = element.body;
    }
    while (element_take(&chosen, &element))
        if (element.id == ATOM)
            nested += read_atom(&chapters->list, element.body);
    if (nested)
        chapters_add_finding(chapters, FINDING_WARNING,
                             "%zu chapters are nested in others: players show one level only",
                             nested);
    if (editions > 1)
        chapters_add_finding(chapters, FINDING_WARNING,
                             "there are %zu editions of chapters: players that put them together "
                             "show each chapter several times",
                             editions);
}

static millis duration_of(struct slice info)
{
    double duration = 0;
    uint64_t scale = NANOS;
    struct element element;
    while (element_take(&info, &element)) {
        if (element.id == TIMESTAMP_SCALE)
            scale = element_number(element.body);
        else if (element.id == DURATION)
            duration = element_float(element.body);
    }
    double time = duration * (double)scale / NANOS;
    return time > 0 && time < (double)MILLIS_MAX ? (millis)(time + 0.5) : MILLIS_NONE;
}

static bool matroska_read(struct source *source, struct chapters *chapters, struct error *err)
{
    struct matroska file;
    struct slice info, body;
    if (!open_matroska(source, &file, err))
        return false;
    bool read = read_place(source, &file, INFO, &info, err) &&
                read_place(source, &file, CHAPTERS, &body, err);
    if (read) {
        chapters->duration = duration_of(info);
        read_editions(chapters, body);
    }
    arena_destroy(file.arena);
    return read;
}

/* Tags name a chapter by its number: a small one would give a new chapter what is said of an old
 * one, for libavformat numbers from 1. So it is made of what the chapter is, and the same again for
 * the same one. */
static uint64_t atom_number(const struct chapter *chapter, size_t place)
{
    char *text = mem_format("%zu %lld %s", place, (long long)chapter->start,
                            chapter->title ? chapter->title : "");
    uint64_t hash = slice_hash(slice_of(text));
    free(text);
    return hash >> 1 | 1; /* never 0, and positive where it is read as a signed one */
}

static void append_atom(struct buffer *out, const struct chapter *chapter, size_t place)
{
    struct buffer atom = BUFFER_INIT(BUFFER_UNBOUNDED), display = BUFFER_INIT(BUFFER_UNBOUNDED);
    ebml_append_number(&atom, ATOM_UID, atom_number(chapter, place));
    ebml_append_number(&atom, ATOM_START, (uint64_t)chapter->start * NANOS);
    if (chapter->end != MILLIS_NONE)
        ebml_append_number(&atom, ATOM_END, (uint64_t)chapter->end * NANOS);
    if (chapter->hidden)
        ebml_append_number(&atom, ATOM_HIDDEN, 1);
    ebml_append(&display, DISPLAY_STRING, slice_of(chapter->title));
    ebml_append(&display, DISPLAY_LANGUAGE, SLICE("und"));
    ebml_append(&atom, DISPLAY, buffer_slice(&display));
    ebml_append(out, ATOM, buffer_slice(&atom));
    buffer_release(&atom);
    buffer_release(&display);
}

static void append_chapters(struct buffer *out, const struct chapter_list *list)
{
    struct buffer edition = BUFFER_INIT(BUFFER_UNBOUNDED), whole = BUFFER_INIT(BUFFER_UNBOUNDED);
    if (list->count) {
        for (size_t i = 0; i < list->count; i++)
            append_atom(&edition, &list->items[i], i);
        ebml_append(&whole, EDITION, buffer_slice(&edition));
        ebml_append(out, CHAPTERS, buffer_slice(&whole));
    }
    buffer_release(&edition);
    buffer_release(&whole);
}

/* The end of the Voids that stand behind place `i`. */
static int64_t room_end(const struct matroska *file, size_t i)
{
    while (i + 1 < file->count && file->places[i + 1].id == EBML_VOID)
        i++;
    return file->places[i].end;
}

static bool fits(int64_t size, int64_t room)
{
    return size == room || size + 2 <= room;
}

/* Replaces what stands in [start, end) by `bytes` and a Void. */
static void replace_room(struct patch *patch, int64_t start, int64_t end, struct buffer *bytes)
{
    if ((int64_t)bytes->size < end - start)
        ebml_append_void(bytes, (size_t)(end - start) - bytes->size);
    patch_replace(patch, start, end - start, buffer_slice(bytes));
}

/* The SeekHead without its entry for chapters, and with one for those at `position` in the Segment
 * (-1: none). Its checksum, which is optional, is left out. */
static void append_seek_head(struct buffer *out, struct slice body, int64_t position)
{
    struct buffer kept = BUFFER_INIT(BUFFER_UNBOUNDED), seek = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct element element, id;
    while (element_take(&body, &element)) {
        struct slice inner = element.body;
        bool of_chapters = false;
        while (element.id == SEEK && element_take(&inner, &id))
            of_chapters = of_chapters || (id.id == SEEK_ID && element_number(id.body) == CHAPTERS);
        if (!of_chapters && element.id != EBML_CHECKSUM && element.id != EBML_VOID)
            buffer_append_slice(&kept, element.whole);
    }
    if (position >= 0) {
        ebml_append(&seek, SEEK_ID, SLICE("\x10\x43\xA7\x70"));
        ebml_append_number(&seek, SEEK_POSITION, (uint64_t)position);
        ebml_append(&kept, SEEK, buffer_slice(&seek));
    }
    ebml_append(out, SEEK_HEAD, buffer_slice(&kept));
    buffer_release(&kept);
    buffer_release(&seek);
}

static bool plan_seek_head(struct source *source, const struct matroska *file, int64_t position,
                           struct patch *patch, struct error *err)
{
    const struct place *head = find_place(file, SEEK_HEAD);
    struct slice body;
    if (!head)
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: has no SeekHead that could say where the chapters are; remux it "
                         "first, with: mkvmerge -o OUT IN",
                         source->name);
    if (!read_place(source, file, SEEK_HEAD, &body, err))
        return false;
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    int64_t end = room_end(file, (size_t)(head - file->places));
    append_seek_head(&out, body, position);
    bool room = fits((int64_t)out.size, end - head->offset);
    if (room)
        replace_room(patch, head->offset, end, &out);
    else
        error_set(err, ERROR_UNSUPPORTED,
                  "%s: its SeekHead has no room for the chapters' place; remux it first, with: "
                  "mkvmerge -o OUT IN",
                  source->name);
    buffer_release(&out);
    return room;
}

static bool plan_segment_size(struct source *source, const struct matroska *file, int64_t growth,
                              struct patch *patch, struct error *err)
{
    uint64_t size = (uint64_t)(file->end - file->start + growth);
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    if (!file->size_known)
        return true;
    if (size >= (UINT64_C(1) << (7 * file->size_width)) - 1)
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: the size of its Segment has too few bytes to grow; remux it first, "
                         "with: mkvmerge -o OUT IN",
                         source->name);
    ebml_append_size(&out, size, file->size_width);
    patch_replace(patch, file->size_offset, (int64_t)file->size_width, buffer_slice(&out));
    buffer_release(&out);
    return true;
}

/* The old chapters become a Void; the new ones go to the end, with room for more. */
static bool plan_at_end(struct source *source, const struct matroska *file, struct buffer *chapters,
                        struct patch *patch, struct error *err)
{
    const struct place *old = find_place(file, CHAPTERS), *head = find_place(file, SEEK_HEAD);
    int64_t position = chapters->size ? file->end - file->start : -1;
    struct buffer nothing = BUFFER_INIT(BUFFER_UNBOUNDED);
    if (chapters->size)
        ebml_append_void(chapters, ROOM);
    if (!plan_segment_size(source, file, (int64_t)chapters->size, patch, err))
        return false;
    bool old_first = old && head && old->offset < head->offset;
    if (old_first)
        replace_room(patch, old->offset, old->end, &nothing);
    bool planned = plan_seek_head(source, file, position, patch, err);
    if (planned && old && !old_first)
        replace_room(patch, old->offset, old->end, &nothing);
    if (planned && chapters->size)
        patch_replace(patch, file->end, 0, buffer_slice(chapters));
    buffer_release(&nothing);
    return planned;
}

static bool plan_chapters(struct source *source, const struct matroska *file,
                          const struct chapter_list *list, struct patch *patch, struct error *err)
{
    const struct place *old = find_place(file, CHAPTERS);
    struct buffer chapters = BUFFER_INIT(BUFFER_UNBOUNDED);
    bool planned = true;
    append_chapters(&chapters, list);
    int64_t end = old ? room_end(file, (size_t)(old - file->places)) : 0;
    if (old && chapters.size && fits((int64_t)chapters.size, end - old->offset))
        replace_room(patch, old->offset, end, &chapters);
    else
        planned = plan_at_end(source, file, &chapters, patch, err);
    buffer_release(&chapters);
    return planned;
}

static bool matroska_plan(struct source *source, const struct chapter_list *list,
                          const struct chapters_options *options, struct patch *patch,
                          struct error *err)
{
    struct matroska file;
    (void)options;
    if (!open_matroska(source, &file, err))
        return false;
    bool planned = true;
    if (!file.whole)
        planned =
            error_set(err, ERROR_INPUT,
                      "%s: is cut off, or was written as a live stream; remux it first, with: "
                      "mkvmerge -o OUT IN",
                      source->name);
    else if (list->count || find_place(&file, CHAPTERS))
        planned = plan_chapters(source, &file, list, patch, err);
    arena_destroy(file.arena);
    return planned;
}

const struct container matroska_container = {
    .name = "matroska",
    .holds = HOLDS_HIDDEN,
    .probe = matroska_probe,
    .read = matroska_read,
    .plan = matroska_plan,
};
