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
#define MOST_GAIN     30.0 /* dB; what is quieter than that is hardly meant to be heard */
#define MOST_BALANCE  0.5  /* LU; where a clip is just at the gate more would do harm */
#define NEAR_ENOUGH   0.1  /* LU */
#define ROUNDS        3

/* Of blocks that count: in LUFS, and below the mean of those. */
#define ABSOLUTE_GATE (-70.0)
#define RELATIVE_GATE (-10.0)

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

struct measured {
    bool heard; /* there is something to measure */
    double loudness, peak;
    struct meter_blocks blocks;
};

/* With half a gap at both ends, because a meter hears the programme's gaps too. */
static bool measure_once(struct audio *audio, const struct join_format *format,
                         const struct join_piece *piece, struct measured *ret_measured,
                         struct error *err)
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
    if (right) {
        struct measured measured = {0};
        meter_silence(meter, player.channels, gap);
        measured.heard = meter_result(meter, &measured.loudness, &measured.peak);
        measured.blocks = meter_take_blocks(meter);
        *ret_measured = measured;
    }
    meter_destroy(meter);
    player_close(&player);
    return right;
}

/* How loud a piece is over time, and what is to be added to it at a gain of 1. */
struct join_loudness {
    struct meter_blocks blocks;
    double offset;
};

void join_piece_release(struct join_piece *piece)
{
    if (piece->loudness)
        free(piece->loudness->blocks.loudness);
    free(piece->loudness);
    piece->loudness = NULL;
}

/* Measures the piece at its gain, and keeps what it finds. */
static bool measure(struct audio *audio, const struct join_format *format, struct join_piece *piece,
                    struct measured *ret_measured, struct error *err)
{
    struct measured measured;
    if (!measure_once(audio, format, piece, &measured, err))
        return false;
    double offset = 0;
    if (format->channels > 1 && player_mixes_down(audio_info(audio), format))
        offset = TWO_CHANNELS;
    measured.loudness += offset;
    join_piece_release(piece);
    piece->loudness = mem_alloc(sizeof *piece->loudness);
    *piece->loudness = (struct join_loudness){
        .blocks = measured.blocks,
        .offset = offset - join_decibels(piece->gain),
    };
    *ret_measured = measured;
    return true;
}

static double most_gain(const struct join_format *format, double peak)
{
    return fmin(join_level(MOST_GAIN), join_ceiling(format) * join_level(MOST_LIMITING) / peak);
}

static bool passes_ceiling(const struct join_format *format, const struct join_piece *piece)
{
    return piece->gain * piece->peak > join_ceiling(format);
}

/* The gain that brings the recording to the programme's loudness. Where its peaks are in the way
 * they are limited, and the gain makes up for what that takes away. */
static bool find_gain(struct audio *audio, const struct join_format *format,
                      struct join_piece *piece, struct error *err)
{
    double target = format->centilufs / 100.0;
    struct measured measured;
    if (!format->loudness_set)
        return true;
    if (!measure(audio, format, piece, &measured, err))
        return false;
    if (!measured.heard) {
        join_piece_release(piece);
        return true;
    }
    piece->peak = measured.peak;
    double most = most_gain(format, piece->peak);
    piece->gain = fmin(join_level(target - measured.loudness), most);
    piece->limited = passes_ceiling(format, piece);
    for (int i = 0; piece->limited && i < ROUNDS; i++) {
        if (!measure(audio, format, piece, &measured, err))
            return false;
        if (!measured.heard || fabs(target - measured.loudness) < NEAR_ENOUGH)
            break;
        piece->gain = fmin(piece->gain * join_level(target - measured.loudness), most);
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
    else
        join_piece_release(&piece);
    return done;
}

/* The mean power of the blocks that are louder than `gate`, in all pieces; 0 where none is. */
static double mean_power(const struct join_piece *pieces, size_t count, double gate)
{
    double sum = 0;
    size_t blocks = 0;
    for (size_t i = 0; i < count; i++) {
        const struct join_loudness *loudness = pieces[i].loudness;
        double offset = loudness ? loudness->offset + join_decibels(pieces[i].gain) : 0;
        for (size_t k = 0; loudness && k < loudness->blocks.count; k++) {
            double level = (double)loudness->blocks.loudness[k] + offset;
            if (level <= gate)
                continue;
            sum += pow(10, level / 10);
            blocks++;
        }
    }
    return blocks ? sum / (double)blocks : 0;
}

/* Gated twice, as ITU-R BS.1770-4 has it. */
static bool whole_loudness(const struct join_piece *pieces, size_t count, double *ret_loudness)
{
    double power = mean_power(pieces, count, ABSOLUTE_GATE);
    if (power <= 0)
        return false;
    power = mean_power(pieces, count, 10 * log10(power) + RELATIVE_GATE);
    *ret_loudness = 10 * log10(power);
    return true;
}

bool join_balance(struct join_piece *pieces, size_t count, const struct join_format *format,
                  int *ret_centilufs)
{
    double loudness = 0;
    if (!whole_loudness(pieces, count, &loudness))
        return false;
    double change = fmin(fmax(format->centilufs / 100.0 - loudness, -MOST_BALANCE), MOST_BALANCE);
    for (size_t i = 0; i < count; i++) {
        if (!pieces[i].loudness)
            continue;
        pieces[i].gain *= join_level(change);
        pieces[i].limited = pieces[i].limited || passes_ceiling(format, &pieces[i]);
    }
    *ret_centilufs = (int)lrint(100 * (loudness + change));
    return true;
}
