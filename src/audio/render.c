/* SPDX-License-Identifier: MIT */
#include "audio/render.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audio/decode.h"
#include "audio/libav.h"
#include "audio/meter.h"
#include "base/checked.h"

#define PI 3.14159265358979323846

/* No louder than this between the samples, in dBTP. */
#define TRUE_PEAK_CEILING (-1.0)

/* A difference in loudness that somebody may hear, in LU. */
#define AUDIBLE 0.2

/* What is put in for damage at once. */
#define SILENCE_STEP 4096

struct renderer {
    struct audio *audio;
    struct render_options options;
    struct decoder *decoder;
    sample_index start, end;
    sample_index position; /* of the episode, that is wanted next */
    AVFrame *decoded;      /* read and not used yet, where it holds samples */
    bool decoder_done;

    SwrContext *work; /* to the rate, channels and floating point; NULL: nothing changes */
    SwrContext *last; /* to the format that is wanted */
    AVFrame *worked;  /* between the two */
    int64_t given;    /* so far */
    int64_t fade;     /* samples of what comes out */
    int channels, rate;
    enum AVSampleFormat format; /* of what is decoded */
    AVChannelLayout layout;
};

static bool changes_sound(const struct audio *audio, const struct render_options *options)
{
    return options->rate != audio->info.rate ||
           (options->channels && audio->info.channels != options->channels) || options->fade > 0 ||
           options->gain != 1;
}

static SwrContext *converter(AVChannelLayout *out_layout, enum AVSampleFormat out_format,
                             int out_rate, AVChannelLayout *in_layout,
                             enum AVSampleFormat in_format, int in_rate, bool dither)
{
    SwrContext *swr = NULL;
    if (swr_alloc_set_opts2(&swr, out_layout, out_format, out_rate, in_layout, in_format, in_rate,
                            0, NULL) < 0)
        return NULL;
    av_opt_set_double(swr, "rematrix_maxval", 1, 0); /* no mix is louder than full scale */
    if (dither)
        av_opt_set_int(swr, "dither_method", SWR_DITHER_TRIANGULAR, 0);
    if (swr_init(swr) < 0)
        swr_free(&swr);
    return swr;
}

/* Once the first frame tells what the decoder gives. */
static bool open_converters(struct renderer *renderer, AVFrame *frame, struct error *err)
{
    const struct render_options *options = &renderer->options;
    AVChannelLayout out = {0};
    if (options->channels)
        av_channel_layout_default(&out, options->channels);
    else if (av_channel_layout_copy(&out, &frame->ch_layout) < 0)
        mem_present(NULL);
    renderer->format = (enum AVSampleFormat)frame->format;
    renderer->rate = frame->sample_rate;
    renderer->channels = out.nb_channels;
    if (av_channel_layout_copy(&renderer->layout, &frame->ch_layout) < 0)
        mem_present(NULL);
    bool works = changes_sound(renderer->audio, options);
    const enum AVSampleFormat middle = works ? AV_SAMPLE_FMT_FLTP : renderer->format;
    if (works)
        renderer->work = converter(&out, middle, options->rate, &frame->ch_layout, renderer->format,
                                   frame->sample_rate, false);
    renderer->last = converter(&out, options->format, options->rate, &out, middle, options->rate,
                               options->dither);
    av_channel_layout_uninit(&out);
    if (!renderer->last || (works && !renderer->work))
        return error_set(err, ERROR_UNSUPPORTED, "%s: its channels or rate cannot be converted",
                         renderer->audio->source->name);
    return true;
}

struct renderer *renderer_create(struct audio *audio, sample_index start, sample_index end,
                                 const struct render_options *options, struct error *err)
{
    struct decoder *decoder = decoder_create(audio, start, end, NULL, err);
    if (!decoder)
        return NULL;
    struct renderer *renderer = mem_zalloc(sizeof *renderer);
    *renderer = (struct renderer){
        .audio = audio,
        .options = *options,
        .decoder = decoder,
        .start = start,
        .end = end,
        .position = start,
        .decoded = mem_present(av_frame_alloc()),
        .worked = mem_present(av_frame_alloc()),
        .fade = samples_of_millis(options->fade, options->rate),
    };
    return renderer;
}

void renderer_destroy(struct renderer *renderer)
{
    if (!renderer)
        return;
    decoder_destroy(renderer->decoder);
    av_frame_free(&renderer->decoded);
    av_frame_free(&renderer->worked);
    swr_free(&renderer->work);
    swr_free(&renderer->last);
    av_channel_layout_uninit(&renderer->layout);
    free(renderer);
}

/* How many samples come out for those of the episode before `position`. */
static int64_t length_until(const struct renderer *renderer, sample_index position)
{
    int64_t length = INT64_MAX;
    (void)checked_scale(position - renderer->start, renderer->options.rate,
                        renderer->audio->info.rate, &length);
    return length;
}

/* Silence as the decoder would give it, for what it could not decode. */
static bool make_silence(struct renderer *renderer, sample_index until, AVFrame *frame)
{
    sample_index missing = until - renderer->position;
    frame->format = renderer->format;
    frame->sample_rate = renderer->rate;
    frame->nb_samples = missing < SILENCE_STEP ? (int)missing : SILENCE_STEP;
    if (av_channel_layout_copy(&frame->ch_layout, &renderer->layout) < 0 ||
        av_frame_get_buffer(frame, 0) < 0)
        mem_present(NULL);
    av_samples_set_silence(frame->extended_data, 0, frame->nb_samples, frame->ch_layout.nb_channels,
                           renderer->format);
    renderer->position += frame->nb_samples;
    return true;
}

/* Decoders that know only the number of channels mean the common layout. */
static void name_layout(AVFrame *frame)
{
    int channels = frame->ch_layout.nb_channels;
    if (frame->ch_layout.order != AV_CHANNEL_ORDER_UNSPEC)
        return;
    av_channel_layout_uninit(&frame->ch_layout);
    av_channel_layout_default(&frame->ch_layout, channels);
}

static bool check_frame(struct renderer *renderer, AVFrame *frame, struct error *err)
{
    name_layout(frame);
    if (!renderer->last && !open_converters(renderer, frame, err))
        return false;
    if (frame->format != (int)renderer->format || frame->sample_rate != renderer->rate ||
        av_channel_layout_compare(&frame->ch_layout, &renderer->layout) != 0)
        return error_set(err, ERROR_UNSUPPORTED, "%s: changes its rate or channels at sample %lld",
                         renderer->audio->source->name, (long long)frame->pts);
    return true;
}

/* The next samples of the episode, without gaps. */
static bool read_episode(struct renderer *renderer, AVFrame *frame, bool *ret_more,
                         struct error *err)
{
    AVFrame *decoded = renderer->decoded;
    if (decoded->nb_samples == 0 && !renderer->decoder_done) {
        bool more = false;
        if (!decoder_read(renderer->decoder, decoded, &more, err))
            return false;
        renderer->decoder_done = !more;
        if (more && !check_frame(renderer, decoded, err))
            return false;
    }
    *ret_more = decoded->nb_samples > 0;
    bool cut_off = !*ret_more && renderer->last && renderer->audio->info.samples >= 0 &&
                   renderer->position < renderer->end;
    if (cut_off) {
        *ret_more = true;
        return make_silence(renderer, renderer->end, frame);
    }
    if (!*ret_more)
        return true;
    if (decoded->pts > renderer->position)
        return make_silence(renderer, decoded->pts, frame);
    renderer->position = decoded->pts + decoded->nb_samples;
    av_frame_move_ref(frame, decoded);
    return true;
}

/* From 0 to 1 as a half cosine. */
static float fade_at(int64_t at, int64_t length)
{
    return (float)(0.5 - 0.5 * cos(PI * ((double)at + 0.5) / (double)length));
}

static float factor_at(const struct renderer *renderer, int64_t at)
{
    int64_t total = length_until(renderer, renderer->end);
    int64_t length = renderer->fade < total / 2 ? renderer->fade : total / 2;
    float factor = (float)renderer->options.gain;
    if (at < length)
        factor *= fade_at(at, length);
    if (total - 1 - at < length)
        factor *= fade_at(total - 1 - at, length);
    return factor;
}

static void shape_sound(const struct renderer *renderer, AVFrame *frame)
{
    for (int i = 0; i < frame->nb_samples; i++) {
        float factor = factor_at(renderer, renderer->given + i);
        for (int channel = 0; channel < renderer->channels; channel++)
            ((float *)frame->extended_data[channel])[i] *= factor;
    }
}

/* `in` NULL: what is left in it. */
static bool convert(struct renderer *renderer, SwrContext *swr, const AVFrame *in, AVFrame *out,
                    enum AVSampleFormat format, struct error *err)
{
    AVChannelLayout layout = {0};
    if (renderer->options.channels)
        av_channel_layout_default(&layout, renderer->options.channels);
    else if (av_channel_layout_copy(&layout, &renderer->layout) < 0)
        mem_present(NULL);
    out->ch_layout = layout;
    out->format = format;
    out->sample_rate = renderer->options.rate;
    if (swr_convert_frame(swr, out, in) < 0)
        return error_set(err, ERROR_INPUT, "%s: its sound cannot be converted",
                         renderer->audio->source->name);
    return true;
}

/* Through the working format; at the end what the resampler still holds, cut to the length that is
 * right. */
static bool read_worked(struct renderer *renderer, AVFrame *frame, bool *ret_more,
                        struct error *err)
{
    bool more = false;
    if (!read_episode(renderer, frame, &more, err))
        return false;
    *ret_more = more;
    if (!renderer->work)
        return true;
    AVFrame *worked = renderer->worked;
    av_frame_unref(worked);
    if (!convert(renderer, renderer->work, more ? frame : NULL, worked, AV_SAMPLE_FMT_FLTP, err))
        return false;
    av_frame_unref(frame);
    av_frame_move_ref(frame, worked);
    int64_t left = length_until(renderer, renderer->position) - renderer->given;
    *ret_more = more || (frame->nb_samples > 0 && left > 0);
    if (!more && frame->nb_samples > left)
        frame->nb_samples = (int)(left > 0 ? left : 0);
    shape_sound(renderer, frame);
    return true;
}

bool renderer_read(struct renderer *renderer, AVFrame *frame, bool *ret_more, struct error *err)
{
    AVFrame *worked = mem_present(av_frame_alloc());
    bool more = true, right = true;
    while (right && more && worked->nb_samples == 0) {
        av_frame_unref(worked);
        right = read_worked(renderer, worked, &more, err);
    }
    if (right && more) {
        right = convert(renderer, renderer->last, worked, frame, renderer->options.format, err);
        renderer->given += frame->nb_samples;
    }
    av_frame_free(&worked);
    *ret_more = more;
    return right;
}

static bool measure(struct renderer *renderer, struct meter *meter, struct error *err)
{
    AVFrame *frame = mem_present(av_frame_alloc());
    bool more = true, right = true;
    while (right && more) {
        right = renderer_read(renderer, frame, &more, err);
        if (right && more &&
            !meter_add_samples(meter, (const float *)frame->data[0], (size_t)frame->nb_samples))
            mem_present(NULL);
        av_frame_unref(frame);
    }
    av_frame_free(&frame);
    return right;
}

double render_ceiling(void)
{
    return pow(10, TRUE_PEAK_CEILING / 20);
}

/* What the ceiling takes away is told: the clip is not what was asked for. */
static double gain_of(const struct audio *audio, sample_index start, struct meter *meter,
                      int centilufs)
{
    char place[MILLIS_TEXT_SIZE];
    double loudness = 0, peak = 0, target = centilufs / 100.0;
    if (!meter_result(meter, &loudness, &peak))
        return 1;
    double gain = pow(10, (target - loudness) / 20);
    if (gain * peak <= render_ceiling())
        return gain;
    gain = render_ceiling() / peak;
    double reached = loudness + 20 * log10(gain);
    if (target - reached >= AUDIBLE)
        log_warning(
            audio->log, "%s: the clip at %s has %.1f LUFS, not %.1f: its peaks are at %.0f dBTP",
            audio->source->name, millis_text(millis_of_samples(start, audio->info.rate), place),
            reached, target, TRUE_PEAK_CEILING);
    return gain;
}

/* NULL where `what` of the range cannot be measured. */
static struct meter *measured(struct audio *audio, sample_index start, sample_index end,
                              const struct render_options *plain, const char *what,
                              struct error *err)
{
    struct meter *meter =
        meter_create(plain->channels ? plain->channels : audio->info.channels, plain->rate);
    if (!meter) {
        error_set(err, ERROR_UNSUPPORTED, "%s: its %s cannot be measured at %d Hz",
                  audio->source->name, what, plain->rate);
        return NULL;
    }
    struct renderer *renderer = renderer_create(audio, start, end, plain, err);
    if (!renderer || !measure(renderer, meter, err)) {
        meter_destroy(meter);
        meter = NULL;
    }
    renderer_destroy(renderer);
    return meter;
}

bool render_gain(struct audio *audio, sample_index start, sample_index end,
                 const struct render_options *options, int centilufs, double *ret_gain,
                 struct error *err)
{
    struct render_options plain = *options;
    plain.format = AV_SAMPLE_FMT_FLT;
    plain.gain = 1;
    plain.fade = 0;
    plain.dither = false;
    struct meter *meter = measured(audio, start, end, &plain, "loudness", err);
    if (!meter)
        return false;
    *ret_gain = gain_of(audio, start, meter, centilufs);
    meter_destroy(meter);
    return true;
}

bool render_peak(struct audio *audio, double *ret_peak, struct error *err)
{
    const struct audio_info *info = audio_info(audio);
    const struct render_options plain = {
        .rate = info->rate, .format = AV_SAMPLE_FMT_FLT, .gain = 1};
    sample_index end = info->samples >= 0 ? info->samples : INT64_MAX;
    struct meter *meter = measured(audio, 0, end, &plain, "peaks", err);
    if (!meter)
        return false;
    double loudness = 0, peak = 0;
    *ret_peak = meter_result(meter, &loudness, &peak) ? peak : 0;
    meter_destroy(meter);
    return true;
}
