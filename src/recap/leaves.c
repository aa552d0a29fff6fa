/* SPDX-License-Identifier: MIT */
#include "recap/leaves.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "chapters/sidecar.h"
#include "format/markup.h"
#include "format/url.h"
#include "recap/transcript.h"

#define LABELS_FOLDER     "labels"
#define NAME_BYTES        100
#define SOUNDBITE_LETTERS 128 /* https://podcasting2.org: the tag's title is at most so long */

const char *leaf_title(const struct results *results)
{
    const char *title = results->plan->clip_count ? results->plan->clips[0].notes->title : NULL;
    return title && *title ? title : "Recap";
}

const char *leaf_link(const struct clip *clip)
{
    return clip->url && url_is_http(clip->url) ? clip->url : NULL;
}

static bool has_file(const struct results *results, size_t clip)
{
    return results->outcomes[clip].status >= CLIP_CUT;
}

static void append_escaped(struct buffer *out, const char *text)
{
    markup_append_escaped(out, slice_of(text));
}

static void append_soundbite(struct buffer *out, millis start, millis length, const char *title)
{
    char from[MILLIS_TEXT_SIZE], duration[MILLIS_TEXT_SIZE];
    buffer_append_format(out, "      <podcast:soundbite startTime=\"%s\" duration=\"%s\">",
                         millis_text_seconds(start, from), millis_text_seconds(length, duration));
    markup_append_escaped(out, text_cut_characters(slice_of(title), SOUNDBITE_LETTERS));
    buffer_append_text(out, "</podcast:soundbite>\n");
}

/* What RSS 2.0 asks of a channel. */
static void append_channel(const struct results *results, struct buffer *out)
{
    const struct clip_job *first = &results->plan->clips[0];
    const char *page = first->notes->page;
    buffer_append_text(out, "    <title>");
    append_escaped(out, leaf_title(results));
    buffer_append_text(out, "</title>\n    <link>");
    append_escaped(out, page && url_is_http(page) ? page : first->clip->page);
    buffer_append_text(out, "</link>\n    <description>Soundbites for the items of a feed: the "
                            "recap's own, and each episode's</description>\n");
}

static void append_recap_item(const struct results *results, struct buffer *out)
{
    const struct programme *programme = results->programme;
    buffer_append_text(out, "    <item>\n      <title>");
    append_escaped(out, leaf_title(results));
    buffer_append_text(out, "</title>\n");
    for (size_t i = 0; i < programme->part_count; i++) {
        const struct programme_part *part = &programme->parts[i];
        append_soundbite(out, millis_of_samples(part->start, programme->rate),
                         millis_of_samples(part->length, programme->rate),
                         results->plan->clips[part->clip].clip->title);
    }
    buffer_append_text(out, "    </item>\n");
}

static void append_episode_item(const struct results *results, const struct episode_job *episode,
                                struct buffer *out)
{
    const char *title = results->outcomes[episode->clips[0]].episode_title;
    struct buffer bites = BUFFER_INIT(BUFFER_UNBOUNDED);
    for (size_t i = 0; i < episode->clip_count; i++) {
        size_t clip = episode->clips[i];
        const struct range *range = &results->outcomes[clip].range;
        if (has_file(results, clip))
            append_soundbite(&bites, range_first(range), range_last(range) - range_first(range),
                             results->plan->clips[clip].clip->title);
    }
    if (bites.size) {
        buffer_append_text(out, "    <item>\n      <title>");
        append_escaped(out, title && *title ? title : episode->page);
        buffer_append_text(out, "</title>\n      <link>");
        append_escaped(out, episode->page);
        buffer_append_text(out, "</link>\n");
        buffer_append_slice(out, buffer_slice(&bites));
        buffer_append_text(out, "    </item>\n");
    }
    buffer_release(&bites);
}

/* The recap's own item comes first, then one an episode, in its own time. */
void leaf_append_soundbites(const struct results *results, struct buffer *out)
{
    buffer_append_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                            "<rss version=\"2.0\" "
                            "xmlns:podcast=\"https://podcastindex.org/namespace/1.0\">\n"
                            "  <channel>\n");
    append_channel(results, out);
    if (results->programme)
        append_recap_item(results, out);
    for (size_t i = 0; i < results->plan->episode_count; i++)
        append_episode_item(results, &results->plan->episodes[i], out);
    buffer_append_text(out, "  </channel>\n</rss>\n");
}

/* What Markdown would take for more than text. */
static void append_markdown(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("\\`*_[]<>&#|", *text))
            buffer_append_byte(out, '\\');
        buffer_append_byte(out, *text == '\n' ? ' ' : *text);
    }
}

void leaf_append_notes(const struct results *results, struct buffer *out)
{
    const struct programme *programme = results->programme;
    buffer_append_text(out, "# ");
    append_markdown(out, leaf_title(results));
    buffer_append_text(out, "\n\n## Chapters\n\n"); /* else short ones look like a transcript */
    for (size_t i = 0; i < programme->chapters.count; i++) {
        const struct chapter *chapter = &programme->chapters.items[i];
        millis seconds = chapter->start / MILLIS_SECOND * MILLIS_SECOND;
        char time[MILLIS_TEXT_SIZE];
        bool linked = chapter->link && url_is_http(chapter->link);
        buffer_append_format(out, "- %s %s", millis_text(seconds, time), linked ? "[" : "");
        append_markdown(out, chapter->title);
        if (linked)
            buffer_append_format(out, "](<%s>)", chapter->link);
        buffer_append_byte(out, '\n');
    }
}

void leaf_append_labels(const struct results *results, size_t episode, struct buffer *out)
{
    const struct episode_job *job = &results->plan->episodes[episode];
    for (size_t i = 0; i < job->clip_count; i++) {
        if (!has_file(results, job->clips[i]))
            continue;
        char start[MILLIS_TEXT_SIZE], end[MILLIS_TEXT_SIZE];
        const struct range *range = &results->outcomes[job->clips[i]].range;
        char *title = text_collapse(slice_of(results->plan->clips[job->clips[i]].clip->title));
        buffer_append_format(out, "%s\t%s\t%s\n", millis_text_seconds(range_first(range), start),
                             millis_text_seconds(range_last(range), end), title);
        free(title);
    }
}

static bool write_labels(const struct results *results, struct error *err)
{
    char *folder = path_join(results->folder, LABELS_FOLDER);
    bool written = path_make_folder(folder, err);
    free(folder);
    for (size_t i = 0; written && i < results->plan->episode_count; i++) {
        struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
        leaf_append_labels(results, i, &text);
        if (!text.size)
            continue;
        char *slug = url_slug(results->plan->episodes[i].page);
        char *stem = text_slug(slice_of(slug), NAME_BYTES);
        char *name = mem_format("%s/%02zu%s%s.txt", LABELS_FOLDER, i + 1, *stem ? "-" : "", stem);
        written = files_write(results->files, name, buffer_slice(&text), err);
        free(name);
        free(stem);
        free(slug);
        buffer_release(&text);
    }
    return written;
}

static bool write_chapters(const struct results *results, struct error *err)
{
    const struct sidecar *format = sidecar_find("json", err);
    const struct programme *programme = results->programme;
    if (!programme || !format)
        return !programme;
    const struct sidecar_context context = {
        .audio = programme->file,
        .duration = programme_duration(programme),
    };
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    bool written = sidecar_write(format, &programme->chapters, &context, &text, err) &&
                   files_write(results->files, "chapters.json", buffer_slice(&text), err);
    buffer_release(&text);
    return written;
}

/* A clip's slice, as times of the recap. One that cannot be read is left out: it was made by us,
 * and perhaps changed by somebody since. */
static void append_slice_of(const struct results *results, const struct programme_part *part,
                            struct buffer *out)
{
    const struct clip_outcome *outcome = &results->outcomes[part->clip];
    millis start = millis_of_samples(part->start, results->programme->rate);
    millis length = millis_of_samples(part->length, results->programme->rate);
    millis before = millis_of_samples(part->first, part->rate);
    if (!outcome->transcript)
        return;
    char *path = path_join(results->folder, outcome->transcript);
    struct buffer text = BUFFER_INIT(TRANSCRIPT_MAX_BYTES);
    struct transcript *transcript = NULL;
    if (file_read(path, &text, NULL))
        transcript = transcript_read(buffer_slice(&text), path, NULL);
    if (transcript)
        transcript_append_vtt(transcript, before, before + length, start, out);
    transcript_destroy(transcript);
    buffer_release(&text);
    free(path);
}

static bool write_transcript(const struct results *results, struct error *err)
{
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    vtt_append_header(&text);
    size_t empty = text.size;
    for (size_t i = 0; results->programme && i < results->programme->part_count; i++)
        append_slice_of(results, &results->programme->parts[i], &text);
    bool written =
        text.size == empty || files_write(results->files, "recap.vtt", buffer_slice(&text), err);
    buffer_release(&text);
    return written;
}

/* Where there is no recap, those of an earlier one stay with it. */
static const struct {
    const char *name;
    void (*append)(const struct results *results, struct buffer *out);
    bool of_programme;
} leaves[] = {
    {"soundbites.xml", leaf_append_soundbites, false},
    {"notes.md", leaf_append_notes, true},
    {"project.rpp", leaf_append_project, true},
    {"index.html", leaf_append_page, false},
};

bool leaves_write(const struct results *results, struct error *err)
{
    bool written = write_chapters(results, err) && write_labels(results, err) &&
                   write_transcript(results, err);
    for (size_t i = 0; written && i < sizeof leaves / sizeof *leaves; i++) {
        if (leaves[i].of_programme && !results->programme)
            continue;
        struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
        leaves[i].append(results, &text);
        written = files_write(results->files, leaves[i].name, buffer_slice(&text), err);
        buffer_release(&text);
    }
    return written;
}
