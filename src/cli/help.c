/* SPDX-License-Identifier: MIT */
/*
 * What the tables of options and commands look like to a person, to man and to a shell.
 */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define TEXT_COLUMN 26 /* where the explanation of an option begins */
#define MIN_COLUMNS 50
#define MAX_COLUMNS 100

static bool known_to(const struct option_view *view, const struct command *command)
{
    return command ? (view->bits & command->bit) != 0 : view->bits == COMMAND_ALL;
}

/* Appends `text`, breaking lines between words so that none passes `columns`; `column` is where the
 * first line stands already, `indent` where the others begin. */
static void append_wrapped(struct buffer *out, const char *text, size_t column, size_t indent,
                           size_t columns)
{
    struct slice rest = slice_of(text), word;
    bool first = true;
    while (slice_take_field(&rest, ' ', &word)) {
        size_t width = text_width(word);
        if (!first && column + 1 + width > columns) {
            buffer_append_format(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            buffer_append_byte(out, ' ');
            column++;
        }
        buffer_append_slice(out, word);
        column += width;
        first = false;
    }
    buffer_append_byte(out, '\n');
}

/* "--end pause|fixed": the option with the argument that it takes. */
static void append_signature(struct buffer *out, const struct option_view *view)
{
    buffer_append_format(out, "--%s", view->name);
    if (view->choices) {
        for (size_t i = 0; view->choices[i]; i++)
            buffer_append_format(out, "%s%s", i ? "|" : " ", view->choices[i]);
    } else if (view->argument) {
        buffer_append_format(out, " %s", view->argument);
    }
}

static void append_option(struct buffer *out, const struct option_view *view, size_t columns)
{
    struct buffer left = BUFFER_INIT(BUFFER_UNBOUNDED);
    if (view->letter)
        buffer_append_format(&left, "  -%c, ", view->letter);
    else
        buffer_append_text(&left, "      ");
    append_signature(&left, view);
    buffer_append_slice(out, buffer_slice(&left));
    if (left.size + 2 > TEXT_COLUMN)
        buffer_append_format(out, "\n%*s", TEXT_COLUMN, "");
    else
        buffer_append_format(out, "%*s", (int)(TEXT_COLUMN - left.size), "");
    buffer_release(&left);

    char *text =
        view->initial ? mem_format("%s (%s)", view->help, view->initial) : mem_strdup(view->help);
    append_wrapped(out, text, TEXT_COLUMN, TEXT_COLUMN, columns);
    free(text);
}

static void append_options(struct buffer *out, const struct command *command, size_t columns)
{
    struct option_view view;
    for (size_t i = 0; options_view(i, &view); i++)
        if (known_to(&view, command))
            append_option(out, &view, columns);
}

static void append_command_list(struct buffer *out)
{
    for (const struct command *command = commands; command->name; command++) {
        size_t size = strlen(command->name) + 1 + strlen(command->arguments);
        buffer_append_format(out, "  %s %s%*s%s\n", command->name, command->arguments,
                             (int)(size + 4 > TEXT_COLUMN ? 2 : TEXT_COLUMN - size - 2), "",
                             command->summary);
    }
}

void help_append(struct buffer *out, const struct command *command, size_t columns)
{
    if (columns < MIN_COLUMNS)
        columns = MIN_COLUMNS;
    if (columns > MAX_COLUMNS)
        columns = MAX_COLUMNS;
    if (command) {
        buffer_append_format(out, "usage: clipnotes %s [options] %s\n\n", command->name,
                             command->arguments);
        append_wrapped(out, command->details, 0, 0, columns);
    } else {
        buffer_append_text(out, "usage: clipnotes COMMAND [options] ...\n\n"
                                "Turns the timestamps in podcast show notes into audio.\n\n");
        append_command_list(out);
    }
    buffer_append_text(out, "\noptions:\n");
    append_options(out, command, columns);
    if (!command)
        buffer_append_text(out,
                           "\n'clipnotes COMMAND --help' tells more about a command.\n"
                           "exit status: 0 all done, 1 failed, 2 wrong usage, 3 partly done\n");
}

/* scdoc reads underscores and asterisks as emphasis. */
static void append_man_text(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("_*\\#", *text))
            buffer_append_byte(out, '\\');
        buffer_append_byte(out, *text);
    }
}

static void append_man_option(struct buffer *out, const struct option_view *view)
{
    buffer_append_text(out, "*");
    if (view->letter)
        buffer_append_format(out, "-%c*, *", view->letter);
    append_signature(out, view);
    buffer_append_text(out, "*\n\t");
    append_man_text(out, view->help);
    if (view->initial) {
        buffer_append_text(out, ". Default: ");
        append_man_text(out, view->initial);
    }
    buffer_append_text(out, ".\n");
    bool named = false;
    for (const struct command *command = commands; command->name; command++) {
        if (view->bits == COMMAND_ALL || !(view->bits & command->bit))
            continue;
        buffer_append_format(out, "%s*%s*", named ? ", " : "\t(", command->name);
        named = true;
    }
    buffer_append_text(out, named ? ")\n\n" : "\n");
}

void help_append_man(struct buffer *out)
{
    buffer_append_text(out, "clipnotes(1)\n\n# NAME\n\n"
                            "clipnotes - turns the timestamps in podcast show notes into audio\n\n"
                            "# SYNOPSIS\n\n*clipnotes* _COMMAND_ [options] ...\n\n# COMMANDS\n\n");
    for (const struct command *command = commands; command->name; command++) {
        buffer_append_format(out, "*%s* _%s_\n\t", command->name, command->arguments);
        append_man_text(out, command->details);
        buffer_append_text(out, "\n\n");
    }
    buffer_append_text(out, "# OPTIONS\n\n");
    struct option_view view;
    for (size_t i = 0; options_view(i, &view); i++)
        append_man_option(out, &view);
    buffer_append_text(
        out, "# EXIT STATUS\n\n*0* all done. *1* failed, nothing usable. *2* wrong usage. "
             "*3* partly done: the manifest says what failed.\n\n"
             "# FILES\n\n"
             "_~/.config/clipnotes/config.toml_\n"
             "\tepisodes of pages in [episodes], headers for private feeds in [headers].\n\n"
             "_~/.cache/clipnotes_\n\twhat was fetched.\n\n"
             "_~/.netrc_\n\tlogins of servers.\n\n"
             "# EXAMPLES\n\n"
             "The clips of a season, from episodes in a folder:\n\n"
             "\tclipnotes clip finale.md --audio-dir episodes -o clips\n\n"
             "Its recap as Opus, from the feed:\n\n"
             "\tclipnotes recap finale.md --feed https://show.example/feed.xml --format opus\n\n"
             "45 seconds of one file as they are, and as FLAC with a fade:\n\n"
             "\tclipnotes cut talk.mp3 55:40 +45s -o best.mp3++\n"
             "clipnotes cut talk.mp3 55:40 +45s -o best.flac --fade 20ms\n\n"
             "Chapters out of show notes into an episode:\n\n"
             "\tclipnotes chapters set talk.mp3 --from notes.md -o marked.mp3\n");
}

/* Words for the value of an option, or a command's first word, where there is a choice of them. */
static void append_choices(struct buffer *out)
{
    struct option_view view;
    buffer_append_text(out, "    case ${COMP_WORDS[COMP_CWORD - 1]} in\n");
    for (size_t i = 0; options_view(i, &view); i++) {
        if (!view.choices)
            continue;
        buffer_append_format(out, "    --%s) words='", view.name);
        for (size_t k = 0; view.choices[k]; k++)
            buffer_append_format(out, "%s ", view.choices[k]);
        buffer_append_text(out, "' chosen=1 ;;\n");
    }
    for (const struct command *command = commands; command->name; command++) {
        struct slice rest = slice_of(command->arguments), words, word;
        if (!strchr(command->arguments, '|') || !slice_take_field(&rest, ' ', &words))
            continue;
        buffer_append_format(out, "    %s) [ \"$COMP_CWORD\" -eq 2 ] && chosen=1 words+='",
                             command->name);
        while (slice_take_field(&words, '|', &word))
            buffer_append_format(out, "%.*s ", SLICE_ARGS(word));
        buffer_append_text(out, "' ;;\n");
    }
    buffer_append_text(out, "    esac\n");
}

void help_append_completion(struct buffer *out)
{
    buffer_append_text(out, "# bash completion for clipnotes, made from its table of options\n"
                            "_clipnotes() {\n"
                            "    local current=${COMP_WORDS[COMP_CWORD]} words='' chosen=''\n"
                            "    if [ \"$COMP_CWORD\" -eq 1 ]; then words='");
    for (const struct command *command = commands; command->name; command++)
        buffer_append_format(out, "%s ", command->name);
    buffer_append_text(out, "--help --version'\n    else\n        case ${COMP_WORDS[1]} in\n");
    for (const struct command *command = commands; command->name; command++) {
        buffer_append_format(out, "        %s) words='", command->name);
        struct option_view view;
        for (size_t i = 0; options_view(i, &view); i++)
            if (view.bits & command->bit)
                buffer_append_format(out, "--%s ", view.name);
        buffer_append_text(out, "' ;;\n");
    }
    buffer_append_text(out, "        esac\n    fi\n");
    append_choices(out);
    buffer_append_text(
        out, "    [ \"$COMP_CWORD\" -eq 1 ] && chosen=1\n"
             "    case $chosen$current in\n"
             "    -* | 1*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\") ;;\n"
             "    esac\n}\n"
             "complete -o default -F _clipnotes clipnotes\n");
}
