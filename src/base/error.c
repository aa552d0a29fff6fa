/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static bool set(struct error *err, enum error_kind kind, char *message)
{
    if (!err || error_is_set(err)) {
        free(message);
        return false;
    }
    err->kind = kind;
    err->message = message;
    return false;
}

bool error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *message = mem_vformat(format, args);
    va_end(args);
    return set(err, kind, message);
}

bool error_set_errno(struct error *err, int errnum, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *what = mem_vformat(format, args);
    va_end(args);

    char reason[128];
    if (strerror_r(errnum, reason, sizeof reason) != 0)
        strcpy(reason, "unknown error");
    bool missing = errnum == ENOENT || errnum == ENOTDIR;
    char *message = mem_format("%s: %s", what, reason);
    free(what);
    return set(err, missing ? ERROR_MISSING : ERROR_SYSTEM, message);
}

bool error_prefix(struct error *err, const char *format, ...)
{
    if (!err || !error_is_set(err))
        return false;
    va_list args;
    va_start(args, format);
    char *context = mem_vformat(format, args);
    va_end(args);

    char *message = mem_format("%s: %s", context, err->message);
    free(context);
    free(err->message);
    err->message = message;
    return false;
}

void error_move(struct error *to, struct error *from)
{
    if (to && !error_is_set(to)) {
        *to = *from;
    } else {
        free(from->message);
    }
    *from = (struct error)ERROR_INIT;
}

void error_release(struct error *err)
{
    free(err->message);
    *err = (struct error)ERROR_INIT;
}
