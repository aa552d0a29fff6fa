/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "audio/aac.h"
#include "audio/decode.h"

#include "test.h"

#define PAYLOAD 50

/* A frame of AAC-LC, 44.1 kHz, stereo; what it holds is no sound. */
static void add_frame(struct buffer *adts, bool checked, size_t payload)
{
    size_t header = checked ? 9 : 7, size = header + payload;
    uint8_t *frame = buffer_extend(adts, size);
    frame[0] = 0xff;
    frame[1] = checked ? 0xf0 : 0xf1;
    frame[2] = 1 << 6 | 4 << 2;
    frame[3] = (uint8_t)(2 << 6 | size >> 11);
    frame[4] = (uint8_t)(size >> 3);
    frame[5] = (uint8_t)((size & 7) << 5 | 0x1f);
    frame[6] = 0xfc;
}

static struct audio *open_bytes(const struct buffer *bytes, struct source **ret_source)
{
    struct error err = ERROR_INIT;
    *ret_source = source_open_memory(bytes->data, bytes->size, "test.aac");
    struct audio *audio = audio_open(*ret_source, NULL, &err);
    assert_no_error(err);
    return audio;
}

static void test_frames_are_counted(void **state)
{
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct source *source = NULL;
    (void)state;
    for (int i = 0; i < 500; i++)
        add_frame(&bytes, i % 3 == 0, PAYLOAD + (size_t)i);
    struct audio *audio = open_bytes(&bytes, &source);
    assert_string_equal(audio_info(audio)->container, "aac");
    assert_int_equal(audio_info(audio)->rate, 44100);
    assert_int_equal(audio_info(audio)->channels, 2);
    assert_int_equal(audio_info(audio)->samples, 500 * 1024);
    assert_int_equal(audio->damaged, SAMPLES_SOUND);
    audio_destroy(audio);
    source_destroy(source);
    buffer_release(&bytes);
}

static void test_the_cursor_is_where_it_should_be(void **state)
{
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct source *source = NULL;
    (void)state;
    for (int i = 0; i < 500; i++)
        add_frame(&bytes, false, PAYLOAD + (size_t)i);
    struct audio *audio = open_bytes(&bytes, &source);
    AVPacket *packet = av_packet_alloc();
    for (int64_t frame = 20; frame < 500; frame += 37) {
        bool more = false;
        assert_true(adts_format.seek(audio, frame * 1024, NULL));
        assert_true(adts_format.next(audio, packet, &more, NULL) && more);
        assert_true(packet->pts < frame * 1024 && packet->pts % 1024 == 0);
        assert_int_equal(packet->size, PAYLOAD + packet->pts / 1024);
        assert_int_equal(packet->duration, 1024);
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    audio_destroy(audio);
    source_destroy(source);
    buffer_release(&bytes);
}

static void test_what_is_no_frame_is_skipped_and_told(void **state)
{
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct source *source = NULL;
    (void)state;
    for (int i = 0; i < 300; i++) {
        if (i == 200)
            buffer_append(&bytes, "\xff\xf1 this is no frame \xff\xff\xf0", 24);
        add_frame(&bytes, false, PAYLOAD);
    }
    buffer_append_text(&bytes, "TAG and so on");
    struct audio *audio = open_bytes(&bytes, &source);
    assert_int_equal(audio_info(audio)->samples, 300 * 1024);
    assert_int_equal(audio->damaged, 200 * 1024);
    audio_destroy(audio);
    source_destroy(source);
    buffer_release(&bytes);
}

/* A byte of the first frame is missing: it is no frame, and neither is the one behind it. */
static void test_a_damaged_beginning(void **state)
{
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct source *source = NULL;
    (void)state;
    add_frame(&bytes, false, PAYLOAD);
    buffer_truncate(&bytes, bytes.size - 1);
    for (int i = 0; i < 50; i++)
        add_frame(&bytes, false, PAYLOAD);
    struct audio *audio = open_bytes(&bytes, &source);
    assert_string_equal(audio_info(audio)->container, "aac");
    assert_int_equal(audio_info(audio)->samples, 50 * 1024);
    assert_int_equal(audio->damaged, 1024);
    audio_destroy(audio);
    source_destroy(source);
    buffer_release(&bytes);
}

/* The 100 frames hold one of noise each, but for the 40th. */
static void test_a_frame_that_does_not_decode_is_told(void **state)
{
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct source *source = NULL;
    (void)state;
    for (int i = 0; i < 100; i++)
        add_frame(&bytes, false, PAYLOAD);
    struct audio *audio = open_bytes(&bytes, &source);
    AVPacket *noise = aac_primer(audio, INT32_MAX);
    for (size_t i = 0; i < 100; i++) {
        char *payload = bytes.data + i * (7 + PAYLOAD) + 7;
        if (i == 40)
            memset(payload, 0xff, PAYLOAD);
        else
            memcpy(payload, noise->data, (size_t)noise->size);
    }
    assert_true(decode_prove(audio, 30 * 1024, AAC_FRAME, NULL));
    assert_true(decode_prove(audio, 40 * 1024, AAC_FRAME, NULL));
    assert_int_equal(audio->damaged, SAMPLES_SOUND);
    assert_true(decode_prove(audio, 90 * 1024, AAC_FRAME, NULL));
    assert_int_equal(audio->damaged, 40 * 1024);
    assert_true(decode_prove(audio, 100 * 1024, AAC_FRAME, NULL));
    assert_int_equal(audio->damaged, 40 * 1024);
    av_packet_free(&noise);
    audio_destroy(audio);
    source_destroy(source);
    buffer_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_are_counted),
        cmocka_unit_test(test_the_cursor_is_where_it_should_be),
        cmocka_unit_test(test_what_is_no_frame_is_skipped_and_told),
        cmocka_unit_test(test_a_damaged_beginning),
        cmocka_unit_test(test_a_frame_that_does_not_decode_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
