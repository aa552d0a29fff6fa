/* SPDX-License-Identifier: MIT */
#include "notes/component.h"

#include "model/timecode.h"
#include "notes/stamp.h"

static const struct slice start_names[] = {
    {"time", 4},        {"start", 5},       {"timestamp", 9}, {"timecode", 8}, {"at", 2},
    {"t", 1},           {"ts", 2},          {"starttime", 9}, {"begin", 5},    {"from", 4},
    {"start_time", 10}, {"start-time", 10}, {"seconds", 7},
};

static const struct slice end_names[] = {
    {"end", 3}, {"endtime", 7}, {"end_time", 8}, {"end-time", 8}, {"stop", 4}, {"to", 2},
};

static const struct slice title_names[] = {
    {"title", 5}, {"label", 5}, {"text", 4}, {"name", 4}, {"chapter", 7}, {"topic", 5},
};

/* Parts of the names of components whose bare numbers are seconds of a position. */
static const struct slice time_words[] = {
    {"time", 4}, {"stamp", 5}, {"chapter", 7}, {"seek", 4}, {"jump", 4}, {"mark", 4}, {"clip", 4},
};

/* Parts of the names of those that play. */
static const struct slice player_words[] = {
    {"youtube", 7}, {"vimeo", 5}, {"audio", 5},   {"video", 5},
    {"player", 6},  {"embed", 5}, {"spotify", 7}, {"soundcloud", 10},
};

static const struct slice source_names[] = {
    {"src", 3}, {"url", 3}, {"file", 4}, {"player", 6}, {"audio", 5}, {"video", 5},
};

static bool is_any(struct slice name, const struct slice *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal_nocase(name, names[i]))
            return true;
    return false;
}

static bool holds_nocase(struct slice text, struct slice word)
{
    for (; text.size >= word.size; text = slice_from(text, 1))
        if (slice_starts_nocase(text, word))
            return true;
    return false;
}

static bool holds_any(struct slice text, const struct slice *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (holds_nocase(text, words[i]))
            return true;
    return false;
}

#define IS_ANY(name, table)    is_any((name), (table), sizeof(table) / sizeof *(table))
#define HOLDS_ANY(text, table) holds_any((text), (table), sizeof(table) / sizeof *(table))

static bool is_player(struct slice name, const struct component_argument *arguments, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (IS_ANY(arguments[i].name, source_names))
            return true;
    return HOLDS_ANY(name, player_words);
}

/* {754} and {"12:34"} are how JSX writes what is no plain text. */
static struct slice without_braces(struct slice value)
{
    value = slice_trim(value);
    while (value.size > 1 && (value.data[0] == '{' || value.data[0] == '"' ||
                              value.data[0] == '\'' || value.data[0] == '`'))
        value = slice_trim((struct slice){value.data + 1, value.size - 2});
    return value;
}

/* A time; of one without colons and units it must be sure what it is. */
static bool read_time(struct slice value, bool sure, millis *ret_time)
{
    return stamp_read_time(without_braces(value), sure ? TIMECODE_ANY : TIMECODE_COLONS, ret_time);
}

/* The first argument of one of these names that is a time; `count` where there is none. */
static size_t find_time(const struct component_argument *arguments, size_t count, bool end,
                        bool sure, millis *ret_time)
{
    for (size_t i = 0; i < count; i++) {
        struct slice name = arguments[i].name;
        bool named = end ? IS_ANY(name, end_names) : IS_ANY(name, start_names);
        if ((named || (!end && !name.size)) &&
            read_time(arguments[i].value, sure && named, ret_time))
            return i;
    }
    return count;
}

/* By its name, or by its place behind the time. */
static struct slice find_title(const struct component_argument *arguments, size_t count,
                               size_t time)
{
    for (size_t i = 0; i < count; i++)
        if (IS_ANY(arguments[i].name, title_names))
            return slice_trim(arguments[i].value);
    bool placed = time + 1 < count && !arguments[time + 1].name.size;
    return placed ? slice_trim(arguments[time + 1].value) : (struct slice){"", 0};
}

bool component_append_text(struct slice name, const struct component_argument *arguments,
                           size_t count, struct buffer *text)
{
    bool sure = HOLDS_ANY(name, time_words);
    char written[MILLIS_TEXT_SIZE];
    millis start, end;
    if (is_player(name, arguments, count))
        return false;
    size_t time = find_time(arguments, count, false, sure, &start);
    if (time == count)
        return false;
    buffer_append_text(text, millis_text(start, written));
    if (find_time(arguments, count, true, sure, &end) < count && end > start)
        buffer_append_format(text, "-%s", millis_text(end, written));
    struct slice title = find_title(arguments, count, time);
    if (title.size)
        buffer_append_format(text, " %.*s", SLICE_ARGS(title));
    return true;
}
