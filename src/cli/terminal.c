/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* struct winsize */
#include "cli/terminal.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

struct terminal {
    struct log log;
    pthread_mutex_t lock; /* a line is written whole */
    bool quiet, color_out, color_err;
    size_t columns, status_columns;
    char *status; /* what stands below all other lines; NULL */
};

static const char *const codes[] = {
    [STYLE_PLAIN] = "0",  [STYLE_BOLD] = "1",    [STYLE_DIM] = "2",   [STYLE_RED] = "31",
    [STYLE_GREEN] = "32", [STYLE_YELLOW] = "33", [STYLE_CYAN] = "36",
};

/* With the lock held: takes the status lines away, so that others can be written. */
static void hide_status(const struct terminal *terminal)
{
    for (const char *at = terminal->status; at && (at = strchr(at, '\n')); at++)
        fputs("\033[A\033[2K", stderr); /* up one line, and clear it */
    if (terminal->status)
        fflush(stderr);
}

static void show_status(const struct terminal *terminal)
{
    if (!terminal->status)
        return;
    fputs(terminal->status, stderr);
    fflush(stderr);
}

static void write_line(struct terminal *terminal, enum style style, const char *mark,
                       const char *message)
{
    pthread_mutex_lock(&terminal->lock);
    hide_status(terminal);
    if (mark && terminal->color_err)
        fprintf(stderr, "\033[%sm%s\033[0m%s\n", codes[style], mark, message);
    else
        fprintf(stderr, "%s%s\n", mark ? mark : "", message);
    show_status(terminal);
    pthread_mutex_unlock(&terminal->lock);
}

static void write_log(void *context, enum log_level level, const char *message)
{
    struct terminal *terminal = context;
    bool warning = level == LOG_WARNING;
    if (warning && terminal->quiet)
        return;
    write_line(terminal, STYLE_YELLOW, warning ? "warning: " : NULL, message);
}

static bool shows_color(enum color_when when, int fd)
{
    if (when != COLOR_AUTO)
        return when == COLOR_ALWAYS;
    const char *term = getenv("TERM");
    const char *refused = getenv("NO_COLOR"); /* https://no-color.org */
    return isatty(fd) && !(refused && *refused) && !(term && strcmp(term, "dumb") == 0);
}

static size_t columns_of(int fd)
{
    if (!isatty(fd))
        return 0;
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

struct terminal *terminal_create(const struct options *options)
{
    struct terminal *terminal = mem_zalloc(sizeof *terminal);
    terminal->log = (struct log){
        .write = write_log,
        .context = terminal,
        .level = options->verbose >= 2   ? LOG_DEBUG
                 : options->verbose == 1 ? LOG_INFO
                                         : LOG_WARNING,
    };
    pthread_mutex_init(&terminal->lock, NULL);
    terminal->quiet = options->quiet;
    terminal->color_out = shows_color(options->color, STDOUT_FILENO);
    terminal->color_err = shows_color(options->color, STDERR_FILENO);
    terminal->columns = columns_of(STDOUT_FILENO);
    terminal->status_columns = options->quiet ? 0 : columns_of(STDERR_FILENO);
    return terminal;
}

void terminal_destroy(struct terminal *terminal)
{
    if (!terminal)
        return;
    pthread_mutex_destroy(&terminal->lock);
    free(terminal->status);
    free(terminal);
}

const struct log *terminal_log(struct terminal *terminal)
{
    return &terminal->log;
}

size_t terminal_columns(const struct terminal *terminal)
{
    return terminal->columns;
}

void terminal_style(const struct terminal *terminal, struct buffer *out, enum style style,
                    struct slice text)
{
    bool colored = terminal->color_out && style != STYLE_PLAIN;
    if (colored)
        buffer_append_format(out, "\033[%sm", codes[style]);
    buffer_append_slice(out, text);
    if (colored)
        buffer_append_text(out, "\033[0m");
}

bool terminal_print(struct terminal *terminal, struct slice text)
{
    pthread_mutex_lock(&terminal->lock);
    hide_status(terminal);
    bool written = fwrite(text.data, 1, text.size, stdout) == text.size && fflush(stdout) == 0;
    show_status(terminal);
    pthread_mutex_unlock(&terminal->lock);
    return written;
}

void terminal_error(struct terminal *terminal, const struct error *err)
{
    /* What names a file and a line stands alone, so that editors find the place. */
    write_line(terminal, STYLE_RED, err->kind == ERROR_USAGE ? "clipnotes: " : NULL, err->message);
}

void terminal_note(struct terminal *terminal, const char *format, ...)
{
    if (terminal->quiet)
        return;
    va_list args;
    va_start(args, format);
    char *message = mem_vformat(format, args);
    va_end(args);
    write_line(terminal, STYLE_PLAIN, NULL, message);
    free(message);
}

size_t terminal_status_columns(const struct terminal *terminal)
{
    return terminal->status_columns;
}

/* A line that the terminal would break in two could not be taken away again. */
static char *fit(struct slice lines, size_t columns)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct slice line;
    while (slice_take_line(&lines, &line)) {
        buffer_append_slice(&out, text_cut_columns(line, columns));
        buffer_append_byte(&out, '\n');
    }
    return buffer_detach(&out);
}

void terminal_set_status(struct terminal *terminal, struct slice lines)
{
    if (!terminal->status_columns)
        return;
    char *status = lines.size ? fit(lines, terminal->status_columns) : NULL;
    pthread_mutex_lock(&terminal->lock);
    hide_status(terminal);
    free(terminal->status);
    terminal->status = status;
    show_status(terminal);
    pthread_mutex_unlock(&terminal->lock);
}

int terminal_status(enum error_kind kind)
{
    static const int statuses[] = {
        [ERROR_NONE] = STATUS_DONE,          [ERROR_USAGE] = STATUS_USAGE,
        [ERROR_INPUT] = STATUS_FAILED,       [ERROR_MISSING] = STATUS_FAILED,
        [ERROR_UNSUPPORTED] = STATUS_FAILED, [ERROR_SYSTEM] = STATUS_FAILED,
        [ERROR_NETWORK] = STATUS_FAILED,     [ERROR_INTERRUPTED] = STATUS_INTERRUPTED,
    };
    return statuses[kind];
}
