/* SPDX-License-Identifier: MIT */
/*
 * Formats of one line a chapter: OGM/Vorbis text (as mkvmerge reads it), mp4chaps text, Audacity's
 * labels and Reaper's region and marker list.
 */
#include <stdlib.h>
#include <string.h>

#include "chapters/comments.h"
#include "chapters/sidecar_formats.h"
#include "model/timecode.h"

static void append_u32(struct buffer *out, size_t number)
{
    const uint8_t bytes[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                              (uint8_t)(number >> 24)};
    buffer_append(out, bytes, sizeof bytes);
}

static bool ogm_detect(struct slice text)
{
    uint64_t number;
    return slice_starts_nocase(text, SLICE("CHAPTER")) &&
           (text = slice_from(text, 7), slice_take_digits(&text, &number, NULL)) &&
           slice_starts(text, SLICE("="));
}

/* "CHAPTER01=" and what is no time; as a comment of an audio file it is passed over. */
static bool ogm_is_wrong(struct slice line)
{
    uint64_t number;
    millis time;
    if (!ogm_detect(line))
        return false;
    line = slice_from(line, 7);
    slice_take_digits(&line, &number, NULL);
    return !timecode_parse(slice_from(line, 1), TIMECODE_COLONS | TIMECODE_SECONDS, &time);
}

/* The lines are what Vorbis comments are: they are read as such. */
static bool ogm_read(struct slice text, const char *name, struct chapter_list *list,
                     struct error *err)
{
    struct buffer lines = BUFFER_INIT(BUFFER_UNBOUNDED), block = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct slice line;
    size_t count = 0, size;
    bool read = true;
    while (read && slice_take_line(&text, &line)) {
        line = slice_trim(line);
        append_u32(&lines, line.size);
        buffer_append_slice(&lines, line);
        count++;
        if (ogm_is_wrong(line))
            read = sidecar_fail(err, name, (int)count, "the time is none; write HH:MM:SS.mmm");
    }
    append_u32(&block, 0);
    append_u32(&block, count);
    buffer_append_slice(&block, buffer_slice(&lines));
    struct chapters chapters = {.list = *list};
    comments_read(buffer_slice(&block), &chapters, &size);
    *list = chapters.list;
    buffer_release(&lines);
    buffer_release(&block);
    return read;
}

static bool ogm_write(const struct chapter_list *list, const struct sidecar_context *context,
                      struct buffer *out, struct error *err)
{
    (void)context;
    (void)err;
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        char start[MILLIS_TEXT_SIZE];
        char *title = sidecar_title(chapter);
        buffer_append_format(out, "CHAPTER%02zu=%s\nCHAPTER%02zuNAME=%s\n", i + 1,
                             millis_text_full(chapter->start, start), i + 1, title);
        if (chapter->link)
            buffer_append_format(out, "CHAPTER%02zuURL=%s\n", i + 1, chapter->link);
        free(title);
    }
    return true;
}

const struct sidecar sidecar_ogm = {
    .name = "ogm",
    .meaning = "OGM/Vorbis text (CHAPTER01=...)",
    .extensions = "ogm",
    .holds = SIDECAR_LINKS,
    .detect = ogm_detect,
    .read = ogm_read,
    .write = ogm_write,
};

/* HH:MM:SS.mmm and a blank. */
static bool is_full_time(struct slice line)
{
    struct slice rest = line;
    millis time;
    if (!timecode_take(&rest, TIMECODE_COLONS, &time))
        return false;
    struct slice taken = slice_first(line, line.size - rest.size);
    return slice_find_byte(taken, ':') != slice_rfind_byte(taken, ':') &&
           slice_find_byte(taken, '.') != SIZE_MAX && (!rest.size || byte_is_space(rest.data[0]));
}

static bool mp4chaps_detect(struct slice text)
{
    struct slice line;
    while (slice_take_line(&text, &line))
        if (slice_trim(line).size && line.data[0] != '#')
            return is_full_time(line);
    return false;
}

/* Ultraschall puts " <https://...>" behind the title. */
static struct slice take_link(struct slice *title)
{
    struct slice text = slice_trim(*title);
    size_t open = slice_rfind_byte(text, '<');
    if (open == SIZE_MAX || text.data[text.size - 1] != '>')
        return SLICE("");
    struct slice link = slice_first(slice_from(text, open + 1), text.size - open - 2);
    if (slice_find(link, SLICE("://")) == SIZE_MAX)
        return SLICE("");
    *title = slice_trim(slice_first(text, open));
    return link;
}

static bool mp4chaps_read(struct slice text, const char *name, struct chapter_list *list,
                          struct error *err)
{
    struct slice line;
    for (int number = 1; slice_take_line(&text, &line); number++) {
        millis start;
        line = slice_trim(line);
        if (!line.size || line.data[0] == '#')
            continue;
        if (!timecode_take(&line, TIMECODE_COLONS, &start) ||
            (line.size && !byte_is_space(line.data[0])))
            return sidecar_fail(err, name, number, "no time HH:MM:SS.mmm begins the line");
        line = slice_trim(line);
        struct slice link = take_link(&line);
        sidecar_add(list, start, MILLIS_NONE, line, link, number);
    }
    return true;
}

static bool mp4chaps_write(const struct chapter_list *list, const struct sidecar_context *context,
                           struct buffer *out, struct error *err)
{
    (void)context;
    (void)err;
    for (size_t i = 0; i < list->count; i++) {
        char start[MILLIS_TEXT_SIZE];
        char *title = sidecar_title(&list->items[i]);
        buffer_append_format(out, "%s %s\n", millis_text_full(list->items[i].start, start), title);
        free(title);
    }
    return true;
}

const struct sidecar sidecar_mp4chaps = {
    .name = "mp4chaps",
    .meaning = "mp4chaps text (HH:MM:SS.mmm title)",
    .extensions = "mp4chaps",
    .detect = mp4chaps_detect,
    .read = mp4chaps_read,
    .write = mp4chaps_write,
};

/* Start, end and text, tabs between. */
static bool take_label(struct slice line, millis *ret_start, millis *ret_end,
                       struct slice *ret_text)
{
    struct slice start, end;
    if (!slice_take_field(&line, '\t', &start) || !slice_take_field(&line, '\t', &end))
        return false;
    *ret_text = line;
    return timecode_parse(start, TIMECODE_SECONDS, ret_start) &&
           timecode_parse(end, TIMECODE_SECONDS, ret_end);
}

static bool audacity_detect(struct slice text)
{
    struct slice line, title;
    millis start, end;
    return slice_take_line(&text, &line) && take_label(line, &start, &end, &title);
}

/* A label that ends where it starts is a point. Lines with a backslash tell frequencies. */
static bool audacity_read(struct slice text, const char *name, struct chapter_list *list,
                          struct error *err)
{
    struct slice line, title;
    for (int number = 1; slice_take_line(&text, &line); number++) {
        millis start, end;
        if (!slice_trim(line).size || line.data[0] == '\\')
            continue;
        if (!take_label(line, &start, &end, &title))
            return sidecar_fail(err, name, number,
                                "no label: start, end and text in seconds with "
                                "tabs between");
        sidecar_add(list, start, end, slice_trim(title), SLICE(""), number);
    }
    return true;
}

static void append_seconds(struct buffer *out, millis time)
{
    buffer_append_format(out, "%lld.%03lld000", (long long)(time / MILLIS_SECOND),
                         (long long)(time % MILLIS_SECOND));
}

static bool audacity_write(const struct chapter_list *list, const struct sidecar_context *context,
                           struct buffer *out, struct error *err)
{
    (void)context;
    (void)err;
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        char *title = sidecar_title(chapter);
        append_seconds(out, chapter->start);
        buffer_append_byte(out, '\t');
        append_seconds(out, chapter->end == MILLIS_NONE ? chapter->start : chapter->end);
        buffer_append_format(out, "\t%s\n", title);
        free(title);
    }
    return true;
}

const struct sidecar sidecar_audacity = {
    .name = "audacity",
    .meaning = "Audacity labels",
    .extensions = "",
    .holds = SIDECAR_ENDS,
    .detect = audacity_detect,
    .read = audacity_read,
    .write = audacity_write,
};

static bool reaper_detect(struct slice text)
{
    return slice_starts_nocase(text, SLICE("#,Name,Start"));
}

/* RFC 4180, but for line ends in fields. */
static struct slice take_csv(struct slice *line, struct arena *arena)
{
    struct slice field = SLICE("");
    if (!slice_take_byte(line, '"')) {
        slice_take_field(line, ',', &field);
        return field;
    }
    char *text = arena_alloc(arena, line->size + 1);
    size_t size = 0, i = 0;
    for (; i < line->size; i++) {
        if (line->data[i] == '"') {
            if (i + 1 >= line->size || line->data[i + 1] != '"')
                break;
            i++;
        }
        text[size++] = line->data[i];
    }
    *line = slice_from(*line, i + 1);
    slice_take_field(line, ',', &field);
    return (struct slice){text, size};
}

static bool reaper_read(struct slice text, const char *name, struct chapter_list *list,
                        struct error *err)
{
    struct slice line;
    for (int number = 1; slice_take_line(&text, &line); number++) {
        millis start, end = MILLIS_NONE;
        line = slice_trim(line);
        if (!line.size || line.data[0] == '#')
            continue;
        take_csv(&line, list->arena); /* "M1" or "R1" */
        struct slice title = take_csv(&line, list->arena);
        struct slice from = take_csv(&line, list->arena), to = take_csv(&line, list->arena);
        if (!timecode_parse(from, TIMECODE_COLONS | TIMECODE_SECONDS, &start) ||
            (to.size && !timecode_parse(to, TIMECODE_COLONS | TIMECODE_SECONDS, &end)))
            return sidecar_fail(err, name, number,
                                "no times: set Reaper's time unit to "
                                "minutes:seconds or seconds");
        sidecar_add(list, start, end, title, SLICE(""), number);
    }
    return true;
}

static void append_csv(struct buffer *out, const char *text)
{
    buffer_append_byte(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            buffer_append_byte(out, '"');
        buffer_append_byte(out, *text);
    }
    buffer_append_byte(out, '"');
}

/* What has an end is a region, else a marker; they are counted apart. */
static bool reaper_write(const struct chapter_list *list, const struct sidecar_context *context,
                         struct buffer *out, struct error *err)
{
    (void)context;
    (void)err;
    size_t markers = 0, regions = 0;
    buffer_append_text(out, "#,Name,Start,End,Length\n");
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        char time[MILLIS_TEXT_SIZE];
        char *title = sidecar_title(chapter);
        bool region = chapter->end != MILLIS_NONE;
        buffer_append_format(out, "%c%zu,", region ? 'R' : 'M', region ? ++regions : ++markers);
        append_csv(out, title);
        buffer_append_format(out, ",%s,", millis_text_full(chapter->start, time));
        if (region)
            buffer_append_format(out, "%s,", millis_text_full(chapter->end, time));
        else
            buffer_append_byte(out, ',');
        if (region && chapter->end >= chapter->start)
            buffer_append_text(out, millis_text_full(chapter->end - chapter->start, time));
        buffer_append_byte(out, '\n');
        free(title);
    }
    return true;
}

const struct sidecar sidecar_reaper = {
    .name = "reaper",
    .meaning = "Reaper region/marker list (CSV)",
    .extensions = "csv",
    .holds = SIDECAR_ENDS,
    .detect = reaper_detect,
    .read = reaper_read,
    .write = reaper_write,
};
