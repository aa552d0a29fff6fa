/* SPDX-License-Identifier: MIT */
#include "fetch/hop.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/slice.h"
#include "fetch/clock.h"
#include "fetch/retry.h"
#include "format/url.h"

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

/* Why an exchange ended before libcurl thought so. */
enum ending {
    ENDING_NONE,
    ENDING_ENOUGH,
    ENDING_SINK, /* it failed, with its error */
    ENDING_STOPPED,
    ENDING_STALLED,
    ENDING_HEADERS,
};

struct exchange {
    struct http *http;
    const struct hop *hop;
    struct http_response *response;
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

static void add_header(struct exchange *exchange, const char *name, const char *value)
{
    char *line = name ? mem_format("%s: %s", name, value) : mem_strdup(value);
    struct curl_slist *longer = curl_slist_append(exchange->headers, line);
    if (!longer)
        abort(); /* as any exhausted memory */
    exchange->headers = longer;
    free(line);
}

static void add_headers(struct exchange *exchange)
{
    const struct http_request *request = exchange->hop->request;
    const struct fetcher_options *options = exchange->http->options;
    if (request->accept)
        add_header(exchange, "Accept", request->accept);
    if (!request->compressed)
        add_header(exchange, "Accept-Encoding", "identity");
    if (request->if_range)
        add_header(exchange, "If-Range", request->if_range);
    if (request->if_none_match)
        add_header(exchange, "If-None-Match", request->if_none_match);
    if (request->if_modified_since)
        add_header(exchange, "If-Modified-Since", request->if_modified_since);
    for (size_t i = 0; !exchange->hop->exposed && i < options->header_count; i++)
        if (address_is_at(exchange->hop->address, options->headers[i].host))
            add_header(exchange, NULL, options->headers[i].line);
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

static void read_response(struct exchange *exchange)
{
    struct http_response *response = exchange->response;
    CURL *easy = exchange->lane->easy;
    http_response_release(response);
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_off_t length = -1;
    curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    char *encoding = header_text(easy, "Content-Encoding");
    response->status = (int)status;
    response->url = mem_strdup(exchange->hop->address->url);
    response->etag = header_text(easy, "ETag");
    response->last_modified = header_text(easy, "Last-Modified");
    response->type = header_text(easy, "Content-Type");
    response->length = length;
    response->encoded = encoding && !exchange->hop->request->compressed &&
                        !slice_equal_nocase(slice_of(encoding), SLICE("identity"));
    free(encoding);
    read_range(response, easy);
    read_retry_after(response, easy);
}

bool hop_has_body(const struct http_response *response)
{
    return response->status == 200 || response->status == 206;
}

/* All headers are here. */
static bool begin_body(struct exchange *exchange)
{
    if (exchange->begun)
        return true;
    exchange->begun = true;
    read_response(exchange);
    const struct http_sink *sink = &exchange->hop->request->sink;
    if (!hop_has_body(exchange->response) || !sink->begin ||
        sink->begin(sink->context, exchange->response, &exchange->sink_error))
        return true;
    exchange->ending = error_is_set(&exchange->sink_error) ? ENDING_SINK : ENDING_ENOUGH;
    return false;
}

/* Waits until the rate limit lets `size` more bytes in. */
static bool throttle(struct exchange *exchange, size_t size)
{
    struct http *http = exchange->http;
    int64_t rate = http->options->max_rate;
    if (rate <= 0)
        return true;
    pthread_mutex_lock(&http->mutex);
    int64_t now = clock_now() * 1000;
    int64_t begin = http->next_byte > now ? http->next_byte : now;
    http->next_byte = begin + (int64_t)size * 1000000 / rate;
    pthread_mutex_unlock(&http->mutex);

    int64_t wait = (begin - now) / 1000;
    exchange->window_begin += wait; /* this slowness is ours */
    if (clock_sleep(wait, http->options->stop, NULL))
        return true;
    exchange->ending = ENDING_STOPPED;
    return false;
}

static size_t on_body(char *data, size_t one, size_t size, void *context)
{
    struct exchange *exchange = context;
    (void)one;
    exchange->body_bytes += (int64_t)size;
    if (!begin_body(exchange) || !throttle(exchange, size))
        return 0;
    if (!hop_has_body(exchange->response)) {
        if (exchange->body_bytes <= MAX_IDLE_BODY)
            return size;
        exchange->ending = ENDING_ENOUGH;
        return 0;
    }
    const struct http_sink *sink = &exchange->hop->request->sink;
    if (sink->write(sink->context, (const uint8_t *)data, size, &exchange->sink_error))
        return size;
    exchange->ending = error_is_set(&exchange->sink_error) ? ENDING_SINK : ENDING_ENOUGH;
    return 0;
}

static size_t on_header(char *data, size_t one, size_t size, void *context)
{
    struct exchange *exchange = context;
    (void)data, (void)one;
    exchange->header_bytes += size;
    if (exchange->header_bytes <= MAX_HEADER_BYTES)
        return size;
    exchange->ending = ENDING_HEADERS;
    return 0;
}

static void set_login(struct exchange *exchange, CURL *easy)
{
    const char *netrc = exchange->http->options->netrc;
    if (exchange->hop->exposed)
        return;
    if (exchange->hop->login->user &&
        address_same_host(exchange->hop->login, exchange->hop->address)) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, exchange->hop->login->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD,
                         exchange->hop->login->password ? exchange->hop->login->password : "");
    }
    /* A "default" in it is meant for whom we ask, not for whomever a redirect leads to. */
    if ((netrc && !netrc[0]) || !address_same_name(exchange->hop->login, exchange->hop->address))
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

static void set_up(struct exchange *exchange)
{
    CURL *easy = exchange->lane->easy;
    const struct fetcher_options *options = exchange->http->options;
    curl_easy_reset(easy);
    curl_easy_setopt(easy, CURLOPT_URL, exchange->hop->address->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, exchange->http->user_agent);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE,
                     options->max_rate > 0 ? SLOW_BUFFER_SIZE : BUFFER_SIZE);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->reason);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    if (options->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file);
    if (exchange->hop->request->compressed)
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, ""); /* all that libcurl knows */
    set_login(exchange, easy);
    set_range(exchange->hop->request, easy);
    add_headers(exchange);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers);
}

static bool is_stalled(struct exchange *exchange)
{
    int64_t limit = exchange->http->options->stall_time;
    int64_t now = clock_now(), bytes = exchange->body_bytes + (int64_t)exchange->header_bytes;
    limit = limit > 0 ? limit : STALL_TIME;
    if (now - exchange->window_begin < limit)
        return false;
    if (bytes - exchange->window_bytes < STALL_RATE * limit / 1000)
        return true;
    exchange->window_begin = now;
    exchange->window_bytes = bytes;
    return false;
}

static CURLcode result_of(CURLM *multi)
{
    int left = 0;
    CURLMsg *message = curl_multi_info_read(multi, &left);
    return message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_OK;
}

static CURLcode run(struct exchange *exchange)
{
    CURLM *multi = exchange->lane->multi;
    int running = 1;
    exchange->window_begin = clock_now();
    curl_multi_add_handle(multi, exchange->lane->easy);
    while (curl_multi_perform(multi, &running) == CURLM_OK && running) {
        if (clock_stopped(exchange->http->options->stop))
            exchange->ending = ENDING_STOPPED;
        else if (is_stalled(exchange))
            exchange->ending = ENDING_STALLED;
        if (exchange->ending != ENDING_NONE)
            break;
        curl_multi_poll(multi, NULL, 0, CLOCK_STEP, NULL);
    }
    if (exchange->ending == ENDING_STOPPED) /* not to wait for an answer about a host's name */
        curl_easy_setopt(exchange->lane->easy, CURLOPT_QUICK_EXIT, 1L);
    CURLcode code = result_of(multi);
    if (code == CURLE_OK && !running)
        begin_body(exchange); /* where there was no body */
    return code;
}

static void log_exchange(const struct exchange *exchange)
{
    char *shown = url_redacted(exchange->hop->address->url);
    const struct http_request *request = exchange->hop->request;
    if (request->first >= 0)
        log_debug(exchange->http->options->log, "GET %s bytes %lld-%lld: %d, %lld bytes", shown,
                  (long long)request->first, (long long)request->last, exchange->response->status,
                  (long long)exchange->body_bytes);
    else
        log_debug(exchange->http->options->log, "GET %s: %d, %lld bytes", shown,
                  exchange->response->status, (long long)exchange->body_bytes);
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
static enum http_outcome judge_transfer(struct exchange *exchange, CURLcode code, struct error *err)
{
    switch (exchange->ending) {
    case ENDING_ENOUGH:
        return HTTP_DONE;
    case ENDING_SINK:
        error_move(err, &exchange->sink_error);
        return HTTP_UNWANTED;
    case ENDING_STOPPED:
        clock_set_stopped(err);
        return HTTP_FAILED;
    case ENDING_STALLED:
        exchange->response->stalled = true;
        return fail(err, HTTP_RETRY, ERROR_NETWORK, "the server stopped sending");
    case ENDING_HEADERS:
        return fail(err, HTTP_FAILED, ERROR_NETWORK, "the server's answer has no end of headers");
    case ENDING_NONE:
        break;
    }
    if (code == CURLE_OK)
        return HTTP_DONE;
    return fail(err, is_passing(code) ? HTTP_RETRY : HTTP_FAILED, ERROR_NETWORK,
                exchange->reason[0] ? exchange->reason : curl_easy_strerror(code));
}

/* With the lane taken. */
static enum http_outcome talk(struct exchange *exchange, const char *authority, struct error *err)
{
    struct lanes *lanes = exchange->http->lanes;
    set_up(exchange);
    CURLcode code = run(exchange);
    enum http_outcome outcome = judge_transfer(exchange, code, err);
    log_exchange(exchange);
    curl_multi_remove_handle(exchange->lane->multi, exchange->lane->easy);
    int64_t after = exchange->response->retry_after;
    if (exchange->response->status >= 400 && after > 0 && after <= RETRY_MAX_AFTER)
        lanes_hold_off(lanes, authority, after);
    return outcome;
}

enum http_outcome hop_run(struct http *http, const struct hop *hop, struct http_response *response,
                          char **ret_location, struct error *err)
{
    struct exchange exchange = {
        .http = http, .hop = hop, .response = response, .sink_error = ERROR_INIT};
    char *authority = mem_format("%s:%s", hop->address->host, hop->address->port);
    char *location = NULL;
    enum http_outcome outcome = HTTP_FAILED;
    exchange.lane = lane_acquire(http->lanes, authority, err);
    if (exchange.lane) {
        outcome = talk(&exchange, authority, err);
        curl_easy_getinfo(exchange.lane->easy, CURLINFO_REDIRECT_URL, &location);
        *ret_location = mem_strdup(location);
        lane_release(http->lanes, exchange.lane);
    }
    curl_slist_free_all(exchange.headers);
    error_release(&exchange.sink_error);
    free(authority);
    return outcome;
}
