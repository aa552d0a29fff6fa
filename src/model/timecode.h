/* SPDX-License-Identifier: MIT */
/*
 * Positions as people and programs write them, by one table of notations.
 *
 * These read a whole value that is known to be a time: an option, a URL parameter, a field of a
 * sidecar file. Finding times in prose is the business of notes/.
 */
#ifndef CLIPNOTES_MODEL_TIMECODE_H
#define CLIPNOTES_MODEL_TIMECODE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"
#include "model/time.h"

/* The notations, to be combined. */
enum timecode_notation {
    TIMECODE_SECONDS = 1 << 0, /* 27012, 12.5 */
    TIMECODE_COLONS = 1 << 1,  /* MM:SS with minutes past 59, H:MM:SS; both with .mmm */
    TIMECODE_UNITS = 1 << 2,   /* 1h2m3s, 45s, 90m, 250ms, 1h 2m */
    TIMECODE_ANY = TIMECODE_SECONDS | TIMECODE_COLONS | TIMECODE_UNITS,
};

/* Eats a time from the front of `text`; false, and nothing eaten, where there is none in one of
 * `notations`, where seconds (or minutes behind hours) are over 59, or where it is past MILLIS_MAX:
 * never a part of such a time. Rounded to the nearest millisecond. A comma counts as a decimal
 * point only before exactly three digits, behind colons. */
bool timecode_take(struct slice *text, unsigned notations, millis *ret_time);

/* The whole of `text`, blanks around it aside. */
bool timecode_parse(struct slice text, unsigned notations, millis *ret_time);

/* As timecode_parse() in any notation, with a sentence that names `what` where it is none. */
bool timecode_parse_option(const char *text, const char *what, millis *ret_time, struct error *err);

#endif
