/* SPDX-License-Identifier: MIT */
#include "audio/meter.h"

#include <math.h>

#include <ebur128.h>

/* libebur128's own state: there is nothing to add. */
struct meter;

static ebur128_state *state_of(struct meter *meter)
{
    return (ebur128_state *)meter;
}

struct meter *meter_create(int channels, int rate)
{
    return (struct meter *)ebur128_init((unsigned)channels, (unsigned long)rate,
                                        EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK);
}

void meter_destroy(struct meter *meter)
{
    ebur128_state *state = state_of(meter);
    if (state)
        ebur128_destroy(&state);
}

bool meter_add_samples(struct meter *meter, const float *samples, size_t count)
{
    return ebur128_add_frames_float(state_of(meter), samples, count) == EBUR128_SUCCESS;
}

bool meter_result(struct meter *meter, double *ret_loudness, double *ret_peak)
{
    double loudness = 0, peak = 0;
    if (ebur128_loudness_global(state_of(meter), &loudness) != EBUR128_SUCCESS ||
        !isfinite(loudness))
        return false;
    for (unsigned channel = 0; channel < state_of(meter)->channels; channel++) {
        double of_channel = 0;
        ebur128_true_peak(state_of(meter), channel, &of_channel);
        peak = of_channel > peak ? of_channel : peak;
    }
    *ret_loudness = loudness;
    *ret_peak = peak;
    return true;
}
