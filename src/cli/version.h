/* SPDX-License-Identifier: MIT */
#ifndef CLIPNOTES_CLI_VERSION_H
#define CLIPNOTES_CLI_VERSION_H

#include "base/buffer.h"

/* "clipnotes 0.1.0" and a line for each library whose version changes what we can do. Appended. */
void version_append(struct buffer *out);

#endif
