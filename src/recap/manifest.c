/* SPDX-License-Identifier: MIT */
#include "recap/manifest.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/path.h"
#include "format/json.h"
#include "recap/files.h"
#include "recap/programme.h"

#define MICROS_DIGITS 3 /* microseconds as milliseconds */
#define MANIFEST_MOST ((size_t)64 << 20)

static const char *const status_names[] = {
    [CLIP_FAILED] = "failed", [CLIP_ELSEWHERE] = "elsewhere", [CLIP_PLANNED] = "planned",
    [CLIP_CUT] = "cut",       [CLIP_KEPT] = "kept",
};

static const char *const method_names[] = {
    [CUT_COPY] = "copy",
    [CUT_ENCODE] = "encode",
};

void manifest_append_cut(struct json_writer *json, const struct cut_result *cut, const char *sha256)
{
    json_put_string(json, "method", cut ? method_names[cut->method] : NULL);
    if (cut) {
        json_put_bool(json, "exact", cut->exact);
        json_put_decimal(json, "error_ms", cut->error_micros, MICROS_DIGITS);
        json_put_double(json, "max_diff", cut->max_diff);
        json_put_bool(json, "verified", cut->verified);
    } else {
        json_put_null(json, "exact");
        json_put_null(json, "error_ms");
        json_put_null(json, "max_diff");
        json_put_null(json, "verified");
    }
    json_put_string(json, "inexact_because", cut ? cut->why : NULL);
    json_put_string(json, "codec", cut ? cut->codec : NULL);
    if (cut)
        json_put_int(json, "bytes", cut->bytes);
    else
        json_put_null(json, "bytes");
    json_put_string(json, "sha256", cut ? sha256 : NULL);
}

/* Where it was cut, and how that differs from what the notes and the length say. */
static void append_range(struct json_writer *json, const struct clip *clip,
                         const struct range *range)
{
    json_put_int(json, "start_ms", range ? range->start : clip->start);
    if (!range) {
        json_put_null(json, "end_ms");
        json_put_null(json, "end_by");
        return;
    }
    json_put_int(json, "end_ms", range->end);
    json_put_string(json, "end_by", cut_end_name(range->end_by));
    json_put_int(json, "start_moved_ms", range->start_moved);
    json_put_int(json, "end_moved_ms", range->end_moved);
    if (range->pad_before || range->pad_after) {
        json_put_int(json, "pad_before_ms", range->pad_before);
        json_put_int(json, "pad_after_ms", range->pad_after);
    }
    if (!range->quoted)
        return;
    json_begin_object(json, "quote");
    json_put_int(json, "start_ms", range->quote_start);
    json_put_int(json, "end_ms", range->quote_end);
    json_put_bool(json, "covered", range_quote_drift(range) == 0);
    json_end(json);
}

void manifest_append_clip(struct json_writer *json, const struct clip_job *job,
                          const struct clip_outcome *outcome)
{
    bool decided = outcome->status >= CLIP_PLANNED && outcome->decided;
    json_put_int(json, "number", job->clip->number);
    json_put_string(json, "title", job->clip->title);
    json_put_string(json, "page", job->clip->page);
    json_put_string(json, "audio", outcome->audio);
    json_put_string(json, "resolved_by", outcome->resolved_by);
    append_range(json, job->clip, decided ? &outcome->range : NULL);
    json_put_string(json, "file", outcome->status < CLIP_PLANNED ? NULL : outcome->file);
    bool cut = outcome->status >= CLIP_CUT;
    manifest_append_cut(json, cut ? &outcome->cut : NULL, outcome->sha256);
    if (outcome->transcript)
        json_put_string(json, "transcript", outcome->transcript);
    json_put_string(json, "status", status_names[outcome->status]);
    if (outcome->status == CLIP_PLANNED) {
        json_put_int(json, "fetch_bytes", outcome->to_fetch);
        json_put_int(json, "write_bytes", outcome->to_write);
    }
    json_put_string(json, "error", outcome->error);
    json_put_string(json, "notes", job->notes->path);
    json_put_int(json, "line", job->clip->line);
}

/* Hundredths of a decibel. */
static int64_t centibels(double gain)
{
    return gain > 0 ? llround(2000 * log10(gain)) : 0;
}

void manifest_append_programme(struct json_writer *json, const struct plan *plan,
                               const struct programme *programme)
{
    json_put_string(json, "file", programme->file);
    json_put_string(json, "status", status_names[programme->status]);
    json_put_string(json, "error", programme->error);
    if (programme->status == CLIP_FAILED)
        return;
    json_put_int(json, "bytes", programme->bytes);
    json_put_string(json, "sha256", programme->sha256);
    json_put_int(json, "rate", programme->rate);
    json_put_int(json, "channels", programme->channels);
    json_put_int(json, "samples", programme->samples);
    json_put_int(json, "duration_ms", programme_duration(programme));
    json_put_decimal(json, "loudness_lufs", programme->centilufs, 2);
    if (programme->heard)
        json_put_decimal(json, "measured_lufs", programme->reached, 2);
    else
        json_put_null(json, "measured_lufs");
    json_begin_array(json, "clips");
    for (size_t i = 0; i < programme->part_count; i++) {
        const struct programme_part *part = &programme->parts[i];
        json_begin_object(json, NULL);
        json_put_int(json, "number", plan->clips[part->clip].clip->number);
        json_put_int(json, "start_ms", millis_of_samples(part->start, programme->rate));
        json_put_int(json, "start_sample", part->start);
        json_put_int(json, "samples", part->length);
        json_put_decimal(json, "gain_db", centibels(part->gain), 2);
        json_end(json);
    }
    json_end(json);
}

/* Files in the folder that a run would have written or removed, were they its own. */
static void append_left(struct json_writer *json, const struct files *files)
{
    json_begin_array(json, "left");
    for (size_t i = 0; i < files->left_count; i++) {
        json_begin_object(json, NULL);
        json_put_string(json, "file", files->left[i].file);
        json_put_string(json, "because", files->left[i].because);
        json_end(json);
    }
    json_end(json);
}

void manifest_append(struct buffer *out, const struct plan *plan,
                     const struct clip_outcome *outcomes, const struct programme *programme,
                     const struct files *files)
{
    struct json_writer json = JSON_WRITER(out, JSON_INDENTED);
    json_begin_object(&json, NULL);
    json_put_int(&json, "version", 1);
    json_put_string(&json, "tool", "clipnotes " CLIPNOTES_VERSION);
    json_begin_array(&json, "clips");
    for (size_t i = 0; i < plan->clip_count; i++) {
        json_begin_object(&json, NULL);
        manifest_append_clip(&json, &plan->clips[i], &outcomes[i]);
        json_end(&json);
    }
    json_end(&json);
    if (programme) {
        json_begin_object(&json, "recap");
        manifest_append_programme(&json, plan, programme);
        json_end(&json);
    }
    if (files && files->left_count)
        append_left(&json, files);
    json_end(&json);
    buffer_append_byte(out, '\n');
}

/* An object that another program has written; what is no JSON at all is damaged, and goes. */
static bool is_of_others(const char *path)
{
    struct buffer text = BUFFER_INIT(MANIFEST_MOST);
    struct error unreadable = ERROR_INIT;
    struct arena *arena = arena_create();
    const struct value *document = file_read(path, &text, NULL)
                                       ? json_read(arena, buffer_slice(&text), path, &unreadable)
                                       : NULL;
    bool others = value_is(document, VALUE_OBJECT) && !value_get(document, "tool");
    error_release(&unreadable);
    arena_destroy(arena);
    buffer_release(&text);
    return others;
}

bool manifest_write(const char *folder, struct slice text, struct error *err)
{
    char *path = path_join(folder, "manifest.json");
    bool written = is_of_others(path)
                       ? error_set(err, ERROR_INPUT,
                                   "%s: another program's, and not written over; choose another "
                                   "folder with -o",
                                   path)
                       : file_write(path, text.data, text.size, err);
    free(path);
    return written;
}
