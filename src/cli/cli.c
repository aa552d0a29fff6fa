/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cli/config.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "cli/version.h"

/* Scripts that package the program ask for these; people never see them. */
static const struct generator {
    const char *name;
    void (*append)(struct buffer *out);
} generators[] = {
    {"__man", help_append_man},
    {"__completion", help_append_completion},
};

static int print_and_release(struct terminal *terminal, struct buffer *text)
{
    bool printed = terminal_print(terminal, buffer_slice(text));
    buffer_release(text);
    return printed ? STATUS_DONE : STATUS_FAILED;
}

static int print_help(struct terminal *terminal, const struct command *command)
{
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    size_t columns = terminal_columns(terminal);
    help_append(&text, command, columns ? columns : 80);
    return print_and_release(terminal, &text);
}

static int print_version(struct terminal *terminal)
{
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    version_append(&text);
    return print_and_release(terminal, &text);
}

static int print_generated(struct terminal *terminal, const struct generator *generator)
{
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    generator->append(&text);
    return print_and_release(terminal, &text);
}

static bool check_arguments(const struct command *command, const struct options *options,
                            struct error *err)
{
    if (options->arguments.count >= command->min_arguments)
        return true;
    return error_set(err, ERROR_USAGE, "clipnotes %s needs %s; see 'clipnotes %s --help'",
                     command->name, command->arguments, command->name);
}

/* One that is named has to be right, even where the command makes no use of it; and it may be a
 * pipe, which can be read once. */
static bool read_named_config(struct options *options, struct config *config, struct error *err)
{
    if (!options->config)
        return true;
    if (!config_read(config, options->config, err))
        return false;
    options->named_config = config;
    return true;
}

static int run_command(const struct command *command, int argc, char **argv)
{
    struct options options;
    struct config config = {0};
    struct error err = ERROR_INIT;
    options_init(&options);
    bool parsed = options_parse(&options, command, argc, argv, &err);
    struct terminal *terminal = terminal_create(&options);
    int status;
    if (parsed && options.help)
        status = print_help(terminal, command);
    else if (parsed && options.version)
        status = print_version(terminal);
    else if (parsed && check_arguments(command, &options, &err) &&
             read_named_config(&options, &config, &err))
        status = command->run(&options, terminal);
    else {
        terminal_error(terminal, &err);
        status = terminal_status(err.kind);
    }
    error_release(&err);
    terminal_destroy(terminal);
    config_release(&config);
    options_release(&options);
    return status;
}

static void refuse_command(const char *name, struct error *err)
{
    const char *similar = command_suggest(name);
    if (similar)
        error_set(err, ERROR_USAGE, "there is no command '%s'; did you mean '%s'?", name, similar);
    else
        error_set(err, ERROR_USAGE, "there is no command '%s'; see 'clipnotes --help'", name);
}

/* A call without a command: what stands in front of one, or nothing at all. */
static int run_bare(int argc, char **argv)
{
    struct options options;
    struct error err = ERROR_INIT;
    options_init(&options);
    bool parsed = options_parse(&options, NULL, argc, argv, &err);
    struct terminal *terminal = terminal_create(&options);
    const char *name = options.arguments.count ? options.arguments.items[0] : NULL;
    const struct generator *generator = NULL;
    for (size_t i = 0; name && i < sizeof generators / sizeof *generators; i++)
        if (strcmp(name, generators[i].name) == 0)
            generator = &generators[i];

    int status;
    if (parsed && options.version)
        status = print_version(terminal);
    else if (parsed && options.help)
        status = print_help(terminal, NULL);
    else if (generator)
        status = print_generated(terminal, generator);
    else {
        if (parsed && name)
            refuse_command(name, &err);
        else if (parsed)
            error_set(&err, ERROR_USAGE, "a command is missing; see 'clipnotes --help'");
        terminal_error(terminal, &err);
        status = terminal_status(err.kind);
    }
    error_release(&err);
    terminal_destroy(terminal);
    options_release(&options);
    return status;
}

/* A reader that goes away and a file that may not grow are errors of the write that meets them,
 * which says so; by default they would end the program without a word. */
static void let_writes_fail(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
}

int cli_run(int argc, char **argv)
{
    let_writes_fail();
    /* `clipnotes help clip` is `clipnotes clip --help`. */
    char word[] = "--help";
    char *help[] = {argc ? argv[0] : word, word, NULL};
    bool asks = argc > 1 && strcmp(argv[1], "help") == 0;
    if (asks && argc == 2)
        return run_bare(2, help);
    if (asks) {
        const struct command *about = command_find(argv[2]);
        return about ? run_command(about, 2, help) : run_bare(argc - 1, argv + 1);
    }
    const struct command *command = argc > 1 ? command_find(argv[1]) : NULL;
    return command ? run_command(command, argc - 1, argv + 1) : run_bare(argc, argv);
}
