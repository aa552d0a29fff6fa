/* SPDX-License-Identifier: MIT */
/*
 * Podcasting 2.0 JSON chapters, version 1.2 (podcastindex-org/podcast-namespace, jsonChapters.md).
 */
#include "chapters/sidecar_formats.h"
#include "format/json.h"
#include "model/timecode.h"

static bool json_detect(struct slice text)
{
    return text.size && text.data[0] == '{' && slice_find(text, SLICE("startTime")) != SIZE_MAX;
}

/* Seconds as a number; some write them as text, or as a time of day. */
static bool take_time(const struct value *value, millis *ret_time)
{
    const char *text = value_text(value);
    return text && timecode_parse(slice_of(text), TIMECODE_ANY, ret_time);
}

static const char *text_of(const struct value *object, const char *key)
{
    const struct value *value = value_get(object, key);
    const char *text = value_is(value, VALUE_STRING) ? value_text(value) : NULL;
    return text && *text ? text : NULL;
}

/* Who makes JSON of a table may write the title 1984 as a number. */
static const char *title_of(const struct value *object)
{
    const char *title = value_text(value_get(object, "title"));
    return title && *title ? title : NULL;
}

static const struct location *location_of(const struct value *location, struct arena *arena)
{
    struct location read = {text_of(location, "name"), text_of(location, "geo"),
                            text_of(location, "osm")};
    if (!read.name && !read.geo && !read.osm)
        return NULL;
    struct location *copy = arena_alloc(arena, sizeof *copy);
    *copy = read;
    return copy;
}

static bool read_chapter(const struct value *item, size_t i, const char *name,
                         struct chapter_list *list, struct error *err)
{
    const struct value *shown = value_get(item, "toc"), *end = value_get(item, "endTime");
    struct chapter chapter = {
        .end = MILLIS_NONE,
        .title = title_of(item),
        .link = text_of(item, "url"),
        .image = text_of(item, "img"),
        .hidden = value_is(shown, VALUE_BOOL) && !shown->truth,
        .location = location_of(value_get(item, "location"), list->arena),
    };
    if (!take_time(value_get(item, "startTime"), &chapter.start))
        return error_set(err, ERROR_INPUT, "%s: chapter %zu: startTime is no time in seconds", name,
                         i + 1);
    if (end && !value_is(end, VALUE_NULL) && !take_time(end, &chapter.end))
        return error_set(err, ERROR_INPUT, "%s: chapter %zu: endTime is no time in seconds", name,
                         i + 1);
    chapter_list_add(list, &chapter);
    return true;
}

static bool json_read_chapters(struct slice text, const char *name, struct chapter_list *list,
                               struct error *err)
{
    const struct value *root = json_read(list->arena, text, name, err);
    if (!root)
        return false;
    const struct value *items = value_get(root, "chapters");
    if (!value_is(items, VALUE_ARRAY))
        return error_set(err, ERROR_INPUT, "%s: has no \"chapters\" list", name);
    if (!list->title)
        list->title = text_of(root, "title");
    for (size_t i = 0; i < value_count(items); i++)
        if (!read_chapter(value_at(items, i), i, name, list, err))
            return false;
    return true;
}

static void put_location(struct json_writer *json, const struct location *location)
{
    json_begin_object(json, "location");
    if (location->name)
        json_put_string(json, "name", location->name);
    if (location->geo)
        json_put_string(json, "geo", location->geo);
    if (location->osm)
        json_put_string(json, "osm", location->osm);
    json_end(json);
}

static bool json_write_chapters(const struct chapter_list *list,
                                const struct sidecar_context *context, struct buffer *out,
                                struct error *err)
{
    (void)context;
    (void)err;
    struct json_writer json = JSON_WRITER(out, JSON_INDENTED);
    json_begin_object(&json, NULL);
    json_put_string(&json, "version", "1.2.0");
    if (list->title)
        json_put_string(&json, "title", list->title);
    json_begin_array(&json, "chapters");
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        json_begin_object(&json, NULL);
        json_put_decimal(&json, "startTime", chapter->start, 3);
        if (chapter->end != MILLIS_NONE)
            json_put_decimal(&json, "endTime", chapter->end, 3);
        if (chapter->title)
            json_put_string(&json, "title", chapter->title);
        if (chapter->link)
            json_put_string(&json, "url", chapter->link);
        if (chapter->image)
            json_put_string(&json, "img", chapter->image);
        if (chapter->hidden)
            json_put_bool(&json, "toc", false);
        if (chapter->location)
            put_location(&json, chapter->location);
        json_end(&json);
    }
    json_end(&json);
    json_end(&json);
    buffer_append_byte(out, '\n');
    return true;
}

const struct sidecar sidecar_json = {
    .name = "json",
    .meaning = "Podcasting 2.0 JSON chapters",
    .extensions = "json",
    .holds = SIDECAR_LINKS | SIDECAR_IMAGES | SIDECAR_HIDDEN | SIDECAR_ENDS | SIDECAR_LINE_ENDS |
             SIDECAR_LOCATIONS,
    .detect = json_detect,
    .read = json_read_chapters,
    .write = json_write_chapters,
};
