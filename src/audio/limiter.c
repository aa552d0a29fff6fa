/* SPDX-License-Identifier: MIT */
#include "audio/limiter.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

#define PI 3.14159265358979323846

#define PHASES       4  /* of the interpolation */
#define TAPS         12 /* of each */
#define LOOK_AHEAD   0.005
#define RELEASE_TIME 0.1 /* until two thirds are back */

/* A ring of the last `size` values. */
struct ring {
    double *values;
    size_t size, next;
};

struct limiter {
    int channels;
    double ceiling, release;
    double taps[PHASES][TAPS];
    float *history;      /* the last TAPS samples of each channel */
    size_t history_next; /* in samples */
    float *delay;        /* what is held, of all channels */
    size_t delay_size, delay_next;
    struct ring wanted; /* gains, of the look-ahead */
    struct ring smooth; /* their minima, which are averaged */
    double smooth_sum;
    double least; /* of the wanted */
    double gain;  /* after the release */
    size_t quiet; /* samples since one was loud, in any channel */
    size_t held;
};

static void ring_init(struct ring *ring, size_t size)
{
    *ring = (struct ring){.values = mem_alloc_array(size, sizeof(double)), .size = size};
    for (size_t i = 0; i < size; i++)
        ring->values[i] = 1;
}

/* Returns the value that falls out. */
static double ring_put(struct ring *ring, double value)
{
    double old = ring->values[ring->next];
    ring->values[ring->next] = value;
    ring->next = (ring->next + 1) % ring->size;
    return old;
}

/* A sinc under a Hann window: phase 0 is the sample itself, half of the taps ago. */
static void make_taps(struct limiter *limiter)
{
    for (int phase = 0; phase < PHASES; phase++)
        for (int i = 0; i < TAPS; i++) {
            int tap = i - TAPS / 2;
            double at = tap + (double)phase / PHASES;
            double sinc = at == 0 ? 1 : sin(PI * at) / (PI * at);
            limiter->taps[phase][i] = sinc * (0.5 + 0.5 * cos(PI * at / (TAPS / 2.0 + 1)));
        }
}

struct limiter *limiter_create(int channels, int rate, double ceiling)
{
    struct limiter *limiter = mem_zalloc(sizeof *limiter);
    size_t ahead = (size_t)(LOOK_AHEAD * rate) + 1;
    *limiter = (struct limiter){
        .channels = channels,
        .ceiling = ceiling,
        .release = 1 - exp(-1 / (RELEASE_TIME * rate)),
        .history = mem_alloc_array((size_t)channels * TAPS, sizeof(float)),
        .delay_size = ahead + TAPS / 2,
        .least = 1,
        .gain = 1,
    };
    limiter->delay = mem_alloc_array(limiter->delay_size * (size_t)channels, sizeof(float));
    for (size_t i = 0; i < (size_t)channels * TAPS; i++)
        limiter->history[i] = 0;
    ring_init(&limiter->wanted, ahead + 1); /* the sample that leaves is the oldest */
    ring_init(&limiter->smooth, ahead);
    limiter->smooth_sum = (double)ahead;
    make_taps(limiter);
    return limiter;
}

void limiter_destroy(struct limiter *limiter)
{
    if (!limiter)
        return;
    free(limiter->history);
    free(limiter->delay);
    free(limiter->wanted.values);
    free(limiter->smooth.values);
    free(limiter);
}

size_t limiter_lag(const struct limiter *limiter)
{
    return limiter->delay_size;
}

/* The largest value at and behind the sample that came TAPS / 2 ago, in any channel. */
static double true_peak(const struct limiter *limiter)
{
    double peak = 0;
    for (int channel = 0; channel < limiter->channels; channel++) {
        const float *history = limiter->history + (size_t)channel * TAPS;
        for (int phase = 0; phase < PHASES; phase++) {
            double sum = 0;
            for (size_t i = 0; i < TAPS; i++)
                sum += limiter->taps[phase][i] *
                       (double)history[(limiter->history_next + TAPS - 1 - i) % TAPS];
            peak = fmax(peak, fabs(sum));
        }
    }
    return peak;
}

/* Between samples that are all below half of the ceiling no peak reaches it: the taps of a phase
 * add up to less than 2. */
static bool is_quiet(struct limiter *limiter, const float *in)
{
    bool loud = false;
    for (int channel = 0; channel < limiter->channels; channel++)
        loud = loud || fabs((double)in[channel]) > limiter->ceiling / 2;
    limiter->quiet = loud ? 0 : limiter->quiet + 1;
    return limiter->quiet > TAPS;
}

static double minimum(const struct ring *ring)
{
    double least = ring->values[0];
    for (size_t i = 1; i < ring->size; i++)
        least = ring->values[i] < least ? ring->values[i] : least;
    return least;
}

/*
 * The gain for the sample that leaves the delay now. It is an average of minima, each of which saw
 * that sample's own wish, so it is no larger than that.
 */
static double next_gain(struct limiter *limiter, double peak)
{
    double wanted = peak > limiter->ceiling ? limiter->ceiling / peak : 1;
    double gone = ring_put(&limiter->wanted, wanted);
    if (wanted <= limiter->least)
        limiter->least = wanted;
    else if (gone <= limiter->least)
        limiter->least = minimum(&limiter->wanted);
    double least = limiter->least;
    double back = limiter->gain + (1 - limiter->gain) * limiter->release;
    limiter->gain = least < back ? least : back > 0.99999 ? 1 : back;
    limiter->smooth_sum += limiter->gain - ring_put(&limiter->smooth, limiter->gain);
    return limiter->smooth_sum / (double)limiter->smooth.size;
}

size_t limiter_run(struct limiter *limiter, float *samples, size_t count)
{
    size_t channels = (size_t)limiter->channels, ready = 0;
    for (size_t i = 0; i < count; i++) {
        float *in = samples + i * channels,
              *delayed = limiter->delay + limiter->delay_next * channels;
        for (size_t channel = 0; channel < channels; channel++)
            limiter->history[channel * TAPS + limiter->history_next] = in[channel];
        limiter->history_next = (limiter->history_next + 1) % TAPS;
        double peak = is_quiet(limiter, in) ? 0 : true_peak(limiter);
        float gain = (float)next_gain(limiter, peak);
        bool full = limiter->held == limiter->delay_size;
        float *out = samples + ready * channels;
        for (size_t channel = 0; channel < channels; channel++) {
            float next = in[channel];
            if (full)
                out[channel] = delayed[channel] * gain;
            delayed[channel] = next;
        }
        limiter->delay_next = (limiter->delay_next + 1) % limiter->delay_size;
        limiter->held += !full;
        ready += full;
    }
    return ready;
}
