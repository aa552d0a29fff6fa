/* SPDX-License-Identifier: MIT */
#include "chapters/mpeg.h"

#include <string.h>

#include "format/mpeg.h"

#define SEARCH_SIZE 65536 /* junk before the first frame */
#define CBR_FRAMES  512   /* of one bitrate in a row: it is constant */
#define MAX_HEADER  200   /* a Xing or VBRI header ends before that */

static bool frame_at(struct source *source, int64_t offset, struct mpeg_header *ret_frame)
{
    const uint8_t *data;
    size_t size;
    return source_view(source, offset, MPEG_HEADER_SIZE, &data, &size, NULL) &&
           size >= MPEG_HEADER_SIZE && mpeg_header_parse(mpeg_word(data), ret_frame);
}

/* The first frame that another one follows. */
static bool find_first(struct source *source, int64_t *start, int64_t end,
                       struct mpeg_header *ret_frame)
{
    int64_t last = end - *start > SEARCH_SIZE ? *start + SEARCH_SIZE : end;
    for (int64_t offset = *start; offset + 4 <= last; offset++) {
        struct mpeg_header frame, next;
        if (!frame_at(source, offset, &frame))
            continue;
        if (offset + (int64_t)frame.size < end &&
            (!frame_at(source, offset + (int64_t)frame.size, &next) ||
             !mpeg_same_stream(frame.word, next.word)))
            continue;
        *start = offset;
        *ret_frame = frame;
        return true;
    }
    return false;
}

/* The samples that the header frame speaks of; -1 where it is an ordinary frame. */
static int64_t said_samples(const uint8_t *data, size_t size, const struct mpeg_header *frame)
{
    size_t xing = MPEG_HEADER_SIZE + mpeg_side_size(frame), vbri = MPEG_HEADER_SIZE + 32;
    if (xing + 12 <= size &&
        (memcmp(data + xing, "Xing", 4) == 0 || memcmp(data + xing, "Info", 4) == 0)) {
        uint32_t flags = mpeg_word(data + xing + 4);
        if (!(flags & 1))
            return -1;
        int64_t samples = (int64_t)mpeg_word(data + xing + 8) * frame->samples;
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
        return (int64_t)mpeg_word(data + vbri + 14) * frame->samples;
    return -1;
}

/* Counts frames, until a long row of one bitrate says that arithmetic does as well. */
static millis counted_duration(struct source *source, int64_t offset, int64_t end,
                               const struct mpeg_header *first)
{
    int64_t samples = 0, start = offset, frames = 0;
    bool constant = true;
    struct mpeg_header frame;
    while (offset < end && frame_at(source, offset, &frame) &&
           mpeg_same_stream(frame.word, first->word)) {
        constant = constant && frame.bitrate == first->bitrate;
        if (++frames == CBR_FRAMES && constant)
            return millis_of_samples((end - start) * 8, first->bitrate);
        samples += frame.samples;
        offset += (int64_t)frame.size;
    }
    return millis_of_samples(samples, first->rate);
}

millis mpeg_duration(struct source *source, int64_t start, int64_t end)
{
    struct mpeg_header first;
    const uint8_t *data;
    size_t size;
    if (!find_first(source, &start, end, &first))
        return MILLIS_NONE;
    size_t wanted = first.size < MAX_HEADER ? first.size : MAX_HEADER;
    if (!source_view(source, start, wanted, &data, &size, NULL))
        return MILLIS_NONE;
    int64_t samples = said_samples(data, size < wanted ? size : wanted, &first);
    if (samples >= 0)
        return millis_of_samples(samples, first.rate);
    return counted_duration(source, start, end, &first);
}
