/* SPDX-License-Identifier: MIT */
#include "fetch/remote.h"

#include <stdlib.h>

#include "base/memory.h"
#include "fetch/clock.h"
#include "fetch/key.h"
#include "format/url.h"

/* A file that changes each time it is opened is given up. */
#define MAX_OPENINGS 3

/* How many known bytes the server has to send again to show that it counts as we do. */
#define CHECK_SIZE 16

#define LOCK_POLL 20 /* ms */

static const struct fetcher_options *options_of(const struct remote *remote)
{
    return &remote->fetcher->options;
}

static void set_pinned(struct remote *remote, char *url)
{
    free(remote->pinned);
    remote->pinned = url;
}

/* Is the server out of reach, but all of the file here? */
static bool may_do_without(struct remote *remote, const struct error *why)
{
    int64_t first, end;
    if (why->kind != ERROR_NETWORK || remote->changed ||
        cache_missing(remote->entry, 0, remote->entry->meta.size, &first, &end))
        return false;
    log_warning(options_of(remote)->log, "%s; using the copy in the cache", why->message);
    return true;
}

/* What is held: is it still what the server has? */
static bool validate(struct remote *remote, struct error *err)
{
    if (options_of(remote)->offline)
        return true;
    set_pinned(remote, fetcher_fresh_url(remote->fetcher, remote->key));
    if (remote->pinned)
        return true;
    struct error failure = ERROR_INIT;
    bool valid = transfer_run(remote, TRANSFER_VALIDATE, 0, CACHE_BLOCK, &failure);
    if (valid)
        fetcher_set_fresh(remote->fetcher, remote->key, remote->pinned);
    else
        valid = may_do_without(remote, &failure);
    if (!valid)
        error_move(err, &failure);
    error_release(&failure);
    return valid;
}

static bool set_offline(const struct remote *remote, struct error *err)
{
    return error_set(err, ERROR_MISSING, "%s: not in the cache, and --offline", remote->name);
}

/* What is not held: the first bytes tell what it is. */
static bool begin(struct remote *remote, bool whole, struct error *err)
{
    if (options_of(remote)->offline)
        return set_offline(remote, err);
    if (!transfer_run(remote, TRANSFER_STORE, 0, whole ? -1 : CACHE_BLOCK, err))
        return false;
    if (!remote->entry->held || remote->entry->meta.size == 0)
        return error_set(err, ERROR_INPUT, "%s: the server sends an empty file", remote->name);
    fetcher_set_fresh(remote->fetcher, remote->key, remote->pinned);
    return true;
}

static bool is_fresh(struct remote *remote)
{
    char *url = fetcher_fresh_url(remote->fetcher, remote->key);
    free(url);
    return url != NULL;
}

static bool is_cached(const struct remote *remote)
{
    char *name = cache_name(remote->key);
    struct cache_entry *entry = cache_peek(remote->fetcher->audio_folder, name);
    bool there = entry != NULL;
    cache_close(entry);
    free(name);
    return there;
}

/* Who is offline did not want to write to a cache that is read-only. */
static bool open_cache(struct remote *remote, struct error *err)
{
    struct error failure = ERROR_INIT;
    remote->entry =
        cache_open(remote->fetcher->audio_folder, remote->key, options_of(remote)->stop, &failure);
    if (remote->entry)
        return true;
    if (options_of(remote)->offline && failure.kind != ERROR_INTERRUPTED && !is_cached(remote))
        set_offline(remote, err);
    else
        error_move(err, &failure);
    error_release(&failure);
    return false;
}

static bool open_entry(struct remote *remote, bool whole, struct error *err)
{
    if (!open_cache(remote, err))
        return false;
    if (!remote->entry->held)
        return begin(remote, whole || fetcher_has_changed(remote->fetcher, remote->key), err);
    bool again = options_of(remote)->refresh && !options_of(remote)->offline && !is_fresh(remote);
    if (!validate(remote, err))
        return false;
    if (!again || !is_fresh(remote)) /* while nobody answers, the copy is all there is */
        return true;
    fetcher_unset_fresh(remote->fetcher, remote->key);
    remote->changed = true; /* by decree */
    return error_set(err, ERROR_NETWORK, "%s: fetched anew each time", remote->name);
}

/* Without an entry where it fails; one of a file that changed is discarded. */
static bool open_once(struct remote *remote, bool whole, struct error *err)
{
    remote->changed = false;
    remote->ranges = RANGES_UNKNOWN;
    if (open_entry(remote, whole, err)) {
        cache_unlock(remote->entry);
        return true;
    }
    if (remote->entry && remote->changed)
        cache_discard(remote->entry);
    cache_close(remote->entry);
    remote->entry = NULL;
    return false;
}

static bool open_until_stable(struct remote *remote, bool whole, struct error *err)
{
    for (int openings = 1;; openings++) {
        struct error failure = ERROR_INIT;
        if (open_once(remote, whole, &failure))
            return true;
        if (!remote->changed || openings == MAX_OPENINGS) {
            error_move(err, &failure);
            return false;
        }
        error_release(&failure);
    }
}

struct remote *remote_open(struct fetcher *fetcher, const struct fetch_target *target, bool whole,
                           struct error *err)
{
    struct remote *remote = mem_zalloc(sizeof *remote);
    remote->fetcher = fetcher;
    remote->url = mem_strdup(target->url);
    remote->key = key_of(target->url, target->key);
    remote->name = url_redacted(target->url);
    remote->label = target->name ? mem_strdup(target->name) : url_slug(target->url);
    meter_init(&remote->meter, fetcher, remote->label ? remote->label : remote->name);
    meter_set_state(&remote->meter, FETCH_WAITING);
    if (open_until_stable(remote, whole, err)) {
        remote->meter.progress.size = remote->entry->meta.size;
        remote->meter.progress.held = cache_held_bytes(remote->entry);
        remote->meter.progress.wanted = remote->meter.progress.held;
        remote->meter.progress.state = FETCH_RUNNING;
        return remote;
    }
    meter_set_state(&remote->meter, FETCH_FAILED);
    remote_close(remote);
    return NULL;
}

void remote_close(struct remote *remote)
{
    if (!remote)
        return;
    cache_close(remote->entry);
    free(remote->pinned);
    free(remote->label);
    free(remote->name);
    free(remote->key);
    free(remote->url);
    free(remote);
}

/* Some known bytes that do not all look alike, so that a shift would show. */
static int64_t find_telling_bytes(const uint8_t *data, size_t size)
{
    for (size_t at = size - CHECK_SIZE; at >= CHECK_SIZE; at -= CHECK_SIZE) {
        int different = 0;
        for (size_t i = 1; i < CHECK_SIZE; i++)
            different += data[at + i] != data[at + i - 1];
        if (different >= CHECK_SIZE / 2)
            return (int64_t)at;
    }
    return CHECK_SIZE;
}

/* There are servers that answer with the right headers and the wrong bytes. A few bytes out of
 * those that are known show it before any others are believed. */
static bool check_ranges(struct remote *remote, struct error *err)
{
    uint8_t known[CACHE_BLOCK];
    size_t size = 0;
    if (!remote_bring(remote, 0, CACHE_BLOCK, err) ||
        !cache_read(remote->entry, 0, known, sizeof known, &size, err))
        return false;
    if (size < 2 * CHECK_SIZE)
        return true; /* it became damaged meanwhile; the next look finds it missing */
    int64_t at = find_telling_bytes(known, size);
    if (!transfer_run(remote, TRANSFER_COMPARE, at, at + CHECK_SIZE, err))
        return false;
    if (remote->ranges != RANGES_BAD)
        remote->ranges = RANGES_CHECKED;
    return true;
}

static bool is_settled(const struct remote *remote)
{
    return remote->ranges == RANGES_CHECKED || remote->ranges == RANGES_BAD;
}

/* Who has the range may be bringing what we want: then it is looked at again. */
static bool lock_range(struct remote *remote, int64_t first, int64_t end, bool *ret_waited,
                       struct error *err)
{
    *ret_waited = false;
    while (!cache_try_lock(remote->entry, first, end)) {
        if (!*ret_waited)
            meter_set_state(&remote->meter, FETCH_WAITING);
        *ret_waited = true;
        if (!clock_sleep(LOCK_POLL, options_of(remote)->stop, err))
            return false;
    }
    return true;
}

static bool fetch_run(struct remote *remote, int64_t first, int64_t end, struct error *err)
{
    bool waited;
    if (!lock_range(remote, first, end, &waited, err))
        return false;
    bool fetched = waited || transfer_run(remote, TRANSFER_STORE, first, end, err);
    cache_unlock(remote->entry);
    return fetched;
}

/* What is to be asked for next. */
static bool next_run(const struct remote *remote, int64_t first, int64_t end, int64_t *ret_first,
                     int64_t *ret_end)
{
    if (!cache_missing(remote->entry, first, end, ret_first, ret_end))
        return false;
    if (remote->ranges == RANGES_BAD) {
        cache_missing(remote->entry, 0, end, ret_first, ret_end);
        *ret_end = remote->entry->meta.size;
    }
    return true;
}

bool remote_bring(struct remote *remote, int64_t first, int64_t end, struct error *err)
{
    int64_t run_first, run_end;
    while (next_run(remote, first, end, &run_first, &run_end)) {
        if (options_of(remote)->offline)
            return error_set(err, ERROR_MISSING, "%s: not all of it is in the cache, and --offline",
                             remote->name);
        bool brought = run_first > 0 && !is_settled(remote)
                           ? check_ranges(remote, err)
                           : fetch_run(remote, run_first, run_end, err);
        if (!brought)
            return false;
    }
    return true;
}
