/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: what players make of a FLAC file that is not one sound frame behind the other.
 *
 * libavformat's parser, with which most of them read FLAC, leaves out a frame before which, or up
 * to three behind which, something is wrong, and all that its decoder refuses; who has played from
 * the beginning on hears what follows earlier. What it leaves out depends on more than the frame
 * itself, so it is asked.
 */
#ifndef CLIPNOTES_AUDIO_FLAC_HEAR_H
#define CLIPNOTES_AUDIO_FLAC_HEAR_H

#include "audio/flac_walk.h"
#include "audio/format.h"

/* Plays all of the file. Where it goes on with another stream, as files do that were joined, the
 * walk ends before that one, and so does the recording. Puts into `audio` from where on players
 * hear something else than what stands there, by how much, and what they play, or the file
 * declares, behind the end. */
bool flac_hear(struct audio *audio, struct flac_walk *walk, struct error *err);

#endif
