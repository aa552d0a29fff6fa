/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: the frames of a FLAC file (RFC 9639), wherever they are.
 *
 * A frame is one whose header and whole carry the right checksums and behind which the next one
 * stands, or the end of the file. What is no such frame is left out: the position of the next one
 * tells how much is missing. A position is found by the seek table (section 8.5) where it holds
 * what it says, and by bisection.
 */
#ifndef CLIPNOTES_AUDIO_FLAC_WALK_H
#define CLIPNOTES_AUDIO_FLAC_WALK_H

#include "audio/flac_frame.h"
#include "base/source.h"
#include "model/time.h"

struct flac_point {
    int64_t sample, offset; /* the offset is from the first frame on */
};

struct flac_walk {
    struct source *source; /* borrowed */
    struct flac_stream stream;
    uint8_t header[FLAC_STREAMINFO_SIZE]; /* the same as it is in the file */
    struct flac_point *points;            /* as the file says */
    size_t point_count, point_capacity;
    int64_t first, end;   /* offsets: of the first frame, and where the frames end */
    bool tags_cut;        /* `end` is before the tags that stand behind the frames */
    bool variable;        /* all frames have this strategy */
    int block;            /* samples in a frame that is numbered as such; 1 where samples are */
    sample_index origin;  /* that the first frame's number says */
    sample_index samples; /* the recording's */

    int64_t regular_offset; /* flac_walk_is_regular() has come so far */
    sample_index regular;

    int64_t offset;        /* where the next frame is expected */
    sample_index position; /* none that begins before this is given out */
};

struct flac_found {
    struct flac_frame frame;
    sample_index position; /* of its first sample, from the first frame's on */
    int64_t offset;
    size_t size;
    const uint8_t *data; /* borrowed from the source's view */
};

/* `body` is where "fLaC" stands. *ret_usual is false, and there is nothing to walk, where frames
 * are numbered in a way that the standard does not know. */
bool flac_walk_open(struct flac_walk *walk, struct source *source, int64_t body, bool *ret_usual,
                    struct error *err);
void flac_walk_close(struct flac_walk *walk);

/* Puts the cursor before the frame that holds the position, or the first one behind it. */
bool flac_walk_seek(struct flac_walk *walk, sample_index position, struct error *err);

/* Puts the cursor before the first frame. */
void flac_walk_rewind(struct flac_walk *walk);

/* The frames end at `offset`, whatever the file holds behind. */
void flac_walk_end_at(struct flac_walk *walk, int64_t offset);

/* Whether up to `until` and some frames further, or the end, one frame stands right behind the
 * other and plays when that one ends. Goes on from where it has come before. */
bool flac_walk_is_regular(struct flac_walk *walk, sample_index until, bool *ret_regular,
                          struct error *err);

/* So many samples from the cursor on will be read: tells the source about how many bytes. */
void flac_walk_expect(struct flac_walk *walk, sample_index samples);

/* The next frame; at the end *ret_more is false and there is none. */
bool flac_walk_next(struct flac_walk *walk, struct flac_found *ret_found, bool *ret_more,
                    struct error *err);

#endif
