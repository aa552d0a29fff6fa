/* SPDX-License-Identifier: MIT */
#include "audio/copy.h"

#include <string.h>

#include "audio/libav.h"
#include "audio/muxer.h"

const char *copy_extension(const struct audio *audio)
{
    static const struct {
        const char *codec, *extension;
    } rows[] = {
        {"mp3", "mp3"},   {"aac", "m4a"},    {"alac", "m4a"},  {"ac3", "m4a"},
        {"opus", "opus"}, {"vorbis", "ogg"}, {"flac", "flac"}, {"pcm", "wav"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].codec, audio->info.codec) == 0)
            return rows[i].extension;
    return "mka";
}

/* Skips what ends before `start`. */
static bool first_packet(struct audio *audio, sample_index start, AVPacket *packet, bool *ret_more,
                         struct error *err)
{
    if (!audio->format->seek(audio, start, err))
        return false;
    for (;;) {
        bool more = false;
        if (!audio->format->next(audio, packet, &more, err))
            return false;
        if (!more || packet->pts + packet->duration > start) {
            *ret_more = more;
            return true;
        }
        av_packet_unref(packet);
    }
}

/* From `packet` on; the clip's time begins at 0. */
static bool write_packets(struct audio *audio, struct muxer *muxer, sample_index end,
                          AVPacket *packet, struct cut_shape *ret_shape, struct error *err)
{
    AVRational base = {1, audio->info.rate};
    ret_shape->first = packet->pts;
    ret_shape->samples = 0;
    for (;;) {
        packet->pts = packet->dts = ret_shape->samples;
        ret_shape->samples += packet->duration;
        if (!muxer_write(muxer, packet, base, err))
            return false;
        bool more = false;
        if (!audio->format->next(audio, packet, &more, err))
            return false;
        if (!more || packet->pts >= end)
            return true;
    }
}

static bool write_clip(struct audio *audio, const struct cut_range *range, struct muxer *muxer,
                       AVPacket *packet, struct cut_shape *ret_shape, struct error *err)
{
    muxer_take_codec(muxer, audio);
    bool more = false;
    if (!first_packet(audio, range->start, packet, &more, err))
        return false;
    if (!more)
        return error_set(err, ERROR_INPUT, "%s: ends before the clip begins", audio->source->name);
    return muxer_begin(muxer, range, audio->info.rate, err) &&
           write_packets(audio, muxer, range->end, packet, ret_shape, err) && muxer_end(muxer, err);
}

bool copy_cut(struct audio *audio, const struct cut_range *range, struct output *output,
              struct cut_shape *ret_shape, struct error *err)
{
    struct muxer *muxer = muxer_create(copy_extension(audio), output, err);
    if (!muxer)
        return false;
    AVPacket *packet = mem_present(av_packet_alloc());
    struct cut_shape shape = {.why = "whole packets were copied"};
    bool cut = write_clip(audio, range, muxer, packet, &shape, err);
    av_packet_free(&packet);
    muxer_destroy(muxer);
    if (cut)
        *ret_shape = shape;
    return cut;
}
