/* SPDX-License-Identifier: MIT */
/*
 * URLs, by libcurl's parser. What is returned as char * is for free(); NULL where it is no URL.
 */
#ifndef CLIPNOTES_FORMAT_URL_H
#define CLIPNOTES_FORMAT_URL_H

#include <stdbool.h>

#include "base/slice.h"

/* http or https, by its scheme. */
bool url_is_http(const char *url);

/* `reference` as seen from `base`: absolute, relative, or protocol-relative. */
char *url_resolve(const char *base, const char *reference);

/* Parts, percent-decoded where `decode`; "" where the URL has none. */
char *url_host(const char *url);
char *url_path(const char *url, bool decode);
char *url_query(const char *url);
char *url_fragment(const char *url, bool decode);

/* The last part of the path that is not empty, percent-decoded: "s01e01-influxdata". */
char *url_slug(const char *url);

/* The query without the parameters for which `drop` says so; `drop` sees names and values decoded.
 * The rest keeps its order and its spelling. */
char *url_without_parameters(const char *url,
                             bool (*drop)(void *context, struct slice name, struct slice value),
                             void *context);
char *url_without_fragment(const char *url);

/* One spelling for all that mean the same page: scheme and host in lower case, "www." and default
 * port gone, no trailing slash or index.html, no tracking parameters (utm_*, fbclid, ...), percent
 * encoding normalised, no fragment; http and https are the same. For comparing, never for fetching.
 */
char *url_canonical(const char *url);

/* For messages: without user, password, and with the values of parameters that look like secrets
 * (token, key, auth, sig, ...) replaced by "…". A text that is no URL is copied. Never NULL. */
char *url_redacted(const char *url);

/* %41 as A, '+' left alone; a '%' that begins no escape stays. */
char *url_decode(struct slice text);

#endif
