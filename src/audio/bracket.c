/* SPDX-License-Identifier: MIT */
#include "audio/bracket.h"

#define WALK_SIZE (64 * 1024)
#define EARLY     (8 * 1024)

/* How far behind `low` the position is at the bitrate between the two; half the way where that says
 * nothing. */
static int64_t distance(const struct bracket *bracket, int64_t position)
{
    int64_t size = bracket->high - bracket->low;
    int64_t length = bracket->high_position - bracket->low_position;
    int64_t sought = position - bracket->low_position;
    if (sought < 0 || sought > length || length == 0)
        return size / 2;
    return (int64_t)((double)size * (double)sought / (double)length);
}

bool bracket_is_narrow(const struct bracket *bracket, int64_t position)
{
    return bracket->high - bracket->low <= WALK_SIZE ||
           (position >= bracket->low_position && distance(bracket, position) <= WALK_SIZE / 2);
}

int64_t bracket_guess(const struct bracket *bracket, int64_t position, int step)
{
    bool half = step >= 2 && step % 2 == 0;
    int64_t ahead = half ? (bracket->high - bracket->low) / 2 : distance(bracket, position) - EARLY;
    int64_t guess = bracket->low + (ahead > 1 ? ahead : 1);
    return guess < bracket->high ? guess : bracket->high - 1;
}
