/* SPDX-License-Identifier: MIT */
#include "audio/demux.h"

#include <string.h>

#include "audio/avio.h"
#include "audio/libav.h"
#include "audio/mp4.h"

/* libav's own rates and counts are ints; what is outside of these is a damaged file. */
#define MAX_RATE     768000
#define MAX_CHANNELS 64

AVStream *demux_stream(const struct audio *audio)
{
    return audio->demuxer->streams[audio->demuxed_stream];
}

bool demux_is(const struct audio *audio, const char *name)
{
    return strncmp(audio->demuxer->iformat->name, name, strlen(name)) == 0;
}

/* libav's choice of the best needs rates and channels, which not every header tells. */
static int choose_stream(AVFormatContext *demuxer)
{
    int best = av_find_best_stream(demuxer, AVMEDIA_TYPE_AUDIO, -1, -1, NULL, 0);
    for (unsigned i = 0; best < 0 && i < demuxer->nb_streams; i++)
        if (demuxer->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO)
            best = (int)i;
    return best;
}

/* Takes over `avio` in any case. */
static bool open_input(struct audio *audio, AVIOContext *avio, struct error *err)
{
    AVFormatContext *demuxer = mem_present(avformat_alloc_context());
    demuxer->pb = avio;
    demuxer->flags |= AVFMT_FLAG_CUSTOM_IO;
    int code = avformat_open_input(&demuxer, audio->source->name, NULL, NULL);
    if (code < 0) {
        avio_error(avio, code, err, "cannot be read as audio");
        avio_destroy(avio);
        return false;
    }
    audio->demuxer = demuxer;
    return true;
}

bool demux_open(struct audio *audio, struct error *err)
{
    if (audio->demuxer)
        return true;
    struct source *source = audio->mp4 ? mp4_audio_described(audio->mp4) : audio->source;
    if (!open_input(audio, avio_of_source(source), err))
        return false;
    int episode = choose_stream(audio->demuxer);
    if (episode < 0) {
        demux_close(audio);
        return error_set(err, ERROR_INPUT, "%s: holds no audio", audio->source->name);
    }
    for (unsigned i = 0; i < audio->demuxer->nb_streams; i++)
        audio->demuxer->streams[i]->discard = (int)i == episode ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
    audio->demuxed_stream = episode;
    return true;
}

void demux_close(struct audio *audio)
{
    if (!audio->demuxer)
        return;
    AVIOContext *avio = audio->demuxer->pb;
    avformat_close_input(&audio->demuxer);
    avio_destroy(avio);
}

bool demux_look_closer(struct audio *audio, struct error *err)
{
    int code = avformat_find_stream_info(audio->demuxer, NULL);
    if (code < 0)
        return avio_error(audio->demuxer->pb, code, err, "cannot be read as audio");
    return true;
}

bool demux_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err)
{
    AVFormatContext *demuxer = audio->demuxer;
    int code;
    while ((code = av_read_frame(demuxer, packet)) >= 0) {
        if (packet->stream_index == audio->demuxed_stream && packet->size > 0)
            break;
        av_packet_unref(packet);
    }
    /* Damage at the end of a file is its end; a source that cannot be read is not. */
    if (avio_failed(demuxer->pb))
        return avio_error(demuxer->pb, code, err, "cannot be read");
    *ret_more = code >= 0;
    return true;
}

int64_t demux_samples(const struct audio *audio, int64_t time)
{
    return av_rescale_q(time, demux_stream(audio)->time_base, (AVRational){1, audio->info.rate});
}

int64_t demux_time(const struct audio *audio, int64_t samples)
{
    return av_rescale_q(samples, (AVRational){1, audio->info.rate}, demux_stream(audio)->time_base);
}

static const char *codec_name(enum AVCodecID id)
{
    const char *name = avcodec_get_name(id);
    return strncmp(name, "pcm_", 4) == 0 ? "pcm" : name;
}

bool demux_describe(struct audio *audio, struct error *err)
{
    const AVCodecParameters *parameters = demux_stream(audio)->codecpar;
    if (parameters->sample_rate <= 0 || parameters->sample_rate > MAX_RATE ||
        parameters->ch_layout.nb_channels <= 0 || parameters->ch_layout.nb_channels > MAX_CHANNELS)
        return error_set(err, ERROR_INPUT, "%s: says neither its rate nor its channels",
                         audio->source->name);
    if (avcodec_parameters_copy(audio->codec, parameters) < 0)
        mem_present(NULL);
    audio->info.codec = codec_name(parameters->codec_id);
    audio->info.rate = parameters->sample_rate;
    audio->info.channels = parameters->ch_layout.nb_channels;
    audio->info.bitrate = parameters->bit_rate > 0       ? parameters->bit_rate
                          : audio->demuxer->bit_rate > 0 ? audio->demuxer->bit_rate
                                                         : 0;
    return true;
}
