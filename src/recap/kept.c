/* SPDX-License-Identifier: MIT */
#include "recap/kept.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "format/json.h"
#include "format/url.h"
#include "recap/transcript.h"

static void add_episode(struct record_key *key, const struct episode *episode)
{
    if (url_is_http(episode->audio)) {
        record_key_text(key, "audio", episode->audio);
        record_key_number(key, "size", episode->audio_size);
    } else {
        record_key_file(key, "audio", episode->audio);
    }
    char *transcript = transcript_place(episode);
    record_key_file(key, "transcript", transcript);
    free(transcript);
    record_key_text(key, "guid", episode->guid);
    record_key_text(key, "title", episode->title);
    record_key_text(key, "show", episode->show);
    record_key_text(key, "author", episode->author);
    record_key_text(key, "date", episode->date);
}

static void add_range(struct record_key *key, const struct clip_job *job,
                      const struct range_options *options)
{
    record_key_number(key, "start", job->clip->start);
    record_key_number(key, "end", job->clip->end);
    record_key_number(key, "next", options->end == END_NEXT ? job->next : 0);
    record_key_number(key, "rule", options->end);
    record_key_number(key, "length", options->length);
    record_key_number(key, "snap", options->snap);
    record_key_number(key, "snap-start", options->snap_start);
    record_key_number(key, "pad-before", options->pad_before);
    record_key_number(key, "pad-after", options->pad_after);
}

static void add_cut(struct record_key *key, const struct cut_options *cut)
{
    record_key_text(key, "format", cut->format);
    record_key_number(key, "verify", cut->verify);
    record_key_number(key, "inexact", cut->inexact);
    record_key_number(key, "bitrate", cut->bitrate);
    record_key_number(key, "quality", cut->quality);
    record_key_number(key, "mono", cut->mono);
    record_key_number(key, "rate", cut->rate);
    record_key_number(key, "fade", cut->fade);
    record_key_number(key, "leveled", cut->loudness_set);
    record_key_number(key, "loudness", cut->loudness_centilufs);
}

/* All that decides what the clip's file holds, but for the episode. */
static void mark_key(const struct clip_job *job, const struct run_options *options,
                     char ret_key[static HASH_TEXT_SIZE])
{
    struct record_key key = RECORD_KEY_INIT;
    record_key_text(&key, "version", CLIPNOTES_VERSION);
    add_range(&key, job, &options->range);
    add_cut(&key, &options->cut);
    record_key_text(&key, "stem", job->stem);
    record_key_text(&key, "title", job->clip->title);
    record_key_text(&key, "page", job->clip->page);
    record_key_text(&key, "album", job->notes->title);
    record_key_text(&key, "date", job->notes->date);
    record_key_number(&key, "track", job->track);
    record_key_number(&key, "tracks", job->track_total);
    record_key_number(&key, "transcripts", options->transcripts);
    record_key_finish(&key, ret_key);
}

void kept_key(const struct clip_job *job, const struct episode *episode,
              const struct run_options *options, char ret_key[static HASH_TEXT_SIZE])
{
    char mark[HASH_TEXT_SIZE];
    struct record_key key = RECORD_KEY_INIT;
    mark_key(job, options, mark);
    record_key_text(&key, "mark", mark);
    add_episode(&key, episode);
    record_key_finish(&key, ret_key);
}

static int64_t number(const struct value *piece, const char *name)
{
    int64_t found = 0;
    (void)value_int64(value_get(piece, name), &found);
    return found;
}

static bool truth(const struct value *piece, const char *name)
{
    const struct value *found = value_get(piece, name);
    return value_is(found, VALUE_BOOL) && found->truth;
}

static void read_piece(const struct value *piece, struct clip_outcome *outcome)
{
    const char *diff = value_text(value_get(piece, "max_diff"));
    outcome->range = (struct range){
        .start = number(piece, "start"),
        .end = number(piece, "end"),
        .end_by = (enum cut_end)number(piece, "end_by"),
        .pad_before = number(piece, "pad_before"),
        .pad_after = number(piece, "pad_after"),
        .start_moved = number(piece, "start_moved"),
        .end_moved = number(piece, "end_moved"),
        .quoted = value_get(piece, "quote_start") != NULL,
        .quote_start = number(piece, "quote_start"),
        .quote_end = number(piece, "quote_end"),
    };
    outcome->channels = (int)number(piece, "channels");
    outcome->cut = (struct cut_result){
        .method = (enum cut_method)number(piece, "method"),
        .codec = value_text(value_get(piece, "codec")),
        .samples = number(piece, "samples"),
        .exact = truth(piece, "exact"),
        .verified = truth(piece, "verified"),
        .error_micros = number(piece, "error_micros"),
        .max_diff = diff ? strtod(diff, NULL) : 0,
        .why = value_text(value_get(piece, "why")),
        .bytes = number(piece, "bytes"),
    };
}

bool kept_is_known(const struct run_options *options, const char *key)
{
    return options->record && record_find(options->record, key);
}

/* What servers say of their files now, and said when the clip was cut. A transcript that could not
 * be had then is another than the one that is there now. */
static bool same_versions(const struct value *piece, const struct kept_versions *now)
{
    const char *audio = value_text(value_get(piece, "version"));
    const char *transcript = value_text(value_get(piece, "transcript_version"));
    return (!now->audio || !audio || strcmp(now->audio, audio) == 0) &&
           (!now->transcript || !transcript || strcmp(now->transcript, transcript) == 0);
}

static bool is_there(const struct run_options *options, const char *file, int64_t bytes,
                     const char *sha256)
{
    char *path = path_join(options->output, file);
    bool same = record_file_is(path, bytes, sha256);
    free(path);
    return same;
}

static char *text_of(const struct value *piece, const char *name)
{
    return mem_strdup(value_text(value_get(piece, name)));
}

/* The clip as it was recorded, where its files are still what was written. */
static bool take_piece(const struct run_options *options, const struct value *piece,
                       const struct clip_job *job, struct clip_outcome *outcome)
{
    const char *file = value_text(value_get(piece, "file"));
    const char *sha256 = value_text(value_get(piece, "sha256"));
    const char *transcript = value_text(value_get(piece, "transcript"));
    if (!file || !sha256 || strlen(sha256) != HASH_TEXT_SIZE - 1 ||
        strncmp(file, job->stem, strlen(job->stem)) != 0 ||
        !is_there(options, file, number(piece, "bytes"), sha256) ||
        (transcript && !is_there(options, transcript, number(piece, "transcript_bytes"),
                                 value_text(value_get(piece, "transcript_sha256")))))
        return false;
    outcome->transcript = mem_strdup(transcript);
    if (!outcome->audio)
        outcome->audio = text_of(piece, "audio");
    if (!outcome->resolved_by)
        outcome->resolved_by = text_of(piece, "resolved_by");
    if (!outcome->episode_title)
        outcome->episode_title = text_of(piece, "episode_title");
    read_piece(piece, outcome);
    outcome->decided = true;
    outcome->file = mem_strdup(file);
    memcpy(outcome->sha256, sha256, HASH_TEXT_SIZE);
    outcome->status = CLIP_KEPT;
    return true;
}

bool kept_find(const struct run_options *options, const char *key, const struct kept_versions *now,
               const struct clip_job *job, struct clip_outcome *outcome)
{
    const struct value *piece = options->record ? record_find(options->record, key) : NULL;
    return piece && same_versions(piece, now) && take_piece(options, piece, job, outcome);
}

bool kept_assemble(const struct run_options *options, const struct clip_job *job,
                   struct clip_outcome *outcome)
{
    char mark[HASH_TEXT_SIZE];
    const struct value *piece;
    mark_key(job, options, mark);
    for (size_t i = 0; (piece = record_piece(options->record, i)); i++) {
        const char *key = value_text(value_get(piece, "key"));
        const char *recorded = value_text(value_get(piece, "mark"));
        if (!recorded || strcmp(recorded, mark) != 0 || strlen(key) != HASH_TEXT_SIZE - 1 ||
            !take_piece(options, piece, job, outcome))
            continue;
        memcpy(outcome->key, key, HASH_TEXT_SIZE);
        return true;
    }
    return false;
}

bool kept_add(const struct run_options *options, const struct clip_job *job,
              const struct clip_outcome *outcome, struct error *err)
{
    char mark[HASH_TEXT_SIZE];
    mark_key(job, options, mark);
    struct buffer line = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct json_writer json = JSON_WRITER(&line, JSON_ONE_LINE);
    json_begin_object(&json, NULL);
    json_put_string(&json, "key", outcome->key);
    json_put_string(&json, "mark", mark);
    json_put_string(&json, "file", outcome->file);
    json_put_string(&json, "sha256", outcome->sha256);
    json_put_int(&json, "bytes", outcome->cut.bytes);
    json_put_int(&json, "start", outcome->range.start);
    json_put_int(&json, "end", outcome->range.end);
    json_put_int(&json, "end_by", outcome->range.end_by);
    json_put_int(&json, "pad_before", outcome->range.pad_before);
    json_put_int(&json, "pad_after", outcome->range.pad_after);
    json_put_int(&json, "start_moved", outcome->range.start_moved);
    json_put_int(&json, "end_moved", outcome->range.end_moved);
    if (outcome->range.quoted) {
        json_put_int(&json, "quote_start", outcome->range.quote_start);
        json_put_int(&json, "quote_end", outcome->range.quote_end);
    }
    if (outcome->transcript) {
        json_put_string(&json, "transcript", outcome->transcript);
        json_put_string(&json, "transcript_sha256", outcome->transcript_sha256);
        json_put_int(&json, "transcript_bytes", outcome->transcript_bytes);
    }
    json_put_string(&json, "audio", outcome->audio);
    json_put_string(&json, "resolved_by", outcome->resolved_by);
    json_put_string(&json, "episode_title", outcome->episode_title);
    if (outcome->version)
        json_put_string(&json, "version", outcome->version);
    json_put_string(&json, "transcript_version", outcome->transcript_version);
    json_put_int(&json, "method", outcome->cut.method);
    json_put_string(&json, "codec", outcome->cut.codec);
    json_put_int(&json, "channels", outcome->channels);
    json_put_int(&json, "samples", outcome->cut.samples);
    json_put_bool(&json, "exact", outcome->cut.exact);
    json_put_bool(&json, "verified", outcome->cut.verified);
    json_put_int(&json, "error_micros", outcome->cut.error_micros);
    json_put_double(&json, "max_diff", outcome->cut.max_diff);
    json_put_string(&json, "why", outcome->cut.why);
    json_end(&json);
    bool added = record_add(options->record, buffer_slice(&line), err);
    buffer_release(&line);
    return added;
}
