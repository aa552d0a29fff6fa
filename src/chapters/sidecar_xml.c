/* SPDX-License-Identifier: MIT */
/*
 * Chapters in XML: Podlove Simple Chapters 1.2 (podlove.org/simple-chapters), Matroska's chapter
 * files as mkvmerge reads them (matroska.org, "Chapters"), and podcast:soundbite elements of a feed
 * (podcastindex-org/podcast-namespace).
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "chapters/sidecar_formats.h"
#include "format/markup.h"
#include "model/timecode.h"

#define SOUNDBITE_SHORTEST  (15 * MILLIS_SECOND)
#define SOUNDBITE_LONGEST   (120 * MILLIS_SECOND)
#define SOUNDBITE_MAX_TITLE 128

/* Matroska: one of several lists of chapters. */
struct edition {
    size_t first; /* of its chapters */
    bool is_default;
};

struct xml_reading {
    struct chapter_list *list;
    const char *name;
    struct error *err;
    struct buffer text;     /* of the element that is open */
    struct chapter chapter; /* that is being read; its texts live in the list's arena */
    bool failed, open;
    size_t depth; /* Matroska: of chapters that are open */
    struct edition chosen, edition;
    size_t editions; /* that are behind us */
};

static bool on_text(void *context, struct slice text, int line)
{
    struct xml_reading *reading = context;
    (void)line;
    buffer_append_slice(&reading->text, text);
    return true;
}

static bool read_xml(struct slice text, const char *name, struct markup_handler handler,
                     struct chapter_list *list, struct error *err)
{
    struct xml_reading reading = {
        .list = list, .name = name, .err = err, .text = BUFFER_INIT(SIDECAR_MAX_BYTES)};
    handler.text = on_text;
    handler.context = &reading;
    bool read = xml_read(text, name, &handler, err) && !reading.failed;
    buffer_release(&reading.text);
    return read;
}

static bool fail_at(struct xml_reading *reading, int line, const char *what)
{
    reading->failed = true;
    return sidecar_fail(reading->err, reading->name, line, what);
}

/* The namespace alone is in many a feed that has no such chapters. */
static bool podlove_detect(struct slice text)
{
    return text.size && text.data[0] == '<' &&
           slice_find(text, SLICE("podlove.org/simple-chapters")) != SIZE_MAX &&
           slice_find(text, SLICE("start=")) != SIZE_MAX;
}

static const char *attribute(const struct markup_attribute *attributes, size_t count,
                             const char *name)
{
    const char *value = markup_attribute(attributes, count, name);
    return value && *value ? value : NULL;
}

/* Whatever prefix stands for the namespace. */
static struct slice local_name(const char *name)
{
    struct slice whole = slice_of(name);
    size_t colon = slice_rfind_byte(whole, ':');
    return colon == SIZE_MAX ? whole : slice_from(whole, colon + 1);
}

static bool podlove_open(void *context, const char *name, const struct markup_attribute *attributes,
                         size_t count, int line)
{
    struct xml_reading *reading = context;
    if (!slice_equal(local_name(name), SLICE("chapter")))
        return true;
    struct chapter chapter = {
        .end = MILLIS_NONE,
        .title = attribute(attributes, count, "title"),
        .link = attribute(attributes, count, "href"),
        .image = attribute(attributes, count, "image"),
        .line = line,
    };
    const char *start = markup_attribute(attributes, count, "start");
    if (!start ||
        !timecode_parse(slice_of(start), TIMECODE_SECONDS | TIMECODE_COLONS, &chapter.start))
        return fail_at(reading, line, "the chapter's start is no time; write HH:MM:SS.mmm");
    chapter_list_add(reading->list, &chapter);
    return true;
}

static bool podlove_read(struct slice text, const char *name, struct chapter_list *list,
                         struct error *err)
{
    return read_xml(text, name, (struct markup_handler){.open = podlove_open}, list, err);
}

/* XML makes blanks of line ends and tabs in attributes unless they are references, and knows no
 * other control characters. */
static void append_xml(struct buffer *out, const char *text)
{
    char *valid = text_repair(slice_of(text));
    for (const char *c = valid; *c; c++) {
        if (*c == '\n' || *c == '\t' || *c == '\r')
            buffer_append_format(out, "&#%d;", *c);
        else if ((uint8_t)*c < ' ' || *c == 0x7F)
            buffer_append_byte(out, ' ');
        else
            markup_append_escaped(out, (struct slice){c, 1});
    }
    free(valid);
}

static void append_attribute(struct buffer *out, const char *name, const char *value)
{
    if (!value)
        return;
    buffer_append_format(out, " %s=\"", name);
    append_xml(out, value);
    buffer_append_byte(out, '"');
}

static bool podlove_write(const struct chapter_list *list, const struct sidecar_context *context,
                          struct buffer *out, struct error *err)
{
    (void)context;
    (void)err;
    buffer_append_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                            "<psc:chapters version=\"1.2\" "
                            "xmlns:psc=\"http://podlove.org/simple-chapters\">\n");
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        char start[MILLIS_TEXT_SIZE];
        buffer_append_format(out, "  <psc:chapter start=\"%s\"",
                             millis_text_full(chapter->start, start));
        append_attribute(out, "title", chapter->title ? chapter->title : "");
        append_attribute(out, "href", chapter->link);
        append_attribute(out, "image", chapter->image);
        buffer_append_text(out, "/>\n");
    }
    buffer_append_text(out, "</psc:chapters>\n");
    return true;
}

const struct sidecar sidecar_podlove = {
    .name = "podlove",
    .meaning = "Podlove Simple Chapters (XML)",
    .extensions = "psc",
    .holds = SIDECAR_LINKS | SIDECAR_IMAGES | SIDECAR_LINE_ENDS,
    .detect = podlove_detect,
    .read = podlove_read,
    .write = podlove_write,
};

static bool matroska_detect(struct slice text)
{
    return text.size && text.data[0] == '<' && slice_find(text, SLICE("<ChapterAtom")) != SIZE_MAX;
}

/* Chapters nested in others are passed over, as in Matroska files: players show one level. */
static bool matroska_open(void *context, const char *name,
                          const struct markup_attribute *attributes, size_t count, int line)
{
    struct xml_reading *reading = context;
    (void)attributes;
    (void)count;
    buffer_clear(&reading->text);
    if (!reading->depth && strcmp(name, "EditionEntry") == 0)
        reading->edition = (struct edition){.first = reading->list->count};
    if (strcmp(name, "ChapterAtom") == 0 && reading->depth++ == 0)
        sidecar_add(reading->list, MILLIS_NONE, MILLIS_NONE, SLICE(""), SLICE(""), line);
    return true;
}

static bool matroska_time(struct xml_reading *reading, millis *time, int line)
{
    if (timecode_parse(buffer_slice(&reading->text), TIMECODE_COLONS, time))
        return true;
    return fail_at(reading, line, "the chapter's time is none; write HH:MM:SS.nnnnnnnnn");
}

/* The default edition stays, or the first, as of Matroska files: others are other cuts of the same
 * recording. */
static void choose_edition(struct xml_reading *reading)
{
    struct chapter_list *list = reading->list;
    const struct edition *edition = &reading->edition;
    size_t count = list->count - edition->first;
    if (!reading->editions++) {
        reading->chosen = *edition;
    } else if (edition->is_default && !reading->chosen.is_default) {
        memmove(list->items + reading->chosen.first, list->items + edition->first,
                count * sizeof *list->items);
        list->count = reading->chosen.first + count;
        reading->chosen.is_default = true;
    } else {
        list->count = edition->first;
    }
    reading->edition = (struct edition){.first = list->count};
}

static bool close_atom(struct xml_reading *reading, int line)
{
    const struct chapter *chapter = &reading->list->items[reading->list->count - 1];
    if (--reading->depth || chapter->start != MILLIS_NONE)
        return true;
    return fail_at(reading, line, "the chapter that ends here has no ChapterTimeStart");
}

static bool matroska_close(void *context, const char *name, int line)
{
    struct xml_reading *reading = context;
    struct slice text = slice_trim(buffer_slice(&reading->text));
    if (strcmp(name, "EditionFlagDefault") == 0)
        reading->edition.is_default = slice_equal(text, SLICE("1"));
    if (!reading->depth && strcmp(name, "EditionEntry") == 0)
        choose_edition(reading);
    if (reading->depth && strcmp(name, "ChapterAtom") == 0)
        return close_atom(reading, line);
    if (reading->depth != 1)
        return true;
    struct chapter *chapter = &reading->list->items[reading->list->count - 1];
    if (strcmp(name, "ChapterTimeStart") == 0)
        return matroska_time(reading, &chapter->start, line);
    if (strcmp(name, "ChapterTimeEnd") == 0)
        return matroska_time(reading, &chapter->end, line);
    if (strcmp(name, "ChapterFlagHidden") == 0)
        chapter->hidden = slice_equal(text, SLICE("1"));
    if (strcmp(name, "ChapterString") == 0 && !chapter->title)
        chapter->title = arena_strndup(reading->list->arena, text.data, text.size);
    return true;
}

static bool matroska_read(struct slice text, const char *name, struct chapter_list *list,
                          struct error *err)
{
    return read_xml(text, name,
                    (struct markup_handler){.open = matroska_open, .close = matroska_close}, list,
                    err);
}

static bool matroska_write(const struct chapter_list *list, const struct sidecar_context *context,
                           struct buffer *out, struct error *err)
{
    (void)context;
    (void)err;
    buffer_append_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                            "<!DOCTYPE Chapters SYSTEM \"matroskachapters.dtd\">\n"
                            "<Chapters>\n  <EditionEntry>\n");
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        char time[MILLIS_TEXT_SIZE];
        buffer_append_format(out,
                             "    <ChapterAtom>\n      <ChapterTimeStart>%s000000"
                             "</ChapterTimeStart>\n",
                             millis_text_full(chapter->start, time));
        if (chapter->end != MILLIS_NONE)
            buffer_append_format(out, "      <ChapterTimeEnd>%s000000</ChapterTimeEnd>\n",
                                 millis_text_full(chapter->end, time));
        if (chapter->hidden)
            buffer_append_text(out, "      <ChapterFlagHidden>1</ChapterFlagHidden>\n");
        buffer_append_text(out, "      <ChapterDisplay>\n        <ChapterString>");
        append_xml(out, chapter->title);
        buffer_append_text(out, "</ChapterString>\n"
                                "        <ChapterLanguage>und</ChapterLanguage>\n"
                                "      </ChapterDisplay>\n    </ChapterAtom>\n");
    }
    buffer_append_text(out, "  </EditionEntry>\n</Chapters>\n");
    return true;
}

const struct sidecar sidecar_matroska = {
    .name = "matroska",
    .meaning = "Matroska chapters (XML, for mkvmerge)",
    .extensions = "",
    .holds = SIDECAR_HIDDEN | SIDECAR_ENDS | SIDECAR_LINE_ENDS,
    .detect = matroska_detect,
    .read = matroska_read,
    .write = matroska_write,
};

static bool soundbite_detect(struct slice text)
{
    return text.size && text.data[0] == '<' &&
           slice_find(text, SLICE("<podcast:soundbite")) != SIZE_MAX;
}

static bool soundbite_open(void *context, const char *name,
                           const struct markup_attribute *attributes, size_t count, int line)
{
    struct xml_reading *reading = context;
    millis start, length;
    buffer_clear(&reading->text);
    reading->open = strcmp(name, "podcast:soundbite") == 0;
    if (!reading->open)
        return true;
    const char *from = markup_attribute(attributes, count, "startTime");
    const char *lasts = markup_attribute(attributes, count, "duration");
    if (!from || !lasts || !timecode_parse(slice_of(from), TIMECODE_SECONDS, &start) ||
        !timecode_parse(slice_of(lasts), TIMECODE_SECONDS, &length))
        return fail_at(reading, line, "the soundbite's startTime and duration are to be seconds");
    reading->chapter = (struct chapter){.start = start, .end = start + length, .line = line};
    return true;
}

static bool soundbite_close(void *context, const char *name, int line)
{
    struct xml_reading *reading = context;
    (void)name;
    (void)line;
    if (reading->open) {
        struct slice title = slice_trim(buffer_slice(&reading->text));
        char *on_one_line = text_one_line(title);
        reading->chapter.title = title.size ? on_one_line : NULL;
        chapter_list_add(reading->list, &reading->chapter);
        free(on_one_line);
    }
    reading->open = false;
    return true;
}

/* A feed, or just the elements: these have no root, and their prefix is not declared. */
static bool soundbite_read(struct slice text, const char *name, struct chapter_list *list,
                           struct error *err)
{
    static const struct markup_handler handler = {.open = soundbite_open, .close = soundbite_close};
    struct slice start = slice_trim_left(text);
    if (slice_starts(start, SLICE("<?xml")) || slice_starts(start, SLICE("<rss")))
        return read_xml(text, name, handler, list, err);
    struct buffer whole = BUFFER_INIT(SIDECAR_MAX_BYTES + 200);
    buffer_append_text(&whole, "<rss xmlns:podcast=\"https://podcastindex.org/namespace/1.0\">");
    buffer_append_slice(&whole, text);
    buffer_append_text(&whole, "</rss>");
    bool read = read_xml(buffer_slice(&whole), name, handler, list, err);
    buffer_release(&whole);
    return read;
}

static void check_soundbite(const struct sidecar_context *context, millis start, millis length,
                            bool cut)
{
    char text[MILLIS_TEXT_SIZE];
    if (cut)
        log_warning(context->log, "the title of the soundbite at %s is cut to %d characters",
                    millis_text(start, text), SOUNDBITE_MAX_TITLE);
    if (length < SOUNDBITE_SHORTEST || length > SOUNDBITE_LONGEST)
        log_warning(context->log, "the soundbite at %s lasts %lld s; 15 to 120 s are recommended",
                    millis_text(start, text), (long long)(length / MILLIS_SECOND));
}

static bool soundbite_write(const struct chapter_list *list, const struct sidecar_context *context,
                            struct buffer *out, struct error *err)
{
    (void)err;
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        millis length = sidecar_end(list, i, context->duration) - chapter->start;
        char start[MILLIS_TEXT_SIZE], lasts[MILLIS_TEXT_SIZE];
        char *title = sidecar_title(chapter);
        struct slice text = text_cut_characters(slice_of(title), SOUNDBITE_MAX_TITLE);
        check_soundbite(context, chapter->start, length, title[text.size] != '\0');
        buffer_append_format(out, "<podcast:soundbite startTime=\"%s\" duration=\"%s\">",
                             millis_text_seconds(chapter->start, start),
                             millis_text_seconds(length, lasts));
        markup_append_escaped(out, text);
        buffer_append_text(out, "</podcast:soundbite>\n");
        free(title);
    }
    return true;
}

const struct sidecar sidecar_soundbite = {
    .name = "soundbite",
    .meaning = "podcast:soundbite elements for a feed",
    .extensions = "",
    .holds = SIDECAR_ENDS,
    .detect = soundbite_detect,
    .read = soundbite_read,
    .write = soundbite_write,
};
