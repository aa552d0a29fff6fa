/* SPDX-License-Identifier: MIT */
#include "audio/flac_walk.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/intreadwrite.h>

#include "audio/bracket.h"
#include "audio/mp3_tail.h"
#include "base/checked.h"
#include "base/memory.h"

#define SIGNATURE_SIZE  4
#define BLOCK_HEADER    4
#define BLOCK_SEEKTABLE 3
#define POINT_SIZE      18
#define NO_POINT        UINT64_MAX /* a placeholder */

/* Looked through at once for the next header, and for the end of a frame. */
#define SCAN_SIZE  ((size_t)4096)
#define FRAME_STEP ((size_t)16 * 1024)

/* What is read of the end at first, for the last frame. */
#define END_SIZE (64 * 1024)

/* What is wrong with a frame makes players leave out up to three before it. */
#define FRAMES_BEHIND 4

/* Headers in a row that are none, before a search gives up: by chance there is not one. */
#define MAX_TRIES 256

static sample_index position_of(const struct flac_walk *walk, const struct flac_frame *frame)
{
    return frame->number * walk->block - walk->origin;
}

static sample_index after(const struct flac_found *found)
{
    return found->position + found->frame.block;
}

static bool fits(const struct flac_walk *walk, const struct flac_frame *frame)
{
    const struct flac_stream *stream = &walk->stream;
    return frame->channels == stream->channels &&
           (frame->rate == 0 || frame->rate == stream->rate) &&
           (frame->depth == 0 || frame->depth == stream->depth);
}

/* No encoder makes a frame larger than its samples are as they stand; an eighth for those that do.
 */
static size_t largest_size(const struct flac_walk *walk, const struct flac_frame *frame)
{
    size_t bits = (size_t)frame->block * (size_t)frame->channels * ((size_t)walk->stream.depth + 1);
    return bits / 8 + bits / 64 + 1024;
}

/* The end of a frame, which is looked for in more and more of the file. */
struct measure {
    size_t at;     /* what is before holds no end */
    size_t summed; /* so many bytes are in the checksum */
    uint16_t crc;
};

static bool ends_here(struct measure *measure, const uint8_t *data, size_t size)
{
    measure->crc = flac_crc16(measure->crc, data + measure->summed, size - measure->summed);
    measure->summed = size;
    return measure->crc == 0;
}

/* The header of the next frame, with the checksum right before it; whether it is the right one is
 * not asked, as two frames have the right checksum, too. `last`: nothing follows the data. */
static bool find_next_header(const struct flac_walk *walk, struct measure *measure,
                             const uint8_t *data, size_t size, bool last)
{
    while (measure->at < size && (last || size - measure->at >= FLAC_MAX_HEADER)) {
        const uint8_t *sync = memchr(data + measure->at, 0xff, size - measure->at);
        measure->at = sync ? (size_t)(sync - data) : size;
        struct flac_frame next;
        if (sync && flac_parse_frame(sync, size - measure->at, &next) && fits(walk, &next) &&
            ends_here(measure, data, measure->at))
            return true;
        if (!sync || (!last && size - measure->at < FLAC_MAX_HEADER))
            break; /* a header may go on in what is read next */
        measure->at++;
    }
    return false;
}

/* The tags that others put behind the frames are no part of the last one. */
static bool cut_tags(struct flac_walk *walk, struct error *err)
{
    walk->tags_cut = true;
    return mp3_tail_find(walk->source, &walk->end, err);
}

/* The size of the frame at `offset`; 0 where it is damaged or none. */
static bool measure_frame(struct flac_walk *walk, int64_t offset, const struct flac_frame *frame,
                          size_t *ret_size, struct error *err)
{
    struct measure measure = {.at = frame->header};
    size_t limit = largest_size(walk, frame) + FLAC_MAX_HEADER;
    *ret_size = 0;
    for (size_t wanted = FRAME_STEP;; wanted *= 2) {
        const uint8_t *data = NULL;
        size_t size = 0;
        if (wanted > limit)
            wanted = limit;
        if (!source_view(walk->source, offset, wanted, &data, &size, err))
            return false;
        if (size > limit)
            size = limit;
        bool at_end = (int64_t)size >= walk->end - offset;
        if (at_end)
            size = (size_t)(walk->end - offset);
        if (find_next_header(walk, &measure, data, size, at_end)) {
            *ret_size = measure.at;
            return true;
        }
        if (at_end && ends_here(&measure, data, size))
            *ret_size = size;
        if (at_end || wanted == limit)
            return true;
    }
}

static bool last_without_tags(struct flac_walk *walk, int64_t offset,
                              const struct flac_frame *frame, size_t *ret_size, struct error *err)
{
    bool at_end = walk->end - offset <= (int64_t)largest_size(walk, frame);
    if (!at_end || walk->tags_cut)
        return true;
    return cut_tags(walk, err) &&
           (walk->end <= offset || measure_frame(walk, offset, frame, ret_size, err));
}

/* The frame at just this offset, whole and undamaged. */
static bool read_frame(struct flac_walk *walk, int64_t offset, struct flac_found *ret_found,
                       bool *ret_there, struct error *err)
{
    const uint8_t *data = NULL;
    size_t size = 0;
    struct flac_frame frame;
    *ret_there = false;
    if (!source_view(walk->source, offset, FLAC_MAX_HEADER, &data, &size, err))
        return false;
    if (offset >= walk->end || !flac_parse_frame(data, size, &frame) || !fits(walk, &frame) ||
        frame.variable != walk->variable)
        return true;
    size_t frame_size = 0;
    if (!measure_frame(walk, offset, &frame, &frame_size, err) ||
        (frame_size == 0 && !last_without_tags(walk, offset, &frame, &frame_size, err)))
        return false;
    if (frame_size == 0)
        return true;
    if (!source_view(walk->source, offset, frame_size, &data, &size, err))
        return false;
    *ret_there = true;
    *ret_found = (struct flac_found){
        .frame = frame,
        .position = position_of(walk, &frame),
        .offset = offset,
        .size = frame_size,
        .data = data,
    };
    return true;
}

/* Where the next header that may be one of ours stands, at or behind `offset`; `limit` where none
 * does. */
static bool find_header(struct flac_walk *walk, int64_t offset, int64_t limit, int64_t *ret_offset,
                        struct error *err)
{
    *ret_offset = limit;
    while (offset < limit) {
        const uint8_t *data = NULL;
        size_t size = 0;
        struct flac_frame frame;
        if (!source_view(walk->source, offset, SCAN_SIZE, &data, &size, err))
            return false;
        const uint8_t *sync = memchr(data, 0xff, size);
        size_t skip = sync ? (size_t)(sync - data) : size;
        size_t left = size - skip;
        offset += (int64_t)skip;
        if (left < FLAC_MAX_HEADER && skip > 0 && offset + (int64_t)left < walk->end)
            continue; /* the header may go on in what is read next */
        if (sync && offset < limit && flac_parse_frame(sync, left, &frame) && fits(walk, &frame) &&
            frame.variable == walk->variable) {
            *ret_offset = offset;
            return true;
        }
        offset += sync != NULL;
        if (size == 0)
            return true;
    }
    return true;
}

/* The next frame at or behind `offset` and before `limit`. */
static bool find_frame(struct flac_walk *walk, int64_t offset, int64_t limit,
                       struct flac_found *ret_found, bool *ret_there, struct error *err)
{
    *ret_there = false;
    for (int tries = 0; tries < MAX_TRIES; tries++, offset++) {
        if (!find_header(walk, offset, limit, &offset, err))
            return false;
        if (offset >= limit)
            return true;
        if (!read_frame(walk, offset, ret_found, ret_there, err))
            return false;
        if (*ret_there)
            return true;
    }
    return true;
}

bool flac_walk_next(struct flac_walk *walk, struct flac_found *ret_found, bool *ret_more,
                    struct error *err)
{
    for (;;) {
        bool there = false;
        if (!read_frame(walk, walk->offset, ret_found, &there, err) ||
            (!there && !find_frame(walk, walk->offset + 1, walk->end, ret_found, &there, err)))
            return false;
        *ret_more = there;
        if (!there) {
            walk->offset = walk->end;
            return true;
        }
        walk->offset = ret_found->offset + (int64_t)ret_found->size;
        if (ret_found->position < walk->position)
            continue; /* a second time, in a file that was put together wrongly */
        walk->position = after(ret_found);
        return true;
    }
}

static void place_cursor(struct flac_walk *walk, int64_t offset, sample_index position)
{
    walk->offset = offset;
    walk->position = position;
}

void flac_walk_rewind(struct flac_walk *walk)
{
    place_cursor(walk, walk->first, 0);
}

void flac_walk_end_at(struct flac_walk *walk, int64_t offset)
{
    walk->end = offset;
    walk->tags_cut = true;
}

bool flac_walk_is_regular(struct flac_walk *walk, sample_index until, bool *ret_regular,
                          struct error *err)
{
    bool more = true, regular = true;
    place_cursor(walk, walk->regular_offset, walk->regular);
    for (int behind = 0; more && regular && behind < FRAMES_BEHIND;
         behind += walk->regular >= until) {
        struct flac_found found;
        if (!flac_walk_next(walk, &found, &more, err))
            return false;
        if (!more) {
            *ret_regular = walk->regular_offset == walk->end && walk->regular == walk->samples;
            return true;
        }
        regular = found.offset == walk->regular_offset && found.position == walk->regular;
        walk->regular_offset = found.offset + (int64_t)found.size;
        walk->regular = after(&found);
    }
    *ret_regular = regular && walk->regular <= walk->samples;
    return true;
}

static void raise_low(struct bracket *bracket, const struct flac_found *found)
{
    bracket->low = found->offset;
    bracket->low_position = found->position;
}

static void lower_high(struct bracket *bracket, int64_t offset, sample_index position)
{
    bracket->high = offset;
    bracket->high_position = position;
}

/* By the entries of the seek table on both sides, where frames stand that are what it says. */
static bool use_points(struct flac_walk *walk, sample_index sought, struct bracket *bracket,
                       struct error *err)
{
    size_t next = 0;
    while (next < walk->point_count && walk->points[next].sample <= sought)
        next++;
    for (size_t i = next > 0 ? next - 1 : 0; i <= next && i < walk->point_count; i++) {
        const struct flac_point *point = &walk->points[i];
        struct flac_found found;
        bool there = false;
        if (point->offset >= walk->end - walk->first)
            continue;
        if (!read_frame(walk, walk->first + point->offset, &found, &there, err))
            return false;
        if (!there || found.position != point->sample)
            continue;
        if (found.position <= sought)
            raise_low(bracket, &found);
        else if (found.offset > bracket->low && found.offset < bracket->high)
            lower_high(bracket, found.offset, found.position);
    }
    return true;
}

bool flac_walk_seek(struct flac_walk *walk, sample_index position, struct error *err)
{
    struct bracket bracket = {walk->first, walk->end, 0, walk->samples};
    struct flac_found found;
    bool more = true;
    if (position < walk->regular) /* the same positions may stand once more behind */
        lower_high(&bracket, walk->regular_offset, walk->regular);
    if (!use_points(walk, position, &bracket, err))
        return false;
    for (int step = 0; !bracket_is_narrow(&bracket, position); step++) {
        int64_t guess = bracket_guess(&bracket, position, step);
        bool there = false;
        if (!find_frame(walk, guess, bracket.high, &found, &there, err))
            return false;
        if (there && found.position >= bracket.low_position && found.position <= position)
            raise_low(&bracket, &found);
        else
            lower_high(&bracket, guess, there ? found.position : bracket.high_position);
    }
    place_cursor(walk, bracket.low, bracket.low_position);
    do
        if (!flac_walk_next(walk, &found, &more, err))
            return false;
    while (more && after(&found) <= position);
    if (more)
        place_cursor(walk, found.offset, found.position);
    return true;
}

void flac_walk_expect(struct flac_walk *walk, sample_index samples)
{
    int64_t size = 0;
    if (walk->samples > 0 && checked_scale(walk->end - walk->first, samples, walk->samples, &size))
        source_expect(walk->source, walk->offset, size + size / 16);
}

static void read_points(struct flac_walk *walk, const uint8_t *data, size_t size)
{
    for (; size >= POINT_SIZE; data += POINT_SIZE, size -= POINT_SIZE) {
        uint64_t sample = AV_RB64(data), offset = AV_RB64(data + 8);
        if (sample == NO_POINT || sample > INT64_MAX || offset > INT64_MAX)
            continue;
        walk->points = mem_grow(walk->points, &walk->point_capacity, walk->point_count + 1,
                                sizeof *walk->points);
        walk->points[walk->point_count++] = (struct flac_point){(int64_t)sample, (int64_t)offset};
    }
}

/* STREAMINFO, which is the first block, and the seek table; the others are not looked at. */
static bool read_metadata(struct flac_walk *walk, int64_t body, struct error *err)
{
    int64_t offset = body + SIGNATURE_SIZE;
    for (bool last = false; !last;) {
        uint8_t head[BLOCK_HEADER];
        const uint8_t *data = NULL;
        size_t got = 0;
        if (!source_read_exactly(walk->source, offset, head, sizeof head, err))
            return false;
        size_t size = (size_t)AV_RB24(head + 1);
        last = head[0] & 0x80;
        if (offset == body + SIGNATURE_SIZE &&
            ((head[0] & 0x7f) != 0 || size != FLAC_STREAMINFO_SIZE))
            return error_set(err, ERROR_INPUT, "%s: does not say what FLAC it holds",
                             walk->source->name);
        offset += BLOCK_HEADER;
        if ((head[0] & 0x7f) == BLOCK_SEEKTABLE) {
            if (!source_view(walk->source, offset, size, &data, &got, err))
                return false;
            read_points(walk, data, got < size ? got : size);
        }
        offset += (int64_t)size;
    }
    walk->first = offset;
    if (!source_read_exactly(walk->source, body + SIGNATURE_SIZE + BLOCK_HEADER, walk->header,
                             sizeof walk->header, err))
        return false;
    return flac_parse_stream(walk->header, &walk->stream) ||
           error_set(err, ERROR_INPUT, "%s: its FLAC header is damaged", walk->source->name);
}

/* How the first frame is numbered. */
static bool read_first(struct flac_walk *walk, bool *ret_usual, struct error *err)
{
    const struct flac_stream *stream = &walk->stream;
    const uint8_t *data = NULL;
    size_t size = 0;
    struct flac_frame frame;
    *ret_usual = false;
    if (!source_view(walk->source, walk->first, FLAC_MAX_HEADER, &data, &size, err))
        return false;
    if (!flac_parse_frame(data, size, &frame) || !fits(walk, &frame) ||
        (!frame.variable && stream->min_block != stream->max_block))
        return true;
    walk->variable = frame.variable;
    walk->block = frame.variable ? 1 : frame.block;
    walk->origin = frame.number * walk->block;
    struct flac_found found;
    return read_frame(walk, walk->first, &found, ret_usual, err);
}

/* Behind the last frame. */
static bool find_samples(struct flac_walk *walk, struct error *err)
{
    struct flac_found found;
    bool there = false;
    for (int64_t step = END_SIZE; !there; step *= 4) {
        int64_t offset = walk->end - walk->first > step ? walk->end - step : walk->first;
        if (!find_frame(walk, offset, walk->end, &found, &there, err))
            return false;
        if (offset == walk->first)
            break;
    }
    if (!there)
        return error_set(err, ERROR_INPUT, "%s: holds no sound", walk->source->name);
    place_cursor(walk, found.offset, found.position);
    for (bool more = true; more;) {
        if (!flac_walk_next(walk, &found, &more, err))
            return false;
        if (more)
            walk->samples = after(&found);
    }
    return true;
}

/* What the largest frames in the fewest bytes hold, a header of six, two of a constant channel and
 * a checksum: no file has more samples, whatever it says. */
static sample_index most_samples(const struct flac_walk *walk)
{
    int64_t frames = (walk->end - walk->first) / 10 + 1;
    return frames * walk->stream.max_block;
}

bool flac_walk_open(struct flac_walk *walk, struct source *source, int64_t body, bool *ret_usual,
                    struct error *err)
{
    *walk = (struct flac_walk){.source = source, .end = source->size};
    *ret_usual = false;
    if (!read_metadata(walk, body, err) || !read_first(walk, ret_usual, err))
        return false;
    if (!*ret_usual)
        return true;
    walk->samples = walk->stream.samples;
    flac_walk_rewind(walk);
    walk->regular_offset = walk->first;
    /* A piece that was cut out of a file still says how long that was. */
    bool doubtful = walk->samples == 0 || walk->samples > most_samples(walk) || walk->origin != 0;
    if (doubtful && !find_samples(walk, err))
        return false;
    if (walk->samples > most_samples(walk))
        walk->samples = most_samples(walk);
    return true;
}

void flac_walk_close(struct flac_walk *walk)
{
    free(walk->points);
}
