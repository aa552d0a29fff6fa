/* SPDX-License-Identifier: MIT */
#include "format/mp4_samples.h"

#include "base/checked.h"

#define ENTRIES      8 /* of all tables but stsz: behind version, flags and count */
#define DURATION_RUN 8
#define CHUNK_RUN    12

/* Larger sizes and offsets are a damaged file's; sums of these do not overflow. */
#define MAX_SIZE   (INT32_MAX / 2)
#define MAX_OFFSET (INT64_MAX / 4)

/* The entries of a table, as many as it says, of `width` bytes. False where they are not there. */
static bool take_entries(struct slice table, size_t width, struct slice *ret_entries)
{
    size_t count = box_u32(table, 4);
    if (table.size < ENTRIES || !count || count > (table.size - ENTRIES) / width)
        return false;
    *ret_entries = slice_first(slice_from(table, ENTRIES), count * width);
    return true;
}

/* A duration that has its highest bit set is a negative one of old programs. */
static bool read_durations(struct mp4_samples *samples, struct slice stbl)
{
    if (!take_entries(box_child(stbl, "stts"), DURATION_RUN, &samples->durations))
        return false;
    struct slice runs = samples->durations;
    for (size_t at = 0; at < runs.size; at += DURATION_RUN) {
        int64_t count = box_u32(runs, at), duration = box_u32(runs, at + 4), length = 0;
        if (!count || duration > INT32_MAX || !checked_multiply(count, duration, &length) ||
            !checked_add(samples->time, length, &samples->time) || samples->time > MP4_TIME_MAX)
            return false;
    }
    bool units = runs.size == DURATION_RUN && box_u32(runs, 4) <= 1;
    return !units;
}

/* The count that the size table claims and, where it is a table, holds. */
static bool read_sizes(struct mp4_samples *samples, struct slice stbl)
{
    struct slice wide = box_child(stbl, "stsz"), compact = box_child(stbl, "stz2");
    struct slice table = wide.size ? wide : compact;
    if (table.size < 12)
        return false;
    samples->count = box_u32(table, 8);
    samples->size_bits = 32;
    if (wide.size)
        samples->fixed_size = box_u32(table, 4);
    else
        samples->size_bits = box_u32(table, 4) & 0xFF;
    unsigned bits = samples->size_bits;
    if (!samples->count || samples->fixed_size > MAX_SIZE ||
        (bits != 4 && bits != 8 && bits != 16 && bits != 32))
        return false;
    if (samples->fixed_size)
        return true;
    samples->sizes = slice_from(table, 12);
    return (uint64_t)samples->count <= (uint64_t)samples->sizes.size * 8 / bits;
}

static uint32_t first_chunk(const struct mp4_samples *samples, size_t run)
{
    return box_u32(samples->chunk_runs, run * CHUNK_RUN);
}

static uint32_t chunk_samples(const struct mp4_samples *samples, size_t run)
{
    return box_u32(samples->chunk_runs, run * CHUNK_RUN + 4);
}

/* Where the run ends: the next one's first chunk, counted from 0. */
static size_t run_end(const struct mp4_samples *samples, size_t run)
{
    bool last = (run + 1) * CHUNK_RUN >= samples->chunk_runs.size;
    return last ? samples->chunks.count : first_chunk(samples, run + 1) - 1;
}

/* Chunks are counted from 1 on, runs rise, and all samples are of the first description. */
static bool read_chunks(struct mp4_samples *samples, const struct track *track)
{
    samples->chunks = track_chunks(track);
    if (!take_entries(box_child(track->samples, "stsc"), CHUNK_RUN, &samples->chunk_runs) ||
        first_chunk(samples, 0) != 1)
        return false;
    size_t runs = samples->chunk_runs.size / CHUNK_RUN;
    int64_t held = 0;
    for (size_t run = 0; run < runs; run++) {
        size_t first = first_chunk(samples, run) - 1, end = run_end(samples, run);
        if (first >= end || end > samples->chunks.count || !chunk_samples(samples, run) ||
            box_u32(samples->chunk_runs, run * CHUNK_RUN + 8) != 1)
            return false;
        held += (int64_t)(end - first) * chunk_samples(samples, run);
        if (held >= samples->count)
            return true;
    }
    samples->count = held;
    return true;
}

/* The last duration goes on for the samples that the table does not speak of. */
static bool times_fit(const struct mp4_samples *samples)
{
    struct slice runs = samples->durations;
    int64_t last = box_u32(runs, runs.size - 4), time = 0;
    return checked_multiply(samples->count, last, &time) &&
           checked_add(time, samples->time, &time) && time <= MP4_TIME_MAX;
}

bool mp4_samples_read(const struct track *track, struct mp4_samples *ret_samples)
{
    struct mp4_samples samples = {0};
    struct slice description = box_child(track->samples, "stsd");
    if (!track->timescale || track->timescale > INT32_MAX || box_u32(description, 4) != 1 ||
        box_child(track->samples, "ctts").size || !read_durations(&samples, track->samples) ||
        !read_sizes(&samples, track->samples) || !read_chunks(&samples, track) ||
        !times_fit(&samples))
        return false;
    *ret_samples = samples;
    return true;
}

static uint32_t size_of(const struct mp4_samples *samples, int64_t i)
{
    const uint8_t *data = (const uint8_t *)samples->sizes.data;
    if (samples->fixed_size)
        return samples->fixed_size;
    switch (samples->size_bits) {
    case 4:
        return i % 2 ? data[i / 2] & 15 : data[i / 2] >> 4;
    case 8:
        return data[i];
    case 16:
        return box_u16(samples->sizes, (size_t)i * 2);
    default:
        return box_u32(samples->sizes, (size_t)i * 4);
    }
}

int64_t mp4_samples_bytes(const struct mp4_samples *samples)
{
    if (samples->fixed_size)
        return samples->count * samples->fixed_size;
    int64_t bytes = 0;
    for (int64_t i = 0; i < samples->count; i++)
        bytes += size_of(samples, i);
    return bytes;
}

int64_t mp4_samples_uneven(const struct mp4_samples *samples)
{
    struct slice runs = samples->durations;
    uint32_t first = box_u32(runs, 4);
    int64_t time = 0, sample = 0;
    for (size_t at = 0; at < runs.size && sample < samples->count; at += DURATION_RUN) {
        int64_t count = box_u32(runs, at), duration = box_u32(runs, at + 4);
        bool is_last = sample + 1 == samples->count;
        if (duration != first && !(is_last && duration < first))
            return time;
        time += count * duration;
        sample += count;
    }
    return MP4_TIME_MAX;
}

/* Where a chunk begins; one that is out of any file's range begins behind all files. */
static int64_t offset_of(const struct mp4_samples *samples, size_t chunk)
{
    uint64_t offset = chunk_offset(&samples->chunks, chunk);
    return offset > MAX_OFFSET ? MAX_OFFSET : (int64_t)offset;
}

/* To the sample that is played at `time`, by whole runs. */
static void seek_time(struct mp4_cursor *cursor, int64_t time)
{
    struct slice runs = cursor->samples->durations;
    for (;; cursor->duration_run += DURATION_RUN) {
        int64_t count = box_u32(runs, cursor->duration_run);
        int64_t duration = box_u32(runs, cursor->duration_run + 4);
        bool last = cursor->duration_run + DURATION_RUN >= runs.size;
        int64_t left = cursor->samples->count - 1 - cursor->next;
        if (last)
            count = left + 1;
        int64_t steps = duration ? (time - cursor->time) / duration : count;
        if (time <= cursor->time)
            steps = 0;
        if (steps > left)
            steps = left;
        if (steps >= count && !last)
            steps = count;
        cursor->next += steps;
        cursor->time += steps * duration;
        cursor->of_duration = count - steps;
        if (cursor->of_duration > 0 || last)
            return;
    }
}

/* To the chunk that holds sample `next`, and the byte in it. */
static void seek_chunk(struct mp4_cursor *cursor)
{
    const struct mp4_samples *samples = cursor->samples;
    int64_t sample = 0;
    for (;; cursor->chunk_run++) {
        size_t end = run_end(samples, cursor->chunk_run);
        int64_t each = chunk_samples(samples, cursor->chunk_run);
        int64_t held = (int64_t)(end - cursor->chunk) * each;
        if (cursor->next < sample + held) {
            cursor->chunk += (size_t)((cursor->next - sample) / each);
            sample += (cursor->next - sample) / each * each;
            cursor->of_chunk = each - (cursor->next - sample);
            break;
        }
        sample += held;
        cursor->chunk = end;
    }
    cursor->offset = offset_of(samples, cursor->chunk);
    if (samples->fixed_size)
        cursor->offset += (cursor->next - sample) * samples->fixed_size;
    else
        for (; sample < cursor->next; sample++)
            cursor->offset += size_of(samples, sample);
}

void mp4_cursor_seek(const struct mp4_samples *samples, int64_t time, struct mp4_cursor *ret_cursor)
{
    struct mp4_cursor cursor = {.samples = samples};
    seek_time(&cursor, time);
    seek_chunk(&cursor);
    *ret_cursor = cursor;
}

static void next_duration(struct mp4_cursor *cursor)
{
    struct slice runs = cursor->samples->durations;
    if (--cursor->of_duration > 0)
        return;
    if (cursor->duration_run + DURATION_RUN >= runs.size) {
        cursor->of_duration = 1;
        return;
    }
    cursor->duration_run += DURATION_RUN;
    cursor->of_duration = box_u32(runs, cursor->duration_run);
}

static void next_chunk(struct mp4_cursor *cursor)
{
    const struct mp4_samples *samples = cursor->samples;
    if (--cursor->of_chunk > 0 || cursor->next >= samples->count)
        return;
    cursor->chunk++;
    if (cursor->chunk >= run_end(samples, cursor->chunk_run))
        cursor->chunk_run++;
    cursor->of_chunk = chunk_samples(samples, cursor->chunk_run);
    cursor->offset = offset_of(samples, cursor->chunk);
}

bool mp4_cursor_next(struct mp4_cursor *cursor, struct mp4_sample *ret_sample)
{
    const struct mp4_samples *samples = cursor->samples;
    if (cursor->next >= samples->count)
        return false;
    struct mp4_sample sample = {
        .offset = cursor->offset,
        .time = cursor->time,
        .size = size_of(samples, cursor->next),
        .duration = box_u32(samples->durations, cursor->duration_run + 4),
    };
    cursor->next++;
    cursor->time += sample.duration;
    cursor->offset += sample.size;
    next_duration(cursor);
    next_chunk(cursor);
    *ret_sample = sample;
    return true;
}

/* A stretch of nothing has no place in the track. */
#define EMPTY (-1)

/* The list's entries are a length in the movie's time, a place in the track's, and a rate. */
static void take_edit(struct slice list, bool wide, size_t at, int64_t *ret_length,
                      int64_t *ret_start)
{
    if (wide) {
        *ret_length = (int64_t)box_u64(list, at);
        *ret_start = (int64_t)box_u64(list, at + 8);
    } else {
        *ret_length = box_u32(list, at);
        *ret_start = (int32_t)box_u32(list, at + 4);
    }
}

bool mp4_edit_read(const struct track *track, uint32_t movie_timescale, struct mp4_edit *ret_edit)
{
    struct slice list = box_path(track->body, "edts/elst");
    bool wide = list.size && list.data[0] == 1, placed = false;
    size_t entry = wide ? 20 : 12, count = box_u32(list, 4);
    struct mp4_edit edit = {.is_there = count > 0, .end = MP4_TIME_MAX};
    if (count && (!movie_timescale || list.size < ENTRIES || count > (list.size - ENTRIES) / entry))
        return false;
    for (size_t i = 0; i < count; i++) {
        int64_t length = 0, start = 0;
        take_edit(list, wide, ENTRIES + i * entry, &length, &start);
        if (placed || !checked_scale(length, track->timescale, movie_timescale, &length) ||
            length <= 0 || length > MP4_TIME_MAX / 4)
            return false;
        if (start == EMPTY) {
            if (!checked_add(edit.empty, length, &edit.empty) || edit.empty > MP4_TIME_MAX / 4)
                return false;
            continue;
        }
        if (start < 0 || start > MP4_TIME_MAX / 4)
            return false;
        placed = true;
        edit.start = start;
        edit.end = start + length;
    }
    if (count && !placed)
        return false;
    *ret_edit = edit;
    return true;
}
