/* SPDX-License-Identifier: MIT */
/*
 * What a page says of itself in its front matter. Every generator and every theme has its own
 * names; these are the ones that are met.
 */
#include <limits.h>
#include <string.h>

#include "model/timecode.h"
#include "notes/front.h"

#define MAX_NAMES 16

static const char *const title_names[MAX_NAMES] = {"title",        "episode_title", "episodetitle",
                                                   "itunes_title", "name",          "headline"};
static const char *const date_names[MAX_NAMES] = {"date",         "pubdate",      "published",
                                                  "publish_date", "published_at", "publishdate",
                                                  "datetime",     "recorded",     "created"};
static const char *const show_names[MAX_NAMES] = {
    "show", "show_title", "show_name", "podcast_name", "podcast_title", "podcast", "series"};
static const char *const slug_names[MAX_NAMES] = {"slug", "basename"};
static const char *const guid_names[MAX_NAMES] = {"guid", "uuid", "episode_guid", "id"};
static const char *const season_names[MAX_NAMES] = {"season", "season_number", "seasonnumber",
                                                    "itunes_season", "podcast_season"};
static const char *const episode_names[MAX_NAMES] = {
    "episode",    "episode_number", "episodenumber",
    "number",     "itunes_episode", "podcast_episode",
    "episode_id", "episode_no",     "ep",
    "nr",         "issue"};
static const char *const page_names[MAX_NAMES] = {"canonical_url", "canonicalurl", "canonical",
                                                  "permalink",     "link",         "url"};
static const char *const alias_names[MAX_NAMES] = {"aliases", "alias", "redirect_from"};
static const char *const path_names[] = {"permalink", "url", "path"};
static const char *const duration_names[MAX_NAMES] = {
    "duration",     "podcast_duration", "audio_duration", "itunes_duration", "episode_duration",
    "audio_length", "runtime",          "length",         "seconds"};

/* The last are so common that only what looks like audio counts. */
static const char *const audio_names[] = {"audio_url",     "audiourl",     "audio",
                                          "audio_file",    "audiofile",    "audio_path",
                                          "audio_src",     "mp3",          "mp3_url",
                                          "mp3url",        "m4a",          "enclosure",
                                          "enclosure_url", "enclosureurl", "podcast_file",
                                          "podcast_url",   "podcast_link", "podcasturl",
                                          "episode_file",  "episodefile",  "episodefilename",
                                          "episode_url",   "media",        "media_url",
                                          "media_file",    "file",         "file_url",
                                          "filename",      "download",     "download_url",
                                          "player",        "podcast",      "src",
                                          "source",        "url",          "link",
                                          "href",          "path"};

/* Themes keep their own fields in tables such as Zola's [extra] and Hugo's [params]. */
#define MAX_NESTING 3

static const struct value *find_at_depth(const struct value *object, const char *name, int depth)
{
    if (!value_is(object, VALUE_OBJECT))
        return NULL;
    if (!depth)
        return value_get_nocase(object, name);
    for (size_t i = 0; i < value_count(object); i++) {
        const struct value *found = find_at_depth(value_at(object, i), name, depth - 1);
        if (found)
            return found;
    }
    return NULL;
}

static const char *find_text(const struct value *front, const char *const *names)
{
    for (int depth = 0; depth < MAX_NESTING; depth++)
        for (size_t i = 0; i < MAX_NAMES && names[i]; i++) {
            const char *text = value_text(find_at_depth(front, names[i], depth));
            if (text && *text)
                return text;
        }
    return NULL;
}

static int find_number(const struct value *front, const char *const *names)
{
    for (int depth = 0; depth < MAX_NESTING; depth++)
        for (size_t i = 0; i < MAX_NAMES && names[i]; i++) {
            int64_t number;
            if (value_int64(find_at_depth(front, names[i], depth), &number) && number >= 0 &&
                number <= INT_MAX)
                return (int)number;
        }
    return MARK_NUMBER_NONE;
}

static bool looks_like_audio(struct slice text)
{
    static const struct slice extensions[] = {{".mp3", 4}, {".m4a", 4}, {".ogg", 4}, {".opus", 5},
                                              {".oga", 4}, {".aac", 4}, {".wav", 4}, {".flac", 5},
                                              {".mp4", 4}, {".m4b", 4}};
    text = slice_first(text, slice_find_byte(text, '?'));
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (slice_ends_nocase(text, extensions[i]))
            return true;
    return false;
}

/* RSS-like values hold more: "https://.../1.mp3 4711 audio/mpeg". */
static struct slice first_word(const char *text)
{
    struct slice word = slice_trim(slice_of(text)), rest = word;
    slice_take_field(&rest, ' ', &word);
    return word;
}

/* A text, or the first that looks like audio in a table or list. */
static struct slice audio_in(const struct value *value, int depth)
{
    const char *text = value_text(value);
    struct slice none = {"", 0};
    if (text) {
        struct slice word = slice_of(text);
        if (looks_like_audio(word))
            return word;
        word = first_word(text);
        return looks_like_audio(word) ? word : none;
    }
    for (size_t i = 0; depth && i < value_count(value); i++) {
        struct slice found = audio_in(value_at(value, i), depth - 1);
        if (found.size)
            return found;
    }
    return none;
}

/* Names that are used for nothing else; their value is a URL of any form. */
static const char *const sure_audio_names[MAX_NAMES] = {
    "audio_url",     "audiourl",     "mp3_url",     "mp3url",
    "enclosure_url", "enclosureurl", "podcast_url", "audio",
    "audio_file",    "enclosure",    "mp3"};

static struct slice find_audio(const struct value *front)
{
    for (int depth = 0; depth < MAX_NESTING; depth++)
        for (size_t i = 0; i < sizeof audio_names / sizeof *audio_names; i++) {
            struct slice found = audio_in(find_at_depth(front, audio_names[i], depth), 2);
            if (found.size)
                return found;
        }
    const char *text = find_text(front, sure_audio_names);
    struct slice word = text ? first_word(text) : (struct slice){"", 0};
    if (slice_starts_nocase(word, SLICE("http")))
        return word;
    return audio_in(front, MAX_NESTING);
}

/* As a position is written, or seconds. */
static millis find_duration(const struct value *front)
{
    millis duration;
    for (int depth = 0; depth < MAX_NESTING; depth++)
        for (size_t i = 0; i < MAX_NAMES && duration_names[i]; i++) {
            const char *text = value_text(find_at_depth(front, duration_names[i], depth));
            struct slice written = slice_of(text);
            slice_take(&written, SLICE("PT")); /* ISO 8601: "PT1H2M3S" */
            if (!text || !timecode_parse(written, TIMECODE_ANY, &duration))
                continue;
            /* A bare number may be the file's size. */
            if (duration > 0 && duration < 24 * MILLIS_HOUR)
                return duration;
        }
    return MILLIS_NONE;
}

static void keep_text(struct page *page, const char **member, const char *text)
{
    if (!*member && text)
        *member = arena_strdup(page->notes->arena, text);
}

static void keep_number(int *member, int number)
{
    if (*member == MARK_NUMBER_NONE)
        *member = number;
}

static void add_alias(struct notes *notes, const char **aliases, const char *text)
{
    if (text && *text)
        aliases[notes->alias_count++] = arena_strdup(notes->arena, text);
}

/* A path on the site, neither a whole URL nor that of the audio. */
static const char *path_of(const struct value *front, const char *name)
{
    const char *text = value_text(value_get_nocase(front, name));
    return text && !strstr(text, "://") && !looks_like_audio(slice_of(text)) ? text : NULL;
}

static void apply_aliases(struct notes *notes, const struct value *front)
{
    const struct value *value = NULL;
    for (size_t i = 0; i < MAX_NAMES && alias_names[i] && !value; i++)
        value = value_get_nocase(front, alias_names[i]);
    if (notes->aliases)
        return;
    size_t most = 1 + value_count(value) + sizeof path_names / sizeof *path_names;
    const char **aliases = arena_alloc_array(notes->arena, most, sizeof *aliases);
    add_alias(notes, aliases, value_text(value));
    for (size_t i = 0; i < value_count(value); i++)
        add_alias(notes, aliases, value_text(value_at(value, i)));
    for (size_t i = 0; i < sizeof path_names / sizeof *path_names; i++)
        add_alias(notes, aliases, path_of(front, path_names[i]));
    if (notes->alias_count)
        notes->aliases = aliases;
}

void front_apply(struct page *page, const struct value *front)
{
    struct notes *notes = page->notes;
    keep_text(page, &notes->title, find_text(front, title_names));
    keep_text(page, &notes->date, find_text(front, date_names));
    keep_text(page, &notes->show, find_text(front, show_names));
    keep_text(page, &notes->slug, find_text(front, slug_names));
    keep_text(page, &notes->guid, find_text(front, guid_names));
    keep_number(&notes->season, find_number(front, season_names));
    keep_number(&notes->episode, find_number(front, episode_names));
    apply_aliases(notes, front);
    if (page->duration == MILLIS_NONE)
        page->duration = find_duration(front);

    struct slice audio = find_audio(front);
    if (!notes->audio_url && audio.size)
        notes->audio_url = arena_strndup(notes->arena, audio.data, audio.size);
    const char *url = find_text(front, page_names);
    if (url && strstr(url, "://") && !looks_like_audio(slice_of(url)) &&
        (!notes->audio_url || strcmp(url, notes->audio_url) != 0))
        keep_text(page, &notes->page, url);
}
