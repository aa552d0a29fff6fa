/* SPDX-License-Identifier: MIT */
/*
 * An opened episode: from time to sample to bytes, and clips cut out of it.
 *
 * It is opened and indexed once, whatever the number of clips, and used by one thread at a time.
 */
#ifndef CLIPNOTES_AUDIO_AUDIO_H
#define CLIPNOTES_AUDIO_AUDIO_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/source.h"
#include "model/cut.h"

struct audio;

struct audio_info {
    const char *codec; /* "mp3", "aac", "opus", "vorbis", "flac", "alac", "pcm", or libav's name */
    const char *container; /* "mp3", "m4a", "ogg", "flac", "wav", "matroska", "aac", ... */
    int rate, channels;
    sample_index samples; /* that a gapless-aware decoder plays; -1 where it cannot be known yet */
    millis duration;      /* of those; MILLIS_NONE */
    int64_t bitrate;      /* bit/s, on average; 0 where not known */
};

/* `source` is borrowed for the life of the audio. NULL on failure; then nothing is kept. */
struct audio *audio_open(struct source *source, const struct log *log, struct error *err);
void audio_destroy(struct audio *audio); /* takes NULL */

const struct audio_info *audio_info(const struct audio *audio);

/* Where it is read from, borrowed. */
const struct source *audio_source(const struct audio *audio);

/* What the file says of itself, borrowed. Members are NULL where it says nothing. */
const struct tags *audio_tags(const struct audio *audio);

/* The chapters that the file holds, borrowed. */
const struct chapter_list *audio_chapters(const struct audio *audio);

/* The extension, without its dot, of a clip in options->format; for "copy" the source's container
 * where it can hold an exact clip (AAC in ADTS becomes "m4a"). NULL, and an error, where there is
 * no way. */
const char *audio_clip_extension(const struct audio *audio, const struct cut_options *options,
                                 struct error *err);

/* The rate that a clip in this format gets where another is wanted: encoders know some only. */
int audio_encoding_rate(const char *format, int wanted);

/*
 * Cuts the samples [start, end) into `output`, which stays the caller's to commit. `tags` may be
 * NULL. Chapters of the episode within the range are kept, re-timed. 0 <= start < end; an end past
 * the recording's end is cut there, which ret_result->samples tells.
 */
bool audio_cut(struct audio *audio, sample_index start, sample_index end,
               const struct cut_options *options, const struct tags *tags, struct output *output,
               struct cut_result *ret_result, struct error *err);

/* A line for each of FFmpeg's libraries whose version changes what can be done. Appended. */
void audio_append_versions(struct buffer *out);

#endif
