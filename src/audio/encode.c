/* SPDX-License-Identifier: MIT */
#include "audio/encode.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "audio/encoder.h"
#include "audio/libav.h"
#include "audio/muxer.h"
#include "audio/render.h"
#include "audio/verify_own.h"

/* At most, until no peak is too high. */
#define ROUNDS 3

/* Of encoders that take frames of any size. */
#define FREE_FRAME_SIZE 4096

enum lossless {
    LOSSY,
    LOSSLESS, /* in the source's depth */
};

/* What an encoder's --quality means. */
enum quality {
    QUALITY_NONE,
    QUALITY_SCALE,  /* instead of a bitrate */
    QUALITY_EFFORT, /* how hard it tries */
};

struct encoding {
    const char *format;    /* as users name it; NULL: only what a source may be in */
    const char *codec;     /* as audio_info names it */
    const char *extension; /* of a clip */
    const char *encoder;   /* of libav */
    enum lossless lossless;
    bool fills_last_frame;            /* the start gives way so that the end is a frame's */
    int bitrate_mono, bitrate_stereo; /* defaults, for speech; 0: */
    int quality_default;              /* of an encoder whose bitrates depend on the rate */
    enum quality quality;
    int quality_least, quality_most;

    /* The kbit/s that it has, where it would not refuse others itself; NULL: it does. */
    void (*bitrates)(int rate, int channels, int *ret_least, int *ret_most);
};

/* ISO 11172-3 and 13818-3; LAME keeps to the lower ones of MPEG-2.5. */
static void mp3_bitrates(int rate, int channels, int *ret_least, int *ret_most)
{
    (void)channels;
    *ret_least = rate >= 32000 ? 32 : 8;
    *ret_most = rate >= 32000 ? 320 : rate >= 16000 ? 160 : 64;
}

/* A frame of 1024 samples has at most 6144 bits a channel: ISO 14496-3, 4.5.3. */
static void aac_bitrates(int rate, int channels, int *ret_least, int *ret_most)
{
    *ret_least = 6;
    *ret_most = (int)((int64_t)rate * channels * 6 / 1000);
}

static void opus_bitrates(int rate, int channels, int *ret_least, int *ret_most)
{
    (void)rate;
    *ret_least = 6;
    *ret_most = 256 * channels;
}

static const struct encoding encodings[] = {
    {"mp3", "mp3", "mp3", "libmp3lame", LOSSY, false, 64000, 128000, 0, QUALITY_SCALE, 0, 9,
     mp3_bitrates},
    {"m4a", "aac", "m4a", "aac", LOSSY, true, 64000, 128000, 0, QUALITY_SCALE, 1, 5, aac_bitrates},
    {"opus", "opus", "opus", "libopus", LOSSY, false, 40000, 64000, 0, QUALITY_EFFORT, 0, 10,
     opus_bitrates},
    {"ogg", "vorbis", "ogg", "libvorbis", LOSSY, false, 0, 0, 4, QUALITY_SCALE, 0, 10, NULL},
    {"flac", "flac", "flac", "flac", LOSSLESS, false, 0, 0, 0, QUALITY_EFFORT, 0, 12, NULL},
    {"wav", "pcm", "wav", "pcm", LOSSLESS, false, 0, 0, 0, QUALITY_NONE, 0, 0, NULL},
    {NULL, "alac", "m4a", "alac", LOSSLESS, false, 0, 0, 0, QUALITY_NONE, 0, 0, NULL},
};

#define ENCODING_COUNT (sizeof encodings / sizeof *encodings)

const struct encoding *encoding_find(const char *format)
{
    for (size_t i = 0; i < ENCODING_COUNT; i++)
        if (encodings[i].format && strcmp(encodings[i].format, format) == 0)
            return &encodings[i];
    return NULL;
}

const struct encoding *encoding_of(const struct audio *audio)
{
    for (size_t i = 0; i < ENCODING_COUNT; i++)
        if (strcmp(encodings[i].codec, audio->info.codec) == 0)
            return &encodings[i];
    return &encodings[0];
}

const struct encoding *encoding_lossless(const struct audio *audio)
{
    const struct encoding *encoding = encoding_of(audio);
    return encoding->lossless && strcmp(encoding->codec, audio->info.codec) == 0 ? encoding : NULL;
}

const char *encoding_extension(const struct encoding *encoding)
{
    return encoding->extension;
}

const char *encoding_codec(const struct encoding *encoding)
{
    return encoding->codec;
}

/* The bits of a sample that say something; 0 where the source is lossy. */
static int source_depth(const struct audio *audio)
{
    const AVCodecParameters *codec = audio->codec;
    bool lossless = encoding_lossless(audio) != NULL;
    int bits = codec->bits_per_raw_sample ? codec->bits_per_raw_sample
                                          : av_get_bits_per_sample(codec->codec_id);
    if (lossless && !bits)
        bits = codec->bits_per_coded_sample;
    return lossless ? bits : 0;
}

static bool is_float_pcm(enum AVCodecID id)
{
    return id == AV_CODEC_ID_PCM_F32LE || id == AV_CODEC_ID_PCM_F32BE ||
           id == AV_CODEC_ID_PCM_F64LE || id == AV_CODEC_ID_PCM_F64BE;
}

/* The kind of PCM that holds what the source has: 24 bits for what was lossy. */
static enum AVCodecID pcm_id(const struct audio *audio)
{
    enum AVCodecID id = audio->codec->codec_id;
    int depth = source_depth(audio);
    if (is_float_pcm(id))
        return av_get_bits_per_sample(id) == 64 ? AV_CODEC_ID_PCM_F64LE : AV_CODEC_ID_PCM_F32LE;
    if (depth == 0 || (depth > 16 && depth <= 24))
        return AV_CODEC_ID_PCM_S24LE;
    if (depth > 24)
        return AV_CODEC_ID_PCM_S32LE;
    return depth > 8 || id == AV_CODEC_ID_PCM_ALAW || id == AV_CODEC_ID_PCM_MULAW
               ? AV_CODEC_ID_PCM_S16LE
               : AV_CODEC_ID_PCM_U8;
}

static const AVCodec *find_encoder(const struct audio *audio, const struct encoding *encoding)
{
    return strcmp(encoding->encoder, "pcm") == 0 ? avcodec_find_encoder(pcm_id(audio))
                                                 : avcodec_find_encoder_by_name(encoding->encoder);
}

int audio_encoding_rate(const char *format, int wanted)
{
    const struct encoding *encoding = encoding_find(format);
    const AVCodec *codec = encoding ? avcodec_find_encoder_by_name(encoding->encoder) : NULL;
    return codec ? encoder_rate(codec, wanted) : wanted;
}

struct encode {
    struct audio *audio;
    const struct cut_range *range;
    const struct encoding *encoding;
    const char *extension; /* of the container */
    const struct cut_options *options;
    struct render_options render;
    struct renderer *renderer;
    struct muxer *muxer;
    AVCodecContext *encoder;
    AVAudioFifo *fifo;
    AVPacket *packet;
    AVFrame *frame;
    int64_t fill; /* samples of silence before the clip's first */
    int64_t sent; /* to the encoder, with those */
    bool ended;   /* the renderer has no more */
    double level; /* the gain that brings it to its loudness; 0: not measured yet */
    double trim;  /* what is taken away again, because the encoder has made peaks higher */
};

/* Whether samples are touched on their way. */
static bool is_worked(const struct encode *encode)
{
    const struct cut_options *options = encode->options;
    return encode->render.channels || options->fade || options->loudness_set ||
           encode->render.rate != encode->audio->info.rate;
}

static int default_bitrate(const struct encoding *encoding, int channels)
{
    return channels == 1 ? encoding->bitrate_mono : encoding->bitrate_stereo * ((channels + 1) / 2);
}

static void set_quality(struct encode *encode, int channels)
{
    AVCodecContext *encoder = encode->encoder;
    const struct cut_options *options = encode->options;
    const struct encoding *encoding = encode->encoding;
    bool scaled = encoding->quality == QUALITY_SCALE && options->quality;
    if (encoding->quality == QUALITY_EFFORT && options->quality)
        encoder->compression_level = options->quality - 1;
    if (scaled || (encoding->quality_default && !options->bitrate)) {
        int quality = scaled ? options->quality - 1 : encoding->quality_default;
        encoder->flags |= AV_CODEC_FLAG_QSCALE;
        encoder->global_quality = quality * FF_QP2LAMBDA;
    } else if (options->bitrate) {
        encoder->bit_rate = options->bitrate;
    } else if (!encoding->lossless) {
        encoder->bit_rate = default_bitrate(encoding, channels);
    }
}

static bool check_quality(const struct encoding *encoding, const struct cut_options *options,
                          struct error *err)
{
    int quality = options->quality - 1;
    bool given = options->quality && encoding->quality != QUALITY_NONE;
    if (given && (quality < encoding->quality_least || quality > encoding->quality_most))
        return error_set(err, ERROR_USAGE, "--quality: %s has %d to %d, not %d", encoding->codec,
                         encoding->quality_least, encoding->quality_most, quality);
    if (given && encoding->quality == QUALITY_SCALE && options->bitrate)
        return error_set(err, ERROR_USAGE,
                         "--quality and --bitrate cannot both be kept by %s; choose one",
                         encoding->codec);
    return true;
}

/* LAME and FFmpeg's AAC encoder take the nearest that they have, and tell nobody. */
static bool check_bitrate(const struct encode *encode, int channels, struct error *err)
{
    int kbits = encode->options->bitrate / 1000, rate = encode->render.rate;
    int least = 0, most = INT_MAX;
    if (kbits && encode->encoding->bitrates)
        encode->encoding->bitrates(rate, channels, &least, &most);
    return !kbits || (kbits >= least && kbits <= most) ||
           error_set(err, ERROR_USAGE,
                     "--bitrate: %s has %d to %d kbit/s at %d Hz with %d channel%s, not %d",
                     encode->encoding->codec, least, most, rate, channels, channels == 1 ? "" : "s",
                     kbits);
}

/* The source's own layout, where it says so and all its channels are kept. */
static void set_layout(struct encode *encode)
{
    AVCodecContext *encoder = encode->encoder;
    const AVChannelLayout *source = &encode->audio->codec->ch_layout;
    int channels = encode->render.channels ? encode->render.channels : encode->audio->info.channels;
    bool named = source->order == AV_CHANNEL_ORDER_NATIVE && source->nb_channels == channels;
    if (!named || av_channel_layout_copy(&encoder->ch_layout, source) < 0)
        av_channel_layout_default(&encoder->ch_layout, channels);
}

static bool open_encoder(struct encode *encode, const AVCodec *codec, bool global_header,
                         struct error *err)
{
    AVCodecContext *encoder = encode->encoder = mem_present(avcodec_alloc_context3(codec));
    set_layout(encode);
    encoder->sample_rate = encode->render.rate;
    encoder->sample_fmt = encode->render.format;
    encoder->time_base = (AVRational){1, encode->render.rate};
    encoder->thread_count = 1;
    encoder->flags |= AV_CODEC_FLAG_BITEXACT;
    if (global_header)
        encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    int depth = source_depth(encode->audio);
    if (encode->encoding->lossless && encoder->sample_fmt == AV_SAMPLE_FMT_S32 && depth > 16)
        encoder->bits_per_raw_sample = depth;
    else if (encode->encoding->lossless && encoder->sample_fmt == AV_SAMPLE_FMT_S32P && depth > 16)
        encoder->bits_per_raw_sample = depth;
    int channels = encoder->ch_layout.nb_channels;
    if (codec->id == AV_CODEC_ID_ALAC && channels > 2)
        encoder->compression_level = 0; /* it ends the program where a last packet is tiny */
    set_quality(encode, channels);
    int code = avcodec_open2(encoder, codec, NULL);
    if (code < 0)
        return error_set(err, encode->options->bitrate ? ERROR_USAGE : ERROR_UNSUPPORTED,
                         "%s: cannot be encoded as %s at %d Hz with %d channel%s%s; try another "
                         "--format, --rate or --bitrate",
                         encode->audio->source->name, encode->encoding->codec, encode->render.rate,
                         channels, channels == 1 ? "" : "s",
                         encode->options->bitrate ? " and that --bitrate" : "");
    return true;
}

/* LAME makes what it encodes at a constant bitrate a little quieter, as its table of presets says
 * and a sine shows: no clip is to be quieter than its episode. */
static double encoder_loss(const struct encode *encode, int channels)
{
    static const struct {
        int bitrate; /* up to this */
        double factor;
    } losses[] = {{176000, 0.95}, {208000, 0.97}, {240000, 0.98}};
    const struct cut_options *options = encode->options;
    int bitrate = options->bitrate ? options->bitrate : default_bitrate(encode->encoding, channels);
    if (strcmp(encode->encoding->codec, "mp3") != 0 || options->quality)
        return 1;
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
        if (bitrate <= losses[i].bitrate)
            return losses[i].factor;
    return 1;
}

/* The encoder's format, rate and depth, and what is to be done before it. */
static bool plan(struct encode *encode, const AVCodec *codec, struct error *err)
{
    const struct cut_options *options = encode->options;
    struct render_options *render = &encode->render;
    const struct audio_info *info = &encode->audio->info;
    render->rate = encoder_rate(codec, options->rate ? options->rate : info->rate);
    int channels = options->mono ? 1 : encoder_channels(codec, info->channels);
    render->channels = channels == info->channels ? 0 : channels;
    render->fade = options->fade;
    render->gain = 1;
    if (!check_quality(encode->encoding, options, err) || !check_bitrate(encode, channels, err))
        return false;
    int depth = source_depth(encode->audio);
    render->format = encoder_format(codec, encode->encoding->lossless, depth > 16);
    bool narrow = av_get_packed_sample_fmt(render->format) == AV_SAMPLE_FMT_S16;
    render->dither = narrow && (is_worked(encode) || depth == 0 || depth > 16);
    if (encode->level == 0 && options->loudness_set &&
        !render_gain(encode->audio, encode->range->start, encode->range->end, render,
                     options->loudness_centilufs, &encode->level, err))
        return false;
    double level = options->loudness_set ? encode->level * encode->trim : 1;
    render->gain = level / encoder_loss(encode, channels);
    return true;
}

static bool begin_clip(struct encode *encode, struct error *err)
{
    AVStream *stream = muxer_stream(encode->muxer);
    AVCodecContext *encoder = encode->encoder;
    if (avcodec_parameters_from_context(stream->codecpar, encoder) < 0)
        mem_present(NULL);
    stream->time_base = encoder->time_base;
    char scale[32];
    snprintf(scale, sizeof scale, "%d", encoder->sample_rate);
    if (strcmp(encode->extension, "m4a") == 0)
        muxer_option(encode->muxer, "movie_timescale", scale); /* in which its edit list counts */
    return muxer_begin(encode->muxer, encode->range, encode->audio->info.rate, err);
}

static bool open_clip(struct encode *encode, struct output *output, struct error *err)
{
    const AVCodec *codec = find_encoder(encode->audio, encode->encoding);
    if (!codec)
        return error_set(err, ERROR_UNSUPPORTED, "this build of libav has no encoder for %s",
                         encode->encoding->codec);
    encode->muxer = muxer_create(encode->extension, output, err);
    if (!encode->muxer || !plan(encode, codec, err))
        return false;
    bool global = muxer_context(encode->muxer)->oformat->flags & AVFMT_GLOBALHEADER;
    if (!open_encoder(encode, codec, global, err))
        return false;
    encode->renderer = renderer_create(encode->audio, encode->range->start, encode->range->end,
                                       &encode->render, err);
    encode->fifo = mem_present(av_audio_fifo_alloc(
        encode->encoder->sample_fmt, encode->encoder->ch_layout.nb_channels, FREE_FRAME_SIZE));
    encode->packet = mem_present(av_packet_alloc());
    encode->frame = mem_present(av_frame_alloc());
    return encode->renderer && begin_clip(encode, err);
}

/* It can be opened again then. */
static void close_clip(struct encode *encode)
{
    renderer_destroy(encode->renderer);
    muxer_destroy(encode->muxer);
    avcodec_free_context(&encode->encoder);
    av_audio_fifo_free(encode->fifo);
    av_packet_free(&encode->packet);
    av_frame_free(&encode->frame);
    encode->renderer = NULL;
    encode->muxer = NULL;
    encode->fifo = NULL;
    encode->fill = encode->sent = 0;
    encode->ended = false;
}

/* LAME's last frame may hold padding alone; libavformat's tag counts the padding of one frame. */
static bool is_padding(const struct encode *encode, const AVPacket *packet)
{
    return encode->encoder->codec_id == AV_CODEC_ID_MP3 && packet->duration <= 0;
}

/* Packets that are ready; the clip's time begins behind what fills the first frame up. */
static bool drain(struct encode *encode, struct error *err)
{
    AVPacket *packet = encode->packet;
    while (avcodec_receive_packet(encode->encoder, packet) >= 0) {
        if (is_padding(encode, packet)) {
            av_packet_unref(packet);
            continue;
        }
        if (packet->pts != AV_NOPTS_VALUE)
            packet->pts -= encode->fill;
        packet->dts = packet->pts;
        if (!muxer_write(encode->muxer, packet, encode->encoder->time_base, err))
            return false;
    }
    return true;
}

static int frame_size(const struct encode *encode)
{
    return encode->encoder->frame_size > 0 ? encode->encoder->frame_size : FREE_FRAME_SIZE;
}

static void make_frame(struct encode *encode, int samples)
{
    AVFrame *frame = encode->frame;
    av_frame_unref(frame);
    frame->nb_samples = samples;
    frame->format = encode->encoder->sample_fmt;
    frame->sample_rate = encode->encoder->sample_rate;
    if (av_channel_layout_copy(&frame->ch_layout, &encode->encoder->ch_layout) < 0 ||
        av_frame_get_buffer(frame, 0) < 0)
        mem_present(NULL);
}

/* Silence in front, as much as makes the clip end with a frame. */
static void fill_up(struct encode *encode, int64_t length)
{
    if (!encode->encoding->fills_last_frame)
        return;
    int size = frame_size(encode);
    if (length < size)
        return; /* demuxers stumble over an edit list that hides most of a file */
    encode->fill = (size - (encode->encoder->initial_padding + length) % size) % size;
    if (encode->fill == 0)
        return;
    make_frame(encode, (int)encode->fill);
    av_samples_set_silence(encode->frame->extended_data, 0, (int)encode->fill,
                           encode->encoder->ch_layout.nb_channels, encode->encoder->sample_fmt);
    if (av_audio_fifo_write(encode->fifo, (void **)encode->frame->extended_data,
                            (int)encode->fill) < 0)
        mem_present(NULL);
}

/* Frames of the encoder's size; at the end what is left. */
static bool send_frames(struct encode *encode, struct error *err)
{
    int size = frame_size(encode);
    for (;;) {
        int held = av_audio_fifo_size(encode->fifo);
        if (held < size && !(encode->ended && held > 0))
            return true;
        make_frame(encode, held < size ? held : size);
        if (av_audio_fifo_read(encode->fifo, (void **)encode->frame->extended_data,
                               encode->frame->nb_samples) < 0)
            mem_present(NULL);
        encode->frame->pts = encode->sent;
        encode->sent += encode->frame->nb_samples;
        int code = avcodec_send_frame(encode->encoder, encode->frame);
        if (code < 0)
            return error_set(err, ERROR_UNSUPPORTED, "%s: the %s encoder failed at sample %lld",
                             encode->audio->source->name, encode->encoding->codec,
                             (long long)encode->sent);
        if (!drain(encode, err))
            return false;
    }
}

static bool encode_all(struct encode *encode, struct error *err)
{
    AVFrame *frame = mem_present(av_frame_alloc());
    bool right = true;
    while (right && !encode->ended) {
        bool more = false;
        right = renderer_read(encode->renderer, frame, &more, err);
        encode->ended = !more;
        if (right && more &&
            av_audio_fifo_write(encode->fifo, (void **)frame->extended_data, frame->nb_samples) < 0)
            mem_present(NULL);
        av_frame_unref(frame);
        right = right && send_frames(encode, err);
    }
    av_frame_free(&frame);
    if (!right)
        return false;
    avcodec_send_frame(encode->encoder, NULL);
    return drain(encode, err) && muxer_end(encode->muxer, err);
}

static bool encode_once(struct encode *encode, struct output *output, sample_index *ret_samples,
                        struct error *err)
{
    const struct cut_range *range = encode->range;
    bool done = open_clip(encode, output, err);
    if (done) {
        fill_up(encode, av_rescale(range->end - range->start, encode->render.rate,
                                   encode->audio->info.rate));
        done = encode_all(encode, err);
    }
    if (done && encode->sent == encode->fill)
        done = error_set(err, ERROR_INPUT, "%s: ends before the clip begins",
                         encode->audio->source->name);
    if (done)
        *ret_samples = encode->sent - encode->fill;
    close_clip(encode);
    return done;
}

/* What a lossy encoder makes of the peaks shows when it is done: where they pass the ceiling, that
 * much is taken away, and it begins anew. */
static bool trim_peaks(struct encode *encode, struct output *output, bool *ret_again,
                       struct error *err)
{
    double peak = 0;
    *ret_again = false;
    if (!encode->options->loudness_set || encode->encoding->lossless)
        return true;
    if (!verify_own_peak(output, &peak, err))
        return false;
    if (peak <= render_ceiling())
        return true;
    encode->trim *= render_ceiling() / peak;
    *ret_again = true;
    return output_truncate(output, 0, err);
}

bool encode_cut(struct audio *audio, const struct cut_range *range, const struct encoding *encoding,
                const char *extension, const struct cut_options *options, struct output *output,
                sample_index *ret_samples, int *ret_rate, struct error *err)
{
    struct encode encode = {.audio = audio,
                            .range = range,
                            .encoding = encoding,
                            .extension = extension,
                            .options = options,
                            .trim = 1};
    sample_index samples = 0;
    bool done = encode_once(&encode, output, &samples, err), again = true;
    for (int round = 1; done && again && round < ROUNDS; round++) {
        done = trim_peaks(&encode, output, &again, err);
        if (done && again)
            done = encode_once(&encode, output, &samples, err);
    }
    if (!done)
        return false;
    *ret_samples = samples;
    *ret_rate = encode.render.rate;
    return true;
}
