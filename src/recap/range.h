/* SPDX-License-Identifier: MIT */
/*
 * Where a clip starts and where it ends, and why.
 *
 * What the notes say is kept: a start is never moved unless the user asks for it, an end that they
 * give is never moved at all. An end that they do not give is looked for around `length` behind the
 * start, by the rule that the user chose; where that rule finds nothing the next weaker one counts:
 * transcript, pause, fixed length. Where `length` leads past the recording's end, the clip has all
 * that there is.
 */
#ifndef CLIPNOTES_RECAP_RANGE_H
#define CLIPNOTES_RECAP_RANGE_H

#include <stdbool.h>

#include "audio/audio.h"
#include "model/cut.h"
#include "model/mark.h"

enum end_rule {
    END_PAUSE,
    END_FIXED,
    END_NEXT,
    END_TRANSCRIPT,
};

#define RANGE_SNAP       8000 /* ms around the target, as a rule */
#define RANGE_SNAP_START 500  /* ms that a start may go back */

struct range_options {
    enum end_rule end;
    millis length; /* of a clip without an end */
    millis snap;   /* how far its end may move */
    bool snap_start;
    millis pad_before, pad_after; /* handles, outside of what was decided */
};

struct range {
    millis start, end; /* pads and all */
    enum cut_end end_by;
    millis pad_before, pad_after;  /* of it: less than was asked for at the recording's ends */
    millis start_moved, end_moved; /* by a rule, without the pads; later is positive */
    bool quoted; /* it is known where the quotation in the clip's title is spoken: */
    millis quote_start, quote_end;
};

struct transcript;

/* A quotation that is spoken within this time of the clip is what the clip is about: the clip then
 * holds it whole, and ends in the pause behind it. */
#define RANGE_QUOTE 5000

/* What is known of a clip's surroundings. */
struct range_hints {
    const struct transcript *transcript; /* of the episode; NULL */
    millis next; /* mark of the same episode behind the clip's start; MILLIS_NONE */
};

/* Decides. Sound is decoded only where a pause is looked for. */
bool range_decide(const struct range_options *options, struct audio *audio, const struct clip *clip,
                  const struct range_hints *hints, struct range *ret_range, struct error *err);

/* What is meant to be heard: without the pads. */
static inline millis range_first(const struct range *range)
{
    return range->start + range->pad_before;
}

static inline millis range_last(const struct range *range)
{
    return range->end - range->pad_after;
}

/* How far from the clip its quotation is spoken; 0 where it lies in it, or is not known. */
millis range_quote_drift(const struct range *range);

/* The samples of it; the recording's own end is one that its time in milliseconds may miss. */
void range_samples(const struct range *range, const struct audio_info *info,
                   sample_index *ret_start, sample_index *ret_end);

#endif
