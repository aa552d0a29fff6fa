/* SPDX-License-Identifier: MIT */
/*
 * Chapters in audio files: reading what anybody wrote, and writing what every player shows, with
 * nothing else of the file changed. Containers are rows of a table (registry.c).
 */
#ifndef CLIPNOTES_CHAPTERS_CHAPTERS_H
#define CLIPNOTES_CHAPTERS_CHAPTERS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/log.h"
#include "base/source.h"
#include "model/chapter.h"

/* Something about a file's chapters that players will not show, or not all of them. */
enum finding_level {
    FINDING_WARNING, /* some players, or not quite as meant */
    FINDING_ERROR,   /* widely used players show it wrong or not at all */
};

struct finding {
    enum finding_level level;
    const char *message; /* a sentence without its end */
};

/* What a file says. Texts and findings live in the list's arena. */
struct chapters {
    const char *container; /* static: "mp3", "mp4", "ogg", "flac", "matroska", "wav" */
    struct chapter_list list;
    millis duration; /* of the recording; MILLIS_NONE where it cannot be told */
    struct finding *findings;
    size_t finding_count, finding_capacity;
};

/* The chapters by start. A file without any is no error: it has an empty list. For
 * chapters_release(). */
bool chapters_read(struct source *source, struct chapters *ret_chapters, struct error *err);
bool chapters_read_file(const char *path, struct chapters *ret_chapters, struct error *err);
void chapters_release(struct chapters *chapters);

struct chapters_options {
    /* Of a new ID3 tag: 3 or 4; 0, not asked for, is 3. A tag that is there keeps its own, since
     * other frames would change with it; where another one is asked for, the log says so. */
    int id3_version;
    bool repeatable; /* the audio stays: a copy need not be on the disk when it has its name */
    const struct log *log; /* what the container cannot hold */
};

enum chapters_way {
    CHAPTERS_UNCHANGED, /* the file has just these */
    CHAPTERS_IN_PLACE,  /* a piece of it was written over */
    CHAPTERS_REWRITTEN, /* a new file took its name */
};

/*
 * Puts these chapters (in any order) into the audio file `path`, in place of those that it has; an
 * empty list takes them out. The result is written to `output`, or over the file itself where that
 * is NULL; in both cases there is the old file or the new one, whole, at any moment (patch.h).
 * `options` may be NULL.
 */
bool chapters_write(const char *path, const struct chapter_list *list,
                    const struct chapters_options *options, const char *output,
                    enum chapters_way *ret_way, struct error *err);

/* Moves those that start at `from` or later by `shift`; what falls before 0 starts at 0, and is
 * dropped where a later one that moves does too. Ends move with what they end, and with what they
 * join. */
void chapters_shift(struct chapter_list *list, millis from, millis shift);

/* Adds copies of those of `other`; one that starts when one of `list` does takes its place, and one
 * that starts within one of `list` ends it. The result is sorted. */
void chapters_merge(struct chapter_list *list, const struct chapter_list *other);

#endif
