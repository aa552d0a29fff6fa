/* SPDX-License-Identifier: MIT */
#include "recap/opened.h"

#include <stdlib.h>

#include "base/file.h"
#include "format/url.h"
#include "recap/reach.h"

static struct source *open_source(const struct run_options *options, const struct episode *episode,
                                  struct error *err)
{
    const struct fetch_target target = episode_target(episode);
    if (!url_is_http(episode->audio))
        return source_open_file(episode->audio, err);
    if (options->fetcher)
        return fetch_open(options->fetcher, &target, err);
    char *shown = url_redacted(episode->audio);
    error_set(err, ERROR_UNSUPPORTED, "%s: cannot be fetched: %s", shown,
              options->no_fetcher ? options->no_fetcher : "the network is not used here");
    free(shown);
    return NULL;
}

static struct transcript *fetch_transcript(const struct run_options *options, const char *url,
                                           char ret_version[static HASH_TEXT_SIZE],
                                           struct error *err)
{
    struct document document = {0};
    struct transcript *transcript = NULL;
    if (options->fetcher &&
        fetch_document(options->fetcher, url, TRANSCRIPT_MAX_BYTES, &document, err)) {
        hash_bytes(document.data, document.size, ret_version);
        transcript = transcript_read((struct slice){document.data, document.size}, url, err);
    }
    document_release(&document);
    return transcript;
}

static struct transcript *read_transcript(const char *path, struct error *err)
{
    struct buffer text = BUFFER_INIT(TRANSCRIPT_MAX_BYTES);
    struct transcript *transcript =
        file_read(path, &text, err) ? transcript_read(buffer_slice(&text), path, err) : NULL;
    buffer_release(&text);
    return transcript;
}

static char *wanted_transcript(const struct opened *opened, const struct run_options *options)
{
    bool wanted = options->transcripts || options->range.end == END_TRANSCRIPT;
    return wanted ? transcript_place(opened->episode) : NULL;
}

const char *opened_transcript_version(struct opened *opened, const struct run_options *options)
{
    bool gone = url_is_http(opened->episode->audio) && !opened->source;
    char *place = gone ? NULL : wanted_transcript(opened, options);
    if (place && url_is_http(place))
        opened_read_transcript(opened, options);
    free(place);
    return *opened->transcript_version ? opened->transcript_version : NULL;
}

void opened_read_transcript(struct opened *opened, const struct run_options *options)
{
    char *place = opened->asked ? NULL : wanted_transcript(opened, options);
    struct error err = ERROR_INIT;
    if (place)
        opened->transcript =
            url_is_http(place) ? fetch_transcript(options, place, opened->transcript_version, &err)
                               : read_transcript(place, &err);
    opened->asked = true;
    if (error_is_set(&err))
        log_warning(options->log, "%s", err.message);
    error_release(&err);
    free(place);
}

static void close_audio(struct opened *opened)
{
    audio_destroy(opened->audio);
    source_destroy(opened->source);
    opened->audio = NULL;
    opened->source = NULL;
}

char *opened_version(struct opened *opened, const struct run_options *options)
{
    struct error err = ERROR_INIT;
    if (!url_is_http(opened->episode->audio) || !options->fetcher)
        return NULL;
    if (!opened->source)
        opened->source = open_source(options, opened->episode, &err);
    if (error_is_set(&err) && err.kind != ERROR_MISSING && err.kind != ERROR_INTERRUPTED)
        log_warning(options->log, "%s; what was cut from it is kept", err.message);
    error_release(&err);
    return opened->source ? fetch_version(opened->source) : NULL;
}

/* Clips that take half of a file on a server have all of it fetched at once. */
static bool fetch_for_most(const struct opened *opened, const struct run_options *options,
                           struct error *err)
{
    bool most = reach_is_most(opened->reach, audio_info(opened->audio)->duration);
    return !most || options->dry_run || fetch_rest(opened->source, err);
}

static bool open_once(struct opened *opened, const struct run_options *options, struct error *err)
{
    if (!opened->source)
        opened->source = open_source(options, opened->episode, err);
    if (opened->source)
        opened->audio = audio_open(opened->source, options->log, err);
    if (opened->audio)
        episode_compare_duration(opened->episode, audio_info(opened->audio)->duration,
                                 opened->source->name, options->log);
    return opened->audio && fetch_for_most(opened, options, err);
}

bool opened_was_replaced(struct opened *opened)
{
    if (opened->reopened || !opened->source || !fetch_changed(opened->source))
        return false;
    opened->reopened = true;
    close_audio(opened);
    return true;
}

bool opened_open(struct opened *opened, const struct run_options *options, struct error *err)
{
    struct error failure = ERROR_INIT;
    if (open_once(opened, options, &failure))
        return true;
    if (opened_was_replaced(opened)) {
        error_release(&failure);
        return open_once(opened, options, err);
    }
    error_move(err, &failure);
    return false;
}

void opened_release(struct opened *opened)
{
    transcript_destroy(opened->transcript);
    close_audio(opened);
    episode_destroy(opened->episode);
}
