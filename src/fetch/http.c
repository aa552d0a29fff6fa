/* SPDX-License-Identifier: MIT */
#include "fetch/http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/slice.h"
#include "fetch/address.h"
#include "fetch/clock.h"
#include "fetch/lane.h"
#include "fetch/retry.h"
#include "format/url.h"

#define MAX_REDIRECTS    10
#define MAX_HEADER_BYTES ((size_t)256 * 1024)
#define CONNECT_TIMEOUT  20000L /* ms */
#define STALL_RATE       1024   /* bytes a second */
#define STALL_TIME       30000  /* ms */

/* The body of a redirect or an error is read up to here, so that the connection can be kept. */
#define MAX_IDLE_BODY 65536

/* libcurl hands over 16 KiB at a time whatever it has received; more than a few times that is
 * memory and no speed. */
#define BUFFER_SIZE      (64L * 1024)
#define SLOW_BUFFER_SIZE (16L * 1024) /* with a rate limit, so that it is kept evenly */

struct http {
    const struct fetcher_options *options;
    struct lanes *lanes;
    char *user_agent;
    pthread_mutex_t mutex;
    int64_t next_byte; /* clock_now() in microseconds: when the rate limit lets more in */
};

struct http *http_create(const struct fetcher_options *options, struct error *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        error_set(err, ERROR_SYSTEM, "libcurl cannot be set up");
        return NULL;
    }
    struct http *http = mem_zalloc(sizeof *http);
    http->options = options;
    http->lanes = lanes_create(options->stop);
    http->user_agent =
        options->user_agent
            ? mem_strdup(options->user_agent)
            : mem_format("clipnotes/" CLIPNOTES_VERSION " (podcast clips; libcurl/%s)",
                         curl_version_info(CURLVERSION_NOW)->version);
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

/* Why an exchange ended before libcurl thought so. */
enum ending {
    ENDING_NONE,
    ENDING_ENOUGH,
    ENDING_SINK, /* it failed, with its error */
    ENDING_STOPPED,
    ENDING_STALLED,
    ENDING_HEADERS,
};

/* One request to one host on the way. */
struct hop {
    struct http *http;
    const struct http_request *request;
    struct http_response *response;
    const struct address *address, *login;
    bool exposed; /* the way led from https to http: secrets stay at home */
    struct lane *lane;
    struct curl_slist *headers;
    struct error sink_error;
    enum ending ending;
    bool begun; /* the response's headers were looked at */
    size_t header_bytes;
    int64_t body_bytes;
    int64_t window_begin, window_bytes; /* of the look-out for stalls */
    char reason[CURL_ERROR_SIZE];
};

static void add_header(struct hop *hop, const char *name, const char *value)
{
    char *line = name ? mem_format("%s: %s", name, value) : mem_strdup(value);
    struct curl_slist *longer = curl_slist_append(hop->headers, line);
    if (!longer)
        abort(); /* as any exhausted memory */
    hop->headers = longer;
    free(line);
}

static void add_headers(struct hop *hop)
{
    const struct http_request *request = hop->request;
    const struct fetcher_options *options = hop->http->options;
    if (request->accept)
        add_header(hop, "Accept", request->accept);
    if (!request->compressed)
        add_header(hop, "Accept-Encoding", "identity");
    if (request->if_range)
        add_header(hop, "If-Range", request->if_range);
    if (request->if_none_match)
        add_header(hop, "If-None-Match", request->if_none_match);
    if (request->if_modified_since)
        add_header(hop, "If-Modified-Since", request->if_modified_since);
    for (size_t i = 0; !hop->exposed && i < options->header_count; i++)
        if (address_is_at(hop->address, options->headers[i].host))
            add_header(hop, NULL, options->headers[i].line);
}

static char *header_text(CURL *easy, const char *name)
{
    struct curl_header *header = NULL;
    if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return NULL;
    return mem_strdup(header->value);
}

static void read_range(struct http_response *response, CURL *easy)
{
    char *text = header_text(easy, "Content-Range");
    response->has_range = text && header_content_range(slice_of(text), &response->range);
    free(text);
}

static void read_retry_after(struct http_response *response, CURL *easy)
{
    char *text = header_text(easy, "Retry-After");
    response->retry_after = -1;
    if (text)
        header_retry_after(slice_of(text), time(NULL), &response->retry_after);
    free(text);
}

static void read_response(struct hop *hop)
{
    struct http_response *response = hop->response;
    CURL *easy = hop->lane->easy;
    http_response_release(response);
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_off_t length = -1;
    curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    char *encoding = header_text(easy, "Content-Encoding");
    response->status = (int)status;
    response->url = mem_strdup(hop->address->url);
    response->etag = header_text(easy, "ETag");
    response->last_modified = header_text(easy, "Last-Modified");
    response->type = header_text(easy, "Content-Type");
    response->length = length;
    response->encoded = encoding && !hop->request->compressed &&
                        !slice_equal_nocase(slice_of(encoding), SLICE("identity"));
    free(encoding);
    read_range(response, easy);
    read_retry_after(response, easy);
}

static bool has_body(const struct http_response *response)
{
    return response->status == 200 || response->status == 206;
}

/* All headers are here. */
static bool begin_body(struct hop *hop)
{
    if (hop->begun)
        return true;
    hop->begun = true;
    read_response(hop);
    const struct http_sink *sink = &hop->request->sink;
    if (!has_body(hop->response) || !sink->begin ||
        sink->begin(sink->context, hop->response, &hop->sink_error))
        return true;
    hop->ending = error_is_set(&hop->sink_error) ? ENDING_SINK : ENDING_ENOUGH;
    return false;
}

/* Waits until the rate limit lets `size` more bytes in. */
static bool throttle(struct hop *hop, size_t size)
{
    struct http *http = hop->http;
    int64_t rate = http->options->max_rate;
    if (rate <= 0)
        return true;
    pthread_mutex_lock(&http->mutex);
    int64_t now = clock_now() * 1000;
    int64_t begin = http->next_byte > now ? http->next_byte : now;
    http->next_byte = begin + (int64_t)size * 1000000 / rate;
    pthread_mutex_unlock(&http->mutex);

    int64_t wait = (begin - now) / 1000;
    hop->window_begin += wait; /* this slowness is ours */
    if (clock_sleep(wait, http->options->stop, NULL))
        return true;
    hop->ending = ENDING_STOPPED;
    return false;
}

static size_t on_body(char *data, size_t one, size_t size, void *context)
{
    struct hop *hop = context;
    (void)one;
    hop->body_bytes += (int64_t)size;
    if (!begin_body(hop) || !throttle(hop, size))
        return 0;
    if (!has_body(hop->response)) {
        if (hop->body_bytes <= MAX_IDLE_BODY)
            return size;
        hop->ending = ENDING_ENOUGH;
        return 0;
    }
    const struct http_sink *sink = &hop->request->sink;
    if (sink->write(sink->context, (const uint8_t *)data, size, &hop->sink_error))
        return size;
    hop->ending = error_is_set(&hop->sink_error) ? ENDING_SINK : ENDING_ENOUGH;
    return 0;
}

static size_t on_header(char *data, size_t one, size_t size, void *context)
{
    struct hop *hop = context;
    (void)data, (void)one;
    hop->header_bytes += size;
    if (hop->header_bytes <= MAX_HEADER_BYTES)
        return size;
    hop->ending = ENDING_HEADERS;
    return 0;
}

static void set_login(struct hop *hop, CURL *easy)
{
    const char *netrc = hop->http->options->netrc;
    if (hop->exposed)
        return;
    if (hop->login->user && address_same_host(hop->login, hop->address)) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, hop->login->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, hop->login->password ? hop->login->password : "");
    }
    if (netrc && !netrc[0])
        return;
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
    if (netrc)
        curl_easy_setopt(easy, CURLOPT_NETRC_FILE, netrc);
}

static void set_range(const struct http_request *request, CURL *easy)
{
    char range[64] = "";
    if (request->first < 0)
        return;
    if (request->last < 0)
        snprintf(range, sizeof range, "%lld-", (long long)request->first);
    else
        snprintf(range, sizeof range, "%lld-%lld", (long long)request->first,
                 (long long)request->last);
    curl_easy_setopt(easy, CURLOPT_RANGE, range);
}

static void set_up(struct hop *hop)
{
    CURL *easy = hop->lane->easy;
    const struct fetcher_options *options = hop->http->options;
    curl_easy_reset(easy);
    curl_easy_setopt(easy, CURLOPT_URL, hop->address->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, hop->http->user_agent);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE,
                     options->max_rate > 0 ? SLOW_BUFFER_SIZE : BUFFER_SIZE);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, hop->reason);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, hop);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, hop);
    if (options->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file);
    if (hop->request->compressed)
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, ""); /* all that libcurl knows */
    set_login(hop, easy);
    set_range(hop->request, easy);
    add_headers(hop);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, hop->headers);
}

static bool is_stalled(struct hop *hop)
{
    int64_t limit = hop->http->options->stall_time;
    int64_t now = clock_now(), bytes = hop->body_bytes + (int64_t)hop->header_bytes;
    limit = limit > 0 ? limit : STALL_TIME;
    if (now - hop->window_begin < limit)
        return false;
    if (bytes - hop->window_bytes < STALL_RATE * limit / 1000)
        return true;
    hop->window_begin = now;
    hop->window_bytes = bytes;
    return false;
}

static CURLcode result_of(CURLM *multi)
{
    int left = 0;
    CURLMsg *message = curl_multi_info_read(multi, &left);
    return message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_OK;
}

static CURLcode run(struct hop *hop)
{
    CURLM *multi = hop->lane->multi;
    int running = 1;
    hop->window_begin = clock_now();
    curl_multi_add_handle(multi, hop->lane->easy);
    while (curl_multi_perform(multi, &running) == CURLM_OK && running) {
        if (clock_stopped(hop->http->options->stop))
            hop->ending = ENDING_STOPPED;
        else if (is_stalled(hop))
            hop->ending = ENDING_STALLED;
        if (hop->ending != ENDING_NONE)
            break;
        curl_multi_poll(multi, NULL, 0, CLOCK_STEP, NULL);
    }
    CURLcode code = result_of(multi);
    if (code == CURLE_OK && !running)
        begin_body(hop); /* where there was no body */
    return code;
}

static void log_hop(const struct hop *hop)
{
    char *shown = url_redacted(hop->address->url);
    const struct http_request *request = hop->request;
    if (request->first >= 0)
        log_debug(hop->http->options->log, "GET %s bytes %lld-%lld: %d, %lld bytes", shown,
                  (long long)request->first, (long long)request->last, hop->response->status,
                  (long long)hop->body_bytes);
    else
        log_debug(hop->http->options->log, "GET %s: %d, %lld bytes", shown, hop->response->status,
                  (long long)hop->body_bytes);
    free(shown);
}

/* What may go better another time. */
static bool is_passing(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return true;
    default:
        return false;
    }
}

static enum http_outcome fail(struct error *err, enum http_outcome outcome, enum error_kind kind,
                              const char *message)
{
    error_set(err, kind, "%s", message);
    return outcome;
}

/* How the transfer itself went. */
static enum http_outcome judge_transfer(struct hop *hop, CURLcode code, struct error *err)
{
    switch (hop->ending) {
    case ENDING_ENOUGH:
        return HTTP_DONE;
    case ENDING_SINK:
        error_move(err, &hop->sink_error);
        return HTTP_FAILED;
    case ENDING_STOPPED:
        clock_set_stopped(err);
        return HTTP_FAILED;
    case ENDING_STALLED:
        return fail(err, HTTP_RETRY, ERROR_NETWORK, "the server stopped sending");
    case ENDING_HEADERS:
        return fail(err, HTTP_FAILED, ERROR_NETWORK, "the server's answer has no end of headers");
    case ENDING_NONE:
        break;
    }
    if (code == CURLE_OK)
        return HTTP_DONE;
    return fail(err, is_passing(code) ? HTTP_RETRY : HTTP_FAILED, ERROR_NETWORK,
                hop->reason[0] ? hop->reason : curl_easy_strerror(code));
}

static enum http_outcome hop_run(struct hop *hop, struct error *err)
{
    char *authority = mem_format("%s:%s", hop->address->host, hop->address->port);
    enum http_outcome outcome = HTTP_FAILED;
    hop->lane = lane_acquire(hop->http->lanes, authority, err);
    if (hop->lane) {
        set_up(hop);
        CURLcode code = run(hop);
        outcome = judge_transfer(hop, code, err);
        log_hop(hop);
        curl_multi_remove_handle(hop->lane->multi, hop->lane->easy);
        int64_t after = hop->response->retry_after;
        if (hop->response->status >= 400 && after > 0 && after <= RETRY_MAX_AFTER)
            lanes_hold_off(hop->http->lanes, authority, after);
    }
    free(authority);
    return outcome;
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
    if (has_body(response) || status == 304)
        return HTTP_DONE;
    struct status_row row = {status, status >= 500 ? HTTP_RETRY : HTTP_REFUSED, ERROR_NETWORK,
                             "not what was asked for"};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].status == status)
            row = statuses[i];
    error_set(err, row.kind, "the server answers %d: %s", status, row.meaning);
    return row.outcome;
}

/* Where the redirect leads; NULL, and an error, where it leads nowhere. */
static char *redirect_target(struct hop *hop, struct error *err)
{
    char *location = NULL;
    curl_easy_getinfo(hop->lane->easy, CURLINFO_REDIRECT_URL, &location);
    if (location && url_is_http(location))
        return mem_strdup(location);
    error_set(err, ERROR_NETWORK, "the server answers %d without an http or https URL to go to",
              hop->response->status);
    return NULL;
}

/* One request; *ret_next is where to go on, NULL where this was the end of the way. */
static enum http_outcome walk(struct http *http, const struct http_request *request,
                              const struct address *address, const struct address *login,
                              bool exposed, struct http_response *response, char **ret_next,
                              struct error *err)
{
    struct hop hop = {.http = http,
                      .request = request,
                      .response = response,
                      .address = address,
                      .login = login,
                      .exposed = exposed,
                      .sink_error = ERROR_INIT};
    enum http_outcome outcome = hop_run(&hop, err);
    if (outcome == HTTP_DONE && is_redirect(response->status)) {
        *ret_next = redirect_target(&hop, err);
        outcome = *ret_next ? HTTP_DONE : HTTP_FAILED;
    } else if (outcome == HTTP_DONE) {
        outcome = judge_status(response, err);
    }
    if (hop.lane)
        lane_release(http->lanes, hop.lane);
    curl_slist_free_all(hop.headers);
    error_release(&hop.sink_error);
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
            outcome = fail(err, HTTP_FAILED, ERROR_NETWORK, "more than 10 redirects");
        else if (!address_parse(url, &address, err))
            outcome = HTTP_FAILED;
        if (outcome == HTTP_DONE) {
            bool is_secure = address_is_secure(&address);
            outcome =
                walk(http, request, &address, login, secure && !is_secure, response, &next, err);
            secure = secure || is_secure;
            address_release(&address);
        }
        if (outcome != HTTP_DONE)
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
