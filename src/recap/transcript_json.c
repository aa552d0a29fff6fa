/* SPDX-License-Identifier: MIT */
/*
 * Transcripts in JSON: the podcast namespace's own, and what Whisper and Podlove write.
 */
#include "recap/transcript_format.h"

#include <math.h>
#include <stdlib.h>

#include "format/json.h"
#include "model/timecode.h"

/* Where the pieces are; a list may also be the document itself. */
static const char *const lists[] = {"segments", "transcript", "cues"};

struct time_name {
    const char *name;
    double unit; /* of a number, in milliseconds */
};

static const struct time_name starts[] = {{"startTime", 1000}, {"start_ms", 1}, {"start", 1000}};
static const struct time_name ends[] = {{"endTime", 1000}, {"end_ms", 1}, {"end", 1000}};

#define TIME_NAMES (sizeof starts / sizeof *starts)

static const struct value *list_of(const struct value *document)
{
    const struct value *list = value_is(document, VALUE_ARRAY) ? document : NULL;
    for (size_t i = 0; i < sizeof lists / sizeof *lists && !list; i++)
        list = value_get(document, lists[i]);
    return list;
}

/* A number, perhaps as a string, or a clock's time. MILLIS_NONE for what is neither. */
static millis time_of(const struct value *segment, const struct time_name names[static TIME_NAMES])
{
    for (size_t i = 0; i < TIME_NAMES; i++) {
        const char *text = value_text(value_get(segment, names[i].name));
        millis time = 0;
        if (!text)
            continue;
        if (timecode_parse(slice_of(text), TIMECODE_COLONS, &time))
            return time;
        char *end = NULL;
        double number = strtod(text, &end) * names[i].unit;
        return end != text && !*end && number >= 0 && number < (double)MILLIS_MAX
                   ? (millis)llround(number)
                   : MILLIS_NONE;
    }
    return MILLIS_NONE;
}

static bool read(struct transcript *transcript, struct slice text, const char *name,
                 struct error *err)
{
    const struct value *document = json_read(transcript->arena, text, name, err);
    const struct value *list = list_of(document);
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *segment = value_at(list, i);
        const char *body = value_text(value_get(segment, "body"));
        millis start = time_of(segment, starts);
        if (start != MILLIS_NONE)
            transcript_add(transcript, start, time_of(segment, ends),
                           slice_of(value_text(value_get(segment, "speaker"))),
                           slice_of(body ? body : value_text(value_get(segment, "text"))));
    }
    return document != NULL;
}

const struct transcript_format transcript_json = {.begins = "{[", .read = read};
