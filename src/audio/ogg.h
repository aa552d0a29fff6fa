/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: the packets of an Ogg stream and their true positions (RFC 3533).
 *
 * A page's granule position counts the samples up to the end of the last packet that ends on it.
 * The reader starts behind a page whose granule it knows and counts on from there by the durations
 * that the codec tells; each page's granule is held against the count. libavformat's own counting
 * is off after some of Vorbis's transitions.
 */
#ifndef CLIPNOTES_AUDIO_OGG_H
#define CLIPNOTES_AUDIO_OGG_H

#include "audio/format.h"
#include "base/buffer.h"

/* What the codec in the stream knows. */
struct ogg_codec {
    size_t header_packets;
    /* How many samples come out of a decoder for this packet, given those before it. */
    int64_t (*duration)(void *context, const uint8_t *packet, size_t size);
    /* The next packet follows another than the last one. */
    void (*restart)(void *context);
};

struct ogg_packet {
    size_t offset, size; /* in the reader's buffer */
    int64_t position;    /* granule position of its first sample */
    int64_t duration;
};

struct ogg {
    struct source *source; /* borrowed */
    const struct ogg_codec *codec;
    void *context; /* of the codec's functions, borrowed */
    uint32_t serial;
    int64_t audio_offset; /* of the first page with sound */
    int64_t first;        /* granule position at which the first packet begins; may be below 0 */
    int64_t last;         /* of the last page */

    /* The cursor. */
    struct buffer bytes; /* the packets that end on the page, and what goes on on the next */
    size_t carried;      /* where that begins */
    bool broken;         /* the beginning of what is carried is missing */
    uint32_t sequence;   /* that the next page should have */
    int64_t next_offset; /* of the page that is read next */
    int64_t position;    /* granule position that the next packet begins at */
    struct ogg_packet *packets;
    size_t packet_count, packet_capacity, packet_index;
    bool final; /* the page is the stream's last */

    /* How far the stream was looked through for what is missing. */
    int64_t proved_offset, proved; /* of the next page, and the granule position there */
    uint32_t proved_sequence;      /* that this page should have */
    int64_t gap;  /* granule position behind which a page is missing; INT64_MAX: none so far */
    int64_t lost; /* samples in all the gaps so far */
};

/* The beginning of a file is one of an Ogg stream whose first packet starts like this. */
bool ogg_recognise(const uint8_t *head, size_t size, struct slice signature);

/* Reads the headers into `ret_headers` (one buffer a packet, header_packets of them, which the
 * caller releases in any case), finds the end. */
bool ogg_open(struct ogg *ogg, struct source *source, const struct ogg_codec *codec,
              struct buffer *ret_headers, struct error *err);

/* Once the codec has seen its headers: where the first packet begins; the cursor is there. */
bool ogg_start(struct ogg *ogg, void *context, struct error *err);
void ogg_close(struct ogg *ogg);

/* Whether another stream follows or is mixed with this one at the end, as in files that were
 * stitched together. */
bool ogg_is_chained(struct source *source);

/* Puts the cursor before the packet that holds the granule position, or one further before. */
bool ogg_seek(struct ogg *ogg, int64_t granule, struct error *err);

/* Reads all pages up to that granule position, each once, and notes in `gap` and `lost` which are
 * missing or damaged. The cursor is anywhere afterwards. */
bool ogg_prove(struct ogg *ogg, int64_t granule, struct error *err);

/* So many samples from the cursor on will be read: tells the source about how many bytes. */
void ogg_expect(struct ogg *ogg, int64_t samples);

/* The next packet: *ret_data is borrowed until the next call. */
bool ogg_next(struct ogg *ogg, struct ogg_packet *ret_packet, const uint8_t **ret_data,
              bool *ret_more, struct error *err);

#endif
