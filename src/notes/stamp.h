/* SPDX-License-Identifier: MIT */
/*
 * A stamp is a time as it stands in a line of text: "12:34", "[@1:02:03]", "(0:00 - 2:15)",
 * "12.34", "12'34", "1h02m". What is a time and what only looks like one can mostly be told by its
 * neighbours (a date before it, "pm" behind it); the rest is told by the list that it stands in
 * (list.c).
 */
#ifndef CLIPNOTES_NOTES_STAMP_H
#define CLIPNOTES_NOTES_STAMP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "model/time.h"

/* The weaker ones mean other things too, so that a list must be all the clearer. */
enum stamp_notation {
    STAMP_COLONS, /* 12:34, 1:02:03.5, also with full-width colons and the digits of any script */
    STAMP_UNITS,  /* 1h02m03s, 12m34s, 1h02, 12min */
    STAMP_PRIMES, /* 12'34, 12'34" */
    STAMP_DOTS,   /* 12.34, 1.02.03 */
};

struct stamp {
    enum stamp_notation notation;
    size_t begin, end;             /* its part of the text, a range's end with it */
    size_t outer_begin, outer_end; /* the same with the brackets around it and the "@" before */
    char bracket;                  /* the opening one around it, '\0' */
    bool at;                       /* "@12:34" */
    int fields;                    /* two or three; of units, how many */
    int numbers[3];                /* as written, hours first where there are three */
    millis start;
    millis stop; /* the end of a range, else MILLIS_NONE */
    bool clock;  /* looks like a time of day: "12:34 pm", "2021-03-04 12:34" */
    bool odd;    /* seconds, or minutes behind hours, over 59, or too late: no position */
};

#define STAMP_NOTATIONS 4

/* The first of that notation at or behind `from`; false where there is none. */
bool stamp_find(struct slice text, size_t from, enum stamp_notation notation,
                struct stamp *ret_stamp);

/* Nothing but one stamp with colons, and what is neither letter nor digit, is in the text. */
bool stamp_is_all(struct slice text, struct stamp *ret_stamp);

/* The whole text is a time: by those notations of model/timecode.h, or as lists write one. */
bool stamp_read_time(struct slice text, unsigned notations, millis *ret_time);

/* Is there a letter or digit in the text? */
bool stamp_has_words(struct slice text);

#endif
