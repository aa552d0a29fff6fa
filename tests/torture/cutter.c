/* SPDX-License-Identifier: MIT */
/*
 * Cuts by the thousand, for the tests that judge them from outside.
 *
 * Each line of standard input is a cut, fields divided by tabs:
 *     SOURCE  START  END  OUT  [OPTION=VALUE]...
 * START and END are samples; options: format, verify, inexact, bitrate, rate, mono, fade, loudness.
 * Each is answered by one line of JSON. A source is opened once for all the lines on end that name
 * it. The line "SOURCE" alone is answered by what the file is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/audio.h"
#include "base/buffer.h"
#include "base/memory.h"

#define MAX_FIELDS 16

static const char *const verify_names[] = {"edges", "full", "off"};
static const char *const inexact_names[] = {"allow", "encode", "fail"};

struct cutter {
    char *name;
    struct source *source;
    struct audio *audio;
};

static void cutter_close(struct cutter *cutter)
{
    audio_destroy(cutter->audio);
    source_destroy(cutter->source);
    free(cutter->name);
    *cutter = (struct cutter){0};
}

static bool cutter_open(struct cutter *cutter, const char *name, struct error *err)
{
    if (cutter->name && strcmp(cutter->name, name) == 0)
        return true;
    cutter_close(cutter);
    cutter->source = source_open_file(name, err);
    if (!cutter->source)
        return false;
    cutter->audio = audio_open(cutter->source, NULL, err);
    if (!cutter->audio) {
        cutter_close(cutter);
        return false;
    }
    cutter->name = mem_strdup(name);
    return true;
}

static int index_of(const char *const names[], const char *name)
{
    for (int i = 0; i < 3; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    fprintf(stderr, "unknown word: %s\n", name);
    exit(2);
}

static void read_option(struct cut_options *options, struct tags *tags, char *text)
{
    char *value = strchr(text, '=');
    if (!value) {
        fprintf(stderr, "unknown option: %s\n", text);
        exit(2);
    }
    *value++ = '\0';
    if (strcmp(text, "format") == 0)
        options->format = value;
    else if (strcmp(text, "verify") == 0)
        options->verify = (enum cut_verify)index_of(verify_names, value);
    else if (strcmp(text, "inexact") == 0)
        options->inexact = (enum cut_inexact)index_of(inexact_names, value);
    else if (strcmp(text, "bitrate") == 0)
        options->bitrate = atoi(value);
    else if (strcmp(text, "rate") == 0)
        options->rate = atoi(value);
    else if (strcmp(text, "mono") == 0)
        options->mono = atoi(value);
    else if (strcmp(text, "fade") == 0)
        options->fade = atoi(value);
    else if (strcmp(text, "title") == 0)
        tags->title = value;
    else if (strcmp(text, "loudness") == 0) {
        options->loudness_set = true;
        options->loudness_centilufs = atoi(value);
    }
}

static void print_text(const char *name, const char *text)
{
    if (!text) {
        printf(", \"%s\": null", name);
        return;
    }
    printf(", \"%s\": \"", name);
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else
            putchar((unsigned char)*text < ' ' ? ' ' : *text);
    putchar('"');
}

static void print_info(const struct audio *audio)
{
    const struct audio_info *info = audio_info(audio);
    printf("{\"rate\": %d, \"channels\": %d, \"samples\": %lld", info->rate, info->channels,
           (long long)info->samples);
    print_text("codec", info->codec);
    print_text("container", info->container);
    const struct tags *tags = audio_tags(audio);
    print_text("title", tags->title);
    print_text("artist", tags->artist);
    print_text("album", tags->album);
    printf(", \"track\": %d, \"cover\": %zu, \"chapters\": %zu}\n", tags->track,
           tags->cover ? tags->cover->size : 0, audio_chapters(audio)->count);
}

static void print_result(const struct cut_result *result, const char *path)
{
    printf("{\"method\": \"%s\", \"samples\": %lld, \"exact\": %s, \"verified\": %s, "
           "\"error_micros\": %lld, \"max_diff\": %.9g, \"bytes\": %lld",
           result->method == CUT_COPY ? "copy" : "encode", (long long)result->samples,
           result->exact ? "true" : "false", result->verified ? "true" : "false",
           (long long)result->error_micros, result->max_diff, (long long)result->bytes);
    print_text("codec", result->codec);
    print_text("why", result->why);
    print_text("file", path);
    printf("}\n");
}

/* OUT has the extension of the clip put behind it. */
static bool cut(struct audio *audio, char **fields, int count, struct error *err)
{
    struct cut_options options = {0};
    struct tags tags = *audio_tags(audio);
    for (int i = 4; i < count; i++)
        read_option(&options, &tags, fields[i]);
    const char *extension = audio_clip_extension(audio, &options, err);
    if (!extension)
        return false;
    char *path = mem_format("%s.%s", fields[3], extension);
    struct output *output = output_create(path, err);
    struct cut_result result;
    bool done = output && audio_cut(audio, atoll(fields[1]), atoll(fields[2]), &options, &tags,
                                    output, &result, err);
    if (done)
        done = output_commit(output, err);
    else
        output_destroy(output);
    if (done)
        print_result(&result, path);
    free(path);
    return done;
}

static int split(char *line, char **ret_fields)
{
    int count = 0;
    line[strcspn(line, "\n")] = '\0';
    while (line && count < MAX_FIELDS) {
        ret_fields[count++] = line;
        line = strchr(line, '\t');
        if (line)
            *line++ = '\0';
    }
    return count;
}

int main(void)
{
    struct cutter cutter = {0};
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) > 0) {
        char *fields[MAX_FIELDS];
        int count = split(line, fields);
        struct error err = ERROR_INIT;
        bool done = cutter_open(&cutter, fields[0], &err);
        if (done && count < 4)
            print_info(cutter.audio);
        else if (done)
            done = cut(cutter.audio, fields, count, &err);
        if (!done) {
            printf("{\"error\": %d", err.kind);
            print_text("message", err.message);
            printf("}\n");
        }
        error_release(&err);
        fflush(stdout);
    }
    cutter_close(&cutter);
    free(line);
    return 0;
}
