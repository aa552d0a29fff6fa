/* SPDX-License-Identifier: MIT */
/*
 * The joined recap: all clips in order with what stands around them, as one file with chapters.
 */
#ifndef CLIPNOTES_RECAP_PROGRAMME_H
#define CLIPNOTES_RECAP_PROGRAMME_H

#include "recap/plan.h"
#include "recap/record.h"
#include "recap/run.h"

#define PROGRAMME_FADE        10 /* ms at each join */
#define PROGRAMME_GAP         500
#define PROGRAMME_LUFS_STEREO (-1600)
#define PROGRAMME_LUFS_MONO   (-1900)

struct programme_options {
    const char *output;                  /* folder */
    millis gap;                          /* of silence between any two parts */
    const char *intro, *between, *outro; /* audio files; NULL: none */
    struct cut_options cut;              /* format, never NULL or "copy"; bitrate, quality, mono,
                                            rate; fade and loudness, where they are not the default */
    size_t jobs;                         /* recordings to measure at a time */
    struct record *record;
    const atomic_bool *stop; /* set to end before it is done; NULL */
    const struct log *log;
};

/* Where a recording stands in the programme. */
struct programme_part {
    size_t clip;                /* index in plan->clips */
    sample_index start, length; /* in the programme's samples */
    double gain;                /* a factor */
    sample_index first;         /* of the file that is heard: of a clip's, behind the pad before */
    int rate;                   /* of that file */
};

/* And what stands around the clips. */
struct programme_around {
    const char *name; /* "Intro", "Between", "Outro" */
    char *path;
    struct programme_part part; /* `clip` is 0 */
};

struct programme {
    enum clip_status status; /* CLIP_FAILED, CLIP_CUT or CLIP_KEPT */
    const char *error;       /* of CLIP_FAILED, for the manifest; borrowed */
    char *file;              /* below the output folder */
    char key[HASH_TEXT_SIZE], sha256[HASH_TEXT_SIZE];
    int64_t bytes;
    int rate, channels;
    int centilufs; /* its target, */
    int reached;   /* and what it measures, */
    bool heard;    /* if it is not all silence */
    millis fade;   /* at both ends of each part */
    sample_index samples;
    struct programme_part *parts; /* one for each clip that has a file */
    size_t part_count;
    struct programme_around *around;
    size_t around_count;
    struct chapter_list chapters;
};

/* Can what stands around the clips be played? */
bool programme_check(const struct programme_options *options, struct error *err);

/*
 * Makes the recap of the clips that have a file. It is kept where nothing that goes into it has
 * changed. On failure *ret_programme holds nothing and nothing is left on disk, an older recap
 * aside. For programme_release() in any case.
 */
bool programme_make(const struct plan *plan, const struct clip_outcome *outcomes,
                    const struct programme_options *options, struct programme *ret_programme,
                    struct error *err);
/* Only where it can be kept; false where it has to be made, and then *ret_programme holds nothing.
 */
bool programme_find(const struct plan *plan, const struct clip_outcome *outcomes,
                    const struct programme_options *options, struct programme *ret_programme);

/* About how many bit/s it will have. */
int64_t programme_bitrate(const struct programme_options *options, int channels);

void programme_release(struct programme *programme);

/* In milliseconds, to the nearest. */
millis programme_duration(const struct programme *programme);

#endif
