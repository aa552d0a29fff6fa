/* SPDX-License-Identifier: MIT */
/*
 * The page to listen to: one file that asks the network for nothing. What stands in the notes is
 * other people's text: all of it is escaped, and only http and https become links. Should an escape
 * be forgotten one day, the page's own policy (Content Security Policy Level 3) still runs no
 * script but ours, and loads nothing but the audio beside it.
 */
#include <stdlib.h>
#include <string.h>

#include "format/markup.h"
#include "recap/leaves.h"
#include "recap/page_look.h"

static void append_escaped(struct buffer *out, const char *text)
{
    markup_append_escaped(out, slice_of(text));
}

/* `of` says aloud whose controls these are. */
static void append_player(struct buffer *out, const char *id, const char *of, const char *file)
{
    buffer_append_format(out, "<audio controls preload=\"none\"%s%s%s aria-label=\"",
                         id ? " id=\"" : "", id ? id : "", id ? "\"" : "");
    append_escaped(out, of);
    buffer_append_text(out, "\" src=\"");
    append_escaped(out, file);
    buffer_append_text(out, "\"></audio>\n");
}

static const char *whole_seconds(millis time, char text[static MILLIS_TEXT_SIZE])
{
    return millis_text((time + MILLIS_SECOND / 2) / MILLIS_SECOND * MILLIS_SECOND, text);
}

/* A position, as players show it. */
static const char *clock_of(millis time, char text[static MILLIS_TEXT_SIZE])
{
    return millis_text(time / MILLIS_SECOND * MILLIS_SECOND, text);
}

static void append_chapters(const struct programme *programme, struct buffer *out)
{
    buffer_append_text(out, "<ol>\n");
    for (size_t i = 0; i < programme->chapters.count; i++) {
        const struct chapter *chapter = &programme->chapters.items[i];
        char time[MILLIS_TEXT_SIZE], seconds[MILLIS_TEXT_SIZE];
        millis_text_seconds(chapter->start, seconds);
        buffer_append_text(out, "<li><a href=\"");
        append_escaped(out, programme->file);
        buffer_append_format(out, "#t=%s\" data-at=\"%s\"><time>%s</time><span>", seconds, seconds,
                             clock_of(chapter->start, time));
        append_escaped(out, chapter->title);
        buffer_append_text(out, "</span></a></li>\n");
    }
    buffer_append_text(out, "</ol>\n");
}

static void append_file(const char *file, const char *name, struct buffer *out)
{
    buffer_append_text(out, "<a href=\"");
    append_escaped(out, file);
    buffer_append_format(out, "\" download>%s</a>\n", name);
}

static void append_programme(const struct results *results, struct buffer *out)
{
    char length[MILLIS_TEXT_SIZE];
    const struct programme *programme = results->programme;
    buffer_append_text(out, "<section class=\"card recap\" aria-labelledby=\"whole\">\n"
                            "<h2 id=\"whole\">The whole recap</h2>\n");
    buffer_append_format(out, "<p class=\"facts\"><span>%s</span></p>\n",
                         whole_seconds(programme_duration(programme), length));
    append_player(out, "recap", "The whole recap", programme->file);
    buffer_append_text(out, "<p class=\"links\">");
    append_file(programme->file, "Download", out);
    buffer_append_text(out, "</p>\n");
    append_chapters(programme, out);
    buffer_append_text(out, "</section>\n");
}

static void append_place(const struct clip *clip, const char *episode, struct buffer *out)
{
    char start[MILLIS_TEXT_SIZE];
    append_escaped(out, episode ? episode : clip->page);
    buffer_append_format(out, " at %s", millis_text(clip->start, start));
}

static void append_link(const struct clip *clip, const char *episode, struct buffer *out)
{
    buffer_append_text(out, "<a rel=\"noreferrer\" href=\"");
    append_escaped(out, leaf_link(clip));
    buffer_append_text(out, "\">");
    append_place(clip, episode, out);
    buffer_append_text(out, "</a>\n");
}

/* "1:00 · Paul Dix"; with the place where that is no link. */
static void append_facts(const struct clip *clip, const struct clip_outcome *outcome,
                         struct buffer *out)
{
    char length[MILLIS_TEXT_SIZE];
    millis played = range_last(&outcome->range) - range_first(&outcome->range);
    buffer_append_format(out, "<p class=\"facts\"><span>%s</span>", whole_seconds(played, length));
    if (clip->speaker) {
        buffer_append_text(out, "<span>");
        append_escaped(out, clip->speaker);
        buffer_append_text(out, "</span>");
    }
    if (!leaf_link(clip)) {
        buffer_append_text(out, "<span>");
        append_place(clip, outcome->episode_title, out);
        buffer_append_text(out, "</span>");
    }
    buffer_append_text(out, "</p>\n");
}

/* "Episode one at 55:40", and the clip's file. */
static void append_links(const struct clip *clip, const struct clip_outcome *outcome,
                         struct buffer *out)
{
    buffer_append_text(out, "<p class=\"links\">");
    if (leaf_link(clip))
        append_link(clip, outcome->episode_title, out);
    append_file(outcome->file, "Download", out);
    buffer_append_text(out, "</p>\n");
}

static const char *title_of(const struct clip *clip)
{
    return *clip->title ? clip->title : clip->label;
}

static void open_card(struct buffer *out, const char *kind, size_t i, int number)
{
    buffer_append_format(out,
                         "<article class=\"card clip%s\" id=\"clip-%zu\">\n"
                         "<p class=\"number\">%d</p>\n<div>\n<h3>",
                         kind, i + 1, number);
}

static void append_clip(const struct results *results, size_t i, struct buffer *out)
{
    const struct clip *clip = results->plan->clips[i].clip;
    const struct clip_outcome *outcome = &results->outcomes[i];
    open_card(out, "", i, clip->number);
    append_escaped(out, title_of(clip));
    buffer_append_text(out, "</h3>\n");
    append_facts(clip, outcome, out);
    append_player(out, NULL, title_of(clip), outcome->file);
    append_links(clip, outcome, out);
    buffer_append_text(out, "</div>\n</article>\n");
}

static void append_missing(const struct results *results, size_t i, struct buffer *out)
{
    const struct clip *clip = results->plan->clips[i].clip;
    const struct clip_outcome *outcome = &results->outcomes[i];
    open_card(out, " missing", i, clip->number);
    append_escaped(out, title_of(clip));
    buffer_append_text(out, "</h3>\n<p class=\"why\">");
    append_escaped(out, outcome->error ? outcome->error : "not cut");
    buffer_append_text(out, "</p>\n");
    if (leaf_link(clip)) {
        buffer_append_text(out, "<p class=\"links\">");
        append_link(clip, outcome->episode_title, out);
        buffer_append_text(out, "</p>\n");
    }
    buffer_append_text(out, "</div>\n</article>\n");
}

static size_t count_missing(const struct results *results)
{
    size_t missing = 0;
    for (size_t i = 0; i < results->plan->clip_count; i++)
        missing += results->outcomes[i].status < CLIP_CUT;
    return missing;
}

/* Those that a clip is there of. */
static size_t count_episodes(const struct results *results)
{
    size_t count = 0;
    for (size_t i = 0; i < results->plan->episode_count; i++) {
        const struct episode_job *job = &results->plan->episodes[i];
        bool any = false;
        for (size_t k = 0; k < job->clip_count; k++)
            any = any || results->outcomes[job->clips[k]].status >= CLIP_CUT;
        count += any;
    }
    return count;
}

/* Base64 (RFC 4648) of a digest that is given in hexadecimal, as a policy wants it. */
static void append_base64(struct buffer *out, const char *hex)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0;
    int held = 0;
    size_t written = 0;
    for (; *hex; hex++) {
        unsigned digit = (unsigned)(*hex <= '9' ? *hex - '0' : *hex - 'a' + 10);
        bits = bits << 4 | digit;
        held += 4;
        if (held >= 6) {
            held -= 6;
            buffer_append_byte(out, digits[bits >> held & 63]);
            written++;
        }
    }
    if (held) {
        buffer_append_byte(out, digits[bits << (6 - held) & 63]);
        written++;
    }
    for (; written % 4; written++)
        buffer_append_byte(out, '=');
}

/* Our script by its digest, and the audio beside the page, which may be a file. */
static void append_policy(struct buffer *out)
{
    char sha256[HASH_TEXT_SIZE];
    hash_bytes(page_script, strlen(page_script), sha256);
    buffer_append_text(out,
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                       "media-src 'self' file:; img-src data:; style-src 'unsafe-inline'; "
                       "base-uri 'none'; form-action 'none'; script-src 'sha256-");
    append_base64(out, sha256);
    buffer_append_text(out, "'\">\n");
}

static void append_head(const struct results *results, struct buffer *out)
{
    buffer_append_text(out,
                       "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    append_policy(out);
    buffer_append_text(out, "<meta name=\"viewport\" content=\"width=device-width, "
                            "initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
                            "<link rel=\"icon\" href=\"data:,\">\n<title>");
    append_escaped(out, leaf_title(results));
    buffer_append_text(out, "</title>\n<style>\n");
    buffer_append_text(out, page_style);
    buffer_append_text(out, "</style>\n</head>\n");
}

/* "4 clips from 2 episodes", or "4 of 5 clips": who misses one is not left to count. */
static void append_header(const struct results *results, size_t missing, struct buffer *out)
{
    size_t episodes = count_episodes(results), count = results->plan->clip_count;
    char length[MILLIS_TEXT_SIZE];
    buffer_append_text(out, "<body>\n<a class=\"skip\" href=\"#clips\">Skip to the clips</a>\n"
                            "<header>\n<h1>");
    append_escaped(out, leaf_title(results));
    buffer_append_text(out, "</h1>\n<p class=\"sum\">");
    if (missing)
        buffer_append_format(out, "%zu of ", count - missing);
    buffer_append_format(out, "%zu clip%s from %zu episode%s", count, count == 1 ? "" : "s",
                         episodes, episodes == 1 ? "" : "s");
    if (results->programme)
        buffer_append_format(out, ", %s in all",
                             whole_seconds(programme_duration(results->programme), length));
    buffer_append_text(out, "</p>\n</header>\n");
}

/* What is not there and why: the recap first. */
static void append_all_missing(const struct results *results, struct buffer *out)
{
    buffer_append_text(out, "<h2>Missing</h2>\n");
    if (results->programme_error) {
        buffer_append_text(out, "<article class=\"card missing\">\n<h3>The whole recap</h3>\n"
                                "<p class=\"why\">");
        append_escaped(out, results->programme_error);
        buffer_append_text(out, "</p>\n</article>\n");
    }
    for (size_t i = 0; i < results->plan->clip_count; i++)
        if (results->outcomes[i].status < CLIP_CUT)
            append_missing(results, i, out);
}

/* For those who go on working with it. */
static void append_footer(const struct results *results, struct buffer *out)
{
    static const struct {
        const char *file, *name;
        bool of_programme;
    } files[] = {
        {"notes.md", "Show notes", true},
        {"chapters.json", "Chapters", true},
        {"project.rpp", "Reaper project", true},
        {"manifest.json", "Manifest", false},
    };
    buffer_append_text(out, "<footer class=\"links\">\n");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (results->programme || !files[i].of_programme)
            append_file(files[i].file, files[i].name, out);
    buffer_append_text(out, "</footer>\n");
}

void leaf_append_page(const struct results *results, struct buffer *out)
{
    size_t count = results->plan->clip_count, missing = count_missing(results);
    append_head(results, out);
    append_header(results, missing, out);
    buffer_append_text(out, results->programme ? "<main>\n" : "<main class=\"alone\">\n");
    if (results->programme)
        append_programme(results, out);
    buffer_append_text(out,
                       "<section class=\"clips\" id=\"clips\" tabindex=\"-1\">\n<h2>Clips</h2>\n");
    for (size_t i = 0; i < count; i++)
        if (results->outcomes[i].status >= CLIP_CUT)
            append_clip(results, i, out);
    if (missing || results->programme_error)
        append_all_missing(results, out);
    buffer_append_text(out, "</section>\n</main>\n");
    append_footer(results, out);
    buffer_append_text(out, "<script>");
    buffer_append_text(out, page_script);
    buffer_append_text(out, "</script>\n</body>\n</html>\n");
}
