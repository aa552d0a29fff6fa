/* SPDX-License-Identifier: MIT */
/*
 * Chapters as cues: WebVTT (w3.org/TR/webvtt1) and SubRip. A cue is a line with two times around an
 * arrow, and text up to an empty line.
 */
#include <stdlib.h>

#include "chapters/sidecar_formats.h"
#include "format/entity.h"
#include "model/timecode.h"

#define ARROW SLICE("-->")

/* "&amp;" and its like as what they stand for; tags ("<v Ann>", "<i>") are left out. Where the last
 * '>' is, is found once: looking for it behind each of many '<' would take hours. */
static void append_plain(struct buffer *out, struct slice line)
{
    size_t last = slice_rfind_byte(line, '>');
    const char *tags_end = last == SIZE_MAX ? line.data : line.data + last;
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    while (line.size) {
        if (line.data[0] == '<' && line.data < tags_end) {
            line = slice_from(line, slice_find_byte(line, '>') + 1);
        } else {
            buffer_append_byte(&text, line.data[0]);
            line = slice_from(line, 1);
        }
    }
    entity_append_text(out, buffer_slice(&text));
    buffer_release(&text);
}

static bool take_times(struct slice line, millis *ret_start, millis *ret_end)
{
    line = slice_trim_left(line);
    if (!timecode_take(&line, TIMECODE_COLONS, ret_start))
        return false;
    line = slice_trim_left(line);
    if (!slice_take(&line, ARROW))
        return false;
    line = slice_trim_left(line);
    return timecode_take(&line, TIMECODE_COLONS, ret_end);
}

static void take_text(struct slice *text, struct buffer *out, int *line_number)
{
    struct slice line;
    while (slice_take_line(text, &line)) {
        ++*line_number;
        if (!slice_trim(line).size)
            return;
        if (out->size)
            buffer_append_byte(out, ' ');
        append_plain(out, line);
    }
}

static bool read_cues(struct slice text, const char *name, struct chapter_list *list,
                      struct error *err)
{
    struct slice line;
    for (int number = 1; slice_take_line(&text, &line); number++) {
        millis start, end;
        int at = number;
        if (slice_find(line, ARROW) == SIZE_MAX)
            continue;
        if (!take_times(line, &start, &end))
            return sidecar_fail(err, name, number,
                                "the cue's times are none; write "
                                "HH:MM:SS.mmm --> HH:MM:SS.mmm");
        struct buffer title = BUFFER_INIT(BUFFER_UNBOUNDED);
        take_text(&text, &title, &number);
        sidecar_add(list, start, end, slice_trim(buffer_slice(&title)), SLICE(""), at);
        buffer_release(&title);
    }
    return true;
}

static bool webvtt_detect(struct slice text)
{
    return slice_starts(text, SLICE("WEBVTT"));
}

/* No "-->" in a cue's text, and no "&" or "<" but as references; ">" too, so there is no arrow. */
static bool webvtt_write(const struct chapter_list *list, const struct sidecar_context *context,
                         struct buffer *out, struct error *err)
{
    (void)err;
    buffer_append_text(out, "WEBVTT\n");
    for (size_t i = 0; i < list->count; i++) {
        char start[MILLIS_TEXT_SIZE], end[MILLIS_TEXT_SIZE];
        char *title = sidecar_title(&list->items[i]);
        buffer_append_format(out, "\n%s --> %s\n", millis_text_full(list->items[i].start, start),
                             millis_text_full(sidecar_end(list, i, context->duration), end));
        for (const char *c = title; *c; c++) {
            const char *reference = *c == '&'   ? "&amp;"
                                    : *c == '<' ? "&lt;"
                                    : *c == '>' ? "&gt;"
                                                : NULL;
            if (reference)
                buffer_append_text(out, reference);
            else
                buffer_append_byte(out, *c);
        }
        buffer_append_byte(out, '\n');
        free(title);
    }
    return true;
}

const struct sidecar sidecar_webvtt = {
    .name = "vtt",
    .meaning = "WebVTT chapters",
    .extensions = "vtt webvtt",
    .holds = SIDECAR_ENDS,
    .detect = webvtt_detect,
    .read = read_cues,
    .write = webvtt_write,
};

/* A number on a line of its own, and then times. */
static bool srt_detect(struct slice text)
{
    struct slice line;
    uint64_t number;
    millis start, end;
    return slice_take_digits(&text, &number, NULL) && slice_take_line(&text, &line) &&
           !slice_trim(line).size && slice_take_line(&text, &line) &&
           take_times(line, &start, &end);
}

const struct sidecar sidecar_srt = {
    .name = "srt",
    .meaning = "SubRip subtitles (read only)",
    .extensions = "srt",
    .holds = SIDECAR_ENDS,
    .detect = srt_detect,
    .read = read_cues,
};
