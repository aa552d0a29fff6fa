/* SPDX-License-Identifier: MIT */
/*
 * WebVTT and SubRip: a line of times, then text up to an empty line. All else is passed over.
 */
#include "recap/transcript_format.h"

#include <stdlib.h>
#include <string.h>

#include "format/entity.h"
#include "model/timecode.h"

#define TAG_BYTES 1000 /* a longer one is none, and a line may be all "<" */

/* What stands between "<" and ">": the name of a tag, its end, or a time. "3 < 4" is none. */
static bool is_tag(struct slice inside)
{
    millis time;
    return inside.size && (byte_is_alpha(inside.data[0]) || inside.data[0] == '/' ||
                           timecode_parse(inside, TIMECODE_COLONS, &time));
}

/* SubRip's "{\an8}" and its like, which say where on the screen. */
static bool take_place(struct slice *text)
{
    struct slice near = slice_first(*text, TAG_BYTES);
    size_t close = slice_starts(near, SLICE("{\\")) ? slice_find_byte(near, '}') : SIZE_MAX;
    if (close == SIZE_MAX)
        return false;
    *text = slice_from(*text, close + 1);
    return true;
}

/* What <v NAME> says goes to `speaker`. */
static bool take_tag(struct slice *text, struct buffer *speaker)
{
    struct slice near = slice_first(*text, TAG_BYTES);
    size_t close = text->data[0] == '<' ? slice_find_byte(near, '>') : SIZE_MAX;
    struct slice inside = slice_from(slice_first(*text, close == SIZE_MAX ? 0 : close), 1);
    if (!is_tag(inside))
        return false;
    size_t blank = slice_find_byte(inside, ' ');
    bool voice = slice_starts_nocase(inside, SLICE("v ")) ||
                 slice_starts_nocase(inside, SLICE("v.")); /* with classes */
    if (voice && blank != SIZE_MAX && !speaker->size)
        entity_append_text(speaker, slice_from(inside, blank + 1));
    *text = slice_from(*text, close + 1);
    return true;
}

static void append_plain(struct slice text, bool subrip, struct buffer *out, struct buffer *speaker)
{
    struct buffer plain = BUFFER_INIT(BUFFER_UNBOUNDED);
    while (text.size)
        if (!take_tag(&text, speaker) && !(subrip && take_place(&text))) {
            buffer_append_byte(&plain, text.data[0]);
            text = slice_from(text, 1);
        }
    entity_append_text(out, buffer_slice(&plain));
    buffer_append_byte(out, ' ');
    buffer_release(&plain);
}

/* SubRip writes a comma where others have a point. */
static bool take_times(struct slice line, millis *ret_start, millis *ret_end)
{
    if (slice_find(line, SLICE("-->")) == SIZE_MAX)
        return false;
    char *points = mem_format("%.*s", SLICE_ARGS(line));
    for (char *comma = points; (comma = strchr(comma, ','));)
        *comma = '.';
    struct slice rest = slice_trim(slice_of(points));
    bool taken = timecode_take(&rest, TIMECODE_COLONS, ret_start);
    rest = slice_trim_left(rest);
    taken = taken && slice_take(&rest, SLICE("-->"));
    rest = slice_trim_left(rest);
    taken = taken && timecode_take(&rest, TIMECODE_COLONS, ret_end);
    free(points);
    return taken;
}

static bool read(struct transcript *transcript, struct slice text, const char *name,
                 struct error *err)
{
    struct slice line;
    bool subrip = !slice_starts(text, SLICE("WEBVTT"));
    (void)name, (void)err;
    while (slice_take_line(&text, &line)) {
        millis start, end;
        if (!take_times(line, &start, &end))
            continue;
        struct buffer words = BUFFER_INIT(BUFFER_UNBOUNDED),
                      speaker = BUFFER_INIT(BUFFER_UNBOUNDED);
        while (slice_take_line(&text, &line) && slice_trim(line).size)
            append_plain(line, subrip, &words, &speaker);
        struct slice said = buffer_slice(&words), who = buffer_slice(&speaker);
        if (!who.size)
            who = transcript_take_speaker(&said);
        transcript_add(transcript, start, end, who, said);
        buffer_release(&words);
        buffer_release(&speaker);
    }
    return true;
}

const struct transcript_format transcript_lines = {.begins = "", .read = read};
