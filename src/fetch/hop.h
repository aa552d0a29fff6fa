/* SPDX-License-Identifier: MIT */
/*
 * Private to http.c: one request to one host, which may be a step on the way of redirects. What
 * libcurl is told, what it hands over, and why it ended.
 */
#ifndef CLIPNOTES_FETCH_HOP_H
#define CLIPNOTES_FETCH_HOP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "fetch/address.h"
#include "fetch/http.h"
#include "fetch/lane.h"

struct http {
    const struct fetcher_options *options;
    struct lanes *lanes;
    char *user_agent;
    pthread_mutex_t mutex;
    int64_t next_byte; /* clock_now() in microseconds: when the rate limit lets more in */
};

struct hop {
    const struct http_request *request;
    const struct address *address; /* where it goes */
    const struct address *login;   /* whose user and password are meant */
    bool exposed;                  /* the way led from https to http: secrets stay at home */
};

/* The status of a body that the sink gets. */
bool hop_has_body(const struct http_response *response);

/* How the transfer went, whatever the status: of HTTP_DONE too the caller judges that.
 * *ret_location is where a redirect leads, absolute, for free(); NULL where there is none. */
enum http_outcome hop_run(struct http *http, const struct hop *hop, struct http_response *response,
                          char **ret_location, struct error *err);

#endif
