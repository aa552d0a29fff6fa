/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: what a kind of audio file can do. Each kind is a row of the table in open.c
 * and fills one of these in its own file.
 *
 * All positions are samples as model/time.h counts them: 0 is the first one that a gapless-aware
 * decoder plays. What a decoder has to be fed before it stands below 0.
 */
#ifndef CLIPNOTES_AUDIO_FORMAT_H
#define CLIPNOTES_AUDIO_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audio/audio.h"
#include "audio/libav.h"
#include "base/memory.h"

struct AVCodecParameters;
struct AVFormatContext;

/* What is to be cut and what the clip is to say of itself. */
struct cut_range {
    sample_index start, end;             /* 0 <= start < end; `end` may be past the end */
    const struct tags *tags;             /* may be NULL */
    const struct chapter_list *chapters; /* those of the clip, from its start on; never NULL */
    bool prove;     /* nothing is taken for granted that can be read at little cost */
    bool prove_all; /* nor what can be read at all */
};

/* What was cut: the clip's samples [0, samples) are the source's from `first` on. */
struct cut_shape {
    sample_index first, samples;
    bool altered;    /* not all decode as they do in the source; `why` says why */
    const char *why; /* static; NULL where first and samples are those asked for */
};

#define SAMPLES_SOUND INT64_MAX

struct audio_format {
    const char *container; /* for audio_info */
    const char *extension; /* of a clip by copy */

    /* Whether this is one: `head` is the beginning of the file behind its ID3v2 tags. A row that
     * has to know the codec opens the demuxer (demux.h). */
    bool (*recognise)(struct audio *audio, const uint8_t *head, size_t size);

    /* Fills in info, codec and state. `body` is where the ID3v2 tags end. A failure leaves `state`
     * for close(), which takes NULL. */
    bool (*open)(struct audio *audio, int64_t body, struct error *err);
    void (*close)(void *state);

    /*
     * The packets of the source, for whatever decodes: verification, encoding, pauses. seek() puts
     * the cursor so far before `position` that a fresh decoder that is fed from there on gives the
     * samples from `position` on as a decoder of the whole file does. next() gives the following
     * packet: its pts and duration are the position and number of the samples that come out of the
     * decoder for it (0 samples for one that only primes it), without side data. At the end
     * *ret_more is false and there is no packet. What decodes past info.samples, where known, is
     * to be dropped by the caller.
     */
    bool (*seek)(struct audio *audio, sample_index position, struct error *err);
    bool (*next)(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err);

    /* Fills in tags and chapters. NULL: libavformat gets them right. */
    void (*facts)(struct audio *audio);

    /* Looks whether players agree about the time up to the range's end, where that costs little
     * beside a cut or all is to be proved, and sets `damaged` to where they no longer do. NULL: the
     * container says each packet's time, or open() has looked. */
    bool (*prove)(struct audio *audio, const struct cut_range *range, struct error *err);

    /* Copies a clip into `output`, tags and chapters with it. NULL: copy_cut() does. */
    bool (*cut)(struct audio *audio, const struct cut_range *range, struct output *output,
                struct cut_shape *ret_shape, struct error *err);

    /* What a frame decodes to depends on more than some frames before it, or the clip's frames are
     * not the source's bytes: only a whole decode proves anything. */
    bool verify_whole;

    /* Whether two packets decode to the same. NULL: where they are equal. */
    bool (*same_packet)(const AVPacket *a, const AVPacket *b);

    /* Clips by cut() are checked by our own reader: libavformat gets them wrong. */
    bool verify_own;

    /* A packet that leaves a decoder in another state than a fresh one has, for codecs that carry
     * something on for ever, to be fed before what seek(position) leads to; for av_packet_free().
     * NULL where that is the file's beginning, and where there is no such codec. */
    AVPacket *(*primer)(const struct audio *audio, sample_index position);
};

struct audio {
    struct source *source; /* borrowed */
    const struct log *log; /* borrowed */
    const struct audio_format *format;
    void *state; /* the format's own: its index, its cursor */

    struct audio_info info;
    struct AVCodecParameters *codec; /* for a decoder; owned, made before open() */

    struct mp4 *mp4; /* by mp4_audio_look(), where we read the sample tables; owned */
    struct AVFormatContext *demuxer; /* by demux_open(), where it was needed */
    int demuxed_stream;              /* its stream that is the episode */

    sample_index doubt; /* that positions may be off by, where the container's times are coarse */
    sample_index end_doubt; /* that the recording's end may be off by, beside that */
    sample_index
        damaged;         /* from there on players disagree about the time; SAMPLES_SOUND: nowhere */
    sample_index lost;   /* by so much, as far as is known */
    sample_index beyond; /* that the file declares, or players play, behind the end */

    sample_index proved;  /* the times of all before follow each other */
    sample_index decoded; /* all before was decoded, to see whether it does */

    struct arena *arena; /* owns the texts of: */
    struct tags tags;
    size_t other_capacity; /* of tags.others */
    struct chapter_list chapters;
    bool facts_read; /* tags and chapters are there */
};

/* The rows, best first; in open.c. */
extern const struct audio_format m4a_aac_format, alac_format, m4a_format, m4a_demuxed_format,
    alac_demuxed_format, opus_format, vorbis_format, flac_format, adts_format, mp3_format,
    any_format;

#endif
