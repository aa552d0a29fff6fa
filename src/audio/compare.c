/* SPDX-License-Identifier: MIT */
#include "audio/compare.h"

#include <math.h>
#include <string.h>

bool comparison_open(struct comparison *comparison, struct audio *audio,
                     const struct cut_shape *shape, sample_index position, struct error *err)
{
    AVPacket *primer =
        audio->format->primer ? audio->format->primer(audio, shape->first + position) : NULL;
    *comparison = (struct comparison){
        .decoder = decoder_create(audio, shape->first + position, shape->first + shape->samples,
                                  primer, err),
        .frame = mem_present(av_frame_alloc()),
        .position = position,
    };
    av_packet_free(&primer);
    return comparison->decoder != NULL;
}

void comparison_close(struct comparison *comparison)
{
    decoder_destroy(comparison->decoder);
    av_frame_free(&comparison->frame);
    *comparison = (struct comparison){0};
}

static double sample_at(const AVFrame *frame, int channel, int i)
{
    enum AVSampleFormat format = (enum AVSampleFormat)frame->format;
    bool planar = av_sample_fmt_is_planar(format);
    const uint8_t *plane = frame->extended_data[planar ? channel : 0];
    int at = planar ? i : i * frame->ch_layout.nb_channels + channel;
    switch (av_get_packed_sample_fmt(format)) {
    case AV_SAMPLE_FMT_U8:
        return (plane[at] - 128) / 128.0;
    case AV_SAMPLE_FMT_S16:
        return ((const int16_t *)plane)[at] / 32768.0;
    case AV_SAMPLE_FMT_S32:
        return ((const int32_t *)plane)[at] / 2147483648.0;
    case AV_SAMPLE_FMT_FLT:
        return ((const float *)plane)[at];
    case AV_SAMPLE_FMT_DBL:
        return ((const double *)plane)[at];
    default:
        return 0;
    }
}

/* Whether the first `count` samples are the same bits. */
static bool same_bits(const AVFrame *a, const AVFrame *b, int count)
{
    enum AVSampleFormat format = (enum AVSampleFormat)a->format;
    if (a->format != b->format)
        return false;
    bool planar = av_sample_fmt_is_planar(format);
    int channels = a->ch_layout.nb_channels;
    size_t size =
        (size_t)av_get_bytes_per_sample(format) * (size_t)count * (planar ? 1 : (size_t)channels);
    for (int i = 0; i < (planar ? channels : 1); i++)
        if (memcmp(a->extended_data[i], b->extended_data[i], size) != 0)
            return false;
    return true;
}

static double difference(const AVFrame *a, const AVFrame *b, int count)
{
    if (same_bits(a, b, count))
        return 0;
    double max = 0;
    for (int channel = 0; channel < a->ch_layout.nb_channels; channel++)
        for (int i = 0; i < count; i++) {
            double diff = fabs(sample_at(a, channel, i) - sample_at(b, channel, i));
            if (!(diff <= max)) /* what is no number is as wrong as can be */
                max = isfinite(diff) ? diff : 2;
        }
    return max;
}

/* Has a frame of the episode that begins where the comparison is; false where there is none. */
static bool have_episode(struct comparison *comparison, sample_index first, bool *ret_there,
                         struct error *err)
{
    *ret_there = true;
    if (comparison->frame->nb_samples > 0)
        return true;
    av_frame_unref(comparison->frame);
    if (!decoder_read(comparison->decoder, comparison->frame, ret_there, err))
        return false;
    if (*ret_there && comparison->frame->pts != first + comparison->position)
        *ret_there = false;
    return true;
}

/* Compares a frame of the clip, which is used up, with the episode from the position on. Where the
 * episode has nothing more the samples are only counted. */
bool comparison_add(struct comparison *comparison, sample_index first, AVFrame *clip,
                    struct error *err)
{
    while (clip->nb_samples > 0) {
        bool there = false;
        if (!comparison->missing && !have_episode(comparison, first, &there, err))
            return false;
        if (!there) {
            comparison->missing = true;
            comparison->position += clip->nb_samples;
            return true;
        }
        AVFrame *episode = comparison->frame;
        int count = episode->nb_samples < clip->nb_samples ? episode->nb_samples : clip->nb_samples;
        double diff = episode->ch_layout.nb_channels == clip->ch_layout.nb_channels
                          ? difference(clip, episode, count)
                          : 2;
        if (diff > comparison->max_diff)
            comparison->max_diff = diff;
        comparison->position += count;
        frame_trim(episode, count, episode->nb_samples - count);
        frame_trim(clip, count, clip->nb_samples - count);
    }
    return true;
}
