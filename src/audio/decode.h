/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: packets to sound.
 *
 * A decoder gives the episode's samples of a range; a playback gives those of a clip that was
 * written, in the way that any player with a gapless-aware demuxer plays them. Frames come in the
 * decoder's own sample format.
 */
#ifndef CLIPNOTES_AUDIO_DECODE_H
#define CLIPNOTES_AUDIO_DECODE_H

#include "audio/format.h"
#include "audio/libav.h"

/* For avcodec_free_context(); NULL where libav has no decoder or it refuses the parameters. */
AVCodecContext *decode_open(const AVCodecParameters *parameters, AVRational base);

/* How many samples come out of it at once. */
sample_index decode_count(AVCodecContext *context, AVFrame *frame);

struct decoder;

/* The samples [start, end) of the episode. It uses the episode's cursor: one at a time. `primer`,
 * a packet that is fed before all others and whose sound is dropped, may be NULL. */
struct decoder *decoder_create(struct audio *audio, sample_index start, sample_index end,
                               const AVPacket *primer, struct error *err);
void decoder_destroy(struct decoder *decoder); /* takes NULL */

/* The next samples, whose position is frame->pts; at the end *ret_more is false. What could not be
 * decoded is missing: the next frame's position tells. */
bool decoder_read(struct decoder *decoder, AVFrame *frame, bool *ret_more, struct error *err);

/* How many packets of the range were damaged, so far. */
int decoder_damaged(const struct decoder *decoder);

/* Decodes what has not been so far of all up to `end`: from a packet on that does not give the
 * samples that it says, which players leave out or make up for, they disagree about the time, by
 * `samples`. */
bool decode_prove(struct audio *audio, sample_index end, sample_index samples, struct error *err);

struct playback;

struct playback *playback_create(struct output *clip, struct error *err);
void playback_destroy(struct playback *playback); /* takes NULL */

/* What the clip says before it is decoded. */
const AVCodecParameters *playback_parameters(const struct playback *playback);

/* The next packet as the demuxer gives it, without decoding it. */
bool playback_packet(struct playback *playback, AVPacket *packet, bool *ret_more,
                     struct error *err);

/* Decodes the packet (NULL: what is left in the decoder); playback_frame() then gives the frames
 * until it says false. A packet that cannot be decoded counts as damage and gives none. */
void playback_feed(struct playback *playback, const AVPacket *packet);
bool playback_frame(struct playback *playback, AVFrame *frame);
int playback_damaged(const struct playback *playback);

/* Forgets what was fed, for a jump. */
void playback_reset(struct playback *playback);

/* The clip's time base, which is that of the packets. */
AVRational playback_base(const struct playback *playback);

/* Drops samples at the start of a frame and what follows `count`; no sample is copied. */
void frame_trim(AVFrame *frame, int skip, int count);

#endif
