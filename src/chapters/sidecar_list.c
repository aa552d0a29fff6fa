/* SPDX-License-Identifier: MIT */
/*
 * Lists of times as people write them, one a line: the descriptions of YouTube and Spotify, and
 * lists in Markdown. One reader takes them all, whatever bullets, brackets and dashes there are;
 * lines without a time are prose.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "chapters/sidecar_formats.h"
#include "model/timecode.h"

#define YOUTUBE_SHORTEST (10 * MILLIS_SECOND)
#define FEWEST           3

#define NO_CHARACTER       0xFFFD /* a byte that may be a letter of Latin-1 */
#define VARIATION_SELECTOR 0xFE0F /* behind a sign that is to be a picture */

/* Signs that stand between a time and its title. Longest first where one begins another. */
static const struct slice separators[] = {
    {"\xE2\x80\x93", 3}, {"\xE2\x80\x94", 3}, {"--", 2}, {"-", 1}, {":", 1}, {"|", 1},
    {"\xC2\xB7", 2},     {"\xE2\x86\x92", 3}, {"=", 1},
};

/* No-break spaces too, which come with what is copied from a page. */
static struct slice trim_left(struct slice line)
{
    do
        line = slice_trim_left(line);
    while (slice_take(&line, SLICE("\xC2\xA0")));
    return line;
}

static bool take_separator(struct slice *line)
{
    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++) {
        if (slice_take(line, separators[i])) {
            *line = trim_left(*line);
            return true;
        }
    }
    return false;
}

/* Whatever people put before a line: bullets, dashes, arrows, pictures; no letters. */
static void take_signs(struct slice *line)
{
    struct slice rest = *line;
    uint32_t sign;
    while (text_take_char(&rest, &sign) && sign > 0x7F && sign != NO_CHARACTER &&
           (sign == VARIATION_SELECTOR || !text_is_word(sign)))
        *line = rest = trim_left(rest);
}

/* "- ", "* ", "+ ", "1. ", "2) ", "• ", "►". */
static void take_bullet(struct slice *line)
{
    struct slice rest = slice_trim_left(*line);
    uint64_t number;
    bool bullet =
        slice_take_byte(&rest, '-') || slice_take_byte(&rest, '*') || slice_take_byte(&rest, '+');
    bool numbered = !bullet && slice_take_digits(&rest, &number, NULL) &&
                    (slice_take_byte(&rest, '.') || slice_take_byte(&rest, ')'));
    if ((bullet || numbered) && rest.size && byte_is_space(rest.data[0]))
        *line = rest;
    *line = trim_left(*line);
    take_signs(line);
}

/* Where the bracket is that closes one that is open; SIZE_MAX. */
static size_t find_end_of_target(struct slice text)
{
    size_t open = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == ')' && !open--)
            return i;
        open += text.data[i] == '(';
    }
    return SIZE_MAX;
}

/* "(https://...)", "(https://... "title")" or "(<https://...>)" behind a bracket. */
static bool take_target(struct slice *line, struct slice *ret_link)
{
    struct slice rest = *line;
    if (!slice_take_byte(&rest, '('))
        return false;
    bool angled = slice_take_byte(&rest, '<');
    size_t close = angled ? slice_find(rest, SLICE(">)")) : find_end_of_target(rest);
    if (close == SIZE_MAX)
        return false;
    struct slice link = slice_first(rest, close);
    size_t blank = angled ? SIZE_MAX : slice_find_byte(link, ' ');
    *ret_link = slice_first(link, blank);
    *line = slice_from(rest, close + (angled ? 2 : 1));
    return true;
}

/* A time, perhaps in brackets, quotes or emphasis, perhaps as a link. */
static bool take_time(struct slice *line, millis *ret_time, struct slice *ret_link)
{
    struct slice rest = *line;
    while (rest.size && (rest.data[0] == '*' || rest.data[0] == '_' || rest.data[0] == '`' ||
                         rest.data[0] == '[' || rest.data[0] == '('))
        rest = slice_from(rest, 1);
    if (!timecode_take(&rest, TIMECODE_COLONS, ret_time))
        return false;
    while (rest.size && (rest.data[0] == '*' || rest.data[0] == '_' || rest.data[0] == '`' ||
                         rest.data[0] == ')'))
        rest = slice_from(rest, 1);
    if (slice_take_byte(&rest, ']'))
        take_target(&rest, ret_link);
    if (rest.size && (byte_is_alpha(rest.data[0]) || byte_is_digit(rest.data[0])))
        return false;
    *line = trim_left(rest);
    return true;
}

/* The signs of emphasis that the text begins with. */
static struct slice emphasis_of(struct slice text)
{
    size_t size = 0;
    while (size < text.size && text.data[size] == text.data[0] &&
           (text.data[0] == '*' || text.data[0] == '_'))
        size++;
    return slice_first(text, size);
}

/* Where emphasis ends that began before the text, it goes. */
static struct slice without_end_of(struct slice emphasis, struct slice text)
{
    if (emphasis.size && text.size >= emphasis.size &&
        slice_find(text, emphasis) == text.size - emphasis.size)
        return slice_first(text, text.size - emphasis.size);
    return text;
}

/* "**Title**" */
static struct slice without_emphasis(struct slice title)
{
    struct slice emphasis = emphasis_of(title), inside = slice_from(title, emphasis.size);
    struct slice plain = without_end_of(emphasis, inside);
    return plain.size && plain.size < inside.size ? plain : title;
}

/* Where the bracket that begins the text ends, but for those behind a backslash; SIZE_MAX. */
static size_t find_close(struct slice text)
{
    for (size_t i = 1; i < text.size; i++) {
        if (text.data[i] == '\\')
            i++;
        else if (text.data[i] == ']')
            return i;
    }
    return SIZE_MAX;
}

/* "[Title](https://...)" */
static void take_linked_title(struct slice *title, struct slice *link)
{
    struct slice target;
    size_t close = title->size && title->data[0] == '[' ? find_close(*title) : SIZE_MAX;
    if (close == SIZE_MAX)
        return;
    struct slice rest = slice_from(*title, close + 1);
    if (!take_target(&rest, &target) || slice_trim(rest).size)
        return;
    *title = slice_first(slice_from(*title, 1), close - 1);
    *link = target;
}

static bool is_marked_up(char c)
{
    return strchr("\\`*_[]<>", c) != NULL && c != '\0';
}

/* A backslash takes the meaning of markup from the sign behind it. */
static struct slice without_backslashes(struct arena *arena, struct slice text)
{
    char *plain = arena_alloc(arena, text.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\\' && i + 1 < text.size && is_marked_up(text.data[i + 1]))
            i++;
        plain[size++] = text.data[i];
    }
    return (struct slice){plain, size};
}

/* A title in Markdown, and the link that it may be. */
static struct slice plain_title(struct slice line, struct slice emphasis, struct slice *link,
                                struct arena *arena)
{
    line = without_emphasis(without_end_of(emphasis, line));
    take_linked_title(&line, link);
    return without_backslashes(arena, without_emphasis(slice_trim(line)));
}

static bool read_line(struct slice line, int number, bool markdown, struct chapter_list *list)
{
    struct slice link = SLICE("");
    millis start, end = MILLIS_NONE;
    take_bullet(&line);
    struct slice emphasis = emphasis_of(line);
    if (!take_time(&line, &start, &link))
        return false;
    struct slice rest = line;
    if (take_separator(&rest)) {
        struct slice behind = rest, ignored = SLICE("");
        if (take_time(&behind, &end, &ignored) && end > start) {
            rest = behind;
            take_separator(&rest);
        } else {
            end = MILLIS_NONE;
        }
        line = rest;
    }
    line = slice_trim(line);
    if (markdown)
        line = plain_title(line, emphasis, &link, list->arena);
    sidecar_add(list, start, end, line, link, number);
    return true;
}

static void read_lines(struct slice text, bool markdown, struct chapter_list *list)
{
    struct slice line;
    for (int number = 1; slice_take_line(&text, &line); number++)
        read_line(line, number, markdown, list);
}

static bool markdown_read(struct slice text, const char *name, struct chapter_list *list,
                          struct error *err)
{
    (void)name;
    (void)err;
    read_lines(text, true, list);
    return true;
}

/* What is no Markdown has no backslash before a sign of it. */
static bool description_read(struct slice text, const char *name, struct chapter_list *list,
                             struct error *err)
{
    (void)name;
    (void)err;
    read_lines(text, false, list);
    return true;
}

/* One line with a time in front is enough. */
static bool list_detect(struct slice text)
{
    struct slice line, link;
    millis time;
    while (slice_take_line(&text, &line)) {
        take_bullet(&line);
        if (take_time(&line, &time, &link))
            return true;
    }
    return false;
}

static void warn_of_rules(const struct chapter_list *list, const struct sidecar_context *context,
                          const char *platform, millis shortest)
{
    if (list->count && list->items[0].start != 0)
        log_warning(context->log, "%s shows chapters only where the first one is at 0:00",
                    platform);
    if (list->count < FEWEST)
        log_warning(context->log, "%s shows chapters only where there are at least %d", platform,
                    FEWEST);
    for (size_t i = 0; i < list->count; i++) {
        millis end = sidecar_end(list, i, context->duration);
        char start[MILLIS_TEXT_SIZE];
        bool known = i + 1 < list->count || context->duration != MILLIS_NONE;
        if (known && end - list->items[i].start < shortest)
            log_warning(context->log,
                        "%s shows no chapters where one is shorter than %lld s: the "
                        "one at %s is",
                        platform, (long long)(shortest / MILLIS_SECOND),
                        millis_text(list->items[i].start, start));
    }
}

/* Behind a time: a title that begins with a sign that may stand between the two gets one more. */
static const char *guard_of(const char *title)
{
    struct slice text = slice_of(title);
    return take_separator(&text) ? "- " : "";
}

/* Whole seconds, all with hours or none: 0:00 or 0:00:00. */
static void append_lines(const struct chapter_list *list, struct buffer *out)
{
    bool hours = list->count && list->items[list->count - 1].start >= MILLIS_HOUR;
    for (size_t i = 0; i < list->count; i++) {
        char *title = sidecar_title(&list->items[i]);
        long long seconds = (long long)(list->items[i].start / MILLIS_SECOND);
        if (hours)
            buffer_append_format(out, "%lld:%02lld:%02lld ", seconds / 3600, seconds / 60 % 60,
                                 seconds % 60);
        else
            buffer_append_format(out, "%lld:%02lld ", seconds / 60, seconds % 60);
        buffer_append_format(out, "%s%s\n", guard_of(title), title);
        free(title);
    }
}

static bool youtube_write(const struct chapter_list *list, const struct sidecar_context *context,
                          struct buffer *out, struct error *err)
{
    (void)err;
    warn_of_rules(list, context, "YouTube", YOUTUBE_SHORTEST);
    append_lines(list, out);
    return true;
}

static bool spotify_write(const struct chapter_list *list, const struct sidecar_context *context,
                          struct buffer *out, struct error *err)
{
    (void)err;
    warn_of_rules(list, context, "Spotify", 0);
    append_lines(list, out);
    return true;
}

static void append_markdown(struct buffer *out, const char *title)
{
    for (; *title; title++) {
        if (is_marked_up(*title))
            buffer_append_byte(out, '\\');
        buffer_append_byte(out, *title);
    }
}

static void append_target(struct buffer *out, const char *link)
{
    bool angled = strpbrk(link, "() ") != NULL;
    buffer_append_format(out, angled ? "(<%s>)" : "(%s)", link);
}

static bool markdown_write(const struct chapter_list *list, const struct sidecar_context *context,
                           struct buffer *out, struct error *err)
{
    (void)context;
    (void)err;
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        char start[MILLIS_TEXT_SIZE];
        char *title = sidecar_title(chapter);
        buffer_append_format(out, "- %s %s", millis_text(chapter->start, start),
                             chapter->link ? "[" : guard_of(title));
        append_markdown(out, title);
        if (chapter->link) {
            buffer_append_byte(out, ']');
            append_target(out, chapter->link);
        }
        buffer_append_byte(out, '\n');
        free(title);
    }
    return true;
}

const struct sidecar sidecar_markdown = {
    .name = "markdown",
    .meaning = "a list of times in Markdown, or just lines of MM:SS title",
    .extensions = "md markdown",
    .holds = SIDECAR_LINKS,
    .detect = list_detect,
    .read = markdown_read,
    .write = markdown_write,
};

const struct sidecar sidecar_youtube = {
    .name = "youtube",
    .meaning = "lines for a YouTube description",
    .extensions = "",
    .read = description_read,
    .write = youtube_write,
};

const struct sidecar sidecar_spotify = {
    .name = "spotify",
    .meaning = "lines for a Spotify or Apple Podcasts description",
    .extensions = "",
    .read = description_read,
    .write = spotify_write,
};
