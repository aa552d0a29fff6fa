/* SPDX-License-Identifier: MIT */
#include "fetch/mark.h"

#include <string.h>

/* Four independent lanes of multiply and rotate, so that it is faster than memory. */
uint64_t mark_of_bytes(const uint8_t *data, size_t size)
{
    static const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t lanes[4] = {odd, odd * 3, odd * 5, odd * 7};
    uint64_t words[4];
    size_t left = size;
    for (; left; data += sizeof words) {
        size_t step = left < sizeof words ? left : sizeof words;
        if (step < sizeof words)
            memset(words, 0, sizeof words);
        memcpy(words, data, step);
        for (size_t i = 0; i < 4; i++) {
            lanes[i] = (lanes[i] ^ words[i]) * odd;
            lanes[i] = lanes[i] << 29 | lanes[i] >> 35;
        }
        left -= step;
        if (!left)
            break;
    }
    uint64_t mark = size;
    for (size_t i = 0; i < 4; i++) {
        mark = (mark ^ lanes[i]) * odd;
        mark ^= mark >> 32;
    }
    return mark ? mark : 1;
}
