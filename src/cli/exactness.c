/* SPDX-License-Identifier: MIT */
#include "cli/exactness.h"

#include <stdio.h>

/* Tenths of a millisecond, rounded up: an error is never made smaller than it is. */
static int64_t tenths(int64_t error_micros)
{
    return (error_micros + 99) / 100;
}

void cut_error_text(int64_t error_micros, char *ret_text, size_t size)
{
    int64_t error = tenths(error_micros);
    if (error == 0)
        snprintf(ret_text, size, "at the right place");
    else
        snprintf(ret_text, size, "within %lld.%lld ms", (long long)(error / 10),
                 (long long)(error % 10));
}

void cut_warn_inexact(struct terminal *terminal, size_t count, int64_t error_micros,
                      const char *why)
{
    char error[64];
    cut_error_text(error_micros, error, sizeof error);
    log_warning(terminal_log(terminal), "%zu clip%s not exact, but %s: %s", count,
                count == 1 ? " is" : "s are", error,
                why ? why : "not all samples are those of the episode");
}
