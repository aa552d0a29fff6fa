/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "fetch/clock.h"
#include "fetch/disk.h"
#include "fetch/remote.h"
#include "fetch/retry.h"
#include "format/url.h"

#define SNIFF_SIZE  512                         /* enough to tell a web page from audio */
#define BUFFER_SIZE ((size_t)(2 * CACHE_BLOCK)) /* a block, and what comes at a time */

/* What the answer turned out to be, where it is not what was asked for. */
enum verdict {
    VERDICT_NONE,
    VERDICT_SAME,        /* validated */
    VERDICT_CHANGED,     /* it is of another file */
    VERDICT_NO_RANGES,   /* it cannot be used; ask for the whole file */
    VERDICT_NO_IF_RANGE, /* ask again without that condition */
};

/* Invariant: what lies in front of `position` was stored or compared, except for the `buffered`
 * bytes right before it, which wait for the rest of their block. */
struct transfer {
    struct remote *remote;
    enum transfer_mode mode;
    int64_t end;      /* -1: not known */
    int64_t position; /* of the next byte that is wanted */
    int64_t cursor;   /* of the next byte that comes */
    bool ranged;      /* this request asked for a range */
    bool conditional; /* it held If-Range */
    bool begun;       /* the entry has its meta */
    int64_t claimed;  /* size of the file by a part that could not be used; 0: none */
    enum verdict verdict;
    struct meta meta; /* of the answer */
    uint8_t *buffer;
    size_t buffered;
};

static struct cache_entry *entry_of(const struct transfer *transfer)
{
    return transfer->remote->entry;
}

/* Of the file; -1 where it is not known. */
static int64_t size_of(const struct transfer *transfer)
{
    const struct cache_entry *entry = entry_of(transfer);
    return entry->held ? entry->meta.size : transfer->meta.size;
}

/* Some servers send a part with status 200 and a Content-Range. */
static bool is_part(const struct http_response *response)
{
    return response->status == 206 || (response->has_range && response->range.first >= 0);
}

static struct meta meta_of(const struct remote *remote, const struct http_response *response)
{
    struct meta meta = META_INIT;
    meta.url = url_redacted(remote->url);
    meta.final_url = url_redacted(response->url);
    meta.etag = mem_strdup(response->etag);
    meta.last_modified = mem_strdup(response->last_modified);
    meta.type = mem_strdup(response->type);
    if (is_part(response))
        meta.size = response->has_range ? response->range.total : -1;
    else
        meta.size = response->length;
    return meta;
}

static bool stop_with(struct transfer *transfer, enum verdict verdict)
{
    transfer->verdict = verdict;
    return false;
}

/* Several parts in one body (RFC 9110, 14.6), which we never ask for. */
static bool is_multipart(const struct http_response *response)
{
    return slice_starts_nocase(slice_of(response->type), SLICE("multipart/"));
}

/* A part that is what we asked for, and as long as it says. */
static bool is_right_part(const struct transfer *transfer, const struct http_response *response)
{
    const struct content_range *range = &response->range;
    return transfer->ranged && !is_multipart(response) && response->has_range &&
           range->first == transfer->position && range->total > 0 &&
           (response->length < 0 || response->length == range->last - range->first + 1);
}

static bool begin_part(struct transfer *transfer, const struct http_response *response)
{
    if (!is_right_part(transfer, response)) {
        transfer->claimed = transfer->meta.size;
        return stop_with(transfer, VERDICT_NO_RANGES);
    }
    transfer->cursor = response->range.first;
    if (transfer->end > size_of(transfer))
        transfer->end = size_of(transfer);
    if (transfer->remote->ranges == RANGES_UNKNOWN)
        transfer->remote->ranges = RANGES_ANSWERED;
    return true;
}

/* All that comes is to be kept, from the first byte on that is not held. */
static void want_the_rest(struct transfer *transfer)
{
    struct cache_entry *entry = entry_of(transfer);
    int64_t first, end;
    transfer->end = size_of(transfer);
    if (!entry->held)
        return;
    transfer->buffered = 0;
    transfer->position = transfer->end;
    if (cache_missing(entry, 0, transfer->end, &first, &end))
        transfer->position = first;
}

/* The whole file, though we may have asked for a part. */
static bool begin_whole(struct transfer *transfer)
{
    struct remote *remote = transfer->remote;
    if (transfer->ranged && transfer->conditional && remote->ranges != RANGES_UNKNOWN)
        return stop_with(transfer, VERDICT_NO_IF_RANGE);
    transfer->cursor = 0;
    if (transfer->ranged)
        remote->ranges = RANGES_BAD;
    if (transfer->mode == TRANSFER_COMPARE)
        return stop_with(transfer, VERDICT_NO_RANGES);
    if (transfer->mode == TRANSFER_STORE)
        want_the_rest(transfer);
    else if (transfer->end > size_of(transfer))
        transfer->end = size_of(transfer);
    return true;
}

static bool check_size(const struct transfer *transfer, int64_t size, struct error *err)
{
    const struct remote *remote = transfer->remote;
    int64_t limit = remote->fetcher->options.max_size;
    if (size > limit)
        return error_set(err, ERROR_INPUT,
                         "%s: larger than %lld MiB, which is the most that is fetched; try "
                         "--max-size",
                         remote->name, (long long)(limit >> 20));
    return true;
}

static bool on_begin(void *context, const struct http_response *response, struct error *err)
{
    struct transfer *transfer = context;
    struct remote *remote = transfer->remote;
    meta_release(&transfer->meta);
    transfer->meta = meta_of(remote, response);

    if (response->encoded)
        return error_set(err, ERROR_INPUT,
                         "%s: the server sends it compressed, which it was asked not to",
                         remote->name);
    if (!check_size(transfer, transfer->meta.size, err))
        return false;
    if (transfer->begun && !meta_same_version(&entry_of(transfer)->meta, &transfer->meta))
        return stop_with(transfer, VERDICT_CHANGED);
    if (transfer->mode == TRANSFER_VALIDATE &&
        (transfer->meta.etag || transfer->meta.last_modified))
        return stop_with(transfer, VERDICT_SAME);
    if (!is_part(response) && transfer->claimed > 0 && transfer->meta.size >= 0 &&
        transfer->claimed != transfer->meta.size)
        return error_set(
            err, ERROR_NETWORK, "%s: the server says that it is %lld bytes long, and then %lld",
            remote->name, (long long)transfer->claimed, (long long)transfer->meta.size);
    bool begun = is_part(response) ? begin_part(transfer, response) : begin_whole(transfer);
    if (!begun || transfer->mode != TRANSFER_STORE || transfer->end < 0)
        return begun;
    int64_t left = transfer->end - transfer->position;
    meter_expect(&remote->meter, size_of(transfer), left);
    return disk_has_room(entry_of(transfer)->folder, left, err);
}

static bool begin_entry(struct transfer *transfer, struct error *err)
{
    const struct remote *remote = transfer->remote;
    char *type = header_media_type(slice_of(transfer->meta.type));
    bool page = header_is_page(type, transfer->buffer, transfer->buffered);
    free(type);
    if (page)
        return error_set(err, ERROR_INPUT, "%s: the server answers with a web page, not with audio",
                         remote->name);
    transfer->begun = cache_begin(entry_of(transfer), &transfer->meta, err);
    return transfer->begun;
}

/* Writes what is whole of the buffer's blocks; all of it at the end of the file. */
static bool flush(struct transfer *transfer, bool at_end, struct error *err)
{
    size_t size = transfer->buffered;
    if (!at_end)
        size -= size % (size_t)CACHE_BLOCK;
    if (!transfer->begun || !size)
        return true;
    if (!cache_write(entry_of(transfer), transfer->position - (int64_t)transfer->buffered,
                     transfer->buffer, size, err))
        return false;
    transfer->buffered -= size;
    memmove(transfer->buffer, transfer->buffer + size, transfer->buffered);
    return true;
}

static bool keep(struct transfer *transfer, const uint8_t *data, size_t size, struct error *err)
{
    while (size) {
        size_t room = BUFFER_SIZE - transfer->buffered;
        size_t step = size < room ? size : room;
        memcpy(transfer->buffer + transfer->buffered, data, step);
        transfer->buffered += step;
        transfer->position += (int64_t)step;
        data += step;
        size -= step;
        if (!transfer->begun && transfer->buffered >= SNIFF_SIZE && !begin_entry(transfer, err))
            return false;
        bool at_end = transfer->position == size_of(transfer);
        if ((at_end && transfer->begun) || transfer->buffered >= (size_t)CACHE_BLOCK)
            if (!flush(transfer, at_end, err))
                return false;
    }
    return true;
}

static bool compare(struct transfer *transfer, const uint8_t *data, size_t size, struct error *err)
{
    uint8_t known[CACHE_BLOCK];
    while (size) {
        size_t step = size < sizeof known ? size : sizeof known, got = 0;
        if (!cache_read(entry_of(transfer), transfer->position, known, step, &got, err))
            return false;
        if (got < step || memcmp(known, data, step) != 0)
            return stop_with(transfer, transfer->mode == TRANSFER_VALIDATE ? VERDICT_CHANGED
                                                                           : VERDICT_NO_RANGES);
        transfer->position += (int64_t)step;
        data += step;
        size -= step;
    }
    return true;
}

/* Between what comes and what is wanted: nothing before the position, nothing past the end. */
static bool on_write(void *context, const uint8_t *data, size_t size, struct error *err)
{
    struct transfer *transfer = context;
    struct remote *remote = transfer->remote;
    remote->received += (int64_t)size;
    remote->meter.progress.received += (int64_t)size;
    if (transfer->cursor < transfer->position) {
        int64_t skip = transfer->position - transfer->cursor;
        size_t step = (int64_t)size < skip ? size : (size_t)skip;
        transfer->cursor += (int64_t)step;
        data += step;
        size -= step;
    }
    bool over = transfer->end >= 0 && (int64_t)size > transfer->end - transfer->position;
    if (over)
        size = (size_t)(transfer->end - transfer->position);
    transfer->cursor += (int64_t)size;
    if (transfer->mode != TRANSFER_STORE) {
        if (!compare(transfer, data, size, err))
            return false;
    } else {
        if (!keep(transfer, data, size, err) || !check_size(transfer, transfer->position, err))
            return false;
        rate_meter_add(&remote->meter, size);
    }
    return !over; /* an answer that ends by itself leaves a connection to go on with */
}

/* All that was wanted is here. */
static bool is_complete(const struct transfer *transfer)
{
    return transfer->end >= 0 && transfer->position >= transfer->end;
}

/* Validators that can stand in If-Range (RFC 9110, 13.1.5): weak ones cannot. */
static const char *range_validator(const struct meta *meta)
{
    return header_etag_is_strong(meta->etag) ? meta->etag : meta->last_modified;
}

static struct http_request request_of(struct transfer *transfer)
{
    struct remote *remote = transfer->remote;
    const struct meta *meta = &entry_of(transfer)->meta;
    struct http_request request = {
        .url = remote->pinned ? remote->pinned : remote->url,
        .login_url = remote->url,
        .accept = "audio/*, video/*;q=0.9, */*;q=0.5",
        .first = -1,
        .last = -1,
        .sink = {.begin = on_begin, .write = on_write, .context = transfer},
    };
    if (!transfer->begun) { /* too little came to know what it is */
        transfer->position -= (int64_t)transfer->buffered;
        transfer->buffered = 0;
    }
    bool resumes = transfer->begun && meta->size >= 0 && transfer->position > 0;
    transfer->ranged = remote->ranges != RANGES_BAD && (transfer->end >= 0 || resumes);
    transfer->conditional = false;
    if (transfer->ranged) {
        request.first = transfer->position;
        request.last = transfer->end >= 0 ? transfer->end - 1 : meta->size - 1;
    }
    if (transfer->mode == TRANSFER_VALIDATE) {
        request.if_none_match = meta->etag;
        request.if_modified_since = meta->etag ? NULL : meta->last_modified;
    } else if (transfer->ranged && transfer->begun && !remote->no_if_range) {
        request.if_range = range_validator(meta);
        transfer->conditional = request.if_range != NULL;
    }
    return request;
}

/* At the end of an answer: was the file's size unknown until now? */
static bool finish(struct transfer *transfer, struct error *err)
{
    struct cache_entry *entry = entry_of(transfer);
    if (transfer->mode != TRANSFER_STORE)
        return true;
    if (!transfer->begun && transfer->buffered && !begin_entry(transfer, err))
        return false;
    if (transfer->begun && !entry->held && transfer->meta.size < 0) {
        if (!flush(transfer, true, err) || !cache_finish(entry, transfer->position, err))
            return false;
        transfer->end = transfer->position;
        transfer->remote->ranges = RANGES_BAD;
    }
    return !is_complete(transfer) || flush(transfer, transfer->end == size_of(transfer), err);
}

enum step {
    STEP_DONE,
    STEP_AGAIN, /* at once */
    STEP_WAIT,  /* and then again */
    STEP_FAILED,
};

static enum step set_changed(struct transfer *transfer, struct error *err)
{
    struct remote *remote = transfer->remote;
    remote->changed = true;
    fetcher_unset_fresh(remote->fetcher, remote->key);
    error_release(err);
    error_set(err, ERROR_NETWORK, "%s: the file changed on the server while it was read",
              remote->name);
    return STEP_FAILED;
}

/* From now on without ranges: from the beginning, whatever is held. */
static enum step give_up_ranges(struct transfer *transfer, struct error *err)
{
    struct remote *remote = transfer->remote;
    remote->ranges = RANGES_BAD;
    if (transfer->mode == TRANSFER_COMPARE)
        return STEP_DONE;
    if (!transfer->ranged) {
        error_set(err, ERROR_NETWORK, "%s: the server sends a part where the whole was asked for",
                  remote->name);
        return STEP_FAILED;
    }
    log_info(remote->fetcher->options.log,
             "%s: the server does not send the parts that it is asked for; fetching it whole",
             remote->name);
    transfer->end = -1;
    return STEP_AGAIN;
}

static enum step judge_verdict(struct transfer *transfer, struct error *err)
{
    switch (transfer->verdict) {
    case VERDICT_CHANGED:
        return set_changed(transfer, err);
    case VERDICT_NO_RANGES:
        return give_up_ranges(transfer, err);
    case VERDICT_NO_IF_RANGE:
        transfer->remote->no_if_range = true;
        return STEP_AGAIN;
    case VERDICT_SAME:
    case VERDICT_NONE:
        break;
    }
    return STEP_DONE;
}

/* Two requests that are redirected may meet two versions of a file: from now on ask who answered.
 */
static void pin(struct remote *remote, const struct http_response *response)
{
    if (response->status != 200 && response->status != 206 && response->status != 304)
        return;
    free(remote->pinned);
    remote->pinned = mem_strdup(response->url);
}

/* The URL behind the redirects may have been good for a while only. */
static bool unpin(struct remote *remote, int status)
{
    bool expired = status == 401 || status == 403 || status == 404 || status == 410;
    if (!expired || !remote->pinned || strcmp(remote->pinned, remote->url) == 0)
        return false;
    free(remote->pinned);
    remote->pinned = NULL;
    return true;
}

static enum step judge_refusal(struct transfer *transfer, const struct http_response *response,
                               struct error *err)
{
    if (response->status == 416 && transfer->ranged) {
        error_release(err);
        bool other_size = transfer->begun && response->has_range && response->range.total >= 0 &&
                          response->range.total != entry_of(transfer)->meta.size;
        return other_size ? set_changed(transfer, err) : give_up_ranges(transfer, err);
    }
    if (unpin(transfer->remote, response->status)) {
        error_release(err);
        return STEP_AGAIN;
    }
    return STEP_FAILED;
}

static enum step try_once(struct transfer *transfer, int64_t *ret_after, struct error *err)
{
    struct http_request request = request_of(transfer);
    struct http_response response;
    transfer->verdict = VERDICT_NONE;
    enum http_outcome outcome =
        http_exchange(transfer->remote->fetcher->http, &request, &response, err);
    enum step step = STEP_FAILED;
    *ret_after = response.retry_after;
    pin(transfer->remote, &response);
    if (transfer->verdict != VERDICT_NONE && transfer->verdict != VERDICT_SAME) {
        step = judge_verdict(transfer, err);
    } else if (outcome == HTTP_REFUSED) {
        step = judge_refusal(transfer, &response, err);
    } else if (outcome == HTTP_RETRY) {
        step = STEP_WAIT;
    } else if (outcome == HTTP_DONE && transfer->mode == TRANSFER_VALIDATE &&
               (response.status == 304 || transfer->verdict == VERDICT_SAME)) {
        step = STEP_DONE;
    } else if (outcome == HTTP_DONE && finish(transfer, err)) {
        step = is_complete(transfer) ? STEP_DONE : STEP_WAIT;
        if (step == STEP_WAIT)
            error_set(err, ERROR_NETWORK, "%s: the server ended its answer early",
                      transfer->remote->name);
    }
    http_response_release(&response);
    return step;
}

/* However often the server changes its mind, we ask at once only so often. */
#define MAX_TURNS 8

static bool run(struct transfer *transfer, struct error *err)
{
    struct remote *remote = transfer->remote;
    struct retry retry;
    struct error failure = ERROR_INIT;
    enum step step = STEP_AGAIN;
    fetcher_begin_tries(remote->fetcher, &retry);
    for (int turns = 0; step == STEP_AGAIN || step == STEP_WAIT;) {
        int64_t before = transfer->position, after = -1;
        error_release(&failure);
        step = try_once(transfer, &after, &failure);
        if (transfer->position > before)
            retry_progress(&retry);
        if (step == STEP_WAIT) {
            meter_set_state(&remote->meter, FETCH_RETRYING);
            if (!fetcher_wait(remote->fetcher, &retry, after, &failure))
                step = STEP_FAILED;
        }
        if (step == STEP_AGAIN && ++turns > MAX_TURNS) {
            error_set(&failure, ERROR_NETWORK, "%s: the server contradicts itself", remote->name);
            step = STEP_FAILED;
        }
    }
    if (step == STEP_FAILED)
        error_move(err, &failure);
    error_release(&failure);
    return step == STEP_DONE;
}

bool transfer_run(struct remote *remote, enum transfer_mode mode, int64_t first, int64_t end,
                  struct error *err)
{
    struct transfer transfer = {
        .remote = remote,
        .mode = mode,
        .end = end,
        .position = first,
        .begun = remote->entry->held,
        .meta = META_INIT,
        .buffer = mem_alloc(BUFFER_SIZE),
    };
    bool done = run(&transfer, err);
    if (!done && mode == TRANSFER_STORE)
        flush(&transfer, false, NULL); /* what came is kept for the next time */
    meta_release(&transfer.meta);
    free(transfer.buffer);
    return done;
}
