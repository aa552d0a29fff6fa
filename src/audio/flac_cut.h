/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: clips of FLAC. The frames that lie whole in the clip are copied, with other
 * numbers in their headers; what the clip has of the frames at its ends is encoded anew. Both
 * decode to the very samples, so that the clip is one stream like any other.
 *
 * Where a clip begins with a frame, frames are numbered as such, as in the source; else the clip's
 * first frame has another size than the others and all are numbered by samples (RFC 9639, section
 * 9.1: the blocking strategy). The MD5 of the sound stands in STREAMINFO, for which all of it is
 * decoded, unless nothing is to be proved: then it is left open.
 */
#ifndef CLIPNOTES_AUDIO_FLAC_CUT_H
#define CLIPNOTES_AUDIO_FLAC_CUT_H

#include "audio/flac_walk.h"
#include "audio/format.h"

/* By `walk`, which is that of the audio's own cursor. */
bool flac_cut(struct audio *audio, struct flac_walk *walk, const struct cut_range *range,
              struct output *output, struct cut_shape *ret_shape, struct error *err);

/* Whether two packets differ in no more than their numbers. */
bool flac_same_packet(const AVPacket *a, const AVPacket *b);

#endif
