/* SPDX-License-Identifier: MIT */
#include "audio/facts.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/intreadwrite.h>

#include "audio/demux.h"
#include "audio/mp3_id3.h"
#include "audio/tags.h"
#include "base/checked.h"
#include "base/text.h"

/* More is no episode's table of contents but a damaged file. */
#define MAX_CHAPTERS 10000

static const char *keep(struct audio *audio, const char *text)
{
    if (!text || !*text)
        return NULL;
    char *repaired = text_repair(slice_of(text));
    const char *kept = arena_strdup(audio->arena, repaired);
    free(repaired);
    return kept;
}

/* Of the file, or (in Ogg) of its stream. */
static const char *find(struct audio *audio, const char *key)
{
    const AVDictionaryEntry *entry = av_dict_get(audio->demuxer->metadata, key, NULL, 0);
    if (!entry)
        entry = av_dict_get(demux_stream(audio)->metadata, key, NULL, 0);
    return entry ? keep(audio, entry->value) : NULL;
}

/* "3" or "3/12". */
static void read_track(struct audio *audio)
{
    const char *text = find(audio, "track");
    const char *total = find(audio, "tracktotal");
    if (!text)
        return;
    const char *slash = strchr(text, '/');
    if (slash)
        total = slash + 1;
    struct slice number =
        slice_first(slice_of(text), slash ? (size_t)(slash - text) : strlen(text));
    int64_t value = 0;
    if (slice_to_int64(number, &value) && value > 0 && value < INT32_MAX)
        audio->tags.track = (int)value;
    if (total && slice_to_int64(slice_of(total), &value) && value > 0 && value < INT32_MAX)
        audio->tags.track_total = (int)value;
}

static const char *picture_type(enum AVCodecID codec)
{
    switch (codec) {
    case AV_CODEC_ID_MJPEG:
        return "image/jpeg";
    case AV_CODEC_ID_PNG:
        return "image/png";
    default:
        return NULL;
    }
}

static const struct picture *read_cover(struct audio *audio)
{
    for (unsigned i = 0; i < audio->demuxer->nb_streams; i++) {
        const AVStream *stream = audio->demuxer->streams[i];
        const char *type = picture_type(stream->codecpar->codec_id);
        if (!(stream->disposition & AV_DISPOSITION_ATTACHED_PIC) || !type ||
            stream->attached_pic.size <= 0)
            continue;
        struct picture *picture = arena_alloc(audio->arena, sizeof *picture);
        picture->size = (size_t)stream->attached_pic.size;
        uint8_t *data = arena_alloc(audio->arena, picture->size);
        memcpy(data, stream->attached_pic.data, picture->size);
        picture->data = data;
        picture->type = type;
        return picture;
    }
    return NULL;
}

static void read_chapters(struct audio *audio)
{
    static const AVRational milli = {1, 1000};
    for (unsigned i = 0; i < audio->demuxer->nb_chapters && i < MAX_CHAPTERS; i++) {
        const AVChapter *from = audio->demuxer->chapters[i];
        const AVDictionaryEntry *title = av_dict_get(from->metadata, "title", NULL, 0);
        const AVDictionaryEntry *link = av_dict_get(from->metadata, "url", NULL, 0);
        struct chapter chapter = {
            .start = av_rescale_q(from->start, from->time_base, milli),
            .end = from->end == AV_NOPTS_VALUE ? MILLIS_NONE
                                               : av_rescale_q(from->end, from->time_base, milli),
            .title = title ? keep(audio, title->value) : NULL,
            .link = link ? keep(audio, link->value) : NULL,
        };
        if (chapter.start < 0 || chapter.start > MILLIS_MAX)
            continue;
        if (chapter.end <= chapter.start || chapter.end > MILLIS_MAX)
            chapter.end = MILLIS_NONE;
        chapter_list_add(&audio->chapters, &chapter);
    }
    chapter_list_sort(&audio->chapters);
}

/* An Ogg file's are those of its stream; elsewhere a stream tells only of itself. */
static void read_others(struct audio *audio)
{
    bool in_stream = strcmp(audio->demuxer->iformat->name, "ogg") == 0;
    const AVDictionary *metadata =
        in_stream ? demux_stream(audio)->metadata : audio->demuxer->metadata;
    const AVDictionaryEntry *entry = NULL;
    while ((entry = av_dict_get(metadata, "", entry, AV_DICT_IGNORE_SUFFIX)))
        tags_add(audio, entry->key, entry->value);
}

/* A RIFF whose chunks are more was made to keep us busy. */
#define MAX_CHUNKS 1000

/* The offset of the chunk's content; of the sizes in an RF64 only that of its sound is elsewhere
 * (EBU Tech 3306). */
static bool find_id3_chunk(struct source *source, int64_t *ret_offset)
{
    uint8_t head[36];
    size_t got = 0;
    int64_t at = 12, sound = -1;
    if (!source_read(source, 0, head, sizeof head, &got, NULL) || got < sizeof head)
        return false;
    if (memcmp(head, "RF64", 4) == 0 && memcmp(head + 12, "ds64", 4) == 0)
        sound = (int64_t)AV_RL64(head + 28);
    for (int i = 0; i < MAX_CHUNKS; i++) {
        if (!source_read(source, at, head, 8, &got, NULL) || got < 8)
            return false;
        at += 8;
        if (memcmp(head, "id3 ", 4) == 0 || memcmp(head, "ID3 ", 4) == 0) {
            *ret_offset = at;
            return true;
        }
        int64_t size = AV_RL32(head + 4);
        if (sound >= 0 && memcmp(head, "data", 4) == 0)
            size = sound;
        if (!checked_add(at, size, &at) || !checked_add(at, size & 1, &at))
            return false;
    }
    return false;
}

/* libavformat leaves out what the ID3 chunk of a WAV says where another chunk says something. */
static void read_id3_chunk(struct audio *audio)
{
    int64_t offset = 0;
    if (strcmp(audio->demuxer->iformat->name, "wav") == 0 && find_id3_chunk(audio->source, &offset))
        mp3_id3_read_texts(audio, offset);
}

static void read_by_libavformat(struct audio *audio)
{
    if (!demux_open(audio, NULL))
        return;
    audio->tags = (struct tags){
        .title = find(audio, "title"),
        .artist = find(audio, "artist"),
        .album = find(audio, "album"),
        .date = find(audio, "date"),
        .comment = find(audio, "comment"),
        .cover = read_cover(audio),
    };
    read_track(audio);
    read_others(audio);
    read_id3_chunk(audio);
    read_chapters(audio);
}

void facts_read(struct audio *audio)
{
    if (audio->facts_read)
        return;
    audio->facts_read = true;
    if (audio->format->facts)
        audio->format->facts(audio);
    else
        read_by_libavformat(audio);
}

/* Where chapter `i` ends at the latest, in an ordered list. */
static millis end_of(const struct chapter_list *list, size_t i, millis end)
{
    const struct chapter *chapter = &list->items[i];
    if (chapter->end != MILLIS_NONE && chapter->end < end)
        end = chapter->end;
    if (i + 1 < list->count && list->items[i + 1].start < end)
        end = list->items[i + 1].start;
    return end;
}

void facts_clip_chapters(struct audio *audio, sample_index start, sample_index end,
                         struct chapter_list *ret_list)
{
    facts_read(audio);
    millis from = millis_of_samples(start, audio->info.rate);
    millis to = millis_of_samples(end, audio->info.rate);
    const struct chapter_list *list = &audio->chapters;
    for (size_t i = 0; i < list->count; i++) {
        struct chapter chapter = list->items[i];
        chapter.end = end_of(list, i, to);
        if (chapter.start < from)
            chapter.start = from;
        if (chapter.start >= to || chapter.end <= chapter.start)
            continue;
        chapter.start -= from;
        chapter.end -= from;
        chapter_list_add(ret_list, &chapter);
    }
}
