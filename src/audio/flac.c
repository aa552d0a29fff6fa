/* SPDX-License-Identifier: MIT */
/*
 * FLAC in its own container (RFC 9639). Each frame decodes for itself.
 */
#include "audio/format.h"

#include <stdlib.h>
#include <string.h>

#include "audio/demux.h"
#include "audio/flac_cut.h"
#include "audio/flac_hear.h"
#include "audio/flac_walk.h"
#include "audio/libav.h"

/* What libavcodec decodes, and our own edges can be taken from. */
#define MAX_DEPTH 24

static bool flac_recognise(struct audio *audio, const uint8_t *head, size_t size)
{
    (void)audio;
    return size >= 4 && memcmp(head, "fLaC", 4) == 0;
}

/* The standard's (section 9.1.3), unless a tag of the file says another one, which libavformat
 * knows. */
static void set_layout(struct audio *audio, int channels)
{
    static const uint64_t masks[] = {
        AV_CH_LAYOUT_MONO,    AV_CH_LAYOUT_STEREO,  AV_CH_LAYOUT_SURROUND, AV_CH_LAYOUT_QUAD,
        AV_CH_LAYOUT_5POINT0, AV_CH_LAYOUT_5POINT1, AV_CH_LAYOUT_6POINT1,  AV_CH_LAYOUT_7POINT1,
    };
    AVChannelLayout *layout = &audio->codec->ch_layout;
    av_channel_layout_from_mask(layout, masks[channels - 1]);
    if (channels <= 2 || !demux_open(audio, NULL))
        return;
    const AVChannelLayout *told = &demux_stream(audio)->codecpar->ch_layout;
    if (told->order == AV_CHANNEL_ORDER_NATIVE && told->nb_channels == channels &&
        av_channel_layout_copy(layout, told) < 0)
        mem_present(NULL);
}

static void describe(struct audio *audio, const struct flac_walk *walk)
{
    const struct flac_stream *stream = &walk->stream;
    struct AVCodecParameters *codec = audio->codec;
    codec->codec_type = AVMEDIA_TYPE_AUDIO;
    codec->codec_id = AV_CODEC_ID_FLAC;
    codec->sample_rate = stream->rate;
    codec->bits_per_raw_sample = stream->depth;
    set_layout(audio, stream->channels);
    codec->extradata = mem_present(av_mallocz(FLAC_STREAMINFO_SIZE + AV_INPUT_BUFFER_PADDING_SIZE));
    codec->extradata_size = FLAC_STREAMINFO_SIZE;
    memcpy(codec->extradata, walk->header, FLAC_STREAMINFO_SIZE);
    audio->info.codec = "flac";
    audio->info.rate = stream->rate;
    audio->info.channels = stream->channels;
    audio->info.samples = walk->samples;
    audio->info.duration = millis_of_samples(walk->samples, stream->rate);
    if (audio->info.duration > 0)
        audio->info.bitrate = (walk->end - walk->first) * 8 * 1000 / audio->info.duration;
}

static void flac_close(void *opaque)
{
    struct flac_walk *walk = opaque;
    if (walk)
        flac_walk_close(walk);
    free(walk);
}

/* What is not as the standard has it is left to libavformat. */
static bool flac_open(struct audio *audio, int64_t body, struct error *err)
{
    struct flac_walk *walk = mem_zalloc(sizeof *walk);
    bool usual = false;
    audio->state = walk;
    if (!flac_walk_open(walk, audio->source, body, &usual, err))
        return false;
    if (usual && walk->stream.depth <= MAX_DEPTH) {
        describe(audio, walk);
        return true;
    }
    flac_close(walk);
    audio->state = NULL;
    audio->format = &any_format;
    return any_format.open(audio, body, err);
}

static bool flac_seek(struct audio *audio, sample_index position, struct error *err)
{
    return flac_walk_seek(audio->state, position > 0 ? position : 0, err);
}

static bool flac_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err)
{
    struct flac_found found;
    if (!flac_walk_next(audio->state, &found, ret_more, err))
        return false;
    if (!*ret_more)
        return true;
    if (av_new_packet(packet, (int)found.size) < 0)
        mem_present(NULL);
    memcpy(packet->data, found.data, found.size);
    packet->pts = packet->dts = found.position;
    packet->duration = found.frame.block;
    packet->flags |= AV_PKT_FLAG_KEY;
    return true;
}

/* Frames say their number, and who has played from the beginning on does not go by it. */
static bool flac_prove(struct audio *audio, const struct cut_range *range, struct error *err)
{
    struct flac_walk *walk = audio->state;
    bool regular = true;
    if (audio->proved == INT64_MAX || (!range->prove_all && !source_is_near(audio->source)))
        return true;
    if (!flac_walk_is_regular(walk, range->end, &regular, err))
        return false;
    if (regular)
        return true;
    audio->proved = INT64_MAX;
    return flac_hear(audio, walk, err);
}

static bool flac_cut_clip(struct audio *audio, const struct cut_range *range, struct output *output,
                          struct cut_shape *ret_shape, struct error *err)
{
    return flac_cut(audio, audio->state, range, output, ret_shape, err);
}

const struct audio_format flac_format = {
    .container = "flac",
    .extension = "flac",
    .recognise = flac_recognise,
    .open = flac_open,
    .close = flac_close,
    .seek = flac_seek,
    .next = flac_next,
    .prove = flac_prove,
    .cut = flac_cut_clip,
    .same_packet = flac_same_packet,
};
