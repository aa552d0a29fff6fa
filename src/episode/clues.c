/* SPDX-License-Identifier: MIT */
/*
 * What a page says about audio, collected in one walk over its elements.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "episode/page.h"
#include "format/json.h"
#include "format/url.h"

/* Scripts that are larger are a whole site's data. */
#define MAX_SCRIPT_BYTES ((size_t)4 << 20)

#define MAX_URL_BYTES 4000
#define MAX_CLUES     1000

enum script_kind {
    SCRIPT_NONE,
    SCRIPT_JSON_LD,
    SCRIPT_OTHER,
};

struct reading {
    struct page_clues *clues;
    const char *page; /* its own URL */
    char *base;       /* what links are relative to */
    int audio_depth;  /* open <audio> elements */
    bool audio_known; /* the open one has a source already */
    enum script_kind script;
    int script_line;
    struct buffer text; /* of the open script */
};

static void add_clue(struct reading *reading, enum clue_kind kind, const char *url, int line)
{
    struct page_clues *clues = reading->clues;
    char *absolute = url ? url_resolve(reading->base, url) : NULL;
    if (absolute && url_is_http(absolute) && clues->count < MAX_CLUES) {
        clues->items = arena_grow(clues->arena, clues->items, &clues->capacity, clues->count + 1,
                                  sizeof *clues->items);
        clues->items[clues->count++] =
            (struct clue){kind, arena_strdup(clues->arena, absolute), line};
    }
    free(absolute);
}

static void keep_text(struct reading *reading, const char **field, const char *text)
{
    char *collapsed = text && !*field ? text_collapse(slice_of(text)) : NULL;
    if (collapsed && collapsed[0])
        *field = arena_strdup(reading->clues->arena, collapsed);
    free(collapsed);
}

struct element {
    const char *name;
    const struct markup_attribute *attributes;
    size_t count;
    int line;
};

static const char *attribute_of(const struct element *element, const char *name)
{
    return markup_attribute(element->attributes, element->count, name);
}

static bool is_any_of(const char *text, const char *const *words)
{
    for (; text && *words; words++)
        if (slice_equal_nocase(slice_of(text), slice_of(*words)))
            return true;
    return false;
}

/* ogp.me; Twitter's player cards. */
static void take_meta(struct reading *reading, const struct element *element)
{
    static const char *const audio[] = {"og:audio", "og:audio:url", "og:audio:secure_url",
                                        "twitter:player:stream", NULL};
    static const char *const title[] = {"og:title", "twitter:title", NULL};
    static const char *const show[] = {"og:site_name", NULL};
    static const char *const cover[] = {"og:image", "og:image:url", "twitter:image", NULL};
    struct page_clues *clues = reading->clues;
    const char *name = attribute_of(element, "property"),
               *content = attribute_of(element, "content");
    if (!name)
        name = attribute_of(element, "name");
    if (is_any_of(name, audio))
        add_clue(reading, CLUE_META, content, element->line);
    else if (is_any_of(name, title))
        keep_text(reading, &clues->title, content);
    else if (is_any_of(name, show))
        keep_text(reading, &clues->show, content);
    else if (is_any_of(name, cover) && content) {
        char *url = url_resolve(reading->base, content);
        keep_text(reading, &clues->cover, url);
        free(url);
    }
}

static void take_link(struct reading *reading, const struct element *element)
{
    static const char *const feeds[] = {"application/rss+xml", "application/atom+xml", NULL};
    static const char *const oembed[] = {"application/json+oembed", NULL};
    const char *type = attribute_of(element, "type"), *url = attribute_of(element, "href");
    static const char *const alternate[] = {"alternate", NULL};
    if (!is_any_of(attribute_of(element, "rel"), alternate))
        return;
    if (is_any_of(type, feeds))
        add_clue(reading, CLUE_FEED, url, element->line);
    else if (is_any_of(type, oembed))
        add_clue(reading, CLUE_OEMBED, url, element->line);
}

/* Players give several formats of one recording; the first one is the one that they prefer. */
static void take_audio(struct reading *reading, const struct element *element)
{
    const char *url = attribute_of(element, "src");
    const char *type = attribute_of(element, "type");
    bool picture = type && slice_starts_nocase(slice_of(type), SLICE("image/"));
    if (!url || !url[0] || reading->audio_known || picture)
        return;
    add_clue(reading, CLUE_AUDIO, url, element->line);
    reading->audio_known = true;
}

/* Whatever names a player: <script src>, <iframe src>, and the attributes that their scripts read.
 */
static void take_player(struct reading *reading, const struct element *element)
{
    static const char *const names[] = {"src",          "data-src",      "data-configuration",
                                        "data-episode", "data-resource", "data-config",
                                        "data-url"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = attribute_of(element, names[i]);
        char *url = value ? url_resolve(reading->base, value) : NULL;
        if (url && embed_knows(url))
            add_clue(reading, CLUE_EMBED, url, element->line);
        free(url);
    }
}

static enum script_kind kind_of_script(const struct element *element)
{
    static const char *const json_ld[] = {"application/ld+json", NULL};
    if (strcmp(element->name, "script") != 0)
        return SCRIPT_NONE;
    return is_any_of(attribute_of(element, "type"), json_ld) ? SCRIPT_JSON_LD : SCRIPT_OTHER;
}

static void take_base(struct reading *reading, const struct element *element)
{
    const char *href = attribute_of(element, "href");
    char *base = href ? url_resolve(reading->base, href) : NULL;
    if (!base)
        return;
    free(reading->base);
    reading->base = base;
}

static bool on_open(void *context, const char *name, const struct markup_attribute *attributes,
                    size_t count, int line)
{
    struct reading *reading = context;
    struct element element = {name, attributes, count, line};
    reading->script = kind_of_script(&element);
    reading->script_line = line;
    buffer_clear(&reading->text);
    if (strcmp(name, "audio") == 0) {
        reading->audio_known = false;
        reading->audio_depth++;
        take_audio(reading, &element);
    } else if (strcmp(name, "source") == 0) {
        if (reading->audio_depth)
            take_audio(reading, &element);
    } else if (strcmp(name, "meta") == 0) {
        take_meta(reading, &element);
    } else if (strcmp(name, "link") == 0) {
        take_link(reading, &element);
    } else if (strcmp(name, "base") == 0) {
        take_base(reading, &element);
    } else if (strcmp(name, "a") == 0) {
        const char *url = attribute_of(&element, "href");
        if (url && is_audio_name(url))
            add_clue(reading, CLUE_DOWNLOAD, url, line);
    }
    take_player(reading, &element);
    return true;
}

static bool on_text(void *context, struct slice text, int line)
{
    struct reading *reading = context;
    (void)line;
    if (reading->script)
        buffer_append_slice(&reading->text, text);
    return true;
}

static bool is_type(const struct value *object, const char *name)
{
    const struct value *type = value_get(object, "@type");
    if (value_text(type))
        return strcmp(value_text(type), name) == 0;
    for (size_t i = 0; i < value_count(type); i++)
        if (value_text(value_at(type, i)) && strcmp(value_text(value_at(type, i)), name) == 0)
            return true;
    return false;
}

/* A page may list other episodes too, each with its own address. */
static bool is_other_episode(const struct reading *reading, const struct value *object)
{
    if (!is_type(object, "PodcastEpisode") && !is_type(object, "RadioEpisode") &&
        !is_type(object, "Episode"))
        return false;
    const char *text = value_text(value_get(object, "url"));
    char *url = text ? url_resolve(reading->base, text) : NULL;
    char *other = url ? url_canonical(url) : NULL;
    char *own = reading->page ? url_canonical(reading->page) : NULL;
    bool differs = other && own && strcmp(other, own) != 0;
    free(own);
    free(other);
    free(url);
    return differs;
}

/* schema.org: AudioObject and MediaObject have a contentUrl. Values are at most VALUE_MAX_DEPTH
 * deep. */
static void take_json_ld(struct reading *reading, const struct value *value)
{
    const char *url = value_text(value_get(value, "contentUrl"));
    const char *type = value_text(value_get(value, "encodingFormat"));
    bool audio = is_type(value, "AudioObject") ||
                 (type && slice_starts_nocase(slice_of(type), SLICE("audio/")));
    if (is_other_episode(reading, value))
        return;
    if (!url && audio)
        url = value_text(value_get(value, "url"));
    if (url && (audio || is_audio_name(url)))
        add_clue(reading, CLUE_JSON_LD, url, reading->script_line);
    for (size_t i = 0; i < value_count(value); i++)
        take_json_ld(reading, value_at(value, i));
}

static void read_json_ld(struct reading *reading)
{
    struct arena *arena = arena_create();
    const struct value *value =
        json_read(arena, buffer_slice(&reading->text), reading->clues->name, NULL);
    if (value)
        take_json_ld(reading, value);
    arena_destroy(arena);
}

/* Eats what a script writes for one character of a URL; false at the URL's end. */
static bool take_script_char(struct slice *text, struct buffer *url)
{
    static const struct {
        const char *written, *meant;
    } escapes[] = {{"\\/", "/"},     {"\\u002F", "/"}, {"\\u002f", "/"}, {"\\u0026", "&"},
                   {"\\u003D", "="}, {"\\u003d", "="}, {"&amp;", "&"}};
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
        if (slice_take(text, slice_of(escapes[i].written)))
            return buffer_append_text(url, escapes[i].meant);
    if (!text->size || (unsigned char)text->data[0] <= ' ' ||
        strchr("\"'`<>\\)(,;{}", text->data[0]))
        return false;
    bool appended = buffer_append_byte(url, text->data[0]);
    *text = slice_from(*text, 1);
    return appended;
}

/* Audio that a script or a player's data names, however it quotes it. */
static void scan_script(struct reading *reading, struct slice text)
{
    for (;;) {
        size_t begin = slice_find(text, SLICE("http"));
        if (begin == SIZE_MAX)
            return;
        text = slice_from(text, begin);
        struct buffer url = BUFFER_INIT(MAX_URL_BYTES);
        while (take_script_char(&text, &url))
            continue;
        if (!buffer_overflowed(&url) && url_is_http(buffer_text(&url)) &&
            is_audio_name(buffer_text(&url)))
            add_clue(reading, CLUE_SCRIPT, buffer_text(&url), reading->script_line);
        buffer_release(&url);
    }
}

static bool on_close(void *context, const char *name, int line)
{
    struct reading *reading = context;
    (void)line;
    if (strcmp(name, "audio") == 0)
        reading->audio_depth--;
    if (reading->script == SCRIPT_JSON_LD)
        read_json_ld(reading);
    else if (reading->script == SCRIPT_OTHER)
        scan_script(reading, buffer_slice(&reading->text));
    reading->script = SCRIPT_NONE;
    return true;
}

static struct page_clues *create(const char *name)
{
    struct arena *arena = arena_create();
    struct page_clues *clues = arena_alloc(arena, sizeof *clues);
    clues->arena = arena;
    clues->name = arena_strdup(arena, name);
    return clues;
}

struct page_clues *page_clues_read(struct slice html, const char *name, const char *base,
                                   struct error *err)
{
    struct page_clues *clues = create(name);
    struct reading reading = {.clues = clues,
                              .page = base,
                              .base = mem_strdup(base),
                              .text = BUFFER_INIT(MAX_SCRIPT_BYTES)};
    struct markup_handler handler = {on_open, on_text, on_close, &reading};
    bool read = html_read(html, name, &handler, err);
    buffer_release(&reading.text);
    free(reading.base);
    if (read)
        return clues;
    page_clues_destroy(clues);
    return NULL;
}

struct page_clues *page_clues_scan(struct slice text, const char *name, const char *base)
{
    struct page_clues *clues = create(name);
    struct reading reading = {
        .clues = clues, .page = base, .base = mem_strdup(base), .script_line = 1};
    scan_script(&reading, text);
    free(reading.base);
    return clues;
}

void page_clues_destroy(struct page_clues *clues)
{
    if (clues)
        arena_destroy(clues->arena);
}
