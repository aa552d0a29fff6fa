/* SPDX-License-Identifier: MIT */
/*
 * The page to listen to: one file that asks the network for nothing. What stands in the notes is
 * other people's text: all of it is escaped, and only http and https become links.
 */
#include <stdlib.h>
#include <string.h>

#include "format/markup.h"
#include "recap/leaves.h"

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1d1b18;--soft:#6d675f;--paper:#faf8f4;--card:#fff;"
    "--line:#e4dfd6;--mark:#b3401f}"
    "@media(prefers-color-scheme:dark){:root{--ink:#eeeae3;--soft:#a29b90;--paper:#171614;"
    "--card:#211f1c;--line:#38342f;--mark:#ff9a6c}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.5 system-ui,sans-serif;"
    "overflow-wrap:anywhere}"
    "main{max-width:46rem;margin:0 auto;padding:2rem 1rem 4rem}"
    "h1{font-size:clamp(1.6rem,5vw,2.4rem);line-height:1.15;margin:0 0 .3rem;text-wrap:balance}"
    "h2{font-size:1.15rem;margin:2.5rem 0 .8rem}"
    "a{color:inherit;text-decoration-color:var(--mark);text-underline-offset:.2em}"
    ".soft{color:var(--soft);font-size:.9rem;margin:.2rem 0 0}"
    "h1+.soft{margin-bottom:1.4rem}"
    "audio{width:100%;margin-top:.7rem}"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1rem;"
    "margin:0 0 1rem}"
    ".card h3{font-size:1.05rem;line-height:1.3;margin:0}"
    ".number{color:var(--mark);font-variant-numeric:tabular-nums;margin-right:.5em}"
    "ol{list-style:none;margin:.8rem 0 0;padding:0}"
    "ol li{border-top:1px solid var(--line)}"
    "ol a{display:flex;gap:1rem;padding:.55rem 0;text-decoration:none}"
    "ol a:hover{color:var(--mark)}"
    "ol a.now{color:var(--mark);font-weight:600}"
    "time{font-variant-numeric:tabular-nums;color:var(--soft);min-width:3.2em}"
    ".missing{border-left:4px solid var(--mark)}";

/* Chapters jump in the player, and the one that plays is marked. Without it they are links. */
static const char script[] =
    "(function(){var p=document.getElementById('recap');if(!p)return;"
    "var l=[].slice.call(document.querySelectorAll('[data-at]'));"
    "l.forEach(function(a){a.addEventListener('click',function(e){e.preventDefault();"
    "p.currentTime=+a.dataset.at;p.play()})});"
    "p.addEventListener('timeupdate',function(){var n=null;"
    "l.forEach(function(a){a.classList.remove('now');if(+a.dataset.at<=p.currentTime+.05)n=a});"
    "if(n)n.classList.add('now')});"
    "document.addEventListener('play',function(e){"
    "[].forEach.call(document.querySelectorAll('audio'),function(a){if(a!==e.target)a.pause()})"
    "},true)})();";

static void append_escaped(struct buffer *out, const char *text)
{
    markup_append_escaped(out, slice_of(text));
}

static void append_player(struct buffer *out, const char *id, const char *file)
{
    buffer_append_format(out, "<audio controls preload=\"none\"%s%s%s src=\"", id ? " id=\"" : "",
                         id ? id : "", id ? "\"" : "");
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

static void append_programme(const struct results *results, struct buffer *out)
{
    char length[MILLIS_TEXT_SIZE];
    const struct programme *programme = results->programme;
    buffer_append_text(out, "<section class=\"card\">\n<h3>The whole recap</h3>\n");
    buffer_append_format(out, "<p class=\"soft\">%s · <a href=\"",
                         whole_seconds(programme_duration(programme), length));
    append_escaped(out, programme->file);
    buffer_append_text(out, "\" download>");
    append_escaped(out, programme->file);
    buffer_append_text(out, "</a></p>\n");
    append_player(out, "recap", programme->file);
    append_chapters(programme, out);
    buffer_append_text(out, "</section>\n");
}

/* "1:00 · Paul Dix · Episode one at 55:40" */
static void append_facts(const struct clip *clip, const struct clip_outcome *outcome,
                         struct buffer *out)
{
    char length[MILLIS_TEXT_SIZE], start[MILLIS_TEXT_SIZE];
    const char *link = leaf_link(clip);
    millis played = outcome->range.end - outcome->range.start;
    buffer_append_format(out, "<p class=\"soft\">%s · ", whole_seconds(played, length));
    if (clip->speaker) {
        append_escaped(out, clip->speaker);
        buffer_append_text(out, " · ");
    }
    if (link) {
        buffer_append_text(out, "<a rel=\"noreferrer\" href=\"");
        append_escaped(out, link);
        buffer_append_text(out, "\">");
    }
    append_escaped(out, outcome->episode_title ? outcome->episode_title : clip->page);
    buffer_append_format(out, " at %s%s</p>\n", millis_text(clip->start, start),
                         link ? "</a>" : "");
}

static void append_clip(const struct results *results, size_t i, struct buffer *out)
{
    const struct clip *clip = results->plan->clips[i].clip;
    const struct clip_outcome *outcome = &results->outcomes[i];
    buffer_append_format(out, "<article class=\"card\">\n<h3><span class=\"number\">%d</span>",
                         clip->number);
    append_escaped(out, *clip->title ? clip->title : clip->label);
    buffer_append_text(out, "</h3>\n");
    append_facts(clip, outcome, out);
    append_player(out, NULL, outcome->file);
    buffer_append_text(out, "</article>\n");
}

static void append_missing(const struct results *results, size_t i, struct buffer *out)
{
    const struct clip *clip = results->plan->clips[i].clip;
    const struct clip_outcome *outcome = &results->outcomes[i];
    const char *link = leaf_link(clip);
    buffer_append_format(out,
                         "<article class=\"card missing\">\n<h3><span class=\"number\">%d</span>",
                         clip->number);
    if (link) {
        buffer_append_text(out, "<a rel=\"noreferrer\" href=\"");
        append_escaped(out, link);
        buffer_append_text(out, "\">");
    }
    append_escaped(out, *clip->title ? clip->title : clip->label);
    buffer_append_text(out, link ? "</a></h3>\n<p class=\"soft\">" : "</h3>\n<p class=\"soft\">");
    append_escaped(out, outcome->error ? outcome->error : "not cut");
    buffer_append_text(out, "</p>\n</article>\n");
}

static size_t count_missing(const struct results *results)
{
    size_t missing = 0;
    for (size_t i = 0; i < results->plan->clip_count; i++)
        missing += results->outcomes[i].status < CLIP_CUT;
    return missing;
}

static void append_head(const struct results *results, struct buffer *out)
{
    buffer_append_text(out,
                       "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, "
                       "initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
                       "<link rel=\"icon\" href=\"data:,\">\n<title>");
    append_escaped(out, leaf_title(results));
    buffer_append_text(out, "</title>\n<style>");
    buffer_append_text(out, style);
    buffer_append_text(out, "</style>\n</head>\n<body>\n<main>\n<h1>");
    append_escaped(out, leaf_title(results));
    buffer_append_text(out, "</h1>\n");
}

void leaf_append_page(const struct results *results, struct buffer *out)
{
    size_t count = results->plan->clip_count, missing = count_missing(results);
    append_head(results, out);
    buffer_append_format(out, "<p class=\"soft\">%zu clip%s from %zu episode%s</p>\n",
                         count - missing, count - missing == 1 ? "" : "s",
                         results->plan->episode_count,
                         results->plan->episode_count == 1 ? "" : "s");
    if (results->programme)
        append_programme(results, out);
    buffer_append_text(out, "<h2>Clips</h2>\n");
    for (size_t i = 0; i < count; i++)
        if (results->outcomes[i].status >= CLIP_CUT)
            append_clip(results, i, out);
    if (missing || results->programme_error)
        buffer_append_text(out, "<h2>Missing</h2>\n");
    if (results->programme_error) {
        buffer_append_text(out, "<article class=\"card missing\">\n<h3>The whole recap</h3>\n"
                                "<p class=\"soft\">");
        append_escaped(out, results->programme_error);
        buffer_append_text(out, "</p>\n</article>\n");
    }
    for (size_t i = 0; i < count; i++)
        if (results->outcomes[i].status < CLIP_CUT)
            append_missing(results, i, out);
    buffer_append_text(out, "</main>\n<script>");
    buffer_append_text(out, script);
    buffer_append_text(out, "</script>\n</body>\n</html>\n");
}
