/* SPDX-License-Identifier: MIT */
/*
 * The tracks that hold chapters in an MP4 file: a text track of titles, which players list; one
 * whose texts are links; and one of pictures of each kind. A sample each starts where its chapter
 * does.
 */
#ifndef CLIPNOTES_CHAPTERS_MP4_TRACKS_H
#define CLIPNOTES_CHAPTERS_MP4_TRACKS_H

#include "chapters/mp4_file.h"

enum track_kind {
    TITLE_TRACK,
    LINK_TRACK,
    JPEG_TRACK,
    PNG_TRACK,
    TRACK_KINDS,
};

/* The tracks that are to come. */
struct new_tracks {
    const struct mp4_file *file;
    const struct chapter_list *list; /* sorted */
    millis duration;                 /* of the recording; MILLIS_NONE */
    uint32_t ids[TRACK_KINDS];       /* 0: there is none of that kind */
    int64_t samples_offset;          /* where in the file `samples` begins */
    struct buffer *samples;          /* what they hold */
};

/* Gives ids to the tracks that the chapters need, from the first one on that no track that stays
 * has. Returns the next free one. */
uint32_t mp4_number_tracks(struct new_tracks *tracks);

/* Appends the trak boxes to `out`, and what they hold to `samples`. */
void mp4_append_tracks(struct new_tracks *tracks, struct buffer *out);

#endif
