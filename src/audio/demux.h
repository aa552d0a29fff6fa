/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: the source as libavformat reads it. Opened when first needed, for files whose
 * packets or tags we do not read ourselves.
 */
#ifndef CLIPNOTES_AUDIO_DEMUX_H
#define CLIPNOTES_AUDIO_DEMUX_H

#include "audio/format.h"
#include "audio/libav.h"

/* Makes audio->demuxer, unless it is there. A failure is remembered: asking again fails again. */
bool demux_open(struct audio *audio, struct error *err);
void demux_close(struct audio *audio);

/* Has libavformat look into the packets too, where the headers leave the codec's rate or channels
 * open. */
bool demux_look_closer(struct audio *audio, struct error *err);

/* The stream that is the episode, once demux_open() was right. The others are not read. */
AVStream *demux_stream(const struct audio *audio);

/* Whether the demuxer is one of these: "mov", "ogg", ... as libavformat's short names begin. */
bool demux_is(const struct audio *audio, const char *name);

/* The next packet of that stream, as it is. At the end *ret_more is false. */
bool demux_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err);

/* Samples in `time` units of the stream's time base, and back, to the nearest. */
int64_t demux_samples(const struct audio *audio, int64_t time);
int64_t demux_time(const struct audio *audio, int64_t samples);

/* Copies the stream's parameters to audio->codec and fills in info's rate, channels and codec. */
bool demux_describe(struct audio *audio, struct error *err);

#endif
