/* SPDX-License-Identifier: MIT */
#include "model/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/checked.h"

sample_index samples_of_millis(millis time, int rate)
{
    sample_index samples = 0;
    checked_scale(time, rate, MILLIS_SECOND, &samples);
    return samples;
}

millis millis_of_samples(sample_index samples, int rate)
{
    millis time = 0;
    checked_scale(samples, MILLIS_SECOND, rate, &time);
    return time;
}

/* Takes ".500" to ".5" and ".000" to nothing. */
static void drop_zeros(char *fraction)
{
    size_t size = strlen(fraction);
    while (size && fraction[size - 1] == '0')
        fraction[--size] = '\0';
    if (size == 1)
        fraction[0] = '\0';
}

struct parts {
    const char *sign;
    int64_t hours;
    int minutes, seconds, rest;
};

static struct parts parts_of(millis time)
{
    uint64_t all = time < 0 ? 0 - (uint64_t)time : (uint64_t)time;
    return (struct parts){
        .sign = time < 0 ? "-" : "",
        .hours = (int64_t)(all / MILLIS_HOUR),
        .minutes = (int)(all / MILLIS_MINUTE % 60),
        .seconds = (int)(all / MILLIS_SECOND % 60),
        .rest = (int)(all % MILLIS_SECOND),
    };
}

const char *millis_text(millis time, char ret_text[static MILLIS_TEXT_SIZE])
{
    struct parts p = parts_of(time);
    char fraction[8];
    (void)snprintf(fraction, sizeof fraction, ".%03d", p.rest);
    if (p.rest == 0)
        drop_zeros(fraction);
    if (p.hours)
        (void)snprintf(ret_text, MILLIS_TEXT_SIZE, "%s%" PRId64 ":%02d:%02d%s", p.sign, p.hours,
                       p.minutes, p.seconds, fraction);
    else
        (void)snprintf(ret_text, MILLIS_TEXT_SIZE, "%s%d:%02d%s", p.sign, p.minutes, p.seconds,
                       fraction);
    return ret_text;
}

const char *millis_text_full(millis time, char ret_text[static MILLIS_TEXT_SIZE])
{
    struct parts p = parts_of(time);
    (void)snprintf(ret_text, MILLIS_TEXT_SIZE, "%s%02" PRId64 ":%02d:%02d.%03d", p.sign, p.hours,
                   p.minutes, p.seconds, p.rest);
    return ret_text;
}

const char *millis_text_seconds(millis time, char ret_text[static MILLIS_TEXT_SIZE])
{
    struct parts p = parts_of(time);
    char fraction[8];
    (void)snprintf(fraction, sizeof fraction, ".%03d", p.rest);
    drop_zeros(fraction);
    int64_t seconds = p.hours * 3600 + (int64_t)p.minutes * 60 + p.seconds;
    (void)snprintf(ret_text, MILLIS_TEXT_SIZE, "%s%" PRId64 "%s", p.sign, seconds, fraction);
    return ret_text;
}
