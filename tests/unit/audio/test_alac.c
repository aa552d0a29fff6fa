/* SPDX-License-Identifier: MIT */
/*
 * Clips of ALAC that libavcodec encodes here, decoded again by ourselves. The programs of others
 * judge in tests/torture.
 */
#include "audio/audio.h"

#include <stdio.h>
#include <unistd.h>

#include "audio/decode.h"
#include "audio/format.h"
#include "audio/muxer.h"
#include "base/file.h"
#include "base/memory.h"
#include "test.h"

#define RATE    48000
#define PACKET  4096
#define PACKETS 6
#define LENGTH  (PACKET * PACKETS - 1000)
#define PLACE   "/tmp/clipnotes-test-alac"

static int16_t sample_of(int channel, int64_t at)
{
    return (int16_t)((at * (7 + channel) % 200 - 100) * 200 + (at * at * 31 + channel) % 1999);
}

static AVCodecContext *open_encoder(int channels)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_ALAC);
    AVCodecContext *encoder = avcodec_alloc_context3(codec);
    encoder->sample_rate = RATE;
    encoder->sample_fmt = AV_SAMPLE_FMT_S16P;
    encoder->time_base = (AVRational){1, RATE};
    encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    for (const AVChannelLayout *layout = codec->ch_layouts; layout->nb_channels; layout++)
        if (layout->nb_channels == channels)
            av_channel_layout_copy(&encoder->ch_layout, layout);
    assert_true(avcodec_open2(encoder, codec, NULL) >= 0);
    return encoder;
}

static void send_frame(AVCodecContext *encoder, int64_t at, int count)
{
    AVFrame *frame = av_frame_alloc();
    frame->format = AV_SAMPLE_FMT_S16P;
    frame->nb_samples = count;
    frame->pts = at;
    av_channel_layout_copy(&frame->ch_layout, &encoder->ch_layout);
    assert_true(av_frame_get_buffer(frame, 0) >= 0);
    for (int channel = 0; channel < encoder->ch_layout.nb_channels; channel++)
        for (int i = 0; i < count; i++)
            ((int16_t *)frame->extended_data[channel])[i] = sample_of(channel, at + i);
    assert_true(avcodec_send_frame(encoder, frame) >= 0);
    av_frame_free(&frame);
}

/* The bytes of what was written, into `ret_bytes`. */
static void take_output(struct output *output, struct buffer *ret_bytes)
{
    size_t size = (size_t)output_size(output), got = 0;
    assert_true(output_read_at(output, 0, buffer_extend(ret_bytes, size), size, &got, NULL));
    output_destroy(output);
}

static void make_episode(int channels, struct buffer *ret_bytes)
{
    struct chapter_list none;
    chapter_list_init(&none);
    struct cut_range range = {.chapters = &none};
    struct output *output = output_create(PLACE, NULL);
    struct muxer *muxer = muxer_create("m4a", output, NULL);
    AVCodecContext *encoder = open_encoder(channels);
    AVPacket *packet = av_packet_alloc();
    muxer_stream(muxer)->time_base = encoder->time_base;
    avcodec_parameters_from_context(muxer_stream(muxer)->codecpar, encoder);
    assert_true(muxer_begin(muxer, &range, RATE, NULL));
    for (int64_t at = 0; at < LENGTH; at += PACKET) {
        send_frame(encoder, at, (int)(LENGTH - at < PACKET ? LENGTH - at : PACKET));
        if (at + PACKET >= LENGTH)
            avcodec_send_frame(encoder, NULL);
        while (avcodec_receive_packet(encoder, packet) >= 0)
            assert_true(muxer_write(muxer, packet, encoder->time_base, NULL));
    }
    assert_true(muxer_end(muxer, NULL));
    muxer_destroy(muxer);
    avcodec_free_context(&encoder);
    av_packet_free(&packet);
    chapter_list_release(&none);
    take_output(output, ret_bytes);
}

struct opened {
    struct source *source;
    struct audio *audio;
};

static struct opened open_bytes(const struct buffer *file)
{
    struct error err = ERROR_INIT;
    struct opened opened = {.source = source_open_memory(file->data, file->size, "talk.m4a")};
    opened.audio = audio_open(opened.source, NULL, &err);
    assert_no_error(err);
    return opened;
}

static bool is_copied_as_alac(const struct opened *opened)
{
    const struct audio_format *format = opened->audio->format;
    return format->cut == alac_format.cut || format->cut == alac_demuxed_format.cut;
}

static void close_opened(struct opened *opened)
{
    audio_destroy(opened->audio);
    source_destroy(opened->source);
}

static void assert_sound(struct audio *audio, int channels, int64_t start, int64_t count)
{
    struct decoder *decoder = decoder_create(audio, 0, INT64_MAX, NULL, NULL);
    AVFrame *frame = av_frame_alloc();
    int64_t at = 0;
    for (bool more = true; decoder_read(decoder, frame, &more, NULL) && more;) {
        assert_int_equal(frame->format, AV_SAMPLE_FMT_S16P);
        for (int i = 0; i < frame->nb_samples; i++, at++)
            for (int channel = 0; channel < channels; channel++)
                assert_int_equal(((const int16_t *)frame->extended_data[channel])[i],
                                 sample_of(channel, start + at));
        av_frame_unref(frame);
    }
    assert_int_equal(at, count);
    assert_int_equal(decoder_damaged(decoder), 0);
    av_frame_free(&frame);
    decoder_destroy(decoder);
}

static void cut_and_compare(struct audio *episode, int channels, sample_index start,
                            sample_index end, const struct cut_options *options)
{
    struct error err = ERROR_INIT;
    struct cut_result result;
    struct output *output = output_create(PLACE, &err);
    audio_cut(episode, start, end, options, NULL, output, &result, &err);
    assert_no_error(err);
    assert_true(result.exact);
    assert_int_equal(result.method, options->format ? CUT_ENCODE : CUT_COPY);
    assert_int_equal(result.samples, end - start);
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    take_output(output, &bytes);
    struct opened clip = open_bytes(&bytes);
    assert_true(options->format || is_copied_as_alac(&clip));
    assert_sound(clip.audio, channels, start, end - start);
    close_opened(&clip);
    buffer_release(&bytes);
}

/* The encoder ends the program where a packet of many channels holds one sample or two. */
static void test_clips_are_the_very_samples(void **state)
{
    static const struct {
        sample_index start, end;
    } rows[] = {
        {0, LENGTH},                         /* all */
        {0, 1},                              /* one sample */
        {PACKET, 3 * PACKET},                /* whole packets */
        {PACKET - 1, 3 * PACKET + 1},        /* edges of one sample */
        {PACKET - 1, PACKET + 1},            /* two samples of two packets */
        {PACKET - 2, PACKET + 500},          /* a packet is enough */
        {700, 710},                          /* within a packet */
        {PACKET * (PACKETS - 1) - 1, LENGTH} /* the last packet, which is a short one */
    };
    (void)state;
    for (int channels = 1; channels <= 8; channels++) {
        struct buffer file = BUFFER_INIT(BUFFER_UNBOUNDED);
        make_episode(channels, &file);
        struct opened episode = open_bytes(&file);
        assert_true(is_copied_as_alac(&episode));
        assert_int_equal(audio_info(episode.audio)->samples, LENGTH);
        for (size_t i = 0; i < COUNT_OF(rows); i++)
            for (int mka = 0; mka < 2; mka++)
                cut_and_compare(episode.audio, channels, rows[i].start, rows[i].end,
                                &(struct cut_options){.format = mka ? "mka" : NULL,
                                                      .verify = (enum cut_verify)(i % 3)});
        close_opened(&episode);
        buffer_release(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clips_are_the_very_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
