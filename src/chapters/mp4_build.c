/* SPDX-License-Identifier: MIT */
/*
 * Building a moov with chapters in it: all that is not about chapters is copied as it is; only
 * chunk offsets move with the bytes that they point to.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "chapters/mp4_file.h"

#define TRACK_TIMESCALE  1000
#define NERO_UNITS       10000
#define NERO_MAX_ENTRIES 255
#define NERO_MAX_TITLE   127 /* AntennaPod reads the length as a signed byte */
#define MAX_TEXT         65535
#define MAX_URL          255
#define IN_MOVIE         2      /* tkhd flags: part of the film, but not enabled */
#define UNDETERMINED     0x55C4 /* the language "und" */

enum track_kind {
    TITLE_TRACK,
    LINK_TRACK,
    JPEG_TRACK,
    PNG_TRACK,
    TRACK_KINDS,
};

struct build {
    const struct mp4_file *file;
    const struct chapter_list *list;
    const char *name;
    int64_t texts_offset, from, shift;
    millis duration;
    uint32_t ids[TRACK_KINDS]; /* of the new tracks; 0: there is none */
    struct buffer *texts;
    size_t next_track; /* of the file's, to be copied */
    bool tracks_done, user_data_done, user_data_seen;
    struct error *err;
};

/* A sample of a new track. Consecutive: each lasts until the next one starts. */
struct new_sample {
    millis start;
    size_t size;
};

static bool picture_is(const struct picture *picture, const char *type)
{
    return picture && picture->size && picture->type && strcmp(picture->type, type) == 0;
}

/* Does the chapter have a sample in such a track? */
static bool has_sample(const struct chapter *chapter, enum track_kind kind)
{
    switch (kind) {
    case JPEG_TRACK:
        return picture_is(chapter->picture, "image/jpeg") ||
               picture_is(chapter->picture, "image/jpg");
    case PNG_TRACK:
        return picture_is(chapter->picture, "image/png");
    default:
        return true;
    }
}

static bool is_wanted(const struct chapter_list *list, enum track_kind kind)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        if (kind == LINK_TRACK ? chapter->link && *chapter->link : has_sample(chapter, kind))
            return true;
    }
    return false;
}

static size_t count_characters(struct slice text)
{
    uint32_t character;
    size_t count = 0;
    while (text_take_char(&text, &character))
        count++;
    return count;
}

/* The whole title, all of it being the link. A URL that is longer than the format holds is left
 * out: cut off, it would lead elsewhere. */
static void append_link(struct buffer *out, struct slice title, const char *link)
{
    size_t size = link ? strlen(link) : 0;
    if (!size || size > MAX_URL)
        return;
    size_t place = box_begin(out, "href");
    box_append_u16(out, 0);
    box_append_u16(out, (uint32_t)count_characters(title));
    buffer_append_byte(out, (char)size);
    buffer_append(out, link, size);
    buffer_append_byte(out, 0);
    box_end(out, place);
}

static void append_sample(struct buffer *out, const struct chapter *chapter, enum track_kind kind)
{
    if (kind == JPEG_TRACK || kind == PNG_TRACK) {
        buffer_append(out, chapter->picture->data, chapter->picture->size);
        return;
    }
    struct slice title = text_cut_bytes(slice_of(chapter->title), MAX_TEXT);
    box_append_u16(out, (uint32_t)title.size);
    buffer_append_slice(out, title);
    if (kind == LINK_TRACK) {
        append_link(out, title, chapter->link);
        return;
    }
    size_t place = box_begin(out, "encd"); /* QuickTime: the text is UTF-8 */
    box_append_u32(out, 0x100);
    box_end(out, place);
}

static struct new_sample *append_samples(struct build *build, enum track_kind kind,
                                         size_t *ret_count)
{
    struct new_sample *samples =
        mem_alloc_array(build->list->count ? build->list->count : 1, sizeof *samples);
    size_t count = 0;
    for (size_t i = 0; i < build->list->count; i++) {
        const struct chapter *chapter = &build->list->items[i];
        if (!has_sample(chapter, kind))
            continue;
        size_t before = build->texts->size;
        append_sample(build->texts, chapter, kind);
        samples[count++] = (struct new_sample){chapter->start, build->texts->size - before};
    }
    *ret_count = count;
    return samples;
}

/* The last one lasts to the recording's end, and never nothing. */
static uint32_t sample_length(const struct build *build, const struct new_sample *samples,
                              size_t count, size_t i)
{
    millis end = i + 1 < count ? samples[i + 1].start : build->duration;
    if (i + 1 == count && (end == MILLIS_NONE || end <= samples[i].start))
        end = samples[i].start + 1;
    millis length = end - samples[i].start;
    return length > INT32_MAX ? INT32_MAX : (uint32_t)length;
}

static uint64_t movie_time(const struct build *build, millis time)
{
    return ((uint64_t)time * build->file->timescale + 500) / 1000;
}

static void append_matrix(struct buffer *out)
{
    static const uint32_t identity[9] = {0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};
    for (size_t i = 0; i < 9; i++)
        box_append_u32(out, identity[i]);
}

static void append_track_header(const struct build *build, struct buffer *out, enum track_kind kind,
                                millis end)
{
    size_t place = box_begin(out, "tkhd");
    box_append_u32(out, IN_MOVIE);
    box_append_u64(out, 0); /* creation, modification */
    box_append_u32(out, build->ids[kind]);
    box_append_u32(out, 0);
    box_append_u32(out, movie_time(build, end));
    box_append_u64(out, 0);
    box_append_u64(out, 0); /* layer, group, volume */
    append_matrix(out);
    box_append_u64(out, 0); /* width, height */
    box_end(out, place);
}

/* Where the first sample is later than 0, an empty edit stands before it. */
static void append_edits(const struct build *build, struct buffer *out, millis first, millis end)
{
    if (!first)
        return;
    size_t edits = box_begin(out, "edts"), list = box_begin(out, "elst");
    box_append_u32(out, 0);
    box_append_u32(out, 2);
    box_append_u32(out, movie_time(build, first));
    box_append_u32(out, 0xFFFFFFFF);
    box_append_u32(out, 0x10000);
    box_append_u32(out, movie_time(build, end - first));
    box_append_u32(out, 0);
    box_append_u32(out, 0x10000);
    box_end(out, list);
    box_end(out, edits);
}

static void append_media_header(struct buffer *out, millis length, const char *handler,
                                const char *name)
{
    size_t place = box_begin(out, "mdhd");
    box_append_u32(out, 0);
    box_append_u64(out, 0);
    box_append_u32(out, TRACK_TIMESCALE);
    box_append_u32(out, (uint64_t)length);
    box_append_u16(out, UNDETERMINED);
    box_append_u16(out, 0);
    box_end(out, place);

    place = box_begin(out, "hdlr");
    box_append_u64(out, 0);
    buffer_append(out, handler, 4);
    box_append_u64(out, 0);
    box_append_u32(out, 0);
    buffer_append(out, name, strlen(name) + 1);
    box_end(out, place);
}

/* QuickTime File Format, "Text media": a base header with a matrix for the text. */
static void append_text_header(struct buffer *out)
{
    size_t header = box_begin(out, "gmhd"), place = box_begin(out, "gmin");
    box_append_u32(out, 0);
    box_append_u16(out, 0x40);
    box_append_u16(out, 0x8000);
    box_append_u16(out, 0x8000);
    box_append_u16(out, 0x8000);
    box_append_u32(out, 0);
    box_end(out, place);
    place = box_begin(out, "text");
    append_matrix(out);
    box_end(out, place);
    box_end(out, header);
}

static void append_picture_header(struct buffer *out)
{
    size_t place = box_begin(out, "vmhd");
    box_append_u32(out, 1);
    box_append_u64(out, 0);
    box_end(out, place);
}

static void append_data_reference(struct buffer *out)
{
    size_t information = box_begin(out, "dinf"), references = box_begin(out, "dref");
    box_append_u32(out, 0);
    box_append_u32(out, 1);
    size_t place = box_begin(out, "url ");
    box_append_u32(out, 1); /* this file */
    box_end(out, place);
    box_end(out, references);
    box_end(out, information);
}

/* All but the reference index, which is 1, may be zero: the text is never drawn. */
static void append_text_description(struct buffer *out)
{
    size_t place = box_begin(out, "text");
    box_append_u32(out, 0);
    box_append_u32(out, 1);
    box_append_u32(out, 1); /* display flags: do not scale */
    buffer_extend(out, 4 + 6 + 8 + 8 + 2 + 2 + 1 + 2 + 6 + 1);
    box_end(out, place);
}

/* 3GPP TS 26.245, 5.16: colours, box and style, and a table of one font. */
static void append_link_description(struct buffer *out)
{
    static const char font[] = "Sans-Serif";
    size_t place = box_begin(out, "tx3g");
    box_append_u32(out, 0);
    box_append_u32(out, 1);
    box_append_u32(out, 0); /* display flags */
    box_append_u16(out, 0x01FF);
    buffer_extend(out, 4 + 8);
    box_append_u32(out, 0);  /* characters that the style is for */
    box_append_u16(out, 1);  /* font */
    box_append_u16(out, 18); /* plain, 18 pixels */
    box_append_u32(out, 0xFF);
    size_t fonts = box_begin(out, "ftab");
    box_append_u16(out, 1);
    box_append_u16(out, 1);
    buffer_append_byte(out, sizeof font - 1);
    buffer_append(out, font, sizeof font - 1);
    box_end(out, fonts);
    box_end(out, place);
}

struct dimensions {
    uint16_t width, height;
};

/* PNG: IHDR comes first. JPEG: the first frame header (ISO 10918-1, B.2.2). */
static struct dimensions dimensions_of(const struct picture *picture)
{
    struct slice bytes = {(const char *)picture->data, picture->size};
    if (box_u32(bytes, 0) == 0x89504E47)
        return (struct dimensions){box_u16(bytes, 18), box_u16(bytes, 22)};
    for (size_t at = 2; at + 9 < bytes.size && (uint8_t)bytes.data[at] == 0xFF;
         at += 2 + (size_t)box_u16(bytes, at + 2)) {
        uint8_t marker = (uint8_t)bytes.data[at + 1];
        if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC)
            return (struct dimensions){box_u16(bytes, at + 7), box_u16(bytes, at + 5)};
    }
    return (struct dimensions){0, 0};
}

static void append_picture_description(const struct build *build, struct buffer *out,
                                       enum track_kind kind)
{
    struct dimensions size = {0, 0};
    for (size_t i = build->list->count; i-- > 0;)
        if (has_sample(&build->list->items[i], kind))
            size = dimensions_of(build->list->items[i].picture);
    size_t place = box_begin(out, kind == PNG_TRACK ? "png " : "jpeg");
    box_append_u32(out, 0);
    box_append_u32(out, 1);
    buffer_extend(out, 16);
    box_append_u16(out, size.width);
    box_append_u16(out, size.height);
    box_append_u32(out, 72 << 16);
    box_append_u32(out, 72 << 16);
    box_append_u32(out, 0);
    box_append_u16(out, 1);
    buffer_extend(out, 32);
    box_append_u16(out, 24);
    box_append_u16(out, 0xFFFF);
    box_end(out, place);
}

static void append_description(const struct build *build, struct buffer *out, enum track_kind kind)
{
    size_t place = box_begin(out, "stsd");
    box_append_u32(out, 0);
    box_append_u32(out, 1);
    if (kind == TITLE_TRACK)
        append_text_description(out);
    else if (kind == LINK_TRACK)
        append_link_description(out);
    else
        append_picture_description(build, out, kind);
    box_end(out, place);
}

/* Each sample is a chunk of its own: some readers know no others. */
static void append_sample_tables(const struct build *build, struct buffer *out,
                                 const struct new_sample *samples, size_t count, uint64_t offset)
{
    size_t place = box_begin(out, "stts");
    box_append_u32(out, 0);
    box_append_u32(out, count);
    for (size_t i = 0; i < count; i++) {
        box_append_u32(out, 1);
        box_append_u32(out, sample_length(build, samples, count, i));
    }
    box_end(out, place);
    place = box_begin(out, "stsc");
    box_append_u32(out, 0);
    box_append_u32(out, 1);
    box_append_u32(out, 1);
    box_append_u32(out, 1);
    box_append_u32(out, 1);
    box_end(out, place);
    place = box_begin(out, "stsz");
    box_append_u64(out, 0);
    box_append_u32(out, count);
    for (size_t i = 0; i < count; i++)
        box_append_u32(out, samples[i].size);
    box_end(out, place);
    place = box_begin(out, build->file->large ? "co64" : "stco");
    box_append_u32(out, 0);
    box_append_u32(out, count);
    for (size_t i = 0; i < count; i++) {
        if (build->file->large)
            box_append_u64(out, offset);
        else
            box_append_u32(out, offset);
        offset += samples[i].size;
    }
    box_end(out, place);
}

static void append_track(struct build *build, struct buffer *out, enum track_kind kind)
{
    static const struct {
        const char *handler, *name;
    } names[TRACK_KINDS] = {
        [TITLE_TRACK] = {"text", "Chapter Titles"},
        [LINK_TRACK] = {"text", "Chapter URLs"},
        [JPEG_TRACK] = {"vide", "Chapter Images"},
        [PNG_TRACK] = {"vide", "Chapter Images"},
    };
    uint64_t offset = (uint64_t)build->texts_offset + build->texts->size;
    size_t count;
    struct new_sample *samples = append_samples(build, kind, &count);
    millis first = samples[0].start, end = first;
    for (size_t i = 0; i < count; i++)
        end += sample_length(build, samples, count, i);

    size_t track = box_begin(out, "trak");
    append_track_header(build, out, kind, end);
    append_edits(build, out, first, end);
    size_t media = box_begin(out, "mdia");
    append_media_header(out, end - first, names[kind].handler, names[kind].name);
    size_t information = box_begin(out, "minf");
    if (kind == JPEG_TRACK || kind == PNG_TRACK)
        append_picture_header(out);
    else
        append_text_header(out);
    append_data_reference(out);
    size_t tables = box_begin(out, "stbl");
    append_description(build, out, kind);
    append_sample_tables(build, out, samples, count, offset);
    box_end(out, tables);
    box_end(out, information);
    box_end(out, media);
    box_end(out, track);
    free(samples);
}

static void append_nero(const struct build *build, struct buffer *out)
{
    size_t count = build->list->count;
    if (!count)
        return;
    if (count > NERO_MAX_ENTRIES)
        count = NERO_MAX_ENTRIES;
    size_t place = box_begin(out, "chpl");
    box_append_u32(out, 1 << 24); /* version 1 */
    box_append_u32(out, 0);
    buffer_append_byte(out, (char)count);
    for (size_t i = 0; i < count; i++) {
        const struct chapter *chapter = &build->list->items[i];
        struct slice title = text_cut_bytes(slice_of(chapter->title), NERO_MAX_TITLE);
        box_append_u64(out, (uint64_t)chapter->start * NERO_UNITS);
        buffer_append_byte(out, (char)title.size);
        buffer_append_slice(out, title);
    }
    box_end(out, place);
}

/* Fails where a 32-bit offset would have to be larger. */
static bool append_offsets(const struct build *build, struct buffer *out, const struct box *box)
{
    size_t width = box_is(box, "co64") ? 8 : 4, place = box_begin(out, box->type);
    buffer_append_slice(out, slice_first(box->body, 8));
    for (size_t at = 8; at + width <= box->body.size; at += width) {
        uint64_t offset = width == 8 ? box_u64(box->body, at) : box_u32(box->body, at);
        if (offset >= (uint64_t)build->from)
            offset += (uint64_t)build->shift;
        if (width == 4 && offset > UINT32_MAX)
            return error_set(build->err, ERROR_UNSUPPORTED,
                             "%s: its 32-bit offsets leave no room for chapters before the audio",
                             build->name);
        if (width == 8)
            box_append_u64(out, offset);
        else
            box_append_u32(out, offset);
    }
    box_end(out, place);
    return true;
}

/* A box with children, of which those with offsets are moved. */
static bool append_moved(const struct build *build, struct buffer *out, const struct box *box)
{
    static const char *const parents[] = {"mdia", "minf", "stbl"};
    if (box_is(box, "stco") || box_is(box, "co64"))
        return append_offsets(build, out, box);
    if (build->shift && (box_is(box, "saio") || box_is(box, "iloc")))
        return error_set(build->err, ERROR_UNSUPPORTED,
                         "%s: has a %s box, whose offsets we do not know how to move", build->name,
                         box->type);
    for (size_t i = 0; i < sizeof parents / sizeof *parents; i++) {
        if (!box_is(box, parents[i]))
            continue;
        size_t place = box_begin(out, box->type);
        struct slice rest = box->body;
        struct box child;
        while (box_take(&rest, &child))
            if (!append_moved(build, out, &child))
                return false;
        buffer_append_slice(out, rest);
        box_end(out, place);
        return true;
    }
    return buffer_append_slice(out, box->whole);
}

/* The track's references to chapters: those that stay (a track that is no longer there is not
 * referred to), and for the audio track the new ones. */
static void append_chapter_references(const struct build *build, struct buffer *out,
                                      const struct track *track)
{
    size_t place = box_begin(out, "chap"), empty = out->size;
    for (size_t at = 0; at + 4 <= track->references.size; at += 4) {
        uint32_t id = box_u32(track->references, at);
        const struct track *other = track_find(build->file->tracks, build->file->track_count, id);
        if (other && !mp4_is_chapter_track(build->file, other))
            box_append_u32(out, id);
    }
    for (size_t kind = 0; track == build->file->audio && kind < TRACK_KINDS; kind++)
        if (build->ids[kind])
            box_append_u32(out, build->ids[kind]);
    if (out->size == empty)
        buffer_truncate(out, place);
    else
        box_end(out, place);
}

static void append_references(const struct build *build, struct buffer *out,
                              const struct track *track)
{
    size_t place = box_begin(out, "tref"), empty = out->size;
    struct slice rest = box_child(track->body, "tref");
    struct box box;
    while (box_take(&rest, &box))
        if (!box_is(&box, "chap"))
            buffer_append_slice(out, box.whole);
    append_chapter_references(build, out, track);
    if (out->size == empty)
        buffer_truncate(out, place);
    else
        box_end(out, place);
}

/* tref goes before mdia, whether there was one or not. */
static bool append_kept_track(const struct build *build, struct buffer *out,
                              const struct track *track)
{
    size_t place = box_begin(out, "trak");
    struct slice rest = track->body;
    struct box box;
    while (box_take(&rest, &box)) {
        if (box_is(&box, "tref"))
            continue;
        if (box_is(&box, "mdia"))
            append_references(build, out, track);
        if (!append_moved(build, out, &box))
            return false;
    }
    buffer_append_slice(out, rest);
    box_end(out, place);
    return true;
}

static void append_user_data(const struct build *build, struct buffer *out, struct slice body)
{
    size_t place = box_begin(out, "udta"), empty = out->size;
    struct box box;
    while (box_take(&body, &box))
        if (!box_is(&box, "chpl"))
            buffer_append_slice(out, box.whole);
    append_nero(build, out);
    if (out->size == empty && !body.size) {
        buffer_truncate(out, place);
        return;
    }
    buffer_append_slice(out, body); /* QuickTime ends the list with four zeros */
    box_end(out, place);
}

/* The last four bytes are the next free track id. */
static void append_movie_header(struct buffer *out, const struct box *box, uint32_t next_id)
{
    buffer_append_slice(out, slice_first(box->whole, box->whole.size - 4));
    box_append_u32(out, next_id);
}

static void append_new_tracks(struct build *build, struct buffer *out)
{
    for (size_t kind = 0; kind < TRACK_KINDS && !build->tracks_done; kind++)
        if (build->ids[kind])
            append_track(build, out, (enum track_kind)kind);
    build->tracks_done = true;
}

/*
 * libavformat gives the encoder delay that udta holds (iTunSMPB) to the last track before it. That
 * stays the track that it was, so that the audio is decoded as it was: new tracks take the old
 * ones' place, or stand behind all else. Where the delay went to a chapter track that goes, udta
 * stands before all tracks.
 */
static bool is_user_data_early(const struct build *build)
{
    struct slice rest = build->file->moov;
    struct box box;
    bool behind_chapters = false;
    for (size_t track = 0; box_take(&rest, &box) && !box_is(&box, "udta");)
        if (box_is(&box, "trak"))
            behind_chapters = mp4_is_chapter_track(build->file, &build->file->tracks[track++]);
    return behind_chapters && !build->list->count;
}

static void append_user_data_once(struct build *build, struct buffer *out)
{
    if (!build->user_data_done)
        append_user_data(build, out, box_child(build->file->moov, "udta"));
    build->user_data_done = true;
}

static bool append_child(struct build *build, struct buffer *out, const struct box *box,
                         uint32_t next_id)
{
    if (box_is(box, "trak")) {
        const struct track *track = &build->file->tracks[build->next_track++];
        if (!build->user_data_done && is_user_data_early(build))
            append_user_data_once(build, out);
        if (!mp4_is_chapter_track(build->file, track))
            return append_kept_track(build, out, track);
        append_new_tracks(build, out);
    } else if (box_is(box, "mvhd")) {
        append_movie_header(out, box, next_id);
    } else if (box_is(box, "udta") && !build->user_data_seen) {
        append_user_data_once(build, out);
        build->user_data_seen = true;
    } else {
        buffer_append_slice(out, box->whole);
    }
    return true;
}

static bool append_children(struct build *build, struct buffer *out, uint32_t next_id)
{
    struct slice rest = build->file->moov;
    struct box box;
    while (box_take(&rest, &box))
        if (!append_child(build, out, &box, next_id))
            return false;
    append_user_data_once(build, out);
    append_new_tracks(build, out);
    buffer_append_slice(out, rest); /* what is no box */
    return true;
}

/* Ids for the new tracks, from the first one on that no track that stays has. */
static uint32_t number_tracks(struct build *build)
{
    uint32_t next = 1;
    for (size_t i = 0; i < build->file->track_count; i++) {
        const struct track *track = &build->file->tracks[i];
        if (track->id >= next && !mp4_is_chapter_track(build->file, track))
            next = track->id + 1;
    }
    for (size_t kind = 0; kind < TRACK_KINDS; kind++)
        if (build->list->count && is_wanted(build->list, (enum track_kind)kind))
            build->ids[kind] = next++;
    return next;
}

bool mp4_build(const struct mp4_file *file, const struct chapter_list *list, const char *name,
               int64_t texts_offset, int64_t from, int64_t shift, struct buffer *out,
               struct buffer *texts, struct error *err)
{
    struct build build = {
        .file = file,
        .list = list,
        .name = name,
        .texts_offset = texts_offset,
        .from = from,
        .shift = shift,
        .duration = mp4_duration(file),
        .texts = texts,
        .err = err,
    };
    size_t place = box_begin(out, "moov");
    uint32_t next_id = number_tracks(&build);
    if (!append_children(&build, out, next_id))
        return false;
    box_end(out, place);
    return true;
}
