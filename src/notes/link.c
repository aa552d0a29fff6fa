/* SPDX-License-Identifier: MIT */
#include "notes/link.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/slice.h"
#include "format/url.h"
#include "model/timecode.h"

/* What a parameter may hold to be a time. */
enum trust {
    TRUST_ALL,   /* also bare seconds, wherever it stands */
    TRUST_MEDIA, /* bare seconds only where the URL is known to play something */
};

enum role {
    ROLE_START,
    ROLE_END,
    ROLE_LENGTH,
};

/* The names under which sites and players hand over a position. */
static const struct parameter {
    struct slice name;
    enum role role;
    enum trust trust;
} parameters[] = {
    {{"t", 1}, ROLE_START, TRUST_ALL},           {{"time_continue", 13}, ROLE_START, TRUST_ALL},
    {{"ts", 2}, ROLE_START, TRUST_ALL},          {{"at", 2}, ROLE_START, TRUST_ALL},
    {{"time", 4}, ROLE_START, TRUST_ALL},        {{"timestamp", 9}, ROLE_START, TRUST_ALL},
    {{"timecode", 8}, ROLE_START, TRUST_ALL},    {{"seek", 4}, ROLE_START, TRUST_ALL},
    {{"starttime", 9}, ROLE_START, TRUST_ALL},   {{"start_time", 10}, ROLE_START, TRUST_ALL},
    {{"start", 5}, ROLE_START, TRUST_MEDIA},     {{"begin", 5}, ROLE_START, TRUST_MEDIA},
    {{"position", 8}, ROLE_START, TRUST_MEDIA},  {{"end", 3}, ROLE_END, TRUST_ALL},
    {{"stop", 4}, ROLE_END, TRUST_ALL},          {{"endtime", 7}, ROLE_END, TRUST_ALL},
    {{"end_time", 8}, ROLE_END, TRUST_ALL},      {{"dur", 3}, ROLE_LENGTH, TRUST_MEDIA},
    {{"duration", 8}, ROLE_LENGTH, TRUST_MEDIA},
};

/* Parts of URLs that play something. */
static const char *const media_signs[] = {
    "youtu.be/",
    "youtube.com/",
    "youtube-nocookie.com/",
    "vimeo.com/",
    "twitch.tv/",
    "soundcloud.com/",
    "spotify.com/",
    "overcast.fm/",
    "pca.st/",
    "pocketcasts.com/",
    "podcasts.apple.com/",
    "castro.fm/",
    "dailymotion.",
    "archive.org/",
    "media.ccc.de/",
    "podcastaddict.com/",
    "odysee.com/",
    "rumble.com/",
    "bilibili.com/",
    "nicovideo.jp/",
    "mixcloud.com/",
    "spreaker.com/",
    "buzzsprout.com/",
    "castbox.fm/",
    "podverse.fm/",
    "fountain.fm/",
    "snipd.com/",
    "listennotes.com/",
    "transistor.fm/",
    "simplecast.com/",
    "/videos/watch/",
    "/videos/embed/",
    ".mp3",
    ".m4a",
    ".ogg",
    ".opus",
    ".oga",
    ".wav",
    ".flac",
    ".aac",
    ".mp4",
    ".webm",
    ".ogv",
    ".m4v",
};

/* Parts of URLs whose parameters of these names mean something else: forums number their topics
 * with `t`, converters of time zones are given a clock time. */
static const char *const other_signs[] = {
    "viewtopic",      "showthread",    "showtopic",    "viewforum",
    "/forum",         "dateful.",      "time.is/",     "timeanddate",
    "worldtimebuddy", "everytimezone", "timezone",     "/convert",
    "/calendar",      "calendly.",     "meet.google.", "teams.microsoft",
    "twitter.com/",   "//x.com/",      ".png",         ".jpg",
    ".jpeg",          ".gif",          ".svg",         ".webp",
    ".css",           ".js?",
};

static bool holds(struct slice url, const char *const *signs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_find(url, slice_of(signs[i])) != SIZE_MAX)
            return true;
    return false;
}

#define HOLDS(url, table) holds((url), (table), sizeof(table) / sizeof *(table))

/* A URL in the course of being understood. */
struct reading {
    struct slice url;
    bool start_found, end_found, length_found;
    millis start, end, length;
    const char *odd;
    struct buffer page;
};

/* "0:75:20": hours that somebody did not work out. */
static bool take_long_minutes(struct slice *text, millis *ret_time)
{
    struct slice rest = *text;
    while (slice_take(&rest, SLICE("0")))
        ;
    if (rest.size == text->size || !slice_take_byte(&rest, ':') ||
        !timecode_take(&rest, TIMECODE_COLONS, ret_time))
        return false;
    *text = rest;
    return true;
}

static bool take_time(struct slice *text, unsigned notations, millis *ret_time)
{
    slice_take(text, SLICE("npt:"));
    return timecode_take(text, notations, ret_time) ||
           ((notations & TIMECODE_COLONS) && take_long_minutes(text, ret_time));
}

/* One time, or two as a range: "10:00-11:30", "696,886" (Media Fragments URI 1.0, 4.2.1: the start
 * may be left out). */
static bool read_range(struct slice value, unsigned notations, struct reading *reading)
{
    millis start = 0, end = 0;
    bool ended = false, comma = false;
    if (!slice_starts(value, SLICE(",")) && !take_time(&value, notations, &start))
        return false;
    if ((comma = slice_take_byte(&value, ',')) || slice_take_byte(&value, '-')) {
        ended = value.size > 0;
        if (ended && !take_time(&value, notations, &end))
            return false;
    }
    if (value.size || (comma && ended && end <= start)) /* "at=52.5,13.4" is a place */
        return false;
    reading->start = start;
    reading->start_found = true;
    if (ended) {
        reading->end = end;
        reading->end_found = true;
    }
    return true;
}

/* Written so that nobody can have meant anything but a time. */
static bool looks_like_time(struct slice value)
{
    return value.size && byte_is_digit(value.data[0]) && slice_find_byte(value, ':') != SIZE_MAX;
}

static const struct parameter *find_parameter(struct slice name)
{
    slice_take(&name, SLICE("amp;")); /* an ampersand that was escaped twice */
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        if (slice_equal_nocase(name, parameters[i].name))
            return &parameters[i];
    return NULL;
}

/* Seconds since 1970 are no position, and no mistake either. */
#define MIN_EPOCH (500000000 * MILLIS_SECOND)

static void judge_start(struct reading *reading, bool timed)
{
    if (!timed)
        reading->odd = "is no time";
    else if (reading->start > LINK_MAX_START && reading->start < MIN_EPOCH)
        reading->odd = "is past 100 hours";
}

/* True where "name=value" was a time, which is then not part of the page. */
static bool read_parameter(struct reading *reading, struct slice text)
{
    struct slice value = text, name;
    if (!slice_take_field(&value, '=', &name) || name.size == text.size)
        return false;
    const struct parameter *parameter = find_parameter(name);
    if (!parameter)
        return false;

    char *decoded = url_decode(value);
    value = slice_trim(slice_of(decoded));
    unsigned notations = TIMECODE_COLONS | TIMECODE_UNITS;
    bool media = HOLDS(reading->url, media_signs);
    if (parameter->trust == TRUST_ALL || media)
        notations |= TIMECODE_SECONDS;
    bool timed = false;
    switch (parameter->role) {
    case ROLE_START:
        timed = !reading->start_found && read_range(value, notations, reading);
        if (looks_like_time(value) || (media && value.size && byte_is_digit(value.data[0])))
            judge_start(reading, timed);
        break;
    case ROLE_END:
        timed = timecode_parse(value, notations, &reading->end);
        reading->end_found |= timed;
        break;
    case ROLE_LENGTH:
        timed = timecode_parse(value, notations, &reading->length);
        reading->length_found |= timed;
        break;
    }
    free(decoded);
    return timed;
}

/* "a=1&t=20" without its times, appended behind `joint` where something is left. */
static void read_parameters(struct reading *reading, struct slice text, char joint)
{
    struct slice field;
    while (slice_take_field(&text, '&', &field)) {
        if (read_parameter(reading, field))
            continue;
        buffer_append_byte(&reading->page, joint);
        buffer_append_slice(&reading->page, field);
        joint = '&';
    }
}

/* Sites that put the time into the path: "/t=0:09.497", Overcast's "/+AbC/12:34". */
static bool read_path_end(struct reading *reading, struct slice path)
{
    size_t slash = slice_rfind_byte(path, '/');
    if (slash == SIZE_MAX)
        return false;
    struct slice last = slice_from(path, slash + 1);
    struct slice before = slice_first(path, slash);
    size_t parent = slice_rfind_byte(before, '/');
    bool timed = false;
    if (slice_starts(last, SLICE("t="))) {
        timed = read_parameter(reading, last);
    } else if (parent != SIZE_MAX && slice_starts(slice_from(before, parent + 1), SLICE("+"))) {
        char *decoded = url_decode(last);
        timed = read_range(slice_of(decoded), TIMECODE_COLONS, reading);
        free(decoded);
    }
    if (timed)
        buffer_append_slice(&reading->page, before);
    return timed;
}

/* "#t=10,20", "#?t=10", "#00:12:34". */
static void read_fragment(struct reading *reading, struct slice fragment)
{
    char *decoded = url_decode(fragment);
    bool timed = !reading->start_found && read_range(slice_of(decoded), TIMECODE_COLONS, reading);
    free(decoded);
    if (timed)
        return;
    struct slice rest = fragment;
    char joint = '#';
    if (slice_take_byte(&rest, '?') || slice_take(&rest, SLICE("/?")) ||
        slice_find_byte(rest, '=') != SIZE_MAX)
        read_parameters(reading, rest, joint);
    else if (fragment.size)
        buffer_append_format(&reading->page, "#%.*s", SLICE_ARGS(fragment));
}

static void read_parts(struct reading *reading)
{
    struct slice rest = reading->url, fragment = {"", 0};
    size_t hash = slice_find_byte(rest, '#');
    if (hash != SIZE_MAX) {
        fragment = slice_from(rest, hash + 1);
        rest = slice_first(rest, hash);
    }
    /* Some forget the question mark: "youtu.be/ID&t=718". */
    size_t mark = slice_find_byte(rest, '?'), ampersand = slice_find_byte(rest, '&');
    size_t query = mark < ampersand ? mark : ampersand;
    struct slice path = slice_first(rest, query);
    if (!read_path_end(reading, path))
        buffer_append_slice(&reading->page, path);
    if (query != SIZE_MAX)
        read_parameters(reading, slice_from(rest, query + 1), rest.data[query]);
    read_fragment(reading, fragment);
}

static bool is_candidate(struct slice url)
{
    return slice_find_byte(url, '=') != SIZE_MAX || slice_find_byte(url, '#') != SIZE_MAX ||
           slice_find_byte(url, '+') != SIZE_MAX;
}

enum link_kind link_read(const char *url, struct link_time *ret_time)
{
    struct reading reading = {.url = slice_of(url), .page = BUFFER_INIT(BUFFER_UNBOUNDED)};
    if (!is_candidate(reading.url))
        return LINK_PLAIN;
    read_parts(&reading);

    bool timed = reading.start_found && reading.start <= LINK_MAX_START;
    bool other = (timed || reading.odd) && HOLDS(reading.url, other_signs);
    ret_time->odd = reading.odd;
    if (!timed || other) {
        buffer_release(&reading.page);
        return reading.odd && !other ? LINK_ODD : LINK_PLAIN;
    }
    ret_time->start = reading.start;
    ret_time->end = MILLIS_NONE;
    if (reading.end_found)
        ret_time->end = reading.end;
    else if (reading.length_found && reading.length > 0)
        ret_time->end = reading.start + reading.length;
    ret_time->page = buffer_detach(&reading.page);
    return LINK_TIMED;
}
