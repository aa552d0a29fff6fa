/* SPDX-License-Identifier: MIT */
#include "chapters/mp4_file.h"

#include <string.h>

#define MAX_MOOV ((int64_t)512 << 20)
#define LARGE    ((int64_t)2 << 30) /* what is added to such a file is never the other half */

static bool read_moov(struct source *source, const struct file_box *box, struct mp4_file *file,
                      struct error *err)
{
    int64_t size = box->size - box->header;
    if (box->size > source->size - box->offset || size > MAX_MOOV)
        return error_set(err, ERROR_INPUT, "%s: the moov box at byte %lld is damaged", source->name,
                         (long long)box->offset);
    char *data = arena_alloc(file->arena, (size_t)size + 1);
    if (!source_read_exactly(source, box->offset + box->header, data, (size_t)size, err))
        return false;
    file->moov = (struct slice){data, (size_t)size};
    file->moov_offset = box->offset;
    file->moov_size = box->size;
    return true;
}

static bool find_moov(struct source *source, struct mp4_file *file, struct error *err)
{
    struct file_box box;
    for (int64_t offset = 0; file_box_read(source, offset, &box); offset += box.size) {
        if (memcmp(box.type, "moof", 4) == 0)
            file->fragmented = true;
        if (!file->moov_size && memcmp(box.type, "moov", 4) == 0 &&
            !read_moov(source, &box, file, err))
            return false;
    }
    return file->moov_size ||
           error_set(err, ERROR_INPUT, "%s: has no moov box: the file is not complete",
                     source->name);
}

static bool holds_chunk(const struct track *track, const struct file_box *box)
{
    struct chunk_offsets chunks = track_chunks(track);
    for (size_t i = 0; i < chunks.count; i++) {
        uint64_t offset = chunk_offset(&chunks, i);
        if (offset >= (uint64_t)box->offset && offset < (uint64_t)(box->offset + box->size))
            return true;
    }
    return false;
}

/* An mdat in which there is something of chapter tracks and nothing of others. */
static bool holds_only_chapters(const struct mp4_file *file, const struct file_box *box)
{
    bool chapters = false;
    for (size_t i = 0; i < file->track_count; i++) {
        bool held = holds_chunk(&file->tracks[i], box);
        bool is_chapter = mp4_is_chapter_track(file, &file->tracks[i]);
        if (held && !is_chapter)
            return false;
        chapters = chapters || held;
    }
    return chapters;
}

static bool is_empty(const struct file_box *box)
{
    static const char *const types[] = {"free", "skip", "wide"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (memcmp(box->type, types[i], 4) == 0)
            return true;
    return false;
}

static bool holds_foreign_chunk(const struct mp4_file *file, int64_t start, int64_t end)
{
    const struct file_box range = {.offset = start, .size = end - start};
    for (size_t i = 0; i < file->track_count; i++)
        if (!mp4_is_chapter_track(file, &file->tracks[i]) && holds_chunk(&file->tracks[i], &range))
            return true;
    return false;
}

/* Behind the chapter samples that stand one by one from `start` on, as we and libavformat put them
 * before the audio; `start` where there is anything else. */
static int64_t chapter_samples_end(const struct mp4_file *file, int64_t start, int64_t limit)
{
    int64_t end = start;
    for (size_t i = 0; i < file->track_count; i++) {
        if (!mp4_is_chapter_track(file, &file->tracks[i]))
            continue;
        size_t count;
        const struct track_sample *samples =
            track_samples(file->arena, &file->tracks[i], file->timescale, MP4_MAX_CHAPTERS, &count);
        for (size_t k = 0; k < count && samples[k].offset == end && end <= limit; k++)
            end += samples[k].size;
    }
    return end > limit || holds_foreign_chunk(file, start, end) ? start : end;
}

/* The room goes on into the audio's own mdat: its header and the chapter samples at its head. */
static void enter_media(struct mp4_file *file, const struct file_box *box)
{
    int64_t end = box->offset + box->size;
    file->in_media = true;
    file->media_header = box->header;
    file->media_open = box->open;
    file->room_end = chapter_samples_end(file, box->offset + box->header, end);
    file->media_left = end - file->room_end;
}

static void find_room(struct source *source, struct mp4_file *file)
{
    struct file_box box;
    file->room_end = file->moov_offset + file->moov_size;
    while (!file->in_media && file_box_read(source, file->room_end, &box) &&
           box.size <= source->size - box.offset) {
        bool media = memcmp(box.type, "mdat", 4) == 0;
        if (is_empty(&box) || (media && holds_only_chapters(file, &box)))
            file->room_end += box.size;
        else if (media)
            enter_media(file, &box);
        else
            break;
    }
    file->last = file->room_end >= source->size;
}

bool mp4_open(struct source *source, struct mp4_file *ret_file, struct error *err)
{
    struct mp4_file file = {.arena = arena_create(), .large = source->size > LARGE};
    bool opened = find_moov(source, &file, err);
    if (opened && !movie_clock(file.moov, &file.timescale, &file.duration))
        opened = error_set(err, ERROR_INPUT, "%s: its moov box has no usable mvhd", source->name);
    if (!opened) {
        arena_destroy(file.arena);
        return false;
    }
    file.tracks = tracks_read(file.arena, file.moov, &file.track_count);
    for (size_t i = 0; i < file.track_count && !file.audio; i++)
        if (strcmp(file.tracks[i].handler, "soun") == 0)
            file.audio = &file.tracks[i];
    find_room(source, &file);
    *ret_file = file;
    return true;
}

void mp4_close(struct mp4_file *file)
{
    arena_destroy(file->arena);
    *file = (struct mp4_file){0};
}

millis mp4_duration(const struct mp4_file *file)
{
    if (!file->duration || file->duration >= INT64_MAX / 1000000 || file->duration == UINT32_MAX)
        return MILLIS_NONE;
    uint64_t duration = (file->duration * 1000 + file->timescale / 2) / file->timescale;
    return duration > MILLIS_MAX ? MILLIS_NONE : (millis)duration;
}

bool mp4_is_text_track(const struct track *track)
{
    return strcmp(track->handler, "text") == 0 || strcmp(track->handler, "sbtl") == 0;
}

bool mp4_is_picture_track(const struct track *track)
{
    return strcmp(track->handler, "vide") == 0 &&
           (strcmp(track->format, "jpeg") == 0 || strcmp(track->format, "png ") == 0);
}

static bool refers_to(const struct track *track, uint32_t id)
{
    for (size_t at = 0; at + 4 <= track->references.size; at += 4)
        if (box_u32(track->references, at) == id)
            return true;
    return false;
}

bool mp4_is_chapter_track(const struct mp4_file *file, const struct track *track)
{
    if (!mp4_is_text_track(track) && !mp4_is_picture_track(track))
        return false;
    for (size_t i = 0; i < file->track_count; i++)
        if (refers_to(&file->tracks[i], track->id))
            return true;
    return false;
}

struct slice mp4_nero(const struct mp4_file *file)
{
    return box_path(file->moov, "udta/chpl");
}
