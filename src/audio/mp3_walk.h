/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: from frame to frame in an MP3.
 *
 * Frames are numbered as libavformat's parser and decoder give them out, from 0 on, without the
 * frame of the tag. A file is not only frames: where something else stands between two of them (the
 * tags of a second file that was appended), the parser hands it out glued to the frame behind it,
 * and the decoder drops both, unless they are only zeros. Such a frame has no number here, and
 * neither has one frame of another stream, which is one of ours with a damaged header. A frame
 * whose side information no encoder writes has its number, though decoders drop it.
 */
#ifndef CLIPNOTES_AUDIO_MP3_WALK_H
#define CLIPNOTES_AUDIO_MP3_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "audio/mp3_frame.h"
#include "base/error.h"
#include "base/source.h"

struct mp3_frame {
    int64_t number;
    int64_t offset; /* in the file */
    struct mp3_header header;
};

/* Goes from frame to frame. Plain data: a copy is another walk from the same place. */
struct mp3_walk {
    struct source *source;
    uint32_t like;     /* all frames are of this stream */
    int64_t offset;    /* where the next frame is expected */
    int64_t number;    /* of the next frame */
    int64_t odd_frame; /* the first that is not a decoder's, or is behind a lone one of another
                        * stream; INT64_MAX: none yet */
    int64_t dropped;   /* frames without a number: a decoder drops them, for what stands before */
    bool truncated;    /* the file ends within a frame */
    bool changed;      /* frames of another stream follow */
};

/* The next frame; at the end *ret_more is false and there is none. */
bool mp3_walk_next(struct mp3_walk *walk, struct mp3_frame *ret_frame, bool *ret_more,
                   struct error *err);

/* The header word at `offset`; *ret_word is 0, which is none, where the file has ended. */
bool mp3_word_at(struct source *source, int64_t offset, uint32_t *ret_word, bool *ret_there,
                 struct error *err);

#endif
