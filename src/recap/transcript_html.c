/* SPDX-License-Identifier: MIT */
/*
 * Transcripts in HTML: <cite>Name:</cite> <time>0:12</time> <p>Words</p>, where the name and the
 * time may also stand in the paragraph. Further paragraphs are of the same time.
 */
#include "recap/transcript_format.h"

#include <string.h>

#include "format/markup.h"
#include "model/timecode.h"

struct page {
    struct transcript *transcript;
    struct buffer text, speaker;
    char element; /* that text goes to: 'c'ite, 't'ime, 'p', or 0 */
    bool in_paragraph;
    millis start;
};

static bool open_element(void *context, const char *name, const struct markup_attribute *attributes,
                         size_t count, int line)
{
    struct page *page = context;
    (void)attributes, (void)count, (void)line;
    if (strcmp(name, "cite") == 0 || strcmp(name, "time") == 0 || strcmp(name, "p") == 0) {
        page->element = name[0];
        page->in_paragraph = page->in_paragraph || name[0] == 'p';
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

static void end_paragraph(struct page *page)
{
    struct slice text = slice_trim(buffer_slice(&page->text));
    struct slice speaker = slice_trim(buffer_slice(&page->speaker));
    if (slice_ends(speaker, SLICE(":")))
        speaker.size--;
    if (!speaker.size)
        speaker = transcript_take_speaker(&text);
    if (page->start != MILLIS_NONE)
        transcript_add(page->transcript, page->start, MILLIS_NONE, speaker, text);
    buffer_clear(&page->speaker);
    page->in_paragraph = false;
}

static bool close_element(void *context, const char *name, int line)
{
    struct page *page = context;
    (void)line;
    if (strcmp(name, "time") == 0) {
        millis time;
        if (timecode_parse(buffer_slice(&page->text), TIMECODE_ANY, &time))
            page->start = time;
        buffer_clear(&page->text);
    } else if (strcmp(name, "p") == 0) {
        end_paragraph(page);
    }
    if (page->element == name[0])
        page->element = page->in_paragraph ? 'p' : 0;
    return true;
}

static bool read(struct transcript *transcript, struct slice text, const char *name,
                 struct error *err)
{
    struct page page = {
        .transcript = transcript,
        .text = BUFFER_INIT(BUFFER_UNBOUNDED),
        .speaker = BUFFER_INIT(BUFFER_UNBOUNDED),
        .start = MILLIS_NONE,
    };
    const struct markup_handler handler = {open_element, read_words, close_element, &page};
    bool done = html_read(text, name, &handler, err);
    buffer_release(&page.text);
    buffer_release(&page.speaker);
    return done;
}

const struct transcript_format transcript_html = {.begins = "<", .read = read};
