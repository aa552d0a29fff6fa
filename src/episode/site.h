/* SPDX-License-Identifier: MIT */
/*
 * The source of a show's own site. Private to this folder.
 */
#ifndef CLIPNOTES_EPISODE_SITE_H
#define CLIPNOTES_EPISODE_SITE_H

#include "base/error.h"
#include "base/log.h"

struct site;

/* Reads the configuration and all pages. NULL on failure. */
struct site *site_read(const char *folder, const struct log *log, struct error *err);
void site_destroy(struct site *site); /* takes NULL */

#endif
