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

/* `reference` as seen from `base`: absolute, relative, or protocol-relative; blanks around it do
 * not count, what HTTP does not allow is percent-encoded. `base` may be NULL: then only what is
 * absolute is a URL. */
char *url_resolve(const char *base, const char *reference);

/* Parts, percent-decoded where `decode`; "" where the URL has none. The host is in lower case.
 * Path, query and fragment may also be asked of a relative reference. */
char *url_host(const char *url);
char *url_path(const char *url, bool decode);
char *url_query(const char *url);
char *url_fragment(const char *url, bool decode);

/* The last part of the path that is not empty, percent-decoded: "s01e01-influxdata". */
char *url_slug(const char *url);

/* The query without the parameters for which `drop` says so; `drop` sees names and values decoded,
 * with '+' as a blank. The rest of the URL, or of a relative reference, keeps its order and its
 * spelling. Never NULL. */
char *url_without_parameters(const char *url,
                             bool (*drop)(void *context, struct slice name, struct slice value),
                             void *context);
char *url_without_fragment(const char *url);

/* One spelling for all that mean the same page: "example.com/show/episode-1". Scheme, user and
 * fragment are left out (http and https are the same), so are "www.", a default port, trailing
 * slashes, index.html and tracking parameters (utm_*, fbclid, ...); the host is in lower case and
 * percent-encoding is one. For comparing, never for fetching. */
char *url_canonical(const char *url);

/* For messages: without user and password, and with the values of parameters that look like
 * secrets (token, key, auth, sig, ...) replaced by "…". A text that is no URL is copied. Never
 * NULL. */
char *url_redacted(const char *url);

/* %41 as A, '+' left alone; a '%' that begins no escape stays, and so does %00. */
char *url_decode(struct slice text);

#endif
