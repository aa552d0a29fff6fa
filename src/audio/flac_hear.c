/* SPDX-License-Identifier: MIT */
#include "audio/flac_hear.h"

#include "audio/decode.h"
#include "audio/demux.h"
#include "audio/libav.h"

/* How a stream begins: the signature, and the header of STREAMINFO. */
#define STREAM_HEAD "fLaC\0\0\0\x22"

struct hearing {
    struct audio *audio;
    struct flac_walk *walk;
    AVCodecContext *context;
    AVPacket *packet;
    AVFrame *frame;

    struct flac_found next; /* of the frames that the walk finds, not yet heard; its data is gone */
    bool more;              /* there is one */
    sample_index end;       /* of the frame before it */
    int64_t end_offset;

    sample_index played; /* so far, with what is played behind the recording's end */
    sample_index broken, lost;
    bool again; /* another stream has begun */
};

static bool hearing_open(struct hearing *hearing, struct audio *audio, struct flac_walk *walk,
                         struct error *err)
{
    *hearing = (struct hearing){
        .audio = audio,
        .walk = walk,
        .packet = mem_present(av_packet_alloc()),
        .frame = mem_present(av_frame_alloc()),
        .end_offset = walk->first,
        .broken = SAMPLES_SOUND,
    };
    demux_close(audio); /* it is to begin at the beginning */
    if (!demux_open(audio, err))
        return false;
    hearing->context = decode_open(demux_stream(audio)->codecpar, (AVRational){0, 1});
    return hearing->context || error_set(err, ERROR_UNSUPPORTED, "%s: there is no decoder for flac",
                                         audio->source->name);
}

static void hearing_close(struct hearing *hearing)
{
    avcodec_free_context(&hearing->context);
    av_packet_free(&hearing->packet);
    av_frame_free(&hearing->frame);
}

static bool take_next(struct hearing *hearing, struct error *err)
{
    if (hearing->more) {
        hearing->end = hearing->next.position + hearing->next.frame.block;
        hearing->end_offset = hearing->next.offset + (int64_t)hearing->next.size;
    }
    return flac_walk_next(hearing->walk, &hearing->next, &hearing->more, err);
}

/* From `position` on what is heard is that far off. */
static void note(struct hearing *hearing, sample_index position, sample_index off)
{
    if (off < 0)
        off = -off;
    if (off == 0)
        return;
    if (position < hearing->broken)
        hearing->broken = position;
    if (off > hearing->lost)
        hearing->lost = off;
}

/* The frames before `offset` had to be packets by now, and the one that stands there is next. What
 * is left of a packet behind its frame is decoded as well by players of one thread, and not by
 * those of several. */
static bool match(struct hearing *hearing, int64_t offset, struct error *err)
{
    const struct flac_found *next = &hearing->next;
    while (hearing->more && next->offset < offset) {
        sample_index missing = next->position + next->frame.block - hearing->played;
        note(hearing, next->position, missing > 0 ? missing : next->frame.block);
        if (!take_next(hearing, err))
            return false;
    }
    if (!hearing->more || next->offset != offset)
        return true;
    sample_index first = next->position < hearing->played ? next->position : hearing->played;
    note(hearing, first, next->position - hearing->played);
    return take_next(hearing, err);
}

/* Where a stream begins between two offsets; `to` where that is not seen. */
static bool find_stream(struct source *source, int64_t from, int64_t to, int64_t *ret_offset,
                        struct error *err)
{
    static const size_t step = 64 * 1024, size = sizeof STREAM_HEAD - 1;
    *ret_offset = to;
    for (; from < to; from += (int64_t)(step - size)) {
        const uint8_t *data = NULL;
        size_t got = 0;
        if (!source_view(source, from, step, &data, &got, err))
            return false;
        size_t at = slice_find((struct slice){(const char *)data, got}, SLICE(STREAM_HEAD));
        if (at != SIZE_MAX && from + (int64_t)at < to) {
            *ret_offset = from + (int64_t)at;
            return true;
        }
    }
    return true;
}

/* The packet at `offset` is a first frame, and not that of the file: the frames of the recording
 * end before it. The last of them was not found as long as that was not known. */
static bool end_walk(struct hearing *hearing, int64_t offset, struct error *err)
{
    struct flac_walk *walk = hearing->walk;
    int64_t end = offset;
    hearing->again = true;
    if (hearing->more && hearing->next.offset < offset && !match(hearing, offset, err))
        return false;
    if (!find_stream(walk->source, hearing->end_offset, offset, &end, err))
        return false;
    flac_walk_end_at(walk, end);
    walk->offset = hearing->end_offset;
    walk->position = hearing->end;
    hearing->more = false;
    return take_next(hearing, err);
}

static bool begins_stream(const AVPacket *packet)
{
    struct flac_frame frame;
    return flac_parse_frame(packet->data, (size_t)packet->size, &frame) && frame.number == 0;
}

static void play(struct hearing *hearing, const AVPacket *packet)
{
    if (avcodec_send_packet(hearing->context, packet) >= 0)
        hearing->played += decode_count(hearing->context, hearing->frame);
}

static bool play_all(struct hearing *hearing, struct error *err)
{
    AVPacket *packet = hearing->packet;
    bool more = true;
    while (demux_next(hearing->audio, packet, &more, err) && more) {
        bool ends = !hearing->again && packet->pos > hearing->walk->first && begins_stream(packet);
        if ((ends && !end_walk(hearing, packet->pos, err)) || !match(hearing, packet->pos, err))
            return false;
        play(hearing, packet);
        av_packet_unref(packet);
    }
    return !more && match(hearing, INT64_MAX, err);
}

/* The last frame may be damaged, and is played. */
static void tell(const struct hearing *hearing)
{
    struct audio *audio = hearing->audio;
    struct flac_walk *walk = hearing->walk;
    sample_index declared = walk->samples;
    sample_index end = hearing->end;
    if (!hearing->again && hearing->played > end)
        end = hearing->played;
    if (end < declared)
        walk->samples = end;
    end = hearing->played > declared ? hearing->played : declared;
    audio->beyond = end - walk->samples;
    audio->info.samples = walk->samples;
    audio->info.duration = millis_of_samples(walk->samples, audio->info.rate);
    audio->damaged = hearing->broken;
    audio->lost = hearing->lost;
}

bool flac_hear(struct audio *audio, struct flac_walk *walk, struct error *err)
{
    struct hearing hearing;
    flac_walk_rewind(walk);
    bool heard = hearing_open(&hearing, audio, walk, err) && take_next(&hearing, err) &&
                 play_all(&hearing, err);
    if (heard)
        tell(&hearing);
    hearing_close(&hearing);
    return heard;
}
