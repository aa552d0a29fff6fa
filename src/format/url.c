/* SPDX-License-Identifier: MIT */
#include "format/url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"

bool url_is_http(const char *url)
{
    return slice_starts_nocase(slice_of(url), SLICE("http://")) ||
           slice_starts_nocase(slice_of(url), SLICE("https://"));
}

/* For curl_url_cleanup(); NULL where `reference` is no URL as seen from `base`. */
static CURLU *parse(const char *base, const char *reference, unsigned flags)
{
    CURLU *handle = curl_url();
    char *trimmed = slice_dup(slice_trim(slice_of(reference)));
    flags |= CURLU_NON_SUPPORT_SCHEME | CURLU_ALLOW_SPACE;
    bool parsed = handle && trimmed[0] &&
                  (!base || curl_url_set(handle, CURLUPART_URL, base, flags) == CURLUE_OK) &&
                  curl_url_set(handle, CURLUPART_URL, trimmed, flags) == CURLUE_OK;
    free(trimmed);
    if (parsed)
        return handle;
    curl_url_cleanup(handle);
    return NULL;
}

/* A part for free(), "" where there is none; the handle is taken over. NULL without a handle. */
static char *take_part(CURLU *handle, CURLUPart part, unsigned flags)
{
    char *text = NULL;
    if (!handle)
        return NULL;
    CURLUcode code = curl_url_get(handle, part, &text, flags);
    char *copy = mem_strdup(code == CURLUE_OK && text ? text : "");
    curl_free(text);
    curl_url_cleanup(handle);
    return copy;
}

char *url_resolve(const char *base, const char *reference)
{
    struct slice trimmed = slice_trim(slice_of(reference));
    if (!base || !slice_starts(trimmed, SLICE("#")))
        return take_part(parse(base, reference, CURLU_URLENCODE), CURLUPART_URL, 0);

    /* libcurl 7.88 takes the base's folder for these. */
    char *page = url_without_fragment(base);
    char *whole = mem_format("%s%.*s", page, SLICE_ARGS(trimmed));
    char *url = take_part(parse(NULL, whole, CURLU_URLENCODE), CURLUPART_URL, 0);
    free(whole);
    free(page);
    return url;
}

static void to_lower(char *text)
{
    for (; *text; text++)
        *text = byte_lower(*text);
}

char *url_host(const char *url)
{
    char *host = take_part(parse(NULL, url, 0), CURLUPART_HOST, 0);
    if (host)
        to_lower(host);
    return host;
}

static char *decoded(char *text, bool decode)
{
    if (!text || !decode)
        return text;
    char *plain = url_decode(slice_of(text));
    free(text);
    return plain;
}

char *url_path(const char *url, bool decode)
{
    /* The base serves relative references; an absolute URL takes its place. */
    return decoded(take_part(parse("http://localhost/", url, 0), CURLUPART_PATH, 0), decode);
}

char *url_slug(const char *url)
{
    char *path = url_path(url, false);
    if (!path)
        return NULL;
    struct slice rest = slice_of(path);
    while (slice_ends(rest, SLICE("/")))
        rest.size--;
    size_t slash = slice_rfind_byte(rest, '/');
    char *slug = url_decode(slash == SIZE_MAX ? rest : slice_from(rest, slash + 1));
    free(path);
    return slug;
}

/* RFC 3986, 3: the fragment begins with the first '#', the query with the first '?' before it. For
 * who must keep the spelling, which libcurl does not. */
struct parts {
    struct slice front, query, fragment;
    bool has_query, has_fragment;
};

static struct parts split(const char *url)
{
    struct parts parts = {.front = slice_of(url)};
    size_t hash = slice_find_byte(parts.front, '#');
    if (hash != SIZE_MAX) {
        parts.has_fragment = true;
        parts.fragment = slice_from(parts.front, hash + 1);
        parts.front = slice_first(parts.front, hash);
    }
    size_t question = slice_find_byte(parts.front, '?');
    if (question != SIZE_MAX) {
        parts.has_query = true;
        parts.query = slice_from(parts.front, question + 1);
        parts.front = slice_first(parts.front, question);
    }
    return parts;
}

char *url_query(const char *url)
{
    return slice_dup(split(url).query);
}

char *url_fragment(const char *url, bool decode)
{
    return decoded(slice_dup(split(url).fragment), decode);
}

char *url_without_fragment(const char *url)
{
    return slice_dup(slice_first(slice_of(url), slice_find_byte(slice_of(url), '#')));
}

static int hex_digit(char c)
{
    if (byte_is_digit(c))
        return c - '0';
    c = byte_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Eats %XX. */
static bool take_escape(struct slice *text, char *ret_byte)
{
    if (text->size < 3 || text->data[0] != '%')
        return false;
    int high = hex_digit(text->data[1]), low = hex_digit(text->data[2]);
    if (high < 0 || low < 0)
        return false;
    *ret_byte = (char)(high * 16 + low);
    *text = slice_from(*text, 3);
    return true;
}

char *url_decode(struct slice text)
{
    struct buffer plain = BUFFER_INIT(BUFFER_UNBOUNDED);
    while (text.size) {
        struct slice before = text;
        char byte = text.data[0];
        if (!take_escape(&text, &byte))
            text = slice_from(text, 1);
        if (byte)
            buffer_append_byte(&plain, byte);
        else
            buffer_append(&plain, before.data, before.size - text.size);
    }
    return buffer_detach(&plain);
}

/* "a=1" as name and value, decoded as forms are. */
struct parameter {
    char *name, *value;
};

static char *decode_form(struct slice text)
{
    char *copy = slice_dup(text);
    for (char *plus = strchr(copy, '+'); plus; plus = strchr(plus, '+'))
        *plus = ' ';
    return decoded(copy, true);
}

static struct parameter parameter_of(struct slice field)
{
    size_t equals = slice_find_byte(field, '=');
    struct slice name = slice_first(field, equals);
    struct slice value = equals == SIZE_MAX ? SLICE("") : slice_from(field, equals + 1);
    return (struct parameter){decode_form(name), decode_form(value)};
}

static void parameter_release(struct parameter *parameter)
{
    free(parameter->name);
    free(parameter->value);
}

/* What becomes of one field of a query; nothing appended: it is dropped. */
typedef void field_writer(struct buffer *out, struct slice field, void *context);

/* The fields of a query by `write`, with '&' between those that are left; `first` goes before the
 * first of them. */
static void append_fields(struct buffer *out, struct slice query, const char *first,
                          field_writer *write, void *context)
{
    struct slice field;
    const char *separator = first;
    while (slice_take_field(&query, '&', &field)) {
        size_t before = out->size;
        buffer_append_text(out, separator);
        size_t begin = out->size;
        write(out, field, context);
        if (out->size == begin)
            buffer_truncate(out, before);
        else
            separator = "&";
    }
}

struct dropping {
    bool (*drop)(void *context, struct slice name, struct slice value);
    void *context;
};

static void write_kept(struct buffer *out, struct slice field, void *context)
{
    const struct dropping *dropping = context;
    struct parameter parameter = parameter_of(field);
    if (!dropping->drop(dropping->context, slice_of(parameter.name), slice_of(parameter.value)))
        buffer_append_slice(out, field);
    parameter_release(&parameter);
}

char *url_without_parameters(const char *url,
                             bool (*drop)(void *context, struct slice name, struct slice value),
                             void *context)
{
    struct parts parts = split(url);
    struct dropping dropping = {drop, context};
    struct buffer left = BUFFER_INIT(BUFFER_UNBOUNDED);
    buffer_append_slice(&left, parts.front);
    append_fields(&left, parts.query, "?", write_kept, &dropping);
    if (parts.has_fragment) {
        buffer_append_byte(&left, '#');
        buffer_append_slice(&left, parts.fragment);
    }
    return buffer_detach(&left);
}

/* RFC 3986, 2.3. */
static bool is_unreserved(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c) || (c && strchr("-._~", c));
}

/* One spelling: unreserved characters plain, escapes in upper case, and what is neither reserved
 * nor unreserved escaped. */
static void append_normal(struct buffer *out, struct slice text)
{
    while (text.size) {
        char byte = text.data[0];
        bool escaped = take_escape(&text, &byte);
        if (!escaped)
            text = slice_from(text, 1);
        bool reserved = byte && strchr(":/?#[]@!$&'()*+,;=", byte);
        if (is_unreserved(byte) || (reserved && !escaped))
            buffer_append_byte(out, byte);
        else
            buffer_append_format(out, "%%%02X", (unsigned)(unsigned char)byte);
    }
}

/* Parameters that say where a reader came from, not what page it is. */
static bool is_tracking(struct slice name)
{
    static const char *const names[] = {
        "fbclid", "gclid",  "gclsrc", "dclid",   "gbraid", "wbraid", "msclkid", "yclid", "mc_cid",
        "mc_eid", "igshid", "twclid", "ref_src", "_ga",    "_gl",    "_hsenc",  "_hsmi", "mkt_tok"};
    if (slice_starts_nocase(name, SLICE("utm_")))
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (slice_equal_nocase(name, slice_of(names[i])))
            return true;
    return false;
}

static void write_canonical(struct buffer *out, struct slice field, void *context)
{
    (void)context;
    struct parameter parameter = parameter_of(field);
    if (!is_tracking(slice_of(parameter.name)))
        append_normal(out, field);
    parameter_release(&parameter);
}

static void append_part(struct buffer *out, CURLU *handle, CURLUPart part, unsigned flags)
{
    char *text = NULL;
    if (curl_url_get(handle, part, &text, flags) == CURLUE_OK)
        buffer_append_text(out, text);
    curl_free(text);
}

static void append_canonical_host(struct buffer *out, CURLU *handle)
{
    struct buffer host = BUFFER_INIT(BUFFER_UNBOUNDED), port = BUFFER_INIT(BUFFER_UNBOUNDED);
    append_part(&host, handle, CURLUPART_HOST, CURLU_PUNYCODE);
    if (!host.size)
        append_part(&host, handle, CURLUPART_HOST, 0);
    append_part(&port, handle, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);

    struct slice name = buffer_slice(&host);
    while (slice_ends(name, SLICE(".")))
        name.size--;
    if (slice_starts_nocase(name, SLICE("www.")))
        name = slice_from(name, 4);
    for (size_t i = 0; i < name.size; i++)
        buffer_append_byte(out, byte_lower(name.data[i]));
    if (port.size)
        buffer_append_format(out, ":%s", buffer_text(&port));
    buffer_release(&host);
    buffer_release(&port);
}

static void append_canonical_path(struct buffer *out, CURLU *handle)
{
    struct buffer path = BUFFER_INIT(BUFFER_UNBOUNDED);
    append_part(&path, handle, CURLUPART_PATH, 0);
    struct slice rest = buffer_slice(&path);
    if (slice_ends_nocase(rest, SLICE("/index.html")))
        rest.size -= strlen("index.html");
    else if (slice_ends_nocase(rest, SLICE("/index.htm")))
        rest.size -= strlen("index.htm");
    while (slice_ends(rest, SLICE("/")))
        rest.size--;
    append_normal(out, rest);
    buffer_release(&path);
}

char *url_canonical(const char *url)
{
    CURLU *handle = parse(NULL, url, 0);
    if (!handle)
        return NULL;
    struct buffer canonical = BUFFER_INIT(BUFFER_UNBOUNDED);
    if (!url_is_http(url)) {
        append_part(&canonical, handle, CURLUPART_SCHEME, 0);
        buffer_append_text(&canonical, "://");
    }
    append_canonical_host(&canonical, handle);
    append_canonical_path(&canonical, handle);
    append_fields(&canonical, split(url).query, "?", write_canonical, NULL);
    curl_url_cleanup(handle);
    return buffer_detach(&canonical);
}

static bool is_secret(struct slice name)
{
    static const char *const endings[] = {
        "token", "key",     "auth", "sig",  "signature", "secret", "password", "passwd",    "pass",
        "pwd",   "session", "jwt",  "hmac", "policy",    "hdnts",  "hdnea",    "credential"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (slice_ends_nocase(name, slice_of(endings[i])))
            return true;
    return slice_starts_nocase(name, SLICE("auth"));
}

static void write_redacted(struct buffer *out, struct slice field, void *context)
{
    (void)context;
    struct parameter parameter = parameter_of(field);
    size_t equals = slice_find_byte(field, '=');
    if (equals != SIZE_MAX && is_secret(slice_of(parameter.name))) {
        buffer_append_slice(out, slice_first(field, equals + 1));
        buffer_append_text(out, "…");
    } else {
        buffer_append_slice(out, field);
    }
    parameter_release(&parameter);
}

/* Without what stands before the host's '@'. Written on the text, since a URL that is broken may
 * hold a password too. */
static void append_without_user(struct buffer *out, struct slice front)
{
    size_t scheme = slice_find(front, SLICE("//"));
    if (scheme == SIZE_MAX) {
        buffer_append_slice(out, front);
        return;
    }
    struct slice rest = slice_from(front, scheme + 2);
    size_t at = slice_rfind_byte(slice_first(rest, slice_find_byte(rest, '/')), '@');
    buffer_append_slice(out, slice_first(front, scheme + 2));
    buffer_append_slice(out, at == SIZE_MAX ? rest : slice_from(rest, at + 1));
}

char *url_redacted(const char *url)
{
    struct parts parts = split(url);
    struct buffer safe = BUFFER_INIT(BUFFER_UNBOUNDED);
    append_without_user(&safe, parts.front);
    if (parts.has_query && !parts.query.size)
        buffer_append_byte(&safe, '?');
    append_fields(&safe, parts.query, "?", write_redacted, NULL);
    if (parts.has_fragment && !parts.fragment.size)
        buffer_append_byte(&safe, '#');
    append_fields(&safe, parts.fragment, "#", write_redacted, NULL);
    return buffer_detach(&safe);
}
