/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic on sizes and times that says when it does not fit. Each returns false, and leaves the
 * result untouched, where the true value is out of the type's range.
 */
#ifndef CLIPNOTES_BASE_CHECKED_H
#define CLIPNOTES_BASE_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

static inline bool checked_add(int64_t a, int64_t b, int64_t *ret_sum)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *ret_sum = sum;
    return true;
}

static inline bool checked_multiply(int64_t a, int64_t b, int64_t *ret_product)
{
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return false;
    *ret_product = product;
    return true;
}

/* value * numerator / denominator, to the nearest, halves away from zero; denominator > 0. The
 * product is held in 128 bits, so only the quotient can be too large. */
static inline bool checked_scale(int64_t value, int64_t numerator, int64_t denominator,
                                 int64_t *ret_scaled)
{
    __extension__ typedef __int128 wide;
    wide product = (wide)value * numerator;
    wide half = denominator / 2;
    wide scaled = (product < 0 ? product - half : product + half) / denominator;
    if (scaled > INT64_MAX || scaled < INT64_MIN)
        return false;
    *ret_scaled = (int64_t)scaled;
    return true;
}

#endif
