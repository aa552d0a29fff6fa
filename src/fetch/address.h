/* SPDX-License-Identifier: MIT */
/*
 * Whom a request goes to: a URL in the parts that HTTP tells apart.
 */
#ifndef CLIPNOTES_FETCH_ADDRESS_H
#define CLIPNOTES_FETCH_ADDRESS_H

#include <stdbool.h>

#include "base/error.h"

/* All owned. */
struct address {
    char *url;                  /* without login and fragment */
    char *scheme, *host, *port; /* in lower case */
    char *user, *password;      /* NULL where there is none */
};

/* False where it is no http or https URL. */
bool address_parse(const char *url, struct address *ret_address, struct error *err);
void address_release(struct address *address);

bool address_is_secure(const struct address *address);

/* The same host, on whatever port. */
bool address_same_name(const struct address *a, const struct address *b);

/* The same host and port. */
bool address_same_host(const struct address *a, const struct address *b);

/* "example.com" is the host on any port, "example.com:8443" on that one. */
bool address_is_at(const struct address *address, const char *host);

#endif
