/* SPDX-License-Identifier: MIT */
/*
 * What a recording is, and the gain that it gets in the programme.
 */
#include <stdlib.h>

#include "audio/format.h"
#include "audio/join_player.h"
#include "audio/meter.h"
#include "base/checked.h"

/* A mono recording in two channels is that much louder, in LU. */
#define TWO_CHANNELS 3.01

#define MOST_LIMITING 9.0  /* dB that peaks may lose; what needs more stays quieter */
#define MOST_GAIN     20.0 /* dB; what is quieter than that is hardly meant to be heard */
#define NEAR_ENOUGH   0.1  /* LU */
#define ROUNDS        3

bool join_look(const char *path, struct audio_info *ret_info, struct error *err)
{
    struct recording recording = {0};
    if (!recording_open(&recording, path, NULL, err))
        return false;
    *ret_info = *audio_info(recording.audio);
    recording_close(&recording);
    return true;
}

static void meter_silence(struct meter *meter, int channels, size_t count)
{
    float *silence = mem_alloc_array(count * (size_t)channels, sizeof *silence);
    for (size_t i = 0; i < count * (size_t)channels; i++)
        silence[i] = 0;
    if (!meter_add_samples(meter, silence, count))
        mem_present(NULL);
    free(silence);
}

/* With half a gap at both ends, because a meter hears the programme's gaps too. False in
 * *ret_heard where there is nothing to measure. */
static bool measure_once(struct audio *audio, const struct join_format *format,
                         const struct join_piece *piece, double *ret_loudness, double *ret_peak,
                         bool *ret_heard, struct error *err)
{
    struct player player = {0};
    if (!player_open(&player, audio, format, piece, err))
        return false;
    struct meter *meter = meter_create(player.channels, format->rate);
    size_t gap = (size_t)samples_of_millis(format->gap / 2, format->rate);
    bool right =
        meter || error_set(err, ERROR_UNSUPPORTED, "%s: its loudness cannot be measured at %d Hz",
                           audio->source->name, format->rate);
    size_t count = 1;
    if (right)
        meter_silence(meter, player.channels, gap);
    while (right && count) {
        right = player_read(&player, &count, err);
        if (right && count && !meter_add_samples(meter, player.sound, count))
            mem_present(NULL);
    }
    if (right)
        meter_silence(meter, player.channels, gap);
    *ret_heard = right && meter_result(meter, ret_loudness, ret_peak);
    if (right && player.channels < format->channels)
        *ret_loudness += TWO_CHANNELS;
    meter_destroy(meter);
    player_close(&player);
    return right;
}

/* The gain that brings the recording to the programme's loudness. Where its peaks are in the way
 * they are limited, and the gain makes up for what that takes away. */
static bool find_gain(struct audio *audio, const struct join_format *format,
                      struct join_piece *piece, struct error *err)
{
    double target = format->centilufs / 100.0, loudness = 0, peak = 0;
    bool heard = false;
    if (!format->loudness_set)
        return true;
    if (!measure_once(audio, format, piece, &loudness, &peak, &heard, err))
        return false;
    double most = fmin(join_level(MOST_GAIN), join_level(JOIN_CEILING + MOST_LIMITING) / peak);
    if (heard)
        piece->gain = fmin(join_level(target - loudness), most);
    piece->limited = heard && piece->gain * peak > join_level(JOIN_CEILING);
    for (int i = 0; piece->limited && i < ROUNDS; i++) {
        if (!measure_once(audio, format, piece, &loudness, &peak, &heard, err))
            return false;
        if (!heard || fabs(target - loudness) < NEAR_ENOUGH)
            break;
        piece->gain = fmin(piece->gain * join_level(target - loudness), most);
    }
    return true;
}

bool join_measure(const char *path, sample_index first, sample_index most,
                  const struct join_format *format, const struct log *log,
                  struct join_piece *ret_piece, struct error *err)
{
    struct recording recording = {0};
    if (!recording_open(&recording, path, log, err))
        return false;
    const struct audio_info *info = audio_info(recording.audio);
    struct join_piece piece = {.path = path, .first = first, .samples = -1, .gain = 1};
    if (info->samples > first)
        piece.samples = info->samples - first;
    if (most >= 0 && (piece.samples < 0 || piece.samples > most))
        piece.samples = most;
    bool done =
        piece.samples > 0 && checked_scale(piece.samples, format->rate, info->rate, &piece.length);
    if (!done)
        error_set(err, ERROR_INPUT, "%s: how long it is cannot be told", path);
    done = done && find_gain(recording.audio, format, &piece, err);
    recording_close(&recording);
    if (done)
        *ret_piece = piece;
    return done;
}
