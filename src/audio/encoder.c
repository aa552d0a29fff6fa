/* SPDX-License-Identifier: MIT */
#include "audio/encoder.h"

#define OPUS_RATE 48000

/* FFmpeg 7.1 has a function for what fields told before. Each list ends as that of the field did,
 * and is NULL where the encoder takes anything. */
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(61, 13, 100)

static const void *supported(const AVCodec *codec, enum AVCodecConfig kind)
{
    const void *list = NULL;
    return avcodec_get_supported_config(NULL, codec, kind, 0, &list, NULL) < 0 ? NULL : list;
}

static const enum AVSampleFormat *formats_of(const AVCodec *codec)
{
    return supported(codec, AV_CODEC_CONFIG_SAMPLE_FORMAT);
}

static const int *rates_of(const AVCodec *codec)
{
    return supported(codec, AV_CODEC_CONFIG_SAMPLE_RATE);
}

static const AVChannelLayout *layouts_of(const AVCodec *codec)
{
    return supported(codec, AV_CODEC_CONFIG_CHANNEL_LAYOUT);
}

#else

static const enum AVSampleFormat *formats_of(const AVCodec *codec)
{
    return codec->sample_fmts;
}

static const int *rates_of(const AVCodec *codec)
{
    return codec->supported_samplerates;
}

static const AVChannelLayout *layouts_of(const AVCodec *codec)
{
    return codec->ch_layouts;
}

#endif

enum AVSampleFormat encoder_format(const AVCodec *codec, bool lossless, bool deep)
{
    const enum AVSampleFormat *formats = formats_of(codec);
    if (!formats)
        return lossless && !deep ? AV_SAMPLE_FMT_S16 : AV_SAMPLE_FMT_FLT;
    for (const enum AVSampleFormat *format = formats; *format != AV_SAMPLE_FMT_NONE; format++) {
        enum AVSampleFormat packed = av_get_packed_sample_fmt(*format);
        bool fits = lossless ? (packed == AV_SAMPLE_FMT_S32) == deep : packed == AV_SAMPLE_FMT_FLT;
        if (fits)
            return *format;
    }
    return formats[0];
}

int encoder_rate(const AVCodec *codec, int wanted)
{
    if (codec->id == AV_CODEC_ID_OPUS)
        return OPUS_RATE; /* whatever goes in, that comes out */
    const int *rates = rates_of(codec);
    if (!rates)
        return wanted;
    int best = rates[0];
    for (const int *rate = rates; *rate; rate++) {
        bool nearer = best < wanted ? *rate > best : *rate >= wanted && *rate < best;
        if (nearer)
            best = *rate;
    }
    return best;
}

int encoder_channels(const AVCodec *codec, int wanted)
{
    const AVChannelLayout *layouts = layouts_of(codec);
    if (!layouts)
        return wanted;
    for (const AVChannelLayout *layout = layouts; layout->nb_channels; layout++)
        if (layout->nb_channels == wanted)
            return wanted;
    return 2;
}
