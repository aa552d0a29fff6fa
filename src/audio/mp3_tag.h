/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: the tag frame at the head of an MP3, which says how long the recording is.
 *
 * It is a frame that holds no sound but a table: Xing's ("Xing", and "Info" where the bitrate is
 * constant), with LAME's extension that tells how many samples the encoder put before and behind
 * the recording, or Fraunhofer's ("VBRI"). There is no standard; the layouts are those of Xing's
 * SDK, of the "Mp3 Info Tag rev 1 specifications" on LAME's site, and of what libavformat and
 * mpg123 read.
 */
#ifndef CLIPNOTES_AUDIO_MP3_TAG_H
#define CLIPNOTES_AUDIO_MP3_TAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audio/mp3_frame.h"
#include "base/buffer.h"
#include "base/slice.h"

/* What a decoder itself delays: samples of the recording begin this many behind the encoder's delay
 * in what is decoded. */
#define MP3_DECODER_DELAY 529

/* No tag reaches further into its frame. */
#define MP3_TAG_READ 192

enum mp3_tag_kind {
    MP3_TAG_NONE,
    MP3_TAG_XING,
    MP3_TAG_INFO,
    MP3_TAG_VBRI,
};

struct mp3_tag {
    enum mp3_tag_kind kind;
    int64_t frames; /* of sound, without the tag's own; 0: not said */
    int64_t bytes;  /* from the tag's frame on; 0: not said */
    bool gapless;   /* delay and padding are known, and honoured by libavformat */
    int delay, padding;
};

/* Reads the tag out of a frame, of which `data` is the beginning; kind is MP3_TAG_NONE where the
 * frame is one of sound. */
void mp3_tag_parse(const struct mp3_header *header, const uint8_t *data, size_t size,
                   struct mp3_tag *ret_tag);

/* Players leave out a tag's frame where it says how many frames or bytes there are; without that,
 * it is played as silence. */
static inline bool mp3_tag_counts(const struct mp3_tag *tag)
{
    return tag->frames > 0 || tag->bytes > 0;
}

#define MP3_TAG_STEPS 100

/* What a tag that we write is to say. */
struct mp3_tag_facts {
    uint32_t word; /* of the tag's own frame: mp3_tag_header() */
    bool constant; /* the frames that follow are all of one bitrate */
    int bitrate;   /* bit/s: theirs, or the lowest */
    int64_t frames;
    int64_t bytes; /* of the frames that follow */
    int delay, padding;
    uint16_t music_checksum;
    int64_t steps[MP3_TAG_STEPS]; /* bytes of the frames that follow before i % of them */
};

/* A header of the kind of `like` for a frame that holds a tag: of this bitrate where that is large
 * enough, since some players take the first header's for the file's; 0: the smallest. */
uint32_t mp3_tag_header(uint32_t like, int bitrate);

/* Appends the frame. */
void mp3_tag_write(const struct mp3_tag_facts *facts, struct buffer *out);

/* The checksum of the tag and of the music in it: CRC-16 with the reversed polynomial 0xA001. */
struct mp3_checksum {
    uint16_t table[8][256];
    uint16_t value;
};

void mp3_checksum_init(struct mp3_checksum *checksum);
void mp3_checksum_update(struct mp3_checksum *checksum, const void *data, size_t size);

#endif
