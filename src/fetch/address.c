/* SPDX-License-Identifier: MIT */
#include "fetch/address.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/slice.h"
#include "format/url.h"

static char *take_part(CURLU *handle, CURLUPart part, unsigned flags)
{
    char *text = NULL;
    if (curl_url_get(handle, part, &text, flags) != CURLUE_OK)
        return NULL;
    char *copy = mem_strdup(text);
    curl_free(text);
    return copy;
}

void address_release(struct address *address)
{
    free(address->url);
    free(address->scheme);
    free(address->host);
    free(address->port);
    free(address->user);
    free(address->password);
    *address = (struct address){0};
}

/* What is missing of them is NULL. */
static void take_parts(CURLU *handle, struct address *address)
{
    address->scheme = take_part(handle, CURLUPART_SCHEME, 0);
    address->host = take_part(handle, CURLUPART_HOST, 0);
    for (char *c = address->host; c && *c; c++)
        *c = byte_lower(*c); /* two spellings are one host, with its two connections */
    address->port = take_part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    address->user = take_part(handle, CURLUPART_USER, CURLU_URLDECODE);
    address->password = take_part(handle, CURLUPART_PASSWORD, CURLU_URLDECODE);
    curl_url_set(handle, CURLUPART_USER, NULL, 0);
    curl_url_set(handle, CURLUPART_PASSWORD, NULL, 0);
    curl_url_set(handle, CURLUPART_FRAGMENT, NULL, 0);
    address->url = take_part(handle, CURLUPART_URL, 0);
}

bool address_parse(const char *url, struct address *ret_address, struct error *err)
{
    struct address address = {0};
    CURLU *handle = curl_url();
    if (handle && url_is_http(url) &&
        curl_url_set(handle, CURLUPART_URL, url, CURLU_URLENCODE) == CURLUE_OK)
        take_parts(handle, &address);
    curl_url_cleanup(handle);
    if (address.url && address.scheme && address.host && address.port) {
        *ret_address = address;
        return true;
    }
    address_release(&address);
    char *shown = url_redacted(url);
    error_set(err, ERROR_INPUT, "%s: is no http or https URL", shown);
    free(shown);
    return false;
}

bool address_is_secure(const struct address *address)
{
    return strcmp(address->scheme, "https") == 0;
}

bool address_same_name(const struct address *a, const struct address *b)
{
    return strcmp(a->host, b->host) == 0;
}

bool address_same_host(const struct address *a, const struct address *b)
{
    return address_same_name(a, b) && strcmp(a->port, b->port) == 0;
}

bool address_is_at(const struct address *address, const char *host)
{
    struct slice wanted = slice_of(host);
    char *full = mem_format("%s:%s", address->host, address->port);
    bool is = slice_equal_nocase(wanted, slice_of(address->host)) ||
              slice_equal_nocase(wanted, slice_of(full));
    free(full);
    return is;
}
