/* SPDX-License-Identifier: MIT */
#include "audio/mp3_index.h"

#include <stdlib.h>

#include "audio/mp3_tail.h"
#include "base/checked.h"
#include "base/memory.h"

/* libavformat looks no further for the first frame. */
#define LEAD_IN_MAX 65536

/* Frames in a row that are hardly there by chance, and how far away the first of them is at most:
 * a few frames. */
#define ROW       6
#define ROW_REACH 16384

/* How far computed places are off: by rounding; or where joined recordings are each a little
 * shorter than they should be, which at most one frame in so many shows. */
#define EXACT_SLIP       1
#define JOINED_SLIP      64
#define FRAMES_PER_DRIFT 100

/* How far a guess of a frame's place is likely to be off: the bitrate varies. */
#define GUESS_MARGIN ((int64_t)1024 * 1024)

/* So many frames tell how large those of a file are on average: half a minute. */
#define FRAMES_TO_TELL 1000

/* What counting asks for at once: at least, and at most in multiples of what was counted. */
#define COUNT_LEAST ((int64_t)64 * 1024)
#define COUNT_TRUST 4

/*
 * Counting.
 */

/* Tells the source how far the counting goes on at least: most of the way that is left as the
 * frames so far have it, but not for long from a few of them. Returns that place. */
static int64_t expect_count(const struct mp3_index *index, int64_t number)
{
    int64_t counted = index->walk.offset - index->first, left = number - index->walk.number;
    int64_t way = COUNT_TRUST * counted, rest = 0;
    if (index->walk.number > 0 && checked_scale(left, counted, index->walk.number, &rest) &&
        rest - rest / 4 < way)
        way = rest - rest / 4;
    if (way < COUNT_LEAST)
        way = COUNT_LEAST;
    source_expect(index->source, index->walk.offset, way);
    return index->walk.offset + way;
}

/* libavformat counts what the decoder drops, too, on its way to the end that the tag declares. */
static void move_hole(struct mp3_index *index, int64_t dropped)
{
    const int spf = index->header.samples;
    if (index->hole_start == INT64_MAX || index->walk.number * spf >= index->hole_start)
        return;
    index->hole_start -= dropped * spf;
    index->hole_end -= dropped * spf;
}

/* Goes on counting until the place of frame `number` is known, or the end. */
static bool count_to(struct mp3_index *index, int64_t number, struct error *err)
{
    int64_t expected = 0;
    while (!index->walked && index->walk.number <= number) {
        struct mp3_frame frame = {0};
        bool more = false;
        int64_t dropped = index->walk.dropped;
        if (index->walk.offset >= expected)
            expected = expect_count(index, number);
        if (!mp3_walk_next(&index->walk, &frame, &more, err))
            return false;
        if (index->walk.dropped > dropped)
            move_hole(index, index->walk.dropped - dropped);
        if (!more) {
            index->walked = true;
            index->frames = index->walk.number;
        } else if (frame.number % MP3_INDEX_STEP == 0) {
            index->places = mem_grow(index->places, &index->place_capacity, index->place_count + 1,
                                     sizeof *index->places);
            index->places[index->place_count++] = frame.offset;
        }
    }
    return true;
}

static struct mp3_walk walk_from(const struct mp3_index *index, int64_t number, int64_t offset)
{
    return (struct mp3_walk){
        .source = index->source,
        .like = index->header.word,
        .offset = offset,
        .number = number,
        .odd_frame = INT64_MAX,
    };
}

static bool step_to(struct mp3_walk *walk, int64_t number, struct error *err)
{
    bool more = true;
    while (more && walk->number < number) {
        struct mp3_frame frame = {0};
        if (!mp3_walk_next(walk, &frame, &more, err))
            return false;
    }
    return true;
}

/*
 * Counting from the end.
 */

/* Where frame `number` is likely to be. */
static int64_t guess_place(const struct mp3_index *index, int64_t number)
{
    return index->first + mp3_index_bytes(index, number);
}

/* Finds the first of some frames in a row from `offset` on, since chance makes headers, too. */
static bool find_row(const struct mp3_index *index, int64_t offset, int64_t *ret_offset,
                     struct error *err)
{
    for (int64_t begin = offset; begin < offset + ROW_REACH; begin++) {
        int64_t place = begin;
        int row = 0;
        for (bool same = true; same && row < ROW; row += same) {
            uint32_t word = 0;
            bool there = false;
            if (!mp3_word_at(index->source, place, &word, &there, err))
                return false;
            same = mpeg_frame_size(word) && mpeg_same_stream(word, index->header.word);
            place += (int64_t)mpeg_frame_size(word);
        }
        if (row == ROW) {
            *ret_offset = begin;
            return true;
        }
    }
    *ret_offset = -1;
    return true;
}

/* Counts the frames from `offset` to the first anchor. *ret_count is -1 where they do not meet. */
static bool count_to_anchor(const struct mp3_index *index, int64_t offset, int64_t *ret_count,
                            struct error *err)
{
    const struct mp3_anchor *anchor = &index->anchors[index->anchor_count - 1];
    struct mp3_walk walk = walk_from(index, 0, offset);
    bool more = true;
    source_expect(index->source, offset, anchor->offset - offset);
    while (more && walk.offset < anchor->offset) {
        struct mp3_frame frame = {0};
        if (!mp3_walk_next(&walk, &frame, &more, err))
            return false;
    }
    bool meets = walk.offset == anchor->offset && !walk.dropped;
    *ret_count = meets ? walk.number : -1;
    return true;
}

/* Makes anchors until one stands before frame `number`, as long as that is nearer than what was
 * counted from the beginning. */
static bool count_back(struct mp3_index *index, int64_t number, struct error *err)
{
    int64_t margin = GUESS_MARGIN;
    while (index->anchor_count > 0 && index->anchor_count < MP3_MAX_ANCHORS) {
        struct mp3_anchor first = index->anchors[index->anchor_count - 1];
        int64_t offset = guess_place(index, number) - margin, count = 0;
        if (first.number <= number || offset - index->walk.offset < first.offset - offset)
            break;
        if (!find_row(index, offset, &offset, err))
            return false;
        if (offset < 0 || offset >= first.offset)
            break;
        if (!count_to_anchor(index, offset, &count, err))
            return false;
        if (count < 0)
            index->anchor_count = 0;
        else
            index->anchors[index->anchor_count++] =
                (struct mp3_anchor){first.number - count, offset};
        margin *= 4;
    }
    return true;
}

/* A walk from the last anchor that is not behind frame `number`. */
static bool seek_anchored(struct mp3_index *index, int64_t number, struct mp3_walk *ret_walk,
                          bool *ret_found, struct error *err)
{
    *ret_found = false;
    if (!count_back(index, number, err))
        return false;
    for (size_t i = 1; i < index->anchor_count && !*ret_found; i++) {
        const struct mp3_anchor *anchor = &index->anchors[i];
        *ret_found = anchor->number <= number;
        if (*ret_found)
            *ret_walk = walk_from(index, anchor->number, anchor->offset);
    }
    return !*ret_found || step_to(ret_walk, number, err);
}

static bool seek_counted(struct mp3_index *index, int64_t number, struct mp3_walk *ret_walk,
                         struct error *err)
{
    bool found = false;
    if (number >= index->walk.number &&
        (!seek_anchored(index, number, ret_walk, &found, err) || found))
        return found;
    if (!count_to(index, number, err))
        return false;
    size_t step = (size_t)(number / MP3_INDEX_STEP);
    if (step >= index->place_count) {
        *ret_walk = index->walk;
        return true;
    }
    struct mp3_walk walk = walk_from(index, (int64_t)step * MP3_INDEX_STEP, index->places[step]);
    if (!step_to(&walk, number, err))
        return false;
    *ret_walk = walk;
    return true;
}

/*
 * Computed places: an encoder of constant bitrate pads frames by a byte now and then, so that they
 * keep to the bitrate as closely as whole bytes allow.
 */

static int64_t computed_place(const struct mp3_index *index, int64_t number)
{
    const struct mp3_header *header = &index->header;
    int64_t bytes = 0;
    if (index->slip > EXACT_SLIP &&
        checked_scale(number, index->end - index->first, index->frames, &bytes))
        return index->first + bytes;
    return index->first + number * (header->samples / 8 * header->bitrate) / header->rate;
}

/* Whether a frame of the same stream and bitrate stands there. */
static bool is_alike(const struct mp3_index *index, int64_t offset, bool *ret_alike,
                     struct error *err)
{
    uint32_t word = 0;
    bool there = false;
    if (!mp3_word_at(index->source, offset, &word, &there, err))
        return false;
    struct mp3_header header = {0};
    *ret_alike = mp3_header_parse(word, &header) && mpeg_same_stream(word, index->header.word) &&
                 header.bitrate == index->header.bitrate;
    return true;
}

/* Chance makes a header out of other bytes, but hardly two at the right distance. */
static bool is_place(const struct mp3_index *index, int64_t number, int64_t offset, bool *ret_right,
                     struct error *err)
{
    uint32_t word = 0;
    bool there = false;
    *ret_right = false;
    if (!is_alike(index, offset, ret_right, err) ||
        !mp3_word_at(index->source, offset, &word, &there, err))
        return false;
    if (!*ret_right || number + 1 >= index->frames)
        return true;
    return is_alike(index, offset + (int64_t)mpeg_frame_size(word), ret_right, err);
}

static bool seek_computed(struct mp3_index *index, int64_t number, struct mp3_walk *ret_walk,
                          bool *ret_found, struct error *err)
{
    int64_t place = computed_place(index, number);
    *ret_found = number == index->frames || number == 0;
    for (int64_t near = place - index->slip; near <= place + index->slip && !*ret_found; near++) {
        if (!is_place(index, number, near, ret_found, err))
            return false;
        if (*ret_found)
            place = near;
    }
    if (*ret_found)
        *ret_walk = walk_from(index, number, place);
    return true;
}

void mp3_index_prove(struct mp3_index *index)
{
    index->prove = source_is_near(index->source);
}

bool mp3_index_seek(struct mp3_index *index, int64_t number, struct mp3_walk *ret_walk,
                    struct error *err)
{
    if (index->constant && !index->prove) {
        bool found = false;
        int64_t within = number < index->frames ? number : index->frames;
        if (!seek_computed(index, within, ret_walk, &found, err) || found)
            return found;
        index->constant = false; /* it only looked like it */
        index->frames = -1;
    }
    return seek_counted(index, number, ret_walk, err);
}

/* The room for main data in the frames from `walk` on up to frame `number`. */
static bool measure_room(struct mp3_walk walk, int64_t number, size_t *ret_room, struct error *err)
{
    bool more = true;
    *ret_room = 0;
    while (more && walk.number < number) {
        struct mp3_frame frame = {0};
        if (!mp3_walk_next(&walk, &frame, &more, err))
            return false;
        if (more)
            *ret_room += frame.header.size - mp3_main_offset(&frame.header);
    }
    return true;
}

bool mp3_index_seek_before(struct mp3_index *index, int64_t number, struct mp3_walk *ret_walk,
                           struct error *err)
{
    int64_t room = (int64_t)index->header.size - (int64_t)mp3_main_offset(&index->header);
    int64_t back = MP3_RESERVOIR_MAX / (room > 1 ? room : 1) + 1;
    for (;; back *= 2) {
        struct mp3_walk walk = {0};
        size_t before = 0;
        if (!mp3_index_seek(index, back < number ? number - back : 0, &walk, err) ||
            !measure_room(walk, number, &before, err))
            return false;
        *ret_walk = walk;
        if (before >= MP3_RESERVOIR_MAX || back >= number)
            return true;
    }
}

/*
 * Opening.
 */

static const char *layer_name(uint32_t word)
{
    return (word >> 17 & 3) == 3 ? "I" : "II";
}

static bool refuse(const struct mp3_index *index, uint32_t word, struct error *err)
{
    const char *name = index->source->name;
    if (mpeg_is_free_format(word))
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: is an MP3 of the free format, which hardly any player reads; encode "
                         "it with a bitrate of the standard first",
                         name);
    if (mpeg_frame_size(word))
        return error_set(err, ERROR_UNSUPPORTED, "%s: is MPEG audio of layer %s, not III", name,
                         layer_name(word));
    return error_set(err, ERROR_INPUT, "%s: holds no MP3 frames", name);
}

/* The first two frames of one kind within reach of `offset`, as libavformat looks for them. */
static bool find_first(struct mp3_index *index, int64_t offset, struct error *err)
{
    uint32_t at_offset = 0;
    for (int64_t i = 0; i < LEAD_IN_MAX; i++) {
        uint32_t word = 0, next = 0;
        bool there = false, next_there = false;
        if (!mp3_word_at(index->source, offset + i, &word, &there, err))
            return false;
        at_offset = i == 0 ? word : at_offset;
        size_t size = mpeg_frame_size(word);
        if (!there)
            break;
        if (size == 0)
            continue;
        if (!mp3_word_at(index->source, offset + i + (int64_t)size, &next, &next_there, err))
            return false;
        if (!next_there || !mpeg_frame_size(next) || !mp3_same_kind(word, next))
            continue;
        index->first = offset + i;
        return mp3_header_parse(word, &index->header) || refuse(index, word, err);
    }
    return refuse(index, mpeg_is_free_format(at_offset) ? at_offset : 0, err);
}

/* Reads the tag, where there is one, and finds frame 0. */
static bool read_head(struct mp3_index *index, int64_t body, struct error *err)
{
    const uint8_t *data = NULL;
    size_t size = 0;
    if (!source_view(index->source, body, MP3_TAG_READ, &data, &size, err))
        return false;
    struct mp3_header header = {0};
    int64_t sound = body;
    if (size >= MPEG_HEADER_SIZE && mp3_header_parse(mpeg_word(data), &header)) {
        mp3_tag_parse(&header, data, size, &index->tag);
        index->origin = index->tag.gapless ? index->tag.delay + MP3_DECODER_DELAY : 0;
        sound += mp3_tag_counts(&index->tag) ? (int64_t)header.size : 0;
    }
    return find_first(index, sound, err);
}

/* What libavformat leaves out at the end; it believes a tag less that tells of far fewer bytes than
 * there are. */
static void find_hole(struct mp3_index *index, int64_t body)
{
    const struct mp3_tag *tag = &index->tag;
    int64_t there = index->source->size - (body + MPEG_HEADER_SIZE);
    bool doubted = tag->bytes > 0 && there > tag->bytes && there - tag->bytes > tag->bytes >> 4;
    index->hole_start = index->hole_end = INT64_MAX;
    if (!tag->gapless || tag->frames == 0 || doubted)
        return;
    int64_t end = tag->frames * index->header.samples;
    int64_t start = end - tag->padding + MP3_DECODER_DELAY;
    if (start >= end)
        return;
    index->hole_start = start;
    index->hole_end = end;
}

/* How far the frames are from ending where so many of this one bitrate end. */
static int64_t find_drift(const struct mp3_index *index, int64_t frames, int64_t end)
{
    int64_t drift = computed_place(index, frames) - end;
    return drift < 0 ? -drift : drift;
}

/* A tag that tells of more frames than there is room for was never true. */
static bool is_possible(const struct mp3_index *index, int64_t frames, int64_t end)
{
    return frames > 0 &&
           frames <= (end - index->first) / (int64_t)mp3_smallest_frame(&index->header);
}

/* All is of one bitrate if it comes out as long as it then has to. What is only nearly so is looked
 * at in some places. */
static bool find_constancy(struct mp3_index *index, struct error *err)
{
    index->slip = EXACT_SLIP;
    int64_t drift = find_drift(index, index->frames, index->end);
    index->constant = drift <= EXACT_SLIP;
    if (index->constant || drift > index->frames / FRAMES_PER_DRIFT)
        return true;
    index->slip = JOINED_SLIP;
    index->constant = true;
    for (int i = 1; i < 4 && index->constant; i++) {
        struct mp3_walk walk = {0};
        if (!seek_computed(index, index->frames * i / 4, &walk, &index->constant, err))
            return false;
    }
    return true;
}

/* The tag's numbers of frames and bytes fit the file, so that nothing is hidden between. Writers
 * differ in whether the bytes count the tag's own frame. */
static bool tag_fits(const struct mp3_index *index, int64_t body, int64_t end)
{
    const struct mp3_tag *tag = &index->tag;
    return is_possible(index, tag->frames, end) &&
           (body + tag->bytes == end || index->first + tag->bytes == end);
}

static bool trust_tag(struct mp3_index *index, int64_t end, struct error *err)
{
    index->frames = index->tag.frames;
    index->end = end;
    if (index->tag.gapless && !source_is_near(index->source))
        index->anchors[index->anchor_count++] = (struct mp3_anchor){index->frames, end};
    return find_constancy(index, err);
}

/* Where headers are dear we believe that a file is of one bitrate that looks like it. */
static bool guess_count(struct mp3_index *index, int64_t end, struct error *err)
{
    const struct mp3_header *header = &index->header;
    struct mp3_walk walk = {0};
    int64_t count = 0;
    if (index->tag.kind == MP3_TAG_XING || index->tag.frames > 0 ||
        !checked_scale(end - index->first, header->rate, header->samples / 8 * header->bitrate,
                       &count) ||
        count <= 0 || find_drift(index, count, end) > EXACT_SLIP)
        return true;
    index->frames = count;
    index->slip = EXACT_SLIP;
    if (!seek_computed(index, count - 1, &walk, &index->constant, err))
        return false;
    if (!index->constant)
        index->frames = -1;
    return true;
}

/* How many frames there are. A tag that fits is believed; without one all headers are read. */
static bool find_count(struct mp3_index *index, int64_t body, struct error *err)
{
    int64_t end = index->source->size;
    if (tag_fits(index, body, end))
        return trust_tag(index, end, err);
    if (!mp3_tail_find(index->source, &end, err))
        return false;
    if (tag_fits(index, body, end))
        return trust_tag(index, end, err);
    if (source_is_near(index->source))
        return count_to(index, INT64_MAX, err);
    return guess_count(index, end, err);
}

bool mp3_index_init(struct mp3_index *index, struct source *source, int64_t body, struct error *err)
{
    *index = (struct mp3_index){.source = source, .frames = -1};
    if (!read_head(index, body, err))
        return false;
    find_hole(index, body);
    index->walk = walk_from(index, 0, index->first);
    return find_count(index, body, err);
}

void mp3_index_release(struct mp3_index *index)
{
    free(index->places);
    *index = (struct mp3_index){.frames = -1};
}

int64_t mp3_index_bytes(const struct mp3_index *index, int64_t frames)
{
    const struct mp3_header *header = &index->header;
    int64_t numerator = header->samples / 8 * header->bitrate, denominator = header->rate;
    int64_t bytes = 0;
    if (!index->constant && index->frames > 0) {
        numerator = index->source->size - index->first;
        denominator = index->frames;
    } else if (!index->constant && index->walk.number >= FRAMES_TO_TELL) {
        numerator = index->walk.offset - index->first;
        denominator = index->walk.number;
    }
    return checked_scale(frames, numerator, denominator, &bytes) ? bytes : 0;
}

sample_index mp3_raw_of_sample(const struct mp3_index *index, sample_index sample)
{
    sample_index raw = sample + index->origin;
    return raw < index->hole_start ? raw : raw + (index->hole_end - index->hole_start);
}

sample_index mp3_sample_of_raw(const struct mp3_index *index, sample_index raw)
{
    if (raw >= index->hole_end)
        raw -= index->hole_end - index->hole_start;
    else if (raw > index->hole_start)
        raw = index->hole_start;
    return raw - index->origin;
}

sample_index mp3_index_samples(const struct mp3_index *index)
{
    if (index->frames < 0 || index->walk.changed)
        return -1;
    /* libavformat gives out what there is of a last frame, too. */
    int64_t frames = index->frames + (index->walked && index->walk.truncated ? 1 : 0);
    sample_index samples = mp3_sample_of_raw(index, frames * index->header.samples);
    return samples > 0 ? samples : 0;
}
