/* SPDX-License-Identifier: MIT */
/*
 * Private to the joined programme: a recording as it is heard there, at the programme's rate, with
 * its gain and fades, and limited where it needs it. To measure it and to play it is the same.
 */
#ifndef CLIPNOTES_AUDIO_JOIN_PLAYER_H
#define CLIPNOTES_AUDIO_JOIN_PLAYER_H

#include <math.h>

#include "audio/join.h"
#include "audio/libav.h"

/* As a factor. */
static inline double join_level(double decibels)
{
    return pow(10, decibels / 20);
}

static inline double join_decibels(double level)
{
    return 20 * log10(level);
}

static inline double join_ceiling(const struct join_format *format)
{
    return join_level(format->ceiling / 100.0);
}

struct recording {
    struct source *source;
    struct audio *audio;
};

/* What is no stereo becomes mono first: one channel is then heard from both sides. */
bool player_mixes_down(const struct audio_info *info, const struct join_format *format);

bool recording_open(struct recording *recording, const char *path, const struct log *log,
                    struct error *err);
void recording_close(struct recording *recording);

/* A recording as it is heard in the programme. */
struct player {
    struct renderer *renderer;
    struct limiter *limiter; /* NULL: nothing to limit */
    AVFrame *frame;
    float *sound; /* what was read last, interleaved */
    size_t capacity;
    int channels;            /* of it: those of the programme, or one */
    bool drained;            /* the limiter, too */
    const atomic_bool *stop; /* the format's */
};

/* What a piece plays of its recording. */
bool player_open(struct player *player, struct audio *audio, const struct join_format *format,
                 const struct join_piece *piece, struct error *err);

/* Some more samples, in player->sound; none at the end. */
bool player_read(struct player *player, size_t *ret_count, struct error *err);
void player_close(struct player *player);

#endif
