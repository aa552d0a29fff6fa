/* SPDX-License-Identifier: MIT */
/*
 * clipnotes cut: one clip of one file or URL, without notes.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/path.h"
#include "base/source.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/exactness.h"
#include "cli/network.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "format/json.h"
#include "format/url.h"
#include "model/timecode.h"
#include "recap/clip_file.h"
#include "recap/manifest.h"

/* What is asked for, and how it comes out. */
struct single_cut {
    const char *file;
    millis start, end;
    enum cut_end end_by;
    char *path; /* owned; of the clip */
    bool planned, written;
    struct cut_result result;
    char sha256[HASH_TEXT_SIZE];
};

/* A time, or "+30s": so much after the start. */
static bool parse_end(const char *text, millis start, millis *ret_end, struct error *err)
{
    millis time;
    bool relative = text[0] == '+';
    if (!timecode_parse_option(text + relative, "END", &time, err))
        return false;
    millis end = relative ? start + time : time;
    if (end <= start)
        return error_set(err, ERROR_USAGE, "END: '%s' is not after the start", text);
    *ret_end = end;
    return true;
}

static bool parse_arguments(const struct options *options, struct single_cut *cut,
                            struct error *err)
{
    if (options->arguments.count > 3)
        return error_set(err, ERROR_USAGE, "'%s' is too much: clipnotes cut takes FILE START END",
                         options->arguments.items[3]);
    if (options->output && strcmp(options->output, "-") == 0)
        return error_set(err, ERROR_USAGE,
                         "--output: a clip cannot go to standard output, for "
                         "its beginning is written last; name a file");
    cut->file = options->arguments.items[0];
    if (!*cut->file || (options->output && !*options->output))
        return error_set(err, ERROR_USAGE, "%s: the name is empty",
                         *cut->file ? "--output" : "FILE");
    if (strcmp(cut->file, "-") == 0)
        return error_set(err, ERROR_USAGE,
                         "FILE: standard input cannot be cut, for it is read in parts; save it to "
                         "a file");
    return timecode_parse_option(options->arguments.items[1], "START", &cut->start, err) &&
           parse_end(options->arguments.items[2], cut->start, &cut->end, err);
}

/* The file's name, with a path or without: "talk.mp3" of a URL too. */
static char *file_of(const struct single_cut *cut)
{
    return url_is_http(cut->file) ? url_slug(cut->file) : mem_strdup(cut->file);
}

/* "talk-0-55-40.mp3": of the source's name and the position. */
static char *default_name(const struct single_cut *cut, const char *extension)
{
    char start[MILLIS_TEXT_SIZE];
    char *file = file_of(cut);
    struct slice stem = path_stem(file);
    char *position = text_slug(slice_of(millis_text(cut->start, start)), sizeof start);
    char *name = mem_format("%.*s-%s.%s", SLICE_ARGS(stem), position, extension);
    free(position);
    free(file);
    return name;
}

/* Whether --output is a file's name, not a folder's. */
static bool names_file(const struct options *options)
{
    return options->output && !path_is_folder(options->output) &&
           !slice_ends(slice_of(options->output), SLICE("/"));
}

static char *output_path(const struct options *options, const struct single_cut *cut,
                         const char *extension)
{
    if (names_file(options))
        return mem_strdup(options->output);
    char *name = default_name(cut, extension);
    char *path = path_join(options->output ? options->output : "", name);
    free(name);
    return path;
}

/* What the name of a clip's file may end in. */
static const struct ending {
    const char *extension;
    const char *format;     /* that it asks for; also the extension of its clips by default */
    const char *also_holds; /* clips of another extension, or NULL */
} endings[] = {
    {"mp3", "mp3", NULL},   {"m4a", "m4a", NULL},   {"m4b", "m4a", NULL},   {"mp4", "m4a", NULL},
    {"opus", "opus", NULL}, {"ogg", "ogg", "opus"}, {"oga", "ogg", "opus"}, {"flac", "flac", NULL},
    {"wav", "wav", NULL},   {"mka", "mka", NULL},
};

static const struct ending *ending_of(const char *path)
{
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (slice_equal_nocase(path_extension(path), slice_of(endings[i].extension)))
            return &endings[i];
    return NULL;
}

static bool ending_holds(const struct ending *ending, const char *extension)
{
    return strcmp(ending->format, extension) == 0 ||
           (ending->also_holds && strcmp(ending->also_holds, extension) == 0);
}

/* Without --format the name of the output tells it: a copy where the name fits one. */
static bool choose_format(const struct options *options, const struct audio *audio,
                          struct cut_options *how, const char **ret_extension, struct error *err)
{
    const char *path = names_file(options) ? options->output : "";
    const struct ending *ending = ending_of(path);
    const char *extension = audio_clip_extension(audio, how, err);
    if (!extension)
        return false;
    if (ending && !how->format && !ending_holds(ending, extension)) {
        how->format = ending->format;
        extension = audio_clip_extension(audio, how, err);
    }
    if (!extension)
        return false;
    bool fits = ending ? ending_holds(ending, extension) : !path_extension(path).size;
    if (!fits)
        return error_set(err, ERROR_USAGE, "--output: the clip is no %.*s: name it %.*s.%s%s",
                         SLICE_ARGS(path_extension(path)), SLICE_ARGS(path_stem(path)), extension,
                         how->format ? "" : ", or choose a --format");
    *ret_extension = extension;
    return true;
}

/* Vorbis comments have one place for a description and a comment. */
static bool describes(const struct tags *tags)
{
    for (size_t i = 0; i < tags->other_count; i++)
        if (strcasecmp(tags->others[i].name, "description") == 0)
            return true;
    return false;
}

/* The clip keeps what the file says of itself; where that leaves room, it says where it is from. */
static struct tags tags_of(const struct audio *audio, const struct single_cut *cut,
                           char **ret_comment)
{
    char start[MILLIS_TEXT_SIZE];
    char *file = file_of(cut);
    struct slice name = path_name(file);
    struct tags tags = *audio_tags(audio);
    *ret_comment = mem_format("from %.*s at %s", SLICE_ARGS(name), millis_text(cut->start, start));
    if (!tags.comment && !describes(&tags))
        tags.comment = *ret_comment;
    free(file);
    return tags;
}

static bool check_start(const struct audio_info *info, const struct single_cut *cut,
                        struct error *err)
{
    char start[MILLIS_TEXT_SIZE], length[MILLIS_TEXT_SIZE];
    if (info->duration == MILLIS_NONE || cut->start < info->duration)
        return true;
    return error_set(err, ERROR_INPUT, "%s: %s is past the end of the file, which is %s long",
                     cut->file, millis_text(cut->start, start),
                     millis_text(info->duration, length));
}

/* A clip that was to go on past the file's end stops there; where that is, the cut may have found
 * out. */
static void note_end(const struct audio_info *info, struct single_cut *cut)
{
    if (info->duration == MILLIS_NONE || cut->end <= info->duration)
        return;
    cut->end = info->duration;
    cut->end_by = CUT_END_EOF;
}

static bool write_clip(struct audio *audio, const struct cut_options *how, struct single_cut *cut,
                       struct error *err)
{
    char *comment = NULL;
    int rate = audio_info(audio)->rate;
    struct tags tags = tags_of(audio, cut, &comment);
    cut->written =
        clip_write(audio, samples_of_millis(cut->start, rate), samples_of_millis(cut->end, rate),
                   how, &tags, cut->path, &cut->result, cut->sha256, err);
    free(comment);
    return cut->written;
}

static bool cut_audio(const struct options *options, struct audio *audio, struct single_cut *cut,
                      struct error *err)
{
    const struct audio_info *info = audio_info(audio);
    struct cut_options how = options_cut(options);
    const char *extension = NULL;
    if (!choose_format(options, audio, &how, &extension, err) || !check_start(info, cut, err))
        return false;
    cut->path = output_path(options, cut, extension);
    cut->planned = options->dry_run;
    bool done = cut->planned || write_clip(audio, &how, cut, err);
    note_end(info, cut);
    return done;
}

static bool cut_source(const struct options *options, struct terminal *terminal,
                       struct source *source, struct single_cut *cut, struct error *err)
{
    struct audio *audio = audio_open(source, terminal_log(terminal), err);
    bool done = audio && cut_audio(options, audio, cut, err);
    audio_destroy(audio);
    source_destroy(source);
    return done;
}

static bool cut_file(const struct options *options, struct terminal *terminal,
                     struct single_cut *cut, struct error *err)
{
    if (strstr(cut->file, "://") && access(cut->file, F_OK) != 0)
        return error_set(err, ERROR_USAGE, "%s: only http and https are fetched", cut->file);
    struct source *source = source_open_file(cut->file, err);
    return source && cut_source(options, terminal, source, cut, err);
}

static bool cut_url(const struct options *options, struct terminal *terminal,
                    struct single_cut *cut, struct error *err)
{
    struct config config;
    struct network network;
    const struct fetch_target target = {.url = cut->file};
    struct source *source = NULL;
    if (!config_of(&config, options, err))
        return false;
    if (network_init(&network, options, &config, terminal, err))
        source = fetch_open(network.fetcher, &target, err);
    bool done = source && cut_source(options, terminal, source, cut, err);
    network_release(&network);
    config_release(&config);
    return done;
}

/* What `clip --json` tells of a clip, as far as there is such a thing here. */
static void append_json(struct buffer *out, const struct single_cut *cut, const char *failure)
{
    struct json_writer json = JSON_WRITER(out, JSON_INDENTED);
    json_begin_object(&json, NULL);
    json_put_int(&json, "version", 1);
    json_put_string(&json, "tool", "clipnotes " CLIPNOTES_VERSION);
    json_put_string(&json, "audio", cut->file);
    json_put_int(&json, "start_ms", cut->start);
    json_put_int(&json, "end_ms", cut->end);
    json_put_string(&json, "end_by", cut_end_name(cut->end_by));
    json_put_string(&json, "file", cut->written || cut->planned ? cut->path : NULL);
    manifest_append_cut(&json, cut->written ? &cut->result : NULL, cut->sha256);
    json_put_string(&json, "status", cut->written ? "cut" : cut->planned ? "planned" : "failed");
    json_put_string(&json, "error", failure);
    json_end(&json);
    buffer_append_byte(out, '\n');
}

static void warn_inexact(struct terminal *terminal, const struct single_cut *cut)
{
    if (cut->written && !cut->result.exact)
        cut_warn_inexact(terminal, 1, cut->result.error_micros, cut->result.why);
}

static bool print_result(const struct options *options, struct terminal *terminal,
                         const struct single_cut *cut, const char *failure)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    if (options->json)
        append_json(&out, cut, failure);
    else if (!failure)
        buffer_append_format(&out, "%s\n", cut->path);
    bool printed = terminal_print(terminal, buffer_slice(&out));
    buffer_release(&out);
    return printed;
}

int command_cut(const struct options *options, struct terminal *terminal)
{
    struct single_cut cut = {0};
    struct error err = ERROR_INIT;
    bool asked = parse_arguments(options, &cut, &err);
    bool done = asked && (url_is_http(cut.file) ? cut_url(options, terminal, &cut, &err)
                                                : cut_file(options, terminal, &cut, &err));
    int status = done ? STATUS_DONE : terminal_status(err.kind);
    if (!done)
        terminal_error(terminal, &err);
    warn_inexact(terminal, &cut);
    if (status != STATUS_USAGE && !print_result(options, terminal, &cut, done ? NULL : err.message))
        status = STATUS_FAILED;
    free(cut.path);
    error_release(&err);
    return status;
}
