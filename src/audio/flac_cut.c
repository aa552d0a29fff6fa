/* SPDX-License-Identifier: MIT */
#include "audio/flac_cut.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/intreadwrite.h>

#include "audio/decode.h"
#include "audio/flac_write.h"
#include "audio/libav.h"
#include "audio/muxer.h"

/* Of frames of our own, where the clip's need not be of one size. */
#define EDGE_BLOCK 4096

/* More than that is not filled up with silence: the clip ends there. */
#define MAX_GAP_SECONDS 60

struct flac_clip {
    struct audio *audio;
    struct flac_walk *walk;
    const struct cut_range *range;
    struct muxer *muxer;
    AVPacket *packet;
    struct buffer bytes; /* the frame that is being made */
    struct AVMD5 *md5;   /* NULL: it is left open */

    struct flac_frame like;    /* a frame of the source */
    sample_index head, tail;   /* what is before and behind is encoded */
    bool variable;             /* frames are numbered by samples */
    sample_index position;     /* of the source, that is written next */
    int64_t frames;            /* written */
    struct flac_stream stream; /* the clip's, as far as it is written */
    int last_block; /* samples of the last frame, which does not count for the smallest */
    bool damaged;   /* not all could be read */
};

static int64_t number_of(const struct flac_clip *clip)
{
    return clip->variable ? clip->position - clip->range->start : clip->frames;
}

/* What STREAMINFO says of all frames. */
static void count_frame(struct flac_clip *clip, int block, int64_t size)
{
    struct flac_stream *stream = &clip->stream;
    if (clip->frames > 0 && (clip->last_block < stream->min_block || stream->min_block == 0))
        stream->min_block = clip->last_block;
    if (block > stream->max_block)
        stream->max_block = block;
    if (size < stream->min_size || clip->frames == 0)
        stream->min_size = size;
    if (size > stream->max_size)
        stream->max_size = size;
    stream->samples += block;
    clip->last_block = block;
    clip->frames++;
}

/* The frame in the buffer. */
static bool write_bytes(struct flac_clip *clip, int block, struct error *err)
{
    AVPacket *packet = clip->packet;
    if (av_new_packet(packet, (int)clip->bytes.size) < 0)
        mem_present(NULL);
    memcpy(packet->data, clip->bytes.data, clip->bytes.size);
    packet->pts = packet->dts = clip->position - clip->range->start;
    packet->duration = block;
    packet->flags |= AV_PKT_FLAG_KEY;
    count_frame(clip, block, packet->size);
    clip->position += block;
    buffer_clear(&clip->bytes);
    return muxer_write(clip->muxer, packet, (AVRational){1, clip->audio->info.rate}, err);
}

static bool copy_frame(struct flac_clip *clip, const struct flac_found *found, struct error *err)
{
    struct flac_frame frame = found->frame;
    frame.variable = clip->variable;
    frame.number = number_of(clip);
    flac_append_header(&frame, &clip->bytes);
    buffer_append(&clip->bytes, found->data + frame.header, found->size - frame.header - 2);
    flac_append_checksum(&clip->bytes, 0);
    return write_bytes(clip, frame.block, err);
}

/* Samples of all channels, one after the other, in frames of about the same size. */
static bool write_samples(struct flac_clip *clip, const int32_t *samples, sample_index count,
                          struct error *err)
{
    sample_index most = clip->variable ? EDGE_BLOCK : clip->walk->block;
    sample_index parts = (count + most - 1) / most, done = 0;
    sample_index size = clip->variable ? (count + parts - 1) / parts : most;
    while (done < count) {
        int block = (int)(count - done < size ? count - done : size);
        flac_write_frame(&clip->like, number_of(clip), clip->variable, clip->walk->stream.depth,
                         samples + done, (size_t)count, block, &clip->bytes);
        if (!write_bytes(clip, block, err))
            return false;
        done += block;
    }
    return true;
}

/* What is missing in the source. False, too, at the end of what is worth it: `position` stays. */
static bool write_silence(struct flac_clip *clip, sample_index until, struct error *err)
{
    sample_index most = clip->variable ? EDGE_BLOCK : clip->walk->block;
    int32_t *silence = mem_zalloc((size_t)most * (size_t)clip->like.channels * sizeof *silence);
    bool written = true;
    clip->damaged = true;
    while (written && clip->position < until) {
        sample_index left = until - clip->position;
        written = write_samples(clip, silence, left < most ? left : most, err);
    }
    free(silence);
    return written;
}

/* The samples of a channel, as they were before libavcodec moved them up to fill its type, into
 * each `step`-th number. */
static void take(const AVFrame *frame, int channel, int depth, int32_t *ret_samples, int step)
{
    enum AVSampleFormat format = (enum AVSampleFormat)frame->format;
    bool planar = av_sample_fmt_is_planar(format);
    bool narrow = av_get_packed_sample_fmt(format) == AV_SAMPLE_FMT_S16;
    int width = planar ? 1 : frame->ch_layout.nb_channels, first = planar ? 0 : channel;
    const void *plane = frame->extended_data[planar ? channel : 0];
    const int16_t *shorts = (const int16_t *)plane + first;
    const int32_t *words = (const int32_t *)plane + first;
    for (int i = 0; i < frame->nb_samples; i++, ret_samples += step)
        *ret_samples =
            narrow ? shorts[i * width] >> (16 - depth) : words[i * width] >> (32 - depth);
}

/* The MD5 is over the samples of all channels in turn, in as many whole bytes as they need, the
 * lowest first (section 8.2). */
static void sum(struct flac_clip *clip, const AVFrame *frame)
{
    int depth = clip->walk->stream.depth, width = (depth + 7) / 8;
    int channels = frame->ch_layout.nb_channels, count = frame->nb_samples * channels;
    int32_t *samples = mem_alloc_array((size_t)count, sizeof *samples);
    for (int channel = 0; channel < channels; channel++)
        take(frame, channel, depth, samples + channel, channels);
    uint8_t *bytes = buffer_extend(&clip->bytes, (size_t)(count * width) + sizeof *samples);
    for (int i = 0; i < count; i++) /* what is written too far is written over */
        AV_WL32(bytes + i * width, (uint32_t)samples[i]);
    av_md5_update(clip->md5, bytes, (size_t)(count * width));
    buffer_clear(&clip->bytes);
    free(samples);
}

static void keep(const AVFrame *frame, int depth, sample_index at, int32_t *ret_samples,
                 sample_index stride)
{
    for (int channel = 0; channel < frame->ch_layout.nb_channels; channel++)
        take(frame, channel, depth, ret_samples + channel * stride + at, 1);
}

static bool is_like_the_source(const struct flac_clip *clip, const AVFrame *frame)
{
    enum AVSampleFormat packed = av_get_packed_sample_fmt((enum AVSampleFormat)frame->format);
    return frame->ch_layout.nb_channels == clip->like.channels &&
           (packed == AV_SAMPLE_FMT_S32 || packed == AV_SAMPLE_FMT_S16);
}

/* Decodes a range for the MD5 and, where `ret_samples` is not NULL, into that, channel after
 * channel. What cannot be decoded stays as it is there. */
static bool decode(struct flac_clip *clip, sample_index from, sample_index to, int32_t *ret_samples,
                   struct error *err)
{
    struct decoder *decoder = decoder_create(clip->audio, from, to, NULL, err);
    AVFrame *frame = mem_present(av_frame_alloc());
    sample_index at = from;
    bool more = true, read = decoder != NULL;
    while (read && more) {
        read = decoder_read(decoder, frame, &more, err);
        if (!read || !more)
            break;
        if (frame->pts != at || !is_like_the_source(clip, frame))
            clip->damaged = true;
        else if (clip->md5)
            sum(clip, frame);
        if (ret_samples && frame->pts >= from && is_like_the_source(clip, frame))
            keep(frame, clip->walk->stream.depth, frame->pts - from, ret_samples, to - from);
        at = frame->pts + frame->nb_samples;
        av_frame_unref(frame);
    }
    clip->damaged = clip->damaged || at != to;
    av_frame_free(&frame);
    decoder_destroy(decoder);
    return read;
}

static bool write_edge(struct flac_clip *clip, sample_index until, struct error *err)
{
    sample_index count = until - clip->position;
    if (count <= 0)
        return true;
    int32_t *samples = mem_zalloc((size_t)count * (size_t)clip->like.channels * sizeof *samples);
    bool written = decode(clip, clip->position, until, samples, err) &&
                   write_samples(clip, samples, count, err);
    free(samples);
    return written;
}

/* The frames that lie between the edges. */
static bool copy_frames(struct flac_clip *clip, struct error *err)
{
    sample_index most = (sample_index)MAX_GAP_SECONDS * clip->audio->info.rate;
    if (!flac_walk_seek(clip->walk, clip->position, err))
        return false;
    while (clip->position < clip->tail) {
        struct flac_found found;
        bool more = false;
        if (!flac_walk_next(clip->walk, &found, &more, err))
            return false;
        if (!more || found.position - clip->position > most || found.position >= clip->tail) {
            clip->damaged = true;
            return clip->tail - clip->position > most || !more ||
                   write_silence(clip, clip->tail, err);
        }
        if (found.position > clip->position && !write_silence(clip, found.position, err))
            return false;
        if (found.position < clip->position)
            continue;
        if (!copy_frame(clip, &found, err))
            return false;
    }
    return true;
}

/* The end of the first whole frame, or of the one behind it, that a first frame can end with, which
 * has a smallest size. */
static bool plan_head(struct flac_clip *clip, struct error *err)
{
    sample_index start = clip->range->start;
    struct flac_found found;
    bool more = true;
    if (!flac_walk_seek(clip->walk, start, err) || !flac_walk_next(clip->walk, &found, &more, err))
        return false;
    if (!more)
        return error_set(err, ERROR_INPUT, "%s: ends before the clip begins",
                         clip->audio->source->name);
    clip->like = found.frame;
    clip->variable = clip->walk->variable || found.position != start;
    clip->head = start;
    if (found.position >= start)
        return true;
    for (clip->head = found.position + found.frame.block;
         more && clip->head - start < FLAC_MIN_BLOCK && clip->head < clip->range->end;
         clip->head = more ? found.position + found.frame.block : clip->head)
        if (!flac_walk_next(clip->walk, &found, &more, err))
            return false;
    if (clip->head > clip->range->end)
        clip->head = clip->range->end;
    return true;
}

/* The beginning of the frame that the clip ends in, unless it ends with it. */
static bool plan_tail(struct flac_clip *clip, struct error *err)
{
    sample_index end = clip->range->end;
    struct flac_found found;
    bool more = false;
    if (!flac_walk_seek(clip->walk, end - 1, err) ||
        !flac_walk_next(clip->walk, &found, &more, err))
        return false;
    clip->tail = end;
    if (more && found.position < end && found.position + found.frame.block > end)
        clip->tail = found.position;
    if (clip->tail < clip->head)
        clip->tail = clip->head;
    return true;
}

static bool write_sound(struct flac_clip *clip, struct error *err)
{
    if (!write_edge(clip, clip->head, err) || !copy_frames(clip, err))
        return false;
    if (clip->md5 && clip->position > clip->head && !clip->damaged &&
        !decode(clip, clip->head, clip->position, NULL, err))
        return false;
    return clip->position < clip->tail || write_edge(clip, clip->range->end, err);
}

/* What the header says is known at the end only. */
static bool write_header(struct flac_clip *clip, struct error *err)
{
    struct flac_stream *stream = &clip->stream;
    if (stream->max_block < FLAC_MIN_BLOCK)
        stream->max_block = FLAC_MIN_BLOCK;
    if (clip->frames <= 1)
        stream->min_block = stream->max_block;
    if (clip->md5 && !clip->damaged)
        av_md5_final(clip->md5, stream->md5);
    uint8_t *header =
        av_packet_new_side_data(clip->packet, AV_PKT_DATA_NEW_EXTRADATA, FLAC_STREAMINFO_SIZE);
    flac_format_stream(stream, mem_present(header));
    return muxer_write(clip->muxer, clip->packet, (AVRational){1, clip->audio->info.rate}, err) &&
           muxer_end(clip->muxer, err);
}

static bool write_clip(struct flac_clip *clip, struct error *err)
{
    const struct audio *audio = clip->audio;
    const struct flac_stream *source = &clip->walk->stream;
    muxer_take_codec(clip->muxer, audio);
    clip->stream = (struct flac_stream){
        .rate = source->rate, .channels = source->channels, .depth = source->depth};
    clip->position = clip->range->start;
    if (clip->range->prove) {
        clip->md5 = mem_present(av_md5_alloc());
        av_md5_init(clip->md5);
    }
    if (!plan_head(clip, err) || !plan_tail(clip, err) ||
        !flac_walk_seek(clip->walk, clip->position, err))
        return false;
    flac_walk_expect(clip->walk, clip->range->end - clip->position);
    return muxer_begin(clip->muxer, clip->range, audio->info.rate, err) && write_sound(clip, err) &&
           write_header(clip, err);
}

bool flac_cut(struct audio *audio, struct flac_walk *walk, const struct cut_range *range,
              struct output *output, struct cut_shape *ret_shape, struct error *err)
{
    struct flac_clip clip = {
        .audio = audio,
        .walk = walk,
        .range = range,
        .muxer = muxer_create("flac", output, err),
        .packet = mem_present(av_packet_alloc()),
        .bytes = BUFFER_INIT(BUFFER_UNBOUNDED),
    };
    bool cut = clip.muxer && write_clip(&clip, err);
    if (cut)
        *ret_shape = (struct cut_shape){
            .first = range->start,
            .samples = clip.stream.samples,
            .altered = clip.damaged,
            .why = clip.damaged ? "the episode is damaged there" : NULL,
        };
    muxer_destroy(clip.muxer);
    av_packet_free(&clip.packet);
    buffer_release(&clip.bytes);
    av_free(clip.md5);
    return cut;
}

bool flac_same_packet(const AVPacket *a, const AVPacket *b)
{
    struct flac_frame first, second;
    if (!flac_parse_frame(a->data, (size_t)a->size, &first) ||
        !flac_parse_frame(b->data, (size_t)b->size, &second))
        return false;
    size_t size = (size_t)a->size - first.header;
    return size >= 2 && size == (size_t)b->size - second.header &&
           memcmp(first.codes, second.codes, sizeof first.codes) == 0 &&
           memcmp(first.fields, second.fields, sizeof first.fields) == 0 &&
           memcmp(a->data + first.header, b->data + second.header, size - 2) == 0;
}
