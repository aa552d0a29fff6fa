/* SPDX-License-Identifier: MIT */
/*
 * The boxes (QuickTime: atoms) that MP4 files are made of, as slices of a `moov` in memory (ISO/IEC
 * 14496-12; Apple, QuickTime File Format).
 */
#ifndef CLIPNOTES_FORMAT_MP4_BOX_H
#define CLIPNOTES_FORMAT_MP4_BOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/slice.h"
#include "base/source.h"
#include "model/time.h"

struct box {
    char type[5];
    struct slice whole; /* with its header */
    struct slice body;
};

/* Eats the next box from the front of `bytes`; false where none is whole. (A size of 0, "to the
 * end", is for boxes of the file itself only.) */
bool box_take(struct slice *bytes, struct box *ret_box);

bool box_is(const struct box *box, const char *type);

/* The first child of that type; an empty slice where there is none. */
struct slice box_child(struct slice bytes, const char *type);

/* Along a path: "mdia/minf/stbl". */
struct slice box_path(struct slice bytes, const char *path);

/* Numbers at an offset; 0 past the end. */
uint16_t box_u16(struct slice bytes, size_t offset);
uint32_t box_u32(struct slice bytes, size_t offset);
uint64_t box_u64(struct slice bytes, size_t offset);

/* A box of the file itself, of which only the header is read. It may claim to be longer than the
 * file. */
struct file_box {
    char type[5];
    int64_t offset, size, header;
    bool open; /* it goes on to the file's end */
};

/* The box at `offset`; false at the end of the file and where the size makes no sense. */
bool file_box_read(struct source *source, int64_t offset, struct file_box *ret_box);

void box_append_u16(struct buffer *out, uint32_t number);
void box_append_u32(struct buffer *out, uint64_t number);
void box_append_u64(struct buffer *out, uint64_t number);

/* Begins a box; what is appended until box_end() with the returned place is in it. */
size_t box_begin(struct buffer *out, const char *type);
void box_end(struct buffer *out, size_t place);

/* A track. All slices are of the moov. */
struct track {
    struct slice body; /* of the trak box */
    uint32_t id;
    char handler[5]; /* "soun", "text", ... */
    char format[5];  /* of the first sample description */
    uint32_t timescale;
    struct slice references; /* the ids of tref/chap, four bytes each */
    struct slice samples;    /* body of the stbl */
};

/* The tracks of a moov, in `arena`. */
struct track *tracks_read(struct arena *arena, struct slice moov, size_t *ret_count);

const struct track *track_find(const struct track *tracks, size_t count, uint32_t id);

/* A version 0 or 1 mvhd's clock. False where it is none. */
bool movie_clock(struct slice moov, uint32_t *ret_timescale, uint64_t *ret_duration);

/* A sample of a track: where it is in the file, and when it begins. */
struct track_sample {
    int64_t offset;
    uint32_t size;
    millis start, end;
};

/* The first samples of a track, at most `limit`, with its edit list applied. In `arena`. */
struct track_sample *track_samples(struct arena *arena, const struct track *track,
                                   uint32_t movie_timescale, size_t limit, size_t *ret_count);

/* The chunk offsets of a track's stco or co64. */
struct chunk_offsets {
    struct slice entries;
    size_t count;
    size_t width; /* 4 or 8 */
};

struct chunk_offsets track_chunks(const struct track *track);
uint64_t chunk_offset(const struct chunk_offsets *chunks, size_t i);

#endif
