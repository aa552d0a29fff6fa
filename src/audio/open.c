/* SPDX-License-Identifier: MIT */
/*
 * Opening: the table of kinds of audio files, and what they have in common.
 */
#include "audio/audio.h"

#include <stdlib.h>

#include "audio/demux.h"
#include "audio/facts.h"
#include "audio/format.h"
#include "audio/libav.h"
#include "audio/mp4.h"

/* Enough for the signatures of all kinds, and two frames of most. */
#define HEAD_SIZE ((size_t)4096)

static const struct audio_format *const formats[] = {
    &m4a_aac_format,      &alac_format, &m4a_format,    &m4a_demuxed_format,
    &alac_demuxed_format, &opus_format, &vorbis_format, &flac_format,
    &adts_format,         &mp3_format,  &any_format,
};

#define ID3V2_HEADER_SIZE 10

/* An ID3v2 tag's size with header and footer; 0 where none begins here. ID3v2.4, section 3.1. */
static int64_t id3v2_size(const uint8_t *data, size_t size)
{
    if (size < ID3V2_HEADER_SIZE || data[0] != 'I' || data[1] != 'D' || data[2] != '3' ||
        data[3] == 0xff || data[4] == 0xff || ((data[6] | data[7] | data[8] | data[9]) & 0x80))
        return 0;
    int64_t body = data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9];
    bool footer = data[5] & 0x10;
    return ID3V2_HEADER_SIZE + body + (footer ? ID3V2_HEADER_SIZE : 0);
}

/* Where the ID3v2 tags end; files of several programs have several. */
static bool find_body(struct source *source, int64_t *ret_body, struct error *err)
{
    int64_t body = 0;
    for (;;) {
        uint8_t header[ID3V2_HEADER_SIZE];
        size_t size = 0;
        if (!source_read(source, body, header, sizeof header, &size, err))
            return false;
        int64_t tag = id3v2_size(header, size);
        if (tag == 0)
            break;
        body += tag;
    }
    *ret_body = body;
    return true;
}

static bool open_by_table(struct audio *audio, struct error *err)
{
    int64_t body = 0;
    if (!find_body(audio->source, &body, err))
        return false;
    uint8_t head[HEAD_SIZE] = {0};
    size_t size = 0;
    if (!source_read(audio->source, body, head, sizeof head, &size, err))
        return false;
    if (size == 0)
        return error_set(err, ERROR_INPUT, "%s: holds no audio", audio->source->name);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i]->recognise(audio, head, size)) {
            audio->format = formats[i];
            audio->info.container = formats[i]->container;
            return formats[i]->open(audio, body, err);
        }
    return error_set(err, ERROR_UNSUPPORTED, "%s: is no audio file that clipnotes knows",
                     audio->source->name);
}

struct audio *audio_open(struct source *source, const struct log *log, struct error *err)
{
    struct audio *audio = mem_zalloc(sizeof *audio);
    audio->source = source;
    audio->log = log;
    audio->damaged = SAMPLES_SOUND;
    audio->codec = mem_present(avcodec_parameters_alloc());
    audio->arena = arena_create();
    chapter_list_init(&audio->chapters);
    if (!open_by_table(audio, err)) {
        audio_destroy(audio);
        return NULL;
    }
    return audio;
}

void audio_destroy(struct audio *audio)
{
    if (!audio)
        return;
    if (audio->format && audio->format->close)
        audio->format->close(audio->state);
    demux_close(audio);
    mp4_audio_destroy(audio->mp4);
    avcodec_parameters_free(&audio->codec);
    chapter_list_release(&audio->chapters);
    arena_destroy(audio->arena);
    free(audio);
}

const struct audio_info *audio_info(const struct audio *audio)
{
    return &audio->info;
}

const struct source *audio_source(const struct audio *audio)
{
    return audio->source;
}

const struct tags *audio_tags(const struct audio *audio)
{
    facts_read((struct audio *)audio);
    return &audio->tags;
}

const struct chapter_list *audio_chapters(const struct audio *audio)
{
    facts_read((struct audio *)audio);
    return &audio->chapters;
}
