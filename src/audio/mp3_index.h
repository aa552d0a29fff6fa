/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: from sample to frame to byte in an MP3.
 *
 * Raw samples count what comes out of a decoder, frame by frame; sample 0 of the recording is raw
 * sample `origin`.
 *
 * Where all frames have one bitrate their places are computed, and the headers there looked for: an
 * encoder pads frames so that each is within a byte of its place; where several recordings were
 * joined, whose paddings begin anew, all are as far apart as they are on average. Else
 * they are counted from the beginning, once, and no further than somebody asks; every 64th place is
 * kept, so that an hour takes 17 KiB. Where bytes are dear and the tag tells how many frames there
 * are in all, they are counted from a place shortly before the one that is asked for to the end,
 * if that is nearer.
 */
#ifndef CLIPNOTES_AUDIO_MP3_INDEX_H
#define CLIPNOTES_AUDIO_MP3_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "audio/mp3_tag.h"
#include "audio/mp3_walk.h"
#include "model/time.h"

/* A frame whose number is known because those behind it were counted. */
struct mp3_anchor {
    int64_t number, offset;
};

#define MP3_MAX_ANCHORS 32

struct mp3_index {
    struct source *source; /* borrowed */
    struct mp3_tag tag;
    int64_t first;            /* offset of frame 0 */
    struct mp3_header header; /* of frame 0 */
    sample_index origin;      /* raw sample of sample 0 */

    /* Samples that libavformat leaves out: from the end that the tag declares to the end of the
     * frames that it declares. Both INT64_MAX where it leaves out none. */
    sample_index hole_start, hole_end; /* raw */

    bool constant;  /* all is of one bitrate, so that places can be computed */
    int slip;       /* bytes that they may be off */
    int64_t end;    /* of the frames, where the tag says it */
    bool prove;     /* they are counted all the same */
    int64_t frames; /* in all; -1 until it is known */

    int64_t *places; /* of every MP3_INDEX_STEP-th frame */
    size_t place_count, place_capacity;
    struct mp3_walk walk; /* that counts; stands behind the last frame counted */
    bool walked;          /* to the end */

    /* Counted from the end, which comes first; none where that cannot be done. */
    struct mp3_anchor anchors[MP3_MAX_ANCHORS];
    size_t anchor_count;
};

#define MP3_INDEX_STEP 64

/* `body` is where the file's ID3v2 tags end. Reads the head, the tail where the tag does not say
 * where the recording ends, and all headers only where nothing else tells how many there are and
 * bytes cost nothing. */
bool mp3_index_init(struct mp3_index *index, struct source *source, int64_t body,
                    struct error *err);
void mp3_index_release(struct mp3_index *index);

/* From now on takes nothing for granted where reading all headers costs nothing: a damaged one, of
 * which libavformat drops the frame, shifts what is behind it. */
void mp3_index_prove(struct mp3_index *index);

/* A walk whose next frame is `number`; past the end, one that is at the end. */
bool mp3_index_seek(struct mp3_index *index, int64_t number, struct mp3_walk *ret_walk,
                    struct error *err);

/* A walk that begins so far before frame `number` that the frames from there on up to it have room
 * for all that it may refer to; at frame 0 where there are no more. */
bool mp3_index_seek_before(struct mp3_index *index, int64_t number, struct mp3_walk *ret_walk,
                           struct error *err);

/* The bytes that so many frames take up: computed, or on average. */
int64_t mp3_index_bytes(const struct mp3_index *index, int64_t frames);

/* Samples of the recording; -1 where that cannot be told yet. */
sample_index mp3_index_samples(const struct mp3_index *index);

sample_index mp3_raw_of_sample(const struct mp3_index *index, sample_index sample);
sample_index mp3_sample_of_raw(const struct mp3_index *index, sample_index raw);

#endif
