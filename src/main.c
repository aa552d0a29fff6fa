/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "cli/cli.h"

int main(int argc, char **argv)
{
    int status = cli_run(argc, argv);
#ifdef CLIPNOTES_SANITIZED /* leaks are looked for on the way out */
    return status;
#else
    /* All is written, and the system takes the rest back. The destructors of the hundred libraries
     * that come with libav would only bring 2.6 MiB of their code into memory. */
    _Exit(status);
#endif
}
