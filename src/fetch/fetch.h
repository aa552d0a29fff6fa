/* SPDX-License-Identifier: MIT */
/*
 * What comes over HTTP: documents (feeds, pages, transcripts) as a whole, audio by offset, and both
 * through a cache on disk.
 *
 * One fetcher serves the whole program. All its functions may be called from several threads at
 * once; a source that it opened belongs to one thread at a time. Everything that it opened must be
 * destroyed before it.
 *
 * URLs are http or https, before and after redirects. Errors are of kind ERROR_NETWORK where the
 * server or the way to it failed, ERROR_MISSING where it says that there is no such thing (404,
 * 410) or --offline finds nothing in the cache, ERROR_INPUT where the answer is not what it should
 * be, ERROR_SYSTEM where the cache cannot be written, ERROR_INTERRUPTED after a stop. No message
 * holds a password, a token or a header's value.
 */
#ifndef CLIPNOTES_FETCH_FETCH_H
#define CLIPNOTES_FETCH_FETCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"
#include "base/source.h"

/* A header for one host and no other: "Authorization: Bearer ...". */
struct fetch_header {
    const char *host; /* "example.com", or "example.com:8443" for that port alone */
    const char *line; /* "Name: value" */
};

enum fetch_state {
    FETCH_WAITING,  /* for its turn, or for another process that fetches the same */
    FETCH_RUNNING,  /* bytes come in */
    FETCH_RETRYING, /* something went wrong, and it will be tried again */
    FETCH_DONE,
    FETCH_FAILED,
};

/* How far one file has come. */
struct fetch_progress {
    unsigned id;      /* of the download, from 1 on: each open or whole fetch has its own */
    const char *name; /* as in the target; borrowed for the call */
    enum fetch_state state;
    int64_t size;     /* of the file; -1 until it is known */
    int64_t wanted;   /* bytes that are to be held in the end, as far as is known */
    int64_t held;     /* of those, in the cache already */
    int64_t received; /* over the network, in this run */
};

/* Told of every change of state, and at most ten times a second of bytes. Calls come from the
 * threads that fetch, one at a time. */
struct fetch_observer {
    void (*update)(void *context, const struct fetch_progress *progress);
    void *context;
};

/* Zeroed, it means the defaults. Everything is borrowed for the life of the fetcher. */
struct fetcher_options {
    const char *cache_dir;  /* NULL: fetch_cache_folder() */
    const char *user_agent; /* NULL: "clipnotes/VERSION (...)" */
    const char *netrc;      /* NULL: ~/.netrc where there is one; "": none */
    const char *ca_file;    /* certificates to trust; NULL: the system's */
    const struct fetch_header *headers;
    size_t header_count;
    bool offline;            /* only what the cache holds */
    bool refresh;            /* what the cache holds is fetched anew */
    int64_t max_rate;        /* bytes a second, all connections together; 0: no limit */
    int64_t max_size;        /* of one file; 0: 2 GiB */
    int tries;               /* of one request; 0: 5 */
    int first_wait;          /* before the second try, in milliseconds; doubles each time; 0: 500 */
    int stall_time;          /* ended is what brings under 1 KiB/s so long, in ms; 0: 30 s */
    const atomic_bool *stop; /* set (by a signal handler) to end everything within a second */
    const struct log *log;
    const struct fetch_observer *observer;
};

struct fetcher;

/* NULL on failure: the cache's folder cannot be made. */
struct fetcher *fetcher_create(const struct fetcher_options *options, struct error *err);
void fetcher_destroy(struct fetcher *fetcher); /* takes NULL */

/* $XDG_CACHE_HOME/clipnotes, else ~/.cache/clipnotes. For free(). */
char *fetch_cache_folder(void);

/* A document, read whole. */
struct document {
    char *data; /* owned, terminated */
    size_t size;
    char *url;       /* after redirects: what its relative links are relative to; owned */
    char *type;      /* "text/html", lower case and without parameters; "" where not said; owned */
    char *charset;   /* of the type, lower case; "" where not said; owned */
    bool from_cache; /* the server said that it has not changed, or was not asked */
};

/* At most `max_bytes` of it: a larger one is an error. The cache is validated once in the life of a
 * fetcher; where the server cannot be reached, an older copy is used and the log warns of it. */
bool fetch_document(struct fetcher *fetcher, const char *url, size_t max_bytes,
                    struct document *ret_document, struct error *err);
void document_release(struct document *document);

/* An audio file that is to be fetched. */
struct fetch_target {
    const char *url;
    const char *key;  /* what it is known by however its URL changes: its GUID; NULL: by URL */
    const char *name; /* for progress; NULL: the last part of the URL */
};

/*
 * The file by offset: reads bring what the cache does not hold. A reader that walks gets ever
 * larger requests, one that jumps gets small ones, source_expect() makes one request of a range.
 *
 * NULL on failure. Reads fail once the file has changed on the server since it was opened: see
 * fetch_changed().
 */
struct source *fetch_open(struct fetcher *fetcher, const struct fetch_target *target,
                          struct error *err);

/* A read of this source failed because the server has another file by now: what was read belongs
 * to the old one. Opening it anew, once, gives the new one. False for sources of other makers. */
bool fetch_changed(const struct source *source);

/* Brings all of the file that is not here yet, in as few requests as can be: for who is going to
 * read most of it. Nothing to do for sources of other makers, and with --offline. */
bool fetch_rest(struct source *source, struct error *err);

/* What has come over the network for this source; 0 for sources of other makers. */
int64_t fetch_received(const struct source *source);

/* Which file it is that the server has under this URL, as it says itself: its ETag or, without one,
 * the time of its change, and its size. For free(); NULL for sources of other makers. */
char *fetch_version(const struct source *source);

/* How many bytes of [offset, offset + size) are still to come over the network; 0 for sources of
 * other makers. */
int64_t fetch_missing(const struct source *source, int64_t offset, int64_t size);

struct fetch_result {
    char *path; /* of the whole file, in the cache; for free() */
    int64_t size;
    int64_t received; /* over the network, in this run */
};

/* Brings the whole file into the cache, going on where an earlier run stopped. */
bool fetch_whole(struct fetcher *fetcher, const struct fetch_target *target,
                 struct fetch_result *ret_result, struct error *err);

#endif
