/* SPDX-License-Identifier: MIT */
/*
 * Files that libavformat can read and for which we have no better way: positions are those of its
 * time stamps.
 */
#include "audio/any.h"

#include "audio/copy.h"
#include "audio/demux.h"
#include "audio/flac_frame.h"
#include "audio/format.h"
#include "base/checked.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/intreadwrite.h>

/* What a decoder is fed before the sample that is asked for: more than any codec needs. */
#define PREROLL_SECONDS 2

/* In the first of Vorbis's headers: the sizes of its blocks. */
#define VORBIS_BLOCKS  28
#define VORBIS_LONGEST 8192

/* Packets at the beginning, where joined streams often do not begin together, that are looked at
 * for gaps. */
#define LOOK_PACKETS 32

static bool any_recognise(struct audio *audio, const uint8_t *head, size_t size)
{
    (void)audio, (void)head, (void)size;
    return true;
}

/* What a decoder drops at the start: as the first packet says, or the codec. */
static int64_t skipped_at_start(const struct audio *audio, const AVPacket *packet)
{
    size_t size = 0;
    const uint8_t *data = av_packet_get_side_data(packet, AV_PKT_DATA_SKIP_SAMPLES, &size);
    if (data && size >= 4)
        return AV_RL32(data);
    const AVCodecParameters *codec = audio->codec;
    bool opus = codec->codec_id == AV_CODEC_ID_OPUS && codec->extradata_size >= 12;
    return opus ? AV_RL16(codec->extradata + 10) : 0; /* pre-skip: RFC 7845, 5.1 */
}

/* Whether a time stamp cannot say each sample, as Matroska's milliseconds. */
static bool times_are_coarse(const struct audio *audio)
{
    AVRational base = demux_stream(audio)->time_base;
    return base.den % ((int64_t)base.num * audio->info.rate) != 0;
}

/* libavformat gives a Vorbis packet the time that a packet of its own size has behind one like it:
 * behind one of the other size it is wrong by a quarter of the difference. Vorbis I, 4.2.2: the
 * sizes are powers of two. */
static sample_index vorbis_slip(const AVCodecParameters *codec)
{
    struct slice headers = {(const char *)codec->extradata, (size_t)codec->extradata_size};
    size_t head = slice_find(headers, SLICE("\1vorbis"));
    if (head == SIZE_MAX || headers.size - head <= VORBIS_BLOCKS)
        return VORBIS_LONGEST / 4;
    uint8_t sizes = (uint8_t)headers.data[head + VORBIS_BLOCKS];
    return ((1 << (sizes >> 4)) - (1 << (sizes & 15))) / 4;
}

/* Coarse times do no harm where all frames are of one size. */
static void read_grid(struct audio *audio, struct any_state *state)
{
    bool coarse = state->block == 0 && times_are_coarse(audio);
    bool vorbis = audio->codec->codec_id == AV_CODEC_ID_VORBIS;
    if (!coarse || vorbis || state->grid < 0)
        state->grid = 0;
    if (coarse && state->grid == 0)
        audio->doubt = demux_samples(audio, 1) + 1;
    if (vorbis)
        audio->doubt += vorbis_slip(audio->codec);
    if (coarse)
        audio->end_doubt = state->grid + 1;
}

/* Of all packets; the parameters do not tell Opus's, which is the encoder's choice. */
static int64_t frame_size(const struct audio *audio, const AVPacket *packet)
{
    return audio->codec->codec_id == AV_CODEC_ID_OPUS ? demux_samples(audio, packet->duration)
                                                      : demux_stream(audio)->codecpar->frame_size;
}

/* FLAC's frames say their number, better than the container does: libavformat is wrong about them
 * in Ogg, behind a jump. False where they do not. */
static bool read_number(const struct any_state *state, AVPacket *packet)
{
    struct flac_frame frame;
    if (state->block == 0 || !flac_parse_frame(packet->data, (size_t)packet->size, &frame))
        return false;
    packet->pts = frame.number * (frame.variable ? 1 : state->block) - state->first_number;
    packet->duration = frame.block;
    return true;
}

static void look_for_numbers(struct audio *audio, struct any_state *state, AVPacket *packet)
{
    struct flac_stream stream;
    const AVCodecParameters *codec = audio->codec;
    if (codec->codec_id != AV_CODEC_ID_FLAC || codec->extradata_size < FLAC_STREAMINFO_SIZE ||
        !flac_parse_stream(codec->extradata, &stream))
        return;
    state->block = stream.max_block;
    state->first_number = 0;
    if (read_number(state, packet))
        state->first_number = packet->pts;
    else
        state->block = 0;
}

static bool read_origin(struct audio *audio, struct any_state *state, struct error *err)
{
    AVPacket *packet = mem_present(av_packet_alloc());
    bool more = false;
    bool read = demux_next(audio, packet, &more, err);
    if (read && more) {
        state->beginning = packet->pts == AV_NOPTS_VALUE ? 0 : packet->pts;
        state->skipped = skipped_at_start(audio, packet);
        state->grid = frame_size(audio, packet);
        look_for_numbers(audio, state, packet);
    }
    av_packet_free(&packet);
    return read && (more || error_set(err, ERROR_INPUT, "%s: holds no audio", audio->source->name));
}

/* Goes on from audio->proved with a packet that stands there, or behind a gap. Players that go by
 * the times disagree about a gap with those that play what comes. Behind a jump, of which *jumped
 * tells, packets may be divided otherwise. False: nothing can be said. */
static bool check_time(struct audio *audio, const AVPacket *packet, bool *jumped)
{
    struct any_state *state = audio->state;
    sample_index slack = 2 * (demux_samples(audio, 1) + audio->doubt + 1);
    sample_index gap = 0, end = 0;
    if (packet->flags & AV_PKT_FLAG_DISCARD)
        return true;
    if (packet->duration <= 0 || packet->pts == AV_NOPTS_VALUE ||
        !checked_add(packet->pts, packet->duration, &end) || end == INT64_MIN ||
        !checked_add(packet->pts, -audio->proved, &gap))
        return false;
    if (state->begun && end <= audio->proved)
        return true;
    if (state->begun && (gap > slack || (gap < -slack && !*jumped))) {
        audio->damaged = audio->proved;
        audio->lost = gap > 0 ? gap : -gap;
    }
    state->begun = true;
    *jumped = false;
    audio->proved = end;
    return true;
}

/* Looks at the times of up to `limit` packets, up to `until`. */
static bool look_for_gaps(struct audio *audio, sample_index until, int64_t limit, bool *ret_more,
                          struct error *err)
{
    AVPacket *packet = mem_present(av_packet_alloc());
    bool read = any_seek(audio, audio->proved, err), jumped = true;
    *ret_more = true;
    while (read && *ret_more && limit-- > 0 && audio->proved < until &&
           audio->damaged == SAMPLES_SOUND) {
        av_packet_unref(packet);
        read = any_next(audio, packet, ret_more, err);
        if (read && *ret_more && !check_time(audio, packet, &jumped))
            break;
    }
    av_packet_free(&packet);
    return read;
}

/* The duration that libavformat found or guessed. */
static void read_duration(struct audio *audio, const struct any_state *state)
{
    const AVStream *stream = demux_stream(audio);
    int64_t total = audio->demuxer->duration;
    audio->info.samples = -1;
    audio->info.duration = MILLIS_NONE;
    if (stream->duration > 0 && stream->duration != AV_NOPTS_VALUE)
        audio->info.samples = demux_samples(audio, stream->duration);
    else if (total > 0 && total != AV_NOPTS_VALUE &&
             audio->demuxer->duration_estimation_method != AVFMT_DURATION_FROM_BITRATE)
        audio->info.samples =
            av_rescale_q(total, AV_TIME_BASE_Q, (AVRational){1, audio->info.rate});
    sample_index end = 0;
    if (audio->info.samples >= 0 && state->grid > 0 &&
        checked_add(audio->info.samples, state->skipped + state->grid / 2, &end))
        audio->info.samples = end / state->grid * state->grid - state->skipped;
    if (audio->info.samples >= 0)
        audio->info.duration = millis_of_samples(audio->info.samples, audio->info.rate);
}

/* Whether libavformat counts the time in bytes. */
static bool counts_bytes(const struct audio *audio)
{
    return demux_is(audio, "wav") || demux_is(audio, "w64") || demux_is(audio, "aiff");
}

static bool is_plain(const struct audio *audio)
{
    return counts_bytes(audio) && av_get_exact_bits_per_sample(audio->codec->codec_id) != 0;
}

/* PCM needs nothing before it. Bytes that are counted by their average are read from the beginning
 * on. */
static int64_t preroll_of(const struct audio *audio)
{
    if (is_plain(audio) && strcmp(audio->info.codec, "pcm") == 0)
        return 0;
    return counts_bytes(audio) && !is_plain(audio) ? SAMPLES_SOUND / 4
                                                   : (int64_t)PREROLL_SECONDS * audio->info.rate;
}

bool any_open(struct audio *audio, int64_t body, struct error *err)
{
    (void)body;
    struct any_state *state = mem_zalloc(sizeof *state);
    audio->state = state;
    if (!demux_open(audio, err) || !demux_look_closer(audio, err) || !demux_describe(audio, err) ||
        !read_origin(audio, state, err))
        return false;
    read_grid(audio, state);
    state->preroll = preroll_of(audio);
    read_duration(audio, state);
    if (!audio->info.container)
        audio->info.container = audio->demuxer->iformat->name;
    bool more = true;
    return is_plain(audio) || look_for_gaps(audio, SAMPLES_SOUND, LOOK_PACKETS, &more, err);
}

bool any_seek(struct audio *audio, sample_index position, struct error *err)
{
    const struct any_state *state = audio->state;
    sample_index target = position < 2 * state->preroll ? 0 : position - state->preroll;
    int64_t time = state->beginning;
    if (target > 0)
        time += demux_time(audio, state->skipped + target);
    int code = av_seek_frame(audio->demuxer, audio->demuxed_stream, time, AVSEEK_FLAG_BACKWARD);
    if (code < 0) /* as some demuxers do before their first time stamp */
        code = av_seek_frame(audio->demuxer, audio->demuxed_stream, 0,
                             AVSEEK_FLAG_BACKWARD | AVSEEK_FLAG_ANY);
    return code >= 0 || error_set(err, ERROR_INPUT,
                                  "%s: the position at sample %lld cannot be "
                                  "found in it",
                                  audio->source->name, (long long)position);
}

/* In samples, from the first packet's. */
static int64_t packet_time(const struct audio *audio, const AVPacket *packet)
{
    const struct any_state *state = audio->state;
    int64_t samples = demux_samples(audio, packet->pts - state->beginning);
    return state->grid > 0 ? (samples + state->grid / 2) / state->grid * state->grid : samples;
}

/* What players drop at the packet's end. */
static sample_index discarded(const AVPacket *packet)
{
    size_t size = 0;
    const uint8_t *data = av_packet_get_side_data(packet, AV_PKT_DATA_SKIP_SAMPLES, &size);
    return data && size >= 8 ? AV_RL32(data + 4) : 0;
}

bool any_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err)
{
    struct any_state *state = audio->state;
    if (!demux_next(audio, packet, ret_more, err))
        return false;
    if (!*ret_more) {
        if (state->end == audio->info.samples)
            audio->end_doubt = 0;
        return true;
    }
    if (!read_number(state, packet)) {
        if (packet->pts != AV_NOPTS_VALUE)
            packet->pts = packet_time(audio, packet) - state->skipped;
        packet->duration = state->grid > 0 ? state->grid : demux_samples(audio, packet->duration);
    }
    packet->dts = packet->pts;
    state->last = packet->pts;
    if (!checked_add(packet->pts, packet->duration - discarded(packet), &state->end))
        state->end = 0;
    av_packet_free_side_data(packet);
    return true;
}

/* Reads from the last sample that the container tells on, or, where nothing is there, from the
 * clip's start on. */
static bool read_end(struct audio *audio, sample_index start, bool *ret_some, struct error *err)
{
    AVPacket *packet = mem_present(av_packet_alloc());
    bool read = true;
    *ret_some = false;
    for (int i = 0; read && !*ret_some && i < 2; i++) {
        bool more = true;
        read = any_seek(audio, i == 0 ? audio->info.samples - 1 : start, err);
        while (read && more) {
            av_packet_unref(packet);
            read = any_next(audio, packet, &more, err);
            *ret_some = *ret_some || (read && more);
        }
    }
    av_packet_free(&packet);
    return read;
}

/* Pictures take more bytes than the sound. */
static bool is_film(const struct audio *audio)
{
    for (unsigned i = 0; i < audio->demuxer->nb_streams; i++) {
        const AVStream *stream = audio->demuxer->streams[i];
        if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO &&
            !(stream->disposition & AV_DISPOSITION_ATTACHED_PIC))
            return true;
    }
    return false;
}

/* Players play what there is, whatever the container says of the length. */
bool any_prove(struct audio *audio, const struct cut_range *range, struct error *err)
{
    const struct any_state *state = audio->state;
    sample_index samples = audio->info.samples;
    bool more = true, at_end = false;
    if (range->prove_all ||
        (source_is_near(audio->source) && !is_film(audio) && !is_plain(audio))) {
        if (!look_for_gaps(audio, range->end, INT64_MAX, &more, err))
            return false;
        at_end = !more;
    } else if (samples >= 0 && range->end >= samples &&
               !read_end(audio, range->start, &at_end, err)) {
        return false;
    }
    if (!at_end || (audio->doubt > 0 && samples >= 0))
        return true;
    audio->end_doubt = 0;
    audio->info.samples = state->end;
    audio->info.duration = millis_of_samples(state->end, audio->info.rate);
    return true;
}

const struct audio_format any_format = {
    .recognise = any_recognise,
    .open = any_open,
    .close = free,
    .seek = any_seek,
    .next = any_next,
    .prove = any_prove,
};
