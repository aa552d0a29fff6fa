/* SPDX-License-Identifier: MIT */
/*
 * MP3s made by hand: their frames are silent, and where each of them stands is known.
 */
#ifndef CLIPNOTES_TESTS_UNIT_AUDIO_MP3_BYTES_H
#define CLIPNOTES_TESTS_UNIT_AUDIO_MP3_BYTES_H

#include "audio/mp3_frame.h"
#include "audio/mp3_tag.h"
#include "base/buffer.h"
#include "base/source.h"
#include "test.h"

/* Header words: MPEG-1, 44.1 kHz, joint stereo, 128 kbit/s, without and with padding, and others.
 */
#define WORD_128        0xFFFB9044u
#define WORD_128_PADDED 0xFFFB9244u
#define WORD_192        0xFFFBB044u
#define WORD_128_48K    0xFFFB9444u
#define WORD_MPEG2      0xFFF38044u /* 22.05 kHz, 64 kbit/s */
#define WORD_LAYER_2    0xFFFD9044u
#define WORD_FREE       0xFFFB0044u

static inline void add_frame(struct buffer *mp3, uint32_t word)
{
    uint8_t *frame = buffer_extend(mp3, mpeg_frame_size(word));
    mpeg_put_word(frame, word);
}

static inline void add_frames(struct buffer *mp3, uint32_t word, int count)
{
    for (int i = 0; i < count; i++)
        add_frame(mp3, word);
}

/* As encoders pad them: the frames keep to 128 kbit/s. */
static inline void add_constant(struct buffer *mp3, int count)
{
    size_t begin = mp3->size;
    for (int64_t i = 0; i < count; i++) {
        bool behind = (int64_t)(mp3->size - begin) + 417 < (i + 1) * 144 * 128000 / 44100;
        add_frame(mp3, behind ? WORD_128_PADDED : WORD_128);
    }
}

/* A tag's frame in front of what `mp3` holds from `begin` on, which is `frames`. */
static inline void put_tag(struct buffer *mp3, size_t begin, bool constant, int frames, int delay,
                           int padding)
{
    struct buffer tag = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct mp3_tag_facts facts = {
        .word = mp3_tag_header(WORD_128, 0),
        .constant = constant,
        .bitrate = 128000,
        .frames = frames,
        .bytes = (int64_t)(mp3->size - begin),
        .delay = delay,
        .padding = padding,
    };
    mp3_tag_write(&facts, &tag);
    assert_non_null(buffer_extend(mp3, tag.size));
    memmove(mp3->data + begin + tag.size, mp3->data + begin, mp3->size - begin - tag.size);
    memcpy(mp3->data + begin, tag.data, tag.size);
    buffer_release(&tag);
}

static inline struct source *open_bytes(const struct buffer *mp3)
{
    return source_open_memory(mp3->data, mp3->size, "made.mp3");
}

/* The same bytes where they are dear: little is read at once, and what is read is counted. */
struct far_source {
    struct source source;
    const struct buffer *bytes;
    size_t read;
};

static bool far_read(struct source *source, int64_t offset, void *data, size_t size,
                     size_t *ret_size, struct error *err)
{
    struct far_source *far = (struct far_source *)source;
    (void)err;
    memcpy(data, far->bytes->data + offset, size);
    far->read += size;
    *ret_size = size;
    return true;
}

static void far_destroy(struct source *source)
{
    free(source);
}

static inline struct far_source *open_far(const struct buffer *mp3)
{
    static const struct source_class far_class = {
        .name = "far",
        .read = far_read,
        .destroy = far_destroy,
        .window = 16384,
    };
    struct far_source *far = calloc(1, sizeof *far);
    assert_non_null(far);
    far->bytes = mp3;
    source_init(&far->source, &far_class, "far.mp3", (int64_t)mp3->size);
    return far;
}

#endif
