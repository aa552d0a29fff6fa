/* SPDX-License-Identifier: MIT */
/*
 * clipnotes list: what the notes hold, as a table for people or as JSON.
 */
#include <stdlib.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "format/json.h"
#include "format/url.h"

#define MIN_TITLE   16 /* columns that a title keeps on the narrowest terminal */
#define MAX_EPISODE 28 /* columns that the name of an episode may take */

struct listing {
    struct terminal *terminal;
    struct json_writer json;
    struct buffer out;
    bool as_json, failed;
    size_t clips, chapters;
};

/* Appends `text` in `width` columns, cut with "…" where it is longer; the last column of a line is
 * not filled up. */
static void append_cell(struct listing *listing, enum style style, const char *text, size_t width,
                        bool last)
{
    struct slice cell = slice_of(text);
    size_t wide = text_width(cell);
    bool cut = width && wide > width;
    if (cut) {
        cell = text_cut_columns(cell, width - 1);
        wide = text_width(cell) + 1;
    }
    terminal_style(listing->terminal, &listing->out, style, cell);
    if (cut)
        buffer_append_text(&listing->out, "…");
    if (!last && wide < width)
        buffer_append_format(&listing->out, "%*s", (int)(width - wide), "");
}

/* The columns of one page's table. */
struct layout {
    size_t time, episode, title; /* title 0: as wide as it is */
};

static char *range_text(millis start, millis end)
{
    char first[MILLIS_TEXT_SIZE], last[MILLIS_TEXT_SIZE];
    millis_text(start, first);
    return end == MILLIS_NONE ? mem_strdup(first)
                              : mem_format("%s-%s", first, millis_text(end, last));
}

static char *episode_name(const char *page)
{
    char *slug = url_slug(page);
    if (slug && *slug)
        return slug;
    free(slug);
    return mem_strdup(page);
}

static void widen(size_t *width, char *text)
{
    size_t wide = text_width(slice_of(text));
    if (wide > *width)
        *width = wide;
    free(text);
}

static struct layout layout_of(const struct listing *listing, const struct notes *notes)
{
    struct layout layout = {0};
    for (size_t i = 0; i < notes->clip_count; i++) {
        widen(&layout.time, range_text(notes->clips[i].start, notes->clips[i].end));
        widen(&layout.episode, episode_name(notes->clips[i].page));
    }
    for (size_t i = 0; i < notes->chapter_count; i++)
        widen(&layout.time, range_text(notes->chapters[i].start, notes->chapters[i].end));

    size_t columns = terminal_columns(listing->terminal);
    if (layout.episode > MAX_EPISODE && columns)
        layout.episode = MAX_EPISODE;
    if (columns) {
        size_t used = 5 + layout.time + 2 + (layout.episode ? layout.episode + 2 : 0);
        layout.title = columns > used + MIN_TITLE ? columns - used : MIN_TITLE;
    }
    return layout;
}

static void append_time(struct listing *listing, const struct layout *layout, millis start,
                        millis end)
{
    char *range = range_text(start, end);
    size_t wide = text_width(slice_of(range));
    buffer_append_format(&listing->out, "%*s", (int)(layout->time - wide), "");
    terminal_style(listing->terminal, &listing->out, STYLE_CYAN, slice_of(range));
    buffer_append_text(&listing->out, "  ");
    free(range);
}

static void append_clip(struct listing *listing, const struct layout *layout,
                        const struct clip *clip)
{
    char *episode = episode_name(clip->page);
    buffer_append_format(&listing->out, "%4d ", clip->number);
    append_time(listing, layout, clip->start, clip->end);
    append_cell(listing, STYLE_DIM, episode, layout->episode, false);
    buffer_append_text(&listing->out, "  ");
    append_cell(listing, STYLE_PLAIN, clip->title, layout->title, true);
    buffer_append_byte(&listing->out, '\n');
    free(episode);
}

static void append_chapter(struct listing *listing, const struct layout *layout,
                           const struct chapter *chapter)
{
    struct layout wide = *layout;
    if (wide.title && wide.episode)
        wide.title += wide.episode + 2;
    buffer_append_text(&listing->out, "     ");
    append_time(listing, layout, chapter->start, chapter->end);
    append_cell(listing, STYLE_PLAIN, chapter->title ? chapter->title : "", wide.title, true);
    buffer_append_byte(&listing->out, '\n');
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void append_heading(struct listing *listing, const struct notes *notes)
{
    if (listing->out.size)
        buffer_append_byte(&listing->out, '\n');
    terminal_style(listing->terminal, &listing->out, STYLE_BOLD,
                   slice_of(notes->title ? notes->title : notes->path));
    if (notes->title) {
        buffer_append_text(&listing->out, "  ");
        terminal_style(listing->terminal, &listing->out, STYLE_DIM, slice_of(notes->path));
    }
    buffer_append_byte(&listing->out, '\n');
}

static void append_table(struct listing *listing, const struct notes *notes)
{
    struct layout layout = layout_of(listing, notes);
    append_heading(listing, notes);
    for (size_t i = 0; i < notes->clip_count; i++)
        append_clip(listing, &layout, &notes->clips[i]);
    if (notes->clip_count && notes->chapter_count)
        buffer_append_byte(&listing->out, '\n');
    for (size_t i = 0; i < notes->chapter_count; i++)
        append_chapter(listing, &layout, &notes->chapters[i]);

    struct buffer counts = BUFFER_INIT(BUFFER_UNBOUNDED);
    buffer_append_format(&counts, "     %zu clip%s, %zu chapter%s\n", notes->clip_count,
                         plural(notes->clip_count), notes->chapter_count,
                         plural(notes->chapter_count));
    terminal_style(listing->terminal, &listing->out, STYLE_DIM, buffer_slice(&counts));
    buffer_release(&counts);
}

/* Prints what has come together, so that memory does not grow with the number of pages. */
static bool flush(struct listing *listing)
{
    if (!terminal_print(listing->terminal, buffer_slice(&listing->out)))
        listing->failed = true;
    buffer_clear(&listing->out);
    return !listing->failed;
}

static bool show(void *context, struct notes *notes)
{
    struct listing *listing = context;
    listing->clips += notes->clip_count;
    listing->chapters += notes->chapter_count;
    if (listing->as_json) {
        notes_write_json(&listing->json, notes);
    } else {
        append_table(listing, notes);
        pages_warn(notes, listing->terminal);
    }
    notes_destroy(notes);
    return flush(listing);
}

int command_list(const struct options *options, struct terminal *terminal)
{
    struct listing listing = {
        .terminal = terminal,
        .out = BUFFER_INIT(BUFFER_UNBOUNDED),
        .as_json = options->json,
    };
    listing.json = (struct json_writer)JSON_WRITER(&listing.out, JSON_INDENTED);
    if (options->json) {
        json_begin_object(&listing.json, NULL);
        json_put_int(&listing.json, "version", 1);
        json_begin_array(&listing.json, "notes");
    }
    size_t failed = inputs_visit(options, terminal, show, &listing);
    if (options->json) {
        json_end(&listing.json);
        json_end(&listing.json);
        buffer_append_byte(&listing.out, '\n');
    }
    flush(&listing);
    buffer_release(&listing.out);
    if (listing.failed || failed == options->arguments.count)
        return STATUS_FAILED;
    return failed ? STATUS_PARTLY : STATUS_DONE;
}
