/* SPDX-License-Identifier: MIT */
/*
 * Ctrl-C: the first one asks the work to end in order, the second ends the program at once.
 */
#ifndef CLIPNOTES_CLI_STOP_H
#define CLIPNOTES_CLI_STOP_H

#include <stdatomic.h>
#include <stdbool.h>

/* From now on SIGINT and SIGTERM set the flag that is returned. */
const atomic_bool *stop_on_signals(void);

#endif
