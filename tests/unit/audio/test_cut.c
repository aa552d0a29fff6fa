/* SPDX-License-Identifier: MIT */
/*
 * Clips of a WAV in memory and of what was made out of it, read back by ourselves. Other programs'
 * decoders judge in tests/torture.
 */
#include "audio/audio.h"

#include <math.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include <libavutil/intreadwrite.h>

#include "audio/decode.h"
#include "audio/facts.h"
#include "audio/pcm.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"
#include "test.h"

#define RATE    44100
#define SAMPLES (3 * RATE)

static const uint8_t png[] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x10\0\0\0\x10\x08\2\0\0\0....";
static const struct picture cover = {png, sizeof png - 1, "image/png"};

/* 16-bit stereo: a tone on the left, half of it on the right, times `level`. */
static void make_wav(struct buffer *wav, double level)
{
    uint8_t *header = buffer_extend(wav, 44);
    memcpy(header, "RIFF....WAVEfmt ", 16);
    AV_WL32(header + 4, 36 + SAMPLES * 4);
    AV_WL32(header + 16, 16);
    AV_WL16(header + 20, 1);
    AV_WL16(header + 22, 2);
    AV_WL32(header + 24, RATE);
    AV_WL32(header + 28, RATE * 4);
    AV_WL16(header + 32, 4);
    AV_WL16(header + 34, 16);
    memcpy(header + 36, "data", 4);
    AV_WL32(header + 40, SAMPLES * 4);
    for (int i = 0; i < SAMPLES; i++) {
        double value = 20000 * level * sin(i * (0.05 + 0.00001 * (i % 5000)));
        uint8_t frame[4];
        AV_WL16(frame, (uint16_t)(int16_t)lrint(value));
        AV_WL16(frame + 2, (uint16_t)(int16_t)lrint(value / 2));
        buffer_append(wav, frame, sizeof frame);
    }
}

struct fixture {
    struct buffer bytes;
    struct source *source;
    struct audio *audio;
    char *folder;
};

static int set_up(void **state)
{
    struct fixture *fixture = mem_zalloc(sizeof *fixture);
    struct error err = ERROR_INIT;
    fixture->bytes = (struct buffer)BUFFER_INIT(BUFFER_UNBOUNDED);
    make_wav(&fixture->bytes, 1);
    fixture->source = source_open_memory(fixture->bytes.data, fixture->bytes.size, "talk.wav");
    fixture->audio = audio_open(fixture->source, NULL, &err);
    assert_no_error(err);
    char folder[] = "/tmp/clipnotes-test-XXXXXX";
    fixture->folder = mem_strdup(mkdtemp(folder));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    audio_destroy(fixture->audio);
    source_destroy(fixture->source);
    buffer_release(&fixture->bytes);
    rmdir(fixture->folder);
    free(fixture->folder);
    free(fixture);
    return 0;
}

/* A clip that was written, opened; close_clip() deletes it. */
struct clip {
    char *path;
    struct source *source;
    struct audio *audio;
    struct cut_result result;
};

static bool cut(struct fixture *fixture, struct audio *audio, sample_index start, sample_index end,
                const struct cut_options *options, const struct tags *tags, struct clip *ret_clip,
                struct error *err)
{
    char *path = path_join(fixture->folder, "clip");
    struct output *output = output_create(path, err);
    bool done = audio_cut(audio, start, end, options, tags, output, &ret_clip->result, err);
    if (done)
        output_commit(output, err);
    else
        output_destroy(output);
    ret_clip->path = path;
    if (!done)
        return false;
    ret_clip->source = source_open_file(path, err);
    ret_clip->audio = audio_open(ret_clip->source, NULL, err);
    assert_no_error(*err);
    return true;
}

static void close_clip(struct clip *clip)
{
    audio_destroy(clip->audio);
    source_destroy(clip->source);
    unlink(clip->path);
    free(clip->path);
    *clip = (struct clip){0};
}

static struct clip cut_well(struct fixture *fixture, struct audio *audio, sample_index start,
                            sample_index end, const struct cut_options *options,
                            const struct tags *tags)
{
    struct clip clip = {0};
    struct error err = ERROR_INIT;
    cut(fixture, audio, start, end, options, tags, &clip, &err);
    assert_no_error(err);
    return clip;
}

/* All samples of a file, interleaved; for free(). */
static float *samples_of(struct audio *audio, size_t *ret_count)
{
    size_t capacity = 0;
    float *samples = NULL;
    struct decoder *decoder = decoder_create(audio, 0, INT64_MAX, NULL, NULL);
    AVFrame *frame = av_frame_alloc();
    bool more = true;
    *ret_count = 0;
    while (decoder_read(decoder, frame, &more, NULL) && more) {
        size_t count = (size_t)frame->nb_samples * (size_t)frame->ch_layout.nb_channels;
        samples = mem_grow(samples, &capacity, *ret_count + count, sizeof *samples);
        pcm_interleave(frame, samples + *ret_count);
        *ret_count += count;
        av_frame_unref(frame);
    }
    av_frame_free(&frame);
    decoder_destroy(decoder);
    return samples;
}

static void assert_slice_of(struct fixture *fixture, const struct clip *clip, sample_index start,
                            sample_index end)
{
    size_t all = 0, count = 0;
    float *whole = samples_of(fixture->audio, &all), *got = samples_of(clip->audio, &count);
    assert_int_equal(count, 2 * (end - start));
    assert_memory_equal(got, whole + 2 * start, count * sizeof *got);
    free(whole);
    free(got);
}

static void test_a_clip_is_the_very_samples(void **state)
{
    static const struct {
        sample_index start, end;
    } rows[] = {{0, 1}, {0, SAMPLES}, {12345, 67890}, {SAMPLES - 1, SAMPLES}, {50000, 50017}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct cut_options options = {0};
        struct clip clip = cut_well(*state, ((struct fixture *)*state)->audio, rows[i].start,
                                    rows[i].end, &options, NULL);
        assert_true(clip.result.exact && clip.result.verified);
        assert_int_equal(clip.result.samples, rows[i].end - rows[i].start);
        assert_int_equal(clip.result.error_micros, 0);
        assert_int_equal(clip.result.bytes, clip.source->size);
        assert_slice_of(*state, &clip, rows[i].start, rows[i].end);
        close_clip(&clip);
    }
}

static void test_an_end_past_the_end_is_cut(void **state)
{
    struct fixture *fixture = *state;
    struct cut_options options = {0};
    struct clip clip =
        cut_well(fixture, fixture->audio, SAMPLES - 100, SAMPLES + 5000, &options, NULL);
    assert_int_equal(clip.result.samples, 100);
    close_clip(&clip);
    struct error err = ERROR_INIT;
    assert_false(cut(fixture, fixture->audio, SAMPLES, SAMPLES + 1, &options, NULL, &clip, &err));
    assert_error(err, ERROR_INPUT, "talk.wav: ends before the clip begins");
    free(clip.path);
}

static const char *const formats[] = {"mp3", "m4a", "opus", "ogg", "flac", "wav", "mka"};

static void test_every_format_has_every_sample(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        struct cut_options options = {.format = formats[i]};
        struct error err = ERROR_INIT;
        assert_string_equal(audio_clip_extension(fixture->audio, &options, &err), formats[i]);
        struct clip clip = cut_well(fixture, fixture->audio, 10000, 10000 + RATE, &options, NULL);
        int rate = strcmp(formats[i], "opus") == 0 ? 48000 : RATE;
        assert_true(clip.result.exact && clip.result.verified);
        assert_int_equal(clip.result.samples, rate);
        assert_int_equal(audio_info(clip.audio)->rate, rate);
        assert_int_equal(audio_info(clip.audio)->channels, 2);
        if (strcmp(formats[i], "mka") != 0)
            assert_int_equal(audio_info(clip.audio)->samples, rate);
        close_clip(&clip);
    }
}

static const char *other_of(const struct tags *tags, const char *name)
{
    for (size_t i = 0; i < tags->other_count; i++)
        if (strcasecmp(tags->others[i].name, name) == 0)
            return tags->others[i].value;
    return NULL;
}

static void test_tags_and_cover_survive(void **state)
{
    struct fixture *fixture = *state;
    const struct tag others[] = {{"genre", "Podcast"}, {"album_artist", "D"}, {"composer", "É"}};
    struct tags tags = {"Über Äpfel", "A, B & C", "The show", "2024-05-06",    "Said so", 3,
                        12,           &cover,     others,     COUNT_OF(others)};
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        struct cut_options options = {.format = formats[i]};
        struct clip clip = cut_well(fixture, fixture->audio, 0, RATE, &options, &tags);
        const struct tags *read = audio_tags(clip.audio);
        assert_string_equal(read->title, tags.title);
        assert_string_equal(read->artist, tags.artist);
        assert_string_equal(read->album, tags.album);
        assert_string_equal(read->date, tags.date);
        assert_string_equal(read->comment, tags.comment);
        assert_int_equal(read->track, 3);
        assert_int_equal(read->track_total, 12);
        assert_non_null(read->cover);
        assert_int_equal(read->cover->size, cover.size);
        assert_memory_equal(read->cover->data, cover.data, cover.size);
        for (size_t k = 0; k < COUNT_OF(others); k++)
            assert_string_equal(other_of(read, others[k].name), others[k].value);
        close_clip(&clip);
    }
}

static void test_processing(void **state)
{
    struct fixture *fixture = *state;
    struct cut_options options = {.format = "wav", .mono = true, .rate = 22050, .fade = 100};
    struct clip clip = cut_well(fixture, fixture->audio, 0, 2 * RATE, &options, NULL);
    assert_int_equal(clip.result.method, CUT_ENCODE);
    assert_int_equal(clip.result.samples, RATE);
    assert_int_equal(audio_info(clip.audio)->rate, 22050);
    assert_int_equal(audio_info(clip.audio)->channels, 1);
    size_t count = 0;
    float *samples = samples_of(clip.audio, &count), loudest = 0, edges = 0;
    assert_int_equal(count, RATE);
    for (size_t i = 0; i < count; i++) {
        bool edge = i < 50 || i >= count - 50;
        float *most = edge ? &edges : &loudest;
        *most = fmaxf(*most, fabsf(samples[i]));
    }
    assert_true(loudest > 0.42F && loudest < 0.48F); /* three quarters of 20000 / 32768 */
    assert_true(edges < 0.01F);
    free(samples);
    close_clip(&clip);
}

static void test_loudness_stops_at_the_ceiling(void **state)
{
    struct fixture *fixture = *state;
    struct cut_options options = {
        .format = "wav", .loudness_set = true, .loudness_centilufs = -100};
    struct clip clip = cut_well(fixture, fixture->audio, 0, 2 * RATE, &options, NULL);
    size_t count = 0;
    float *samples = samples_of(clip.audio, &count), loudest = 0;
    for (size_t i = 0; i < count; i++)
        loudest = fmaxf(loudest, fabsf(samples[i]));
    assert_true(loudest > 0.7F && loudest < 0.892F); /* -1 dB is 0.891 */
    free(samples);
    close_clip(&clip);
}

static void test_loudness_is_a_gain(void **state)
{
    struct fixture *fixture = *state;
    struct cut_options options = {
        .format = "wav", .loudness_set = true, .loudness_centilufs = -3000};
    struct clip quiet = cut_well(fixture, fixture->audio, 0, 2 * RATE, &options, NULL);
    options.loudness_centilufs = -2400;
    struct clip loud = cut_well(fixture, fixture->audio, 0, 2 * RATE, &options, NULL);
    size_t count = 0;
    float *a = samples_of(quiet.audio, &count), *b = samples_of(loud.audio, &count);
    for (size_t i = 0; i < count; i += 97)
        assert_true(fabsf(b[i] - a[i] * 1.99526F) < 0.0002F); /* 6 dB */
    free(a);
    free(b);
    close_clip(&quiet);
    unlink(loud.path);
    close_clip(&loud);
}

static void test_what_cannot_be_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct error err = ERROR_INIT;
    struct cut_options options = {.format = "aiff"};
    assert_null(audio_clip_extension(fixture->audio, &options, &err));
    assert_error(err, ERROR_USAGE, "no clip format named aiff");
    options = (struct cut_options){.format = "mka", .mono = true};
    assert_null(audio_clip_extension(fixture->audio, &options, &err));
    assert_error(err, ERROR_USAGE, "--format mka: such clips are copies");
    options = (struct cut_options){.format = "copy"};
    assert_string_equal(audio_clip_extension(fixture->audio, &options, &err), "wav");
}

/* AAC in MP4 has no end of its own. */
static void test_policies_for_what_is_not_exact(void **state)
{
    struct fixture *fixture = *state;
    struct error err = ERROR_INIT;
    struct cut_options options = {.format = "m4a"};
    struct clip episode = cut_well(fixture, fixture->audio, 0, SAMPLES, &options, NULL);
    char *moved = path_join(fixture->folder, "episode");
    assert_int_equal(rename(episode.path, moved), 0);
    free(episode.path);
    episode.path = moved;
    audio_destroy(episode.audio);
    episode.audio = audio_open(episode.source, NULL, &err);

    options = (struct cut_options){.inexact = INEXACT_ALLOW};
    struct clip clip = cut_well(fixture, episode.audio, 5000, 50000, &options, NULL);
    assert_false(clip.result.exact);
    assert_int_equal(clip.result.method, CUT_COPY);
    assert_true(clip.result.error_micros > 0 && clip.result.error_micros < 23220);
    assert_non_null(clip.result.why);
    close_clip(&clip);

    options.inexact = INEXACT_ENCODE;
    clip = cut_well(fixture, episode.audio, 5000, 50000, &options, NULL);
    assert_true(clip.result.exact);
    assert_int_equal(clip.result.method, CUT_ENCODE);
    assert_int_equal(clip.result.samples, 45000);
    close_clip(&clip);

    options.inexact = INEXACT_FAIL;
    assert_false(cut(fixture, episode.audio, 5000, 50000, &options, NULL, &clip, &err));
    assert_error(err, ERROR_UNSUPPORTED, "a copy is not exact");
    free(clip.path);
    close_clip(&episode);
}

static void test_chapters_are_retimed(void **state)
{
    struct fixture *fixture = *state;
    static const struct chapter of_episode[] = {
        {.start = 0, .end = 500, .title = "before"},
        {.start = 500, .end = MILLIS_NONE, .title = "into"},
        {.start = 1500, .end = 1700, .title = "within"},
        {.start = 1900, .end = MILLIS_NONE, .title = "out"},
        {.start = 2500, .end = MILLIS_NONE, .title = "after"},
    };
    static const struct chapter of_clip[] = {
        {.start = 0, .end = 500, .title = "into"},
        {.start = 500, .end = 700, .title = "within"},
        {.start = 900, .end = 1000, .title = "out"},
    };
    facts_read(fixture->audio);
    for (size_t i = 0; i < COUNT_OF(of_episode); i++)
        chapter_list_add(&fixture->audio->chapters, &of_episode[i]);
    struct chapter_list list;
    chapter_list_init(&list);
    facts_clip_chapters(fixture->audio, RATE, 2 * RATE, &list);
    assert_int_equal(list.count, COUNT_OF(of_clip));
    for (size_t i = 0; i < list.count; i++) {
        assert_string_equal(list.items[i].title, of_clip[i].title);
        assert_int_equal(list.items[i].start, of_clip[i].start);
        assert_int_equal(list.items[i].end, of_clip[i].end);
    }
    chapter_list_release(&list);
}

static void test_what_is_no_audio_is_refused(void **state)
{
    static const struct slice rows[] = {
        {"", 0},
        {"x", 1},
        {"ID3\4\0\0\0\0\0\0", 10},
        {"ID3\4\0\0\x7f\x7f\x7f\x7f", 10},
        {"OggS\0\2", 6},
        {"RIFF\xff\xff\xff\xffWAVEfmt \xff\xff\xff\x7f", 20},
        {"fLaC\0\0\0\x22", 8},
        {"\0\0\0\x20"
         "ftypM4A \0\0\0\0",
         16},
        {"Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod", 71},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        struct source *source = source_open_memory(rows[i].data, rows[i].size, "bad");
        assert_null(audio_open(source, NULL, &err));
        assert_true(error_is_set(&err));
        assert_non_null(strstr(err.message, "bad"));
        error_release(&err);
        source_destroy(source);
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_clip_is_the_very_samples),
        TEST(test_an_end_past_the_end_is_cut),
        TEST(test_every_format_has_every_sample),
        TEST(test_tags_and_cover_survive),
        TEST(test_processing),
        TEST(test_loudness_stops_at_the_ceiling),
        TEST(test_loudness_is_a_gain),
        TEST(test_what_cannot_be_is_refused),
        TEST(test_policies_for_what_is_not_exact),
        TEST(test_chapters_are_retimed),
        cmocka_unit_test(test_what_is_no_audio_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
