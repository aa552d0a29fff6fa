/* SPDX-License-Identifier: MIT */
#include "audio/mp3_id3.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "audio/tags.h"
#include "base/text.h"
#include "format/id3.h"
#include "format/id3_chapters.h"

/* The language of comments, which nobody tells us and the frame has to name. Players show those of
 * this one. */
#define LANGUAGE "eng"

#define LANGUAGE_SIZE 3

/* As libavformat names them. */
#define LYRICS "lyrics"

#define FRONT_COVER 3

/* A file has one or two; more is a file made to keep us busy. */
#define MAX_TAGS 16

/* No tag of a person's making is larger, and memory is not there for the others. */
#define LARGEST_TAG ((int64_t)16 << 20)

#define ID3V1_SIZE 128

/*
 * Reading.
 */

static const char *find_text(struct audio *audio, const struct id3_tag *tag, const char *id)
{
    const struct id3_frame *frame = id3_find(tag, id);
    const char *text = frame ? id3_text(audio->arena, tag->version, frame) : NULL;
    return text && *text ? text : NULL;
}

/* "3" or "3/12". */
static void read_track(const char *text, struct tags *tags)
{
    struct slice rest = slice_of(text), field = {"", 0};
    int64_t number = 0;
    slice_take_field(&rest, '/', &field);
    if (slice_to_int64(slice_trim(field), &number) && number > 0 && number < INT32_MAX)
        tags->track = (int)number;
    if (slice_to_int64(slice_trim(rest), &number) && number > 0 && number < INT32_MAX)
        tags->track_total = (int)number;
}

/* Version 2.4 has one time stamp, 2.3 a year and "DDMM". */
static const char *find_date(struct audio *audio, const struct id3_tag *tag)
{
    const char *stamp = find_text(audio, tag, "TDRC");
    const char *year = find_text(audio, tag, "TYER");
    const char *day = find_text(audio, tag, "TDAT");
    if (stamp || !year || !day || strlen(day) != 4)
        return stamp ? stamp : year;
    return arena_format(audio->arena, "%s-%.2s-%.2s", year, day + 2, day);
}

/* A text with a description; between the encoding and these some frames have a language (id3v2.3.0,
 * 4.2.2, 4.9, 4.11). */
static const char *read_described(struct audio *audio, const struct id3_tag *tag,
                                  const struct id3_frame *frame, size_t language_size,
                                  const char **ret_description)
{
    struct slice content = {"", 0};
    if (!id3_content(audio->arena, tag->version, frame, &content) ||
        content.size < 2 + language_size)
        return NULL;
    uint8_t encoding = (uint8_t)content.data[0];
    content = slice_from(content, 1 + language_size);
    const char *description = id3_take_string(audio->arena, &content, encoding);
    const char *text = id3_take_string(audio->arena, &content, encoding);
    *ret_description = description;
    return *text ? text : NULL;
}

/* The comment proper has no description. */
static const char *read_comment(struct audio *audio, const struct id3_tag *tag,
                                const struct id3_frame *frame)
{
    const char *description = "";
    const char *text = read_described(audio, tag, frame, LANGUAGE_SIZE, &description);
    return *description ? NULL : text;
}

/* "(186)Podcast" is Podcast (id3v2.3.0, 4.2.1); a number alone stays one. */
static const char *without_number(const char *genre)
{
    const char *end = *genre == '(' ? strchr(genre, ')') : NULL;
    return end && end[1] && end[1] != '(' ? end + 1 : genre;
}

/* FFmpeg knows no frames but texts: it writes a comment as a text of the user's, and lyrics too. */
static void read_user_text(struct audio *audio, const struct id3_tag *tag,
                           const struct id3_frame *frame)
{
    const char *name = NULL;
    const char *text = read_described(audio, tag, frame, 0, &name);
    if (text && strcasecmp(name, "comment") == 0 && !audio->tags.comment)
        audio->tags.comment = text;
    else if (text)
        tags_add(audio, strcmp(name, "USLT") == 0 ? LYRICS : name, text);
}

static void read_other(struct audio *audio, const struct id3_tag *tag,
                       const struct id3_frame *frame)
{
    const char *name = tags_name_of_id3(frame->id), *text = NULL, *description = NULL;
    if (strcmp(frame->id, "TXXX") == 0) {
        read_user_text(audio, tag, frame);
        return;
    }
    if (strcmp(frame->id, "USLT") == 0) {
        name = LYRICS;
        text = read_described(audio, tag, frame, LANGUAGE_SIZE, &description);
    } else if (name) {
        text = id3_text(audio->arena, tag->version, frame);
    }
    if (text)
        tags_add(audio, name, strcmp(frame->id, "TCON") == 0 ? without_number(text) : text);
}

/* id3v2.3.0, 4.15: encoding, type, kind, description, picture. */
static const struct picture *read_picture(struct audio *audio, const struct id3_tag *tag,
                                          const struct id3_frame *frame, uint8_t *ret_kind)
{
    struct slice content = {"", 0};
    if (!id3_content(audio->arena, tag->version, frame, &content) || content.size < 4)
        return NULL;
    uint8_t encoding = (uint8_t)content.data[0];
    content = slice_from(content, 1);
    const char *type = id3_take_string(audio->arena, &content, 0);
    if (content.size == 0 || strcmp(type, "-->") == 0)
        return NULL;
    *ret_kind = (uint8_t)content.data[0];
    content = slice_from(content, 1);
    id3_take_string(audio->arena, &content, encoding);
    if (content.size == 0)
        return NULL;
    struct picture *picture = arena_alloc(audio->arena, sizeof *picture);
    uint8_t *data = arena_alloc(audio->arena, content.size);
    memcpy(data, content.data, content.size);
    *picture = (struct picture){data, content.size, type};
    return picture;
}

/* The comment, and the front cover or else the first picture. */
static void read_repeated(struct audio *audio, const struct id3_tag *tag)
{
    struct tags *tags = &audio->tags;
    bool has_front = tags->cover != NULL;
    for (size_t i = 0; i < tag->count; i++) {
        const struct id3_frame *frame = &tag->frames[i];
        if (strcmp(frame->id, "COMM") == 0 && !tags->comment)
            tags->comment = read_comment(audio, tag, frame);
        if (strcmp(frame->id, "APIC") != 0 || has_front)
            continue;
        uint8_t kind = 0;
        const struct picture *picture = read_picture(audio, tag, frame, &kind);
        has_front = picture && kind == FRONT_COVER;
        if (picture && (has_front || !tags->cover))
            tags->cover = picture;
    }
}

static void read_tag(struct audio *audio, const struct id3_tag *tag)
{
    struct tags *tags = &audio->tags;
    const char *track = find_text(audio, tag, "TRCK");
    tags->title = tags->title ? tags->title : find_text(audio, tag, "TIT2");
    tags->artist = tags->artist ? tags->artist : find_text(audio, tag, "TPE1");
    tags->album = tags->album ? tags->album : find_text(audio, tag, "TALB");
    tags->date = tags->date ? tags->date : find_date(audio, tag);
    if (track && tags->track == 0)
        read_track(track, tags);
    read_repeated(audio, tag);
    for (size_t i = 0; i < tag->count; i++)
        read_other(audio, tag, &tag->frames[i]);
}

/* id3.org/ID3v1: fields of fixed size, filled up with zeros or blanks. */
static const char *fixed_text(struct audio *audio, const char *data, size_t size)
{
    const char *end = memchr(data, '\0', size);
    struct slice text = slice_trim((struct slice){data, end ? (size_t)(end - data) : size});
    char *repaired = text_repair(text);
    const char *kept = *repaired ? arena_strdup(audio->arena, repaired) : NULL;
    free(repaired);
    return kept;
}

static void read_id3v1(struct audio *audio)
{
    char data[ID3V1_SIZE];
    struct source *source = audio->source;
    if (source->size < ID3V1_SIZE ||
        !source_read_exactly(source, source->size - ID3V1_SIZE, data, sizeof data, NULL) ||
        memcmp(data, "TAG", 3) != 0)
        return;
    audio->tags = (struct tags){
        .title = fixed_text(audio, data + 3, 30),
        .artist = fixed_text(audio, data + 33, 30),
        .album = fixed_text(audio, data + 63, 30),
        .date = fixed_text(audio, data + 93, 4),
        .comment = fixed_text(audio, data + 97, 28),
        .track = data[125] == 0 ? (uint8_t)data[126] : 0,
    };
}

static void read_tag_at(struct audio *audio, int64_t offset, bool with_chapters)
{
    struct id3_tag tag;
    if (!id3_read(audio->source, offset, &tag, NULL))
        return;
    if (tag.version != ID3_V22 || id3_upgrade(&tag, audio->source->name, NULL)) {
        read_tag(audio, &tag);
        if (with_chapters)
            id3_read_chapters(&tag, &audio->chapters, NULL);
    }
    id3_tag_release(&tag);
}

void mp3_id3_read_texts(struct audio *audio, int64_t offset)
{
    if (id3_size_at(audio->source, offset) <= LARGEST_TAG)
        read_tag_at(audio, offset, false);
}

void mp3_id3_read(struct audio *audio)
{
    int64_t offset = 0, size = 0;
    for (int i = 0; i < MAX_TAGS && (size = id3_size_at(audio->source, offset)) > 0; i++) {
        if (size <= LARGEST_TAG)
            read_tag_at(audio, offset, true);
        offset += size;
    }
    if (offset == 0)
        read_id3v1(audio);
    chapter_list_sort(&audio->chapters);
}

/*
 * Writing.
 */

static void add_text(struct id3_tag *tag, const char *id, const char *text)
{
    if (text && *text)
        id3_add_text(tag, id, text);
}

/* "2024-08-08" is the year 2024 and the day "0808" (DDMM); of what is no such date, the year. */
static void add_date(struct id3_tag *tag, const char *date)
{
    struct slice rest = slice_of(date);
    uint64_t year = 0, month = 0, day = 0;
    size_t digits = 0, month_digits = 0, day_digits = 0;
    if (!slice_take_digits(&rest, &year, &digits) || digits != 4)
        return;
    char *text = mem_format("%04d", (int)year);
    id3_add_text(tag, "TYER", text);
    free(text);
    if (!slice_take_byte(&rest, '-') || !slice_take_digits(&rest, &month, &month_digits) ||
        !slice_take_byte(&rest, '-') || !slice_take_digits(&rest, &day, &day_digits) ||
        month_digits != 2 || day_digits != 2)
        return;
    text = mem_format("%02d%02d", (int)day, (int)month);
    id3_add_text(tag, "TDAT", text);
    free(text);
}

static void add_track(struct id3_tag *tag, const struct tags *tags)
{
    if (tags->track <= 0)
        return;
    char *text = tags->track_total > 0 ? mem_format("%d/%d", tags->track, tags->track_total)
                                       : mem_format("%d", tags->track);
    id3_add_text(tag, "TRCK", text);
    free(text);
}

/* Lyrics may be named with their language: "lyrics-eng". */
static void add_other(struct id3_tag *tag, const struct tag *other)
{
    const char *id = tags_id3_of_name(other->name);
    if (id)
        add_text(tag, id, other->value);
    else if (strncmp(other->name, LYRICS, sizeof LYRICS - 1) == 0)
        id3_add_lyrics(tag, LANGUAGE, "", other->value);
    else
        id3_add_user_text(tag, other->name, other->value);
}

static void add_tags(struct id3_tag *tag, const struct tags *tags)
{
    add_text(tag, "TIT2", tags->title);
    add_text(tag, "TPE1", tags->artist);
    add_text(tag, "TALB", tags->album);
    add_track(tag, tags);
    if (tags->date)
        add_date(tag, tags->date);
    if (tags->comment && *tags->comment)
        id3_add_comment(tag, LANGUAGE, "", tags->comment);
    for (size_t i = 0; i < tags->other_count; i++)
        add_other(tag, &tags->others[i]);
    if (tags->cover)
        id3_add_picture(tag, FRONT_COVER, tags->cover);
}

void mp3_id3_append(const struct cut_range *range, int rate, struct buffer *out)
{
    struct id3_tag tag;
    id3_tag_init(&tag, ID3_V23);
    if (range->tags)
        add_tags(&tag, range->tags);
    if (range->chapters->count)
        id3_set_chapters(&tag, range->chapters, millis_of_samples(range->end - range->start, rate));
    if (tag.count)
        id3_write(&tag, 0, out);
    id3_tag_release(&tag);
}
