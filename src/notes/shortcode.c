/* SPDX-License-Identifier: MIT */
#include "notes/shortcode.h"

#include <stdlib.h>
#include <string.h>

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

struct argument {
    struct slice name, value;
};

static bool is_name(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c) || c == '_' || c == '-';
}

/* Eats the next text in quotes, and the name before it: name="value", name: 'value', "value". */
static bool take_argument(struct slice *text, struct argument *ret_argument)
{
    struct slice name = {"", 0};
    while (text->size) {
        char c = text->data[0];
        if (c == '"' || c == '\'' || c == '`') {
            struct slice value;
            *text = slice_from(*text, 1);
            if (!slice_take_field(text, c, &value))
                return false;
            *ret_argument = (struct argument){name, value};
            return true;
        }
        if (is_name(c)) {
            size_t size = 1;
            while (size < text->size && is_name(text->data[size]))
                size++;
            name = slice_first(*text, size);
            *text = slice_from(*text, size);
            continue;
        }
        if (!byte_is_space(c) && c != '=' && c != ':')
            name.size = 0;
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
    struct argument argument;
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
    struct argument argument;
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

/* Everything but the ends of lines, so that what follows keeps its place. */
static void blank(char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] != '\n' && text[i] != '\r')
            text[i] = ' ';
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
        if (call && read_call(page, inside, line))
            blank(text + i, call);
    }
}
