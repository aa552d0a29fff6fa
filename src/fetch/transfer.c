/* SPDX-License-Identifier: MIT */
#include "fetch/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "fetch/retry.h"

/* Validators that can stand in If-Range (RFC 9110, 13.1.5): weak ones cannot. */
static const char *range_validator(const struct meta *meta)
{
    return header_etag_is_strong(meta->etag) ? meta->etag : meta->last_modified;
}

static struct http_request request_of(struct transfer *transfer)
{
    struct remote *remote = transfer->remote;
    const struct meta *meta = &remote->entry->meta;
    struct http_request request = {
        .url = remote->pinned ? remote->pinned : remote->url,
        .login_url = remote->url,
        .accept = "audio/*, video/*;q=0.9, */*;q=0.5",
        .first = -1,
        .last = -1,
        .sink = answer_sink(transfer),
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
    if (transfer->mode != TRANSFER_VALIDATE) /* since it was opened */
        fetcher_set_changed(remote->fetcher, remote->key);
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
        return answer_is_file(transfer, err) ? set_changed(transfer, err) : STEP_FAILED;
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
        bool other_size = transfer->begun && response->has_range && response->range.total > 0 &&
                          response->range.total != transfer->remote->entry->meta.size;
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
    transfer->stalled = response.stalled;
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
    } else if (outcome == HTTP_DONE && answer_finish(transfer, err)) {
        step = answer_is_complete(transfer) ? STEP_DONE : STEP_WAIT;
        if (step == STEP_WAIT)
            error_set(err, ERROR_NETWORK, "%s: the server ended its answer early",
                      transfer->remote->name);
    }
    http_response_release(&response);
    return step;
}

/* However often the server changes its mind, we ask at once only so often. */
#define MAX_TURNS 8

/* A server that sends a little each time before it stalls would keep us for days. */
#define STALLED_PROGRESS ((int64_t)1024 * 1024)

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
        if (transfer->position - before >= (transfer->stalled ? STALLED_PROGRESS : 1))
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
        .buffer = mem_alloc(ANSWER_BUFFER_SIZE),
    };
    bool done = run(&transfer, err);
    if (!done && mode == TRANSFER_STORE)
        answer_keep(&transfer);
    meta_release(&transfer.meta);
    free(transfer.buffer);
    return done;
}
