/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* getopt_long() */
#include "cli/options.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/pool.h"
#include "model/timecode.h"
#include "recap/programme.h"

#define MOST_SHARDS 9999

enum option_type {
    OPTION_FLAG,
    OPTION_COUNT, /* a flag that may be repeated */
    OPTION_TEXT,
    OPTION_LIST,
    OPTION_DURATION,
    OPTION_NUMBER,
    OPTION_CHOICE,
    OPTION_WORD,  /* a choice that stays text */
    OPTION_LEVEL, /* decibels with up to two decimals, as hundredths */
    OPTION_SIZE,  /* bytes: 500k, 1.5M, 10G */
    OPTION_AGE,   /* seconds: 12h, 30d, 8w */
    OPTION_SHARD, /* 2/3 */
};

struct option_row {
    struct option_view view;
    enum option_type type;
    size_t offset;    /* of its member in struct options */
    int64_t min, max; /* of a number or a duration */
};

static const char *const end_rules[] = {[END_PAUSE] = "pause",
                                        [END_FIXED] = "fixed",
                                        [END_NEXT] = "next",
                                        [END_TRANSCRIPT] = "transcript",
                                        NULL};
static const char *const verify_words[] = {
    [VERIFY_EDGES] = "edges", [VERIFY_FULL] = "full", [VERIFY_OFF] = "off", NULL};
static const char *const inexact_words[] = {
    [INEXACT_ALLOW] = "allow", [INEXACT_ENCODE] = "encode", [INEXACT_FAIL] = "fail", NULL};
static const char *const clip_formats[] = {"copy", "mka",  "mp3", "m4a", "opus",
                                           "ogg",  "flac", "wav", NULL};
static const char *const id3_versions[] = {"2.3", "2.4", NULL};
static const char *const color_words[] = {
    [COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never", NULL};

/* The compiler refuses a row whose type does not fit its member. */
#define MEMBER(member, c_type)                                                                     \
    (offsetof(struct options, member) + 0 * sizeof(_Generic(((struct options *)0)->member, c_type  \
                                                            : (char)0)))

#define FLAG(member)  .type = OPTION_FLAG, .offset = MEMBER(member, bool)
#define COUNT(member) .type = OPTION_COUNT, .offset = MEMBER(member, int)
#define TEXT(member)  .type = OPTION_TEXT, .offset = MEMBER(member, const char *)
#define LIST(member)  .type = OPTION_LIST, .offset = MEMBER(member, struct text_list)
#define WORD(member)  .type = OPTION_WORD, .offset = MEMBER(member, const char *)
#define LEVEL(member, from, to)                                                                    \
    .type = OPTION_LEVEL, .offset = MEMBER(member, int), .min = (from), .max = (to)
#define SIZE(member)       .type = OPTION_SIZE, .offset = MEMBER(member, int64_t)
#define AGE(member)        .type = OPTION_AGE, .offset = MEMBER(member, int64_t)
#define SHARD(member)      .type = OPTION_SHARD, .offset = MEMBER(member, struct shard)
#define CHOICE(member, of) .type = OPTION_CHOICE, .offset = MEMBER(member, of)
#define NUMBER(member, from, to)                                                                   \
    .type = OPTION_NUMBER, .offset = MEMBER(member, int), .min = (from), .max = (to)
#define DURATION(member, from, to)                                                                 \
    .type = OPTION_DURATION, .offset = MEMBER(member, millis), .min = (from), .max = (to)

#define FROM_NOTES      (COMMAND_CLIP | COMMAND_RECAP)
#define NEEDS_AUDIO     (FROM_NOTES | COMMAND_MARK | COMMAND_RESOLVE | COMMAND_FETCH)
#define USES_NETWORK    (NEEDS_AUDIO | COMMAND_CUT | COMMAND_LIST) /* NOTES may be a URL */
#define WRITES_CHAPTERS (COMMAND_CHAPTERS | COMMAND_MARK)
#define MAKES_CLIPS     (COMMAND_CLIP | COMMAND_CUT | COMMAND_RECAP)

static const struct option_row rows[] = {
    {{'o', "output", "DIR", "folder for the clips and their manifest", "clips", NULL, COMMAND_CLIP},
     TEXT(output)},
    {{'o', "output", "DIR", "folder for the recap and all that belongs to it", "recap", NULL,
      COMMAND_RECAP},
     TEXT(output)},
    {{'o', "output", "PATH", "file to write, whose name tells the format; or a folder",
      "a name made of FILE's and START in this folder", NULL, COMMAND_CUT},
     TEXT(output)},
    {{'o', "output", "DIR", "folder for the copies that get the chapters", NULL, NULL,
      COMMAND_MARK},
     TEXT(output)},
    {{'o', "output", "FILE", "set, strip: copy of the audio to write; convert: text to write",
      "convert: standard output", NULL, COMMAND_CHAPTERS},
     TEXT(output)},
    {{0, "audio-dir", "DIR",
      "episodes as local files, matched by slug, sNNeNN or the feed's file name; may be repeated",
      NULL, NULL, NEEDS_AUDIO},
     LIST(audio_dirs)},
    {{0, "in-place", NULL, "change the audio files themselves", NULL, NULL, WRITES_CHAPTERS},
     FLAG(in_place)},
    {{0, "from", "MARKS",
      "set: the file that holds the chapters, or FORMAT:FILE; convert, show: the input's format",
      NULL, NULL, COMMAND_CHAPTERS},
     TEXT(from)},
    {{0, "to", "FORMAT", "format of the text that is written", NULL, NULL, COMMAND_CHAPTERS},
     TEXT(to)},
    {{0, "merge", NULL, "keep the chapters that are there, where none of the new starts then", NULL,
      NULL, WRITES_CHAPTERS},
     FLAG(merge)},
    {{0, "id3", "VERSION", "version of new ID3 tags; a tag that is there keeps its own", "2.3",
      id3_versions, WRITES_CHAPTERS},
     WORD(id3)},
    {{0, "shift", "DUR", "move all chapters by so much; -DUR moves them back", NULL, NULL,
      COMMAND_CHAPTERS},
     TEXT(shift)},
    {{0, "shift-after", "T=DUR", "move those that start at T or later; may be repeated", NULL, NULL,
      COMMAND_CHAPTERS},
     LIST(shifts_after)},
    {{0, "site", "DIR",
      "the source of the show's own site (Zola, Hugo, Jekyll): its front matter and players", NULL,
      NULL, NEEDS_AUDIO},
     TEXT(site)},
    {{0, "feed", "URL|FILE", "RSS or Atom feed that describes the episodes; may be repeated", NULL,
      NULL, NEEDS_AUDIO},
     LIST(feeds)},
    {{0, "map", "PAGE=AUDIO", "fixed answer for one page; may be repeated", NULL, NULL,
      NEEDS_AUDIO},
     LIST(maps)},
    {{0, "base-url", "URL", "what relative links in the notes are relative to", NULL, NULL,
      COMMAND_LIST | NEEDS_AUDIO},
     TEXT(base_url)},
    {{0, "config", "FILE", "configuration: episodes of pages, headers for private feeds",
      "~/.config/clipnotes/config.toml", NULL, COMMAND_ALL},
     TEXT(config)},
    {{0, "offline", NULL, "use only what is on this machine", NULL, NULL, USES_NETWORK},
     FLAG(offline)},
    {{0, "refresh", NULL, "fetch anew what the cache holds", NULL, NULL, USES_NETWORK},
     FLAG(refresh)},
    {{0, "max-rate", "SIZE", "fetch at most so much a second, such as 500k", NULL, NULL,
      USES_NETWORK},
     SIZE(max_rate)},
    {{0, "max-size", "SIZE", "fetch no file that is larger", "2G", NULL, USES_NETWORK},
     SIZE(max_size)},
    {{0, "user-agent", "TEXT", "what servers are told that this is", NULL, NULL, USES_NETWORK},
     TEXT(user_agent)},
    {{0, "cache-dir", "DIR", "where what was fetched is kept", "$XDG_CACHE_HOME/clipnotes", NULL,
      USES_NETWORK | COMMAND_CACHE},
     TEXT(cache_dir)},
    {{0, "older-than", "AGE", "what was not used for so long, such as 30d", NULL, NULL,
      COMMAND_CACHE},
     AGE(older_than)},
    {{0, "max-size", "SIZE", "what was not used lately, until no more than this is left", NULL,
      NULL, COMMAND_CACHE},
     SIZE(cache_size)},
    {{'l', "length", "DUR", "length of a clip for which the notes give no end", "60s", NULL,
      FROM_NOTES},
     DURATION(range.length, 1, 24 * MILLIS_HOUR)},
    {{0, "end", "RULE",
      "where a clip without an end stops: in the best pause in speech near its length, at its "
      "length, at the next mark of the same episode, or behind a sentence of the transcript",
      "pause", end_rules, FROM_NOTES},
     CHOICE(range.end, enum end_rule)},
    {{0, "snap", "DUR", "how far from its length such an end may be", "8s", NULL, FROM_NOTES},
     DURATION(range.snap, 0, MILLIS_MINUTE)},
    {{0, "snap-start", NULL, "start where the phrase begins, at most 500 ms earlier", NULL, NULL,
      FROM_NOTES},
     FLAG(range.snap_start)},
    {{0, "pad-before", "DUR", "more sound before each clip, for the editor; not in the recap", "0s",
      NULL, FROM_NOTES},
     DURATION(range.pad_before, 0, 10 * MILLIS_MINUTE)},
    {{0, "pad-after", "DUR", "more sound behind each clip; not in the recap", "0s", NULL,
      FROM_NOTES},
     DURATION(range.pad_after, 0, 10 * MILLIS_MINUTE)},
    {{0, "format", "FORMAT", "of the clips or the recap; 'copy' keeps the episode's",
      "copy; recap: mp3", clip_formats, MAKES_CLIPS},
     WORD(format)},
    {{0, "inexact", "WHAT", "where a copy cannot be exact", "allow", inexact_words, MAKES_CLIPS},
     CHOICE(inexact, enum cut_inexact)},
    {{0, "verify", "HOW", "how much of each clip is decoded again and compared with its episode",
      "edges", verify_words, MAKES_CLIPS},
     CHOICE(verify, enum cut_verify)},
    {{'b', "bitrate", "KBPS", "encode at so many kbit/s; says nothing about flac and wav",
      "mp3, m4a: 64 mono, 128 stereo; opus: 40, 64", NULL, MAKES_CLIPS},
     NUMBER(bitrate, 6, 1024)},
    {{0, "quality", "N",
      "encode at this quality, on the encoder's own scale: mp3 0 (best) to 9, ogg 0 to 10 (best), "
      "m4a 1 to 5; its effort: opus 0 to 10, flac 0 to 12",
      "ogg: 4", NULL, MAKES_CLIPS},
     NUMBER(quality, 0, 12)},
    {{0, "rate", "HZ",
      "encode at this sample rate, or the next that the codec has; opus: always 48000", NULL, NULL,
      MAKES_CLIPS},
     NUMBER(rate, 8000, 192000)},
    {{0, "mono", NULL, "encode one channel", NULL, NULL, MAKES_CLIPS}, FLAG(mono)},
    {{0, "fade", "DUR", "fade in and out, encoded", NULL, NULL, MAKES_CLIPS},
     DURATION(fade, 0, 60 * MILLIS_SECOND)},
    {{0, "loudness", "LUFS", "bring to this loudness, such as -16, encoded", NULL, NULL,
      MAKES_CLIPS},
     LEVEL(loudness, -7000, 0)},
    {{0, "gap", "DUR", "silence between the parts of the recap", "500ms", NULL, COMMAND_RECAP},
     DURATION(gap, 0, MILLIS_MINUTE)},
    {{0, "intro", "FILE", "audio in front of the first clip", NULL, NULL, COMMAND_RECAP},
     TEXT(intro)},
    {{0, "between", "FILE", "audio between any two clips", NULL, NULL, COMMAND_RECAP},
     TEXT(between)},
    {{0, "outro", "FILE", "audio behind the last clip", NULL, NULL, COMMAND_RECAP}, TEXT(outro)},
    {{0, "shard", "K/N",
      "do only the K-th of N parts of the job, as one of N machines; see --assemble", NULL, NULL,
      FROM_NOTES | COMMAND_MARK},
     SHARD(shard)},
    {{0, "assemble", NULL,
      "put together what the N runs with --shard have cut; mark: see that they marked all", NULL,
      NULL, FROM_NOTES | COMMAND_MARK},
     FLAG(assemble)},
    {{'j', "jobs", "N", "episodes to work on at a time", "the number of processors", NULL,
      USES_NETWORK},
     NUMBER(jobs, 1, 256)},
    {{'n', "dry-run", NULL, "say what would be done, and write nothing", NULL, NULL, COMMAND_ALL},
     FLAG(dry_run)},
    {{0, "json", NULL, "results as JSON", NULL, NULL, COMMAND_ALL}, FLAG(json)},
    {{'q', "quiet", NULL, "no progress and no warnings", NULL, NULL, COMMAND_ALL}, FLAG(quiet)},
    {{'v', "verbose", NULL, "say what is done; twice: how", NULL, NULL, COMMAND_ALL},
     COUNT(verbose)},
    {{0, "color", "WHEN", "colours on the terminal", "auto", color_words, COMMAND_ALL},
     CHOICE(color, enum color_when)},
    {{'h', "help", NULL, "show this help", NULL, NULL, COMMAND_ALL}, FLAG(help)},
    {{0, "version", NULL, "show the versions of the program and its libraries", NULL, NULL,
      COMMAND_ALL},
     FLAG(version)},
};

#define ROW_COUNT (sizeof rows / sizeof *rows)

/* What getopt_long() returns for an option without a letter: past every character. */
#define FIRST_LONG 0x100

bool options_view(size_t i, struct option_view *ret_view)
{
    if (i >= ROW_COUNT)
        return false;
    *ret_view = rows[i].view;
    return true;
}

void options_init(struct options *options)
{
    size_t processors = pool_processors();
    *options = (struct options){
        .range = {.end = END_PAUSE, .length = MILLIS_MINUTE, .snap = RANGE_SNAP},
        .gap = PROGRAMME_GAP,
        .jobs = processors > 256 ? 256 : (int)processors,
        .quality = -1,
        .cache_size = -1,
        .older_than = -1,
        .loudness = LEVEL_NONE,
    };
}

struct cut_options options_cut(const struct options *options)
{
    bool leveled = options->loudness != LEVEL_NONE;
    return (struct cut_options){
        .format = options->format,
        .verify = options->verify,
        .inexact = options->inexact,
        .bitrate = options->bitrate * 1000,
        .quality = options->quality + 1,
        .mono = options->mono,
        .rate = options->rate,
        .fade = options->fade,
        .loudness_set = leveled,
        .loudness_centilufs = leveled ? options->loudness : 0,
    };
}

void options_release(struct options *options)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].type == OPTION_LIST)
            free(((struct text_list *)((char *)options + rows[i].offset))->items);
    free(options->arguments.items);
    *options = (struct options){0};
}

int options_id3_version(const struct options *options)
{
    return options->id3 ? options->id3[2] - '0' : 0;
}

static void list_add(struct text_list *list, const char *text)
{
    list->items = mem_grow(list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = text;
}

static bool set_number(const struct option_row *row, const char *text, int *ret_number,
                       struct error *err)
{
    int64_t number;
    if (!slice_to_int64(slice_of(text), &number) || number < row->min || number > row->max)
        return error_set(err, ERROR_USAGE, "--%s: '%s' is no number from %lld to %lld",
                         row->view.name, text, (long long)row->min, (long long)row->max);
    *ret_number = (int)number;
    return true;
}

static bool set_duration(const struct option_row *row, const char *text, millis *ret_time,
                         struct error *err)
{
    char what[64], low[MILLIS_TEXT_SIZE], high[MILLIS_TEXT_SIZE];
    millis time;
    snprintf(what, sizeof what, "--%s", row->view.name);
    if (!timecode_parse_option(text, what, &time, err))
        return false;
    if (time < row->min || time > row->max)
        return error_set(err, ERROR_USAGE, "%s: '%s' is not between %s and %s", what, text,
                         millis_text(row->min, low), millis_text(row->max, high));
    *ret_time = time;
    return true;
}

/* The place of `text` among the row's choices. */
static bool find_choice(const struct option_row *row, const char *text, int *ret_choice,
                        struct error *err)
{
    struct buffer known = BUFFER_INIT(BUFFER_UNBOUNDED);
    int found = -1;
    for (int i = 0; row->view.choices[i]; i++) {
        if (strcmp(row->view.choices[i], text) == 0)
            found = i;
        buffer_append_format(&known, "%s%s", i ? ", " : "", row->view.choices[i]);
    }
    if (found < 0)
        error_set(err, ERROR_USAGE, "--%s: '%s' is none of: %s", row->view.name, text,
                  buffer_text(&known));
    else
        *ret_choice = found;
    buffer_release(&known);
    return found >= 0;
}

static bool set_choice(const struct option_row *row, const char *text, void *ret_choice,
                       struct error *err)
{
    int choice = 0;
    if (!find_choice(row, text, &choice, err))
        return false;
    memcpy(ret_choice, &choice, sizeof choice); /* an enum here has the size of an int */
    return true;
}

static bool set_word(const struct option_row *row, const char *text, const char **ret_word,
                     struct error *err)
{
    int choice = 0;
    if (!find_choice(row, text, &choice, err))
        return false;
    *ret_word = row->view.choices[choice];
    return true;
}

/* "-16" or "-16.5" as hundredths. */
static bool set_level(const struct option_row *row, const char *text, int *ret_level,
                      struct error *err)
{
    struct slice rest = slice_of(text);
    bool negative = slice_take_byte(&rest, '-');
    uint64_t whole = 0, fraction = 0;
    size_t digits = 0;
    bool read = slice_take_digits(&rest, &whole, NULL) && whole <= 1000;
    if (read && slice_take_byte(&rest, '.'))
        read = slice_take_digits(&rest, &fraction, &digits) && digits <= 2;
    int64_t level = (int64_t)(whole * 100 + (digits == 1 ? fraction * 10 : fraction));
    if (negative)
        level = -level;
    if (!read || rest.size || level < row->min || level > row->max)
        return error_set(err, ERROR_USAGE, "--%s: '%s' is no level from %lld to %lld",
                         row->view.name, text, (long long)row->min / 100,
                         (long long)row->max / 100);
    *ret_level = (int)level;
    return true;
}

struct unit {
    const char *name;
    int64_t value;
};

static const struct unit sizes[] = {
    {"", 1}, {"k", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"T", INT64_C(1) << 40}, {NULL, 0},
};

static const struct unit ages[] = {
    {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 7 * 86400}, {NULL, 0},
};

/* "1.5G": a number with at most three decimals and one of the units, in any case. */
static bool set_amount(const struct option_row *row, const char *text, const struct unit *units,
                       int64_t *ret_amount, struct error *err)
{
    struct slice rest = slice_of(text);
    uint64_t whole = 0, fraction = 0;
    size_t digits = 0;
    bool read = slice_take_digits(&rest, &whole, NULL) && whole <= INT32_MAX;
    if (read && slice_take_byte(&rest, '.'))
        read = slice_take_digits(&rest, &fraction, &digits) && digits <= 3;
    for (; digits < 3; digits++)
        fraction *= 10;
    int64_t amount = -1;
    for (; read && units->name; units++)
        if (slice_equal_nocase(rest, slice_of(units->name)))
            amount = (int64_t)whole * units->value + (int64_t)fraction * units->value / 1000;
    if (amount < 0)
        return error_set(err, ERROR_USAGE, "--%s: '%s' is no %s", row->view.name, text,
                         row->type == OPTION_SIZE ? "size such as 500k, 20M or 1.5G"
                                                  : "age such as 12h, 30d or 8w");
    *ret_amount = amount;
    return true;
}

/* "2/3": the second of three. */
static bool set_shard(const struct option_row *row, const char *text, struct shard *ret_shard,
                      struct error *err)
{
    struct slice rest = slice_of(text);
    uint64_t number = 0, count = 0;
    if (!slice_take_digits(&rest, &number, NULL) || !slice_take_byte(&rest, '/') ||
        !slice_take_digits(&rest, &count, NULL) || rest.size || number < 1 || number > count ||
        count > MOST_SHARDS)
        return error_set(err, ERROR_USAGE,
                         "--%s: '%s' is no part of a job, such as 2/3: the second of three",
                         row->view.name, text);
    *ret_shard = (struct shard){(int)number, (int)count};
    return true;
}

static bool set_option(struct options *options, const struct option_row *row, const char *text,
                       struct error *err)
{
    void *member = (char *)options + row->offset;
    switch (row->type) {
    case OPTION_FLAG:
        *(bool *)member = true;
        return true;
    case OPTION_COUNT:
        ++*(int *)member;
        return true;
    case OPTION_TEXT:
        *(const char **)member = text;
        return true;
    case OPTION_LIST:
        list_add(member, text);
        return true;
    case OPTION_DURATION:
        return set_duration(row, text, member, err);
    case OPTION_NUMBER:
        return set_number(row, text, member, err);
    case OPTION_CHOICE:
        return set_choice(row, text, member, err);
    case OPTION_WORD:
        return set_word(row, text, member, err);
    case OPTION_LEVEL:
        return set_level(row, text, member, err);
    case OPTION_SIZE:
        return set_amount(row, text, sizes, member, err);
    case OPTION_AGE:
        return set_amount(row, text, ages, member, err);
    case OPTION_SHARD:
        return set_shard(row, text, member, err);
    }
    return false;
}

/* Edits (insert, delete, replace, swap of neighbours) from `a` to `b`, for names of up to 31 bytes.
 */
static size_t distance(const char *a, const char *b)
{
    enum { LONGEST = 31 };
    size_t rows_of[LONGEST + 1][LONGEST + 1];
    size_t n = strlen(a), m = strlen(b);
    if (n > LONGEST || m > LONGEST)
        return SIZE_MAX;
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; j <= m; j++) {
            if (i == 0 || j == 0) {
                rows_of[i][j] = i + j;
                continue;
            }
            size_t best = rows_of[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (rows_of[i - 1][j] + 1 < best)
                best = rows_of[i - 1][j] + 1;
            if (rows_of[i][j - 1] + 1 < best)
                best = rows_of[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                rows_of[i - 2][j - 2] + 1 < best)
                best = rows_of[i - 2][j - 2] + 1;
            rows_of[i][j] = best;
        }
    return rows_of[n][m];
}

/* Keeps the candidate where it is nearer to what was typed than the best so far. */
static void consider(const char *typed, const char *candidate, const char **best,
                     size_t *best_distance)
{
    size_t d = distance(typed, candidate);
    if (d < *best_distance && d <= strlen(candidate) / 3 + 1) {
        *best = candidate;
        *best_distance = d;
    }
}

const char *command_suggest(const char *name)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (const struct command *command = commands; command->name; command++)
        consider(name, command->name, &best, &best_distance);
    return best;
}

const struct command *command_find(const char *name)
{
    for (const struct command *command = commands; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static bool knows(const struct command *command, const struct option_row *row)
{
    return !command ? row->view.bits == COMMAND_ALL : (row->view.bits & command->bit) != 0;
}

static bool refuse_unknown(const struct command *command, const char *word, struct error *err)
{
    const char *help = command ? command->name : "";
    if (strncmp(word, "--", 2) != 0)
        return error_set(err, ERROR_USAGE, "unknown option '%s'; see 'clipnotes %s%s--help'", word,
                         help, *help ? " " : "");

    char *name = mem_strndup(word + 2, strcspn(word + 2, "="));
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (knows(command, &rows[i]))
            consider(name, rows[i].view.name, &best, &best_distance);
    if (best)
        error_set(err, ERROR_USAGE, "unknown option '--%s'; did you mean '--%s'?", name, best);
    else
        error_set(err, ERROR_USAGE, "unknown option '--%s'; see 'clipnotes %s%s--help'", name, help,
                  *help ? " " : "");
    free(name);
    return false;
}

struct getopt_tables {
    struct option longs[ROW_COUNT + 1];
    char shorts[2 * ROW_COUNT + 3];
};

static void fill_tables(const struct command *command, struct getopt_tables *tables)
{
    size_t longs = 0, shorts = 0;
    *tables = (struct getopt_tables){0};
    if (!command)
        tables->shorts[shorts++] = '+'; /* stop at the command's name */
    tables->shorts[shorts++] = ':';     /* tell a missing argument from an unknown option */
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct option_view *view = &rows[i].view;
        if (!knows(command, &rows[i]))
            continue;
        tables->longs[longs++] =
            (struct option){view->name, view->argument ? required_argument : no_argument, NULL,
                            FIRST_LONG + (int)i};
        if (view->letter) {
            tables->shorts[shorts++] = view->letter;
            if (view->argument)
                tables->shorts[shorts++] = ':';
        }
    }
}

static const struct option_row *row_of(const struct command *command, int code)
{
    if (code >= FIRST_LONG)
        return &rows[code - FIRST_LONG];
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].view.letter == code && knows(command, &rows[i]))
            return &rows[i];
    return NULL;
}

bool options_parse(struct options *options, const struct command *command, int argc, char **argv,
                   struct error *err)
{
    struct getopt_tables tables;
    fill_tables(command, &tables);
    opterr = 0;
    optind = 0; /* glibc: begin anew */
    int code;
    while ((code = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
        const char *word = argv[optind - 1];
        char letter[3] = {'-', (char)optopt, '\0'};
        bool short_one = optopt && optopt < FIRST_LONG;
        if (code == '?' && optopt >= FIRST_LONG)
            return error_set(err, ERROR_USAGE, "option '--%s' takes no value",
                             row_of(command, optopt)->view.name);
        if (code == '?')
            return refuse_unknown(command, short_one ? letter : word, err);
        if (code == ':')
            return error_set(err, ERROR_USAGE, "option '%s' wants a value: %s",
                             short_one ? letter : word, row_of(command, optopt)->view.argument);
        if (!set_option(options, row_of(command, code), optarg, err))
            return false;
    }
    for (int i = optind; i < argc; i++)
        list_add(&options->arguments, argv[i]);
    return true;
}
