/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: a clip as libavformat writes it, with tags, cover and chapters in the way that
 * each container has for them.
 *
 *     muxer_create(), muxer_stream() filled in, muxer_begin(), muxer_write()..., muxer_end(),
 *     muxer_destroy()
 */
#ifndef CLIPNOTES_AUDIO_MUXER_H
#define CLIPNOTES_AUDIO_MUXER_H

#include "audio/format.h"
#include "audio/libav.h"

struct muxer;

/* For a clip with this extension ("mp3", "m4a", "opus", ...). `output` is borrowed. */
struct muxer *muxer_create(const char *extension, struct output *output, struct error *err);
void muxer_destroy(struct muxer *muxer); /* takes NULL */

/* The stream of the clip: its codecpar and time_base are the caller's to fill in. */
AVStream *muxer_stream(struct muxer *muxer);

/* Makes the clip one of the episode's own codec, whose time is counted in samples. */
void muxer_take_codec(struct muxer *muxer, const struct audio *audio);

/* The context, for what only one container needs. */
AVFormatContext *muxer_context(struct muxer *muxer);

/* An option of the container's own, before muxer_begin(). */
void muxer_option(struct muxer *muxer, const char *name, const char *value);

/* Writes the header, with what the clip says of itself. */
bool muxer_begin(struct muxer *muxer, const struct cut_range *range, int rate, struct error *err);

/* Writes a packet whose times are in `base`, which is always the same; it is emptied. One that goes
 * back in time, as where an edit list has several stretches, has no place in a clip: it is left
 * out.
 */
bool muxer_write(struct muxer *muxer, AVPacket *packet, AVRational base, struct error *err);

/* Ends the page or cluster that is being filled. */
bool muxer_flush(struct muxer *muxer, struct error *err);

bool muxer_end(struct muxer *muxer, struct error *err);

#endif
