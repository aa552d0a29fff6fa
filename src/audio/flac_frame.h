/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: the frames of FLAC (RFC 9639, section 9.1) and what they are frames of
 * (STREAMINFO, section 8.2).
 *
 * A frame is a header with a checksum of its own (CRC-8), a subframe for each channel, and a
 * checksum over all (CRC-16). It does not say how long it is in bytes: it ends where the next one
 * begins.
 */
#ifndef CLIPNOTES_AUDIO_FLAC_FRAME_H
#define CLIPNOTES_AUDIO_FLAC_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

#define FLAC_STREAMINFO_SIZE 34
#define FLAC_MD5_SIZE        16
#define FLAC_MAX_HEADER      16 /* bytes */
#define FLAC_MIN_BLOCK       16 /* samples; only the last frame of a stream may hold fewer */
#define FLAC_MAX_BLOCK       65535

struct flac_stream {
    int min_block, max_block;   /* samples in a frame, the last one aside */
    int64_t min_size, max_size; /* of a frame in bytes; 0: not known */
    int rate, channels, depth;  /* bits of a sample */
    int64_t samples;            /* 0: not known */
    uint8_t md5[FLAC_MD5_SIZE]; /* of the sound; zeros: not known */
};

struct flac_frame {
    bool variable;      /* `number` is that of its first sample, not of the frame */
    int64_t number;     /* from 0 on */
    int block;          /* samples */
    int channels;       /* that come out of it, whatever way they are coded */
    int rate, depth;    /* 0: as STREAMINFO says */
    uint8_t codes[2];   /* of block size and rate; of channels and depth */
    uint8_t fields[4];  /* the block size and rate that have no code */
    size_t field_count; /* bytes of those */
    size_t header;      /* bytes, with the checksum */
};

/* False where no stream can be like that. */
bool flac_parse_stream(const uint8_t data[static FLAC_STREAMINFO_SIZE],
                       struct flac_stream *ret_stream);

void flac_format_stream(const struct flac_stream *stream,
                        uint8_t ret_data[static FLAC_STREAMINFO_SIZE]);

/* The header at the beginning of `data`; false where there is none, or a damaged one. */
bool flac_parse_frame(const uint8_t *data, size_t size, struct flac_frame *ret_frame);

/* A header with the frame's codes, number and blocking strategy. */
void flac_append_header(const struct flac_frame *frame, struct buffer *ret_data);

/* Ends the frame that begins at `start` of the buffer with its checksum. */
void flac_append_checksum(struct buffer *data, size_t start);

/* Goes on with a CRC-16, which begins at 0 and is 0 behind a whole frame. */
uint16_t flac_crc16(uint16_t crc, const uint8_t *data, size_t size);

#endif
