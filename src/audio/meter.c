/* SPDX-License-Identifier: MIT */
#include "audio/meter.h"

#include <math.h>
#include <stdlib.h>

/* Its header calls an enumeration what we call our errors. */
#define error ebur128_error
#include <ebur128.h>
#undef error

#include "base/memory.h"

#define STEPS_PER_BLOCK  4
#define STEPS_PER_SECOND 10

struct meter {
    ebur128_state *state;
    size_t step;    /* samples */
    size_t stepped; /* samples of the step that has begun */
    size_t steps;   /* that are done */
    struct meter_blocks blocks;
};

struct meter *meter_create(int channels, int rate)
{
    ebur128_state *state = ebur128_init((unsigned)channels, (unsigned long)rate,
                                        EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK);
    if (!state)
        return NULL;
    struct meter *meter = mem_zalloc(sizeof *meter);
    meter->state = state;
    meter->step = ((size_t)rate + STEPS_PER_SECOND / 2) / STEPS_PER_SECOND;
    return meter;
}

void meter_destroy(struct meter *meter)
{
    if (!meter)
        return;
    ebur128_destroy(&meter->state);
    free(meter->blocks.loudness);
    free(meter);
}

static bool end_step(struct meter *meter)
{
    struct meter_blocks *blocks = &meter->blocks;
    double loudness = 0;
    meter->stepped = 0;
    if (++meter->steps < STEPS_PER_BLOCK)
        return true;
    if (ebur128_loudness_momentary(meter->state, &loudness) != EBUR128_SUCCESS)
        return false;
    blocks->loudness =
        mem_grow(blocks->loudness, &blocks->capacity, blocks->count + 1, sizeof *blocks->loudness);
    blocks->loudness[blocks->count++] = (float)loudness;
    return true;
}

bool meter_add_samples(struct meter *meter, const float *samples, size_t count)
{
    bool added = true;
    while (added && count) {
        size_t left = meter->step - meter->stepped;
        size_t part = count < left ? count : left;
        added = ebur128_add_frames_float(meter->state, samples, part) == EBUR128_SUCCESS;
        samples += part * meter->state->channels;
        count -= part;
        meter->stepped += part;
        if (added && meter->stepped == meter->step)
            added = end_step(meter);
    }
    return added;
}

bool meter_result(struct meter *meter, double *ret_loudness, double *ret_peak)
{
    double loudness = 0, peak = 0;
    if (ebur128_loudness_global(meter->state, &loudness) != EBUR128_SUCCESS || !isfinite(loudness))
        return false;
    for (unsigned channel = 0; channel < meter->state->channels; channel++) {
        double of_channel = 0;
        ebur128_true_peak(meter->state, channel, &of_channel);
        peak = of_channel > peak ? of_channel : peak;
    }
    *ret_loudness = loudness;
    *ret_peak = peak;
    return true;
}

struct meter_blocks meter_take_blocks(struct meter *meter)
{
    struct meter_blocks blocks = meter->blocks;
    meter->blocks = (struct meter_blocks){0};
    return blocks;
}
