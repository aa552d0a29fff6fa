/* SPDX-License-Identifier: MIT */
/*
 * FFmpeg's metadata file (ffmpeg.org, "Metadata"): sections of KEY=VALUE lines, in which a
 * backslash stands before = ; # \ and the end of a line.
 */
#include <stdlib.h>

#include "base/checked.h"
#include "chapters/sidecar_formats.h"

#define DEFAULT_UNITS 1000000000 /* a second, where no TIMEBASE is given */

static bool ffmetadata_detect(struct slice text)
{
    return slice_starts(text, SLICE(";FFMETADATA"));
}

/* The next line, which an escaped line end does not end. False at the end. */
static bool take_entry(struct slice *text, struct slice *ret_entry, int *lines)
{
    if (!text->size)
        return false;
    size_t end = 0;
    *lines = 1;
    for (; end < text->size && text->data[end] != '\n'; end++) {
        if (text->data[end] == '\\' && end + 1 < text->size) {
            end++;
            *lines += text->data[end] == '\n';
        }
    }
    *ret_entry = slice_first(*text, end);
    *text = slice_from(*text, end + 1);
    if (ret_entry->size && ret_entry->data[ret_entry->size - 1] == '\r')
        ret_entry->size--;
    return true;
}

static bool take_key(struct slice *entry, struct slice *ret_key)
{
    for (size_t i = 0; i < entry->size; i++) {
        if (entry->data[i] == '\\') {
            i++;
        } else if (entry->data[i] == '=') {
            *ret_key = slice_first(*entry, i);
            *entry = slice_from(*entry, i + 1);
            return true;
        }
    }
    return false;
}

static const char *unescaped(struct arena *arena, struct slice value)
{
    char *text = arena_alloc(arena, value.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < value.size; i++) {
        if (value.data[i] == '\\' && i + 1 < value.size)
            i++;
        text[size++] = value.data[i];
    }
    return text;
}

/* A [CHAPTER] section while it is read. */
struct section {
    bool open;
    int line;
    int64_t numerator, denominator; /* of a unit, in seconds */
    int64_t start, end;
    bool has_start, has_end;
    const char *title;
};

static bool read_timebase(struct section *section, struct slice value)
{
    struct slice numerator;
    return slice_take_field(&value, '/', &numerator) &&
           slice_to_int64(slice_trim(numerator), &section->numerator) &&
           slice_to_int64(slice_trim(value), &section->denominator) && section->numerator > 0 &&
           section->denominator > 0;
}

static bool read_entry(struct section *section, struct slice key, struct slice value,
                       struct arena *arena)
{
    if (slice_equal_nocase(key, SLICE("TIMEBASE")))
        return read_timebase(section, value);
    if (slice_equal_nocase(key, SLICE("START")))
        return section->has_start = slice_to_int64(slice_trim(value), &section->start);
    if (slice_equal_nocase(key, SLICE("END")))
        return section->has_end = slice_to_int64(slice_trim(value), &section->end);
    if (slice_equal_nocase(key, SLICE("title")))
        section->title = unescaped(arena, value);
    return true;
}

static bool scale(const struct section *section, int64_t units, millis *ret_time)
{
    int64_t factor, time;
    if (units < 0 || !checked_multiply(section->numerator, MILLIS_SECOND, &factor) ||
        !checked_scale(units, factor, section->denominator, &time) || time > MILLIS_MAX)
        return false;
    *ret_time = time;
    return true;
}

static bool end_section(const struct section *section, const char *name, struct chapter_list *list,
                        struct error *err)
{
    millis start, end = MILLIS_NONE;
    if (!section->open)
        return true;
    if (!section->has_start || !scale(section, section->start, &start) ||
        (section->has_end && !scale(section, section->end, &end)))
        return sidecar_fail(err, name, section->line, "the chapter has no usable START or END");
    chapter_list_add(
        list, &(struct chapter){
                  .start = start, .end = end, .title = section->title, .line = section->line});
    return true;
}

static bool ffmetadata_read(struct slice text, const char *name, struct chapter_list *list,
                            struct error *err)
{
    struct section section = {0};
    struct slice entry, key;
    for (int line = 1, lines; take_entry(&text, &entry, &lines); line += lines) {
        if (!entry.size || entry.data[0] == ';' || entry.data[0] == '#')
            continue;
        if (entry.data[0] == '[') {
            if (!end_section(&section, name, list, err))
                return false;
            section = (struct section){
                .open = slice_starts_nocase(entry, SLICE("[CHAPTER]")),
                .line = line,
                .numerator = 1,
                .denominator = DEFAULT_UNITS,
            };
        } else if (take_key(&entry, &key)) {
            if (section.open && !read_entry(&section, key, entry, list->arena))
                return sidecar_fail(err, name, line, "the value is no number");
            if (!section.open && slice_equal_nocase(key, SLICE("title")) && !list->title)
                list->title = unescaped(list->arena, entry);
        }
    }
    return end_section(&section, name, list, err);
}

static void append_escaped(struct buffer *out, const char *text)
{
    for (; text && *text; text++) {
        if (*text == '=' || *text == ';' || *text == '#' || *text == '\\' || *text == '\n')
            buffer_append_byte(out, '\\');
        buffer_append_byte(out, *text);
    }
}

/* END is required; libavformat takes a chapter without it for damaged. */
static bool ffmetadata_write(const struct chapter_list *list, const struct sidecar_context *context,
                             struct buffer *out, struct error *err)
{
    (void)err;
    buffer_append_text(out, ";FFMETADATA1\n");
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        buffer_append_format(out, "[CHAPTER]\nTIMEBASE=1/1000\nSTART=%lld\nEND=%lld\ntitle=",
                             (long long)chapter->start,
                             (long long)sidecar_end(list, i, context->duration));
        append_escaped(out, chapter->title);
        buffer_append_byte(out, '\n');
    }
    return true;
}

const struct sidecar sidecar_ffmetadata = {
    .name = "ffmetadata",
    .meaning = "FFmpeg metadata file",
    .extensions = "ffmeta ffmetadata",
    .holds = SIDECAR_ENDS | SIDECAR_LINE_ENDS,
    .detect = ffmetadata_detect,
    .read = ffmetadata_read,
    .write = ffmetadata_write,
};
