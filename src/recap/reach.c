/* SPDX-License-Identifier: MIT */
#include "recap/reach.h"

#include <stdlib.h>

struct span {
    millis start, end;
};

static int compare_spans(const void *a, const void *b)
{
    const struct span *left = a, *right = b;
    return (left->start > right->start) - (left->start < right->start);
}

static struct span span_of(const struct clip_job *job, const struct range_options *options)
{
    const struct clip *clip = job->clip;
    struct span span = {clip->start, clip->end};
    if (clip->end == MILLIS_NONE) {
        span.end = clip->start + options->length;
        if (options->end == END_NEXT && job->next != MILLIS_NONE)
            span.end = job->next;
        else if (options->end == END_PAUSE || options->end == END_TRANSCRIPT)
            span.end += options->snap;
    }
    span.start -= options->pad_before + (options->snap_start ? RANGE_SNAP_START : 0);
    if (span.start < 0)
        span.start = 0;
    span.end += options->pad_after;
    return span;
}

millis reach_of_clips(const struct plan *plan, const size_t *clips, size_t count,
                      const struct range_options *options)
{
    struct span *spans = mem_alloc_array(count, sizeof *spans);
    for (size_t i = 0; i < count; i++)
        spans[i] = span_of(&plan->clips[clips[i]], options);
    if (count)
        qsort(spans, count, sizeof *spans, compare_spans);
    millis reach = 0, covered = 0; /* covered: up to where */
    for (size_t i = 0; i < count; i++) {
        millis start = spans[i].start > covered ? spans[i].start : covered;
        if (spans[i].end <= start)
            continue;
        reach += spans[i].end - start;
        covered = spans[i].end;
    }
    free(spans);
    return reach;
}

bool reach_is_most(millis reach, millis duration)
{
    return duration != MILLIS_NONE && reach >= duration - reach;
}
