/* SPDX-License-Identifier: MIT */
/*
 * Lanes: the connections that we keep to each host, two at most, and who may use them.
 *
 * A lane is a pair of libcurl handles with one kept-alive connection. Who wants to talk to a host
 * takes a lane, waits while both are taken, and gives it back. A host that asked us to stay away
 * (Retry-After) gets no request before its time, whoever wants to make it.
 */
#ifndef CLIPNOTES_FETCH_LANE_H
#define CLIPNOTES_FETCH_LANE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>

#include "base/error.h"

#define LANES_PER_HOST 2

struct host;

struct lane {
    CURL *easy;
    CURLM *multi; /* holds the connection between uses */
    struct host *host;
    struct lane *next;
};

struct lanes;

struct lanes *lanes_create(const atomic_bool *stop);
void lanes_destroy(struct lanes *lanes); /* takes NULL; all lanes are back */

/* `authority` is host and port. NULL where the stop came while waiting. */
struct lane *lane_acquire(struct lanes *lanes, const char *authority, struct error *err);
void lane_release(struct lanes *lanes, struct lane *lane);

/* No request to that host for so long. */
void lanes_hold_off(struct lanes *lanes, const char *authority, int64_t milliseconds);

#endif
