/* SPDX-License-Identifier: MIT */
#include "recap/range.h"

#include "audio/pause.h"
#include "recap/transcript.h"

/* No clip is made shorter than this by looking for its end. */
#define SHORTEST_MS 1000

static bool check_notes(const struct audio_info *info, const struct clip *clip, struct error *err)
{
    char start[MILLIS_TEXT_SIZE], other[MILLIS_TEXT_SIZE];
    if (info->duration != MILLIS_NONE && clip->start >= info->duration)
        return error_set(err, ERROR_INPUT, "%s is past the end of the episode, which is %s long",
                         millis_text(clip->start, start), millis_text(info->duration, other));
    if (clip->end != MILLIS_NONE && clip->end <= clip->start)
        return error_set(err, ERROR_INPUT, "the clip ends at %s, before it starts at %s",
                         millis_text(clip->end, other), millis_text(clip->start, start));
    return true;
}

static bool past_end(const struct audio_info *info, millis time)
{
    return info->duration != MILLIS_NONE && time >= info->duration;
}

static void add_pads(const struct range_options *options, const struct audio_info *info,
                     struct range *range)
{
    millis before = range->start, after = options->pad_after;
    if (before > options->pad_before)
        before = options->pad_before;
    if (info->duration != MILLIS_NONE && after > info->duration - range->end)
        after = info->duration - range->end;
    range->start -= before;
    range->end += after;
    range->pad_before = before;
    range->pad_after = after;
}

static bool by_pause(const struct range_options *options, struct audio *audio, millis target,
                     struct range *range, struct error *err)
{
    int rate = audio_info(audio)->rate;
    millis least = target - range->start - SHORTEST_MS;
    millis snap = least < options->snap ? least : options->snap;
    sample_index end = 0;
    bool found = false;
    if (snap > 0 && !pause_find_end(audio, samples_of_millis(range->start, rate),
                                    samples_of_millis(target, rate), snap, &end, &found, err))
        return false;
    if (found) {
        range->end = millis_of_samples(end, rate);
        range->end_by = CUT_END_PAUSE;
    }
    return true;
}

/* The end of a clip whose notes give none. */
static bool decide_end(const struct range_options *options, struct audio *audio,
                       const struct range_hints *hints, millis target, struct range *range,
                       struct error *err)
{
    range->end = target;
    range->end_by = CUT_END_FIXED;
    if (past_end(audio_info(audio), target)) /* there is less than that: all of it */
        return true;
    if (options->end == END_NEXT && hints->next != MILLIS_NONE) {
        range->end = hints->next;
        range->end_by = CUT_END_NEXT;
    } else if (options->end == END_TRANSCRIPT && hints->transcript &&
               transcript_find_end(hints->transcript, range->start + SHORTEST_MS, target,
                                   options->snap, &range->end)) {
        range->end_by = CUT_END_TRANSCRIPT;
    } else if (options->end == END_PAUSE || options->end == END_TRANSCRIPT) {
        if (!by_pause(options, audio, target, range, err))
            return false;
    }
    range->end_moved = range->end - target;
    return true;
}

millis range_quote_drift(const struct range *range)
{
    if (!range->quoted)
        return 0;
    if (range->quote_start < range->start)
        return range->quote_start - range->start;
    return range->quote_end > range->end ? range->quote_start - range->start : 0;
}

/* Behind the quotation's last word, of whose time the transcript gives an idea: in a pause, as near
 * as there is one. */
static bool end_behind_quote(struct audio *audio, struct range *range, struct error *err)
{
    static const millis reaches[] = {3 * MILLIS_SECOND, 2 * RANGE_SNAP};
    int rate = audio_info(audio)->rate;
    millis moved = range->quote_end + PAUSE_KEEP;
    bool found = false;
    for (size_t i = 0; i < sizeof reaches / sizeof *reaches && !found; i++) {
        millis half = reaches[i] / 2;
        sample_index end = 0, target = samples_of_millis(range->quote_end + half, rate);
        if (!pause_find_end(audio, samples_of_millis(range->start, rate), target, half, &end,
                            &found, err))
            return false;
        if (found)
            moved = millis_of_samples(end, rate);
    }
    range->end_moved += moved - range->end;
    range->end = moved;
    range->end_by = CUT_END_TRANSCRIPT;
    return true;
}

/* An end that the notes do not give makes room for the whole quotation. */
static bool cover_quote(struct audio *audio, const struct clip *clip,
                        const struct range_hints *hints, struct range *range, struct error *err)
{
    range->quoted =
        hints->transcript && transcript_find_quote(hints->transcript, clip->title, clip->start,
                                                   &range->quote_start, &range->quote_end);
    if (!range->quoted)
        return true;
    bool near = range->quote_start >= clip->start - RANGE_QUOTE &&
                range->quote_start <= range->end + RANGE_QUOTE;
    return !near || clip->end != MILLIS_NONE || range->quote_end <= range->end ||
           end_behind_quote(audio, range, err);
}

static bool decide_start(struct audio *audio, const struct clip *clip, struct range *range,
                         struct error *err)
{
    int rate = audio_info(audio)->rate;
    sample_index start = 0;
    if (!pause_find_start(audio, samples_of_millis(clip->start, rate), RANGE_SNAP_START, &start,
                          err))
        return false;
    range->start = millis_of_samples(start, rate);
    range->start_moved = range->start - clip->start;
    return true;
}

bool range_decide(const struct range_options *options, struct audio *audio, const struct clip *clip,
                  const struct range_hints *hints, struct range *ret_range, struct error *err)
{
    const struct audio_info *info = audio_info(audio);
    struct range range = {.start = clip->start, .end = clip->end, .end_by = CUT_END_RANGE};
    if (!check_notes(info, clip, err))
        return false;
    if (clip->end == MILLIS_NONE &&
        !decide_end(options, audio, hints, clip->start + options->length, &range, err))
        return false;
    if (!cover_quote(audio, clip, hints, &range, err))
        return false;
    if (options->snap_start && !decide_start(audio, clip, &range, err))
        return false;
    if (past_end(info, range.end)) {
        range.end = info->duration;
        range.end_by = CUT_END_EOF;
        range.end_moved = 0;
    }
    add_pads(options, info, &range);
    *ret_range = range;
    return true;
}

void range_samples(const struct range *range, const struct audio_info *info,
                   sample_index *ret_start, sample_index *ret_end)
{
    *ret_start = samples_of_millis(range->start, info->rate);
    *ret_end = range->end_by == CUT_END_EOF && info->samples > 0
                   ? info->samples
                   : samples_of_millis(range->end, info->rate);
}
