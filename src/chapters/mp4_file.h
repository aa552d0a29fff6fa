/* SPDX-License-Identifier: MIT */
/*
 * An MP4 file as far as chapters need it: its top-level boxes, the moov in memory, its tracks, and
 * which of those are chapter tracks.
 */
#ifndef CLIPNOTES_CHAPTERS_MP4_FILE_H
#define CLIPNOTES_CHAPTERS_MP4_FILE_H

#include "chapters/container.h"
#include "format/mp4_box.h"

/* No file has more chapters. */
#define MP4_MAX_CHAPTERS 65536

struct mp4_file {
    struct arena *arena; /* owned */
    struct slice moov;   /* its body */
    int64_t moov_offset, moov_size;
    /* What is right behind the moov and holds nothing but room and old chapters' samples. */
    int64_t room_end;
    bool last; /* nothing follows it */
    /* Where it reaches into the mdat of other tracks: what that has behind it. */
    bool in_media;
    int64_t media_left;
    int64_t media_header; /* of 8 or 16 bytes, the latter for sizes of 64 bits */
    bool media_open;      /* its size is not told: it goes on to the file's end */
    bool fragmented;      /* has moof boxes */
    bool large;           /* offsets may take more than 32 bits */
    uint32_t timescale;
    uint64_t duration;
    struct track *tracks;
    size_t track_count;
    const struct track *audio; /* the first sound track; NULL */
};

bool mp4_open(struct source *source, struct mp4_file *ret_file, struct error *err);
void mp4_close(struct mp4_file *file);

millis mp4_duration(const struct mp4_file *file);

/* Is it a track of chapter titles, links or pictures, which some other track refers to? */
bool mp4_is_chapter_track(const struct mp4_file *file, const struct track *track);
bool mp4_is_text_track(const struct track *track);
bool mp4_is_picture_track(const struct track *track);

/* The body of the Nero chapter box (udta/chpl); empty where there is none. */
struct slice mp4_nero(const struct mp4_file *file);

/*
 * The moov as it is with these chapters: without the chapter tracks that it has, with new ones
 * whose samples begin at `texts_offset` of the file, and with all other tracks' samples behind
 * `from` moved by `shift`. Appends the box to `out` and what the samples hold to `texts`. The sizes
 * of both do not depend on the offsets. `options` says where to tell what cannot be held.
 */
bool mp4_build(const struct mp4_file *file, const struct chapter_list *list, const char *name,
               int64_t texts_offset, int64_t from, int64_t shift, struct buffer *out,
               struct buffer *texts, struct error *err);

#endif
