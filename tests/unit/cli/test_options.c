/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <stdio.h>

#include "test.h"

#define MAX_WORDS 16

/* Parses words as `clipnotes COMMAND words...`. */
static bool parse(struct options *options, const char *command, const char *const *words,
                  struct error *err)
{
    char *argv[MAX_WORDS + 2];
    int argc = 0;
    argv[argc++] = (char *)(uintptr_t) "clipnotes";
    for (; *words; words++)
        argv[argc++] = (char *)(uintptr_t)*words;
    argv[argc] = NULL;
    options_init(options);
    return options_parse(options, command ? command_find(command) : NULL, argc, argv, err);
}

static void test_values_arrive(void **state)
{
    (void)state;
    static const char *const words[] = {"-o",  "out", "a.md", "--length", "1m30s",
                                        "-nj", "3",   "b.md", NULL};
    struct options options;
    struct error err = ERROR_INIT;
    assert_true(parse(&options, "clip", words, &err));
    assert_string_equal(options.output, "out");
    assert_int_equal(options.range.length, 90 * MILLIS_SECOND);
    assert_int_equal(options.jobs, 3);
    assert_true(options.dry_run);
    assert_false(options.json);
    assert_int_equal(options.arguments.count, 2);
    assert_string_equal(options.arguments.items[1], "b.md");
    options_release(&options);
}

static void test_how_clips_are_made(void **state)
{
    (void)state;
    static const char *const words[] = {"--format=opus", "-b",    "48",          "--mono",
                                        "--loudness",    "-16.5", "--fade=0.01", NULL};
    struct options options;
    struct error err = ERROR_INIT;
    assert_true(parse(&options, "clip", words, &err));
    struct cut_options cut = options_cut(&options);
    assert_string_equal(cut.format, "opus");
    assert_int_equal(cut.bitrate, 48000);
    assert_int_equal(cut.quality, 0);
    assert_true(cut.mono);
    assert_true(cut.loudness_set);
    assert_int_equal(cut.loudness_centilufs, -1650);
    assert_int_equal(cut.fade, 10);
    options_release(&options);
}

static void test_lists_collect(void **state)
{
    (void)state;
    static const char *const words[] = {"--audio-dir=a", "--audio-dir", "b", "--", "-n", NULL};
    struct options options;
    struct error err = ERROR_INIT;
    assert_true(parse(&options, "clip", words, &err));
    assert_int_equal(options.audio_dirs.count, 2);
    assert_string_equal(options.audio_dirs.items[1], "b");
    assert_false(options.dry_run);
    assert_string_equal(options.arguments.items[0], "-n");
    options_release(&options);
}

static void test_wrong_words_are_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *words[3];
        const char *message;
    } rows[] = {
        {{"--lenght", "3"}, "did you mean '--length'?"},
        {{"--audiodir", "3"}, "did you mean '--audio-dir'?"},
        {{"--zzzzzz"}, "see 'clipnotes clip --help'"},
        {{"-x"}, "unknown option '-x'"},
        {{"--length"}, "wants a value"},
        {{"-o"}, "option '-o' wants a value"},
        {{"--length", "5x"}, "is no time"},
        {{"--length", "0"}, "is not between"},
        {{"--length", "25h"}, "is not between"},
        {{"--jobs", "0"}, "is no number from 1 to 256"},
        {{"--jobs", "99999999999999999999"}, "is no number"},
        {{"--end", "never"}, "is none of: pause"},
        {{"--json=1"}, "takes no value"},
        {{"--format", "aiff"}, "is none of: copy, mka, mp3"},
        {{"--loudness", "16"}, "is no level"},
        {{"--loudness", "-16.555"}, "is no level"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct options options;
        struct error err = ERROR_INIT;
        assert_false(parse(&options, "clip", rows[i].words, &err));
        assert_error(err, ERROR_USAGE, rows[i].message);
        options_release(&options);
    }
}

static void test_a_command_knows_only_its_options(void **state)
{
    (void)state;
    static const char *const words[] = {"--length", "5", NULL};
    struct options options;
    struct error err = ERROR_INIT;
    assert_false(parse(&options, "list", words, &err));
    assert_error(err, ERROR_USAGE, "unknown option '--length'");
    options_release(&options);
}

/* What the design's table says: what each command knows. */
static void test_commands_know_what_is_promised(void **state)
{
    (void)state;
    static const struct {
        const char *commands[10], *words[16];
    } rows[] = {
        {{"list", "resolve", "fetch", "clip", "mark", "recap", "cut", "chapters", "cache"},
         {"-n", "--json", "-q", "-v", "--color", "never", "--config", "x", "-h", "--version"}},
        {{"resolve", "fetch", "clip", "mark", "recap", "cut"},
         {"-j", "2", "--offline", "--refresh", "--max-rate", "5k", "--cache-dir", "x"}},
        {{"resolve", "fetch", "clip", "mark", "recap"},
         {"--audio-dir", "x", "--site", "x", "--feed", "x", "--map", "a=b", "--base-url", "x"}},
        {{"clip", "recap"},
         {"--length", "5", "--end", "fixed", "--pad-before", "1", "--pad-after", "1"}},
        {{"clip", "recap", "cut"},
         {"--format", "wav", "--bitrate", "64", "--quality", "2", "--mono", "--rate", "8000",
          "--fade", "1", "--loudness", "-16"}},
        {{"recap"}, {"--gap", "1", "--intro", "x", "--between", "x", "--outro", "x"}},
        {{"clip", "mark", "recap"}, {"--shard", "1/2"}},
        {{"clip", "mark", "recap", "cut", "chapters"}, {"-o", "x"}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (const char *const *command = rows[i].commands; *command; command++) {
            struct options options;
            struct error err = ERROR_INIT;
            if (!parse(&options, *command, rows[i].words, &err))
                fail_msg("%s: %s", *command, err.message);
            options_release(&options);
        }
}

/* Parser, help, man page and completion cannot disagree: each option is in all of them. */
static void test_every_option_is_told_everywhere(void **state)
{
    (void)state;
    struct buffer man = BUFFER_INIT(BUFFER_UNBOUNDED), completion = BUFFER_INIT(BUFFER_UNBOUNDED);
    help_append_man(&man);
    help_append_completion(&completion);
    for (const struct command *command = commands; command->name; command++) {
        struct buffer help = BUFFER_INIT(BUFFER_UNBOUNDED);
        help_append(&help, command, 80);
        struct option_view view;
        for (size_t i = 0; options_view(i, &view); i++) {
            char name[64];
            snprintf(name, sizeof name, "--%s", view.name);
            bool known = (view.bits & (unsigned)command->bit) != 0;
            bool told = strstr(buffer_text(&help), name) != NULL;
            if (known && !told)
                fail_msg("'%s --help' does not tell %s", command->name, name);
            assert_non_null(strstr(buffer_text(&man), name));
            assert_non_null(strstr(buffer_text(&completion), name));
        }
        buffer_release(&help);
    }
    buffer_release(&man);
    buffer_release(&completion);
}

static void test_help_fits_the_columns(void **state)
{
    (void)state;
    for (const struct command *command = commands; command->name; command++) {
        struct buffer help = BUFFER_INIT(BUFFER_UNBOUNDED);
        help_append(&help, command, 80);
        struct slice rest = buffer_slice(&help), line;
        while (slice_take_line(&rest, &line))
            if (line.size > 80)
                fail_msg("too long: %.*s", SLICE_ARGS(line));
        buffer_release(&help);
    }
}

static void test_suggestions(void **state)
{
    (void)state;
    assert_string_equal(command_suggest("clpi"), "clip");
    assert_string_equal(command_suggest("lst"), "list");
    assert_null(command_suggest("zzzzzzzz"));
    assert_null(command_suggest("a-word-that-is-longer-than-thirty-one-bytes"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_arrive),
        cmocka_unit_test(test_how_clips_are_made),
        cmocka_unit_test(test_lists_collect),
        cmocka_unit_test(test_wrong_words_are_refused_by_name),
        cmocka_unit_test(test_a_command_knows_only_its_options),
        cmocka_unit_test(test_commands_know_what_is_promised),
        cmocka_unit_test(test_every_option_is_told_everywhere),
        cmocka_unit_test(test_help_fits_the_columns),
        cmocka_unit_test(test_suggestions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
