/* SPDX-License-Identifier: MIT */
/*
 * The tables of an MP4's tracks, as the body of a moov box: what a cursor gives rises in time, adds
 * up to what the tables claim, and is the same after a seek as after a walk.
 */
#include <stdlib.h>

#include "format/mp4_samples.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WALKED 5000 /* samples of a track */

static void check(bool right)
{
    if (!right)
        abort();
}

static void same_from_here(struct mp4_cursor walked, struct mp4_cursor sought)
{
    struct mp4_sample a = {0}, b = {0};
    for (int i = 0; i < 3; i++) {
        bool more = mp4_cursor_next(&walked, &a);
        check(more == mp4_cursor_next(&sought, &b));
        if (!more)
            return;
        check(a.offset == b.offset && a.size == b.size && a.time == b.time &&
              a.duration == b.duration);
    }
}

static void walk(const struct mp4_samples *samples)
{
    struct mp4_cursor cursor, sought;
    struct mp4_sample sample = {0};
    mp4_cursor_seek(samples, INT64_MIN / 4, &cursor);
    for (int64_t i = 0; i < samples->count && i < WALKED; i++) {
        struct mp4_cursor before = cursor;
        int64_t time = sample.time;
        check(mp4_cursor_next(&cursor, &sample));
        check(sample.time >= time && sample.time <= MP4_TIME_MAX && sample.offset >= 0);
        if (sample.duration == 0 || (i > 0 && sample.time == time))
            continue; /* several begin at once */
        mp4_cursor_seek(samples, sample.time, &sought);
        same_from_here(before, sought);
        mp4_cursor_seek(samples, sample.time + sample.duration - 1, &sought);
        same_from_here(before, sought);
    }
    if (samples->count <= WALKED)
        check(!mp4_cursor_next(&cursor, &sample));
    mp4_cursor_seek(samples, MP4_TIME_MAX, &cursor);
    check(mp4_cursor_next(&cursor, &sample));
    check(mp4_samples_bytes(samples) >= 0);
    check(mp4_samples_uneven(samples) >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create();
    size_t count = 0;
    struct track *tracks = tracks_read(arena, (struct slice){(const char *)data, size}, &count);
    for (size_t i = 0; i < count; i++) {
        struct mp4_samples samples;
        struct mp4_edit edit;
        if (mp4_samples_read(&tracks[i], &samples))
            walk(&samples);
        if (mp4_edit_read(&tracks[i], 1000, &edit))
            check(edit.start >= 0 && edit.end > edit.start && edit.empty >= 0);
    }
    arena_destroy(arena);
    return 0;
}
