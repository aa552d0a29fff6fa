/* SPDX-License-Identifier: MIT */
/*
 * The recap as a project of Reaper: a track an episode, an item a clip; and one for the intro, the
 * outro and what stands between the clips.
 *
 * An item plays the episode's own file, so that an editor can pull its edges. Of an episode on the
 * network there is no such file: what the cache holds of it has holes, and goes when the cache is
 * pruned. Its items play the clips' files, named relative to the project, so that the folder can be
 * moved; their edges can be pulled as far as --pad-before and --pad-after reach, which the recap
 * itself does not play.
 *
 * The format is text in nested chunks, as Reaper 6 writes it; what is left out takes Reaper's
 * defaults.
 */
#define _XOPEN_SOURCE 700 /* realpath() */
#include "recap/leaves.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "format/url.h"

static const struct {
    const char *extension, *source;
} sources[] = {
    {"mp3", "MP3"}, {"wav", "WAVE"}, {"flac", "FLAC"}, {"ogg", "VORBIS"}, {"opus", "OPUS"},
};

/* As Reaper names its readers. What it has none of its own for, such as M4A and MP4, it reads by
 * the one that it has for videos. */
static const char *source_kind(const char *path)
{
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (slice_equal_nocase(path_extension(path), slice_of(sources[i].extension)))
            return sources[i].source;
    return "VIDEO";
}

/* In the first kind of quotes that the text does not hold. */
static void append_quoted(struct buffer *out, const char *text)
{
    char quote = !strchr(text, '"') ? '"' : !strchr(text, '\'') ? '\'' : '`';
    buffer_append_byte(out, quote);
    for (; *text; text++)
        buffer_append_byte(out, (unsigned char)*text < ' ' ? ' ' : *text == quote ? '\'' : *text);
    buffer_append_byte(out, quote);
}

/* Seconds, with as many digits as samples need. */
static void append_seconds(struct buffer *out, const char *name, sample_index samples, int rate)
{
    buffer_append_format(out, "      %s %.9f\n", name, (double)samples / rate);
}

/* Absolute, because Reaper takes what is relative from the project's folder. */
static char *absolute(const char *path)
{
    char *real = *path == '/' ? NULL : realpath(path, NULL);
    return real ? real : mem_strdup(path);
}

/* The sound fades in and out as it does in the recap. */
static void append_fades(const struct programme *programme, struct buffer *out)
{
    for (int i = 0; i < 2; i++)
        buffer_append_format(out, "      %s 1 %.3f 0 1 0 0 0\n", i ? "FADEOUT" : "FADEIN",
                             (double)programme->fade / MILLIS_SECOND);
}

/* An item that plays `path` from `first` on, in samples of the part's rate. */
static void append_item(const struct programme *programme, const struct programme_part *part,
                        const char *name, const char *path, sample_index first, struct buffer *out)
{
    buffer_append_text(out, "    <ITEM\n");
    append_seconds(out, "POSITION", part->start, programme->rate);
    append_seconds(out, "LENGTH", part->length, programme->rate);
    append_fades(programme, out);
    append_seconds(out, "SOFFS", first, part->rate);
    buffer_append_format(out, "      VOLPAN %.6f 0 1 -1\n      NAME ", part->gain);
    append_quoted(out, name);
    buffer_append_format(out, "\n      <SOURCE %s\n        FILE ", source_kind(path));
    append_quoted(out, path);
    buffer_append_text(out, "\n      >\n    >\n");
}

/* Plays the episode where it is a file here, else the clip's own file, whose handles are its pads.
 */
static void append_clip(const struct results *results, const struct programme_part *part,
                        struct buffer *out)
{
    const struct clip_outcome *outcome = &results->outcomes[part->clip];
    bool remote = url_is_http(outcome->audio);
    char *path = remote ? mem_strdup(outcome->file) : absolute(outcome->audio);
    sample_index first =
        remote ? part->first : samples_of_millis(range_first(&outcome->range), part->rate);
    append_item(results->programme, part, results->plan->clips[part->clip].clip->title, path, first,
                out);
    free(path);
}

static void begin_track(struct buffer *out, const char *name)
{
    buffer_append_text(out, "  <TRACK\n    NAME ");
    append_quoted(out, name);
    buffer_append_byte(out, '\n');
}

static void append_track(const struct results *results, size_t episode, struct buffer *out)
{
    const struct episode_job *job = &results->plan->episodes[episode];
    const char *title = job->clip_count ? results->outcomes[job->clips[0]].episode_title : NULL;
    begin_track(out, title ? title : job->page);
    for (size_t i = 0; i < results->programme->part_count; i++) {
        const struct programme_part *part = &results->programme->parts[i];
        if (results->plan->clips[part->clip].episode == episode)
            append_clip(results, part, out);
    }
    buffer_append_text(out, "  >\n");
}

static void append_around(const struct programme *programme, struct buffer *out)
{
    if (!programme->around_count)
        return;
    begin_track(out, "Around the clips");
    for (size_t i = 0; i < programme->around_count; i++) {
        const struct programme_around *around = &programme->around[i];
        char *path = absolute(around->path);
        append_item(programme, &around->part, around->name, path, around->part.first, out);
        free(path);
    }
    buffer_append_text(out, "  >\n");
}

void leaf_append_project(const struct results *results, struct buffer *out)
{
    const struct programme *programme = results->programme;
    buffer_append_text(out, "<REAPER_PROJECT 0.1 \"6.0\" 0\n");
    buffer_append_format(out, "  SAMPLERATE %d 0 0\n", programme->rate);
    for (size_t i = 0; i < programme->chapters.count; i++) {
        buffer_append_format(out, "  MARKER %zu %.3f ", i + 1,
                             (double)programme->chapters.items[i].start / MILLIS_SECOND);
        append_quoted(out, programme->chapters.items[i].title);
        buffer_append_text(out, " 0\n");
    }
    for (size_t i = 0; i < results->plan->episode_count; i++)
        append_track(results, i, out);
    append_around(programme, out);
    buffer_append_text(out, ">\n");
}
