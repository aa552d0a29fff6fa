/* SPDX-License-Identifier: MIT */
/*
 * FLAC that is made here, sample by sample, read and cut by ourselves and decoded by libavcodec.
 * The programs of others judge in tests/torture.
 */
#include "audio/audio.h"

#include <stdio.h>
#include <unistd.h>

#include "audio/decode.h"
#include "audio/flac_cut.h"
#include "audio/flac_walk.h"
#include "audio/flac_write.h"
#include "base/file.h"
#include "base/memory.h"
#include "test.h"

#define RATE   44100
#define BLOCK  1152
#define FRAMES 40
#define EXTRA  100 /* samples of a last, shorter frame */
#define LENGTH (BLOCK * FRAMES + EXTRA)
#define PLACE  "/tmp/clipnotes-test-flac"

static const struct flac_frame like_16_bits = {
    .channels = 2, .codes = {0x09, 0x08}, .field_count = 0}; /* 44.1 kHz */

/* A tone with something on it, another one in each channel. */
static int32_t sample_of(int channel, int64_t at, int depth)
{
    int64_t top = (INT64_C(1) << (depth - 1)) - 1;
    int64_t wave = (at * (7 + channel) % 200 - 100) * top / 150;
    return (int32_t)(wave + (at * at * 31 + channel) % 17 * top / 400);
}

static void test_stream_info_survives(void **state)
{
    (void)state;
    struct flac_stream stream = {.min_block = 16,
                                 .max_block = 65535,
                                 .min_size = 14,
                                 .max_size = 0xfedcba,
                                 .rate = 655350,
                                 .channels = 8,
                                 .depth = 32,
                                 .samples = INT64_C(0xfffffffff),
                                 .md5 = "0123456789abcde"};
    uint8_t data[FLAC_STREAMINFO_SIZE];
    struct flac_stream read;
    flac_format_stream(&stream, data);
    assert_true(flac_parse_stream(data, &read));
    assert_int_equal(read.min_block, stream.min_block);
    assert_int_equal(read.max_block, stream.max_block);
    assert_int_equal(read.min_size, stream.min_size);
    assert_int_equal(read.max_size, stream.max_size);
    assert_int_equal(read.rate, stream.rate);
    assert_int_equal(read.channels, stream.channels);
    assert_int_equal(read.depth, stream.depth);
    assert_int_equal(read.samples, stream.samples);
    assert_memory_equal(read.md5, stream.md5, sizeof read.md5);
    data[2] = data[3] = 0; /* a largest block of nothing */
    assert_false(flac_parse_stream(data, &read));
}

/* The bytes of RFC 9639, D.2.2 and D.3.3: headers of the examples. */
static void test_headers_of_the_standard(void **state)
{
    static const struct {
        uint8_t bytes[8];
        size_t header;
        int block, channels, depth;
    } rows[] = {
        {{0xff, 0xf8, 0x69, 0x18, 0x00, 0x00, 0xbf}, 7, 1, 2, 16},
        {{0xff, 0xf8, 0x69, 0x98, 0x00, 0x0f, 0x99}, 7, 16, 2, 16},
        {{0xff, 0xf8, 0x68, 0x02, 0x00, 0x17, 0xe9}, 7, 24, 1, 8},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct flac_frame frame;
        assert_true(flac_parse_frame(rows[i].bytes, sizeof rows[i].bytes, &frame));
        assert_int_equal(frame.header, rows[i].header);
        assert_int_equal(frame.block, rows[i].block);
        assert_int_equal(frame.channels, rows[i].channels);
        assert_int_equal(frame.depth, rows[i].depth);
        assert_false(frame.variable);
        struct buffer again = BUFFER_INIT(BUFFER_UNBOUNDED);
        flac_append_header(&frame, &again);
        assert_int_equal(again.size, frame.header);
        assert_memory_equal(again.data, rows[i].bytes, again.size);
        buffer_release(&again);
    }
}

static void test_numbers_survive(void **state)
{
    static const int64_t numbers[] = {
        0,         1,         0x7f,       0x80,       0x7ff,
        0x800,     0xffff,    0x10000,    0x1fffff,   0x200000,
        0x3ffffff, 0x4000000, 0x7fffffff, 0x80000000, INT64_C(0xfffffffff)};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        struct buffer data = BUFFER_INIT(BUFFER_UNBOUNDED);
        struct flac_frame frame = {.variable = i % 2, .number = numbers[i], .codes = {0xc9, 0x18}};
        struct flac_frame read;
        flac_append_header(&frame, &data);
        assert_true(flac_parse_frame((uint8_t *)data.data, data.size, &read));
        assert_int_equal(read.number, numbers[i]);
        assert_int_equal(read.variable, i % 2);
        assert_int_equal(read.header, data.size);
        assert_int_equal(read.block, 4096);
        for (size_t size = 0; size < data.size; size++)
            assert_false(flac_parse_frame((uint8_t *)data.data, size, &read));
        for (size_t bit = 0; bit < data.size * 8; bit++) {
            if (bit / 8 == 2 || bit / 8 == 4)
                continue; /* how long the header is */
            data.data[bit / 8] ^= (char)(1 << bit % 8);
            assert_false(flac_parse_frame((uint8_t *)data.data, data.size, &read));
            data.data[bit / 8] ^= (char)(1 << bit % 8);
        }
        buffer_release(&data);
    }
}

static void append_stream(struct buffer *file, int channels, int depth, int block, int64_t samples)
{
    struct flac_stream stream = {.min_block = block,
                                 .max_block = block,
                                 .rate = RATE,
                                 .channels = channels,
                                 .depth = depth,
                                 .samples = samples};
    uint8_t head[FLAC_STREAMINFO_SIZE];
    flac_format_stream(&stream, head);
    buffer_append(file, "fLaC\x80\0\0\x22", 8);
    buffer_append(file, head, sizeof head);
}

static void append_numbered(struct buffer *file, int64_t number, bool variable, int64_t at,
                            int count)
{
    int32_t samples[2 * BLOCK];
    for (int i = 0; i < 2 * count; i++)
        samples[i] = sample_of(i / count, at + i % count, 16);
    flac_write_frame(&like_16_bits, number, variable, 16, samples, (size_t)count, count, file);
}

static void append_frame(struct buffer *file, int64_t number, int64_t at, int count)
{
    append_numbered(file, number, false, at, count);
}

static void make_flac(struct buffer *file, int64_t samples)
{
    append_stream(file, 2, 16, BLOCK, samples);
    for (int i = 0; i < FRAMES; i++)
        append_frame(file, i, (int64_t)i * BLOCK, BLOCK);
    append_frame(file, FRAMES, (int64_t)FRAMES * BLOCK, EXTRA);
}

/* Where a frame begins. */
static size_t offset_of(const struct buffer *file, int frame)
{
    struct flac_frame header;
    for (size_t i = 0; i < file->size; i++)
        if (flac_parse_frame((uint8_t *)file->data + i, file->size - i, &header) &&
            header.number == frame)
            return i;
    fail();
    return 0;
}

struct opened {
    struct source *source;
    struct audio *audio;
};

static struct opened open_bytes(const struct buffer *file)
{
    struct error err = ERROR_INIT;
    struct opened opened = {.source = source_open_memory(file->data, file->size, "talk.flac")};
    opened.audio = audio_open(opened.source, NULL, &err);
    assert_no_error(err);
    return opened;
}

static void close_opened(struct opened *opened)
{
    audio_destroy(opened->audio);
    source_destroy(opened->source);
}

/* All that decodes is the signal from `start` on. */
static void assert_sound(struct audio *audio, int channels, int depth, int64_t start, int64_t count)
{
    struct decoder *decoder = decoder_create(audio, 0, INT64_MAX, NULL, NULL);
    AVFrame *frame = av_frame_alloc();
    int64_t at = 0;
    for (bool more = true; decoder_read(decoder, frame, &more, NULL) && more;) {
        assert_int_equal(frame->pts, at);
        bool narrow = av_get_bytes_per_sample((enum AVSampleFormat)frame->format) == 2;
        bool planar = av_sample_fmt_is_planar((enum AVSampleFormat)frame->format);
        for (int i = 0; i < frame->nb_samples; i++, at++)
            for (int channel = 0; channel < channels; channel++) {
                const uint8_t *plane = frame->extended_data[planar ? channel : 0];
                int place = planar ? i : i * channels + channel;
                int32_t got = narrow ? ((const int16_t *)plane)[place] >> (16 - depth)
                                     : ((const int32_t *)plane)[place] >> (32 - depth);
                assert_int_equal(got, sample_of(channel, start + at, depth));
            }
        av_frame_unref(frame);
    }
    assert_int_equal(at, count);
    assert_int_equal(decoder_damaged(decoder), 0);
    av_frame_free(&frame);
    decoder_destroy(decoder);
}

/* Every depth, number of channels and size, and sound that each kind of subframe is best for. */
static void test_frames_of_our_own_decode(void **state)
{
    static const struct {
        int depth, code, channels, count;
    } rows[] = {{8, 1, 1, 4096},  {12, 2, 2, 17},    {16, 4, 2, 1},
                {16, 4, 8, 2},    {16, 4, 2, 3},     {20, 5, 3, 1000},
                {24, 6, 2, 4608}, {24, 6, 6, 65535}, {16, 4, 1, 65535}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int depth = rows[i].depth, channels = rows[i].channels, count = rows[i].count;
        struct flac_frame like = {.channels = channels, .codes = {9, (uint8_t)(rows[i].code << 1)}};
        int32_t *samples = mem_alloc_array((size_t)(channels * count), sizeof *samples);
        for (int at = 0; at < channels * count; at++)
            samples[at] = sample_of(at / count, at % count, depth);
        struct buffer file = BUFFER_INIT(BUFFER_UNBOUNDED);
        append_stream(&file, channels, depth, count < 16 ? 16 : count, count);
        flac_write_frame(&like, 0, false, depth, samples, (size_t)count, count, &file);
        struct opened opened = open_bytes(&file);
        assert_true(opened.audio->format == &flac_format);
        assert_sound(opened.audio, channels, depth, 0, count);
        close_opened(&opened);
        buffer_release(&file);
        free(samples);
    }
}

/* Full scale from sample to sample, silence, and noise. */
static void test_extreme_samples_survive(void **state)
{
    enum { COUNT = 300 };
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        int32_t samples[COUNT];
        uint32_t noise = 1;
        for (int i = 0; i < COUNT; i++) {
            noise = noise * 1664525 + 1013904223;
            samples[i] = kind == 0   ? (i % 2 ? 0x7fffff : -0x800000)
                         : kind == 1 ? -0x800000
                         : kind == 2 ? (int32_t)noise >> 8
                                     : (i == 150 ? 0x7fffff : 0);
        }
        struct flac_frame like = {.channels = 1, .codes = {9, 6 << 1}};
        struct buffer file = BUFFER_INIT(BUFFER_UNBOUNDED);
        append_stream(&file, 1, 24, COUNT, COUNT);
        flac_write_frame(&like, 0, false, 24, samples, COUNT, COUNT, &file);
        assert_true(file.size <= 42 + 16 + 4 + COUNT * 3);
        struct opened opened = open_bytes(&file);
        struct decoder *decoder = decoder_create(opened.audio, 0, INT64_MAX, NULL, NULL);
        AVFrame *frame = av_frame_alloc();
        bool more = false;
        assert_true(decoder_read(decoder, frame, &more, NULL) && more);
        assert_int_equal(frame->nb_samples, COUNT);
        for (int i = 0; i < COUNT; i++)
            assert_int_equal(((const int32_t *)frame->data[0])[i] >> 8, samples[i]);
        av_frame_free(&frame);
        decoder_destroy(decoder);
        close_opened(&opened);
        buffer_release(&file);
    }
}

static struct cut_result cut(struct audio *audio, sample_index start, sample_index end,
                             enum cut_verify verify, struct buffer *ret_clip)
{
    struct error err = ERROR_INIT;
    struct cut_options options = {.verify = verify};
    struct cut_result result = {0};
    struct output *output = output_create(PLACE, &err);
    assert_no_error(err);
    audio_cut(audio, start, end, &options, NULL, output, &result, &err);
    assert_no_error(err);
    size_t size = (size_t)output_size(output), got = 0;
    assert_true(output_read_at(output, 0, buffer_extend(ret_clip, size), size, &got, &err));
    assert_int_equal(got, size);
    output_destroy(output);
    return result;
}

static void test_clips_are_the_very_samples(void **state)
{
    static const struct {
        sample_index start, end;
        int frames; /* in the clip */
        bool variable;
    } rows[] = {
        {0, LENGTH, FRAMES + 1, false},        /* all */
        {0, 1, 1, false},                      /* one sample */
        {5 * BLOCK, 8 * BLOCK, 3, false},      /* whole frames */
        {5 * BLOCK, 8 * BLOCK + 1, 4, false},  /* a last frame of one sample */
        {5 * BLOCK - 1, 8 * BLOCK, 3, true},   /* too little for a first frame: two in one */
        {5 * BLOCK - 16, 8 * BLOCK, 4, true},  /* just enough */
        {700, 710, 1, true},                   /* within a frame */
        {BLOCK - 3, BLOCK + 4, 1, true},       /* across two, too short for two */
        {BLOCK - 5, 2 * BLOCK + 100, 2, true}, /* the second one is in the head, the third a tail */
        {LENGTH - 1, LENGTH, 1, true},         /* the last sample */
        {LENGTH - EXTRA, LENGTH, 1, false},    /* the last frame */
        {BLOCK * FRAMES - 1, LENGTH, 1, true}, /* with the sample before it */
        {BLOCK * FRAMES - 500, LENGTH, 2, true}, /* with some */
    };
    (void)state;
    struct buffer file = BUFFER_INIT(BUFFER_UNBOUNDED);
    make_flac(&file, LENGTH);
    struct opened episode = open_bytes(&file);
    for (size_t i = 0; i < 3 * COUNT_OF(rows); i++) {
        sample_index start = rows[i / 3].start, end = rows[i / 3].end;
        struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
        enum cut_verify verify = (enum cut_verify)(i % 3);
        struct cut_result result = cut(episode.audio, start, end, verify, &bytes);
        assert_true(result.exact);
        assert_int_equal(result.method, CUT_COPY);
        assert_int_equal(result.samples, end - start);
        struct opened clip = open_bytes(&bytes);
        struct flac_walk *walk = clip.audio->state;
        assert_true(clip.audio->format == &flac_format);
        assert_int_equal(audio_info(clip.audio)->samples, end - start);
        assert_int_equal(walk->variable, rows[i / 3].variable);
        static const uint8_t zeros[FLAC_MD5_SIZE] = {0};
        bool summed = memcmp(walk->stream.md5, zeros, sizeof zeros) != 0;
        assert_int_equal(summed, verify != VERIFY_OFF);
        assert_sound(clip.audio, 2, 16, start, end - start);
        struct flac_found found;
        int frames = 0;
        bool more = true;
        assert_true(flac_walk_seek(walk, 0, NULL));
        while (flac_walk_next(walk, &found, &more, NULL) && more)
            frames++;
        assert_int_equal(frames, rows[i / 3].frames);
        close_opened(&clip);
        buffer_release(&bytes);
    }
    close_opened(&episode);
    buffer_release(&file);
}

/* A clip is a source like any other, numbered by samples. */
static void test_a_clip_of_a_clip(void **state)
{
    (void)state;
    struct buffer file = BUFFER_INIT(BUFFER_UNBOUNDED), first = file, second = file;
    make_flac(&file, LENGTH);
    struct opened episode = open_bytes(&file);
    cut(episode.audio, 1000, 40000, VERIFY_EDGES, &first);
    struct opened clip = open_bytes(&first);
    struct cut_result result = cut(clip.audio, 500, 30000, VERIFY_EDGES, &second);
    assert_true(result.exact);
    struct opened again = open_bytes(&second);
    assert_sound(again.audio, 2, 16, 1500, 29500);
    close_opened(&again);
    close_opened(&clip);
    close_opened(&episode);
    buffer_release(&second);
    buffer_release(&first);
    buffer_release(&file);
}

static void test_blocks_of_many_sizes(void **state)
{
    static const int sizes[] = {192, BLOCK, 16, 17, 576, 1000, 31, 255};
    static const struct {
        sample_index start, end;
    } rows[] = {{0, 20000}, {1, 19999}, {192, 5000}, {1355, 1362}, {1344, 1377}, {19990, 20000}};
    (void)state;
    struct buffer file = BUFFER_INIT(BUFFER_UNBOUNDED);
    append_stream(&file, 2, 16, BLOCK, 20000);
    file.data[8] = 0, file.data[9] = 16; /* the smallest block */
    for (int i = 0, at = 0; at < 20000; i++) {
        int count = sizes[i % (int)COUNT_OF(sizes)];
        if (count > 20000 - at)
            count = 20000 - at;
        append_numbered(&file, at, true, at, count);
        at += count;
    }
    struct opened episode = open_bytes(&file);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
        assert_true(cut(episode.audio, rows[i].start, rows[i].end, VERIFY_EDGES, &bytes).exact);
        struct opened clip = open_bytes(&bytes);
        assert_sound(clip.audio, 2, 16, rows[i].start, rows[i].end - rows[i].start);
        close_opened(&clip);
        buffer_release(&bytes);
    }
    close_opened(&episode);
    buffer_release(&file);
}

static void test_every_position_is_found(void **state)
{
    (void)state;
    struct buffer file = BUFFER_INIT(BUFFER_UNBOUNDED);
    make_flac(&file, LENGTH);
    struct opened episode = open_bytes(&file);
    struct flac_walk *walk = episode.audio->state;
    for (sample_index at = 0; at < LENGTH; at += 97) {
        struct flac_found found;
        bool more = false;
        assert_true(flac_walk_seek(walk, at, NULL) && flac_walk_next(walk, &found, &more, NULL));
        assert_true(more && found.position <= at && at < found.position + found.frame.block);
    }
    struct flac_found found;
    bool more = true;
    assert_true(flac_walk_seek(walk, LENGTH, NULL) && flac_walk_next(walk, &found, &more, NULL));
    assert_false(more);
    close_opened(&episode);
    buffer_release(&file);
}

static void test_tags_behind_the_frames(void **state)
{
    (void)state;
    struct buffer file = BUFFER_INIT(BUFFER_UNBOUNDED);
    make_flac(&file, LENGTH);
    buffer_append(&file, "TAG", 3);
    memset(buffer_extend(&file, 125), 'x', 125);
    struct opened episode = open_bytes(&file);
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    assert_true(cut(episode.audio, LENGTH - 1000, LENGTH, VERIFY_FULL, &bytes).exact);
    close_opened(&episode);
    buffer_release(&bytes);
    buffer_release(&file);
}

static void test_a_length_that_cannot_be_believed(void **state)
{
    static const int64_t told[] = {0, INT64_C(0xfffffffff)};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        struct buffer file = BUFFER_INIT(BUFFER_UNBOUNDED);
        make_flac(&file, told[i]);
        struct opened episode = open_bytes(&file);
        assert_int_equal(audio_info(episode.audio)->samples, LENGTH);
        close_opened(&episode);
        buffer_release(&file);
    }
}

/* A piece that somebody cut out between frames: its numbers do not begin at 0. */
static void test_a_piece_of_a_file(void **state)
{
    (void)state;
    struct buffer file = BUFFER_INIT(BUFFER_UNBOUNDED), piece = file, bytes = file;
    make_flac(&file, LENGTH);
    size_t from = offset_of(&file, 10), to = offset_of(&file, 30);
    buffer_append(&piece, file.data, 42);
    buffer_append(&piece, file.data + from, to - from);
    struct opened episode = open_bytes(&piece);
    assert_int_equal(audio_info(episode.audio)->samples, 20 * BLOCK);
    assert_true(cut(episode.audio, 100, 20 * BLOCK - 100, VERIFY_EDGES, &bytes).exact);
    struct opened clip = open_bytes(&bytes);
    assert_sound(clip.audio, 2, 16, 10 * BLOCK + 100, 20 * BLOCK - 200);
    close_opened(&clip);
    close_opened(&episode);
    buffer_release(&bytes);
    buffer_release(&piece);
    buffer_release(&file);
}

/* Damage is silence of the same length, and no clip with it is said to be exact. */
static void test_damage_is_told(void **state)
{
    static const struct {
        sample_index start, end;
        bool exact;
    } rows[] = {
        {0, 5 * BLOCK, true},
        {0, 5 * BLOCK + 1, false},
        {6 * BLOCK, LENGTH, true},
        {5 * BLOCK + 10, 8 * BLOCK, false},
        {3 * BLOCK + 10, 8 * BLOCK + 10, false},
        {6 * BLOCK - 1, 8 * BLOCK, false},
        {100, LENGTH, false},
    };
    (void)state;
    struct buffer file = BUFFER_INIT(BUFFER_UNBOUNDED);
    make_flac(&file, LENGTH);
    file.data[offset_of(&file, 5) + 200] ^= 1;
    struct opened episode = open_bytes(&file);
    for (size_t i = 0; i < 3 * COUNT_OF(rows); i++) {
        struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
        sample_index start = rows[i / 3].start, end = rows[i / 3].end;
        struct cut_result result = cut(episode.audio, start, end, (enum cut_verify)(i % 3), &bytes);
        assert_int_equal(result.exact, rows[i / 3].exact);
        assert_int_equal(result.samples, end - start);
        struct opened clip = open_bytes(&bytes);
        assert_int_equal(audio_info(clip.audio)->samples, end - start);
        close_opened(&clip);
        buffer_release(&bytes);
    }
    close_opened(&episode);
    buffer_release(&file);
}

static void test_a_file_that_ends_early(void **state)
{
    (void)state;
    struct buffer file = BUFFER_INIT(BUFFER_UNBOUNDED), bytes = file;
    make_flac(&file, LENGTH);
    size_t whole = file.size;
    file.size = offset_of(&file, 20) + 50;
    struct opened episode = open_bytes(&file);
    struct cut_result result = cut(episode.audio, 1000, LENGTH, VERIFY_EDGES, &bytes);
    assert_false(result.exact);
    assert_int_equal(result.samples, 20 * BLOCK - 1000);
    close_opened(&episode);
    file.size = whole;
    buffer_release(&bytes);
    buffer_release(&file);
}

/* Numbers that jump far are no reason to write silence for days. */
static void test_a_gap_of_days(void **state)
{
    (void)state;
    struct buffer file = BUFFER_INIT(BUFFER_UNBOUNDED), bytes = file;
    append_stream(&file, 2, 16, BLOCK, INT64_C(0xfffffffff));
    append_frame(&file, 0, 0, BLOCK);
    append_frame(&file, 1, BLOCK, BLOCK);
    append_frame(&file, 20000000, 0, BLOCK);
    append_frame(&file, 20000001, 0, BLOCK);
    struct opened episode = open_bytes(&file);
    struct cut_result result = cut(episode.audio, 10, MILLIS_MAX, VERIFY_EDGES, &bytes);
    assert_false(result.exact);
    assert_true(bytes.size < 100000);
    close_opened(&episode);
    buffer_release(&bytes);
    buffer_release(&file);
}

static void test_packets_that_decode_equally(void **state)
{
    (void)state;
    struct buffer a = BUFFER_INIT(BUFFER_UNBOUNDED), b = a, c = a;
    append_frame(&a, 5, 777, BLOCK);
    append_frame(&b, 70000, 777, BLOCK);
    append_frame(&c, 5, 778, BLOCK);
    AVPacket first = {.data = (uint8_t *)a.data, .size = (int)a.size};
    AVPacket same = {.data = (uint8_t *)b.data, .size = (int)b.size};
    AVPacket other = {.data = (uint8_t *)c.data, .size = (int)c.size};
    assert_true(flac_same_packet(&first, &same));
    assert_false(flac_same_packet(&first, &other));
    same.size--;
    assert_false(flac_same_packet(&first, &same));
    buffer_release(&a);
    buffer_release(&b);
    buffer_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream_info_survives),
        cmocka_unit_test(test_headers_of_the_standard),
        cmocka_unit_test(test_numbers_survive),
        cmocka_unit_test(test_frames_of_our_own_decode),
        cmocka_unit_test(test_extreme_samples_survive),
        cmocka_unit_test(test_clips_are_the_very_samples),
        cmocka_unit_test(test_a_clip_of_a_clip),
        cmocka_unit_test(test_blocks_of_many_sizes),
        cmocka_unit_test(test_every_position_is_found),
        cmocka_unit_test(test_tags_behind_the_frames),
        cmocka_unit_test(test_a_length_that_cannot_be_believed),
        cmocka_unit_test(test_a_piece_of_a_file),
        cmocka_unit_test(test_damage_is_told),
        cmocka_unit_test(test_a_file_that_ends_early),
        cmocka_unit_test(test_a_gap_of_days),
        cmocka_unit_test(test_packets_that_decode_equally),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
