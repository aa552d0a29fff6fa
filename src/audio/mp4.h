/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: MP4 files whose sample tables we read ourselves. libavformat would keep an
 * index entry in memory for each packet; it is left what is not sound: it reads the file without
 * those tables, for the codec's parameters, tags, cover and chapters.
 *
 * Positions are those of the tables and the edit list: a packet plays when they say so, whatever
 * became of the packets before it. (With --verify full the row for AAC looks at those, too.)
 */
#ifndef CLIPNOTES_AUDIO_MP4_H
#define CLIPNOTES_AUDIO_MP4_H

#include "audio/format.h"
#include "format/mp4_samples.h"

struct mp4;

/* Makes audio->mp4 where the file, which begins with `head`, is an MP4 with one sound track of a
 * codec whose packets are in its sample tables. Before demux_open(). False for fragments, several
 * sound tracks or stretches of an edit list, and for what is damaged: those are libavformat's. */
bool mp4_audio_look(struct audio *audio, const uint8_t *head, size_t size);
void mp4_audio_destroy(struct mp4 *mp4); /* takes NULL */

/* The file without the tables of its sound, for demux_open(). */
struct source *mp4_audio_described(struct mp4 *mp4);

/* Counts are samples of the decoded sound, where nothing else is said. */
struct mp4_state {
    const struct mp4_samples *samples;
    struct mp4_cursor cursor;
    int64_t origin, end; /* of the packets that are used, in the track's time */
    int64_t timescale;
    int64_t skipped; /* from the first packet to sample 0 */
    int64_t preroll; /* as in any.h */
    int64_t grid;    /* that each packet gives; 0: as its duration says. Coarse times are taken to
                      * mean multiples of it */
};

/* The functions of a row. mp4_audio_open() makes a struct mp4_state, which the row may then refine:
 * `preroll` is 0, each packet standing for itself, and so is `grid`. */
bool mp4_audio_open(struct audio *audio, int64_t body, struct error *err);
void mp4_audio_close(void *state);
bool mp4_audio_seek(struct audio *audio, sample_index position, struct error *err);
bool mp4_audio_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err);

/* With a grid: where a packet that is not the last does not last as long as the others, players
 * disagree about the time from there on. */
void mp4_audio_find_gaps(struct audio *audio);

/* With a grid: the recording ends where its last packet does, if that is before what it says; some
 * players play that to its end. */
void mp4_audio_find_end(struct audio *audio);

/* Tells the source which bytes the packets of a clip are. */
void mp4_audio_expect(struct audio *audio, const struct cut_range *range);

#endif
