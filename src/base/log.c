/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/memory.h"

void log_message(const struct log *log, enum log_level level, const char *format, ...)
{
    if (!log || level > log->level)
        return;
    va_list args;
    va_start(args, format);
    char *message = mem_vformat(format, args);
    va_end(args);
    log->write(log->context, level, message);
    free(message);
}
