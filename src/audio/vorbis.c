/* SPDX-License-Identifier: MIT */
/*
 * Vorbis in Ogg (Vorbis I specification, section A.2). A clip begins one packet early, which only
 * primes the decoder. What the next one gives before the start is cut off by the first page's
 * granule position, which counts less than the page holds; libavformat plays it all the same.
 */
#include "audio/format.h"

#include <stdlib.h>

#include <libavutil/intreadwrite.h>

#include "audio/libav.h"
#include "audio/muxer.h"
#include "audio/ogg_audio.h"

/* The identification header: section 4.2.2. */
#define HEAD_SIZE     30
#define HEAD_CHANNELS 11
#define HEAD_RATE     12

#define MAX_RATE 768000

/* The longest block: a packet of the seek's goal, and one before it, begin within it. */
#define PREROLL 16384

enum { HEADER_PACKETS = 3 };

struct vorbis_state {
    struct ogg ogg;
    AVVorbisParseContext *parser;
    int64_t origin; /* granule position of sample 0 */
    bool primed;    /* a packet was counted since the restart */
    bool fed;       /* a packet was given out since the seek */
};

static int64_t vorbis_duration(void *context, const uint8_t *packet, size_t size)
{
    struct vorbis_state *state = context;
    if (size == 0 || size > INT32_MAX || (packet[0] & 1)) /* a header, in a strange place */
        return 0;
    int duration = av_vorbis_parse_frame(state->parser, packet, (int)size);
    bool primed = state->primed;
    state->primed = true;
    return primed && duration > 0 ? duration : 0;
}

static void vorbis_restart(void *context)
{
    struct vorbis_state *state = context;
    av_vorbis_parse_reset(state->parser);
    state->primed = false;
}

static const struct ogg_codec vorbis_codec = {
    .header_packets = HEADER_PACKETS,
    .duration = vorbis_duration,
    .restart = vorbis_restart,
};

static bool vorbis_recognise(struct audio *audio, const uint8_t *head, size_t size)
{
    return ogg_recognise(head, size, SLICE("\x01vorbis")) && !ogg_is_chained(audio->source);
}

/* A size in Xiph's lacing: as many 255s as fit, then the rest. */
static void append_lacing(struct buffer *buffer, size_t size)
{
    for (; size >= 255; size -= 255)
        buffer_append_byte(buffer, (char)0xff);
    buffer_append_byte(buffer, (char)size);
}

/* libavcodec takes the three headers as one, laced. The comments are left out: they may hold a
 * cover. */
static void set_extradata(struct audio *audio, const struct buffer *headers)
{
    static const char no_comments[] = "\3vorbis\0\0\0\0\0\0\0\0\1";
    struct buffer laced = BUFFER_INIT(BUFFER_UNBOUNDED);
    buffer_append_byte(&laced, HEADER_PACKETS - 1);
    append_lacing(&laced, headers[0].size);
    append_lacing(&laced, sizeof no_comments - 1);
    buffer_append(&laced, headers[0].data, headers[0].size);
    buffer_append(&laced, no_comments, sizeof no_comments - 1);
    buffer_append(&laced, headers[2].data, headers[2].size);
    ogg_audio_set_extradata(audio, buffer_slice(&laced));
    buffer_release(&laced);
}

static bool describe(struct audio *audio, const struct buffer *headers, struct error *err)
{
    const uint8_t *data = (const uint8_t *)headers[0].data;
    if (headers[0].size < HEAD_SIZE || data[HEAD_CHANNELS] == 0 || AV_RL32(data + HEAD_RATE) == 0 ||
        AV_RL32(data + HEAD_RATE) > MAX_RATE ||
        !slice_starts(buffer_slice(&headers[1]), SLICE("\3vorbis")) ||
        !slice_starts(buffer_slice(&headers[2]), SLICE("\5vorbis")))
        return error_set(err, ERROR_INPUT, "%s: its Vorbis headers are damaged",
                         audio->source->name);
    struct AVCodecParameters *codec = audio->codec;
    codec->codec_type = AVMEDIA_TYPE_AUDIO;
    codec->codec_id = AV_CODEC_ID_VORBIS;
    codec->sample_rate = (int)AV_RL32(data + HEAD_RATE);
    av_channel_layout_default(&codec->ch_layout, data[HEAD_CHANNELS]);
    set_extradata(audio, headers);
    audio->info.codec = "vorbis";
    audio->info.rate = codec->sample_rate;
    audio->info.channels = data[HEAD_CHANNELS];
    return true;
}

static bool open_stream(struct audio *audio, struct vorbis_state *state, struct buffer *headers,
                        struct error *err)
{
    if (!ogg_open(&state->ogg, audio->source, &vorbis_codec, headers, err) ||
        !describe(audio, headers, err))
        return false;
    state->parser = av_vorbis_parse_init(audio->codec->extradata, audio->codec->extradata_size);
    if (!state->parser)
        return error_set(err, ERROR_INPUT, "%s: its Vorbis headers are damaged",
                         audio->source->name);
    if (!ogg_start(&state->ogg, state, err))
        return false;
    state->origin = state->ogg.first > 0 ? state->ogg.first : 0;
    if (state->ogg.last < state->origin)
        return error_set(err, ERROR_INPUT, "%s: holds no sound", audio->source->name);
    ogg_audio_measure(audio, &state->ogg, state->origin);
    return true;
}

static bool vorbis_open(struct audio *audio, int64_t body, struct error *err)
{
    (void)body;
    struct vorbis_state *state = mem_zalloc(sizeof *state);
    audio->state = state;
    struct buffer headers[HEADER_PACKETS] = {BUFFER_INIT(BUFFER_UNBOUNDED),
                                             BUFFER_INIT(BUFFER_UNBOUNDED),
                                             BUFFER_INIT(BUFFER_UNBOUNDED)};
    bool opened = open_stream(audio, state, headers, err);
    for (int i = 0; i < HEADER_PACKETS; i++)
        buffer_release(&headers[i]);
    return opened;
}

static void vorbis_close(void *opaque)
{
    struct vorbis_state *state = opaque;
    if (state) {
        ogg_close(&state->ogg);
        av_vorbis_parse_free(&state->parser);
    }
    free(state);
}

static bool vorbis_seek(struct audio *audio, sample_index position, struct error *err)
{
    struct vorbis_state *state = audio->state;
    state->fed = false;
    return ogg_seek(&state->ogg, state->origin + position - PREROLL, err);
}

static bool vorbis_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err)
{
    struct vorbis_state *state = audio->state;
    if (!ogg_audio_next(&state->ogg, state->origin, packet, ret_more, err))
        return false;
    if (*ret_more && !state->fed) { /* it only primes the decoder */
        packet->dts = packet->pts += packet->duration;
        packet->duration = 0;
    }
    state->fed = state->fed || *ret_more;
    return true;
}

/* From the cursor on, two packets: one that primes the decoder, and the one that holds the start,
 * or, where that is in a hole, the first behind it. */
static bool find_start(struct audio *audio, const struct cut_range *range, AVPacket *primer,
                       AVPacket *packet, struct error *err)
{
    for (;;) {
        bool more = false;
        if (!vorbis_next(audio, packet, &more, err))
            return false;
        if (!more || packet->pts >= range->end)
            return error_set(err, ERROR_INPUT, "%s: nothing can be read where the clip is",
                             audio->source->name);
        if (packet->pts + packet->duration > range->start && primer->data)
            return true;
        av_packet_unref(primer);
        av_packet_move_ref(primer, packet);
    }
}

static bool write_one(struct muxer *muxer, AVPacket *packet, sample_index first, sample_index end,
                      int rate, struct error *err)
{
    if (packet->pts + packet->duration > end)
        packet->duration = end - packet->pts;
    packet->pts -= first;
    packet->dts = packet->pts;
    return muxer_write(muxer, packet, (AVRational){1, rate}, err);
}

static bool write_rest(struct audio *audio, struct muxer *muxer, AVPacket *packet,
                       const struct cut_shape *shape, struct error *err)
{
    sample_index end = shape->first + shape->samples;
    for (;;) {
        bool more = false;
        if (!vorbis_next(audio, packet, &more, err))
            return false;
        if (!more || packet->pts >= end)
            return muxer_end(muxer, err);
        if (!write_one(muxer, packet, shape->first, end, audio->info.rate, err))
            return false;
    }
}

/* A page cannot be cut off at both ends: a clip within one packet begins with the packet. */
static struct cut_shape shape_of(const struct cut_range *range, const AVPacket *packet)
{
    if (packet->pts > range->start)
        return (struct cut_shape){.first = packet->pts,
                                  .samples = range->end - packet->pts,
                                  .why = "the episode is damaged there"};
    if (packet->pts + packet->duration < range->end)
        return (struct cut_shape){.first = range->start, .samples = range->end - range->start};
    return (struct cut_shape){.first = packet->pts,
                              .samples = range->end - packet->pts,
                              .why = "a clip within one packet begins with the packet"};
}

static bool write_clip(struct audio *audio, const struct cut_range *range, struct muxer *muxer,
                       AVPacket *primer, AVPacket *packet, struct cut_shape *ret_shape,
                       struct error *err)
{
    if (!vorbis_seek(audio, range->start, err))
        return false;
    struct vorbis_state *state = audio->state;
    ogg_expect(&state->ogg, range->end - range->start + PREROLL);
    if (!find_start(audio, range, primer, packet, err))
        return false;
    *ret_shape = shape_of(range, packet);
    primer->duration = 0;
    primer->pts = packet->pts;
    muxer_take_codec(muxer, audio);
    int rate = audio->info.rate;
    sample_index first = ret_shape->first, end = first + ret_shape->samples;
    return muxer_begin(muxer, range, audio->info.rate, err) &&
           write_one(muxer, primer, first, end, rate, err) &&
           write_one(muxer, packet, first, end, rate, err) && muxer_flush(muxer, err) &&
           write_rest(audio, muxer, packet, ret_shape, err);
}

static bool vorbis_cut(struct audio *audio, const struct cut_range *range, struct output *output,
                       struct cut_shape *ret_shape, struct error *err)
{
    struct muxer *muxer = muxer_create("ogg", output, err);
    if (!muxer)
        return false;
    AVPacket *primer = mem_present(av_packet_alloc()), *packet = mem_present(av_packet_alloc());
    struct cut_shape shape;
    bool cut = write_clip(audio, range, muxer, primer, packet, &shape, err);
    av_packet_free(&primer);
    av_packet_free(&packet);
    muxer_destroy(muxer);
    if (cut)
        *ret_shape = shape;
    return cut;
}

static bool vorbis_prove(struct audio *audio, const struct cut_range *range, struct error *err)
{
    struct vorbis_state *state = audio->state;
    return ogg_audio_prove(audio, &state->ogg, state->origin, range, err);
}

const struct audio_format vorbis_format = {
    .container = "ogg",
    .extension = "ogg",
    .recognise = vorbis_recognise,
    .open = vorbis_open,
    .close = vorbis_close,
    .seek = vorbis_seek,
    .next = vorbis_next,
    .prove = vorbis_prove,
    .cut = vorbis_cut,
    .verify_own = true,
};
