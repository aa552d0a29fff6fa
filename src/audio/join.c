/* SPDX-License-Identifier: MIT */
#include "audio/join.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/frame.h>
#include <libavutil/intreadwrite.h>

#include "audio/format.h"
#include "audio/limiter.h"
#include "audio/meter.h"
#include "audio/pcm.h"
#include "audio/render.h"
#include "base/checked.h"

#define SAMPLE_BYTES 3
#define HEADER_SIZE  80
#define FULL_SCALE   8388607.0

/* A mono recording in two channels is that much louder, in LU. */
#define TWO_CHANNELS 3.01

/* Of true peaks, in dBTP: -1 is what may be heard, and an encoder adds up to half a decibel. */
#define CEILING (-1.5)

#define MOST_LIMITING 9.0  /* dB that peaks may lose; what needs more stays quieter */
#define MOST_GAIN     20.0 /* dB; what is quieter than that is hardly meant to be heard */
#define NEAR_ENOUGH   0.1  /* LU */
#define ROUNDS        3

/* Zeros that are handed out at once. */
#define SILENCE_STEP 4096

static double decibels(double level)
{
    return pow(10, level / 20);
}

struct recording {
    struct source *source;
    struct audio *audio;
};

static void recording_close(struct recording *recording)
{
    audio_destroy(recording->audio);
    source_destroy(recording->source);
    *recording = (struct recording){0};
}

static bool recording_open(struct recording *recording, const char *path, const struct log *log,
                           struct error *err)
{
    recording->source = source_open_file(path, err);
    recording->audio = recording->source ? audio_open(recording->source, log, err) : NULL;
    if (!recording->audio)
        recording_close(recording);
    return recording->audio != NULL;
}

bool join_look(const char *path, struct audio_info *ret_info, struct error *err)
{
    struct recording recording = {0};
    if (!recording_open(&recording, path, NULL, err))
        return false;
    *ret_info = *audio_info(recording.audio);
    recording_close(&recording);
    return true;
}

/* What is no stereo becomes mono first: one channel is then heard from both sides. */
static bool mixes_down(const struct audio_info *info, const struct join_format *format)
{
    return format->channels == 1 || info->channels != 2;
}

/* A recording as it is heard in the programme. */
struct player {
    struct renderer *renderer;
    struct limiter *limiter; /* NULL: nothing to limit */
    AVFrame *frame;
    float *sound; /* what was read last, interleaved */
    size_t capacity;
    int channels; /* of it: those of the programme, or one */
    bool drained; /* the limiter, too */
};

static void player_close(struct player *player)
{
    renderer_destroy(player->renderer);
    limiter_destroy(player->limiter);
    av_frame_free(&player->frame);
    free(player->sound);
    *player = (struct player){0};
}

static bool player_open(struct player *player, struct audio *audio,
                        const struct join_format *format, const struct join_piece *piece,
                        struct error *err)
{
    const struct audio_info *info = audio_info(audio);
    const struct render_options options = {
        .rate = format->rate,
        .channels = mixes_down(info, format) ? 1 : 0,
        .format = AV_SAMPLE_FMT_FLT,
        .fade = format->fade,
        .gain = piece->gain,
    };
    struct renderer *renderer =
        renderer_create(audio, piece->first, piece->first + piece->samples, &options, err);
    if (!renderer)
        return false;
    *player = (struct player){
        .renderer = renderer,
        .channels = options.channels ? options.channels : info->channels,
        .frame = mem_present(av_frame_alloc()),
    };
    if (piece->limited)
        player->limiter = limiter_create(player->channels, format->rate, decibels(CEILING));
    return true;
}

/* What the limiter still holds, brought out by silence. */
static size_t drain(struct player *player)
{
    size_t lag = player->limiter && !player->drained ? limiter_lag(player->limiter) : 0;
    size_t size = lag * (size_t)player->channels;
    player->drained = true;
    player->sound = mem_grow(player->sound, &player->capacity, size, sizeof *player->sound);
    for (size_t i = 0; i < size; i++)
        player->sound[i] = 0;
    return lag ? limiter_run(player->limiter, player->sound, lag) : 0;
}

/* Some more samples, in player->sound; none at the end. */
static bool player_read(struct player *player, size_t *ret_count, struct error *err)
{
    size_t count = 0;
    bool more = true;
    while (count == 0 && more) {
        av_frame_unref(player->frame);
        if (!renderer_read(player->renderer, player->frame, &more, err))
            return false;
        if (!more)
            break;
        count = (size_t)player->frame->nb_samples;
        size_t size = count * (size_t)player->channels;
        player->sound = mem_grow(player->sound, &player->capacity, size, sizeof *player->sound);
        pcm_interleave(player->frame, player->sound);
        if (player->limiter)
            count = limiter_run(player->limiter, player->sound, count);
    }
    *ret_count = more ? count : drain(player);
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
    double most = fmin(decibels(MOST_GAIN), decibels(CEILING + MOST_LIMITING) / peak);
    if (heard)
        piece->gain = fmin(decibels(target - loudness), most);
    piece->limited = heard && piece->gain * peak > decibels(CEILING);
    for (int i = 0; piece->limited && i < ROUNDS; i++) {
        if (!measure_once(audio, format, piece, &loudness, &peak, &heard, err))
            return false;
        if (!heard || fabs(target - loudness) < NEAR_ENOUGH)
            break;
        piece->gain = fmin(piece->gain * decibels(target - loudness), most);
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

struct join_piece join_silence(millis length, const struct join_format *format)
{
    return (struct join_piece){.length = samples_of_millis(length, format->rate), .gain = 1};
}

/* The programme, and where in it the reader is. */
struct join {
    struct source base;
    const struct join_piece *pieces;
    size_t count;
    struct join_format format;
    const struct log *log;
    uint8_t header[HEADER_SIZE];

    size_t piece;        /* that is being played */
    sample_index played; /* of it */
    struct recording recording;
    struct player player;
    uint8_t *block; /* what was made last, and where in the file it stands */
    size_t block_size, block_capacity;
    int64_t block_offset;
};

static int frame_bytes(const struct join *join)
{
    return join->format.channels * SAMPLE_BYTES;
}

/* RIFF, as RF64 where it is too large for it: EBU Tech 3306. Below that size the ds64 chunk is one
 * of the name JUNK. */
static void write_header(struct join *join, int64_t data_size)
{
    uint8_t *at = join->header;
    bool large = data_size > UINT32_MAX - HEADER_SIZE;
    int channels = join->format.channels, rate = join->format.rate;
    memcpy(at, large ? "RF64" : "RIFF", 4);
    AV_WL32(at + 4, large ? UINT32_MAX : (uint32_t)(data_size + HEADER_SIZE - 8));
    memcpy(at + 8, large ? "WAVEds64" : "WAVEJUNK", 8);
    AV_WL32(at + 16, 28);
    AV_WL64(at + 20, (uint64_t)(large ? data_size + HEADER_SIZE - 8 : 0));
    AV_WL64(at + 28, (uint64_t)(large ? data_size : 0));
    AV_WL64(at + 36, (uint64_t)(large ? data_size / frame_bytes(join) : 0));
    AV_WL32(at + 44, 0);
    memcpy(at + 48, "fmt ", 4);
    AV_WL32(at + 52, 16);
    AV_WL16(at + 56, 1); /* PCM */
    AV_WL16(at + 58, (uint16_t)channels);
    AV_WL32(at + 60, (uint32_t)rate);
    AV_WL32(at + 64, (uint32_t)(rate * frame_bytes(join)));
    AV_WL16(at + 68, (uint16_t)frame_bytes(join));
    AV_WL16(at + 70, 8 * SAMPLE_BYTES);
    memcpy(at + 72, "data", 4);
    AV_WL32(at + 76, large ? UINT32_MAX : (uint32_t)data_size);
}

static void stop_piece(struct join *join)
{
    player_close(&join->player);
    recording_close(&join->recording);
    join->played = 0;
}

static void rewind_all(struct join *join)
{
    stop_piece(join);
    join->piece = 0;
    join->block_size = 0;
    join->block_offset = HEADER_SIZE;
}

static bool start_piece(struct join *join, const struct join_piece *piece, struct error *err)
{
    return recording_open(&join->recording, piece->path, join->log, err) &&
           player_open(&join->player, join->recording.audio, &join->format, piece, err);
}

static void put_sample(uint8_t *at, float value)
{
    double scaled = (double)value * FULL_SCALE;
    scaled = fmin(fmax(scaled, -FULL_SCALE), FULL_SCALE);
    int32_t whole = (int32_t)lrint(scaled);
    for (int i = 0; i < SAMPLE_BYTES; i++)
        at[i] = (uint8_t)((uint32_t)whole >> 8 * i & 0xff);
}

/* One channel is perhaps heard as two. */
static void put_sound(struct join *join, sample_index samples)
{
    int channels = join->format.channels, given = join->player.channels;
    const float *in = join->player.sound;
    uint8_t *out = join->block;
    for (sample_index i = 0; i < samples; i++, in += given)
        for (int channel = 0; channel < channels; channel++, out += SAMPLE_BYTES)
            put_sample(out, in[channel < given ? channel : 0]);
}

static void reserve(struct join *join, sample_index samples)
{
    join->block_size = (size_t)samples * (size_t)frame_bytes(join);
    join->block = mem_grow(join->block, &join->block_capacity, join->block_size, 1);
}

/* The piece's next samples, of which `left` are still to come: silence where it has none, or too
 * few. */
static bool play_piece(struct join *join, const struct join_piece *piece, sample_index left,
                       struct error *err)
{
    size_t count = 0;
    if (piece->path && !join->player.renderer && !start_piece(join, piece, err))
        return false;
    if (piece->path && !player_read(&join->player, &count, err))
        return false;
    sample_index samples = count ? (sample_index)count : SILENCE_STEP;
    samples = samples < left ? samples : left;
    reserve(join, samples);
    if (count)
        put_sound(join, samples);
    else
        memset(join->block, 0, join->block_size);
    join->played += samples;
    return true;
}

/* Makes the block that follows; there is one, because the size of the whole is known. */
static bool next_block(struct join *join, struct error *err)
{
    join->block_offset += (int64_t)join->block_size;
    while (join->piece < join->count) {
        const struct join_piece *piece = &join->pieces[join->piece];
        if (join->played < piece->length)
            return play_piece(join, piece, piece->length - join->played, err);
        stop_piece(join);
        join->piece++;
    }
    return error_set(err, ERROR_INPUT, "the recap ends before its end");
}

static size_t copy_part(uint8_t *data, size_t size, const uint8_t *from, size_t from_size,
                        size_t skip)
{
    size_t count = from_size - skip < size ? from_size - skip : size;
    memcpy(data, from + skip, count);
    return count;
}

static bool join_read(struct source *source, int64_t offset, void *data, size_t size,
                      size_t *ret_size, struct error *err)
{
    struct join *join = (struct join *)source;
    size_t done = 0;
    while (done < size && offset < source->size) {
        uint8_t *at = (uint8_t *)data + done;
        size_t count;
        if (offset < HEADER_SIZE) {
            count = copy_part(at, size - done, join->header, HEADER_SIZE, (size_t)offset);
        } else {
            if (offset < join->block_offset)
                rewind_all(join);
            while (offset >= join->block_offset + (int64_t)join->block_size)
                if (!next_block(join, err))
                    return false;
            count = copy_part(at, size - done, join->block, join->block_size,
                              (size_t)(offset - join->block_offset));
        }
        done += count;
        offset += (int64_t)count;
    }
    *ret_size = done;
    return true;
}

static void join_destroy(struct source *source)
{
    struct join *join = (struct join *)source;
    stop_piece(join);
    free(join->block);
    free(join);
}

static const struct source_class join_class = {
    .name = "join",
    .read = join_read,
    .destroy = join_destroy,
    .window = 4096,
};

struct source *join_open(const struct join_piece *pieces, size_t count,
                         const struct join_format *format, const struct log *log)
{
    struct join *join = mem_zalloc(sizeof *join);
    *join = (struct join){
        .pieces = pieces,
        .count = count,
        .format = *format,
        .log = log,
        .block_offset = HEADER_SIZE,
    };
    sample_index length = 0;
    for (size_t i = 0; i < count; i++)
        length += pieces[i].length;
    int64_t data_size = length * frame_bytes(join);
    write_header(join, data_size);
    source_init(&join->base, &join_class, "the recap", HEADER_SIZE + data_size);
    return &join->base;
}
