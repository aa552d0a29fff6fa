/* SPDX-License-Identifier: MIT */
#include "fetch/mark.h"

#include <string.h>

#define LANES 4 /* that do not wait for each other: so it is faster than memory */

static const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);

static void mix(uint64_t lanes[LANES], const uint64_t words[LANES])
{
    for (size_t i = 0; i < LANES; i++) {
        lanes[i] = (lanes[i] ^ words[i]) * odd;
        lanes[i] = lanes[i] << 29 | lanes[i] >> 35;
    }
}

uint64_t mark_of_bytes(const uint8_t *data, size_t size)
{
    uint64_t lanes[LANES] = {odd, odd * 3, odd * 5, odd * 7};
    uint64_t words[LANES];
    size_t left = size;
    for (; left >= sizeof words; left -= sizeof words, data += sizeof words) {
        memcpy(words, data, sizeof words);
        mix(lanes, words);
    }
    if (left) {
        memset(words, 0, sizeof words);
        memcpy(words, data, left);
        mix(lanes, words);
    }
    uint64_t mark = size;
    for (size_t i = 0; i < LANES; i++) {
        mark = (mark ^ lanes[i]) * odd;
        mark ^= mark >> 32;
    }
    return mark ? mark : 1;
}
