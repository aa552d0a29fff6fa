/* SPDX-License-Identifier: MIT */
#include "audio/limiter.h"

#include <math.h>

#include "base/memory.h"

#include "test.h"

#define RATE 48000

/* Runs `count` samples through in pieces of `step`; what comes out is as many. */
static float *limit(const float *in, size_t count, int channels, size_t step)
{
    size_t wide = (size_t)channels, done = 0;
    float *out = mem_alloc_array((count + RATE) * wide, sizeof *out);
    float *piece = mem_alloc_array((step + RATE) * wide, sizeof *piece);
    struct limiter *limiter = limiter_create(channels, RATE, 0.8);
    for (size_t at = 0; at < count; at += step) {
        size_t size = count - at < step ? count - at : step;
        memcpy(piece, in + at * wide, size * wide * sizeof *piece);
        size_t ready = limiter_run(limiter, piece, size);
        memcpy(out + done * wide, piece, ready * wide * sizeof *piece);
        done += ready;
    }
    size_t lag = limiter_lag(limiter);
    memset(piece, 0, lag * wide * sizeof *piece);
    size_t ready = limiter_run(limiter, piece, lag);
    memcpy(out + done * wide, piece, ready * wide * sizeof *piece);
    assert_int_equal(done + ready, count);
    limiter_destroy(limiter);
    free(piece);
    return out;
}

/* Speech-like bursts of a tone, `loud` at their highest. */
static float *bursts(size_t count, int channels, double loud, double hertz)
{
    float *sound = mem_alloc_array(count * (size_t)channels, sizeof *sound);
    for (size_t i = 0; i < count; i++)
        for (int channel = 0; channel < channels; channel++) {
            double swell = sin((double)i / RATE * 2 * 3.14159265);
            double tone = sin((double)i / RATE * 2 * 3.14159265 * hertz + channel + 0.7);
            sound[i * (size_t)channels + (size_t)channel] = (float)(loud * swell * tone);
        }
    return sound;
}

static void test_what_is_quiet_passes_untouched(void **state)
{
    (void)state;
    size_t count = RATE;
    float *in = bursts(count, 2, 0.75, 440), *out = limit(in, count, 2, 1000);
    for (size_t i = 0; i < 2 * count; i++)
        assert_true(fabsf(out[i] - in[i]) < 1e-6F);
    free(in);
    free(out);
}

static void test_nothing_passes_the_ceiling(void **state)
{
    (void)state;
    static const double hertz[] = {100, 997, 6000, 12000};
    size_t count = 2 * RATE;
    for (size_t k = 0; k < COUNT_OF(hertz); k++) {
        float *in = bursts(count, 1, 2, hertz[k]), *out = limit(in, count, 1, 512);
        double largest = 0;
        for (size_t i = 0; i < count; i++)
            largest = fmax(largest, fabs((double)out[i]));
        assert_true(largest <= 0.8001);
        assert_true(largest > 0.5); /* at 12 kHz the peaks lie between the samples */
        free(in);
        free(out);
    }
}

static void test_the_size_of_pieces_does_not_matter(void **state)
{
    (void)state;
    size_t count = RATE / 2;
    float *in = bursts(count, 2, 3, 300);
    float *one = limit(in, count, 2, 1), *many = limit(in, count, 2, 4096);
    assert_memory_equal(one, many, 2 * count * sizeof *one);
    free(in);
    free(one);
    free(many);
}

static void test_less_than_the_lag(void **state)
{
    (void)state;
    const float in[] = {0.1F, 2.0F, -0.1F};
    float *out = limit(in, 3, 1, 2);
    assert_true(fabsf(out[1]) <= 0.8001F);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_quiet_passes_untouched),
        cmocka_unit_test(test_nothing_passes_the_ceiling),
        cmocka_unit_test(test_the_size_of_pieces_does_not_matter),
        cmocka_unit_test(test_less_than_the_lag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
