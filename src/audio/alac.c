/* SPDX-License-Identifier: MIT */
/*
 * Apple Lossless in MP4 (https://github.com/macosforge/alac, ALACMagicCookieDescription.txt). Each
 * packet decodes for itself: those that lie whole in a clip are copied, and what the clip has of
 * the packets at its ends is encoded anew, under the same cookie.
 */
#include "audio/any.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/intreadwrite.h>

#include "audio/decode.h"
#include "audio/demux.h"
#include "audio/libav.h"
#include "audio/mp4.h"
#include "audio/muxer.h"

/* The cookie as libavformat gives it: the atom's size, name and version stand before it. */
#define COOKIE_SIZE     36
#define COOKIE_LENGTH   12 /* samples in a packet */
#define COOKIE_DEPTH    17
#define COOKIE_RICE     18 /* three parameters, which the decoder goes by */
#define COOKIE_CHANNELS 21

/* What libavcodec's encoder writes packets for. Where it is given fewer than a handful of samples
 * in more than two channels, and is to compress them, it ends the program. */
#define ENCODER_LENGTH 4096
#define ENCODER_LEAST  16
static const uint8_t encoder_rice[] = {40, 10, 14};

static int packet_length(const AVCodecParameters *codec)
{
    return (int)AV_RB32(codec->extradata + COOKIE_LENGTH);
}

static bool encoder_fits(const AVCodecParameters *codec)
{
    const uint8_t *cookie = codec->extradata;
    return codec->extradata_size >= COOKIE_SIZE &&
           AV_RB32(cookie + COOKIE_LENGTH) - 1 < ENCODER_LENGTH &&
           (cookie[COOKIE_DEPTH] == 16 || cookie[COOKIE_DEPTH] == 24) &&
           memcmp(cookie + COOKIE_RICE, encoder_rice, sizeof encoder_rice) == 0 &&
           cookie[COOKIE_CHANNELS] == codec->ch_layout.nb_channels;
}

static bool is_alac(const struct audio *audio)
{
    const AVCodecParameters *codec = demux_stream(audio)->codecpar;
    return codec->codec_id == AV_CODEC_ID_ALAC && encoder_fits(codec);
}

static bool alac_recognise(struct audio *audio, const uint8_t *head, size_t size)
{
    (void)head, (void)size;
    return audio->mp4 && demux_open(audio, NULL) && is_alac(audio);
}

/* The row before this one has opened the demuxer of every MP4. */
static bool demuxed_recognise(struct audio *audio, const uint8_t *head, size_t size)
{
    (void)head, (void)size;
    return audio->demuxer && demux_is(audio, "mov") && is_alac(audio);
}

/* A packet needs nothing before it. */
static bool demuxed_open(struct audio *audio, int64_t body, struct error *err)
{
    if (!any_open(audio, body, err))
        return false;
    ((struct any_state *)audio->state)->preroll = 0;
    return true;
}

/* How many samples a packet holds, which fragments do not tell, and tables tell of the last one as
 * what is to be played of it: as many as the cookie says, or, behind the 3 bits of its kind
 * and 16 that mean nothing, a flag says that the number follows 3 bits later. */
static int64_t packet_samples(const struct audio *audio, const AVPacket *packet)
{
    int length = packet_length(audio->codec);
    bool told = packet->size >= 7 && (packet->data[2] & 0x10);
    uint64_t samples = told ? AV_RB64(packet->data) : 0;
    samples = samples >> 9 & 0xffffffff;
    return told && samples < (uint64_t)length ? (int64_t)samples : length;
}

static bool alac_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err)
{
    if (!mp4_audio_next(audio, packet, ret_more, err))
        return false;
    if (*ret_more)
        packet->duration = packet_samples(audio, packet);
    return true;
}

static bool demuxed_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err)
{
    if (!any_next(audio, packet, ret_more, err))
        return false;
    if (*ret_more)
        packet->duration = packet_samples(audio, packet);
    return true;
}

/* As that of AAC in an MP4, whose tables say when a packet plays, whether it does or not. */
static bool alac_prove(struct audio *audio, const struct cut_range *range, struct error *err)
{
    return !range->prove_all || decode_prove(audio, range->end, packet_length(audio->codec), err);
}

static bool demuxed_prove(struct audio *audio, const struct cut_range *range, struct error *err)
{
    return any_prove(audio, range, err) && alac_prove(audio, range, err);
}

struct alac_clip {
    struct audio *audio;
    const struct cut_range *range;
    struct muxer *muxer;
    AVPacket *packet;
    sample_index position; /* of the episode, that is written next */
    bool damaged;          /* a packet is missing, or does not decode */
};

static AVCodecContext *open_encoder(const struct alac_clip *clip, const AVFrame *frame)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_ALAC);
    AVCodecContext *encoder = codec ? mem_present(avcodec_alloc_context3(codec)) : NULL;
    if (!encoder)
        return NULL;
    encoder->sample_rate = clip->audio->info.rate;
    encoder->sample_fmt = (enum AVSampleFormat)frame->format;
    encoder->bits_per_raw_sample = clip->audio->codec->extradata[COOKIE_DEPTH];
    encoder->time_base = (AVRational){1, clip->audio->info.rate};
    encoder->thread_count = 1;
    if (frame->nb_samples < ENCODER_LEAST)
        encoder->compression_level = 0;
    if (av_channel_layout_copy(&encoder->ch_layout, &frame->ch_layout) < 0 ||
        avcodec_open2(encoder, codec, NULL) < 0)
        avcodec_free_context(&encoder);
    return encoder;
}

/* One packet of one frame: an encoder takes no more after a short one. */
static bool encode_frame(struct alac_clip *clip, const AVFrame *frame)
{
    AVCodecContext *encoder = open_encoder(clip, frame);
    bool encoded = encoder && avcodec_send_frame(encoder, frame) >= 0 &&
                   avcodec_send_frame(encoder, NULL) >= 0 &&
                   avcodec_receive_packet(encoder, clip->packet) >= 0;
    avcodec_free_context(&encoder);
    return encoded;
}

static bool write_packet(struct alac_clip *clip, int64_t samples, struct error *err)
{
    AVPacket *packet = clip->packet;
    packet->pts = packet->dts = clip->position - clip->range->start;
    packet->duration = samples;
    packet->flags |= AV_PKT_FLAG_KEY;
    clip->position += samples;
    return muxer_write(clip->muxer, packet, (AVRational){1, clip->audio->info.rate}, err);
}

/* An empty one like the decoder's, for a packet's samples. */
static AVFrame *frame_like(const AVFrame *like, int samples)
{
    AVFrame *frame = mem_present(av_frame_alloc());
    frame->format = like->format;
    frame->sample_rate = like->sample_rate;
    frame->nb_samples = samples;
    if (av_channel_layout_copy(&frame->ch_layout, &like->ch_layout) < 0 ||
        av_frame_get_buffer(frame, 0) < 0)
        mem_present(NULL);
    frame->nb_samples = 0;
    return frame;
}

/* Moves the decoder's samples into the frame. */
static void gather(AVFrame *frame, const AVFrame *decoded)
{
    av_samples_copy(frame->extended_data, decoded->extended_data, frame->nb_samples, 0,
                    decoded->nb_samples, decoded->ch_layout.nb_channels,
                    (enum AVSampleFormat)decoded->format);
    frame->nb_samples += decoded->nb_samples;
}

/* All up to there in one packet. What does not decode is left out. */
static bool encode_edge(struct alac_clip *clip, sample_index until, struct error *err)
{
    struct decoder *decoder = decoder_create(clip->audio, clip->position, until, NULL, err);
    AVFrame *decoded = mem_present(av_frame_alloc()), *frame = NULL;
    sample_index count = until - clip->position;
    bool more = true, done = decoder != NULL;
    while (done && (done = decoder_read(decoder, decoded, &more, err)) && more) {
        if (!frame)
            frame = frame_like(decoded, (int)count);
        if (decoded->format == frame->format && decoded->nb_samples <= count - frame->nb_samples)
            gather(frame, decoded);
        av_frame_unref(decoded);
    }
    clip->damaged = clip->damaged || !frame || frame->nb_samples != count;
    if (done && frame && frame->nb_samples > 0)
        done = encode_frame(clip, frame)
                   ? write_packet(clip, frame->nb_samples, err)
                   : error_set(err, ERROR_UNSUPPORTED, "%s: cannot be encoded as ALAC",
                               clip->audio->source->name);
    av_frame_free(&decoded);
    av_frame_free(&frame);
    decoder_destroy(decoder);
    return done;
}

/* The first packet that ends behind the position; *ret_more is false where none does. */
static bool find_packet(struct alac_clip *clip, bool *ret_more, struct error *err)
{
    const struct audio_format *format = clip->audio->format;
    if (!format->seek(clip->audio, clip->position, err))
        return false;
    for (*ret_more = true; *ret_more;) {
        av_packet_unref(clip->packet);
        if (!format->next(clip->audio, clip->packet, ret_more, err))
            return false;
        if (*ret_more && clip->packet->pts + clip->packet->duration > clip->position)
            return true;
    }
    return true;
}

/* What the clip has of the packet that it begins in, unless it begins with it. A clip that a packet
 * can hold is one: demuxers take packets of one sample each for plain PCM. */
static bool write_head(struct alac_clip *clip, struct error *err)
{
    bool more = false;
    if (!find_packet(clip, &more, err))
        return false;
    if (!more)
        return error_set(err, ERROR_INPUT, "%s: ends before the clip begins",
                         clip->audio->source->name);
    sample_index start = clip->packet->pts, end = start + clip->packet->duration;
    av_packet_unref(clip->packet);
    if (start == clip->position)
        return true;
    bool one_packet = clip->range->end - clip->position <= packet_length(clip->audio->codec);
    return encode_edge(clip, one_packet || end > clip->range->end ? clip->range->end : end, err);
}

/* The packets that lie whole in the clip. */
static bool copy_packets(struct alac_clip *clip, struct error *err)
{
    bool more = false;
    if (!find_packet(clip, &more, err))
        return false;
    while (more && clip->packet->pts + clip->packet->duration <= clip->range->end) {
        clip->damaged = clip->damaged || clip->packet->pts != clip->position;
        if (!write_packet(clip, clip->packet->duration, err) ||
            !clip->audio->format->next(clip->audio, clip->packet, &more, err))
            return false;
    }
    av_packet_unref(clip->packet);
    return true;
}

static bool write_clip(struct alac_clip *clip, struct error *err)
{
    muxer_take_codec(clip->muxer, clip->audio);
    sample_index end = clip->range->end;
    return muxer_begin(clip->muxer, clip->range, clip->audio->info.rate, err) &&
           write_head(clip, err) && (clip->position >= end || copy_packets(clip, err)) &&
           (clip->position >= end || encode_edge(clip, end, err)) && muxer_end(clip->muxer, err);
}

static bool alac_cut(struct audio *audio, const struct cut_range *range, struct output *output,
                     struct cut_shape *ret_shape, struct error *err)
{
    struct alac_clip clip = {
        .audio = audio,
        .range = range,
        .muxer = muxer_create("m4a", output, err),
        .packet = mem_present(av_packet_alloc()),
        .position = range->start,
    };
    bool cut = clip.muxer && write_clip(&clip, err);
    if (cut)
        *ret_shape = (struct cut_shape){
            .first = range->start,
            .samples = clip.position - range->start,
            .altered = clip.damaged,
            .why = clip.damaged ? "the episode is damaged there" : NULL,
        };
    muxer_destroy(clip.muxer);
    av_packet_free(&clip.packet);
    return cut;
}

static bool alac_copy(struct audio *audio, const struct cut_range *range, struct output *output,
                      struct cut_shape *ret_shape, struct error *err)
{
    mp4_audio_expect(audio, range);
    return alac_cut(audio, range, output, ret_shape, err);
}

/* By the sample tables. */
const struct audio_format alac_format = {
    .container = "m4a",
    .extension = "m4a",
    .recognise = alac_recognise,
    .open = mp4_audio_open,
    .close = mp4_audio_close,
    .seek = mp4_audio_seek,
    .next = alac_next,
    .prove = alac_prove,
    .cut = alac_copy,
};

/* Fragments, and what else mp4.h leaves to libavformat. */
const struct audio_format alac_demuxed_format = {
    .container = "m4a",
    .extension = "m4a",
    .recognise = demuxed_recognise,
    .open = demuxed_open,
    .close = free,
    .seek = any_seek,
    .next = demuxed_next,
    .prove = demuxed_prove,
    .cut = alac_cut,
};
