/* SPDX-License-Identifier: MIT */
#include "notes/front.h"

#include <string.h>

#include "format/json.h"
#include "format/toml.h"
#include "format/yaml.h"

/* A language of front matter; the first line may name it behind the fence: "---json". */
enum language {
    LANGUAGE_TOML,
    LANGUAGE_YAML,
    LANGUAGE_JSON,
};

struct fence {
    struct slice open, close, other_close;
    enum language language;
};

static const struct fence fences[] = {
    {{"+++", 3}, {"+++", 3}, {"+++", 3}, LANGUAGE_TOML},
    {{"---", 3}, {"---", 3}, {"...", 3}, LANGUAGE_YAML},
    {{"---toml", 7}, {"---", 3}, {"---", 3}, LANGUAGE_TOML},
    {{"---json", 7}, {"---", 3}, {"---", 3}, LANGUAGE_JSON},
    {{";;;", 3}, {";;;", 3}, {";;;", 3}, LANGUAGE_JSON},
};

static const struct fence *find_fence(struct slice line)
{
    for (size_t i = 0; i < sizeof fences / sizeof *fences; i++)
        if (slice_equal(slice_trim_right(line), fences[i].open))
            return &fences[i];
    return NULL;
}

/* From the fence's next line to the closing one. False where it is not closed: then all of the rest
 * is the front matter's text. */
static bool split_fenced(struct slice rest, const struct fence *fence, struct front *front)
{
    const char *begin = rest.data;
    struct slice line;
    front->body_line = front->line;
    for (;;) {
        const char *end = rest.data;
        if (!slice_take_line(&rest, &line)) {
            front->text = (struct slice){begin, (size_t)(end - begin)};
            front->body = rest;
            return false;
        }
        front->body_line++;
        line = slice_trim_right(line);
        if (slice_equal(line, fence->close) || slice_equal(line, fence->other_close)) {
            front->text = (struct slice){begin, (size_t)(end - begin)};
            front->body = rest;
            return true;
        }
    }
}

/* The size of the JSON object at the front: up to the brace that closes it. 0 where none does. */
static size_t object_size(struct slice text)
{
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '['))
            depth++;
        else if (!quoted && (c == '}' || c == ']') && --depth == 0)
            return i + 1;
    }
    return 0;
}

static bool split_object(struct slice text, struct front *front)
{
    size_t size = object_size(text);
    if (!size)
        return false;
    front->text = slice_first(text, size);
    front->body = slice_from(text, size);
    front->body_line = front->line;
    for (size_t i = 0; i < size; i++)
        front->body_line += text.data[i] == '\n';
    return true;
}

static const struct value *read_language(struct arena *arena, enum language language,
                                         const struct front *front, const char *name,
                                         struct error *err)
{
    switch (language) {
    case LANGUAGE_TOML:
        return toml_read(arena, front->text, front->line, name, err);
    case LANGUAGE_YAML:
        return yaml_read(arena, front->text, front->line, name, err);
    case LANGUAGE_JSON:
        return json_read(arena, front->text, name, err);
    }
    return NULL;
}

/* "key: value" or "key = value", as far as a line by itself can be understood. */
static void read_plain_line(struct arena *arena, struct value *object, struct slice text, int line)
{
    size_t end = 0;
    while (end < text.size && (byte_is_alpha(text.data[end]) || byte_is_digit(text.data[end]) ||
                               text.data[end] == '_' || text.data[end] == '-'))
        end++;
    struct slice key = slice_first(text, end), rest = slice_trim_left(slice_from(text, end));
    if (!key.size || (!slice_take_byte(&rest, ':') && !slice_take_byte(&rest, '=')))
        return;
    rest = slice_trim(rest);
    char quote = rest.size > 1 ? rest.data[0] : '\0';
    if ((quote == '"' || quote == '\'') && rest.data[rest.size - 1] == quote)
        rest = (struct slice){rest.data + 1, rest.size - 2};
    if (rest.size)
        value_put(arena, object, key, value_string(arena, rest, line));
}

static const struct value *read_plainly(struct arena *arena, const struct front *front)
{
    struct value *object = value_create(arena, VALUE_OBJECT, front->line);
    struct slice rest = front->text, line;
    for (int number = front->line; slice_take_line(&rest, &line); number++)
        read_plain_line(arena, object, line, number);
    return object->count ? object : NULL;
}

/* What is longer is text, whatever it looks like. */
#define MAX_FRONT ((size_t)1 << 20)

/* Reads what was split off. Where it is closed it is meant as front matter, so that failure is
 * worth a warning; where it is not, the fence may be a line across the page. */
static void read_value(struct arena *arena, enum language language, bool closed, struct page *page,
                       struct front *front)
{
    struct error err = ERROR_INIT;
    if (front->text.size > MAX_FRONT) {
        if (closed)
            notes_warn(page->notes, front->line,
                       "the front matter is too long: it is read as text");
        return;
    }
    const struct value *value = read_language(arena, language, front, page->notes->path, &err);
    if (value && value_is(value, VALUE_OBJECT) && value_count(value)) {
        front->value = value;
    } else if (closed && error_is_set(&err)) {
        front->value = read_plainly(arena, front);
        if (front->value)
            notes_warn(page->notes, front->line, "the front matter cannot be read: %s",
                       err.message);
    }
    error_release(&err);
}

void front_read(struct arena *arena, struct slice text, struct page *page, struct front *ret_front)
{
    struct front front = {.line = 1};
    struct slice rest = text, first = {"", 0};
    while (slice_take_line(&rest, &first) && !slice_trim(first).size)
        front.line++;

    const struct fence *fence = find_fence(first);
    if (fence) {
        front.line++;
        bool closed = split_fenced(rest, fence, &front);
        read_value(arena, fence->language, closed, page, &front);
    } else if (slice_starts(slice_trim_left(first), SLICE("{"))) {
        struct slice object = {first.data, (size_t)(text.data + text.size - first.data)};
        if (split_object(object, &front))
            read_value(arena, LANGUAGE_JSON, true, page, &front);
    }
    if (!front.value) {
        front.body = text;
        front.body_line = 1;
    }
    *ret_front = front;
}
