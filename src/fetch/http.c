/* SPDX-License-Identifier: MIT */
#include "fetch/http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "fetch/clock.h"
#include "fetch/hop.h"
#include "format/url.h"

#define MAX_REDIRECTS 10

struct http *http_create(const struct fetcher_options *options, struct error *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        error_set(err, ERROR_SYSTEM, "libcurl cannot be set up");
        return NULL;
    }
    struct http *http = mem_zalloc(sizeof *http);
    http->options = options;
    http->lanes = lanes_create(options->stop);
    http->user_agent = mem_strdup(options->user_agent ? options->user_agent
                                                      : "clipnotes/" CLIPNOTES_VERSION
                                                        " (podcast clips; libcurl)");
    pthread_mutex_init(&http->mutex, NULL);
    return http;
}

void http_destroy(struct http *http)
{
    if (!http)
        return;
    lanes_destroy(http->lanes);
    pthread_mutex_destroy(&http->mutex);
    free(http->user_agent);
    free(http);
    curl_global_cleanup();
}

void http_response_release(struct http_response *response)
{
    free(response->url);
    free(response->etag);
    free(response->last_modified);
    free(response->type);
    *response = (struct http_response){0};
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static const struct status_row {
    int status;
    enum http_outcome outcome;
    enum error_kind kind;
    const char *meaning;
} statuses[] = {
    {401, HTTP_REFUSED, ERROR_NETWORK, "it wants a login: add one to ~/.netrc"},
    {402, HTTP_REFUSED, ERROR_NETWORK, "it wants to be paid"},
    {403, HTTP_REFUSED, ERROR_NETWORK, "it refuses"},
    {404, HTTP_REFUSED, ERROR_MISSING, "not found"},
    {408, HTTP_RETRY, ERROR_NETWORK, "it waited too long"},
    {410, HTTP_REFUSED, ERROR_MISSING, "gone for good"},
    {416, HTTP_REFUSED, ERROR_NETWORK, "it has no such range"},
    {429, HTTP_RETRY, ERROR_NETWORK, "too many requests"},
    {451, HTTP_REFUSED, ERROR_NETWORK, "not for legal reasons"},
    {500, HTTP_RETRY, ERROR_NETWORK, "it failed inside"},
    {502, HTTP_RETRY, ERROR_NETWORK, "bad gateway"},
    {503, HTTP_RETRY, ERROR_NETWORK, "not available now"},
    {504, HTTP_RETRY, ERROR_NETWORK, "gateway timeout"},
};

static enum http_outcome judge_status(const struct http_response *response, struct error *err)
{
    int status = response->status;
    if (hop_has_body(response) || status == 304)
        return HTTP_DONE;
    struct status_row row = {status, status >= 500 ? HTTP_RETRY : HTTP_REFUSED, ERROR_NETWORK,
                             "not what was asked for"};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].status == status)
            row = statuses[i];
    error_set(err, row.kind, "the server answers %d: %s", status, row.meaning);
    return row.outcome;
}

/* One request; *ret_next is where to go on, NULL where this was the end of the way. */
static enum http_outcome walk(struct http *http, const struct hop *hop,
                              struct http_response *response, char **ret_next, struct error *err)
{
    char *location = NULL;
    enum http_outcome outcome = hop_run(http, hop, response, &location, err);
    if (outcome == HTTP_DONE && !is_redirect(response->status)) {
        outcome = judge_status(response, err);
    } else if (outcome == HTTP_DONE && location && url_is_http(location)) {
        *ret_next = mem_strdup(location);
    } else if (outcome == HTTP_DONE) {
        error_set(err, ERROR_NETWORK, "the server answers %d without an http or https URL to go to",
                  response->status);
        outcome = HTTP_FAILED;
    }
    free(location);
    return outcome;
}

static void add_place(struct error *err, const char *asked, const char *answered)
{
    char *first = url_redacted(asked), *last = answered ? url_redacted(answered) : NULL;
    if (last && strcmp(first, last) != 0)
        error_prefix(err, "%s: redirected to %s", first, last);
    else
        error_prefix(err, "%s", first);
    free(first);
    free(last);
}

/* The way from `url` to where it ends. `login` holds whose secrets are meant. */
static enum http_outcome follow(struct http *http, const struct http_request *request,
                                const struct address *login, struct http_response *response,
                                struct error *err)
{
    char *url = mem_strdup(request->url);
    bool secure = address_is_secure(login);
    enum http_outcome outcome = HTTP_DONE;
    for (int redirects = 0; url && outcome == HTTP_DONE; redirects++) {
        struct address address;
        char *next = NULL;
        if (redirects > MAX_REDIRECTS)
            error_set(err, ERROR_NETWORK, "more than %d redirects", MAX_REDIRECTS);
        if (redirects > MAX_REDIRECTS || !address_parse(url, &address, err))
            outcome = HTTP_FAILED;
        if (outcome == HTTP_DONE) {
            bool is_secure = address_is_secure(&address);
            const struct hop hop = {request, &address, login, secure && !is_secure};
            outcome = walk(http, &hop, response, &next, err);
            secure = secure || is_secure;
            address_release(&address);
        }
        if (outcome != HTTP_DONE && outcome != HTTP_UNWANTED)
            add_place(err, request->url, url);
        free(url);
        url = next;
    }
    free(url);
    return outcome;
}

enum http_outcome http_exchange(struct http *http, const struct http_request *request,
                                struct http_response *ret_response, struct error *err)
{
    struct address login;
    *ret_response = (struct http_response){.length = -1, .retry_after = -1};
    const char *login_url = request->login_url ? request->login_url : request->url;
    if (clock_stopped(http->options->stop)) {
        clock_set_stopped(err);
        return HTTP_FAILED;
    }
    if (!address_parse(login_url, &login, err))
        return HTTP_FAILED;
    enum http_outcome outcome = follow(http, request, &login, ret_response, err);
    address_release(&login);
    return outcome;
}
