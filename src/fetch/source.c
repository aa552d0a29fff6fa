/* SPDX-License-Identifier: MIT */
/*
 * A source whose bytes come over HTTP, through the cache.
 *
 * How much is asked for at once follows the reader: one that jumps about (a probe, a bisection)
 * gets a block at a time; one that walks gets twice as much each time, but never more than an
 * eighth of what it has walked already, so that little is fetched in vain where it stops; one that
 * says what it will read gets that in one request.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "fetch/remote.h"
#include "format/url.h"

#define WALK_FREELY ((int64_t)256 * 1024) /* what a walk may ask for without having walked */
#define WALK_MOST   ((int64_t)4 * 1024 * 1024)

struct http_source {
    struct source source;
    struct remote *remote;
    int64_t last;   /* where the last read began, */
    int64_t next;   /* and how far the walk has come */
    int64_t walked; /* bytes of the walk so far */
    int64_t window; /* of the next request of a walk */
    int64_t expected, expected_end;
};

/* Reads of a walk may overlap: who looks for the next page of a file looks far ahead each time. */
static void follow_reader(struct http_source *http, int64_t offset, size_t size)
{
    int64_t end = offset + (int64_t)size;
    bool walks = offset >= http->last && offset <= http->next + CACHE_BLOCK;
    if (!walks) {
        http->walked = 0;
        http->window = CACHE_BLOCK;
        http->next = offset;
    }
    if (end > http->next) {
        http->walked += end - http->next;
        http->next = end;
    }
    http->last = offset;
}

/* The byte at `missing` belongs to what the reader expects, or that begins within its reach. */
static bool is_expected(const struct http_source *http, int64_t missing, int64_t wanted)
{
    if (http->expected <= missing)
        return missing < http->expected_end;
    return http->expected <= wanted + CACHE_BLOCK;
}

static int64_t wider(const struct http_source *http)
{
    int64_t most = http->walked / 8;
    if (most < WALK_FREELY)
        most = WALK_FREELY;
    if (most > WALK_MOST)
        most = WALK_MOST;
    return http->window * 2 < most ? http->window * 2 : most;
}

/* Up to where to ask, given that the byte at `missing` is the first that has to come. Who goes on
 * behind what was expected begins as a new walk: more may be said to be expected, or nothing. */
static int64_t choose_end(struct http_source *http, int64_t missing, int64_t wanted)
{
    int64_t end = missing + http->window;
    if (is_expected(http, missing, wanted)) {
        end = http->expected_end;
        http->window = CACHE_BLOCK;
    } else {
        http->window = wider(http);
    }
    return end > wanted ? end : wanted;
}

static bool bring(struct http_source *http, int64_t missing, int64_t wanted, struct error *err)
{
    struct meter *meter = &http->remote->meter;
    missing -= missing % CACHE_BLOCK;
    int64_t end = choose_end(http, missing, wanted);
    if (end > http->source.size)
        end = http->source.size;
    if (remote_bring(http->remote, missing, end, err)) {
        meter_set_state(meter, FETCH_RUNNING);
        return true;
    }
    meter_set_state(meter, FETCH_FAILED);
    return false;
}

static bool http_read(struct source *source, int64_t offset, void *data, size_t size,
                      size_t *ret_size, struct error *err)
{
    struct http_source *http = (struct http_source *)source;
    size_t done = 0;
    follow_reader(http, offset, size);
    while (done < size) {
        int64_t at = offset + (int64_t)done;
        size_t got = 0;
        if (!cache_read(http->remote->entry, at, (uint8_t *)data + done, size - done, &got, err))
            return false;
        done += got;
        if (done < size && !bring(http, at + (int64_t)got, offset + (int64_t)size, err))
            return false;
    }
    *ret_size = done;
    return true;
}

static void http_expect(struct source *source, int64_t offset, int64_t size)
{
    struct http_source *http = (struct http_source *)source;
    http->expected = offset;
    http->expected_end = size < source->size - offset ? offset + size : source->size;
}

static void http_destroy_source(struct source *source)
{
    struct http_source *http = (struct http_source *)source;
    struct meter *meter = &http->remote->meter;
    if (meter->progress.state != FETCH_FAILED)
        meter_set_state(meter, FETCH_DONE);
    remote_close(http->remote);
    free(http);
}

static const struct source_class http_class = {
    .name = "http",
    .read = http_read,
    .expect = http_expect,
    .destroy = http_destroy_source,
    .window = (size_t)CACHE_BLOCK,
};

struct source *fetch_open(struct fetcher *fetcher, const struct fetch_target *target,
                          struct error *err)
{
    struct remote *remote = remote_open(fetcher, target, false, err);
    if (!remote)
        return NULL;
    struct http_source *http = mem_zalloc(sizeof *http);
    http->remote = remote;
    http->window = CACHE_BLOCK;
    char *name = url_redacted(target->url);
    source_init(&http->source, &http_class, name, remote->entry->meta.size);
    free(name);
    return &http->source;
}

bool fetch_changed(const struct source *source)
{
    return source->class == &http_class && ((const struct http_source *)source)->remote->changed;
}

bool fetch_rest(struct source *source, struct error *err)
{
    if (source->class != &http_class)
        return true;
    struct remote *remote = ((struct http_source *)source)->remote;
    if (remote->fetcher->options.offline)
        return true;
    remote->meter.progress.wanted = source->size;
    bool brought = remote_bring(remote, 0, source->size, err);
    meter_set_state(&remote->meter, brought ? FETCH_RUNNING : FETCH_FAILED);
    return brought;
}

int64_t fetch_received(const struct source *source)
{
    return source->class == &http_class ? ((const struct http_source *)source)->remote->received
                                        : 0;
}

char *fetch_version(const struct source *source)
{
    if (source->class != &http_class)
        return NULL;
    const struct meta *meta = &((const struct http_source *)source)->remote->entry->meta;
    const char *validator = meta->etag ? meta->etag : meta->last_modified;
    return mem_format("%s %" PRId64, validator ? validator : "-", meta->size);
}

int64_t fetch_missing(const struct source *source, int64_t offset, int64_t size)
{
    if (source->class != &http_class)
        return 0;
    const struct cache_entry *entry = ((const struct http_source *)source)->remote->entry;
    int64_t end = size < source->size - offset ? offset + size : source->size;
    int64_t missing = 0, first = 0, after = 0;
    for (int64_t at = offset; cache_missing(entry, at, end, &first, &after); at = after)
        missing += (after < end ? after : end) - (first > at ? first : at);
    return missing;
}

/* *ret_changed: the file changed meanwhile, and it may go better another time. */
static bool fetch_whole_once(struct fetcher *fetcher, const struct fetch_target *target,
                             struct fetch_result *ret_result, bool *ret_changed, struct error *err)
{
    struct remote *remote = remote_open(fetcher, target, true, err);
    if (!remote)
        return false;
    struct cache_entry *entry = remote->entry;
    remote->meter.progress.wanted = entry->meta.size;
    bool brought = cache_verify(entry, err) && remote_bring(remote, 0, entry->meta.size, err);
    *ret_changed = remote->changed;
    if (brought)
        *ret_result =
            (struct fetch_result){mem_strdup(entry->data_path), entry->meta.size, remote->received};
    else if (remote->changed)
        cache_discard(entry);
    meter_set_state(&remote->meter, brought ? FETCH_DONE : FETCH_FAILED);
    remote_close(remote);
    return brought;
}

bool fetch_whole(struct fetcher *fetcher, const struct fetch_target *target,
                 struct fetch_result *ret_result, struct error *err)
{
    struct error first = ERROR_INIT;
    bool changed = false;
    if (fetch_whole_once(fetcher, target, ret_result, &changed, &first))
        return true;
    if (!changed) {
        error_move(err, &first);
        return false;
    }
    error_release(&first);
    return fetch_whole_once(fetcher, target, ret_result, &changed, err);
}
