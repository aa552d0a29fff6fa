/* SPDX-License-Identifier: MIT */
#include "cli/stop.h"

#include <signal.h>
#include <stddef.h>

static atomic_bool stop; /* a signal handler can reach nothing but a global */

static void on_signal(int signal)
{
    (void)signal;
    atomic_store(&stop, true);
}

const atomic_bool *stop_on_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return &stop;
}
