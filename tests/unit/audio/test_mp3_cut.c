/* SPDX-License-Identifier: MIT */
/*
 * How a clip is laid out. That it sounds right is for tests/e2e/test_cut_mp3.py to hear.
 */
#include "audio/audio.h"
#include "folder.h"
#include "mp3_bytes.h"

#define FRAMES 100

/* An episode without a tag whose frames each refer `begin` bytes back, and whose bytes tell where
 * they are from. */
static void make_episode(struct buffer *mp3, int begin)
{
    add_frames(mp3, WORD_128, FRAMES);
    for (size_t i = 0; i < mp3->size; i++)
        if (i % 417 >= 36)
            mp3->data[i] = (char)(i * 31 >> 5);
    for (size_t frame = 1; frame < FRAMES; frame++) {
        mp3->data[frame * 417 + 4] = (char)(begin >> 1);
        mp3->data[frame * 417 + 5] = (char)(begin << 7);
    }
}

/* A clip of it, and the tag in it. */
struct clip_made {
    char *folder, *path;
    struct buffer bytes;
    struct mp3_tag tag;
    size_t tag_size;
    struct cut_result result;
};

static struct clip_made cut_clip(const struct buffer *mp3, sample_index start, sample_index end)
{
    struct clip_made clip = {.bytes = BUFFER_INIT(BUFFER_UNBOUNDED), .folder = folder_create()};
    struct cut_options options = {.verify = VERIFY_EDGES};
    struct error err = ERROR_INIT;
    struct source *source = open_bytes(mp3);
    struct audio *audio = audio_open(source, NULL, &err);
    assert_no_error(err);
    clip.path = path_join(clip.folder, "clip.mp3");
    struct output *output = output_create(clip.path, &err);
    audio_cut(audio, start, end, &options, NULL, output, &clip.result, &err);
    assert_no_error(err);
    assert_true(output_commit(output, &err));
    assert_true(file_read(clip.path, &clip.bytes, &err));
    struct mp3_header header = {0};
    assert_true(mp3_header_parse(mpeg_word((uint8_t *)clip.bytes.data), &header));
    mp3_tag_parse(&header, (uint8_t *)clip.bytes.data, clip.bytes.size, &clip.tag);
    clip.tag_size = header.size;
    audio_destroy(audio);
    source_destroy(source);
    return clip;
}

static void release_clip(struct clip_made *clip)
{
    buffer_release(&clip->bytes);
    free(clip->path);
    folder_remove(clip->folder);
}

/* All frames stand behind each other, as many as the tag says and as many bytes. */
static void assert_whole(const struct clip_made *clip)
{
    const uint8_t *data = (const uint8_t *)clip->bytes.data;
    size_t offset = clip->tag_size;
    int64_t frames = 0;
    for (; offset < clip->bytes.size; frames++) {
        struct mp3_header header = {0};
        assert_true(mp3_header_parse(mpeg_word(data + offset), &header));
        offset += header.size;
    }
    assert_int_equal(offset, clip->bytes.size);
    assert_int_equal(clip->tag.frames, frames);
    assert_int_equal(clip->tag.bytes, clip->bytes.size);
    assert_true(clip->tag.gapless);
    sample_index played = frames * 1152 - clip->tag.delay - clip->tag.padding;
    assert_int_equal(played, clip->result.samples);
}

static void test_nothing_is_carried_that_is_not_needed(void **state)
{
    struct buffer mp3 = BUFFER_INIT(BUFFER_UNBOUNDED);
    (void)state;
    make_episode(&mp3, 0);
    struct clip_made clip = cut_clip(&mp3, 50 * 1152 + 100, 60 * 1152 + 200);
    assert_whole(&clip);
    assert_true(clip.result.exact);
    assert_int_equal(clip.tag.kind, MP3_TAG_INFO);
    assert_int_equal(clip.tag.frames, 12); /* one before, and eleven */
    assert_int_equal(clip.tag.delay, 1152 + 100 - MP3_DECODER_DELAY);
    assert_memory_equal(clip.bytes.data + clip.tag_size, mp3.data + (size_t)49 * 417, 12 * 417);
    release_clip(&clip);
    buffer_release(&mp3);
}

static void test_the_lead_carries_what_is_referred_to(void **state)
{
    static const int begins[] = {1, 100, 381, 382, MP3_RESERVOIR_MAX};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(begins); i++) {
        struct buffer mp3 = BUFFER_INIT(BUFFER_UNBOUNDED);
        size_t begin = (size_t)begins[i];
        make_episode(&mp3, begins[i]);
        struct clip_made clip = cut_clip(&mp3, 50 * 1152, 60 * 1152);
        assert_whole(&clip);
        assert_int_equal(clip.tag.frames, 12);
        assert_int_equal(clip.tag.delay, 2 * 1152 - MP3_DECODER_DELAY);
        const char *first = clip.bytes.data + clip.bytes.size - (size_t)11 * 417;
        assert_memory_equal(first, mp3.data + (size_t)49 * 417, 11 * 417);
        /* The last bytes of room before frame 49: all of frame 48's, and of 47's what is left. */
        size_t near = begin < 381 ? begin : 381;
        assert_memory_equal(first - near, mp3.data + (size_t)49 * 417 - near, near);
        assert_memory_equal(first - begin, mp3.data + (size_t)48 * 417 - (begin - near),
                            begin - near);
        release_clip(&clip);
        buffer_release(&mp3);
    }
}

/* A tag leaves out 529 samples at least; the clip's first one is the file's first. */
static void test_silence_before_the_beginning(void **state)
{
    struct buffer mp3 = BUFFER_INIT(BUFFER_UNBOUNDED);
    (void)state;
    make_episode(&mp3, 0);
    struct clip_made clip = cut_clip(&mp3, 0, 5000);
    assert_whole(&clip);
    assert_true(clip.result.exact);
    assert_int_equal(clip.tag.delay, 1152 - MP3_DECODER_DELAY);
    release_clip(&clip);
    clip = cut_clip(&mp3, 600, 5000);
    assert_whole(&clip);
    assert_int_equal(clip.tag.delay, 600 - MP3_DECODER_DELAY);
    assert_memory_equal(clip.bytes.data + clip.tag_size, mp3.data, 5 * 417);
    release_clip(&clip);
    buffer_release(&mp3);
}

/* Demuxers want two frames. */
static void test_silence_behind_a_single_frame(void **state)
{
    struct buffer mp3 = BUFFER_INIT(BUFFER_UNBOUNDED);
    (void)state;
    make_episode(&mp3, 0);
    struct clip_made clip = cut_clip(&mp3, 600, 700);
    assert_whole(&clip);
    assert_true(clip.result.exact);
    assert_int_equal(clip.tag.frames, 2);
    assert_int_equal(clip.result.samples, 100);
    release_clip(&clip);
    buffer_release(&mp3);
}

static void test_both_ends_within_one_frame(void **state)
{
    struct buffer mp3 = BUFFER_INIT(BUFFER_UNBOUNDED);
    (void)state;
    make_episode(&mp3, 0);
    struct clip_made clip = cut_clip(&mp3, 50 * 1152 + 100, 50 * 1152 + 152);
    assert_whole(&clip);
    assert_false(clip.result.exact);
    assert_int_equal(clip.result.samples, 1052);
    assert_int_equal(clip.result.error_micros, 1000 * 1000000 / 44100 + 1);
    assert_non_null(strstr(clip.result.why, "within one MP3 frame"));
    release_clip(&clip);
    clip = cut_clip(&mp3, 50 * 1152 + 100, 51 * 1152); /* up to its end is no trouble */
    assert_true(clip.result.exact);
    assert_int_equal(clip.result.samples, 1052);
    release_clip(&clip);
    buffer_release(&mp3);
}

static void test_what_a_clip_says_of_itself(void **state)
{
    struct buffer mp3 = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct error err = ERROR_INIT;
    struct tags tags = {.title = "Größe",
                        .artist = "A",
                        .album = "B",
                        .date = "2024-08-09",
                        .comment = "C",
                        .track = 3,
                        .track_total = 19};
    struct cut_result result = {0};
    struct cut_options options = {.verify = VERIFY_OFF};
    char *folder = folder_create(), *path = path_join(folder, "clip.mp3");
    (void)state;
    make_episode(&mp3, 0);
    struct source *source = open_bytes(&mp3);
    struct audio *audio = audio_open(source, NULL, &err);
    struct output *output = output_create(path, &err);
    assert_true(audio_cut(audio, 0, 50000, &options, &tags, output, &result, &err));
    assert_true(output_commit(output, &err));
    audio_destroy(audio);
    source_destroy(source);

    source = source_open_file(path, &err);
    audio = audio_open(source, NULL, &err);
    assert_no_error(err);
    assert_int_equal(audio_info(audio)->samples, 50000);
    const struct tags *read = audio_tags(audio);
    assert_string_equal(read->title, "Größe");
    assert_string_equal(read->artist, "A");
    assert_string_equal(read->album, "B");
    assert_string_equal(read->date, "2024-08-09");
    assert_string_equal(read->comment, "C");
    assert_int_equal(read->track, 3);
    assert_int_equal(read->track_total, 19);
    audio_destroy(audio);
    source_destroy(source);
    free(path);
    folder_remove(folder);
    buffer_release(&mp3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_carried_that_is_not_needed),
        cmocka_unit_test(test_the_lead_carries_what_is_referred_to),
        cmocka_unit_test(test_silence_before_the_beginning),
        cmocka_unit_test(test_silence_behind_a_single_frame),
        cmocka_unit_test(test_both_ends_within_one_frame),
        cmocka_unit_test(test_what_a_clip_says_of_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
