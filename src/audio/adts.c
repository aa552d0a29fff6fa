/* SPDX-License-Identifier: MIT */
/*
 * AAC as a plain row of frames, each with a header of its own (ADTS: ISO/IEC 14496-3, 1.A.2). It
 * has no index and no gapless fields: frames are counted from the first byte on, and the first
 * frame's first sample is sample 0. Clips are wrapped in an MP4.
 */
#include "audio/aac.h"

#include <stdlib.h>
#include <string.h>

#include "audio/decode.h"
#include "audio/libav.h"

#define HEADER_SIZE     7
#define CHECKED_SIZE    9 /* with a checksum */
#define MAX_FRAME_BYTES 8191
#define HEAD_SIZE       4096 /* as much as recognition sees */

/* The index holds the place of each so-manieth frame. */
#define STRIDE 64

struct adts_header {
    int profile, rate_index, channels; /* as the header counts them */
    size_t header, size;               /* in bytes; the size with the header */
};

struct adts_state {
    int64_t *offsets; /* of frames 0, STRIDE, 2 * STRIDE, ... */
    size_t count, capacity;
    int64_t frames;
    int64_t damaged;       /* the first frame before which bytes had to be skipped; -1 */
    int64_t offset, frame; /* the cursor */
    int64_t end;           /* where the last frame ends */
    bool changed;          /* frames of another kind follow */
    struct adts_header first;
};

static const int rates[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                            22050, 16000, 12000, 11025, 8000,  7350};

/* False where it is none, and where a frame holds several blocks or its channels are told within:
 * what nobody writes. */
static bool parse_header(const uint8_t *data, size_t size, struct adts_header *ret_header)
{
    if (size < HEADER_SIZE || data[0] != 0xff || (data[1] & 0xf6) != 0xf0 || (data[6] & 3) != 0)
        return false;
    struct adts_header header = {
        .profile = data[2] >> 6,
        .rate_index = data[2] >> 2 & 15,
        .channels = (data[2] & 1) << 2 | data[3] >> 6,
        .header = data[1] & 1 ? HEADER_SIZE : CHECKED_SIZE,
        .size = (size_t)(data[3] & 3) << 11 | (size_t)data[4] << 3 | data[5] >> 5,
    };
    if (header.rate_index >= (int)(sizeof rates / sizeof *rates) || header.channels == 0 ||
        header.size <= header.header)
        return false;
    *ret_header = header;
    return true;
}

static bool same_kind(const struct adts_header *a, const struct adts_header *b)
{
    return a->profile == b->profile && a->rate_index == b->rate_index && a->channels == b->channels;
}

/* Whether so many headers of one kind stand each where the one before says. */
static bool is_row(const uint8_t *data, size_t size, int count, struct adts_header *ret_first)
{
    struct adts_header first, header;
    if (!parse_header(data, size, &first))
        return false;
    header = first;
    for (int i = 1; i < count; i++) {
        if (header.size >= size)
            return false;
        data += header.size;
        size -= header.size;
        if (!parse_header(data, size, &header) || !same_kind(&header, &first))
            return false;
    }
    *ret_first = first;
    return true;
}

/* More than chance makes. */
#define ROW_AT_START 2
#define ROW_LATER    3

/* A recording whose first bytes are damaged is still one of frames. */
static bool find_kind(const uint8_t *head, size_t size, struct adts_header *ret_header)
{
    for (size_t at = 0; at + HEADER_SIZE <= size; at++)
        if (is_row(head + at, size - at, at == 0 ? ROW_AT_START : ROW_LATER, ret_header))
            return true;
    return false;
}

static bool adts_recognise(struct audio *audio, const uint8_t *head, size_t size)
{
    struct adts_header header;
    (void)audio;
    return find_kind(head, size, &header);
}

/* The next frame of our kind at or behind `offset`, which must be followed by another one or the
 * end where bytes had to be skipped. */
static bool find_frame(struct audio *audio, int64_t offset, int64_t *ret_offset,
                       struct adts_header *ret_header, bool *ret_found, struct error *err)
{
    const struct adts_state *state = audio->state;
    *ret_found = false;
    for (bool skipped = false; offset < audio->source->size; offset++, skipped = true) {
        const uint8_t *data = NULL;
        size_t size = 0;
        struct adts_header header, next;
        if (!source_view(audio->source, offset, MAX_FRAME_BYTES + HEADER_SIZE, &data, &size, err))
            return false;
        const uint8_t *sync = memchr(data, 0xff, size);
        if (!sync)
            sync = data + size - 1;
        if (sync != data) {
            offset += sync - data - 1;
            continue;
        }
        if (!parse_header(data, size, &header) || header.size > size ||
            !same_kind(&header, &state->first))
            continue;
        if (skipped && header.size < size &&
            !parse_header(data + header.size, size - header.size, &next))
            continue;
        *ret_offset = offset;
        *ret_header = header;
        *ret_found = true;
        return true;
    }
    return true;
}

/* Whether the recording goes on in another kind, as what was stitched together may. */
static bool look_behind(struct audio *audio, struct error *err)
{
    struct adts_state *state = audio->state;
    const uint8_t *data = NULL;
    size_t size = 0;
    struct adts_header other;
    if (!source_view(audio->source, state->end, HEAD_SIZE, &data, &size, err))
        return false;
    state->changed = is_row(data, size, ROW_LATER, &other);
    return true;
}

static bool make_index(struct audio *audio, int64_t body, struct error *err)
{
    struct adts_state *state = audio->state;
    int64_t offset = body;
    for (;; state->frames++) {
        struct adts_header header;
        bool found = false;
        int64_t expected = offset;
        if (!find_frame(audio, offset, &offset, &header, &found, err))
            return false;
        if (!found)
            return look_behind(audio, err);
        if (offset != expected && state->damaged < 0)
            state->damaged = state->frames;
        if (state->frames % STRIDE == 0) {
            state->offsets = mem_grow(state->offsets, &state->capacity, state->count + 1,
                                      sizeof *state->offsets);
            state->offsets[state->count++] = offset;
        }
        offset += (int64_t)header.size;
        state->end = offset;
    }
}

/* AudioSpecificConfig, 1.6.2.1: five bits of object type, four of rate, four of channels. */
static void describe(struct audio *audio)
{
    const struct adts_header *header = &((struct adts_state *)audio->state)->first;
    struct AVCodecParameters *codec = audio->codec;
    unsigned config = (unsigned)(header->profile + 1) << 11 | (unsigned)header->rate_index << 7 |
                      (unsigned)header->channels << 3;
    codec->codec_type = AVMEDIA_TYPE_AUDIO;
    codec->codec_id = AV_CODEC_ID_AAC;
    codec->profile = header->profile;
    codec->sample_rate = rates[header->rate_index];
    codec->frame_size = AAC_FRAME;
    av_channel_layout_default(&codec->ch_layout, header->channels == 7 ? 8 : header->channels);
    codec->extradata = mem_present(av_mallocz(2 + AV_INPUT_BUFFER_PADDING_SIZE));
    codec->extradata_size = 2;
    codec->extradata[0] = (uint8_t)(config >> 8);
    codec->extradata[1] = (uint8_t)config;
    audio->info.codec = "aac";
    audio->info.rate = codec->sample_rate;
    audio->info.channels = codec->ch_layout.nb_channels;
}

static bool adts_open(struct audio *audio, int64_t body, struct error *err)
{
    struct adts_state *state = mem_zalloc(sizeof *state);
    state->damaged = -1;
    audio->state = state;
    const uint8_t *head = NULL;
    size_t size = 0;
    if (!source_view(audio->source, body, HEAD_SIZE, &head, &size, err))
        return false;
    if (!find_kind(head, size < HEAD_SIZE ? size : HEAD_SIZE, &state->first))
        return error_set(err, ERROR_INPUT, "%s: holds no AAC", audio->source->name);
    describe(audio);
    int frame = 0;
    if (!make_index(audio, body, err) || !aac_look(audio, &frame, err))
        return false;
    audio->info.samples = state->frames * aac_frame_samples(audio);
    if (state->damaged >= 0)
        audio->damaged = state->damaged * aac_frame_samples(audio);
    audio->info.duration = millis_of_samples(audio->info.samples, audio->info.rate);
    if (audio->info.duration > 0)
        audio->info.bitrate = (state->end - body) * 8 * 1000 / audio->info.duration;
    if (state->changed) {
        audio->info.samples = -1;
        audio->info.duration = MILLIS_NONE;
    }
    return true;
}

static void adts_close(void *opaque)
{
    struct adts_state *state = opaque;
    if (state)
        free(state->offsets);
    free(state);
}

static bool adts_seek(struct audio *audio, sample_index position, struct error *err)
{
    struct adts_state *state = audio->state;
    int64_t frame =
        position < 2 * AAC_PREROLL ? 0 : (position - AAC_PREROLL) / aac_frame_samples(audio);
    if (frame >= state->frames)
        frame = state->frames - 1;
    if (state->frames == 0)
        return error_set(err, ERROR_INPUT, "%s: holds no AAC", audio->source->name);
    state->offset = state->offsets[frame / STRIDE];
    for (state->frame = frame / STRIDE * STRIDE; state->frame < frame; state->frame++) {
        struct adts_header header;
        bool found = false;
        if (!find_frame(audio, state->offset, &state->offset, &header, &found, err))
            return false;
        if (!found)
            return error_set(err, ERROR_INPUT, "%s: changed while it was read",
                             audio->source->name);
        state->offset += (int64_t)header.size;
    }
    return true;
}

static bool adts_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err)
{
    struct adts_state *state = audio->state;
    struct adts_header header;
    if (!find_frame(audio, state->offset, &state->offset, &header, ret_more, err))
        return false;
    if (!*ret_more)
        return true;
    int size = (int)(header.size - header.header);
    if (av_new_packet(packet, size) < 0)
        mem_present(NULL);
    if (!source_read_exactly(audio->source, state->offset + (int64_t)header.header, packet->data,
                             (size_t)size, err))
        return false;
    packet->duration = aac_frame_samples(audio);
    packet->pts = packet->dts = state->frame * packet->duration;
    packet->flags |= AV_PKT_FLAG_KEY;
    state->offset += (int64_t)header.size;
    state->frame++;
    return true;
}

/* Only the count of the frames says when one plays: all before a clip is decoded, once. An hour
 * takes two seconds. */
static bool adts_prove(struct audio *audio, const struct cut_range *range, struct error *err)
{
    return decode_prove(audio, range->end, aac_frame_samples(audio), err);
}

const struct audio_format adts_format = {
    .container = "aac",
    .extension = "m4a",
    .recognise = adts_recognise,
    .open = adts_open,
    .close = adts_close,
    .seek = adts_seek,
    .next = adts_next,
    .prove = adts_prove,
    .cut = aac_cut,
    .verify_whole = true,
    .primer = aac_primer,
};
