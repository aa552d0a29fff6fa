/* SPDX-License-Identifier: MIT */
#include "fetch/fetcher.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/path.h"
#include "fetch/clock.h"

#define MAX_SIZE      ((int64_t)2 << 30)
#define METER_SILENCE 100 /* ms between two reports of bytes */

char *fetch_cache_folder(void)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && cache[0] == '/') /* the specification ignores relative ones */
        return path_join(cache, "clipnotes");
    return path_join(home && home[0] ? home : "/tmp", ".cache/clipnotes");
}

char *fetch_audio_folder(const char *cache)
{
    return path_join(cache, "audio");
}

char *fetch_document_folder(const char *cache)
{
    return path_join(cache, "documents");
}

static bool make_folders(struct fetcher *fetcher, struct error *err)
{
    char *cache =
        fetcher->options.cache_dir ? mem_strdup(fetcher->options.cache_dir) : fetch_cache_folder();
    char *above = path_folder(cache);
    fetcher->audio_folder = fetch_audio_folder(cache);
    fetcher->document_folder = fetch_document_folder(cache);
    bool made = path_make_folder(above, err);
    mkdir(cache, 0700); /* what people listen to is their business */
    made = made && path_make_folder(fetcher->audio_folder, err) &&
           path_make_folder(fetcher->document_folder, err);
    free(above);
    free(cache);
    return made;
}

struct fetcher *fetcher_create(const struct fetcher_options *options, struct error *err)
{
    struct fetcher *fetcher = mem_zalloc(sizeof *fetcher);
    fetcher->options = *options;
    if (fetcher->options.max_size <= 0)
        fetcher->options.max_size = MAX_SIZE;
    pthread_mutex_init(&fetcher->mutex, NULL);
    pthread_mutex_init(&fetcher->observer_mutex, NULL);
    if (make_folders(fetcher, err) && (fetcher->http = http_create(&fetcher->options, err)))
        return fetcher;
    fetcher_destroy(fetcher);
    return NULL;
}

void fetcher_destroy(struct fetcher *fetcher)
{
    if (!fetcher)
        return;
    http_destroy(fetcher->http);
    for (size_t i = 0; i < fetcher->fresh_count; i++) {
        free(fetcher->fresh[i].key);
        free(fetcher->fresh[i].url);
    }
    free(fetcher->fresh);
    free(fetcher->audio_folder);
    free(fetcher->document_folder);
    pthread_mutex_destroy(&fetcher->mutex);
    pthread_mutex_destroy(&fetcher->observer_mutex);
    free(fetcher);
}

/* With the mutex held. */
static struct fresh *find_fresh(struct fetcher *fetcher, const char *key)
{
    for (size_t i = 0; i < fetcher->fresh_count; i++)
        if (strcmp(fetcher->fresh[i].key, key) == 0)
            return &fetcher->fresh[i];
    return NULL;
}

char *fetcher_fresh_url(struct fetcher *fetcher, const char *key)
{
    pthread_mutex_lock(&fetcher->mutex);
    struct fresh *fresh = find_fresh(fetcher, key);
    char *url = fresh ? mem_strdup(fresh->url) : NULL;
    pthread_mutex_unlock(&fetcher->mutex);
    return url;
}

/* With the mutex held. */
static struct fresh *make_fresh(struct fetcher *fetcher, const char *key)
{
    struct fresh *fresh = find_fresh(fetcher, key);
    if (fresh)
        return fresh;
    fetcher->fresh = mem_grow(fetcher->fresh, &fetcher->fresh_capacity, fetcher->fresh_count + 1,
                              sizeof *fetcher->fresh);
    fresh = &fetcher->fresh[fetcher->fresh_count++];
    *fresh = (struct fresh){.key = mem_strdup(key)};
    return fresh;
}

static void set_fresh(struct fetcher *fetcher, const char *key, const char *url, bool changed)
{
    pthread_mutex_lock(&fetcher->mutex);
    struct fresh *fresh = make_fresh(fetcher, key);
    free(fresh->url);
    fresh->url = mem_strdup(url);
    fresh->changed = fresh->changed || changed;
    pthread_mutex_unlock(&fetcher->mutex);
}

void fetcher_set_fresh(struct fetcher *fetcher, const char *key, const char *url)
{
    set_fresh(fetcher, key, url, false);
}

void fetcher_unset_fresh(struct fetcher *fetcher, const char *key)
{
    set_fresh(fetcher, key, NULL, false);
}

void fetcher_set_changed(struct fetcher *fetcher, const char *key)
{
    set_fresh(fetcher, key, NULL, true);
}

bool fetcher_has_changed(struct fetcher *fetcher, const char *key)
{
    pthread_mutex_lock(&fetcher->mutex);
    struct fresh *fresh = find_fresh(fetcher, key);
    bool changed = fresh && fresh->changed;
    pthread_mutex_unlock(&fetcher->mutex);
    return changed;
}

void fetcher_begin_tries(struct fetcher *fetcher, struct retry *ret_retry)
{
    const struct fetcher_options *options = &fetcher->options;
    uint64_t seed = (uint64_t)clock_now() * UINT64_C(2654435761) ^ (uint64_t)(uintptr_t)ret_retry;
    retry_init(ret_retry, options->tries, options->first_wait, seed);
}

bool fetcher_wait(struct fetcher *fetcher, struct retry *retry, int64_t after, struct error *err)
{
    int64_t wait;
    if (!retry_next(retry, after, &wait)) {
        if (after > RETRY_MAX_AFTER)
            error_prefix(err, "not before %lld minutes from now", (long long)(after / 60000));
        return false;
    }
    log_info(fetcher->options.log, "%s; trying again in %lld.%lld s", err->message,
             (long long)(wait / 1000), (long long)(wait / 100 % 10));
    error_release(err);
    return clock_sleep(wait, fetcher->options.stop, err);
}

void meter_init(struct meter *meter, struct fetcher *fetcher, const char *name)
{
    pthread_mutex_lock(&fetcher->mutex);
    unsigned id = ++fetcher->last_id;
    pthread_mutex_unlock(&fetcher->mutex);
    *meter = (struct meter){.fetcher = fetcher, .progress = {.id = id, .name = name, .size = -1}};
}

static void tell(struct meter *meter)
{
    const struct fetch_observer *observer = meter->fetcher->options.observer;
    meter->told = clock_now();
    if (!observer)
        return;
    pthread_mutex_lock(&meter->fetcher->observer_mutex);
    observer->update(observer->context, &meter->progress);
    pthread_mutex_unlock(&meter->fetcher->observer_mutex);
}

void meter_set_state(struct meter *meter, enum fetch_state state)
{
    meter->progress.state = state;
    tell(meter);
}

void meter_expect(struct meter *meter, int64_t size, int64_t coming)
{
    struct fetch_progress *progress = &meter->progress;
    progress->size = size;
    if (progress->wanted < progress->held + coming)
        progress->wanted = progress->held + coming;
}

void rate_meter_add(struct meter *meter, size_t size)
{
    meter->progress.held += (int64_t)size;
    meter->progress.state = FETCH_RUNNING;
    if (clock_now() - meter->told >= METER_SILENCE)
        tell(meter);
}
