/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: the search for a position in a file whose packets say where they belong.
 *
 *     while (!bracket_is_narrow(&bracket, position)) {
 *         look for a packet at bracket_guess(&bracket, position, step++) or behind;
 *         move `low` to it where it is not behind the position, else `high` to the guess;
 *     }
 *     walk on from `low`;
 */
#ifndef CLIPNOTES_AUDIO_BRACKET_H
#define CLIPNOTES_AUDIO_BRACKET_H

#include <stdbool.h>
#include <stdint.h>

/* The position is not before the packet at `low`, and before `high`. Positions are in samples. */
struct bracket {
    int64_t low, high;
    int64_t low_position, high_position;
};

/* To walk on from `low` reads no more than to look further would. */
bool bracket_is_narrow(const struct bracket *bracket, int64_t position);

/* Between `low` and `high`, which are further apart than one byte: by the bitrate, a little early;
 * from the third look on each other time by half, so that both even and uneven bitrates take few
 * looks. */
int64_t bracket_guess(const struct bracket *bracket, int64_t position, int step);

#endif
