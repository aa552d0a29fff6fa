/* SPDX-License-Identifier: MIT */
#include "format/mp4_box.h"

#include <string.h>

#include "base/checked.h"

#define HEADER_SIZE       8
#define LARGE_HEADER_SIZE 16

uint16_t box_u16(struct slice bytes, size_t offset)
{
    const uint8_t *data = (const uint8_t *)bytes.data;
    if (bytes.size < 2 || offset > bytes.size - 2)
        return 0;
    return (uint16_t)(data[offset] << 8 | data[offset + 1]);
}

uint32_t box_u32(struct slice bytes, size_t offset)
{
    if (bytes.size < 4 || offset > bytes.size - 4)
        return 0;
    return (uint32_t)box_u16(bytes, offset) << 16 | box_u16(bytes, offset + 2);
}

uint64_t box_u64(struct slice bytes, size_t offset)
{
    if (bytes.size < 8 || offset > bytes.size - 8)
        return 0;
    return (uint64_t)box_u32(bytes, offset) << 32 | box_u32(bytes, offset + 4);
}

bool box_take(struct slice *bytes, struct box *ret_box)
{
    if (bytes->size < HEADER_SIZE)
        return false;
    uint64_t size = box_u32(*bytes, 0), header = HEADER_SIZE;
    if (size == 1) {
        size = box_u64(*bytes, HEADER_SIZE);
        header = LARGE_HEADER_SIZE;
    }
    if (size < header || size > bytes->size)
        return false;
    struct box box = {.whole = slice_first(*bytes, (size_t)size)};
    memcpy(box.type, bytes->data + 4, 4);
    box.body = slice_from(box.whole, (size_t)header);
    *bytes = slice_from(*bytes, (size_t)size);
    *ret_box = box;
    return true;
}

bool box_is(const struct box *box, const char *type)
{
    return memcmp(box->type, type, 4) == 0;
}

struct slice box_child(struct slice bytes, const char *type)
{
    struct box box;
    while (box_take(&bytes, &box))
        if (box_is(&box, type))
            return box.body;
    return (struct slice){"", 0};
}

struct slice box_path(struct slice bytes, const char *path)
{
    struct slice rest = slice_of(path), part;
    while (slice_take_field(&rest, '/', &part))
        bytes = box_child(bytes, part.data);
    return bytes;
}

bool file_box_read(struct source *source, int64_t offset, struct file_box *ret_box)
{
    uint8_t head[LARGE_HEADER_SIZE];
    size_t got;
    if (!source_read(source, offset, head, sizeof head, &got, NULL) || got < HEADER_SIZE)
        return false;
    struct slice bytes = {(const char *)head, got};
    struct file_box box = {.offset = offset, .size = box_u32(bytes, 0), .header = HEADER_SIZE};
    memcpy(box.type, head + 4, 4);
    if (box.size == 1) {
        uint64_t size = box_u64(bytes, 8);
        box.header = LARGE_HEADER_SIZE;
        box.size = size > INT64_MAX / 2 ? INT64_MAX / 2 : (int64_t)size;
    } else if (box.size == 0) {
        box.size = source->size - offset;
        box.open = true;
    }
    if (box.size < box.header)
        return false;
    *ret_box = box;
    return true;
}

void box_append_u16(struct buffer *out, uint32_t number)
{
    const uint8_t bytes[2] = {(uint8_t)(number >> 8), (uint8_t)number};
    buffer_append(out, bytes, sizeof bytes);
}

void box_append_u32(struct buffer *out, uint64_t number)
{
    box_append_u16(out, (uint32_t)(number >> 16 & 0xFFFF));
    box_append_u16(out, (uint32_t)(number & 0xFFFF));
}

void box_append_u64(struct buffer *out, uint64_t number)
{
    box_append_u32(out, number >> 32);
    box_append_u32(out, number & 0xFFFFFFFF);
}

size_t box_begin(struct buffer *out, const char *type)
{
    size_t place = out->size;
    buffer_extend(out, 4);
    buffer_append(out, type, 4);
    return place;
}

void box_end(struct buffer *out, size_t place)
{
    size_t size = out->size - place;
    for (size_t i = 0; i < 4; i++)
        out->data[place + i] = (char)(size >> (24 - 8 * i));
}

/* Both tkhd and mdhd, mvhd have wider times in version 1. */
static bool is_wide(struct slice full_box)
{
    return full_box.size && full_box.data[0] == 1;
}

static struct track track_of(struct slice body)
{
    struct slice header = box_child(body, "tkhd"), media = box_child(body, "mdia");
    struct slice clock = box_child(media, "mdhd"), handler = box_child(media, "hdlr");
    struct track track = {
        .body = body,
        .id = box_u32(header, is_wide(header) ? 20 : 12),
        .timescale = box_u32(clock, is_wide(clock) ? 20 : 12),
        .references = box_path(body, "tref/chap"),
        .samples = box_path(media, "minf/stbl"),
    };
    struct slice description = box_child(track.samples, "stsd");
    if (handler.size >= 12)
        memcpy(track.handler, handler.data + 8, 4);
    if (description.size >= 16)
        memcpy(track.format, description.data + 12, 4);
    return track;
}

struct track *tracks_read(struct arena *arena, struct slice moov, size_t *ret_count)
{
    struct track *tracks = NULL;
    size_t count = 0, capacity = 0;
    struct box box;
    while (box_take(&moov, &box)) {
        if (!box_is(&box, "trak"))
            continue;
        tracks = arena_grow(arena, tracks, &capacity, count + 1, sizeof *tracks);
        tracks[count++] = track_of(box.body);
    }
    *ret_count = count;
    return tracks;
}

const struct track *track_find(const struct track *tracks, size_t count, uint32_t id)
{
    for (size_t i = 0; i < count; i++)
        if (tracks[i].id == id)
            return &tracks[i];
    return NULL;
}

bool movie_clock(struct slice moov, uint32_t *ret_timescale, uint64_t *ret_duration)
{
    struct slice header = box_child(moov, "mvhd");
    bool wide = is_wide(header);
    uint32_t timescale = box_u32(header, wide ? 20 : 12);
    if (!timescale)
        return false;
    *ret_timescale = timescale;
    *ret_duration = wide ? box_u64(header, 24) : box_u32(header, 16);
    return true;
}

struct chunk_offsets track_chunks(const struct track *track)
{
    struct slice narrow = box_child(track->samples, "stco");
    struct slice wide = box_child(track->samples, "co64");
    struct chunk_offsets chunks = {.entries = slice_from(narrow, 8), .width = 4};
    size_t said = box_u32(narrow, 4);
    if (wide.size) {
        chunks = (struct chunk_offsets){.entries = slice_from(wide, 8), .width = 8};
        said = box_u32(wide, 4);
    }
    size_t held = chunks.entries.size / chunks.width;
    chunks.count = said < held ? said : held;
    return chunks;
}

uint64_t chunk_offset(const struct chunk_offsets *chunks, size_t i)
{
    return chunks->width == 8 ? box_u64(chunks->entries, i * 8) : box_u32(chunks->entries, i * 4);
}

/* How much later than its own clock says a track is played, in units of the track. */
static int64_t edit_shift(const struct track *track, uint32_t movie_timescale)
{
    struct slice list = box_path(track->body, "edts/elst");
    bool wide = is_wide(list);
    size_t entry = wide ? 20 : 12;
    uint32_t count = box_u32(list, 4);
    int64_t shift = 0;
    for (size_t i = 0, at = 8; i < count && at + entry <= list.size; i++, at += entry) {
        int64_t length = wide ? (int64_t)box_u64(list, at) : box_u32(list, at);
        int64_t from = wide ? (int64_t)box_u64(list, at + 8) : (int32_t)box_u32(list, at + 4);
        int64_t scaled;
        if (from != -1)
            return from > INT64_MAX / 2 || from < 0 ? shift : shift - from;
        if (length < 0 || !checked_scale(length, track->timescale, movie_timescale, &scaled) ||
            !checked_add(shift, scaled, &shift) || shift > INT64_MAX / 2)
            return 0;
    }
    return shift;
}

/* Goes through the time-to-sample table. */
struct clock {
    struct slice table;
    size_t entry;  /* the next one's offset */
    uint32_t left; /* samples of the current one */
    uint32_t step;
    int64_t time;
};

static void tick(struct clock *clock)
{
    while (!clock->left && clock->entry + 8 <= clock->table.size) {
        clock->left = box_u32(clock->table, clock->entry);
        clock->step = box_u32(clock->table, clock->entry + 4);
        clock->entry += 8;
    }
    if (!clock->left)
        return;
    clock->left--;
    clock->time += clock->step;
}

static millis clock_millis(const struct clock *clock, const struct track *track, int64_t shift)
{
    int64_t time = 0;
    if (!checked_scale(clock->time + shift, MILLIS_SECOND, track->timescale, &time))
        return MILLIS_MAX;
    return time < 0 ? 0 : time > MILLIS_MAX ? MILLIS_MAX : time;
}

/* Samples of chunk `chunk` (from 0) by the sample-to-chunk table; `entry` remembers the place. */
static uint32_t samples_in_chunk(struct slice table, size_t chunk, size_t *entry)
{
    size_t next = *entry + 12;
    while (next + 12 <= table.size && box_u32(table, next) <= chunk + 1) {
        *entry = next;
        next += 12;
    }
    return box_u32(table, *entry + 4);
}

/* The tables of a track, and how far we are in them. */
struct walk {
    const struct track *track;
    int64_t shift;
    struct slice sizes, chunk_table;
    uint32_t fixed_size, total;
    size_t chunk_entry;
    struct clock clock;
};

static struct walk begin_walk(const struct track *track, uint32_t movie_timescale, size_t limit)
{
    struct walk walk = {
        .track = track,
        .shift = edit_shift(track, movie_timescale),
        .sizes = box_child(track->samples, "stsz"),
        .chunk_table = slice_from(box_child(track->samples, "stsc"), 8),
        .clock = {.table = box_child(track->samples, "stts"), .entry = 8},
    };
    walk.fixed_size = box_u32(walk.sizes, 4);
    walk.total = box_u32(walk.sizes, 8);
    if (!walk.fixed_size && walk.total > walk.sizes.size / 4)
        walk.total = (uint32_t)(walk.sizes.size / 4);
    if (walk.total > limit)
        walk.total = (uint32_t)limit;
    return walk;
}

static struct track_sample next_sample(struct walk *walk, size_t i, int64_t offset)
{
    struct track_sample sample = {
        .offset = offset,
        .size = walk->fixed_size ? walk->fixed_size : box_u32(walk->sizes, 12 + i * 4),
        .start = clock_millis(&walk->clock, walk->track, walk->shift),
    };
    tick(&walk->clock);
    sample.end = clock_millis(&walk->clock, walk->track, walk->shift);
    return sample;
}

struct track_sample *track_samples(struct arena *arena, const struct track *track,
                                   uint32_t movie_timescale, size_t limit, size_t *ret_count)
{
    struct track_sample *samples = NULL;
    size_t count = 0, capacity = 0;
    *ret_count = 0;
    if (!track->timescale)
        return NULL;
    struct walk walk = begin_walk(track, movie_timescale, limit);
    struct chunk_offsets chunks = track_chunks(track);
    for (size_t c = 0; c < chunks.count && count < walk.total; c++) {
        uint64_t offset = chunk_offset(&chunks, c);
        uint32_t left = samples_in_chunk(walk.chunk_table, c, &walk.chunk_entry);
        for (; left && count < walk.total && offset < INT64_MAX / 2; left--) {
            samples = arena_grow(arena, samples, &capacity, count + 1, sizeof *samples);
            samples[count] = next_sample(&walk, count, (int64_t)offset);
            offset += samples[count++].size;
        }
    }
    *ret_count = count;
    return samples;
}
