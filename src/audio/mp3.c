/* SPDX-License-Identifier: MIT */
/*
 * The row for MP3: opening, and frames as packets.
 */
#include "audio/mp3.h"

#include <stdlib.h>
#include <string.h>

#include "audio/libav.h"
#include "audio/mp3_id3.h"
#include "base/checked.h"

/* Frames in a row that make us believe, where they are not at the very beginning. */
#define FRAMES_IN_A_ROW 4

static int frames_from(const uint8_t *head, size_t size, size_t offset)
{
    uint32_t first = mpeg_word(head + offset);
    int count = 0;
    while (offset + MPEG_HEADER_SIZE <= size && count < FRAMES_IN_A_ROW) {
        struct mp3_header header = {0};
        uint32_t word = mpeg_word(head + offset);
        if (!mp3_header_parse(word, &header) && !mpeg_is_free_format(word))
            break;
        if (!mpeg_same_stream(word, first))
            break;
        count++;
        if (mpeg_is_free_format(word))
            break;
        offset += header.size;
    }
    return offset + MPEG_HEADER_SIZE > size && count > 0 ? FRAMES_IN_A_ROW : count;
}

/* Containers that may hold MP3 frames and are not for us to take apart. */
static bool is_container(const uint8_t *head, size_t size)
{
    static const struct {
        size_t offset;
        const char *mark;
    } marks[] = {
        {0, "RIFF"}, {0, "RF64"}, {0, "FORM"},         {0, "OggS"}, {0, "fLaC"},
        {4, "ftyp"}, {0, "FLV"},  {0, "\x1A\x45\xDF"}, {4, "moov"}, {0, "caff"},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t length = strlen(marks[i].mark);
        if (marks[i].offset + length <= size &&
            memcmp(head + marks[i].offset, marks[i].mark, length) == 0)
            return true;
    }
    return false;
}

/* Frames at once, zeros aside, or several behind something else. */
static bool recognise(struct audio *audio, const uint8_t *head, size_t size)
{
    (void)audio;
    size_t zeros = 0;
    if (is_container(head, size))
        return false;
    while (zeros < size && head[zeros] == 0)
        zeros++;
    for (size_t offset = zeros; offset + MPEG_HEADER_SIZE <= size; offset++) {
        int count = frames_from(head, size, offset);
        if (count >= (offset == zeros ? 1 : FRAMES_IN_A_ROW))
            return true;
    }
    return false;
}

static int64_t average_bitrate(const struct mp3_index *index)
{
    int64_t bytes = index->tag.bytes > 0 ? index->tag.bytes : index->source->size - index->first;
    int64_t bitrate = index->header.bitrate;
    if (!index->constant && index->frames > 0 &&
        !checked_scale(8 * bytes, index->header.rate, index->frames * index->header.samples,
                       &bitrate))
        return 0;
    return bitrate;
}

static void describe(struct audio *audio, const struct mp3_index *index)
{
    audio->info.codec = "mp3";
    audio->info.rate = index->header.rate;
    audio->info.channels = index->header.channels;
    audio->info.samples = mp3_index_samples(index);
    audio->info.duration = audio->info.samples < 0
                               ? MILLIS_NONE
                               : millis_of_samples(audio->info.samples, index->header.rate);
    audio->info.bitrate = average_bitrate(index);
    audio->codec->codec_type = AVMEDIA_TYPE_AUDIO;
    audio->codec->codec_id = AV_CODEC_ID_MP3;
    audio->codec->sample_rate = index->header.rate;
    av_channel_layout_default(&audio->codec->ch_layout, index->header.channels);
}

static bool open_mp3(struct audio *audio, int64_t body, struct error *err)
{
    struct mp3 *mp3 = mem_zalloc(sizeof *mp3);
    audio->state = mp3;
    if (!mp3_index_init(&mp3->index, audio->source, body, err))
        return false;
    describe(audio, &mp3->index);
    return mp3_index_seek(&mp3->index, 0, &mp3->cursor, err);
}

static void close_mp3(void *state)
{
    struct mp3 *mp3 = state;
    if (!mp3)
        return;
    mp3_index_release(&mp3->index);
    free(mp3);
}

static bool seek(struct audio *audio, sample_index position, struct error *err)
{
    struct mp3 *mp3 = audio->state;
    struct mp3_index *index = &mp3->index;
    sample_index raw = position < -index->origin ? 0 : mp3_raw_of_sample(index, position);
    int64_t frame = raw / index->header.samples - mp3_preroll(index);
    return mp3_index_seek_before(index, frame < 0 ? 0 : frame, &mp3->cursor, err);
}

static bool next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err)
{
    struct mp3 *mp3 = audio->state;
    struct mp3_frame frame = {0};
    const uint8_t *data = NULL;
    size_t size = 0;
    if (!mp3_walk_next(&mp3->cursor, &frame, ret_more, err) || !*ret_more)
        return !*ret_more;
    if (!source_view(audio->source, frame.offset, frame.header.size, &data, &size, err))
        return false;
    if (av_new_packet(packet, (int)frame.header.size) < 0)
        mem_present(NULL);
    memcpy(packet->data, data, frame.header.size);
    sample_index raw = frame.number * frame.header.samples;
    packet->pts =
        raw < mp3->index.hole_end ? raw - mp3->index.origin : mp3_sample_of_raw(&mp3->index, raw);
    packet->dts = packet->pts;
    packet->duration = frame.header.samples;
    packet->flags = AV_PKT_FLAG_KEY;
    return true;
}

/* The headers are counted, where bytes cost nothing. */
static bool prove(struct audio *audio, const struct cut_range *range, struct error *err)
{
    struct mp3 *mp3 = audio->state;
    struct mp3_index *index = &mp3->index;
    struct mp3_walk walk = {0};
    mp3_index_prove(index);
    if (!index->prove)
        return true;
    const int spf = index->header.samples;
    if (!mp3_index_seek(index, mp3_raw_of_sample(index, range->end) / spf + 1, &walk, err))
        return false;
    if (index->walk.odd_frame < INT64_MAX) {
        audio->damaged = mp3_sample_of_raw(index, index->walk.odd_frame * spf);
        audio->lost = spf;
    }
    if (index->walked)
        audio->info.samples = mp3_index_samples(index);
    return true;
}

const struct audio_format mp3_format = {
    .container = "mp3",
    .extension = "mp3",
    .recognise = recognise,
    .open = open_mp3,
    .close = close_mp3,
    .seek = seek,
    .next = next,
    .prove = prove,
    .cut = mp3_cut,
    .facts = mp3_id3_read,
};
