/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: the header and side information of an MP3 frame (ISO/IEC 11172-3 2.4.1.7,
 * ISO/IEC 13818-3 2.4.1.7).
 *
 * A frame is a header of 4 bytes, a checksum of 2 where it is protected, the side information, and
 * room for main data. A frame's own main data may begin in the room of the frames before it: that
 * is the bit reservoir, and `main_data_begin` says how many bytes before.
 */
#ifndef CLIPNOTES_AUDIO_MP3_FRAME_H
#define CLIPNOTES_AUDIO_MP3_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/mpeg.h"

/* No frame of layer III is larger: 320 kbit/s at 32 kHz, or 160 at 8 kHz. */
#define MP3_FRAME_MAX 1441

/* No frame refers further back into the reservoir: 9 bits. */
#define MP3_RESERVOIR_MAX 511

struct mp3_header {
    uint32_t word;
    int rate, channels;
    int bitrate; /* bit/s */
    int samples; /* 1152; 576 in MPEG-2 and 2.5, which have one granule a frame */
    bool protected;
    size_t size;        /* of the frame, in bytes */
    size_t side_offset; /* of the side information, behind header and checksum */
    size_t side_size;
};

struct mp3_side {
    unsigned main_data_begin; /* bytes before this frame's room */
    unsigned main_data_bits;  /* that the frame's granules take up */
};

/* False where `word` is no header of a frame of layer III, or one of the free format. */
bool mp3_header_parse(uint32_t word, struct mp3_header *ret_header);

/* As mpeg_same_stream(), and the same mode and flags, which demuxers compare when they look for the
 * first frame. */
bool mp3_same_kind(uint32_t a, uint32_t b);

/* The header word of a frame of the same kind as `like`, without checksum, of the lowest bitrate
 * that makes it hold `size` bytes and is at least `bitrate`; 0 where none does. */
uint32_t mp3_header_for(uint32_t like, size_t size, int bitrate);

/* In bytes, of the frames of this version and sampling rate. */
size_t mp3_smallest_frame(const struct mp3_header *header);

/* `frame` holds at least side_offset + side_size bytes. */
void mp3_side_parse(const struct mp3_header *header, const uint8_t *frame,
                    struct mp3_side *ret_side);

/* Whether the side information is such as the standard allows: one that is not makes decoders give
 * up the frame. `frame` as above. */
bool mp3_side_is_sound(const struct mp3_header *header, const uint8_t *frame);

/* Where the room for main data begins. */
static inline size_t mp3_main_offset(const struct mp3_header *header)
{
    return header->side_offset + header->side_size;
}

#endif
