/* SPDX-License-Identifier: MIT */
/*
 * A plan is what `list --json` prints, perhaps edited by a person: times may then be texts such as
 * "55:40", and what is not needed may be missing.
 */
#include <limits.h>
#include <stdlib.h>

#include "format/json.h"
#include "model/timecode.h"
#include "notes/label.h"
#include "notes/link.h"
#include "notes/reader.h"

struct plan {
    struct reader *reader;
    const char *name;
    struct notes *notes; /* the page that is being read */
};

static const char *get_text(const struct plan *plan, const struct value *object, const char *key)
{
    const struct value *value = value_get(object, key);
    return value_is(value, VALUE_STRING) ? arena_strdup(plan->notes->arena, value_text(value))
                                         : NULL;
}

static int get_number(const struct value *object, const char *key, int otherwise)
{
    int64_t number;
    if (value_int64(value_get(object, key), &number) && number >= 0 && number <= INT_MAX)
        return (int)number;
    return otherwise;
}

/* "start_ms": 1500 or "start": "0:01.5". True where neither is there, with MILLIS_NONE. */
static bool get_time(const struct plan *plan, const struct value *object, const char *key,
                     const char *text_key, millis *ret_time, struct error *err)
{
    const struct value *value = value_get(object, key), *text = value_get(object, text_key);
    int64_t number;
    *ret_time = MILLIS_NONE;
    if (value_is(text, VALUE_STRING)) {
        if (timecode_parse(slice_of(value_text(text)), TIMECODE_ANY, ret_time))
            return true;
        return error_set(err, ERROR_INPUT, "%s:%d: \"%s\" is no time; write \"55:40\"", plan->name,
                         text->line, text_key);
    }
    if (!value || value_is(value, VALUE_NULL))
        return true;
    if (value_is(value, VALUE_NUMBER) && value_int64(value, &number) && number >= 0 &&
        number <= MILLIS_MAX) {
        *ret_time = number;
        return true;
    }
    return error_set(err, ERROR_INPUT, "%s:%d: \"%s\" must be a whole number of milliseconds",
                     plan->name, value->line, key);
}

static bool get_range(const struct plan *plan, const struct value *object, millis *ret_start,
                      millis *ret_end, struct error *err)
{
    if (!get_time(plan, object, "start_ms", "start", ret_start, err) ||
        !get_time(plan, object, "end_ms", "end", ret_end, err))
        return false;
    if (*ret_start == MILLIS_NONE)
        return error_set(err, ERROR_INPUT, "%s:%d: \"start_ms\" is missing", plan->name,
                         object->line);
    if (*ret_end != MILLIS_NONE && *ret_end <= *ret_start)
        return error_set(err, ERROR_INPUT, "%s:%d: \"end_ms\" must be later than \"start_ms\"",
                         plan->name, object->line);
    return true;
}

/* What the label says, where the plan itself does not. */
static void complete_clip(const struct plan *plan, struct clip *clip)
{
    struct arena *arena = plan->notes->arena;
    if (!clip->label)
        clip->label = clip->title ? clip->title : "";
    struct slice title = slice_of(clip->label);
    int number = (int)plan->notes->clip_count + 1;
    label_take_number(&title, &number);
    if (!title.size)
        title = slice_of(clip->label);
    if (!clip->number)
        clip->number = number;
    if (!clip->title)
        clip->title = arena_strndup(arena, title.data, title.size);
    if (!clip->page)
        clip->page = clip->url;
    if (!clip->url)
        clip->url = clip->page;
}

static bool read_clip(const struct plan *plan, const struct value *object, struct error *err)
{
    struct clip clip = {
        .number = get_number(object, "number", 0),
        .label = get_text(plan, object, "label"),
        .title = get_text(plan, object, "title"),
        .speaker = get_text(plan, object, "speaker"),
        .url = get_text(plan, object, "url"),
        .page = get_text(plan, object, "page"),
        .line = get_number(object, "line", 0),
    };
    struct link_time time;
    if (!get_range(plan, object, &clip.start, &clip.end, err))
        return false;
    if (!clip.url && !clip.page)
        return error_set(err, ERROR_INPUT, "%s:%d: a clip needs a \"page\" or a \"url\"",
                         plan->name, object->line);
    if (!clip.page && link_read(clip.url, &time) == LINK_TIMED) {
        clip.page = arena_strdup(plan->notes->arena, time.page);
        free(time.page);
    }
    complete_clip(plan, &clip);
    notes_add_clip(plan->notes, &clip);
    return true;
}

static bool read_chapter(const struct plan *plan, const struct value *object, struct error *err)
{
    struct chapter chapter = {
        .title = get_text(plan, object, "title"),
        .link = get_text(plan, object, "url"),
        .line = get_number(object, "line", 0),
    };
    if (!get_range(plan, object, &chapter.start, &chapter.end, err))
        return false;
    if (!chapter.title)
        chapter.title = "";
    notes_add_chapter(plan->notes, &chapter);
    return true;
}

static bool read_warning(const struct plan *plan, const struct value *object, struct error *err)
{
    const char *message = get_text(plan, object, "message");
    (void)err;
    if (message)
        notes_warn(plan->notes, get_number(object, "line", 0), "%s", message);
    return true;
}

/* Each object of an array that may be missing. */
static bool read_each(const struct plan *plan, const struct value *object, const char *key,
                      bool (*read)(const struct plan *, const struct value *, struct error *),
                      struct error *err)
{
    const struct value *array = value_get(object, key);
    for (size_t i = 0; i < value_count(array); i++) {
        const struct value *item = value_at(array, i);
        if (!value_is(array, VALUE_ARRAY) || !value_is(item, VALUE_OBJECT))
            return error_set(err, ERROR_INPUT, "%s:%d: \"%s\" must be an array of objects",
                             plan->name, item->line, key);
        if (!read(plan, item, err))
            return false;
    }
    return true;
}

static void read_facts(const struct plan *plan, const struct value *object)
{
    struct notes *notes = plan->notes;
    notes->title = get_text(plan, object, "title");
    notes->date = get_text(plan, object, "date");
    notes->season = get_number(object, "season", MARK_NUMBER_NONE);
    notes->episode = get_number(object, "episode", MARK_NUMBER_NONE);
    notes->audio_url = get_text(plan, object, "audio_url");
    notes->show = get_text(plan, object, "show");
    notes->slug = get_text(plan, object, "slug");
    notes->page = get_text(plan, object, "page");
    notes->guid = get_text(plan, object, "guid");
    const struct value *aliases = value_get(object, "aliases");
    notes->aliases =
        arena_alloc_array(notes->arena, value_count(aliases) + 1, sizeof *notes->aliases);
    for (size_t i = 0; i < value_count(aliases); i++)
        if (value_is(value_at(aliases, i), VALUE_STRING))
            notes->aliases[notes->alias_count++] =
                arena_strdup(notes->arena, value_text(value_at(aliases, i)));
}

static bool read_page(struct plan *plan, const struct value *object, struct error *err)
{
    struct page page;
    const char *path = value_text(value_get(object, "path"));
    reader_begin_page(plan->reader, path ? path : plan->name, &page);
    plan->notes = page.notes;
    read_facts(plan, object);
    if (!read_each(plan, object, "clips", read_clip, err) ||
        !read_each(plan, object, "chapters", read_chapter, err) ||
        !read_each(plan, object, "warnings", read_warning, err)) {
        notes_destroy(page.notes);
        return false;
    }
    reader_hand_over(plan->reader, &page);
    return true;
}

static bool read_pages(struct plan *plan, const struct value *root, struct error *err)
{
    const struct value *pages = value_get(root, "notes");
    int64_t version = 1;
    if (!value_is(pages, VALUE_ARRAY))
        return error_set(err, ERROR_INPUT,
                         "%s: no plan: it has no \"notes\"; a plan is what "
                         "list --json prints",
                         plan->name);
    value_int64(value_get(root, "version"), &version);
    if (version != 1)
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: a plan of version %lld; this program knows "
                         "version 1",
                         plan->name, (long long)version);
    for (size_t i = 0; i < value_count(pages) && !plan->reader->stopped; i++) {
        if (!value_is(value_at(pages, i), VALUE_OBJECT))
            return error_set(err, ERROR_INPUT, "%s:%d: each of the \"notes\" must be an object",
                             plan->name, value_at(pages, i)->line);
        if (!read_page(plan, value_at(pages, i), err))
            return false;
    }
    return true;
}

bool plan_read_pages(struct reader *reader, struct slice text, const char *name, struct error *err)
{
    struct arena *arena = arena_create();
    const struct value *root = json_read(arena, text, name, err);
    struct plan plan = {.reader = reader, .name = name};
    bool read = root && read_pages(&plan, root, err);
    arena_destroy(arena);
    return read;
}

bool plan_knows(struct slice text)
{
    struct slice head = slice_first(text, 1000);
    return slice_starts(slice_trim_left(head), SLICE("{")) &&
           slice_find(head, SLICE("\"notes\"")) != SIZE_MAX;
}
