/* SPDX-License-Identifier: MIT */
/*
 * The formats of sidecar.h, and what several of them need.
 */
#ifndef CLIPNOTES_CHAPTERS_SIDECAR_FORMATS_H
#define CLIPNOTES_CHAPTERS_SIDECAR_FORMATS_H

#include "chapters/sidecar.h"

extern const struct sidecar sidecar_json, sidecar_podlove, sidecar_soundbite, sidecar_matroska,
    sidecar_ffmetadata, sidecar_webvtt, sidecar_srt, sidecar_cue, sidecar_ogm, sidecar_reaper,
    sidecar_audacity, sidecar_mp4chaps, sidecar_youtube, sidecar_spotify, sidecar_markdown;

/* The title without blanks at its ends, which lines do not keep; "" where there is none. For
 * free(). */
char *sidecar_title(const struct chapter *chapter);

/* "NAME:LINE: WHAT", of kind ERROR_INPUT. Always false. */
bool sidecar_fail(struct error *err, const char *name, int line, const char *what);

/* Appends a chapter; `title` and `link` are slices of the text, empty for none, and are repaired
 * where they are no UTF-8. */
struct chapter *sidecar_add(struct chapter_list *list, millis start, millis end, struct slice title,
                            struct slice link, int line);

/* Where item i of a sorted list ends, so that a format that wants an end has one. */
millis sidecar_end(const struct chapter_list *list, size_t i, millis duration);

#endif
