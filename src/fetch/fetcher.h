/* SPDX-License-Identifier: MIT */
/*
 * The fetcher's own parts, for the files of this folder.
 */
#ifndef CLIPNOTES_FETCH_FETCHER_H
#define CLIPNOTES_FETCH_FETCHER_H

#include <pthread.h>

#include "fetch/fetch.h"
#include "fetch/http.h"
#include "fetch/retry.h"

/* What was asked for in this run and found to be as the cache has it, or new. */
struct fresh {
    char *key;
    char *url;    /* that answered, after redirects; NULL: it is to be asked again */
    bool changed; /* the server had another file while it was read */
};

struct fetcher {
    struct fetcher_options options;
    char *audio_folder, *document_folder;
    struct http *http;
    pthread_mutex_t mutex; /* of what follows */
    struct fresh *fresh;
    size_t fresh_count, fresh_capacity;
    unsigned last_id;
    pthread_mutex_t observer_mutex;
};

/* The URL that answered for `key` in this run, for free(); NULL where it was not asked yet. */
char *fetcher_fresh_url(struct fetcher *fetcher, const char *key);
void fetcher_set_fresh(struct fetcher *fetcher, const char *key, const char *url);
void fetcher_unset_fresh(struct fetcher *fetcher, const char *key);

/* The file changed in this run. Another try in parts may meet yet another file, as where each of
 * several servers has its own idea of it; one answer is of one file. */
void fetcher_set_changed(struct fetcher *fetcher, const char *key);
bool fetcher_has_changed(struct fetcher *fetcher, const char *key);

/* The folders below the cache's. For free(). */
char *fetch_audio_folder(const char *cache);
char *fetch_document_folder(const char *cache);

/* Trying again, as the options say. fetcher_wait() takes the failure of a try: it waits and
 * releases it, or returns false where it is the last. `after` is what the server asked for, in
 * milliseconds; -1. */
void fetcher_begin_tries(struct fetcher *fetcher, struct retry *ret_retry);
bool fetcher_wait(struct fetcher *fetcher, struct retry *retry, int64_t after, struct error *err);

/* One download as the observer sees it. */
struct meter {
    struct fetcher *fetcher;
    struct fetch_progress progress;
    int64_t told; /* clock_now() of the last call */
};

/* `name` is borrowed for the meter's life. */
void meter_init(struct meter *meter, struct fetcher *fetcher, const char *name);
void meter_set_state(struct meter *meter, enum fetch_state state);

/* The file's size is known, and so many bytes are to come. */
void meter_expect(struct meter *meter, int64_t size, int64_t coming);

/* `size` bytes came in and were kept. */
void rate_meter_add(struct meter *meter, size_t size);

#endif
