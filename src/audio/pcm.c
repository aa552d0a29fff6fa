/* SPDX-License-Identifier: MIT */
#include "audio/pcm.h"

#include <math.h>
#include <stdbool.h>

/* One channel out of a plane into its place in `out`; `step` is the distance of samples in the
 * plane, `width` in `out`. */
static void copy_channel(enum AVSampleFormat packed, const uint8_t *plane, int at, int step,
                         int count, float *out, int width)
{
    for (int i = 0; i < count; i++, at += step, out += width)
        switch (packed) {
        case AV_SAMPLE_FMT_U8:
            *out = (float)(plane[at] - 128) / 128;
            break;
        case AV_SAMPLE_FMT_S16:
            *out = (float)((const int16_t *)plane)[at] / 32768;
            break;
        case AV_SAMPLE_FMT_S32:
            *out = (float)((double)((const int32_t *)plane)[at] / 2147483648.0);
            break;
        case AV_SAMPLE_FMT_FLT:
            *out = ((const float *)plane)[at];
            break;
        case AV_SAMPLE_FMT_DBL:
            *out = (float)((const double *)plane)[at];
            break;
        default:
            *out = 0;
            break;
        }
}

void pcm_interleave(const AVFrame *frame, float *ret_samples)
{
    enum AVSampleFormat format = (enum AVSampleFormat)frame->format;
    enum AVSampleFormat packed = av_get_packed_sample_fmt(format);
    bool planar = av_sample_fmt_is_planar(format);
    int channels = frame->ch_layout.nb_channels;
    for (int i = 0; i < channels; i++)
        copy_channel(packed, frame->extended_data[planar ? i : 0], planar ? 0 : i,
                     planar ? 1 : channels, frame->nb_samples, ret_samples + i, channels);
    for (int i = 0; i < frame->nb_samples * channels; i++)
        if (!isfinite(ret_samples[i]))
            ret_samples[i] = 0;
}
