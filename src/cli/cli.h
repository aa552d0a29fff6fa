/* SPDX-License-Identifier: MIT */
#ifndef CLIPNOTES_CLI_CLI_H
#define CLIPNOTES_CLI_CLI_H

/* The whole program: reads the command line, runs the command, returns the exit status. */
int cli_run(int argc, char **argv);

#endif
