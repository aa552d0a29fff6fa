/* SPDX-License-Identifier: MIT */
#include "recap/transcript.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/text.h"
#include "format/json.h"
#include "format/markup.h"
#include "format/url.h"
#include "model/timecode.h"

#define SPEAKER_BYTES 40 /* of a name before a colon */

static void add_cue(struct transcript *transcript, millis start, millis end, struct slice speaker,
                    struct slice text)
{
    char *line = text_collapse(text);
    if (*line && start >= 0 && end >= start) {
        transcript->cues = arena_grow(transcript->arena, transcript->cues, &transcript->capacity,
                                      transcript->count + 1, sizeof *transcript->cues);
        speaker = slice_trim(speaker);
        transcript->cues[transcript->count++] = (struct cue){
            .start = start,
            .end = end,
            .speaker =
                speaker.size ? arena_strndup(transcript->arena, speaker.data, speaker.size) : NULL,
            .text = arena_strdup(transcript->arena, line),
        };
    }
    free(line);
}

/* "Paul Dix: We had it all" -> the name; the text goes on behind the colon. */
static struct slice take_speaker(struct slice *text)
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

static const struct {
    struct slice name, text;
} references[] = {
    {{"&amp;", 5}, {"&", 1}},  {{"&lt;", 4}, {"<", 1}},    {{"&gt;", 4}, {">", 1}},
    {{"&nbsp;", 6}, {" ", 1}}, {{"&quot;", 6}, {"\"", 1}}, {{"&#39;", 5}, {"'", 1}},
};

static bool take_reference(struct slice *text, struct buffer *out)
{
    for (size_t i = 0; i < sizeof references / sizeof *references; i++)
        if (slice_take(text, references[i].name)) {
            buffer_append_slice(out, references[i].text);
            return true;
        }
    return false;
}

static void append_decoded(struct slice text, struct buffer *out)
{
    while (text.size)
        if (!take_reference(&text, out)) {
            buffer_append_byte(out, text.data[0]);
            text = slice_from(text, 1);
        }
}

/* Without tags and references; what <v NAME> says goes to `speaker`. */
static void append_plain(struct slice text, struct buffer *out, struct buffer *speaker)
{
    while (text.size) {
        size_t close = text.data[0] == '<' ? slice_find_byte(text, '>') : SIZE_MAX;
        struct slice tag = close == SIZE_MAX ? SLICE("") : slice_first(text, close);
        if (tag.size) {
            if (slice_starts_nocase(tag, SLICE("<v")) && tag.size > 3 && speaker->size == 0) {
                size_t blank = slice_find_byte(tag, ' ');
                if (blank != SIZE_MAX)
                    append_decoded(slice_from(tag, blank + 1), speaker);
            }
            text = slice_from(text, close + 1);
        } else if (!take_reference(&text, out)) {
            buffer_append_byte(out, text.data[0]);
            text = slice_from(text, 1);
        }
    }
    buffer_append_byte(out, ' ');
}

static bool take_times(struct slice line, millis *ret_start, millis *ret_end)
{
    line = slice_trim(line);
    if (!timecode_take(&line, TIMECODE_COLONS, ret_start))
        return false;
    line = slice_trim_left(line);
    if (!slice_take(&line, SLICE("-->")))
        return false;
    line = slice_trim_left(line);
    return timecode_take(&line, TIMECODE_COLONS, ret_end);
}

/* WebVTT and SubRip: a line of times, then text up to an empty line. All else is passed over. */
static void read_lines(struct transcript *transcript, struct slice text)
{
    struct slice line;
    while (slice_take_line(&text, &line)) {
        millis start, end;
        if (!take_times(line, &start, &end))
            continue;
        struct buffer words = BUFFER_INIT(BUFFER_UNBOUNDED),
                      speaker = BUFFER_INIT(BUFFER_UNBOUNDED);
        while (slice_take_line(&text, &line) && slice_trim(line).size)
            append_plain(line, &words, &speaker);
        struct slice said = buffer_slice(&words), name = buffer_slice(&speaker);
        if (!name.size)
            name = take_speaker(&said);
        add_cue(transcript, start, end, name, said);
        buffer_release(&words);
        buffer_release(&speaker);
    }
}

static millis seconds_of(const struct value *object, const char *name)
{
    const char *text = value_text(value_get(object, name));
    double seconds = text ? strtod(text, NULL) : -1;
    return seconds >= 0 && seconds < (double)MILLIS_MAX / MILLIS_SECOND
               ? (millis)llround(seconds * MILLIS_SECOND)
               : -1;
}

static bool read_json(struct transcript *transcript, struct slice text, const char *name,
                      struct error *err)
{
    const struct value *document = json_read(transcript->arena, text, name, err);
    const struct value *segments = value_get(document, "segments");
    for (size_t i = 0; i < value_count(segments); i++) {
        const struct value *segment = value_at(segments, i);
        add_cue(transcript, seconds_of(segment, "startTime"), seconds_of(segment, "endTime"),
                slice_of(value_text(value_get(segment, "speaker"))),
                slice_of(value_text(value_get(segment, "body"))));
    }
    return document != NULL;
}

/* <cite>Name:</cite> <time>0:12</time> <p>Words</p> */
struct page {
    struct transcript *transcript;
    struct buffer text, speaker;
    char element; /* 'c'ite, 't'ime, 'p', or 0 */
    millis start;
};

static bool open_element(void *context, const char *name, const struct markup_attribute *attributes,
                         size_t count, int line)
{
    struct page *page = context;
    (void)attributes, (void)count, (void)line;
    if (strcmp(name, "cite") == 0 || strcmp(name, "time") == 0 || strcmp(name, "p") == 0) {
        page->element = name[0];
        buffer_clear(name[0] == 'c' ? &page->speaker : &page->text);
    }
    return true;
}

static bool read_words(void *context, struct slice text, int line)
{
    struct page *page = context;
    (void)line;
    if (page->element)
        buffer_append_slice(page->element == 'c' ? &page->speaker : &page->text, text);
    return true;
}

static bool close_element(void *context, const char *name, int line)
{
    struct page *page = context;
    (void)line;
    millis time;
    if (strcmp(name, "time") == 0 && timecode_parse(buffer_slice(&page->text), TIMECODE_ANY, &time))
        page->start = time;
    if (strcmp(name, "p") == 0 && page->start >= 0) {
        struct slice speaker = slice_trim(buffer_slice(&page->speaker));
        if (slice_ends(speaker, SLICE(":")))
            speaker.size--;
        add_cue(page->transcript, page->start, page->start, speaker, buffer_slice(&page->text));
        page->start = -1;
        buffer_clear(&page->speaker);
    }
    if (page->element == name[0])
        page->element = 0;
    return true;
}

static int compare_cues(const void *a, const void *b)
{
    const struct cue *left = a, *right = b;
    return (left->start > right->start) - (left->start < right->start);
}

static void sort_cues(struct transcript *transcript)
{
    if (transcript->count)
        qsort(transcript->cues, transcript->count, sizeof *transcript->cues, compare_cues);
}

static bool read_html(struct transcript *transcript, struct slice text, const char *name,
                      struct error *err)
{
    struct page page = {.transcript = transcript,
                        .text = BUFFER_INIT(BUFFER_UNBOUNDED),
                        .speaker = BUFFER_INIT(BUFFER_UNBOUNDED),
                        .start = -1};
    const struct markup_handler handler = {open_element, read_words, close_element, &page};
    bool read = html_read(text, name, &handler, err);
    sort_cues(transcript);
    for (size_t i = 0; i + 1 < transcript->count; i++)
        transcript->cues[i].end = transcript->cues[i + 1].start;
    buffer_release(&page.text);
    buffer_release(&page.speaker);
    return read;
}

struct transcript *transcript_read(struct slice text, const char *name, struct error *err)
{
    struct arena *arena = arena_create();
    struct transcript *transcript = arena_alloc(arena, sizeof *transcript);
    transcript->arena = arena;
    struct slice begins = text;
    (void)slice_take(&begins, SLICE("\xEF\xBB\xBF"));
    begins = slice_trim_left(begins);
    bool read = true;
    if (slice_starts(begins, SLICE("{")))
        read = read_json(transcript, begins, name, err);
    else if (slice_starts(begins, SLICE("<")))
        read = read_html(transcript, begins, name, err);
    else
        read_lines(transcript, begins);
    if (read && transcript->count == 0)
        read = error_set(err, ERROR_INPUT, "%s: is no transcript that clipnotes can read", name);
    if (!read) {
        transcript_destroy(transcript);
        return NULL;
    }
    sort_cues(transcript);
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
