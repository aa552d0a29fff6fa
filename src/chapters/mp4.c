/* SPDX-License-Identifier: MIT */
/*
 * MP4 (M4A, M4B, MOV): chapters stand twice. Nero's list (moov/udta/chpl: start and title of up to
 * 255) is what Android players read; a text track that the audio track refers to (tref/chap) is
 * Apple's, with a second one for links and a third one for pictures. We read the tracks where they
 * hold titles, else the list, and write all.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "chapters/mp4_file.h"

#define BLOCK            4096
#define ROOM             8192 /* behind a moov that grows */
#define BOX_HEADER       8
#define LARGE_BOX_HEADER 16
#define FREE_HEADER      BOX_HEADER
#define MAX_TEXT         65535
#define MAX_PICTURE      ((uint32_t)16 << 20)
#define NERO_UNITS       10000 /* of 100 ns in a millisecond */
#define NERO_MAX_ENTRIES 255
#define ROUNDING         2 /* ms */

static bool mp4_probe(struct slice head, bool after_id3)
{
    return !after_id3 && head.size >= 8 &&
           slice_equal(slice_first(slice_from(head, 4), 4), SLICE("ftyp"));
}

struct mp4_reading {
    struct source *source;
    const struct mp4_file *file;
    struct chapters *chapters;
    int64_t left; /* that may be read: samples have no more bytes than the file */
};

/* A text sample: 16 bits of length, the text, and boxes that modify it. */
static const char *sample_text(struct arena *arena, struct slice *sample)
{
    size_t size = box_u16(*sample, 0);
    struct slice rest = slice_from(*sample, 2), text = slice_first(rest, size);
    *sample = slice_from(rest, size);
    uint32_t mark = box_u16(text, 0);
    char *plain =
        mark == 0xFEFF || mark == 0xFFFE ? text_from_utf16(text, true) : text_repair(text);
    const char *copy = arena_strdup(arena, plain);
    free(plain);
    return copy;
}

/* 3GPP TS 26.245, 5.17.1.5: two character offsets, the URL with its length, a second text. */
static const char *sample_link(struct arena *arena, struct slice modifiers)
{
    struct slice link = box_child(modifiers, "href");
    if (link.size < 6)
        return NULL;
    struct slice url = slice_first(slice_from(link, 5), (uint8_t)link.data[4]);
    return url.size ? arena_strndup(arena, url.data, url.size) : NULL;
}

static bool read_sample(struct mp4_reading *reading, struct arena *arena,
                        const struct track_sample *sample, uint32_t limit, struct slice *ret_bytes)
{
    if (sample->size > limit || sample->size > reading->left)
        return false;
    reading->left -= sample->size;
    char *data = arena_alloc(arena, sample->size + 1);
    if (!source_read_exactly(reading->source, sample->offset, data, sample->size, NULL))
        return false;
    *ret_bytes = (struct slice){data, sample->size};
    return true;
}

/* A list of the track's texts, with the links that stand in it. */
static struct chapter_list read_text_track(struct mp4_reading *reading, const struct track *track)
{
    struct chapter_list list;
    chapter_list_init(&list);
    size_t count;
    struct track_sample *samples =
        track_samples(list.arena, track, reading->file->timescale, MP4_MAX_CHAPTERS, &count);
    for (size_t i = 0; i < count; i++) {
        struct slice bytes;
        if (!read_sample(reading, list.arena, &samples[i], MAX_TEXT + 4096, &bytes))
            continue;
        struct chapter chapter = {.start = samples[i].start, .end = samples[i].end};
        chapter.title = sample_text(list.arena, &bytes);
        chapter.link = sample_link(list.arena, bytes);
        chapter_list_add(&list, &chapter);
    }
    return list;
}

static size_t count_titles(const struct chapter_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += list->items[i].title && *list->items[i].title;
    return count;
}

/* The chapter that starts at this time, looked for from *place on: both rise. NULL. */
static struct chapter *next_at(struct chapter_list *list, size_t *place, millis start)
{
    while (*place < list->count && list->items[*place].start < start)
        ++*place;
    bool found = *place < list->count && list->items[*place].start == start;
    return found ? &list->items[*place] : NULL;
}

static void add_links(struct chapter_list *list, const struct chapter_list *links)
{
    for (size_t i = 0, place = 0; i < links->count; i++) {
        struct chapter *chapter = next_at(list, &place, links->items[i].start);
        if (chapter && !chapter->link)
            chapter->link = arena_strdup(list->arena, links->items[i].link);
    }
}

/* What the audio track refers to; in films that may be said by the picture's track alone. */
static struct slice references_of(const struct mp4_file *file)
{
    struct slice references = file->audio ? file->audio->references : SLICE("");
    for (size_t i = 0; i < file->track_count && !references.size; i++)
        references = file->tracks[i].references;
    return references;
}

/* The first text track with titles gives the chapters, further ones only links. */
static void read_text_tracks(struct mp4_reading *reading)
{
    struct chapter_list *list = &reading->chapters->list;
    const struct mp4_file *file = reading->file;
    struct slice references = references_of(file);
    bool found = false;
    for (size_t at = 0; at + 4 <= references.size; at += 4) {
        const struct track *track =
            track_find(file->tracks, file->track_count, box_u32(references, at));
        if (!track || !mp4_is_text_track(track))
            continue;
        struct chapter_list texts = read_text_track(reading, track);
        if (found) {
            add_links(list, &texts);
        } else if (count_titles(&texts)) {
            for (size_t i = 0; i < texts.count; i++)
                chapter_list_add(list, &texts.items[i]);
            found = true;
        }
        chapter_list_release(&texts);
    }
}

static const char *picture_type(const struct track *track)
{
    return strcmp(track->format, "png ") == 0 ? "image/png" : "image/jpeg";
}

static void read_picture_track(struct mp4_reading *reading, const struct track *track)
{
    struct chapter_list *list = &reading->chapters->list;
    size_t count;
    struct track_sample *samples =
        track_samples(list->arena, track, reading->file->timescale, list->count * 2, &count);
    for (size_t i = 0, place = 0; i < count; i++) {
        struct chapter *chapter = next_at(list, &place, samples[i].start);
        struct slice bytes;
        if (!chapter || chapter->picture ||
            !read_sample(reading, list->arena, &samples[i], MAX_PICTURE, &bytes) || !bytes.size)
            continue;
        struct picture *picture = arena_alloc(list->arena, sizeof *picture);
        *picture = (struct picture){
            .data = (const uint8_t *)bytes.data, .size = bytes.size, .type = picture_type(track)};
        chapter->picture = picture;
    }
}

static void read_picture_tracks(struct mp4_reading *reading)
{
    const struct mp4_file *file = reading->file;
    for (size_t i = 0; i < file->track_count; i++)
        if (mp4_is_picture_track(&file->tracks[i]) && mp4_is_chapter_track(file, &file->tracks[i]))
            read_picture_track(reading, &file->tracks[i]);
}

/* Version, flags, in version 1 four bytes more, a count; each a time in 100 ns and a title with its
 * length. */
static void read_nero(const struct mp4_file *file, struct chapter_list *list)
{
    struct slice bytes = mp4_nero(file);
    size_t head = bytes.size && bytes.data[0] ? 8 : 4;
    if (bytes.size <= head)
        return;
    size_t count = (uint8_t)bytes.data[head];
    bytes = slice_from(bytes, head + 1);
    for (size_t i = 0; i < count && bytes.size >= 9; i++) {
        uint64_t start = box_u64(bytes, 0);
        size_t size = (uint8_t)bytes.data[8];
        char *title = text_repair(slice_first(slice_from(bytes, 9), size));
        if (start / NERO_UNITS <= MILLIS_MAX)
            chapter_list_add(list, &(struct chapter){
                                       .start = (millis)((start + NERO_UNITS / 2) / NERO_UNITS),
                                       .end = MILLIS_NONE,
                                       .title = title,
                                   });
        free(title);
        bytes = slice_from(bytes, 9 + size);
    }
}

/* A text track has no gaps, so writers fill them with empty texts: those of which Nero's list knows
 * nothing, where it is not full, and one at the beginning, are no chapters. */
static void drop_fillers(struct chapter_list *list, struct chapter_list *nero)
{
    bool all_known = nero->count && nero->count < NERO_MAX_ENTRIES;
    size_t kept = 0;
    size_t place = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        bool untitled = !chapter->title || !*chapter->title;
        bool known = next_at(nero, &place, chapter->start);
        bool filler = untitled && !known && (all_known || i == 0) && list->count > 1;
        if (!filler)
            list->items[kept++] = *chapter;
    }
    list->count = kept;
}

/* A track that begins later than 0 is placed by the film's clock, which may be as coarse as 1/600
 * s; Nero's times are not. */
static void refine_times(struct chapter_list *list, const struct chapter_list *nero)
{
    if (!list->count || !nero->count)
        return;
    millis error = nero->items[0].start - list->items[0].start;
    if (llabs(error) > ROUNDING)
        return;
    for (size_t i = 0; i < list->count; i++) {
        list->items[i].start += error;
        list->items[i].end += error;
    }
}

static void find_faults(struct chapters *chapters, const struct mp4_file *file, size_t nero,
                        size_t track)
{
    if (mp4_nero(file).size && !nero && track)
        chapters_add_finding(
            chapters, FINDING_ERROR,
            "the Nero chapter list (chpl) is empty: it hides the others from many players");
    else if (track && !nero)
        chapters_add_finding(
            chapters, FINDING_WARNING,
            "there is no Nero chapter list (chpl): AntennaPod and others show no chapters");
    if (nero && !track)
        chapters_add_finding(chapters, FINDING_WARNING,
                             "there is no chapter track: Apple's players show no chapters");
    if (nero && track > nero)
        chapters_add_finding(
            chapters, FINDING_WARNING,
            "the Nero chapter list (chpl) holds %zu of %zu chapters: players that read it "
            "do not show the others",
            nero, track);
    if (nero > track && track)
        chapters_add_finding(
            chapters, FINDING_WARNING,
            "the chapter track and the Nero chapter list (chpl) hold %zu and %zu chapters", track,
            nero);
}

static bool mp4_read(struct source *source, struct chapters *chapters, struct error *err)
{
    struct mp4_file file;
    if (!mp4_open(source, &file, err))
        return false;
    struct mp4_reading reading = {source, &file, chapters, source->size};
    struct chapter_list nero;
    chapter_list_init(&nero);
    read_nero(&file, &nero);
    read_text_tracks(&reading);
    read_picture_tracks(&reading);
    drop_fillers(&chapters->list, &nero);
    refine_times(&chapters->list, &nero);
    find_faults(chapters, &file, nero.count, chapters->list.count);
    if (!chapters->list.count)
        for (size_t i = 0; i < nero.count; i++)
            chapter_list_add(&chapters->list, &nero.items[i]);
    chapters->duration = mp4_duration(&file);
    chapter_list_release(&nero);
    mp4_close(&file);
    return true;
}

static void append_free(struct buffer *out, int64_t size)
{
    size_t place = box_begin(out, "free");
    buffer_extend(out, (size_t)size - FREE_HEADER);
    box_end(out, place);
}

/* Of the mdat that holds the chapters' samples; 0 where there is none. */
static int64_t media_header_size(const struct mp4_file *file, int64_t samples)
{
    if (!file->in_media)
        return samples ? BOX_HEADER : 0;
    bool large = file->media_left + samples + BOX_HEADER > UINT32_MAX && !file->media_open;
    return large ? LARGE_BOX_HEADER : file->media_header;
}

/* The samples go to the head of the audio's mdat where that is next, else into one of their own:
 * there are readers (music-metadata) that take any mdat behind the moov for the chapters'. */
static void append_media_header(const struct mp4_file *file, struct buffer *out, int64_t samples)
{
    int64_t header = media_header_size(file, samples);
    int64_t size = header + samples + (file->in_media ? file->media_left : 0);
    bool large = header == LARGE_BOX_HEADER;
    if (!header)
        return;
    box_append_u32(out, large ? 1 : file->media_open ? 0 : (uint64_t)size);
    buffer_append_text(out, "mdat");
    if (large)
        box_append_u64(out, (uint64_t)size);
}

/* The room that moov, samples and a free box take: what is there, where they fit, else more. At the
 * end of a file a block must be left over, or nothing is written in place. */
static int64_t room_for(const struct mp4_file *file, int64_t content)
{
    int64_t room = file->room_end - file->moov_offset;
    int64_t spare = FREE_HEADER + (file->last ? BLOCK : 0);
    if (content == room || content + spare <= room)
        return room;
    int64_t growth = content + ROOM - room;
    return room + (growth + BLOCK - 1) / BLOCK * BLOCK;
}

/*
 * The moov, then the samples and their mdat's header, and what is left over between them; where no
 * audio follows, behind them.
 */
static bool plan_moov(struct source *source, const struct mp4_file *file,
                      const struct chapter_list *list, struct patch *patch, struct error *err)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED), texts = BUFFER_INIT(BUFFER_UNBOUNDED);
    bool built = mp4_build(file, list, source->name, 0, 0, 0, &out, &texts, err);
    if (built) {
        int64_t samples = (int64_t)texts.size, header = media_header_size(file, samples);
        int64_t old_room = file->room_end - file->moov_offset;
        int64_t content = (int64_t)out.size + header + samples, room = room_for(file, content);
        int64_t before = file->in_media ? room - content : 0, behind = room - content - before;
        int64_t offset = file->moov_offset + (int64_t)out.size + before + header;
        buffer_clear(&out);
        buffer_clear(&texts);
        built = mp4_build(file, list, source->name, offset, file->room_end, room - old_room, &out,
                          &texts, err);
        if (built && before)
            append_free(&out, before);
        append_media_header(file, &out, samples);
        buffer_append_slice(&out, buffer_slice(&texts));
        if (behind)
            append_free(&out, behind);
        if (built)
            patch_replace(patch, file->moov_offset, old_room, buffer_slice(&out));
    }
    buffer_release(&out);
    buffer_release(&texts);
    return built;
}

static bool has_chapters(const struct mp4_file *file)
{
    for (size_t i = 0; i < file->track_count; i++)
        if (mp4_is_chapter_track(file, &file->tracks[i]))
            return true;
    return mp4_nero(file).size > 0;
}

static bool mp4_plan(struct source *source, const struct chapter_list *list,
                     const struct chapters_options *options, struct patch *patch, struct error *err)
{
    struct mp4_file file;
    if (!mp4_open(source, &file, err))
        return false;
    bool planned = true;
    if (file.fragmented)
        planned = error_set(err, ERROR_UNSUPPORTED,
                            "%s: is a fragmented MP4 (as for streaming), which holds no chapters; "
                            "make it a plain one first, with: ffmpeg -i IN -c copy OUT.m4a",
                            source->name);
    else if (!file.audio)
        planned = error_set(err, ERROR_INPUT, "%s: has no audio track", source->name);
    else if (list->count || has_chapters(&file))
        planned = plan_moov(source, &file, list, patch, err);
    if (planned && list->count > NERO_MAX_ENTRIES)
        log_warning(
            options->log,
            "%s: the Nero chapter list holds the first 255 of %zu chapters; Apple's players "
            "show all",
            source->name, list->count);
    mp4_close(&file);
    return planned;
}

const struct container mp4_container = {
    .name = "mp4",
    .holds = HOLDS_LINKS | HOLDS_PICTURES,
    .probe = mp4_probe,
    .read = mp4_read,
    .plan = mp4_plan,
};
