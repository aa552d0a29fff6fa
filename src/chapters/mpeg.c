/* SPDX-License-Identifier: MIT */
#include "chapters/mpeg.h"

#include <string.h>

#define SEARCH_SIZE 65536 /* junk before the first frame */
#define CBR_FRAMES  512   /* of one bitrate in a row: it is constant */
#define MAX_HEADER  200   /* a Xing or VBRI header ends before that */

struct frame {
    int version; /* 1, 2, or 3 for 2.5 */
    int layer;   /* 1 to 3 */
    int rate, bitrate, samples;
    bool mono;
    int64_t size;
};

/* ISO 11172-3, 2.4.2.3 and ISO 13818-3: kbit/s by layer (MPEG-1), then layer I and II/III (2). */
static const uint16_t bitrates[5][15] = {
    {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},
    {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},
    {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},
    {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},
    {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},
};

static const int rates[3] = {44100, 48000, 32000};

static bool parse_frame(const uint8_t *data, struct frame *ret_frame)
{
    int version_bits = data[1] >> 3 & 3, layer_bits = data[1] >> 1 & 3;
    int bitrate_index = data[2] >> 4, rate_index = data[2] >> 2 & 3;
    if (data[0] != 0xFF || (data[1] & 0xE0) != 0xE0 || version_bits == 1 || layer_bits == 0 ||
        bitrate_index == 0 || bitrate_index == 15 || rate_index == 3)
        return false;
    struct frame frame = {
        .version = version_bits == 3   ? 1
                   : version_bits == 2 ? 2
                                       : 3,
        .layer = 4 - layer_bits,
        .mono = data[3] >> 6 == 3,
    };
    int row = frame.version == 1 ? frame.layer - 1 : frame.layer == 1 ? 3 : 4;
    bool half = frame.layer == 3 && frame.version != 1;
    frame.rate = rates[rate_index] >> (frame.version - 1);
    frame.bitrate = bitrates[row][bitrate_index] * 1000;
    frame.samples = frame.layer == 1 ? 384 : half ? 576 : 1152;
    int unit = frame.layer == 1 ? 4 : 1, padding = data[2] >> 1 & 1;
    frame.size = (frame.samples / 8 / unit * frame.bitrate / frame.rate + padding) * unit;
    *ret_frame = frame;
    return true;
}

bool mpeg_is_frame(const uint8_t *data, size_t size)
{
    struct frame frame;
    return size >= 4 && parse_frame(data, &frame);
}

static bool frame_at(struct source *source, int64_t offset, struct frame *ret_frame)
{
    const uint8_t *data;
    size_t size;
    return source_view(source, offset, 4, &data, &size, NULL) && size >= 4 &&
           parse_frame(data, ret_frame);
}

static bool same_stream(const struct frame *a, const struct frame *b)
{
    return a->version == b->version && a->layer == b->layer && a->rate == b->rate;
}

/* The first frame that another one follows. */
static bool find_first(struct source *source, int64_t *start, int64_t end, struct frame *ret_frame)
{
    int64_t last = end - *start > SEARCH_SIZE ? *start + SEARCH_SIZE : end;
    for (int64_t offset = *start; offset + 4 <= last; offset++) {
        struct frame frame, next;
        if (!frame_at(source, offset, &frame))
            continue;
        if (offset + frame.size < end &&
            (!frame_at(source, offset + frame.size, &next) || !same_stream(&frame, &next)))
            continue;
        *start = offset;
        *ret_frame = frame;
        return true;
    }
    return false;
}

static uint32_t number_at(const uint8_t *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

/* The samples that the header frame speaks of; -1 where it is an ordinary frame. */
static int64_t said_samples(const uint8_t *data, size_t size, const struct frame *frame)
{
    size_t side = frame->version == 1 ? (frame->mono ? 17 : 32) : (frame->mono ? 9 : 17);
    size_t xing = 4 + side, vbri = 4 + 32;
    if (xing + 12 <= size &&
        (memcmp(data + xing, "Xing", 4) == 0 || memcmp(data + xing, "Info", 4) == 0)) {
        uint32_t flags = number_at(data + xing + 4);
        if (!(flags & 1))
            return -1;
        int64_t samples = (int64_t)number_at(data + xing + 8) * frame->samples;
        size_t lame =
            xing + 8 + 4 + (flags & 2 ? 4 : 0) + (flags & 4 ? 100 : 0) + (flags & 8 ? 4 : 0);
        if (lame + 24 <= size && memcmp(data + lame, "L", 1) == 0) {
            const uint8_t *gap = data + lame + 21;
            int64_t skipped = (gap[0] << 4 | gap[1] >> 4) + ((gap[1] & 15) << 8 | gap[2]);
            samples = samples > skipped ? samples - skipped : samples;
        }
        return samples;
    }
    if (vbri + 18 <= size && memcmp(data + vbri, "VBRI", 4) == 0)
        return (int64_t)number_at(data + vbri + 14) * frame->samples;
    return -1;
}

/* Counts frames, until a long row of one bitrate says that arithmetic does as well. */
static millis counted_duration(struct source *source, int64_t offset, int64_t end,
                               const struct frame *first)
{
    int64_t samples = 0, start = offset, frames = 0;
    bool constant = true;
    struct frame frame;
    while (offset < end && frame_at(source, offset, &frame) && same_stream(&frame, first)) {
        constant = constant && frame.bitrate == first->bitrate;
        if (++frames == CBR_FRAMES && constant)
            return millis_of_samples((end - start) * 8, first->bitrate);
        samples += frame.samples;
        offset += frame.size;
    }
    return millis_of_samples(samples, first->rate);
}

millis mpeg_duration(struct source *source, int64_t start, int64_t end)
{
    struct frame first;
    const uint8_t *data;
    size_t size;
    if (!find_first(source, &start, end, &first))
        return MILLIS_NONE;
    size_t wanted = first.size < MAX_HEADER ? (size_t)first.size : MAX_HEADER;
    if (!source_view(source, start, wanted, &data, &size, NULL))
        return MILLIS_NONE;
    int64_t samples = said_samples(data, size < wanted ? size : wanted, &first);
    if (samples >= 0)
        return millis_of_samples(samples, first.rate);
    return counted_duration(source, start, end, &first);
}
