/* SPDX-License-Identifier: MIT */
#include "recap/programme_work.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "format/json.h"

void programme_key(const struct work *work, char ret_key[static HASH_TEXT_SIZE])
{
    const struct cut_options *cut = &work->options->cut;
    struct record_key key = RECORD_KEY_INIT;
    record_key_text(&key, "recap", CLIPNOTES_VERSION);
    record_key_text(&key, "format", cut->format);
    record_key_number(&key, "bitrate", cut->bitrate);
    record_key_number(&key, "quality", cut->quality);
    record_key_number(&key, "mono", cut->mono);
    record_key_number(&key, "rate", cut->rate);
    record_key_number(&key, "fade", cut->fade);
    record_key_number(&key, "leveled", cut->loudness_set);
    record_key_number(&key, "loudness", cut->loudness_centilufs);
    record_key_number(&key, "gap", work->options->gap);
    for (size_t i = 0; i < work->count; i++) {
        const struct item *item = &work->items[i];
        if (item->kind != ITEM_CLIP) {
            record_key_file(&key, "file", item->path);
            continue;
        }
        const struct clip_job *job = &work->plan->clips[item->clip];
        record_key_text(&key, "clip", work->outcomes[item->clip].sha256);
        record_key_number(&key, "pad-before", work->outcomes[item->clip].range.pad_before);
        record_key_number(&key, "pad-after", work->outcomes[item->clip].range.pad_after);
        record_key_text(&key, "title", job->clip->title);
        record_key_text(&key, "url", job->clip->url);
        record_key_text(&key, "notes", job->notes->title);
        record_key_text(&key, "show", job->notes->show);
        record_key_text(&key, "date", job->notes->date);
    }
    record_key_finish(&key, ret_key);
}

static void put_part(struct json_writer *json, const struct programme_part *part)
{
    json_begin_object(json, NULL);
    json_put_int(json, "start", part->start);
    json_put_int(json, "length", part->length);
    json_put_double(json, "gain", part->gain);
    json_put_int(json, "first", part->first);
    json_put_int(json, "rate", part->rate);
    json_end(json);
}

bool programme_remember(const struct programme *programme, struct record *record, struct error *err)
{
    struct buffer line = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct json_writer json = JSON_WRITER(&line, JSON_ONE_LINE);
    json_begin_object(&json, NULL);
    json_put_string(&json, "key", programme->key);
    json_put_string(&json, "file", programme->file);
    json_put_string(&json, "sha256", programme->sha256);
    json_put_int(&json, "bytes", programme->bytes);
    json_put_int(&json, "rate", programme->rate);
    json_put_int(&json, "channels", programme->channels);
    json_put_int(&json, "centilufs", programme->centilufs);
    if (programme->heard)
        json_put_int(&json, "reached", programme->reached);
    json_put_int(&json, "samples", programme->samples);
    json_begin_array(&json, "parts");
    for (size_t i = 0; i < programme->part_count; i++)
        put_part(&json, &programme->parts[i]);
    json_end(&json);
    json_begin_array(&json, "around");
    for (size_t i = 0; i < programme->around_count; i++)
        put_part(&json, &programme->around[i].part);
    json_end(&json);
    json_end(&json);
    bool added = record_add(record, buffer_slice(&line), err);
    buffer_release(&line);
    return added;
}

static int64_t number(const struct value *object, const char *name)
{
    int64_t found = 0;
    (void)value_int64(value_get(object, name), &found);
    return found;
}

static bool read_part(const struct value *value, struct programme_part *ret_part)
{
    const char *gain = value_text(value_get(value, "gain"));
    if (!gain || number(value, "rate") <= 0)
        return false;
    *ret_part = (struct programme_part){
        .start = number(value, "start"),
        .length = number(value, "length"),
        .gain = strtod(gain, NULL),
        .first = number(value, "first"),
        .rate = (int)number(value, "rate"),
    };
    return true;
}

/* Reads where the items stand; false where what was recorded is not of today's. */
static bool read_parts(const struct work *work, const struct value *piece,
                       struct programme *programme)
{
    for (size_t i = 0; i < work->count; i++) {
        bool clip = work->items[i].kind == ITEM_CLIP;
        const struct value *part = value_at(value_get(piece, clip ? "parts" : "around"),
                                            clip ? programme->part_count : programme->around_count);
        struct programme_part read;
        if (!read_part(part, &read))
            return false;
        programme_place(programme, &work->items[i], read);
    }
    return true;
}

bool programme_recall(const struct work *work, struct programme *programme)
{
    const struct value *piece = record_find(work->options->record, programme->key);
    const char *sha256 = value_text(value_get(piece, "sha256"));
    if (!sha256 || strlen(sha256) != HASH_TEXT_SIZE - 1)
        return false;
    char *path = path_join(work->options->output, programme->file);
    bool same = record_file_is(path, number(piece, "bytes"), sha256);
    free(path);
    programme->rate = (int)number(piece, "rate");
    if (!same || programme->rate <= 0 || !read_parts(work, piece, programme)) {
        programme_forget_parts(programme);
        return false;
    }
    memcpy(programme->sha256, sha256, HASH_TEXT_SIZE);
    programme->bytes = number(piece, "bytes");
    programme->channels = (int)number(piece, "channels");
    programme->centilufs = (int)number(piece, "centilufs");
    programme->heard = value_get(piece, "reached") != NULL;
    programme->reached = (int)number(piece, "reached");
    programme->samples = number(piece, "samples");
    programme->status = CLIP_KEPT;
    return true;
}
