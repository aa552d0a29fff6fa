/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "format/url.h"
#include "model/timecode.h"
#include "notes/label.h"
#include "notes/link.h"
#include "notes/page.h"
#include "notes/stamp.h"
#include "notes/title.h"

/* The end that a link's title gives: "45s" is a length, "until 56:30" a position. */
static millis read_end(const char *link_title, millis start)
{
    static const struct slice words[] = {{"until", 5}, {"to", 2}, {"end", 3}, {"-", 1}, {"–", 3}};
    struct slice text = slice_trim(slice_of(link_title));
    millis time;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct slice rest = text;
        if (slice_take(&rest, words[i]) && timecode_parse(rest, TIMECODE_ANY, &time))
            return time;
    }
    if (!timecode_parse(text, TIMECODE_COLONS | TIMECODE_UNITS, &time) || !time)
        return MILLIS_NONE;
    return start + time;
}

/* As seen from the base, where there is one. */
static const char *make_absolute(struct page *page, const char *url)
{
    struct arena *arena = page->notes->arena;
    char *whole = page->options->base_url ? url_resolve(page->options->base_url, url) : NULL;
    const char *kept = arena_strdup(arena, whole ? whole : url);
    free(whole);
    return kept;
}

static void fill_label(struct page *page, struct clip *clip, struct slice label)
{
    struct arena *arena = page->notes->arena;
    struct slice title = label;
    clip->number = (int)page->notes->clip_count + 1;
    label_take_number(&title, &clip->number);
    if (!title.size)
        title = label; /* "Clip 7" is a title where there is no other */
    clip->label = arena_strndup(arena, label.data, label.size);
    clip->title = arena_strndup(arena, title.data, title.size);
    struct slice speaker = label_speaker(title);
    if (speaker.size)
        clip->speaker = arena_strndup(arena, speaker.data, speaker.size);
}

/* No page has more. */
#define MAX_CLIPS 20000

bool clips_add(struct page *page, const char *url, struct slice label, const char *link_title,
               int line)
{
    struct link_time time;
    if (page->notes->clip_count == MAX_CLIPS) {
        if (!page->crowded)
            notes_warn(page->notes, line, "more than %d clips: the others are left out", MAX_CLIPS);
        page->crowded = true;
        return false;
    }
    enum link_kind kind = link_read(url, &time);
    if (kind == LINK_ODD)
        notes_warn(page->notes, line, "the time in %s %s: the link is left out", url, time.odd);
    if (kind != LINK_TIMED)
        return false;

    struct clip clip = {.start = time.start, .end = time.end, .line = line};
    if (clip.end == MILLIS_NONE)
        clip.end = read_end(link_title, clip.start);
    clip.url = make_absolute(page, url);
    clip.page = make_absolute(page, time.page);
    fill_label(page, &clip, label);
    if (!label.size)
        notes_warn(page->notes, line, "the link to %s has no label", url);
    notes_add_clip(page->notes, &clip);
    free(time.page);
    return true;
}

/* The text before the link, or else behind it: what a bare URL or a link whose text is only its
 * time is called. Links with a time part the line between them. */
static struct slice words_around(const struct document *document, const struct document_line *line,
                                 size_t index)
{
    const struct document_link *link = &document->links[index];
    size_t begin = 0, end = line->text.size;
    for (size_t i = index; i > line->first_link && !begin; i--)
        if (document->links[i - 1].timed)
            begin = document->links[i - 1].end;
    for (size_t i = index + 1; i < line->first_link + line->link_count; i++)
        if (document->links[i].timed) {
            end = document->links[i].begin;
            break;
        }
    struct slice before = slice_from(slice_first(line->text, link->begin), begin);
    before = title_before(before);
    struct stamp stamp;
    if (stamp_has_words(before) && !stamp_is_all(before, &stamp))
        return before;
    return title_behind(slice_from(slice_first(line->text, end), link->end));
}

static struct slice label_of(const struct document *document, const struct document_line *line,
                             size_t index)
{
    const struct document_link *link = &document->links[index];
    struct slice label = slice_of(link->label);
    struct stamp stamp;
    if (label.size && !link->bare && !stamp_is_all(label, &stamp))
        return label;
    struct slice words = words_around(document, line, index);
    return words.size ? words : label;
}

void clips_find(struct page *page, const struct document *document)
{
    for (size_t i = 0; i < document->line_count; i++) {
        const struct document_line *line = &document->lines[i];
        if (line->block == BLOCK_CODE)
            continue;
        for (size_t j = line->first_link; j < line->first_link + line->link_count; j++) {
            const struct document_link *link = &document->links[j];
            if ((link->timed || link->odd) && !link->chapter)
                clips_add(page, link->url, label_of(document, line, j), link->title, link->number);
        }
    }
}
