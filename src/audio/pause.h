/* SPDX-License-Identifier: MIT */
/*
 * Where people draw breath: the pause in speech at which a clip ends, and the beginning of the
 * phrase at which it starts.
 *
 * The rule. The sound is measured every 10 ms, in windows of 20 ms, above 300 Hz, where speech
 * stands out from what hums and plays beneath it.
 *
 *  - The speech's level is that of the loudest fifth of the windows between the clip's start (at
 *    most 15 s before the target) and the end of the search.
 *  - The floor at a window is the quietest that it gets within 4 s of it, averaged over 50 ms, but
 *    no lower than 45 dB under the speech: music under the voice lifts the floor, and where the
 *    music changes the floor goes along.
 *  - A window is quiet when it is nearer to the floor than to the speech: less than 30 % of the
 *    way up, which is taken to be between 3 and 10 dB. It is at least 6 dB below the speech.
 *  - A pause is a row of quiet windows of 150 ms or more; a sound of at most 20 ms, such as a lip
 *    makes, does not end it.
 *  - Each pause is worth the sum, over its windows, of how far they lie below the speech, 40 dB at
 *    most: longer counts, and quieter counts. The most valuable one wins, of equals the nearest.
 *  - The pause begins where 30 ms of its first half are no more than 2 dB above its middle; 80 ms
 *    later where the middle is less than 30 dB below the speech of the 3 s before it: what is that
 *    loud hides how the last word dies away, the more so of a voice that is quieter than others.
 *
 * The clip then keeps the first 150 ms of that pause.
 */
#ifndef CLIPNOTES_AUDIO_PAUSE_H
#define CLIPNOTES_AUDIO_PAUSE_H

#include <stdbool.h>
#include <stddef.h>

#include "audio/audio.h"

#define PAUSE_STEP 10  /* ms from one level to the next */
#define PAUSE_KEEP 150 /* ms of a pause that stay in the clip */

/* By the rule, out of `levels`, in dB, one each PAUSE_STEP: the pause of most worth that begins in
 * [from, to). False where there is none. */
bool pause_pick(const float *levels, size_t count, size_t from, size_t to, size_t target,
                size_t *ret_first, size_t *ret_after);

/* Where the phrase begins that is spoken at `at`: the window behind the last quiet 30 ms in
 * [from, at). False where there is none, or where `at` itself is quiet. */
bool pause_phrase(const float *levels, size_t count, size_t from, size_t at, size_t *ret_first);

/*
 * The end, within `snap` of `target`, of a clip that starts at `start`. *ret_end is where the clip
 * ends: PAUSE_KEEP into the pause, or `target` where no pause is found, as *ret_found tells. Sound
 * is decoded from at most 15 s before the target to `snap` behind it.
 */
bool pause_find_end(struct audio *audio, sample_index start, sample_index target, millis snap,
                    sample_index *ret_end, bool *ret_found, struct error *err);

/* The beginning of the phrase that is spoken at `start`, at most `snap` before it, less a breath of
 * 20 ms; `start` where it falls into a pause already, or where no beginning is found. */
bool pause_find_start(struct audio *audio, sample_index start, millis snap, sample_index *ret_start,
                      struct error *err);

#endif
