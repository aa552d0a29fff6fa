/* SPDX-License-Identifier: MIT */
#include "chapters/mp4_tracks.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define TRACK_TIMESCALE 1000
#define MAX_TEXT        65535
#define MAX_URL         255
#define IN_MOVIE        2      /* tkhd flags: part of the film, but not enabled */
#define UNDETERMINED    0x55C4 /* the language "und" */

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

static struct new_sample *append_samples(struct new_tracks *tracks, enum track_kind kind,
                                         size_t *ret_count)
{
    struct new_sample *samples =
        mem_alloc_array(tracks->list->count ? tracks->list->count : 1, sizeof *samples);
    size_t count = 0;
    for (size_t i = 0; i < tracks->list->count; i++) {
        const struct chapter *chapter = &tracks->list->items[i];
        if (!has_sample(chapter, kind))
            continue;
        size_t before = tracks->samples->size;
        append_sample(tracks->samples, chapter, kind);
        samples[count++] = (struct new_sample){chapter->start, tracks->samples->size - before};
    }
    *ret_count = count;
    return samples;
}

/* The last one lasts to the recording's end, and never nothing. */
static uint32_t sample_length(const struct new_tracks *tracks, const struct new_sample *samples,
                              size_t count, size_t i)
{
    millis end = i + 1 < count ? samples[i + 1].start : tracks->duration;
    if (i + 1 == count && (end == MILLIS_NONE || end <= samples[i].start))
        end = samples[i].start + 1;
    millis length = end - samples[i].start;
    return length > INT32_MAX ? INT32_MAX : (uint32_t)length;
}

static uint64_t movie_time(const struct new_tracks *tracks, millis time)
{
    return ((uint64_t)time * tracks->file->timescale + 500) / 1000;
}

static void append_matrix(struct buffer *out)
{
    static const uint32_t identity[9] = {0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};
    for (size_t i = 0; i < 9; i++)
        box_append_u32(out, identity[i]);
}

static void append_track_header(const struct new_tracks *tracks, struct buffer *out,
                                enum track_kind kind, millis end)
{
    size_t place = box_begin(out, "tkhd");
    box_append_u32(out, IN_MOVIE);
    box_append_u64(out, 0); /* creation, modification */
    box_append_u32(out, tracks->ids[kind]);
    box_append_u32(out, 0);
    box_append_u32(out, movie_time(tracks, end));
    box_append_u64(out, 0);
    box_append_u64(out, 0); /* layer, group, volume */
    append_matrix(out);
    box_append_u64(out, 0); /* width, height */
    box_end(out, place);
}

/* Where the first sample is later than 0, an empty edit stands before it. */
static void append_edits(const struct new_tracks *tracks, struct buffer *out, millis first,
                         millis end)
{
    if (!first)
        return;
    size_t edits = box_begin(out, "edts"), list = box_begin(out, "elst");
    box_append_u32(out, 0);
    box_append_u32(out, 2);
    box_append_u32(out, movie_time(tracks, first));
    box_append_u32(out, 0xFFFFFFFF);
    box_append_u32(out, 0x10000);
    box_append_u32(out, movie_time(tracks, end - first));
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

static void append_picture_description(const struct new_tracks *tracks, struct buffer *out,
                                       enum track_kind kind)
{
    struct dimensions size = {0, 0};
    for (size_t i = tracks->list->count; i-- > 0;)
        if (has_sample(&tracks->list->items[i], kind))
            size = dimensions_of(tracks->list->items[i].picture);
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

static void append_description(const struct new_tracks *tracks, struct buffer *out,
                               enum track_kind kind)
{
    size_t place = box_begin(out, "stsd");
    box_append_u32(out, 0);
    box_append_u32(out, 1);
    if (kind == TITLE_TRACK)
        append_text_description(out);
    else if (kind == LINK_TRACK)
        append_link_description(out);
    else
        append_picture_description(tracks, out, kind);
    box_end(out, place);
}

/* Each sample is a chunk of its own: some readers know no others. */
static void append_sample_tables(const struct new_tracks *tracks, struct buffer *out,
                                 const struct new_sample *samples, size_t count, uint64_t offset)
{
    size_t place = box_begin(out, "stts");
    box_append_u32(out, 0);
    box_append_u32(out, count);
    for (size_t i = 0; i < count; i++) {
        box_append_u32(out, 1);
        box_append_u32(out, sample_length(tracks, samples, count, i));
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
    place = box_begin(out, tracks->file->large ? "co64" : "stco");
    box_append_u32(out, 0);
    box_append_u32(out, count);
    for (size_t i = 0; i < count; i++) {
        if (tracks->file->large)
            box_append_u64(out, offset);
        else
            box_append_u32(out, offset);
        offset += samples[i].size;
    }
    box_end(out, place);
}

static void append_track(struct new_tracks *tracks, struct buffer *out, enum track_kind kind)
{
    static const struct {
        const char *handler, *name;
    } names[TRACK_KINDS] = {
        [TITLE_TRACK] = {"text", "Chapter Titles"},
        [LINK_TRACK] = {"text", "Chapter URLs"},
        [JPEG_TRACK] = {"vide", "Chapter Images"},
        [PNG_TRACK] = {"vide", "Chapter Images"},
    };
    uint64_t offset = (uint64_t)tracks->samples_offset + tracks->samples->size;
    size_t count;
    struct new_sample *samples = append_samples(tracks, kind, &count);
    millis first = samples[0].start, end = first;
    for (size_t i = 0; i < count; i++)
        end += sample_length(tracks, samples, count, i);

    size_t track = box_begin(out, "trak");
    append_track_header(tracks, out, kind, end);
    append_edits(tracks, out, first, end);
    size_t media = box_begin(out, "mdia");
    append_media_header(out, end - first, names[kind].handler, names[kind].name);
    size_t information = box_begin(out, "minf");
    if (kind == JPEG_TRACK || kind == PNG_TRACK)
        append_picture_header(out);
    else
        append_text_header(out);
    append_data_reference(out);
    size_t tables = box_begin(out, "stbl");
    append_description(tracks, out, kind);
    append_sample_tables(tracks, out, samples, count, offset);
    box_end(out, tables);
    box_end(out, information);
    box_end(out, media);
    box_end(out, track);
    free(samples);
}

uint32_t mp4_number_tracks(struct new_tracks *tracks)
{
    uint32_t next = 1;
    for (size_t i = 0; i < tracks->file->track_count; i++) {
        const struct track *track = &tracks->file->tracks[i];
        if (track->id >= next && !mp4_is_chapter_track(tracks->file, track))
            next = track->id + 1;
    }
    for (size_t kind = 0; kind < TRACK_KINDS; kind++)
        if (tracks->list->count && is_wanted(tracks->list, (enum track_kind)kind))
            tracks->ids[kind] = next++;
    return next;
}

void mp4_append_tracks(struct new_tracks *tracks, struct buffer *out)
{
    for (size_t kind = 0; kind < TRACK_KINDS; kind++)
        if (tracks->ids[kind])
            append_track(tracks, out, (enum track_kind)kind);
}
