/* SPDX-License-Identifier: MIT */
#include "fetch/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "fetch/disk.h"
#include "format/url.h"

#define SNIFF_SIZE 512 /* enough to tell a web page from audio */

static struct cache_entry *entry_of(const struct transfer *transfer)
{
    return transfer->remote->entry;
}

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

static bool set_page(const struct transfer *transfer, enum error_kind kind, struct error *err)
{
    return error_set(err, kind, "%s: the server answers with a web page, not with audio",
                     transfer->remote->name);
}

bool answer_is_file(const struct transfer *transfer, struct error *err)
{
    char *type = header_media_type(slice_of(transfer->meta.type));
    char *known = header_media_type(slice_of(entry_of(transfer)->meta.type));
    bool is_file = true;
    if (header_is_text_type(type) && strcmp(type, known) != 0)
        is_file = set_page(transfer, ERROR_NETWORK, err);
    else if (transfer->meta.size == 0)
        is_file = error_set(err, ERROR_NETWORK, "%s: the server sends an empty file",
                            transfer->remote->name);
    free(type);
    free(known);
    return is_file;
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
    char *type = header_media_type(slice_of(transfer->meta.type));
    bool page = header_is_page(type, transfer->buffer, transfer->buffered);
    free(type);
    if (page)
        return set_page(transfer, ERROR_INPUT, err);
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
        size_t room = ANSWER_BUFFER_SIZE - transfer->buffered;
        size_t step = size < room ? size : room;
        memcpy(transfer->buffer + transfer->buffered, data, step);
        transfer->buffered += step;
        transfer->position += (int64_t)step;
        data += step;
        size -= step;
        if (!transfer->begun && transfer->buffered >= SNIFF_SIZE && !begin_entry(transfer, err))
            return false;
        bool at_end = transfer->position == size_of(transfer);
        if ((at_end && transfer->begun) || transfer->buffered >= ANSWER_RUN)
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

bool answer_is_complete(const struct transfer *transfer)
{
    return transfer->end >= 0 && transfer->position >= transfer->end;
}

struct http_sink answer_sink(struct transfer *transfer)
{
    return (struct http_sink){.begin = on_begin, .write = on_write, .context = transfer};
}

bool answer_finish(struct transfer *transfer, struct error *err)
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
    return !answer_is_complete(transfer) ||
           flush(transfer, transfer->end == size_of(transfer), err);
}

void answer_keep(struct transfer *transfer)
{
    flush(transfer, false, NULL);
}
