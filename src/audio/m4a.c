/* SPDX-License-Identifier: MIT */
/*
 * Sound in MP4. By the sample tables where they are such as mp4.h goes by, else (fragments, edit
 * lists of several stretches) by libavformat's time stamps.
 */
#include "audio/aac.h"
#include "audio/any.h"
#include "audio/decode.h"
#include "audio/demux.h"
#include "audio/mp4.h"
#include "base/checked.h"

#include <stdlib.h>
#include <string.h>

static bool is_codec(const struct audio *audio, enum AVCodecID id)
{
    return demux_stream(audio)->codecpar->codec_id == id;
}

static bool aac_recognise(struct audio *audio, const uint8_t *head, size_t size)
{
    return mp4_audio_look(audio, head, size) && demux_open(audio, NULL) &&
           is_codec(audio, AV_CODEC_ID_AAC);
}

/* Where the band is replicated and only the decoder knew, the tables count in the core's rate. */
static bool aac_open(struct audio *audio, int64_t body, struct error *err)
{
    int frame = 0;
    if (!mp4_audio_open(audio, body, err))
        return false;
    struct mp4_state *state = audio->state;
    int core = audio->info.rate;
    state->preroll = AAC_PREROLL;
    if (!aac_look(audio, &frame, err))
        return false;
    int64_t factor = audio->info.rate / core;
    if (factor > 1) {
        state->skipped *= factor;
        audio->info.samples *= factor;
    }
    state->grid = frame;
    audio->doubt = 0; /* a grid of frames makes up for coarse times */
    mp4_audio_find_gaps(audio);
    mp4_audio_find_end(audio);
    return true;
}

static bool aac_copy(struct audio *audio, const struct cut_range *range, struct output *output,
                     struct cut_shape *ret_shape, struct error *err)
{
    mp4_audio_expect(audio, range);
    return aac_cut(audio, range, output, ret_shape, err);
}

/* The tables say when a packet plays, and players that go there by them, as all do that seek, agree
 * with us. One that has played from the beginning on may have left out what does not decode. */
static bool aac_prove_all(struct audio *audio, const struct cut_range *range, struct error *err)
{
    return !range->prove_all || decode_prove(audio, range->end, aac_frame_samples(audio), err);
}

const struct audio_format m4a_aac_format = {
    .container = "m4a",
    .extension = "m4a",
    .recognise = aac_recognise,
    .open = aac_open,
    .close = mp4_audio_close,
    .seek = mp4_audio_seek,
    .next = mp4_audio_next,
    .prove = aac_prove_all,
    .cut = aac_copy,
    .verify_whole = true,
    .primer = aac_primer,
};

/* Stands behind the rows for a codec of its own. What it does not take is to be seen as it is. */
static bool other_recognise(struct audio *audio, const uint8_t *head, size_t size)
{
    (void)head, (void)size;
    if (!audio->mp4)
        return false;
    if (demux_open(audio, NULL) &&
        (is_codec(audio, AV_CODEC_ID_ALAC) || is_codec(audio, AV_CODEC_ID_FLAC)))
        return true;
    demux_close(audio);
    mp4_audio_destroy(audio->mp4);
    audio->mp4 = NULL;
    return false;
}

const struct audio_format m4a_format = {
    .container = "mov,mp4,m4a,3gp,3g2,mj2",
    .recognise = other_recognise,
    .open = mp4_audio_open,
    .close = mp4_audio_close,
    .seek = mp4_audio_seek,
    .next = mp4_audio_next,
};

static bool demuxed_recognise(struct audio *audio, const uint8_t *head, size_t size)
{
    return size >= 8 && memcmp(head + 4, "ftyp", 4) == 0 && demux_open(audio, NULL) &&
           demux_is(audio, "mov") && is_codec(audio, AV_CODEC_ID_AAC);
}

static bool demuxed_open(struct audio *audio, int64_t body, struct error *err)
{
    int frame = 0;
    if (!any_open(audio, body, err))
        return false;
    struct any_state *state = audio->state;
    int core = audio->info.rate;
    if (!aac_look(audio, &frame, err))
        return false;
    if (audio->info.rate != core && core > 0) { /* the band is replicated: all counts in its rate */
        int64_t factor = audio->info.rate / core;
        state->skipped *= factor;
        if (audio->info.samples > 0)
            audio->info.samples *= factor;
    }
    state->preroll = AAC_PREROLL;
    return true;
}

/* The last frame's duration is told as what the edit list leaves of it; it decodes to all. */
static bool demuxed_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err)
{
    if (!any_next(audio, packet, ret_more, err))
        return false;
    packet->duration = aac_frame_samples(audio);
    return true;
}

/* Some players play all of the last frame. */
static bool demuxed_prove(struct audio *audio, const struct cut_range *range, struct error *err)
{
    const struct any_state *state = audio->state;
    if (!aac_prove_all(audio, range, err) || !any_prove(audio, range, err))
        return false;
    sample_index end = 0;
    if (checked_add(state->last, aac_frame_samples(audio), &end) &&
        state->end == audio->info.samples && end > state->end)
        audio->beyond = end - state->end;
    return true;
}

const struct audio_format m4a_demuxed_format = {
    .container = "m4a",
    .extension = "m4a",
    .recognise = demuxed_recognise,
    .open = demuxed_open,
    .close = free,
    .seek = any_seek,
    .next = demuxed_next,
    .prove = demuxed_prove,
    .cut = aac_cut,
    .verify_whole = true,
    .primer = aac_primer,
};
