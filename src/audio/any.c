/* SPDX-License-Identifier: MIT */
/*
 * Files that libavformat can read and for which we have no better way: positions are those of its
 * time stamps.
 */
#include "audio/any.h"

#include "audio/copy.h"
#include "audio/demux.h"
#include "audio/format.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/intreadwrite.h>

/* What a decoder is fed before the sample that is asked for, where its codec does not say more. */
#define PREROLL_SECONDS 1

static bool any_recognise(struct audio *audio, const uint8_t *head, size_t size)
{
    (void)audio, (void)head, (void)size;
    return true;
}

/* What a decoder drops at the start, as the first packet says. */
static int64_t skipped_at_start(const AVPacket *packet)
{
    size_t size = 0;
    const uint8_t *data = av_packet_get_side_data(packet, AV_PKT_DATA_SKIP_SAMPLES, &size);
    return data && size >= 4 ? AV_RL32(data) : 0;
}

static bool read_origin(struct audio *audio, struct any_state *state, struct error *err)
{
    AVPacket *packet = mem_present(av_packet_alloc());
    bool more = false;
    bool read = demux_next(audio, packet, &more, err);
    if (read && more && packet->pts != AV_NOPTS_VALUE)
        state->beginning = packet->pts;
    if (read && more && packet->pts != AV_NOPTS_VALUE)
        state->origin = demux_samples(audio, packet->pts) + skipped_at_start(packet);
    av_packet_free(&packet);
    return read && (more || error_set(err, ERROR_INPUT, "%s: holds no audio", audio->source->name));
}

/* The duration that libavformat found or guessed. */
static void read_duration(struct audio *audio)
{
    const AVStream *stream = demux_stream(audio);
    int64_t total = audio->demuxer->duration;
    audio->info.samples = -1;
    audio->info.duration = MILLIS_NONE;
    if (stream->duration > 0 && stream->duration != AV_NOPTS_VALUE)
        audio->info.samples = demux_samples(audio, stream->duration);
    else if (total > 0 && total != AV_NOPTS_VALUE)
        audio->info.samples =
            av_rescale_q(total, AV_TIME_BASE_Q, (AVRational){1, audio->info.rate});
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
    state->preroll = (int64_t)PREROLL_SECONDS * audio->info.rate;
    read_duration(audio);
    if (audio->info.container)
        return true;
    audio->info.container = audio->demuxer->iformat->name;
    return true;
}

bool any_seek(struct audio *audio, sample_index position, struct error *err)
{
    const struct any_state *state = audio->state;
    sample_index target = position < 2 * state->preroll ? 0 : position - state->preroll;
    int64_t time = target > 0 ? demux_time(audio, state->origin + target) : state->beginning;
    int code = av_seek_frame(audio->demuxer, audio->demuxed_stream, time, AVSEEK_FLAG_BACKWARD);
    if (code < 0) /* as some demuxers do before their first time stamp */
        code = av_seek_frame(audio->demuxer, audio->demuxed_stream, 0,
                             AVSEEK_FLAG_BACKWARD | AVSEEK_FLAG_ANY);
    return code >= 0 || error_set(err, ERROR_INPUT,
                                  "%s: the position at sample %lld cannot be "
                                  "found in it",
                                  audio->source->name, (long long)position);
}

bool any_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err)
{
    const struct any_state *state = audio->state;
    if (!demux_next(audio, packet, ret_more, err))
        return false;
    if (!*ret_more)
        return true;
    if (packet->pts != AV_NOPTS_VALUE)
        packet->pts = demux_samples(audio, packet->pts) - state->origin;
    packet->dts = packet->pts;
    packet->duration = demux_samples(audio, packet->duration);
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
