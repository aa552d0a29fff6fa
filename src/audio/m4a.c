/* SPDX-License-Identifier: MIT */
/*
 * AAC in MP4: libavformat reads the sample tables and applies the edit list's start.
 */
#include "audio/aac.h"
#include "audio/any.h"
#include "audio/demux.h"

#include <stdlib.h>
#include <string.h>

/* ISO/IEC 14496-12, 4.3: the file type stands first. */
static bool is_mp4(const uint8_t *head, size_t size)
{
    return size >= 8 && memcmp(head + 4, "ftyp", 4) == 0;
}

static bool m4a_recognise(struct audio *audio, const uint8_t *head, size_t size)
{
    return is_mp4(head, size) && demux_open(audio, NULL) && demux_is(audio, "mov") &&
           demux_stream(audio)->codecpar->codec_id == AV_CODEC_ID_AAC;
}

static bool m4a_open(struct audio *audio, int64_t body, struct error *err)
{
    if (!any_open(audio, body, err))
        return false;
    struct any_state *state = audio->state;
    int core = audio->info.rate;
    if (!aac_look(audio, err))
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
static bool m4a_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err)
{
    if (!any_next(audio, packet, ret_more, err))
        return false;
    packet->duration = AAC_FRAME * (audio->info.rate / audio->codec->sample_rate);
    return true;
}

/* Tells the source which bytes the frames of a clip are, by the sample table. */
static void expect(struct audio *audio, const struct cut_range *range)
{
    const struct any_state *state = audio->state;
    AVStream *stream = demux_stream(audio);
    const AVIndexEntry *entries[2] = {NULL, NULL};
    const sample_index ends[2] = {range->start - state->preroll, range->end};
    for (int i = 0; i < 2; i++) {
        int64_t time = state->beginning + demux_time(audio, state->skipped + ends[i]);
        int flags = AVSEEK_FLAG_ANY | (i == 0 ? AVSEEK_FLAG_BACKWARD : 0);
        entries[i] = avformat_index_get_entry_from_timestamp(stream, time, flags);
    }
    if (entries[0] && entries[1] && entries[1]->pos > entries[0]->pos)
        source_expect(audio->source, entries[0]->pos,
                      entries[1]->pos + entries[1]->size - entries[0]->pos);
}

static bool m4a_cut(struct audio *audio, const struct cut_range *range, struct output *output,
                    struct cut_shape *ret_shape, struct error *err)
{
    expect(audio, range);
    return aac_cut(audio, range, output, ret_shape, err);
}

const struct audio_format m4a_aac_format = {
    .container = "m4a",
    .extension = "m4a",
    .recognise = m4a_recognise,
    .open = m4a_open,
    .close = free,
    .seek = any_seek,
    .next = m4a_next,
    .cut = m4a_cut,
    .verify_whole = true,
    .primer = aac_primer,
};
