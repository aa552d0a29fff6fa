/* SPDX-License-Identifier: MIT */
/*
 * One HTTP exchange, by libcurl: a GET and what answers it, redirects followed.
 *
 * Redirects are followed here and not by libcurl, so that a login or a header that is meant for one
 * host goes to that host alone, each host is asked over its own two connections, and no URL is
 * followed out of http and https. Trying again is the caller's business: it knows what it has.
 */
#ifndef CLIPNOTES_FETCH_HTTP_H
#define CLIPNOTES_FETCH_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "fetch/fetch.h"
#include "fetch/header.h"

struct http;

/* What of the options is about HTTP; borrowed. NULL where libcurl cannot be set up. */
struct http *http_create(const struct fetcher_options *options, struct error *err);
void http_destroy(struct http *http); /* takes NULL */

/* What answered. Texts are owned, NULL where the server did not say. */
struct http_response {
    int status;
    char *url; /* after redirects, without a login */
    char *etag, *last_modified, *type;
    int64_t length; /* of the body; -1 */
    bool has_range; /* a Content-Range that can be read */
    struct content_range range;
    bool encoded;        /* compressed, though we did not ask for it */
    int64_t retry_after; /* in milliseconds; -1 */
    bool stalled;        /* the server stopped sending */
};

void http_response_release(struct http_response *response);

/* Where the body of a 200 or 206 goes. False without an error set: it is enough, the rest is not
 * wanted. */
struct http_sink {
    bool (*begin)(void *context, const struct http_response *response, struct error *err);
    bool (*write)(void *context, const uint8_t *data, size_t size, struct error *err);
    void *context;
};

struct http_request {
    const char *url;
    const char *login_url; /* whose user and password are meant; NULL: `url` itself */
    const char *accept;    /* media types; NULL: any */
    int64_t first, last;   /* of the range, inclusive; -1: no range, and to the end */
    const char *if_range, *if_none_match, *if_modified_since; /* NULL: not sent */
    bool compressed; /* the body may be compressed on the way */
    struct http_sink sink;
};

enum http_outcome {
    HTTP_DONE,     /* 200 or 206, all of it or as much as the sink wanted; or 304 */
    HTTP_REFUSED,  /* another status, and asking again would not help */
    HTTP_RETRY,    /* it may go better another time */
    HTTP_FAILED,   /* it will not */
    HTTP_UNWANTED, /* the sink failed; its error is passed on as it is */
};

/* The error is set unless the outcome is HTTP_DONE. `ret_response` is filled in any case. */
enum http_outcome http_exchange(struct http *http, const struct http_request *request,
                                struct http_response *ret_response, struct error *err);

#endif
