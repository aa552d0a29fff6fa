/* SPDX-License-Identifier: MIT */
#include "audio/ogg_audio.h"

#include <string.h>

#include "audio/libav.h"

void ogg_audio_set_extradata(struct audio *audio, struct slice data)
{
    struct AVCodecParameters *codec = audio->codec;
    codec->extradata = mem_present(av_mallocz(data.size + AV_INPUT_BUFFER_PADDING_SIZE));
    codec->extradata_size = (int)data.size;
    memcpy(codec->extradata, data.data, data.size);
}

void ogg_audio_measure(struct audio *audio, const struct ogg *ogg, int64_t origin)
{
    struct audio_info *info = &audio->info;
    info->samples = ogg->last - origin;
    info->duration = millis_of_samples(info->samples, info->rate);
    if (info->duration > 0)
        info->bitrate = (audio->source->size - ogg->audio_offset) * 8 * 1000 / info->duration;
}

bool ogg_audio_prove(struct audio *audio, struct ogg *ogg, int64_t origin,
                     const struct cut_range *range, struct error *err)
{
    if (!range->prove_all && !source_is_near(audio->source))
        return true;
    int64_t end = range->end < ogg->last - origin ? origin + range->end : ogg->last;
    if (!ogg_prove(ogg, end, err))
        return false;
    if (ogg->gap < INT64_MAX)
        audio->damaged = ogg->gap - origin;
    audio->lost = ogg->lost;
    return true;
}

bool ogg_audio_next(struct ogg *ogg, int64_t origin, AVPacket *packet, bool *ret_more,
                    struct error *err)
{
    struct ogg_packet found;
    const uint8_t *data = NULL;
    if (!ogg_next(ogg, &found, &data, ret_more, err))
        return false;
    if (!*ret_more)
        return true;
    if (av_new_packet(packet, (int)found.size) < 0)
        mem_present(NULL);
    memcpy(packet->data, data, found.size);
    packet->pts = packet->dts = found.position - origin;
    packet->duration = found.duration;
    packet->flags |= AV_PKT_FLAG_KEY;
    return true;
}
