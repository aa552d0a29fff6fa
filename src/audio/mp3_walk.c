/* SPDX-License-Identifier: MIT */
#include "audio/mp3_walk.h"

/* What is longer and holds no frame ends the recording. */
#define JUNK_MAX ((int64_t)16 * 1024 * 1024)

bool mp3_word_at(struct source *source, int64_t offset, uint32_t *ret_word, bool *ret_there,
                 struct error *err)
{
    const uint8_t *data = NULL;
    size_t size = 0;
    if (!source_view(source, offset, MPEG_HEADER_SIZE, &data, &size, err))
        return false;
    *ret_there = size >= MPEG_HEADER_SIZE;
    *ret_word = *ret_there ? mpeg_word(data) : 0;
    return true;
}

/* Passes over what is no frame, up to the next header of any layer, as libavformat's parser does.
 * Without one *ret_size is 0. */
static bool find_header(struct mp3_walk *walk, size_t *ret_size, bool *ret_zeros, struct error *err)
{
    int64_t begin = walk->offset;
    *ret_size = 0;
    *ret_zeros = true;
    for (; walk->offset - begin < JUNK_MAX; walk->offset++) {
        uint32_t word = 0;
        bool there = false;
        if (!mp3_word_at(walk->source, walk->offset, &word, &there, err))
            return false;
        *ret_size = mpeg_frame_size(word);
        if (!there || *ret_size)
            return true;
        *ret_zeros = *ret_zeros && word >> 24 == 0;
    }
    return true;
}

/* The decoder drops a frame that something else is glued to, and takes one behind zeros. */
static bool resynchronise(struct mp3_walk *walk, bool *ret_more, struct error *err)
{
    size_t size = 0;
    bool zeros = true;
    if (!find_header(walk, &size, &zeros, err))
        return false;
    *ret_more = size != 0 && walk->offset + (int64_t)size <= walk->source->size;
    if (*ret_more && !zeros) {
        walk->offset += (int64_t)size;
        walk->dropped++;
    }
    return true;
}

/* At a header of another stream: passes over its frame if that is the only one. */
static bool pass_odd_frame(struct mp3_walk *walk, uint32_t odd, struct error *err)
{
    uint32_t next = 0;
    bool there = false;
    int64_t behind = walk->offset + (int64_t)mpeg_frame_size(odd);
    if (!mp3_word_at(walk->source, behind, &next, &there, err))
        return false;
    walk->changed = mpeg_frame_size(next) && mpeg_same_stream(next, odd);
    if (walk->changed)
        return true;
    if (walk->number < walk->odd_frame)
        walk->odd_frame = walk->number;
    walk->dropped++;
    walk->offset = behind;
    return true;
}

/* Stands at the next header of our stream, or finds that there is none. */
static bool find_frame(struct mp3_walk *walk, struct mp3_header *ret_header, bool *ret_more,
                       struct error *err)
{
    *ret_more = true;
    while (*ret_more) {
        uint32_t word = 0;
        if (!mp3_word_at(walk->source, walk->offset, &word, ret_more, err))
            return false;
        if (!*ret_more)
            break;
        if (mpeg_same_stream(word, walk->like) && mp3_header_parse(word, ret_header))
            break;
        if (!mpeg_frame_size(word)) {
            if (!resynchronise(walk, ret_more, err))
                return false;
        } else if (!pass_odd_frame(walk, word, err)) {
            return false;
        } else {
            *ret_more = !walk->changed;
        }
    }
    return true;
}

/* Notes where a decoder gives up. */
static bool look_at_side(struct mp3_walk *walk, const struct mp3_header *header, struct error *err)
{
    const uint8_t *data = NULL;
    size_t size = 0, wanted = mp3_main_offset(header);
    if (!source_view(walk->source, walk->offset, wanted, &data, &size, err))
        return false;
    if (size >= wanted && walk->number < walk->odd_frame && !mp3_side_is_sound(header, data))
        walk->odd_frame = walk->number;
    return true;
}

bool mp3_walk_next(struct mp3_walk *walk, struct mp3_frame *ret_frame, bool *ret_more,
                   struct error *err)
{
    struct mp3_header header = {0};
    if (!find_frame(walk, &header, ret_more, err))
        return false;
    if (!*ret_more)
        return true;
    walk->truncated = (int64_t)header.size > walk->source->size - walk->offset;
    *ret_more = !walk->truncated;
    if (*ret_more && !look_at_side(walk, &header, err))
        return false;
    if (*ret_more) {
        *ret_frame = (struct mp3_frame){walk->number, walk->offset, header};
        walk->offset += (int64_t)header.size;
        walk->number++;
    }
    return true;
}
