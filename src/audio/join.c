/* SPDX-License-Identifier: MIT */
#include "audio/join.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/intreadwrite.h>

#include "audio/join_player.h"

#define SAMPLE_BYTES 3
#define HEADER_SIZE  80
#define FULL_SCALE   8388607.0

/* Zeros that are handed out at once. */
#define SILENCE_STEP 4096

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
