/* SPDX-License-Identifier: MIT */
#include "recap/transcript.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/text.h"
#include "format/markup.h"
#include "format/url.h"
#include "notes/encoding.h"
#include "recap/transcript_format.h"

#define SPEAKER_BYTES 40 /* of a name before a colon */

/* A cue that nothing follows lasts as long as one needs to say it. */
#define SPOKEN_LEAST  1000
#define SPOKEN_LETTER 65

/* The first that fits. */
static const struct transcript_format *const formats[] = {&transcript_json, &transcript_html,
                                                          &transcript_lines};

void transcript_add(struct transcript *transcript, millis start, millis end, struct slice speaker,
                    struct slice text)
{
    char *line = text_collapse(text);
    char *name = text_collapse(speaker);
    if (*line && (end == MILLIS_NONE || end >= start)) {
        transcript->cues = arena_grow(transcript->arena, transcript->cues, &transcript->capacity,
                                      transcript->count + 1, sizeof *transcript->cues);
        transcript->cues[transcript->count] = (struct cue){
            .start = start,
            .end = end == start ? MILLIS_NONE : end,
            .speaker = *name ? arena_strdup(transcript->arena, name) : NULL,
            .text = arena_strdup(transcript->arena, line),
            .number = transcript->count,
        };
        transcript->count++;
    }
    free(name);
    free(line);
}

struct slice transcript_take_speaker(struct slice *text)
{
    size_t colon = slice_find_byte(*text, ':');
    struct slice name = slice_first(*text, colon == SIZE_MAX ? 0 : colon);
    bool is_name = name.size && name.size <= SPEAKER_BYTES &&
                   slice_trim(slice_from(*text, colon + 1)).size && text->data[colon + 1] == ' ' &&
                   slice_find_byte(name, '.') == SIZE_MAX &&
                   !byte_is_digit(name.data[name.size - 1]);
    if (!is_name)
        return SLICE("");
    *text = slice_from(*text, colon + 2);
    return name;
}

static int compare_cues(const void *a, const void *b)
{
    const struct cue *left = a, *right = b;
    if (left->start != right->start)
        return left->start < right->start ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

/* In order, and each with an end. */
static void complete(struct transcript *transcript)
{
    millis later = MILLIS_NONE; /* where another one starts */
    if (transcript->count)
        qsort(transcript->cues, transcript->count, sizeof *transcript->cues, compare_cues);
    for (size_t i = transcript->count; i-- > 0;) {
        struct cue *cue = &transcript->cues[i];
        if (i + 1 < transcript->count && cue[1].start > cue->start)
            later = cue[1].start;
        millis spoken = SPOKEN_LETTER * (millis)strlen(cue->text);
        if (cue->end == MILLIS_NONE)
            cue->end = later != MILLIS_NONE
                           ? later
                           : cue->start + (spoken > SPOKEN_LEAST ? spoken : SPOKEN_LEAST);
    }
}

struct transcript *transcript_read(struct slice text, const char *name, struct error *err)
{
    struct arena *arena = arena_create();
    struct transcript *transcript = arena_alloc(arena, sizeof *transcript);
    transcript->arena = arena;
    struct buffer room = BUFFER_INIT(BUFFER_UNBOUNDED);
    text = slice_trim_left(encoding_to_utf8(text, &room));
    const struct transcript_format *const *format = formats;
    while (*(*format)->begins && !(text.size && strchr((*format)->begins, text.data[0])))
        format++;
    bool read = (*format)->read(transcript, text, name, err);
    if (read && transcript->count == 0)
        read = error_set(err, ERROR_INPUT, "%s: is no transcript that clipnotes can read", name);
    buffer_release(&room);
    if (!read) {
        transcript_destroy(transcript);
        return NULL;
    }
    complete(transcript);
    return transcript;
}

void transcript_destroy(struct transcript *transcript)
{
    if (transcript)
        arena_destroy(transcript->arena);
}

static char *find_beside(const char *audio)
{
    static const char *const extensions[] = {"vtt", "srt", "json", "html"};
    char *folder = path_folder(audio);
    struct slice stem = path_stem(audio);
    char *found = NULL;
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions && !found; i++) {
        char *name = mem_format("%.*s.%s", SLICE_ARGS(stem), extensions[i]);
        char *path = path_join(folder, name);
        if (access(path, R_OK) == 0)
            found = path;
        else
            free(path);
        free(name);
    }
    free(folder);
    return found;
}

char *transcript_place(const struct episode *episode)
{
    char *beside = url_is_http(episode->audio) ? NULL : find_beside(episode->audio);
    return beside ? beside : mem_strdup(episode->transcript);
}

void vtt_append_header(struct buffer *out)
{
    buffer_append_text(out, "WEBVTT\n");
}

/* No "-->" may stand in a cue's text; as a reference it cannot. */
size_t transcript_append_vtt(const struct transcript *transcript, millis start, millis end,
                             millis origin, struct buffer *out)
{
    size_t count = 0;
    for (size_t i = 0; i < transcript->count; i++) {
        const struct cue *cue = &transcript->cues[i];
        if (cue->end <= start || cue->start >= end)
            continue;
        char from[MILLIS_TEXT_SIZE], to[MILLIS_TEXT_SIZE];
        millis first = cue->start > start ? cue->start : start;
        millis last = cue->end < end ? cue->end : end;
        buffer_append_format(out, "\n%s --> %s\n", millis_text_full(first - start + origin, from),
                             millis_text_full(last - start + origin, to));
        if (cue->speaker) {
            buffer_append_text(out, "<v ");
            markup_append_escaped(out, slice_of(cue->speaker));
            buffer_append_byte(out, '>');
        }
        markup_append_escaped(out, slice_of(cue->text));
        buffer_append_byte(out, '\n');
        count++;
    }
    return count;
}
