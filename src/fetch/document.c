/* SPDX-License-Identifier: MIT */
/*
 * Documents: fetched whole, kept in CACHE/documents as one file each: its meta, then its bytes.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "fetch/cache.h"
#include "fetch/fetcher.h"
#include "fetch/mark.h"
#include "format/url.h"

/* A document as it came. */
struct copy {
    bool present;
    struct meta meta;
    struct buffer body;
};

struct fetching {
    struct fetcher *fetcher;
    const char *url;
    char *name; /* for messages: without secrets */
    char *key, *path;
    struct copy stored, answer;
};

void document_release(struct document *document)
{
    free(document->data);
    free(document->url);
    free(document->type);
    free(document->charset);
    *document = (struct document){0};
}

static void copy_release(struct copy *copy)
{
    meta_release(&copy->meta);
    buffer_release(&copy->body);
    copy->present = false;
}

static uint64_t mark_of(struct slice bytes)
{
    return mark_of_bytes((const uint8_t *)bytes.data, bytes.size);
}

/* What is torn, or too large for who asks now, is as good as not there. */
static void read_stored(struct fetching *fetching)
{
    struct copy *stored = &fetching->stored;
    struct buffer file = BUFFER_INIT(META_MAX_SIZE + stored->body.limit);
    if (file_read(fetching->path, &file, NULL)) {
        struct slice rest = buffer_slice(&file);
        stored->present = meta_read(&rest, &stored->meta) && stored->meta.final_url &&
                          mark_of(rest) == stored->meta.mark &&
                          buffer_append_slice(&stored->body, rest);
    }
    if (stored->present)
        utimensat(AT_FDCWD, fetching->path, NULL, 0); /* when it was last used */
    else
        copy_release(stored);
    buffer_release(&file);
}

/* A cache that cannot be written is no reason to have no document. */
static void store(const struct fetching *fetching)
{
    const struct copy *answer = &fetching->answer;
    struct buffer file = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct error failure = ERROR_INIT;
    meta_write(&answer->meta, &file);
    buffer_append_slice(&file, buffer_slice(&answer->body));
    if (!file_write(fetching->path, file.data, file.size, &failure))
        log_warning(fetching->fetcher->options.log, "%s", failure.message);
    error_release(&failure);
    buffer_release(&file);
}

static bool on_begin(void *context, const struct http_response *response, struct error *err)
{
    struct fetching *fetching = context;
    struct copy *answer = &fetching->answer;
    (void)err;
    meta_release(&answer->meta);
    buffer_clear(&answer->body);
    answer->meta.url = url_redacted(fetching->url);
    answer->meta.final_url = mem_strdup(response->url);
    answer->meta.etag = mem_strdup(response->etag);
    answer->meta.last_modified = mem_strdup(response->last_modified);
    answer->meta.type = mem_strdup(response->type);
    return true;
}

static bool on_write(void *context, const uint8_t *data, size_t size, struct error *err)
{
    struct fetching *fetching = context;
    struct buffer *body = &fetching->answer.body;
    return buffer_append(body, data, size) ||
           error_set(err, ERROR_INPUT, "%s: larger than %zu KiB, which is the most that is read",
                     fetching->name, body->limit >> 10);
}

/* Until an answer is whole, or it is no use. The answer is then there, or the stored copy is still
 * the right one. */
static bool ask(struct fetching *fetching, struct error *err)
{
    struct fetcher *fetcher = fetching->fetcher;
    const struct meta *known = &fetching->stored.meta;
    bool conditional = fetching->stored.present && !fetcher->options.refresh;
    struct http_request request = {
        .url = fetching->url,
        .first = -1,
        .last = -1,
        .compressed = true,
        .if_none_match = conditional ? known->etag : NULL,
        .if_modified_since = conditional && !known->etag ? known->last_modified : NULL,
        .sink = {.begin = on_begin, .write = on_write, .context = fetching},
    };
    struct retry retry;
    fetcher_begin_tries(fetcher, &retry);
    for (;;) {
        struct http_response response;
        enum http_outcome outcome = http_exchange(fetcher->http, &request, &response, err);
        int64_t after = response.retry_after;
        fetching->answer.present = outcome == HTTP_DONE && response.status != 304;
        http_response_release(&response);
        if (outcome == HTTP_DONE)
            return true;
        if (outcome != HTTP_RETRY || !fetcher_wait(fetcher, &retry, after, err))
            return false;
    }
}

/* The server cannot be reached, but an older copy is here. */
static bool may_do_without(const struct fetching *fetching, const struct error *why)
{
    if (why->kind != ERROR_NETWORK || !fetching->stored.present)
        return false;
    log_warning(fetching->fetcher->options.log, "%s; using the copy in the cache", why->message);
    return true;
}

static bool bring(struct fetching *fetching, struct error *err)
{
    struct error failure = ERROR_INIT;
    if (!ask(fetching, &failure)) {
        bool stale = may_do_without(fetching, &failure);
        if (!stale)
            error_move(err, &failure);
        error_release(&failure);
        return stale;
    }
    struct copy *answer = &fetching->answer;
    if (answer->present) {
        answer->meta.size = (int64_t)answer->body.size;
        answer->meta.mark = mark_of(buffer_slice(&answer->body));
        store(fetching);
    }
    fetcher_set_fresh(fetching->fetcher, fetching->key, fetching->url);
    return true;
}

static bool is_fresh(const struct fetching *fetching)
{
    char *url = fetcher_fresh_url(fetching->fetcher, fetching->key);
    free(url);
    return url != NULL;
}

static bool find(struct fetching *fetching, struct error *err)
{
    read_stored(fetching);
    if (fetching->stored.present && (fetching->fetcher->options.offline || is_fresh(fetching)))
        return true;
    if (fetching->fetcher->options.offline)
        return error_set(err, ERROR_MISSING, "%s: not in the cache, and --offline", fetching->name);
    return bring(fetching, err);
}

static void hand_over(struct copy *copy, bool from_cache, struct document *ret_document)
{
    struct slice type = slice_of(copy->meta.type);
    size_t size = copy->body.size; /* before it is detached */
    *ret_document = (struct document){
        .size = size,
        .data = buffer_detach(&copy->body),
        .url = mem_strdup(copy->meta.final_url),
        .type = header_media_type(type),
        .charset = header_charset(type),
        .from_cache = from_cache,
    };
}

bool fetch_document(struct fetcher *fetcher, const char *url, size_t max_bytes,
                    struct document *ret_document, struct error *err)
{
    struct fetching fetching = {
        .fetcher = fetcher,
        .url = url,
        .name = url_redacted(url),
        .stored = {.meta = META_INIT, .body = BUFFER_INIT(max_bytes)},
        .answer = {.meta = META_INIT, .body = BUFFER_INIT(max_bytes)},
    };
    char *plain = url_without_fragment(url);
    char *name = cache_name(plain);
    fetching.key = mem_format("document:%s", plain);
    fetching.path = path_join(fetcher->document_folder, name);
    bool found = find(&fetching, err);
    if (found && fetching.answer.present)
        hand_over(&fetching.answer, false, ret_document);
    else if (found)
        hand_over(&fetching.stored, true, ret_document);
    copy_release(&fetching.stored);
    copy_release(&fetching.answer);
    free(fetching.path);
    free(fetching.key);
    free(fetching.name);
    free(name);
    free(plain);
    return found;
}
