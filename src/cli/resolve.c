/* SPDX-License-Identifier: MIT */
/*
 * clipnotes resolve: where the audio of each page is, and how it was found.
 */
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/lookup.h"
#include "cli/wanted.h"
#include "format/json.h"

struct resolving {
    struct terminal *terminal;
    struct lookup lookup;
    struct wanted_pages pages;
    size_t failed;
    struct buffer out;
    struct json_writer json;
    bool as_json, unread; /* unread: nobody reads the output any more */
};

static void put_number(struct json_writer *json, const char *key, int64_t number, bool known)
{
    if (known)
        json_put_int(json, key, number);
    else
        json_put_null(json, key);
}

static void write_soundbite(struct json_writer *json, const struct soundbite *soundbite)
{
    json_begin_object(json, NULL);
    json_put_int(json, "start_ms", soundbite->start);
    json_put_int(json, "duration_ms", soundbite->duration);
    json_put_string(json, "title", soundbite->title);
    json_end(json);
}

static void write_episode(struct json_writer *json, const struct wanted *wanted,
                          const struct episode *episode, const char *failure)
{
    static const struct episode none = {
        .audio_size = -1,
        .duration = MILLIS_NONE,
        .season = MARK_NUMBER_NONE,
        .number = MARK_NUMBER_NONE,
    };
    const struct episode *all = episode ? episode : &none;
    json_begin_object(json, NULL);
    json_put_string(json, "page", wanted->page);
    json_put_string(json, "audio", all->audio);
    json_put_string(json, "resolved_by", all->resolved_by);
    json_put_string(json, "error", failure);
    json_put_string(json, "audio_type", all->audio_type);
    put_number(json, "audio_size", all->audio_size, all->audio_size >= 0);
    json_put_string(json, "title", all->title);
    json_put_string(json, "show", all->show);
    json_put_string(json, "author", all->author);
    json_put_string(json, "date", all->date);
    json_put_string(json, "guid", all->guid);
    put_number(json, "duration_ms", all->duration, all->duration != MILLIS_NONE);
    put_number(json, "season", all->season, all->season != MARK_NUMBER_NONE);
    put_number(json, "episode", all->number, all->number != MARK_NUMBER_NONE);
    json_put_string(json, "cover", all->cover);
    json_put_string(json, "transcript", all->transcript);
    json_put_string(json, "transcript_type", all->transcript_type);
    json_put_string(json, "chapters", all->chapters);
    json_begin_array(json, "soundbites");
    for (size_t i = 0; i < all->soundbite_count; i++)
        write_soundbite(json, &all->soundbites[i]);
    json_end(json);
    json_end(json);
}

static void append_line(struct resolving *resolving, const struct episode *episode)
{
    const struct terminal *terminal = resolving->terminal;
    char *way = mem_format("%-9s", episode->resolved_by);
    terminal_style(terminal, &resolving->out, STYLE_DIM, slice_of(way));
    buffer_append_format(&resolving->out, "  %s → ", episode->page);
    terminal_style(terminal, &resolving->out, STYLE_GREEN, slice_of(episode->audio));
    buffer_append_byte(&resolving->out, '\n');
    free(way);
}

static void flush(struct resolving *resolving)
{
    if (!resolving->unread)
        resolving->unread = !terminal_print(resolving->terminal, buffer_slice(&resolving->out));
    buffer_clear(&resolving->out);
}

static void resolve_one(struct resolving *resolving, const struct wanted *wanted)
{
    struct error err = ERROR_INIT;
    struct episode *episode = resolver_find(resolving->lookup.resolver, wanted->page, &err);
    if (!episode) {
        error_prefix(&err, "%s:%d", wanted->path, wanted->line);
        terminal_error(resolving->terminal, &err);
        resolving->failed++;
    }
    if (resolving->as_json)
        write_episode(&resolving->json, wanted, episode, err.message);
    else if (episode)
        append_line(resolving, episode);
    flush(resolving);
    episode_destroy(episode);
    error_release(&err);
}

static void resolve_all(struct resolving *resolving)
{
    if (resolving->as_json) {
        json_begin_object(&resolving->json, NULL);
        json_put_int(&resolving->json, "version", 1);
        json_begin_array(&resolving->json, "pages");
    }
    for (size_t i = 0; i < resolving->pages.count && !resolving->unread; i++)
        resolve_one(resolving, &resolving->pages.items[i]);
    if (resolving->as_json) {
        json_end(&resolving->json);
        json_end(&resolving->json);
        buffer_append_byte(&resolving->out, '\n');
    }
    flush(resolving);
}

int command_resolve(const struct options *options, struct terminal *terminal)
{
    struct resolving resolving = {
        .terminal = terminal, .out = BUFFER_INIT(BUFFER_UNBOUNDED), .as_json = options->json};
    resolving.json = (struct json_writer)JSON_WRITER(&resolving.out, JSON_INDENTED);
    struct error err = ERROR_INIT;
    struct pages pages;
    if (!lookup_init(&resolving.lookup, options, terminal, &err)) {
        int status = terminal_status(err.kind);
        terminal_error(terminal, &err);
        error_release(&err);
        return status;
    }
    pages_read(&pages, options, terminal);
    for (size_t i = 0; i < pages.count; i++)
        wanted_add_clips(&resolving.pages, pages.items[i]);
    if (pages.count)
        resolve_all(&resolving);

    bool none =
        !pages.count || (resolving.pages.count && resolving.failed == resolving.pages.count);
    bool some = pages.failed || resolving.failed;
    wanted_release(&resolving.pages);
    lookup_release(&resolving.lookup);
    pages_release(&pages);
    buffer_release(&resolving.out);
    if (none || resolving.unread)
        return STATUS_FAILED;
    return some ? STATUS_PARTLY : STATUS_DONE;
}
