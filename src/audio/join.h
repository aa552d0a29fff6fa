/* SPDX-License-Identifier: MIT */
/*
 * Many recordings as one: the joined programme.
 *
 * The programme is a source: a WAV file of 24 bits that exists only while it is read, in memory
 * never more than one frame of it. So whatever can be done with an episode can be done with it:
 * audio_cut() encodes it, once, out of sound that was decoded once.
 *
 * Each piece is decoded, brought to the programme's rate and channels, and given its gain; it fades
 * in and out. Where its peaks would pass the ceiling a limiter with look-ahead takes them back, by
 * 9 dB at most. How many samples that makes is known before: a piece of n samples at its own rate
 * has round(n * rate / its rate) in the programme, no matter what a resampler would like. Times in
 * the programme are sums of such numbers, never of durations.
 */
#ifndef CLIPNOTES_AUDIO_JOIN_H
#define CLIPNOTES_AUDIO_JOIN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "audio/audio.h"

struct join_format {
    int rate, channels;      /* channels: 1 or 2 */
    millis fade;             /* at both ends of each piece */
    millis gap;              /* of silence between pieces, which join_silence() makes */
    bool loudness_set;       /* each piece is brought to: */
    int centilufs;           /* of the programme as it is heard: a mono one is 3 LU lower */
    const atomic_bool *stop; /* set, to measure and play no further: ERROR_INTERRUPTED; NULL */
    int ceiling;             /* of true peaks, in hundredths of dBTP */
};

struct join_loudness;

/* Filled in by join_measure() or join_silence(). */
struct join_piece {
    const char *path;               /* of the recording, borrowed; NULL: silence */
    sample_index first;             /* of it that is played, */
    sample_index samples;           /* and how many are, at its own rate */
    sample_index length;            /* in the programme */
    double gain;                    /* a factor */
    bool limited;                   /* its peaks are too high for that gain, and are taken back */
    double peak;                    /* at a gain of 1 */
    struct join_loudness *loudness; /* as it was measured; owned, NULL: not */
};

/* What a recording is, to choose a format by. */
bool join_look(const char *path, struct audio_info *ret_info, struct error *err);

/* Counts the samples of the recording at `path`, of which those from `first` on are played, at most
 * `most` (-1: all), and measures its loudness where the format asks for one. */
bool join_measure(const char *path, sample_index first, sample_index most,
                  const struct join_format *format, const struct log *log,
                  struct join_piece *ret_piece, struct error *err);

struct join_piece join_silence(millis length, const struct join_format *format);

/* What join_measure() has filled in; copies of a piece borrow from it. */
void join_piece_release(struct join_piece *piece);

/* Brings the programme as a whole to its loudness, where it is off though each piece is not: one
 * that stays too quiet leaves its mark on the sum. All gains change alike, by half a LU at most.
 * False where nothing is heard, else tells the loudness of the result in hundredths of LUFS. */
bool join_balance(struct join_piece *pieces, size_t count, const struct join_format *format,
                  int *ret_centilufs);

/* The programme of these pieces, which are borrowed as is `log`, for source_destroy(). Reading it
 * in rising order decodes each piece once. Never NULL. */
struct source *join_open(const struct join_piece *pieces, size_t count,
                         const struct join_format *format, const struct log *log);

#endif
