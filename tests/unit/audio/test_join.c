/* SPDX-License-Identifier: MIT */
#include "audio/join.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"

#include "test.h"

#define HEADER 80 /* of the programme's WAV */

static int make_folder(void **state)
{
    char name[] = "/tmp/test_join.XXXXXX";
    *state = mem_strdup(mkdtemp(name));
    return *state ? 0 : -1;
}

static int remove_folder(void **state)
{
    char **names = NULL;
    size_t count = 0;
    path_list(*state, &names, &count, NULL);
    for (size_t i = 0; i < count; i++) {
        char *path = path_join(*state, names[i]);
        remove(path);
        free(path);
    }
    path_list_free(names, count);
    rmdir(*state);
    free(*state);
    return 0;
}

static void append_le(struct buffer *out, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buffer_append_byte(out, (char)(value >> 8 * i & 0xff));
}

/* Sample i of channel c of the recordings here: never the same for long, and never twice. */
static int16_t sound_at(sample_index i, int channel)
{
    return (int16_t)(8000 * sin(0.013 * (double)i * (1 + 0.0001 * (double)i)) + 100 * channel);
}

/* A WAV file of 16 bits in the folder; its path, for free(). */
static char *write_wav(void **state, const char *name, int rate, int channels, sample_index count)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    uint32_t frame = 2 * (uint32_t)channels, size = (uint32_t)count * frame;
    buffer_append_text(&out, "RIFF");
    append_le(&out, 36 + size, 4);
    buffer_append_text(&out, "WAVEfmt ");
    append_le(&out, 16, 4);
    append_le(&out, 1, 2);
    append_le(&out, (uint32_t)channels, 2);
    append_le(&out, (uint32_t)rate, 4);
    append_le(&out, (uint32_t)rate * frame, 4);
    append_le(&out, frame, 2);
    append_le(&out, 16, 2);
    buffer_append_text(&out, "data");
    append_le(&out, size, 4);
    for (sample_index i = 0; i < count; i++)
        for (int channel = 0; channel < channels; channel++)
            append_le(&out, (uint16_t)sound_at(i, channel), 2);
    char *path = path_join(*state, name);
    assert_true(file_write(path, out.data, out.size, NULL));
    buffer_release(&out);
    return path;
}

static struct join_piece measured(const char *path, sample_index first, sample_index most,
                                  const struct join_format *format)
{
    struct error err = ERROR_INIT;
    struct join_piece piece = {0};
    join_measure(path, first, most, format, NULL, &piece, &err);
    assert_no_error(err);
    return piece;
}

static uint8_t *read_all(struct source *source)
{
    struct error err = ERROR_INIT;
    uint8_t *data = mem_alloc((size_t)source->size);
    source_read_exactly(source, 0, data, (size_t)source->size, &err);
    assert_no_error(err);
    return data;
}

/* A sample of the programme, full scale 1. */
static double heard(const uint8_t *data, const struct join_format *format, sample_index at,
                    int channel)
{
    const uint8_t *bytes = data + HEADER + 3 * (at * format->channels + channel);
    uint32_t value = (uint32_t)bytes[0] << 8 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 24;
    return (double)(int32_t)value / 2147483648.0;
}

static void test_lengths_are_counted_and_not_resampled(void **state)
{
    static const struct {
        int rate, to;
        sample_index samples, length;
    } rows[] = {
        {44100, 44100, 1000, 1000},   {44100, 48000, 44101, 48001}, {48000, 44100, 48000, 44100},
        {22050, 48000, 22051, 48002}, {8000, 48000, 1, 6},          {48000, 8000, 7, 1},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct join_format format = {.rate = rows[i].to, .channels = 1};
        char *path = write_wav(state, "a.wav", rows[i].rate, 1, rows[i].samples);
        struct join_piece piece = measured(path, 0, -1, &format);
        assert_int_equal(piece.samples, rows[i].samples);
        assert_int_equal(piece.length, rows[i].length);
        struct source *source = join_open(&piece, 1, &format, NULL);
        assert_int_equal(source->size, HEADER + 3 * rows[i].length);
        free(read_all(source));
        source_destroy(source);
        free(path);
    }
}

/* Handles at both ends of a recording are not heard: the programme has just the samples between. */
static void test_a_part_of_a_recording(void **state)
{
    const struct join_format format = {.rate = 44100, .channels = 1};
    char *path = write_wav(state, "a.wav", 44100, 1, 20000);
    struct join_piece pieces[3] = {measured(path, 7000, 5000, &format), join_silence(10, &format),
                                   measured(path, 19000, -1, &format)};
    assert_int_equal(pieces[0].length, 5000);
    assert_int_equal(pieces[1].length, 441);
    assert_int_equal(pieces[2].length, 1000);
    struct source *source = join_open(pieces, 3, &format, NULL);
    uint8_t *data = read_all(source);
    for (sample_index i = 0; i < 5000; i++)
        assert_true(fabs(heard(data, &format, i, 0) - sound_at(7000 + i, 0) / 32768.0) < 1e-6);
    for (sample_index i = 5000; i < 5441; i++)
        assert_true(heard(data, &format, i, 0) == 0);
    for (sample_index i = 0; i < 1000; i++)
        assert_true(fabs(heard(data, &format, 5441 + i, 0) - sound_at(19000 + i, 0) / 32768.0) <
                    1e-6);
    free(data);
    source_destroy(source);
    free(path);
}

static void test_one_channel_is_heard_from_both_sides(void **state)
{
    const struct join_format format = {.rate = 44100, .channels = 2};
    char *mono = write_wav(state, "mono.wav", 44100, 1, 3000);
    char *stereo = write_wav(state, "stereo.wav", 44100, 2, 3000);
    struct join_piece pieces[2] = {measured(mono, 0, -1, &format),
                                   measured(stereo, 0, -1, &format)};
    struct source *source = join_open(pieces, 2, &format, NULL);
    uint8_t *data = read_all(source);
    for (sample_index i = 0; i < 3000; i++)
        for (int channel = 0; channel < 2; channel++) {
            assert_true(fabs(heard(data, &format, i, channel) - sound_at(i, 0) / 32768.0) < 1e-6);
            assert_true(fabs(heard(data, &format, 3000 + i, channel) -
                             sound_at(i, channel) / 32768.0) < 1e-6);
        }
    free(data);
    source_destroy(source);
    free(mono);
    free(stereo);
}

/* Each piece begins and ends at nothing, and is as it was 10 ms further in. */
static void test_fades_at_each_join(void **state)
{
    const struct join_format format = {.rate = 48000, .channels = 1, .fade = 10};
    char *path = write_wav(state, "a.wav", 48000, 1, 9600);
    struct join_piece pieces[2] = {measured(path, 100, 4800, &format),
                                   measured(path, 4000, 4800, &format)};
    struct source *source = join_open(pieces, 2, &format, NULL);
    uint8_t *data = read_all(source);
    for (sample_index at = 0; at <= 9600; at += 4800) {
        if (at < 9600)
            assert_true(fabs(heard(data, &format, at, 0)) < 0.002);
        if (at > 0)
            assert_true(fabs(heard(data, &format, at - 1, 0)) < 0.002);
    }
    for (sample_index i = 480; i < 4800 - 480; i++)
        assert_true(fabs(heard(data, &format, 4800 + i, 0) - sound_at(4000 + i, 0) / 32768.0) <
                    1e-6);
    free(data);
    source_destroy(source);
    free(path);
}

/* Whatever the order and the size of reads, back and forth. */
static void test_any_order_gives_the_same_bytes(void **state)
{
    const struct join_format format = {.rate = 48000, .channels = 2, .fade = 5};
    char *a = write_wav(state, "a.wav", 44100, 1, 6000);
    char *b = write_wav(state, "b.wav", 32000, 2, 5000);
    struct join_piece pieces[3] = {measured(a, 0, -1, &format), join_silence(33, &format),
                                   measured(b, 10, 4000, &format)};
    struct source *source = join_open(pieces, 3, &format, NULL);
    uint8_t *whole = read_all(source), part[5000];
    assert_memory_equal(whole, "RIFF", 4);
    uint32_t dice = 1;
    for (int i = 0; i < 60; i++) {
        dice = dice * 1103515245 + 12345;
        int64_t offset = (dice >> 4) % (source->size + 100);
        size_t size = (dice >> 9) % sizeof part, got = 0;
        struct error err = ERROR_INIT;
        source_read(source, offset, part, size, &got, &err);
        assert_no_error(err);
        int64_t there = offset < source->size ? source->size - offset : 0;
        assert_int_equal(got, (int64_t)size < there ? (int64_t)size : there);
        if (got)
            assert_memory_equal(part, whole + offset, got);
    }
    free(whole);
    source_destroy(source);
    free(a);
    free(b);
}

static void test_what_cannot_be_joined(void **state)
{
    const struct join_format format = {.rate = 48000, .channels = 1};
    struct error err = ERROR_INIT;
    struct join_piece piece = {.length = 5};
    char *none = path_join(*state, "none.wav");
    assert_false(join_measure(none, 0, -1, &format, NULL, &piece, &err));
    assert_error(err, ERROR_MISSING, "none.wav");
    char *path = write_wav(state, "a.wav", 48000, 1, 100);
    assert_false(join_measure(path, 100, -1, &format, NULL, &piece, &err));
    assert_error(err, ERROR_INPUT, "how long it is cannot be told");
    assert_int_equal(piece.length, 5);

    /* A recording that is gone when its turn comes ends the reading with its name. */
    piece = measured(path, 0, -1, &format);
    remove(path);
    struct source *source = join_open(&piece, 1, &format, NULL);
    uint8_t data[200];
    assert_false(source_read_exactly(source, 0, data, sizeof data, &err));
    assert_error(err, ERROR_MISSING, "a.wav");
    source_destroy(source);
    free(none);
    free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lengths_are_counted_and_not_resampled), TEST(test_a_part_of_a_recording),
        TEST(test_one_channel_is_heard_from_both_sides),  TEST(test_fades_at_each_join),
        TEST(test_any_order_gives_the_same_bytes),        TEST(test_what_cannot_be_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
