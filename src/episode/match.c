/* SPDX-License-Identifier: MIT */
#include "episode/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "format/url.h"

/* No page's name is longer, in bytes. */
#define MAX_SLUG_BYTES 500

#define MAX_SEASON 9999
#define MAX_NUMBER 99999

static bool take_number(struct slice *text, int max, int *ret_number)
{
    uint64_t number = 0;
    if (!slice_take_digits(text, &number, NULL) || number > (uint64_t)max)
        return false;
    *ret_number = (int)number;
    return true;
}

static void skip_joiners(struct slice *text)
{
    while (text->size && strchr("-_. ", text->data[0]))
        *text = slice_from(*text, 1);
}

static bool take_word(struct slice *text, struct slice word)
{
    if (!slice_starts_nocase(*text, word))
        return false;
    *text = slice_from(*text, word.size);
    return true;
}

/* "s02e05" or "season 2, episode 5" at the front, not followed by another digit or letter. */
static bool take_token(struct slice text, struct episode_token *ret_token)
{
    struct episode_token token;
    if (!take_word(&text, SLICE("season")) && !take_word(&text, SLICE("s")))
        return false;
    skip_joiners(&text);
    if (!take_number(&text, MAX_SEASON, &token.season))
        return false;
    skip_joiners(&text);
    if (!take_word(&text, SLICE("episode")) && !take_word(&text, SLICE("ep")) &&
        !take_word(&text, SLICE("e")))
        return false;
    skip_joiners(&text);
    if (!take_number(&text, MAX_NUMBER, &token.number) ||
        (text.size && byte_is_alpha(text.data[0])))
        return false;
    *ret_token = token;
    return true;
}

static bool is_word_byte(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c) || (unsigned char)c >= 0x80;
}

bool episode_token_find(struct slice text, struct episode_token *ret_token)
{
    for (size_t i = 0; i < text.size; i++)
        if ((i == 0 || !is_word_byte(text.data[i - 1])) &&
            take_token(slice_from(text, i), ret_token))
            return true;
    return false;
}

/* Without what a web server's file names end with. */
static struct slice without_page_extension(struct slice name)
{
    static const char *const extensions[] = {".html", ".htm", ".php", ".md", ".aspx"};
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (slice_ends_nocase(name, slice_of(extensions[i])))
            return slice_first(name, name.size - strlen(extensions[i]));
    return name;
}

static struct slice without_slashes(struct slice path)
{
    while (slice_take_byte(&path, '/'))
        continue;
    while (slice_ends(path, SLICE("/")))
        path.size--;
    return path;
}

/* As url_canonical() does: a folder and its index.html are one page. */
static struct slice without_index(struct slice path)
{
    size_t slash = slice_rfind_byte(path, '/');
    struct slice name = slash == SIZE_MAX ? path : slice_from(path, slash + 1);
    if (!slice_equal_nocase(name, SLICE("index.html")) &&
        !slice_equal_nocase(name, SLICE("index.htm")))
        return path;
    return without_slashes(slice_first(path, slash == SIZE_MAX ? 0 : slash));
}

static char *slug_of_path(struct slice path)
{
    size_t slash = slice_rfind_byte(path, '/');
    struct slice name = slash == SIZE_MAX ? path : slice_from(path, slash + 1);
    return text_slug(without_page_extension(name), MAX_SLUG_BYTES);
}

void page_name_init(struct page_name *page, const char *url, const char *base)
{
    *page = (struct page_name){0};
    page->url = url_resolve(base, url);
    if (!page->url)
        page->url = mem_strdup(url);
    page->shown = url_redacted(page->url);
    page->canonical = url_canonical(page->url);
    char *path = url_path(page->url, true);
    struct slice bare = without_index(without_slashes(slice_of(path)));
    page->path = slice_dup(bare);
    page->slug = slug_of_path(bare);
    page->has_token = episode_token_find(slice_of(page->slug), &page->token);
    free(path);
}

void page_name_release(struct page_name *page)
{
    free(page->url);
    free(page->shown);
    free(page->canonical);
    free(page->path);
    free(page->slug);
    *page = (struct page_name){0};
}

bool page_name_is(const struct page_name *page, const char *text)
{
    char *canonical = url_canonical(text);
    bool same = false;
    if (canonical) {
        same = page->canonical && strcmp(canonical, page->canonical) == 0;
    } else {
        struct page_name other;
        page_name_init(&other, text, NULL);
        bool one_part = !strchr(other.path, '/');
        same = (other.path[0] && strcmp(other.path, page->path) == 0) ||
               (one_part && other.slug[0] && strcmp(other.slug, page->slug) == 0);
        page_name_release(&other);
    }
    free(canonical);
    return same;
}

/* One word or more of `slug` are all of `part`, at its beginning or end. */
static bool is_within(struct slice part, struct slice slug)
{
    if (part.size >= slug.size)
        return false;
    return (slice_starts(slug, part) && slug.data[part.size] == '-') ||
           (slice_ends(slug, part) && slug.data[slug.size - part.size - 1] == '-');
}

/* A name that says something: a bare number is within too many others. */
static bool has_letter(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (byte_is_alpha(text.data[i]) || (unsigned char)text.data[i] >= 0x80)
            return true;
    return false;
}

enum slug_match page_name_match(const struct page_name *page, struct slice slug)
{
    struct slice own = slice_of(page->slug);
    struct episode_token token;
    if (own.size && slice_equal(own, slug))
        return SLUG_EQUAL;
    if (has_letter(own) && is_within(own, slug))
        return SLUG_WITHIN;
    if (page->has_token && episode_token_find(slug, &token) && token.season == page->token.season &&
        token.number == page->token.number)
        return SLUG_TOKEN;
    return SLUG_OTHER;
}

static bool holds_word(struct slice slug, struct slice word)
{
    struct slice other;
    while (slice_take_field(&slug, '-', &other))
        if (slice_equal(other, word))
            return true;
    return false;
}

/* Different words that say something, and how many of them are in `other` too. */
static void count_words(struct slice slug, struct slice other, int *ret_words, int *ret_common)
{
    struct slice rest = slug, word;
    struct episode_token token;
    *ret_words = *ret_common = 0;
    while (slice_take_field(&rest, '-', &word)) {
        struct slice before = {slug.data, (size_t)(word.data - slug.data)};
        if (!word.size || holds_word(before, word) || episode_token_find(word, &token))
            continue;
        *ret_words += 1;
        *ret_common += holds_word(other, word);
    }
}

int slug_likeness(struct slice a, struct slice b)
{
    int a_words = 0, b_words = 0, common = 0, same = 0;
    count_words(a, b, &a_words, &common);
    count_words(b, a, &b_words, &same);
    return a_words + b_words ? 2000 * common / (a_words + b_words) : 0;
}

bool is_audio_name(const char *path_or_url)
{
    static const char *const extensions[] = {"mp3",  "m4a",  "m4b", "mp4",  "aac",
                                             "opus", "ogg",  "oga", "wav",  "flac",
                                             "mka",  "webm", "aif", "aiff", "alac"};
    char *path = url_path(path_or_url, true);
    struct slice extension = path_extension(path ? path : path_or_url);
    bool audio = false;
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        audio = audio || slice_equal_nocase(extension, slice_of(extensions[i]));
    free(path);
    return audio;
}
