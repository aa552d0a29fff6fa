/* SPDX-License-Identifier: MIT */
/*
 * How long an MPEG audio stream (layer I to III) plays: from its Xing, Info or VBRI header, by
 * arithmetic where the bitrate is constant, else by counting frames.
 */
#ifndef CLIPNOTES_CHAPTERS_MPEG_H
#define CLIPNOTES_CHAPTERS_MPEG_H

#include "base/source.h"
#include "model/time.h"

/* Of the stream in the bytes [start, end); MILLIS_NONE where there is none. Without the samples
 * that a LAME header says are encoder delay and padding. */
millis mpeg_duration(struct source *source, int64_t start, int64_t end);

#endif
