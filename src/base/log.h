/* SPDX-License-Identifier: MIT */
/*
 * Where the parts of the program say what they have to say while they work. Only cli/ knows what
 * becomes of it. A message is one line without its end, made like an error's: it names the input
 * and the place. May be called from several threads at once. `log` may be NULL: nothing is said.
 */
#ifndef CLIPNOTES_BASE_LOG_H
#define CLIPNOTES_BASE_LOG_H

#include "base/error.h"

enum log_level {
    LOG_WARNING, /* the result is not quite what was asked for */
    LOG_INFO,    /* what is done, with -v */
    LOG_DEBUG,   /* how it is done, with -vv */
};

struct log {
    void (*write)(void *context, enum log_level level, const char *message);
    void *context;
    enum log_level level; /* what is above is not even formatted */
};

void log_message(const struct log *log, enum log_level level, const char *format, ...)
    PRINTF_LIKE(3, 4);

#define log_warning(log, ...) log_message((log), LOG_WARNING, __VA_ARGS__)
#define log_info(log, ...)    log_message((log), LOG_INFO, __VA_ARGS__)
#define log_debug(log, ...)   log_message((log), LOG_DEBUG, __VA_ARGS__)

#endif
