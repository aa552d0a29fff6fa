/* SPDX-License-Identifier: MIT */
/*
 * The command line: one table of options and one of commands give parsing, help, completion and the
 * man page. A new option is a member of `struct options` and a row in options.c.
 */
#ifndef CLIPNOTES_CLI_OPTIONS_H
#define CLIPNOTES_CLI_OPTIONS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "model/cut.h"
#include "model/time.h"
#include "recap/plan.h"
#include "recap/range.h"

/* Which commands know an option; each is a bit. */
enum command_bit {
    COMMAND_LIST = 1 << 0,
    COMMAND_CLIP = 1 << 1,
    COMMAND_CUT = 1 << 2,
    COMMAND_CHAPTERS = 1 << 3,
    COMMAND_MARK = 1 << 4,
    COMMAND_RESOLVE = 1 << 5,
    COMMAND_RECAP = 1 << 6,
    COMMAND_FETCH = 1 << 7,
    COMMAND_CACHE = 1 << 8,
    COMMAND_ALL = INT_MAX,
};

/* An option that may be given several times. */
struct text_list {
    const char **items; /* the array is owned, the texts are the command line's */
    size_t count, capacity;
};

enum color_when {
    COLOR_AUTO,
    COLOR_ALWAYS,
    COLOR_NEVER,
};

/* What the user asked for. Texts are borrowed from the command line. */
struct options {
    struct text_list arguments; /* what is no option: NOTES... */
    const char *output;         /* NULL: the command's own default */
    struct text_list audio_dirs;
    struct text_list maps;
    struct text_list feeds;
    const char *site;
    bool offline;
    bool refresh;
    const char *cache_dir;
    const char *base_url;
    struct range_options range;
    enum cut_verify verify;
    enum cut_inexact inexact;
    const char *format;
    int bitrate; /* kbit/s; 0: not given */
    int quality; /* -1: not given */
    int rate;    /* Hz; 0: not given */
    bool mono;
    millis fade;
    const char *from; /* chapters: a file, or the name of a format */
    const char *to;   /* the name of a chapter format */
    bool in_place;
    bool merge;
    const char *id3; /* version of new tags: "2.3", "2.4"; NULL: not given */
    const char *shift;
    struct text_list shifts_after;
    int loudness; /* hundredths of a LUFS; LEVEL_NONE: not given */
    millis gap;
    const char *intro, *between, *outro;
    int64_t max_rate;       /* bytes a second; 0: not given */
    int64_t max_size;       /* of one file; 0: not given */
    int64_t cache_size;     /* of all that stays in the cache; -1: not given */
    int64_t older_than;     /* seconds; -1: not given */
    const char *config;     /* NULL: the usual one, where it is there */
    const char *user_agent; /* NULL: the default */
    struct shard shard;     /* its count is 0: not given */
    bool assemble;
    int jobs;
    bool dry_run;
    bool json;
    bool quiet;
    int verbose;
    enum color_when color;
    bool help;
    bool version;

    /* What `config` names, read by cli_run(); borrowed; NULL: none is named. */
    const struct config *named_config;
};

#define LEVEL_NONE INT_MIN

struct terminal;

struct command {
    const char *name;
    enum command_bit bit;
    const char *arguments; /* "NOTES..." */
    const char *summary;   /* one line */
    const char *details;   /* paragraphs for help and man page */
    size_t min_arguments;

    /* Returns the exit status. */
    int (*run)(const struct options *options, struct terminal *terminal);
};

/* By name; NULL where there is none. */
const struct command *command_find(const char *name);

/* All of them, in the order of the help; ends with a row without a name. */
extern const struct command commands[];

/* The most similar name, for "did you mean"; NULL where none is close. */
const char *command_suggest(const char *name);

void options_init(struct options *options); /* the defaults */
void options_release(struct options *options);

/* 3 or 4; 0 where --id3 is not given. */
int options_id3_version(const struct options *options);

/* Reads argv[1] to argv[argc - 1] as the options and arguments of `command` (NULL: those that stand
 * before a command's name, up to it). */
bool options_parse(struct options *options, const struct command *command, int argc, char **argv,
                   struct error *err);

/* How clips are to be made, as audio/ wants to know it. */
struct cut_options options_cut(const struct options *options);

/* Text for people: how to call the program, or one command. Appended. */
void help_append(struct buffer *out, const struct command *command, size_t columns);

/* The same tables as a man page's source (scdoc) and as bash completion. */
void help_append_man(struct buffer *out);
void help_append_completion(struct buffer *out);

/* How options.c shows its rows to help.c. */
struct option_view {
    char letter;          /* '\0': none */
    const char *name;     /* without "--" */
    const char *argument; /* NULL: takes none */
    const char *help;
    const char *initial;        /* the default as text; NULL */
    const char *const *choices; /* ends with NULL; NULL: none */
    unsigned bits;
};

/* The i-th option; false past the last. */
bool options_view(size_t i, struct option_view *ret_view);

#endif
