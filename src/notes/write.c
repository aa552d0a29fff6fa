/* SPDX-License-Identifier: MIT */
#include "notes/notes.h"

static void write_number(struct json_writer *json, const char *key, int number)
{
    if (number == MARK_NUMBER_NONE)
        json_put_null(json, key);
    else
        json_put_int(json, key, number);
}

static void write_time(struct json_writer *json, const char *key, millis time)
{
    if (time == MILLIS_NONE)
        json_put_null(json, key);
    else
        json_put_int(json, key, time);
}

static void write_clip(struct json_writer *json, const struct clip *clip)
{
    json_begin_object(json, NULL);
    json_put_int(json, "number", clip->number);
    json_put_string(json, "label", clip->label);
    json_put_string(json, "title", clip->title);
    json_put_string(json, "url", clip->url);
    json_put_string(json, "page", clip->page);
    write_time(json, "start_ms", clip->start);
    write_time(json, "end_ms", clip->end);
    json_put_int(json, "line", clip->line);
    json_put_string(json, "speaker", clip->speaker);
    json_end(json);
}

static void write_chapter(struct json_writer *json, const struct chapter *chapter)
{
    json_begin_object(json, NULL);
    write_time(json, "start_ms", chapter->start);
    write_time(json, "end_ms", chapter->end);
    json_put_string(json, "title", chapter->title);
    json_put_string(json, "url", chapter->link);
    json_put_int(json, "line", chapter->line);
    json_end(json);
}

static void write_marks(struct json_writer *json, const struct notes *notes)
{
    json_begin_array(json, "clips");
    for (size_t i = 0; i < notes->clip_count; i++)
        write_clip(json, &notes->clips[i]);
    json_end(json);
    json_begin_array(json, "chapters");
    for (size_t i = 0; i < notes->chapter_count; i++)
        write_chapter(json, &notes->chapters[i]);
    json_end(json);
    json_begin_array(json, "warnings");
    for (size_t i = 0; i < notes->warning_count; i++) {
        json_begin_object(json, NULL);
        json_put_int(json, "line", notes->warnings[i].line);
        json_put_string(json, "message", notes->warnings[i].message);
        json_end(json);
    }
    json_end(json);
}

/* What DESIGN does not name comes last, so that more may follow. */
static void write_more(struct json_writer *json, const struct notes *notes)
{
    json_put_string(json, "show", notes->show);
    json_put_string(json, "slug", notes->slug);
    json_put_string(json, "page", notes->page);
    json_put_string(json, "guid", notes->guid);
    json_begin_array(json, "aliases");
    for (size_t i = 0; i < notes->alias_count; i++)
        json_put_string(json, NULL, notes->aliases[i]);
    json_end(json);
}

void notes_write_json(struct json_writer *json, const struct notes *notes)
{
    json_begin_object(json, NULL);
    json_put_string(json, "path", notes->path);
    json_put_string(json, "title", notes->title);
    json_put_string(json, "date", notes->date);
    write_number(json, "season", notes->season);
    write_number(json, "episode", notes->episode);
    json_put_string(json, "audio_url", notes->audio_url);
    write_marks(json, notes);
    write_more(json, notes);
    json_end(json);
}
