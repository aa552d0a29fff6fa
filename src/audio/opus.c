/* SPDX-License-Identifier: MIT */
/*
 * Opus in Ogg (RFC 7845). A clip begins up to 1.365 s early, for the decoder to come into the state
 * that it has in the episode; the pre-skip field hides that.
 */
#include "audio/format.h"

#include <stdlib.h>

#include <libavutil/intreadwrite.h>

#include "audio/libav.h"
#include "audio/muxer.h"
#include "audio/ogg_audio.h"

#define OPUS_RATE 48000

/* RFC 7845, section 5.1. */
#define HEAD_SIZE     19
#define HEAD_CHANNELS 9
#define HEAD_PRE_SKIP 10
#define MAX_PRE_SKIP  65535

/* What the samples to compare a clip with are decoded from: longer before than any clip begins. */
#define PREROLL (4 * OPUS_RATE)

enum { HEADER_PACKETS = 2 };

struct opus_state {
    struct ogg ogg;
    int64_t origin; /* granule position of sample 0 */
};

/* By the first byte, and the second where it counts frames: RFC 6716, section 3.1. */
static int64_t opus_duration(void *context, const uint8_t *packet, size_t size)
{
    (void)context;
    if (size < 1)
        return 0;
    static const int silk[] = {480, 960, 1920, 2880}, hybrid[] = {480, 960};
    int config = packet[0] >> 3, code = packet[0] & 3;
    int frame = config < 12   ? silk[config & 3]
                : config < 16 ? hybrid[config & 1]
                              : 120 << (config & 3);
    int frames = code == 0 ? 1 : code < 3 ? 2 : size > 1 ? packet[1] & 63 : 0;
    return (int64_t)frame * frames;
}

static void opus_restart(void *context)
{
    (void)context;
}

static const struct ogg_codec opus_codec = {
    .header_packets = HEADER_PACKETS,
    .duration = opus_duration,
    .restart = opus_restart,
};

static bool opus_recognise(struct audio *audio, const uint8_t *head, size_t size)
{
    return ogg_recognise(head, size, SLICE("OpusHead")) && !ogg_is_chained(audio->source);
}

static bool describe(struct audio *audio, const struct buffer *headers, struct error *err)
{
    const struct buffer *head = &headers[0];
    const uint8_t *data = (const uint8_t *)head->data;
    if (!slice_starts(buffer_slice(&headers[1]), SLICE("OpusTags")))
        return error_set(err, ERROR_INPUT, "%s: its comment header is damaged",
                         audio->source->name);
    if (head->size < HEAD_SIZE || data[HEAD_CHANNELS] == 0)
        return error_set(err, ERROR_INPUT, "%s: its Opus header is cut off", audio->source->name);
    struct AVCodecParameters *codec = audio->codec;
    codec->codec_type = AVMEDIA_TYPE_AUDIO;
    codec->codec_id = AV_CODEC_ID_OPUS;
    codec->sample_rate = OPUS_RATE;
    av_channel_layout_default(&codec->ch_layout, data[HEAD_CHANNELS]);
    ogg_audio_set_extradata(audio, buffer_slice(head));
    audio->info.codec = "opus";
    audio->info.rate = OPUS_RATE;
    audio->info.channels = data[HEAD_CHANNELS];
    return true;
}

static bool open_stream(struct audio *audio, struct opus_state *state, struct buffer *headers,
                        struct error *err)
{
    if (!ogg_open(&state->ogg, audio->source, &opus_codec, headers, err) ||
        !describe(audio, headers, err) || !ogg_start(&state->ogg, NULL, err))
        return false;
    int pre_skip = AV_RL16(audio->codec->extradata + HEAD_PRE_SKIP);
    state->origin = (state->ogg.first > 0 ? state->ogg.first : 0) + pre_skip;
    if (state->ogg.last < state->origin)
        return error_set(err, ERROR_INPUT, "%s: holds no sound", audio->source->name);
    ogg_audio_measure(audio, &state->ogg, state->origin);
    return true;
}

static bool opus_open(struct audio *audio, int64_t body, struct error *err)
{
    (void)body;
    struct opus_state *state = mem_zalloc(sizeof *state);
    audio->state = state;
    struct buffer headers[HEADER_PACKETS] = {BUFFER_INIT(BUFFER_UNBOUNDED),
                                             BUFFER_INIT(BUFFER_UNBOUNDED)};
    bool opened = open_stream(audio, state, headers, err);
    for (int i = 0; i < HEADER_PACKETS; i++)
        buffer_release(&headers[i]);
    return opened;
}

static void opus_close(void *opaque)
{
    struct opus_state *state = opaque;
    if (state)
        ogg_close(&state->ogg);
    free(state);
}

static bool opus_seek(struct audio *audio, sample_index position, struct error *err)
{
    struct opus_state *state = audio->state;
    return ogg_seek(&state->ogg, state->origin + position - PREROLL, err);
}

static bool opus_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err)
{
    struct opus_state *state = audio->state;
    return ogg_audio_next(&state->ogg, state->origin, packet, ret_more, err);
}

/* From the cursor on, the first packet that the pre-skip can hide up to the start, or, where that
 * is in a hole, the first behind it. */
static bool find_preroll(struct audio *audio, const struct cut_range *range, AVPacket *packet,
                         struct error *err)
{
    bool more = true;
    do {
        av_packet_unref(packet);
        if (!opus_next(audio, packet, &more, err))
            return false;
    } while (more && (range->start - packet->pts > MAX_PRE_SKIP || packet->size == 0));
    return (more && packet->pts < range->end) ||
           error_set(err, ERROR_INPUT, "%s: nothing can be read where the clip is",
                     audio->source->name);
}

/* The time of the clip begins with the first packet that is heard. The first page holds one packet:
 * libavformat does not trim the end of a file of a single page. */
static bool write_packets(struct audio *audio, const struct cut_shape *shape, struct muxer *muxer,
                          AVPacket *packet, struct error *err)
{
    const sample_index behind = shape->first + shape->samples;
    AVRational base = {1, OPUS_RATE};
    bool first = true;
    for (bool more = true; more && packet->pts < behind;) {
        if (packet->pts + packet->duration > behind)
            packet->duration = behind - packet->pts;
        packet->pts -= shape->first;
        packet->dts = packet->pts;
        if (!muxer_write(muxer, packet, base, err) || (first && !muxer_flush(muxer, err)) ||
            !opus_next(audio, packet, &more, err))
            return false;
        first = false;
    }
    return muxer_end(muxer, err);
}

static struct cut_shape shape_of(const struct cut_range *range, const AVPacket *packet)
{
    bool hole = packet->pts > range->start;
    sample_index first = hole ? packet->pts : range->start;
    return (struct cut_shape){.first = first,
                              .samples = range->end - first,
                              .why = hole ? "the episode is damaged there" : NULL};
}

static bool write_clip(struct audio *audio, const struct cut_range *range, struct muxer *muxer,
                       AVPacket *packet, struct cut_shape *ret_shape, struct error *err)
{
    if (!opus_seek(audio, range->start, err))
        return false;
    struct opus_state *state = audio->state;
    ogg_expect(&state->ogg, range->end - range->start + PREROLL);
    if (!find_preroll(audio, range, packet, err))
        return false;
    *ret_shape = shape_of(range, packet);
    int pre_skip = (int)(ret_shape->first - packet->pts);
    muxer_take_codec(muxer, audio);
    AVCodecParameters *codec = muxer_stream(muxer)->codecpar;
    codec->initial_padding = pre_skip;
    AV_WL16(codec->extradata + HEAD_PRE_SKIP, (uint16_t)pre_skip);
    return muxer_begin(muxer, range, audio->info.rate, err) &&
           write_packets(audio, ret_shape, muxer, packet, err);
}

static bool opus_cut(struct audio *audio, const struct cut_range *range, struct output *output,
                     struct cut_shape *ret_shape, struct error *err)
{
    struct muxer *muxer = muxer_create("opus", output, err);
    if (!muxer)
        return false;
    AVPacket *packet = mem_present(av_packet_alloc());
    struct cut_shape shape;
    bool cut = write_clip(audio, range, muxer, packet, &shape, err);
    av_packet_free(&packet);
    muxer_destroy(muxer);
    if (cut)
        *ret_shape = shape;
    return cut;
}

static bool opus_prove(struct audio *audio, const struct cut_range *range, struct error *err)
{
    struct opus_state *state = audio->state;
    return ogg_audio_prove(audio, &state->ogg, state->origin, range, err);
}

const struct audio_format opus_format = {
    .container = "ogg",
    .extension = "opus",
    .recognise = opus_recognise,
    .open = opus_open,
    .close = opus_close,
    .seek = opus_seek,
    .next = opus_next,
    .prove = opus_prove,
    .cut = opus_cut,
    .verify_whole = true,
};
