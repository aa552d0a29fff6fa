/* SPDX-License-Identifier: MIT */
#include "audio/mka.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/intreadwrite.h>

#include "audio/libav.h"
#include "audio/muxer.h"

/* What a decoder needs before the first sample that is heard: at least so many packets, and so many
 * milliseconds. */
static const struct preroll {
    const char *codec;
    size_t packets;
    millis time;
} prerolls[] = {
    {"mp3", 32, 0}, /* of small frames, its bits may stand in the 29 before */
    {"aac", 3, 0},
    {"vorbis", 1, 0},
    {"opus", 1, 1300},
};

static const struct preroll *preroll_of(const char *codec)
{
    static const struct preroll otherwise = {NULL, 4, 100};
    for (size_t i = 0; i < sizeof prerolls / sizeof *prerolls; i++)
        if (strcmp(prerolls[i].codec, codec) == 0)
            return &prerolls[i];
    return &otherwise;
}

/* A packet's time and what it gives, as the cursor comes by. */
struct stop {
    sample_index position, duration;
};

/* The stops from the cursor's goal up to the packet that holds `start`. */
struct stops {
    struct stop *items;
    size_t count, capacity;
};

static bool list_stops(struct audio *audio, sample_index start, AVPacket *packet,
                       struct stops *stops, struct error *err)
{
    if (!audio->format->seek(audio, start, err))
        return false;
    for (;;) {
        bool more = false;
        if (!audio->format->next(audio, packet, &more, err))
            return false;
        if (!more)
            return error_set(err, ERROR_INPUT, "%s: ends before the clip begins",
                             audio->source->name);
        struct stop stop = {packet->pts, packet->duration};
        av_packet_unref(packet);
        stops->items =
            mem_grow(stops->items, &stops->capacity, stops->count + 1, sizeof *stops->items);
        stops->items[stops->count++] = stop;
        if (stop.position + stop.duration > start)
            return true;
    }
}

/* Which of the stops is the first packet of the clip. */
static size_t first_stop(const struct audio *audio, sample_index start, const struct stops *stops)
{
    const struct preroll *preroll = preroll_of(audio->info.codec);
    sample_index from = start - samples_of_millis(preroll->time, audio->info.rate);
    size_t last = stops->count - 1;
    size_t first = last > preroll->packets ? last - preroll->packets : 0;
    while (first > 0 && stops->items[first].position > from)
        first--;
    return first;
}

static int core_rate(const struct audio *audio)
{
    return audio->codec->sample_rate > 0 ? audio->codec->sample_rate : audio->info.rate;
}

/* libavformat counts what is dropped in the rate that the container tells: the core's, where the
 * band is replicated. */
static sample_index core_samples(const struct audio *audio, sample_index samples)
{
    return av_rescale(samples, core_rate(audio), audio->info.rate);
}

/* Has the packet say what is dropped of it, in samples, at its end. */
static void set_discard(AVPacket *packet, sample_index samples)
{
    uint8_t *data = mem_present(av_packet_new_side_data(packet, AV_PKT_DATA_SKIP_SAMPLES, 10));
    memset(data, 0, 10);
    AV_WL32(data + 4, (uint32_t)samples);
}

/* libavformat cannot write a negative DiscardPadding, which drops at the start: a positive one of
 * the same width is put there and turned round afterwards. */
struct discard {
    sample_index samples; /* 0: none */
    int64_t offset;       /* the element is behind this, */
    int64_t limit;        /* and before this */
};

#define DISCARD_ID     0x75a2
#define DISCARD_MAX    (2 + 1 + 8)
#define BLOCK_OVERHEAD 256

/* Element, size, value of an EBML signed integer: RFC 8794, section 7.1. */
static size_t discard_element(int64_t nanos, uint8_t ret_data[DISCARD_MAX], size_t width)
{
    AV_WB16(ret_data, DISCARD_ID);
    ret_data[2] = (uint8_t)(0x80 | width);
    for (size_t i = 0; i < width; i++)
        ret_data[3 + i] = (uint8_t)(nanos >> 8 * (width - 1 - i));
    return 3 + width;
}

static size_t signed_width(int64_t value)
{
    size_t width = 1;
    while (width < 8 &&
           (value < -(INT64_C(1) << (8 * width - 1)) || value >= INT64_C(1) << (8 * width - 1)))
        width++;
    return width;
}

static bool turn_discard(struct output *output, const struct discard *discard, int rate,
                         struct error *err)
{
    if (discard->samples == 0)
        return true;
    int64_t nanos = av_rescale(discard->samples, 1000000000, rate);
    uint8_t positive[DISCARD_MAX], negative[DISCARD_MAX];
    size_t width = signed_width(nanos);
    size_t size = discard_element(nanos, positive, width);
    discard_element(-nanos, negative, width);
    size_t room = (size_t)(discard->limit - discard->offset), got = 0;
    uint8_t *data = mem_alloc(room);
    bool read = output_read_at(output, discard->offset, data, room, &got, err);
    size_t at = 0;
    while (read && at + size <= got && memcmp(data + at, positive, size) != 0)
        at++;
    bool found = read && at + size <= got;
    free(data);
    if (!found)
        return error_set(err, ERROR_UNSUPPORTED, "the clip cannot be written exactly as mka");
    output_seek(output, discard->offset + (int64_t)at);
    return output_write(output, negative, size, err);
}

static bool write_packets(struct audio *audio, const struct cut_range *range, struct muxer *muxer,
                          AVPacket *packet, sample_index origin, struct error *err)
{
    AVRational base = {1, audio->info.rate};
    for (bool more = true; more && packet->pts < range->end;) {
        sample_index past = packet->pts + packet->duration - range->end;
        if (past > 0)
            set_discard(packet, core_samples(audio, past));
        packet->pts -= origin;
        packet->dts = packet->pts;
        if (!muxer_write(muxer, packet, base, err) ||
            !audio->format->next(audio, packet, &more, err))
            return false;
    }
    return muxer_end(muxer, err);
}

static bool begin(struct audio *audio, const struct cut_range *range, struct muxer *muxer,
                  struct error *err)
{
    muxer_take_codec(muxer, audio);
    AVCodecParameters *codec = muxer_stream(muxer)->codecpar;
    codec->initial_padding = 0;
    if (codec->codec_id == AV_CODEC_ID_OPUS && codec->extradata_size >= 12)
        AV_WL16(codec->extradata + 10, 0);   /* pre-skip */
    muxer_option(muxer, "write_crc32", "0"); /* of what is changed afterwards */
    return muxer_begin(muxer, range, audio->info.rate, err);
}

/* Reads the packet of the stop. A demuxer that has learnt more of its file in between may come from
 * nearer by than when the stops were listed. */
static bool go_to(struct audio *audio, sample_index start, const struct stop *stop,
                  AVPacket *packet, struct error *err)
{
    bool more = true;
    if (!audio->format->seek(audio, start, err))
        return false;
    do {
        av_packet_unref(packet);
        if (!audio->format->next(audio, packet, &more, err))
            return false;
    } while (more && (packet->pts != stop->position || packet->duration != stop->duration));
    return more ||
           error_set(err, ERROR_INPUT, "%s: changed while it was read", audio->source->name);
}

/* A packet cannot be cut at both ends: one that is all of a clip keeps its end. */
static struct cut_shape shape_of(const struct cut_range *range, const AVPacket *first,
                                 sample_index discarded)
{
    struct cut_shape shape = {.first = range->start, .samples = range->end - range->start};
    sample_index end = first->pts + first->duration;
    if (discarded > 0 && end > range->end) {
        shape.samples = end - range->start;
        shape.why = "a single packet cannot be cut at both ends";
    }
    return shape;
}

static bool write_clip(struct audio *audio, const struct cut_range *range, struct muxer *muxer,
                       const struct stops *stops, AVPacket *packet, struct discard *ret_discard,
                       struct cut_shape *ret_shape, struct error *err)
{
    size_t first = first_stop(audio, range->start, stops);
    if (!go_to(audio, range->start, &stops->items[first], packet, err) ||
        !begin(audio, range, muxer, err))
        return false;
    bool primes = strcmp(audio->info.codec, "vorbis") == 0; /* its first packet gives nothing */
    sample_index origin = stops->items[first].position;
    sample_index heard =
        primes && first + 1 < stops->count ? stops->items[first + 1].position : origin;
    ret_discard->samples = range->start - heard;
    ret_discard->offset = avio_seek(muxer_context(muxer)->pb, 0, SEEK_CUR) + packet->size;
    ret_discard->limit = ret_discard->offset + BLOCK_OVERHEAD;
    if (ret_discard->samples > 0)
        set_discard(packet, core_samples(audio, ret_discard->samples));
    *ret_shape = shape_of(range, packet, ret_discard->samples);
    struct cut_range played = *range;
    played.end = ret_shape->first + ret_shape->samples;
    return write_packets(audio, &played, muxer, packet, origin, err);
}

bool mka_cut(struct audio *audio, const struct cut_range *range, struct output *output,
             struct cut_shape *ret_shape, struct error *err)
{
    struct muxer *muxer = muxer_create("mka", output, err);
    if (!muxer)
        return false;
    AVPacket *packet = mem_present(av_packet_alloc());
    struct stops stops = {0};
    struct discard discard = {0};
    struct cut_shape shape;
    bool cut = list_stops(audio, range->start, packet, &stops, err) &&
               write_clip(audio, range, muxer, &stops, packet, &discard, &shape, err);
    free(stops.items);
    av_packet_free(&packet);
    muxer_destroy(muxer);
    discard.samples = core_samples(audio, discard.samples);
    if (!cut || !turn_discard(output, &discard, core_rate(audio), err))
        return false;
    *ret_shape = shape;
    return true;
}
