/* SPDX-License-Identifier: MIT */
#include "fetch/clock.h"

#include <stddef.h>
#include <time.h>

int64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool clock_stopped(const atomic_bool *stop)
{
    return stop && atomic_load(stop);
}

bool clock_set_stopped(struct error *err)
{
    return error_set(err, ERROR_INTERRUPTED, "stopped");
}

bool clock_sleep(int64_t milliseconds, const atomic_bool *stop, struct error *err)
{
    int64_t end = clock_now() + milliseconds;
    for (int64_t left = milliseconds; left > 0; left = end - clock_now()) {
        if (clock_stopped(stop))
            return clock_set_stopped(err);
        int64_t step = left < CLOCK_STEP ? left : CLOCK_STEP;
        struct timespec pause = {.tv_sec = 0, .tv_nsec = (long)(step * 1000000)};
        nanosleep(&pause, NULL);
    }
    return !clock_stopped(stop) || clock_set_stopped(err);
}
