/* SPDX-License-Identifier: MIT */
/*
 * Headers of MPEG audio frames, layers I to III (ISO/IEC 11172-3 2.4.1.3 and 2.4.2.3, ISO/IEC
 * 13818-3 2.4.2.3; MPEG-2.5 is Fraunhofer's extension to the lowest sampling rates).
 *
 * A header is a word of 32 bits. Frames of the free format, whose bitrate it does not tell, have no
 * size that it tells either; here they are no frames, but mpeg_is_free_format() knows them.
 */
#ifndef CLIPNOTES_FORMAT_MPEG_H
#define CLIPNOTES_FORMAT_MPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MPEG_HEADER_SIZE 4

/* What a word holds, for those who make headers. */
#define MPEG_BITRATE_SHIFT 12
#define MPEG_BITRATE_MASK  ((uint32_t)15 << MPEG_BITRATE_SHIFT)
#define MPEG_NO_CHECKSUM   ((uint32_t)1 << 16)
#define MPEG_PADDED        ((uint32_t)1 << 9)

struct mpeg_header {
    uint32_t word;
    int layer; /* 1 to 3 */
    bool lsf;  /* MPEG-2 or 2.5, of low sampling frequencies */
    int rate, channels;
    int bitrate; /* bit/s */
    int samples; /* of a channel, in a frame */
    bool protected;
    size_t size; /* of the frame, in bytes */
};

static inline uint32_t mpeg_word(const uint8_t *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static inline void mpeg_put_word(uint8_t *data, uint32_t word)
{
    data[0] = (uint8_t)(word >> 24);
    data[1] = (uint8_t)(word >> 16);
    data[2] = (uint8_t)(word >> 8);
    data[3] = (uint8_t)word;
}

/* False where `word` is no header, or one of the free format. */
bool mpeg_header_parse(uint32_t word, struct mpeg_header *ret_header);

/* The size in bytes of the frame that `word` is the header of; 0 where mpeg_header_parse() would be
 * false. */
size_t mpeg_frame_size(uint32_t word);

/* A header of layer III, of the free format. */
bool mpeg_is_free_format(uint32_t word);

/* The same version, layer and sampling rate: frames that one stream may hold. */
bool mpeg_same_stream(uint32_t a, uint32_t b);

/* Bytes of a layer III frame's side information, behind header and checksum. */
size_t mpeg_side_size(const struct mpeg_header *header);

#endif
