/* SPDX-License-Identifier: MIT */
/*
 * The samples of a track of an MP4 file (a sample is a packet of the track's codec): where each
 * stands in the file and when it is played, by the tables of its `stbl` (ISO/IEC 14496-12, 8.6 and
 * 8.7) and by its edit list (8.6.6).
 *
 * The tables stay as they are in the file and are gone through when asked, so that a claim of 2^31
 * samples takes no memory. Times are in units of the track's own timescale, from the track's
 * beginning; none, and no sum of them, passes MP4_TIME_MAX.
 *
 *     struct mp4_samples samples;
 *     struct mp4_cursor cursor;
 *     if (mp4_samples_read(track, &samples)) {
 *         mp4_cursor_seek(&samples, time, &cursor);
 *         while (mp4_cursor_next(&cursor, &sample))
 *             ...
 */
#ifndef CLIPNOTES_FORMAT_MP4_SAMPLES_H
#define CLIPNOTES_FORMAT_MP4_SAMPLES_H

#include <stdbool.h>
#include <stdint.h>

#include "format/mp4_box.h"

#define MP4_TIME_MAX (INT64_MAX / 4)

/* The tables of a track: slices of its moov, in which they are borrowed. */
struct mp4_samples {
    struct slice durations;      /* of stts: runs of a count and a duration */
    struct slice chunk_runs;     /* of stsc: runs of chunks that hold as many samples */
    struct chunk_offsets chunks; /* of stco or co64 */
    struct slice sizes;          /* of stsz or stz2; empty where all are of one size */
    unsigned size_bits;          /* of an entry of `sizes`: 4, 8, 16 or 32 */
    uint32_t fixed_size;
    int64_t count; /* samples that all tables know of */
    int64_t time;  /* that the durations add up to, for as many samples as they speak of */
};

struct mp4_sample {
    int64_t offset, time;
    uint32_t size, duration; /* either may be 0 */
};

/* False where tables are missing, contradict each other, or have what is not read here: times that
 * are not those of decoding (ctts), several sample descriptions, samples of one unit of time, which
 * are not packets. */
bool mp4_samples_read(const struct track *track, struct mp4_samples *ret_samples);

/* The bytes that all samples take up. */
int64_t mp4_samples_bytes(const struct mp4_samples *samples);

/* Where the first sample stands that does not last as long as the first one of all; the last one
 * may be shorter. MP4_TIME_MAX where all do. */
int64_t mp4_samples_uneven(const struct mp4_samples *samples);

/* A place among the samples. Plain data: it may be copied. */
struct mp4_cursor {
    const struct mp4_samples *samples;
    int64_t next; /* the sample that mp4_cursor_next() gives */
    int64_t time, offset;
    size_t duration_run; /* entry of `durations`, */
    int64_t of_duration; /* samples that are left of it */
    size_t chunk_run, chunk;
    int64_t of_chunk; /* samples that are left of the chunk */
};

/* mp4_cursor_next() will give the last sample that begins at or before `time`; the first one where
 * none does. */
void mp4_cursor_seek(const struct mp4_samples *samples, int64_t time,
                     struct mp4_cursor *ret_cursor);

/* False at the end. */
bool mp4_cursor_next(struct mp4_cursor *cursor, struct mp4_sample *ret_sample);

/* What is played of a track. */
struct mp4_edit {
    bool is_there; /* the track has an edit list */
    int64_t start; /* in the track's own time */
    int64_t end;   /* MP4_TIME_MAX where nothing says */
    int64_t empty; /* how much later than the movie it begins */
};

/* False where several stretches are played, or the list makes no sense. */
bool mp4_edit_read(const struct track *track, uint32_t movie_timescale, struct mp4_edit *ret_edit);

#endif
