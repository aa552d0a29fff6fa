/* SPDX-License-Identifier: MIT */
#include "chapters/sidecar.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "chapters/sidecar_formats.h"

/* What a text is most surely told by comes first, what takes nearly any text last. */
static const struct sidecar *const formats[] = {
    &sidecar_json,       &sidecar_podlove,  &sidecar_matroska, &sidecar_soundbite, &sidecar_webvtt,
    &sidecar_ffmetadata, &sidecar_cue,      &sidecar_ogm,      &sidecar_reaper,    &sidecar_srt,
    &sidecar_audacity,   &sidecar_mp4chaps, &sidecar_markdown, &sidecar_youtube,   &sidecar_spotify,
};

#define FORMATS (sizeof formats / sizeof *formats)

const struct sidecar *const *sidecar_formats(size_t *ret_count)
{
    *ret_count = FORMATS;
    return formats;
}

const struct sidecar *sidecar_find(const char *name, struct error *err)
{
    struct buffer names = BUFFER_INIT(BUFFER_UNBOUNDED);
    for (size_t i = 0; i < FORMATS; i++) {
        if (slice_equal_nocase(slice_of(name), slice_of(formats[i]->name))) {
            buffer_release(&names);
            return formats[i];
        }
        buffer_append_format(&names, "%s%s", i ? ", " : "", formats[i]->name);
    }
    error_set(err, ERROR_USAGE, "'%s' is no chapter format; there are %s", name,
              buffer_text(&names));
    buffer_release(&names);
    return NULL;
}

const struct sidecar *sidecar_of_path(const char *path)
{
    struct slice extension = path_extension(path);
    for (size_t i = 0; extension.size && i < FORMATS; i++) {
        struct slice rest = slice_of(formats[i]->extensions), one;
        while (slice_take_field(&rest, ' ', &one))
            if (slice_equal_nocase(one, extension))
                return formats[i];
    }
    return NULL;
}

static const struct sidecar *detect(struct slice text)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (formats[i]->read && formats[i]->detect && formats[i]->detect(text))
            return formats[i];
    return NULL;
}

static const struct sidecar *guess(struct slice text, const char *name, struct error *err)
{
    const struct sidecar *format = sidecar_of_path(name);
    if (!format || !format->read)
        format = detect(text);
    if (!format)
        error_set(err, ERROR_INPUT,
                  "%s: holds no chapters in any format that is known; say which it is with --from",
                  name);
    return format;
}

/* UTF-16, which Windows programs write, as UTF-8; NULL where it is none. */
static char *from_utf16(struct slice text)
{
    bool marked =
        text.size >= 2 && (((uint8_t)text.data[0] == 0xFF && (uint8_t)text.data[1] == 0xFE) ||
                           ((uint8_t)text.data[0] == 0xFE && (uint8_t)text.data[1] == 0xFF));
    return marked ? text_from_utf16(text, false) : NULL;
}

/* The declaration of XML names the encoding that the text had. Blanks keep what is behind it where
 * it is. */
static void blank_declaration(char *text)
{
    char *end = strncmp(text, "<?xml", 5) == 0 ? strstr(text, "?>") : NULL;
    if (end)
        memset(text, ' ', (size_t)(end + 2 - text));
}

/* An end that is not behind the start is written by those who know none. */
static void drop_empty_ends(struct chapter_list *list, size_t from)
{
    for (size_t i = from; i < list->count; i++)
        if (list->items[i].end <= list->items[i].start)
            list->items[i].end = MILLIS_NONE;
}

bool sidecar_read(struct slice text, const char *name, const struct sidecar *format,
                  struct chapter_list *list, struct error *err)
{
    char *decoded = from_utf16(text);
    if (decoded) {
        blank_declaration(decoded);
        text = slice_of(decoded);
    }
    slice_take(&text, SLICE("\xEF\xBB\xBF"));
    size_t before = list->count;
    if (!format)
        format = guess(slice_trim_left(text), name, err);
    bool read = false;
    if (format && format->read)
        read = format->read(text, name, list, err);
    else if (format)
        error_set(err, ERROR_USAGE, "%s: chapters in the format %s are only written", name,
                  format->name);
    if (read && list->count == before)
        read =
            error_set(err, ERROR_INPUT, "%s: holds no chapters (read as %s)", name, format->name);
    free(decoded);
    drop_empty_ends(list, before);
    chapter_list_sort(list);
    return read;
}

static void say_what_is_lost(const struct sidecar *format, const struct chapter_list *list,
                             const struct log *log)
{
    size_t links = 0, pictures = 0, hidden = 0, locations = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        links += chapter->link && !(format->holds & SIDECAR_LINKS);
        pictures += chapter->picture || (chapter->image && !(format->holds & SIDECAR_IMAGES));
        hidden += chapter->hidden && !(format->holds & SIDECAR_HIDDEN);
        locations += chapter->location && !(format->holds & SIDECAR_LOCATIONS);
    }
    if (links)
        log_warning(log, "%s holds no links: %zu are left out", format->name, links);
    if (pictures)
        log_warning(log, "%s holds no such pictures: %zu are left out", format->name, pictures);
    if (hidden)
        log_warning(log, "%s cannot hide chapters: %zu hidden ones are left out", format->name,
                    hidden);
    if (locations)
        log_warning(log, "%s holds no locations: %zu are left out", format->name, locations);
}

/* A line of text for formats that are made of lines. */
static const char *one_line(struct arena *arena, const char *text)
{
    if (!text)
        return NULL;
    char *line = text_one_line(slice_of(text));
    const char *copy = arena_strdup(arena, line);
    free(line);
    return copy;
}

static void add_copy(const struct sidecar *format, const struct chapter *chapter,
                     struct chapter_list *copy)
{
    struct chapter line = *chapter;
    if (!(format->holds & SIDECAR_LINE_ENDS)) {
        line.title = one_line(copy->arena, line.title);
        line.link = one_line(copy->arena, line.link);
        line.image = one_line(copy->arena, line.image);
    }
    line.picture = NULL;
    chapter_list_add(copy, &line);
}

bool sidecar_write(const struct sidecar *format, const struct chapter_list *list,
                   const struct sidecar_context *context, struct buffer *out, struct error *err)
{
    if (!format->write)
        return error_set(err, ERROR_USAGE, "chapters in the format %s are only read", format->name);
    say_what_is_lost(format, list, context->log);
    struct chapter_list copy;
    chapter_list_init(&copy);
    copy.title =
        format->holds & SIDECAR_LINE_ENDS ? list->title : one_line(copy.arena, list->title);
    for (size_t i = 0; i < list->count; i++)
        if (!list->items[i].hidden || (format->holds & SIDECAR_HIDDEN))
            add_copy(format, &list->items[i], &copy);
    chapter_list_sort(&copy);
    bool written = format->write(&copy, context, out, err);
    chapter_list_release(&copy);
    return written;
}

char *sidecar_title(const struct chapter *chapter)
{
    return slice_dup(slice_trim(slice_of(chapter->title)));
}

bool sidecar_fail(struct error *err, const char *name, int line, const char *what)
{
    if (line > 0)
        return error_set(err, ERROR_INPUT, "%s:%d: %s", name, line, what);
    return error_set(err, ERROR_INPUT, "%s: %s", name, what);
}

struct chapter *sidecar_add(struct chapter_list *list, millis start, millis end, struct slice title,
                            struct slice link, int line)
{
    char *valid_title = text_repair(title), *valid_link = text_repair(link);
    struct chapter *chapter = chapter_list_add(list, &(struct chapter){
                                                         .start = start,
                                                         .end = end,
                                                         .title = title.size ? valid_title : NULL,
                                                         .link = link.size ? valid_link : NULL,
                                                         .line = line,
                                                     });
    free(valid_title);
    free(valid_link);
    return chapter;
}

millis sidecar_end(const struct chapter_list *list, size_t i, millis duration)
{
    millis end = chapter_list_end(list, i, duration);
    return end == MILLIS_NONE ? list->items[i].start : end;
}
