/* SPDX-License-Identifier: MIT */
#include "notes/shortcode.h"

#include <stdlib.h>
#include <string.h>

#include "notes/component.h"
#include "notes/link.h"

/* No call is longer; what seems to be is a brace in a text. */
#define MAX_SIZE 4000

static const struct form {
    struct slice open, close;
} forms[] = {
    {{"{{<", 3}, {">}}", 3}},
    {{"{{%", 3}, {"%}}", 3}},
    {{"{%", 2}, {"%}", 2}},
    {{"{{", 2}, {"}}", 2}},
};

#define FORM_COUNT (sizeof forms / sizeof *forms)

static bool is_name(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c) || c == '_' || c == '-';
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'' || c == '`';
}

static bool take_quoted(struct slice *text, struct slice *ret_value)
{
    if (!is_quote(text->data[0]))
        return false;
    struct slice rest = slice_from(*text, 1);
    if (!slice_take_field(&rest, text->data[0], ret_value))
        *ret_value = rest;
    *text = rest;
    return true;
}

/* A time without quotes, or a number that is given to a name: ts 12:34, start=90. */
static bool take_bare(struct slice *text, bool assigned, struct slice *ret_value)
{
    size_t size = 0;
    while (size < text->size && (byte_is_digit(text->data[size]) || text->data[size] == ':'))
        size++;
    struct slice value = slice_first(*text, size);
    if (!size || !byte_is_digit(value.data[0]) ||
        (!assigned && slice_find_byte(value, ':') == SIZE_MAX))
        return false;
    *ret_value = value;
    *text = slice_from(*text, size);
    return true;
}

static bool take_name(struct slice *text, struct slice *ret_name)
{
    size_t size = 0;
    while (size < text->size && is_name(text->data[size]))
        size++;
    if (!size)
        return false;
    *ret_name = slice_first(*text, size);
    *text = slice_from(*text, size);
    return true;
}

/* Eats the next value and the name that it is given to: name="value", name: 'value', "value",
 * name=12:34. */
static bool take_argument(struct slice *text, struct component_argument *ret_argument)
{
    struct component_argument argument = {.name = {"", 0}};
    bool assigned = false;
    while (text->size) {
        char c = text->data[0];
        if (take_quoted(text, &argument.value) || take_bare(text, assigned, &argument.value)) {
            if (!assigned)
                argument.name.size = 0;
            *ret_argument = argument;
            return true;
        }
        if (take_name(text, &argument.name)) {
            assigned = false;
            continue;
        }
        assigned = c == '=' || c == ':' || (assigned && byte_is_space(c));
        *text = slice_from(*text, 1);
    }
    return false;
}

static bool is_timed(struct slice value)
{
    if (!value.size || slice_find_byte(value, ' ') != SIZE_MAX)
        return false;
    struct link_time time;
    char *url = slice_dup(value);
    bool timed = link_read(url, &time) == LINK_TIMED;
    if (timed)
        free(time.page);
    free(url);
    return timed;
}

/* What the call says of the clip; the first of these names counts most. */
static const struct slice label_names[] = {
    {"title", 5},   {"label", 5}, {"attribution", 11}, {"text", 4},
    {"caption", 7}, {"name", 4},  {"author", 6},       {"speaker", 7},
    {"quote", 5},   {"alt", 3},   {"description", 11},
};

#define LABEL_NAMES (sizeof label_names / sizeof *label_names)

static size_t label_rank(struct slice name)
{
    size_t rank = 0;
    while (rank < LABEL_NAMES && !slice_equal_nocase(name, label_names[rank]))
        rank++;
    return rank;
}

static struct slice find_label(struct slice inside)
{
    struct slice rest = inside, label = {"", 0};
    struct component_argument argument;
    size_t best = LABEL_NAMES;
    while (best && take_argument(&rest, &argument)) {
        size_t rank = label_rank(argument.name);
        if (rank >= best)
            continue;
        best = rank;
        label = slice_trim(argument.value);
    }
    return label;
}

/* True where one of the arguments was a clip. */
static bool read_call(struct page *page, struct slice inside, int line)
{
    struct slice rest = inside, label = find_label(inside);
    struct component_argument argument;
    bool found = false;
    while (take_argument(&rest, &argument)) {
        if (!is_timed(argument.value))
            continue;
        char *url = slice_dup(argument.value);
        found |= clips_add(page, url, label, NULL, line);
        free(url);
    }
    return found;
}

#define MAX_ARGUMENTS 32

/* What the call shows, where it is a time; empty where it is something else. */
static void append_shown(struct slice inside, struct buffer *text)
{
    struct component_argument arguments[MAX_ARGUMENTS];
    struct slice rest = inside, name = inside;
    size_t count = 0;
    while (count < MAX_ARGUMENTS && take_argument(&rest, &arguments[count]))
        count++;
    if (count)
        name.size = (size_t)(arguments[0].value.data - inside.data);
    component_append_text(name, arguments, count, text);
}

/* A text that is searched once: where each form is closed next. */
struct search {
    struct slice text;
    size_t closes[FORM_COUNT]; /* at or behind the last place asked for; SIZE_MAX: nowhere */
};

static size_t next_close(struct search *search, size_t form, size_t from)
{
    size_t *close = &search->closes[form];
    if (*close < from) {
        size_t found = slice_find(slice_from(search->text, from), forms[form].close);
        *close = found == SIZE_MAX ? SIZE_MAX : from + found;
    }
    return *close;
}

/* The call that begins at `at`; its size, 0 where there is none. */
static size_t call_size(struct search *search, size_t at, struct slice *ret_inside)
{
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (!slice_starts(slice_from(search->text, at), forms[i].open))
            continue;
        size_t begin = at + forms[i].open.size, end = next_close(search, i, begin);
        if (end == SIZE_MAX || end - at > MAX_SIZE)
            continue;
        *ret_inside = slice_first(slice_from(search->text, begin), end - begin);
        return end + forms[i].close.size - at;
    }
    return 0;
}

/* Puts a text that is shorter in the place of a call, on one line; the ends of lines in the call
 * follow, so that what stands behind keeps its place. */
static void replace(char *call, size_t size, struct slice shown)
{
    size_t lines = 0, at = 0;
    for (size_t i = 0; i < size; i++)
        lines += call[i] == '\n';
    for (; at < shown.size && at + lines < size; at++)
        call[at] = byte_is_space(shown.data[at]) ? ' ' : shown.data[at];
    memset(call + at, ' ', size - at);
    memset(call + size - lines, '\n', lines);
}

/* A call whose form is one of {{< {{% {% shows something that is not known, or nothing: a reader
 * sees no braces. {{ }} is left, but for one with blanks that begins a URL, which to Markdown would
 * then be none. */
static bool is_hidden(struct slice before, struct slice call)
{
    if (slice_ends(before, SLICE("](")))
        return slice_find_byte(call, ' ') != SIZE_MAX;
    return !slice_starts(call, SLICE("{{")) || slice_starts(call, SLICE("{{<")) ||
           slice_starts(call, SLICE("{{%"));
}

static void settle_call(struct page *page, struct slice before, char *call, size_t size,
                        struct slice inside, int line)
{
    struct buffer shown = BUFFER_INIT(BUFFER_UNBOUNDED);
    bool clip = read_call(page, inside, line);
    if (!clip)
        append_shown(inside, &shown);
    if (clip || shown.size || is_hidden(before, (struct slice){call, size}))
        replace(call, size, buffer_slice(&shown));
    buffer_release(&shown);
}

static bool is_fence(const char *text, size_t size)
{
    struct slice line = slice_trim_left((struct slice){text, size});
    return slice_starts(line, SLICE("```")) || slice_starts(line, SLICE("~~~"));
}

void shortcodes_find(struct page *page, char *text, size_t size, int first_line)
{
    struct search search = {.text = {text, size}};
    bool fenced = false;
    int line = first_line;
    size_t behind = 0; /* the last call */
    for (size_t i = 0; i < size; i++) {
        if (!i || text[i - 1] == '\n') {
            line += i > 0;
            const char *end = memchr(text + i, '\n', size - i);
            fenced ^= is_fence(text + i, end ? (size_t)(end - text) - i : size - i);
        }
        if (fenced || i < behind || text[i] != '{' || (i && text[i - 1] == '`'))
            continue;
        struct slice inside;
        size_t call = call_size(&search, i, &inside);
        behind = i + call;
        if (call)
            settle_call(page, (struct slice){text, i}, text + i, call, inside, line);
    }
}
