/* SPDX-License-Identifier: MIT */
/*
 * A cut: a decided range of one episode, how it is to be given out, and what came of it.
 */
#ifndef CLIPNOTES_MODEL_CUT_H
#define CLIPNOTES_MODEL_CUT_H

#include <stdbool.h>
#include <stdint.h>

#include "model/chapter.h"
#include "model/time.h"

/* Why a clip ends where it ends. */
enum cut_end {
    CUT_END_RANGE,      /* the notes say so */
    CUT_END_FIXED,      /* a fixed length */
    CUT_END_PAUSE,      /* a pause in speech */
    CUT_END_NEXT,       /* the next mark of the same episode */
    CUT_END_TRANSCRIPT, /* the end of a sentence */
    CUT_END_EOF,        /* the recording's end */
};

const char *cut_end_name(enum cut_end end); /* "range", "fixed", ... as in the manifest */

/* One more fact, such as "genre", by the name that libavformat gives it. */
struct tag {
    const char *name, *value;
};

/* What a clip file says about itself. NULL and 0: not said. All borrowed. */
struct tags {
    const char *title, *artist, *album, *date, *comment;
    int track, track_total;
    const struct picture *cover;
    const struct tag *others;
    size_t other_count;
};

/* How much of a clip is decoded again and compared with its source. */
enum cut_verify {
    VERIFY_EDGES, /* the ends; between them bytes are compared */
    VERIFY_FULL,
    VERIFY_OFF,
};

/* What to do where copying cannot be exact. */
enum cut_inexact {
    INEXACT_ALLOW,
    INEXACT_ENCODE,
    INEXACT_FAIL,
};

/* Zeroed, it copies, verifies the edges and allows what is inexact. */
struct cut_options {
    /* NULL or "copy"; "mka", "mp3", "m4a", "opus", "ogg", "flac", "wav". What a copy would be
     * anyway is copied. */
    const char *format;
    enum cut_verify verify;
    enum cut_inexact inexact;
    /* These imply encoding where they are set. */
    int bitrate; /* bit/s; 0: the format's default for speech */
    int quality; /* the encoder's own scale, plus one; 0: not set */
    bool mono;
    int rate;    /* Hz; 0: the source's, where the codec has it */
    millis fade; /* at both ends */
    bool loudness_set;
    int loudness_centilufs; /* -1600 is -16 LUFS */
};

enum cut_method {
    CUT_COPY,
    CUT_ENCODE,
};

struct cut_result {
    enum cut_method method;
    const char *codec;    /* static: "mp3", "aac", ... */
    sample_index samples; /* that a gapless-aware decoder plays */
    bool exact;           /* those asked for, no more, no less (encoded: the very range) */
    bool verified;        /* exactness was checked, and how it came out stands in `exact` */
    int64_t error_micros; /* the larger error of the two ends, in microseconds; 0 where exact */
    double max_diff;      /* largest difference of a decoded sample, full scale 1 */
    const char *why;      /* static or NULL: why it is not exact */
    int64_t bytes;
};

#endif
