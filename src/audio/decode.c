/* SPDX-License-Identifier: MIT */
#include "audio/decode.h"

#include <stdlib.h>
#include <string.h>

#include "audio/avio.h"
#include "audio/libav.h"
#include "base/checked.h"

AVCodecContext *decode_open(const AVCodecParameters *parameters, AVRational base)
{
    const AVCodec *codec = avcodec_find_decoder(parameters->codec_id);
    AVCodecContext *context = codec ? mem_present(avcodec_alloc_context3(codec)) : NULL;
    if (!context)
        return NULL;
    context->pkt_timebase = base;
    context->thread_count = 1;
    if (avcodec_parameters_to_context(context, parameters) < 0 ||
        avcodec_open2(context, codec, NULL) < 0)
        avcodec_free_context(&context);
    return context;
}

void frame_trim(AVFrame *frame, int skip, int count)
{
    enum AVSampleFormat format = (enum AVSampleFormat)frame->format;
    bool planar = av_sample_fmt_is_planar(format);
    int channels = frame->ch_layout.nb_channels;
    int step = av_get_bytes_per_sample(format) * (planar ? 1 : channels);
    int planes = planar ? channels : 1;
    bool own_array = frame->extended_data != frame->data;
    for (int i = 0; i < planes; i++) {
        frame->extended_data[i] += (ptrdiff_t)skip * step;
        if (own_array && i < AV_NUM_DATA_POINTERS)
            frame->data[i] = frame->extended_data[i];
    }
    frame->nb_samples = count;
    frame->pts += skip;
}

struct decoder {
    struct audio *audio;
    AVCodecContext *context;
    AVPacket *packet;
    sample_index start, end;
    sample_index position; /* of what the decoder gives next */
    bool placed;           /* `position` is known */
    bool fed;              /* a packet of the range, */
    sample_index expected; /* behind which this is the time */
    bool flushed;
    int damaged;
};

struct decoder *decoder_create(struct audio *audio, sample_index start, sample_index end,
                               const AVPacket *primer, struct error *err)
{
    AVRational base = {1, audio->info.rate};
    AVCodecContext *context = decode_open(audio->codec, base);
    if (!context) {
        error_set(err, ERROR_UNSUPPORTED, "%s: there is no decoder for %s", audio->source->name,
                  audio->info.codec);
        return NULL;
    }
    context->flags2 |= AV_CODEC_FLAG2_SKIP_MANUAL; /* positions say what to drop */
    struct decoder *decoder = mem_zalloc(sizeof *decoder);
    *decoder = (struct decoder){
        .audio = audio,
        .context = context,
        .packet = mem_present(av_packet_alloc()),
        .start = start,
        .end = end,
    };
    if (primer && avcodec_send_packet(context, primer) >= 0) {
        AVFrame *dropped = mem_present(av_frame_alloc());
        while (avcodec_receive_frame(context, dropped) >= 0)
            ;
        av_frame_free(&dropped);
    }
    if (!audio->format->seek(audio, start, err)) {
        decoder_destroy(decoder);
        return NULL;
    }
    return decoder;
}

void decoder_destroy(struct decoder *decoder)
{
    if (!decoder)
        return;
    avcodec_free_context(&decoder->context);
    av_packet_free(&decoder->packet);
    free(decoder);
}

int decoder_damaged(const struct decoder *decoder)
{
    return decoder->damaged;
}

/* Whether packets are missing before this one, or it goes back in time: by more than its time may
 * be wrong. */
static bool follows_gap(const struct decoder *decoder)
{
    const AVPacket *packet = decoder->packet;
    sample_index gap = 0;
    bool primes = packet->flags & AV_PKT_FLAG_DISCARD;
    return decoder->fed && packet->pts != AV_NOPTS_VALUE &&
           checked_add(packet->pts, -decoder->expected, &gap) &&
           (gap > decoder->audio->doubt || (primes && gap < 0));
}

/* Feeds the next packet, or at the end of the packets asks for what is left. */
static bool feed(struct decoder *decoder, struct error *err)
{
    bool more = false;
    if (!decoder->audio->format->next(decoder->audio, decoder->packet, &more, err))
        return false;
    if (!more) {
        decoder->flushed = true;
        avcodec_send_packet(decoder->context, NULL);
        return true;
    }
    sample_index after = decoder->packet->pts + decoder->packet->duration;
    if (follows_gap(decoder))
        decoder->placed = false;
    decoder->fed = decoder->packet->pts != AV_NOPTS_VALUE;
    decoder->expected = after;
    if (avcodec_send_packet(decoder->context, decoder->packet) < 0) {
        decoder->damaged += after > decoder->start;
        decoder->placed = false;
    }
    av_packet_unref(decoder->packet);
    return true;
}

/* Gives the frame its position. Once that of one is known the others follow on: what comes out of a
 * packet may be a little later or less than what the packet says. */
static void place(struct decoder *decoder, AVFrame *frame)
{
    if (!decoder->placed && frame->pts != AV_NOPTS_VALUE)
        decoder->position = frame->pts;
    decoder->placed = true;
    frame->pts = decoder->position;
    decoder->position += frame->nb_samples;
}

/* Cuts the frame to the range; false where it lies outside. */
static bool trim_to_range(const struct decoder *decoder, AVFrame *frame)
{
    sample_index from = frame->pts > decoder->start ? frame->pts : decoder->start;
    sample_index to = frame->pts + frame->nb_samples;
    if (to > decoder->end)
        to = decoder->end;
    if (from >= to)
        return false;
    frame_trim(frame, (int)(from - frame->pts), (int)(to - from));
    return true;
}

/* Whether the frame is of a packet that no player plays: before a stretch of an edit list. */
static bool only_primes(struct decoder *decoder, const AVFrame *frame)
{
    if (!(frame->flags & AV_FRAME_FLAG_DISCARD))
        return false;
    decoder->placed = false;
    return true;
}

bool decoder_read(struct decoder *decoder, AVFrame *frame, bool *ret_more, struct error *err)
{
    *ret_more = false;
    while (!decoder->placed || decoder->position < decoder->end) {
        int code = avcodec_receive_frame(decoder->context, frame);
        if (code >= 0) {
            place(decoder, frame);
            if (!only_primes(decoder, frame) && trim_to_range(decoder, frame)) {
                *ret_more = true;
                return true;
            }
            av_frame_unref(frame);
        } else if (decoder->flushed) {
            return true;
        } else {
            if (code != AVERROR(EAGAIN)) {
                decoder->damaged += decoder->position >= decoder->start;
                decoder->placed = false;
            }
            if (!feed(decoder, err))
                return false;
        }
    }
    return true;
}

sample_index decode_count(AVCodecContext *context, AVFrame *frame)
{
    sample_index samples = 0;
    while (avcodec_receive_frame(context, frame) >= 0) {
        samples += frame->nb_samples;
        av_frame_unref(frame);
    }
    return samples;
}

/* Decodes all up to `end` and finds the first packet from `start` on (what primes the decoder with
 * them, where that is 0) that does not give the samples that it says: *ret_broken is its position;
 * SAMPLES_SOUND where all do. */
static bool decode_all(struct audio *audio, sample_index start, sample_index end,
                       sample_index *ret_broken, struct error *err)
{
    struct decoder *decoder = decoder_create(audio, start, end, NULL, err);
    if (!decoder)
        return false;
    AVFrame *frame = mem_present(av_frame_alloc());
    AVPacket *packet = decoder->packet;
    sample_index broken = SAMPLES_SOUND;
    bool more = true, read = true;
    while (broken == SAMPLES_SOUND && (read = audio->format->next(audio, packet, &more, err)) &&
           more && packet->pts < end) {
        bool sent = avcodec_send_packet(decoder->context, packet) >= 0;
        bool right = decode_count(decoder->context, frame) == packet->duration && sent;
        if (!right && (packet->pts >= start || start == 0))
            broken = packet->pts;
        av_packet_unref(packet);
    }
    av_frame_free(&frame);
    decoder_destroy(decoder);
    if (read)
        *ret_broken = broken;
    return read;
}

bool decode_prove(struct audio *audio, sample_index end, sample_index samples, struct error *err)
{
    sample_index broken = SAMPLES_SOUND;
    if (end > audio->damaged)
        end = audio->damaged;
    if (end <= audio->decoded)
        return true;
    if (!decode_all(audio, audio->decoded, end, &broken, err))
        return false;
    audio->decoded = end;
    if (broken < audio->damaged) {
        audio->damaged = broken;
        audio->lost = samples;
    }
    return true;
}

struct playback {
    AVFormatContext *demuxer;
    AVCodecContext *context;
    int stream;
    int damaged;
};

/* A very short MP3 is not recognised by its bytes, but a player goes by its name, too. */
static const AVInputFormat *format_of(struct output *clip)
{
    uint8_t head[3] = {0};
    size_t got = 0;
    if (!output_read_at(clip, 0, head, sizeof head, &got, NULL))
        return NULL;
    bool mp3 = memcmp(head, "ID3", 3) == 0 || (head[0] == 0xff && (head[1] & 0xe0) == 0xe0);
    return mp3 ? av_find_input_format("mp3") : NULL;
}

static bool open_clip(struct playback *playback, struct output *clip, struct error *err)
{
    AVIOContext *avio = avio_of_written(clip);
    playback->demuxer = mem_present(avformat_alloc_context());
    playback->demuxer->pb = avio;
    playback->demuxer->flags |= AVFMT_FLAG_CUSTOM_IO;
    int code = avformat_open_input(&playback->demuxer, "clip", format_of(clip), NULL);
    if (code < 0) {
        avio_error(avio, code, err, "cannot be played");
        avio_destroy(avio);
        return false;
    }
    code = avformat_find_stream_info(playback->demuxer, NULL);
    if (code >= 0)
        code = av_find_best_stream(playback->demuxer, AVMEDIA_TYPE_AUDIO, -1, -1, NULL, 0);
    if (code < 0)
        return avio_error(avio, code, err, "cannot be played");
    playback->stream = code;
    return true;
}

struct playback *playback_create(struct output *clip, struct error *err)
{
    struct playback *playback = mem_zalloc(sizeof *playback);
    if (!open_clip(playback, clip, err)) {
        playback_destroy(playback);
        return NULL;
    }
    playback->context = decode_open(playback_parameters(playback), playback_base(playback));
    if (!playback->context) {
        error_set(err, ERROR_UNSUPPORTED, "the clip: there is no decoder for it");
        playback_destroy(playback);
        return NULL;
    }
    return playback;
}

void playback_destroy(struct playback *playback)
{
    if (!playback)
        return;
    avcodec_free_context(&playback->context);
    if (playback->demuxer) {
        AVIOContext *avio = playback->demuxer->pb;
        avformat_close_input(&playback->demuxer);
        avio_destroy(avio);
    }
    free(playback);
}

const AVCodecParameters *playback_parameters(const struct playback *playback)
{
    return playback->demuxer->streams[playback->stream]->codecpar;
}

AVRational playback_base(const struct playback *playback)
{
    return playback->demuxer->streams[playback->stream]->time_base;
}

bool playback_packet(struct playback *playback, AVPacket *packet, bool *ret_more, struct error *err)
{
    int code;
    while ((code = av_read_frame(playback->demuxer, packet)) >= 0) {
        if (packet->stream_index == playback->stream)
            break;
        av_packet_unref(packet);
    }
    if (avio_failed(playback->demuxer->pb))
        return avio_error(playback->demuxer->pb, code, err, "cannot be read back");
    *ret_more = code >= 0;
    return true;
}

void playback_feed(struct playback *playback, const AVPacket *packet)
{
    if (avcodec_send_packet(playback->context, packet) < 0)
        playback->damaged++;
}

bool playback_frame(struct playback *playback, AVFrame *frame)
{
    int code = avcodec_receive_frame(playback->context, frame);
    if (code < 0 && code != AVERROR(EAGAIN) && code != AVERROR_EOF)
        playback->damaged++;
    return code >= 0;
}

int playback_damaged(const struct playback *playback)
{
    return playback->damaged;
}

void playback_reset(struct playback *playback)
{
    avcodec_flush_buffers(playback->context);
}
