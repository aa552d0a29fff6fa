/* SPDX-License-Identifier: MIT */
/*
 * Files that libavformat can read and for which we have no better way: positions are those of its
 * time stamps.
 */
#include "audio/any.h"

#include "audio/copy.h"
#include "audio/demux.h"
#include "audio/format.h"
#include "base/checked.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/intreadwrite.h>

/* What a decoder is fed before the sample that is asked for: more than any codec needs. */
#define PREROLL_SECONDS 2

/* In the first of Vorbis's headers: the sizes of its blocks. */
#define VORBIS_BLOCKS  28
#define VORBIS_LONGEST 8192

/* Packets at the beginning, where joined streams often do not begin together, that are looked at
 * for gaps. */
#define LOOK_PACKETS 32

static bool any_recognise(struct audio *audio, const uint8_t *head, size_t size)
{
    (void)audio, (void)head, (void)size;
    return true;
}

/* What a decoder drops at the start: as the first packet says, or the codec. */
static int64_t skipped_at_start(const struct audio *audio, const AVPacket *packet)
{
    size_t size = 0;
    const uint8_t *data = av_packet_get_side_data(packet, AV_PKT_DATA_SKIP_SAMPLES, &size);
    if (data && size >= 4)
        return AV_RL32(data);
    const AVCodecParameters *codec = audio->codec;
    bool opus = codec->codec_id == AV_CODEC_ID_OPUS && codec->extradata_size >= 12;
    return opus ? AV_RL16(codec->extradata + 10) : 0; /* pre-skip: RFC 7845, 5.1 */
}

/* Whether a time stamp cannot say each sample, as Matroska's milliseconds. */
static bool times_are_coarse(const struct audio *audio)
{
    AVRational base = demux_stream(audio)->time_base;
    return base.den % ((int64_t)base.num * audio->info.rate) != 0;
}

/* libavformat gives a Vorbis packet the time that a packet of its own size has behind one like it:
 * behind one of the other size it is wrong by a quarter of the difference. Vorbis I, 4.2.2: the
 * sizes are powers of two. */
static sample_index vorbis_slip(const AVCodecParameters *codec)
{
    struct slice headers = {(const char *)codec->extradata, (size_t)codec->extradata_size};
    size_t head = slice_find(headers, SLICE("\1vorbis"));
    if (head == SIZE_MAX || headers.size - head <= VORBIS_BLOCKS)
        return VORBIS_LONGEST / 4;
    uint8_t sizes = (uint8_t)headers.data[head + VORBIS_BLOCKS];
    return ((1 << (sizes >> 4)) - (1 << (sizes & 15))) / 4;
}

/* Coarse times do no harm where all frames are of one size. */
static void read_grid(struct audio *audio, struct any_state *state)
{
    bool coarse = times_are_coarse(audio), vorbis = audio->codec->codec_id == AV_CODEC_ID_VORBIS;
    if (!coarse || vorbis || state->grid < 0)
        state->grid = 0;
    if (coarse && state->grid == 0)
        audio->doubt = demux_samples(audio, 1) + 1;
    if (vorbis)
        audio->doubt += vorbis_slip(audio->codec);
    if (coarse)
        audio->end_doubt = state->grid + 1;
}

/* Of all packets; the parameters do not tell Opus's, which is the encoder's choice. */
static int64_t frame_size(const struct audio *audio, const AVPacket *packet)
{
    return audio->codec->codec_id == AV_CODEC_ID_OPUS ? demux_samples(audio, packet->duration)
                                                      : demux_stream(audio)->codecpar->frame_size;
}

static bool read_origin(struct audio *audio, struct any_state *state, struct error *err)
{
    AVPacket *packet = mem_present(av_packet_alloc());
    bool more = false;
    bool read = demux_next(audio, packet, &more, err);
    if (read && more) {
        state->beginning = packet->pts == AV_NOPTS_VALUE ? 0 : packet->pts;
        state->skipped = skipped_at_start(audio, packet);
        state->grid = frame_size(audio, packet);
    }
    av_packet_free(&packet);
    return read && (more || error_set(err, ERROR_INPUT, "%s: holds no audio", audio->source->name));
}

/* Players that go by the times disagree with those that play what comes. */
static bool look_for_gap(struct audio *audio, struct error *err)
{
    AVPacket *packet = mem_present(av_packet_alloc());
    sample_index slack = 2 * (demux_samples(audio, 1) + audio->doubt + 1);
    sample_index expected = 0;
    bool more = true, read = any_seek(audio, 0, err);
    for (int i = 0; i < LOOK_PACKETS && audio->damaged == SAMPLES_SOUND && read; i++) {
        av_packet_unref(packet);
        read = any_next(audio, packet, &more, err);
        sample_index gap = 0;
        if (!read || !more || packet->duration <= 0 || packet->pts == AV_NOPTS_VALUE ||
            !checked_add(packet->pts, -expected, &gap))
            break;
        if (i > 0 && (gap > slack || gap < -slack)) {
            audio->damaged = expected;
            audio->lost = gap > 0 ? gap : -gap;
        }
        if (!checked_add(packet->pts, packet->duration, &expected) || expected == INT64_MIN)
            break;
    }
    av_packet_free(&packet);
    return read;
}

/* The duration that libavformat found or guessed. */
static void read_duration(struct audio *audio, const struct any_state *state)
{
    const AVStream *stream = demux_stream(audio);
    int64_t total = audio->demuxer->duration;
    audio->info.samples = -1;
    audio->info.duration = MILLIS_NONE;
    if (stream->duration > 0 && stream->duration != AV_NOPTS_VALUE)
        audio->info.samples = demux_samples(audio, stream->duration);
    else if (total > 0 && total != AV_NOPTS_VALUE &&
             audio->demuxer->duration_estimation_method != AVFMT_DURATION_FROM_BITRATE)
        audio->info.samples =
            av_rescale_q(total, AV_TIME_BASE_Q, (AVRational){1, audio->info.rate});
    sample_index end = 0;
    if (audio->info.samples >= 0 && state->grid > 0 &&
        checked_add(audio->info.samples, state->skipped + state->grid / 2, &end))
        audio->info.samples = end / state->grid * state->grid - state->skipped;
    if (audio->info.samples >= 0)
        audio->info.duration = millis_of_samples(audio->info.samples, audio->info.rate);
}

bool any_open(struct audio *audio, int64_t body, struct error *err)
{
    (void)body;
    struct any_state *state = mem_zalloc(sizeof *state);
    audio->state = state;
    if (!demux_open(audio, err) || !demux_look_closer(audio, err) || !demux_describe(audio, err) ||
        !read_origin(audio, state, err))
        return false;
    read_grid(audio, state);
    state->preroll = (int64_t)PREROLL_SECONDS * audio->info.rate;
    read_duration(audio, state);
    if (!audio->info.container)
        audio->info.container = audio->demuxer->iformat->name;
    return look_for_gap(audio, err);
}

bool any_seek(struct audio *audio, sample_index position, struct error *err)
{
    const struct any_state *state = audio->state;
    sample_index target = position < 2 * state->preroll ? 0 : position - state->preroll;
    int64_t time = state->beginning;
    if (target > 0)
        time += demux_time(audio, state->skipped + target);
    int code = av_seek_frame(audio->demuxer, audio->demuxed_stream, time, AVSEEK_FLAG_BACKWARD);
    if (code < 0) /* as some demuxers do before their first time stamp */
        code = av_seek_frame(audio->demuxer, audio->demuxed_stream, 0,
                             AVSEEK_FLAG_BACKWARD | AVSEEK_FLAG_ANY);
    return code >= 0 || error_set(err, ERROR_INPUT,
                                  "%s: the position at sample %lld cannot be "
                                  "found in it",
                                  audio->source->name, (long long)position);
}

/* In samples, from the first packet's. */
static int64_t packet_time(const struct audio *audio, const AVPacket *packet)
{
    const struct any_state *state = audio->state;
    int64_t samples = demux_samples(audio, packet->pts - state->beginning);
    return state->grid > 0 ? (samples + state->grid / 2) / state->grid * state->grid : samples;
}

/* What players drop at the packet's end. */
static sample_index discarded(const AVPacket *packet)
{
    size_t size = 0;
    const uint8_t *data = av_packet_get_side_data(packet, AV_PKT_DATA_SKIP_SAMPLES, &size);
    return data && size >= 8 ? AV_RL32(data + 4) : 0;
}

bool any_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err)
{
    struct any_state *state = audio->state;
    if (!demux_next(audio, packet, ret_more, err))
        return false;
    if (!*ret_more) {
        if (state->end == audio->info.samples)
            audio->end_doubt = 0;
        return true;
    }
    if (packet->pts != AV_NOPTS_VALUE)
        packet->pts = packet_time(audio, packet) - state->skipped;
    packet->dts = packet->pts;
    packet->duration = state->grid > 0 ? state->grid : demux_samples(audio, packet->duration);
    if (!checked_add(packet->pts, packet->duration - discarded(packet), &state->end))
        state->end = 0;
    av_packet_free_side_data(packet);
    return true;
}

const struct audio_format any_format = {
    .recognise = any_recognise,
    .open = any_open,
    .close = free,
    .seek = any_seek,
    .next = any_next,
};
