/* SPDX-License-Identifier: MIT */
/*
 * clipnotes cache: what was fetched and kept.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/commands.h"
#include "cli/network.h"
#include "fetch/prune.h"
#include "format/json.h"

static void append_items(struct json_writer *json, const struct cache_items *items)
{
    json_begin_array(json, "items");
    for (size_t i = 0; i < items->count; i++) {
        const struct cache_item *item = &items->items[i];
        char used[32];
        struct tm utc;
        strftime(used, sizeof used, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&item->used, &utc));
        json_begin_object(json, NULL);
        json_put_string(json, "kind", item->is_audio ? "audio" : "document");
        json_put_string(json, "url", item->url);
        json_put_string(json, "path", item->path);
        json_put_int(json, "bytes", item->size);
        json_put_int(json, "held", item->held);
        json_put_string(json, "used", used);
        json_end(json);
    }
    json_end(json);
}

/* `items` is NULL where they were not asked for. */
static void append_json(struct buffer *out, const char *folder, const struct cache_items *items)
{
    struct json_writer json = JSON_WRITER(out, JSON_INDENTED);
    json_begin_object(&json, NULL);
    json_put_int(&json, "version", 1);
    json_put_string(&json, "path", folder);
    if (items)
        append_items(&json, items);
    json_end(&json);
    buffer_append_byte(out, '\n');
}

static void append_table(struct buffer *out, const struct cache_items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        const struct cache_item *item = &items->items[i];
        struct buffer held = BUFFER_INIT(BUFFER_UNBOUNDED);
        char used[32];
        struct tm local;
        strftime(used, sizeof used, "%Y-%m-%d", localtime_r(&item->used, &local));
        progress_append_size(&held, item->held);
        int percent = item->size > 0 ? (int)(item->held * 100 / item->size) : 100;
        buffer_append_format(out, "%10s  %3d%%  %s  %s\n", buffer_text(&held), percent, used,
                             item->url);
        buffer_release(&held);
    }
}

static bool print_items(const struct options *options, struct terminal *terminal,
                        const char *folder, const struct cache_items *items)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    if (options->json)
        append_json(&out, folder, items);
    else
        append_table(&out, items);
    bool printed = terminal_print(terminal, buffer_slice(&out));
    buffer_release(&out);
    return printed;
}

static void note_sum(struct terminal *terminal, const struct cache_items *items, const char *what)
{
    struct buffer size = BUFFER_INIT(BUFFER_UNBOUNDED);
    int64_t held = 0;
    for (size_t i = 0; i < items->count; i++)
        held += items->items[i].held;
    progress_append_size(&size, held);
    terminal_note(terminal, "%zu file%s, %s%s", items->count, items->count == 1 ? "" : "s",
                  buffer_text(&size), what);
    buffer_release(&size);
}

static bool list(const struct options *options, struct terminal *terminal, const char *folder,
                 struct error *err)
{
    struct cache_items items;
    if (!cache_list(folder, &items, err))
        return false;
    bool printed = print_items(options, terminal, folder, &items);
    if (!options->json)
        note_sum(terminal, &items, "");
    cache_items_release(&items);
    return printed || error_set(err, ERROR_SYSTEM, "the list cannot be written");
}

static bool prune(const struct options *options, struct terminal *terminal, const char *folder,
                  struct error *err)
{
    struct cache_items removed;
    const struct prune_options how = {
        .older_than = options->older_than,
        .max_size = options->cache_size,
        .dry_run = options->dry_run,
    };
    if (!cache_prune(folder, &how, &removed, err))
        return false;
    bool printed = print_items(options, terminal, folder, &removed);
    if (!options->json)
        note_sum(terminal, &removed, options->dry_run ? " would go" : " removed");
    cache_items_release(&removed);
    return printed || error_set(err, ERROR_SYSTEM, "the list cannot be written");
}

static bool path(const struct options *options, struct terminal *terminal, const char *folder,
                 struct error *err)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    if (options->json)
        append_json(&out, folder, NULL);
    else
        buffer_append_format(&out, "%s\n", folder);
    bool printed = terminal_print(terminal, buffer_slice(&out));
    buffer_release(&out);
    return printed || error_set(err, ERROR_SYSTEM, "the path cannot be written");
}

static const struct verb {
    const char *name;
    bool (*run)(const struct options *options, struct terminal *terminal, const char *folder,
                struct error *err);
} verbs[] = {
    {"ls", list},
    {"prune", prune},
    {"path", path},
};

static const struct verb *find_verb(const struct options *options, struct error *err)
{
    const char *name = options->arguments.items[0];
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].name, name) != 0)
            continue;
        if (options->arguments.count == 1)
            return &verbs[i];
        error_set(err, ERROR_USAGE, "'%s' is too much: clipnotes cache %s takes nothing more",
                  options->arguments.items[1], name);
        return NULL;
    }
    error_set(err, ERROR_USAGE, "'%s' is none of: ls, prune, path", name);
    return NULL;
}

int command_cache(const struct options *options, struct terminal *terminal)
{
    struct error err = ERROR_INIT;
    char *folder = network_cache(options);
    const struct verb *verb = find_verb(options, &err);
    int status = STATUS_DONE;
    if (!verb || !verb->run(options, terminal, folder, &err)) {
        terminal_error(terminal, &err);
        status = terminal_status(err.kind);
    }
    free(folder);
    error_release(&err);
    return status;
}
