/* SPDX-License-Identifier: MIT */
/*
 * The time that a link carries: from a URL to a moment of what it leads to.
 *
 * Sites name the parameter differently, and many pages may hold a parameter of that name which is
 * no time (a forum's topic, a page of a list, a clock time). link.c has the tables.
 */
#ifndef CLIPNOTES_NOTES_LINK_H
#define CLIPNOTES_NOTES_LINK_H

#include <stdbool.h>

#include "model/time.h"

enum link_kind {
    LINK_PLAIN, /* carries no time */
    LINK_TIMED,
    LINK_ODD, /* carries what should be a time and is none */
};

struct link_time {
    millis start;
    millis end;      /* as it is given: it may be before the start; MILLIS_NONE: none is */
    char *page;      /* the URL without the time, for free(); "" for a link within the page */
    const char *odd; /* LINK_ODD: what is wrong, static */
};

/* Only LINK_TIMED gives all of `ret_time`, LINK_ODD its `odd`, LINK_PLAIN nothing. */
enum link_kind link_read(const char *url, struct link_time *ret_time);

/* No position that anybody means is later. */
#define LINK_MAX_START (100 * MILLIS_HOUR)

#endif
