/* SPDX-License-Identifier: MIT */
/*
 * A clip out of an episode: which way it goes, and what came of it.
 */
#include "audio/audio.h"

#include <string.h>

#include "audio/copy.h"
#include "audio/encode.h"
#include "audio/facts.h"
#include "audio/format.h"
#include "audio/mka.h"
#include "audio/verify.h"
#include "audio/verify_own.h"
#include "base/checked.h"

/* How a clip comes about. */
struct way {
    const char *extension;
    const struct encoding *encoding; /* NULL: by copying packets */
    bool lossless;                   /* encoded, but to the samples that the source has */
    bool (*cut)(struct audio *audio, const struct cut_range *range, struct output *output,
                struct cut_shape *ret_shape, struct error *err);
};

static bool wants_processing(const struct cut_options *options)
{
    return options->bitrate || options->quality || options->mono || options->rate ||
           options->fade || options->loudness_set;
}

/* The clip in the source's own codec. */
static struct way copy_way(const struct audio *audio)
{
    const struct audio_format *format = audio->format;
    const struct encoding *lossless = encoding_lossless(audio);
    if (!format->cut && lossless)
        return (struct way){encoding_extension(lossless), lossless, true, NULL};
    return (struct way){format->extension ? format->extension : copy_extension(audio), NULL, false,
                        format->cut ? format->cut : copy_cut};
}

static bool is_named(const char *format, const char *name)
{
    return format && strcmp(format, name) == 0;
}

static bool choose_way(const struct audio *audio, const struct cut_options *options,
                       struct way *ret_way, struct error *err)
{
    const char *format = is_named(options->format, "copy") ? NULL : options->format;
    bool processing = wants_processing(options);
    struct way copy = copy_way(audio);
    if (!processing && (!format || strcmp(format, copy.extension) == 0)) {
        *ret_way = copy;
        return true;
    }
    if (is_named(format, "mka")) {
        const struct encoding *lossless = encoding_lossless(audio);
        *ret_way = (struct way){"mka", lossless, lossless, lossless ? NULL : mka_cut};
        return !processing || error_set(err, ERROR_USAGE,
                                        "--format mka: such clips are copies, in which no option "
                                        "can change anything; try flac");
    }
    const struct encoding *encoding = format ? encoding_find(format) : encoding_of(audio);
    if (!encoding)
        return error_set(err, ERROR_USAGE, "there is no clip format named %s", format);
    *ret_way = (struct way){encoding_extension(encoding), encoding, false, NULL};
    return true;
}

const char *audio_clip_extension(const struct audio *audio, const struct cut_options *options,
                                 struct error *err)
{
    struct way way = {0};
    return choose_way(audio, options, &way, err) ? way.extension : NULL;
}

static int64_t micros(sample_index samples, int rate)
{
    int64_t scaled = INT64_MAX;
    (void)checked_scale(samples < 0 ? -samples : samples, 1000000, rate, &scaled);
    return scaled;
}

/* Where the clip is to end; the cut may have found out that the recording ends before. */
static sample_index end_of(const struct audio *audio, const struct cut_range *range)
{
    bool ends_before = audio->info.samples >= 0 && range->end > audio->info.samples;
    return ends_before ? audio->info.samples : range->end;
}

/* The larger one of the two ends. */
static int64_t error_of(const struct audio *audio, const struct cut_range *range,
                        const struct cut_shape *shape)
{
    sample_index end = shape->first + shape->samples;
    int64_t at_start = micros(shape->first - range->start, audio->info.rate);
    int64_t at_end = micros(end - end_of(audio, range), audio->info.rate);
    return at_start > at_end ? at_start : at_end;
}

/* What the cut says of itself. */
static void tell(const struct audio *audio, const struct cut_range *range,
                 const struct cut_shape *shape, struct cut_result *ret_result)
{
    bool whole =
        shape->first == range->start && shape->first + shape->samples == end_of(audio, range);
    *ret_result = (struct cut_result){
        .method = CUT_COPY,
        .codec = audio->info.codec,
        .samples = shape->samples,
        .exact = whole && !shape->altered,
        .error_micros = error_of(audio, range, shape),
    };
    if (!ret_result->exact)
        ret_result->why = shape->why;
}

/* What the check of the clip says against that. */
static void judge(const struct audio *audio, const struct cut_range *range,
                  const struct cut_shape *shape, const struct verdict *verdict,
                  struct cut_result *result)
{
    result->verified = true;
    result->max_diff = verdict->max_diff;
    result->samples = verdict->samples;
    if (verdict->samples != shape->samples) {
        struct cut_shape played = {.first = shape->first, .samples = verdict->samples};
        result->error_micros = error_of(audio, range, &played);
        result->exact = false;
        result->why = "the clip plays another number of samples than were cut";
    } else if (verdict->damaged) {
        result->exact = false;
        result->why = "the episode is damaged there";
    } else if (verdict->max_diff > 0) {
        result->exact = false;
        if (!result->why) /* what error_micros comes from says more */
            result->why = "the clip does not decode to the very samples of the episode";
    }
}

static bool copy(struct audio *audio, const struct cut_range *range, const struct way *way,
                 enum cut_verify verify, struct output *output, struct cut_result *ret_result,
                 struct error *err)
{
    struct cut_shape shape = {0};
    if (!way->cut(audio, range, output, &shape, err))
        return false;
    tell(audio, range, &shape, ret_result);
    if (verify == VERIFY_OFF)
        return true;
    struct verdict verdict;
    bool whole = verify == VERIFY_FULL || audio->format->verify_whole || way->cut == mka_cut;
    bool own = audio->format->verify_own && way->cut == audio->format->cut;
    if (!(own ? verify_own_cut : verify_cut)(audio, &shape, whole, output, &verdict, err))
        return false;
    judge(audio, range, &shape, &verdict, ret_result);
    return true;
}

/* Into another codec: exact is a clip that plays as many samples as the range has. */
static void judge_encoded(const struct verdict *verdict, sample_index samples, int rate,
                          struct cut_result *result)
{
    result->verified = true;
    result->samples = verdict->samples;
    result->exact = verdict->samples == samples && !verdict->damaged;
    result->error_micros = micros(verdict->samples - samples, rate);
    if (verdict->samples != samples)
        result->why = "the clip plays another number of samples than were encoded";
    else if (verdict->damaged)
        result->why = "the clip does not decode";
}

static bool encode(struct audio *audio, const struct cut_range *range, const struct way *way,
                   const struct cut_options *options, struct output *output,
                   struct cut_result *ret_result, struct error *err)
{
    sample_index samples = 0;
    int rate = 0;
    if (!encode_cut(audio, range, way->encoding, way->extension, options, output, &samples, &rate,
                    err))
        return false;
    *ret_result = (struct cut_result){
        .method = CUT_ENCODE,
        .codec = encoding_codec(way->encoding),
        .samples = samples,
        .exact = true,
    };
    if (options->verify == VERIFY_OFF)
        return true;
    struct verdict verdict;
    struct cut_shape shape = {.first = range->start, .samples = samples};
    if (way->lossless ? !verify_cut(audio, &shape, true, output, &verdict, err)
                      : !verify_count(output, &verdict, err))
        return false;
    if (way->lossless)
        judge(audio, range, &shape, &verdict, ret_result);
    else
        judge_encoded(&verdict, samples, rate, ret_result);
    return true;
}

/* What may be in the range behind the recording's end. */
static sample_index left_out(const struct audio *audio, sample_index wanted_end)
{
    sample_index past = audio->info.samples >= 0 ? wanted_end - audio->info.samples : 0;
    return past < 0 ? 0 : past < audio->beyond ? past : audio->beyond;
}

/* Where positions are not known to the sample nothing is exact. `end` is the range's, `wanted_end`
 * what was asked for. */
static void doubt(const struct audio *audio, sample_index end, sample_index wanted_end,
                  struct cut_result *result)
{
    const char *why = NULL;
    sample_index by = audio->doubt, lost = 0, beyond = left_out(audio, wanted_end);
    if (audio->doubt > 0)
        why = "the episode's container counts time more coarsely than in samples";
    if (audio->end_doubt > 0 && end == audio->info.samples) {
        why = "the episode's container says only about where it ends";
        by += audio->end_doubt;
    }
    if (end > audio->damaged) {
        why = "the episode is damaged before, and players disagree about the time from there on";
        lost = audio->lost;
    }
    if (beyond > 0)
        why = "the episode does not end where it says, and players disagree about its end";
    if (lost < beyond)
        lost = beyond;
    if (!why)
        return;
    result->exact = false;
    if (result->error_micros < micros(lost, audio->info.rate))
        result->error_micros = micros(lost, audio->info.rate);
    result->error_micros += micros(by, audio->info.rate);
    if (!result->why)
        result->why = why;
}

/* The copy is not what was asked for: what is to be done about it? */
static bool settle(struct audio *audio, const struct cut_range *range, const struct way *way,
                   const struct cut_options *options, struct output *output,
                   struct cut_result *result, struct error *err)
{
    const char *why = result->why ? result->why : "not all samples are those asked for";
    const struct encoding *encoding = encoding_of(audio);
    bool can_encode = strcmp(encoding_extension(encoding), way->extension) == 0;
    if (options->inexact == INEXACT_ENCODE && can_encode) {
        struct way instead = {way->extension, encoding, false, NULL};
        log_info(audio->log, "%s: encoded, because a copy is not exact: %s", audio->source->name,
                 why);
        return output_truncate(output, 0, err) &&
               encode(audio, range, &instead, options, output, result, err);
    }
    if (options->inexact != INEXACT_ALLOW)
        return error_set(err, ERROR_UNSUPPORTED, "%s: a copy is not exact: %s; try --format flac",
                         audio->source->name, why);
    log_info(audio->log, "%s: the copy is off by %.1f ms: %s", audio->source->name,
             (double)result->error_micros / 1000, why);
    return true;
}

static bool cut(struct audio *audio, const struct cut_range *range, sample_index wanted_end,
                const struct way *way, const struct cut_options *options, struct output *output,
                struct cut_result *ret_result, struct error *err)
{
    struct cut_result result;
    bool done = way->encoding ? encode(audio, range, way, options, output, &result, err)
                              : copy(audio, range, way, options->verify, output, &result, err);
    if (done)
        doubt(audio, range->end, wanted_end, &result);
    if (done && !result.exact && !way->encoding)
        done = settle(audio, range, way, options, output, &result, err);
    if (!done)
        return false;
    result.bytes = output_size(output);
    *ret_result = result;
    return true;
}

static bool begins_within(const struct audio *audio, sample_index start, struct error *err)
{
    return audio->info.samples < 0 || start < audio->info.samples ||
           error_set(err, ERROR_INPUT, "%s: ends before the clip begins", audio->source->name);
}

/* Proves what may be proved, which may show that the recording ends elsewhere than it says. */
static bool settle_range(struct audio *audio, struct cut_range *range, struct error *err)
{
    const struct audio_format *format = audio->format;
    if (!begins_within(audio, range->start, err) ||
        (range->prove && format->prove && !format->prove(audio, range, err)))
        return false;
    range->end = end_of(audio, range);
    return begins_within(audio, range->start, err);
}

bool audio_cut(struct audio *audio, sample_index start, sample_index end,
               const struct cut_options *options, const struct tags *tags, struct output *output,
               struct cut_result *ret_result, struct error *err)
{
    struct way way = {0};
    if (!choose_way(audio, options, &way, err))
        return false;
    struct chapter_list chapters;
    struct cut_range range = {
        .start = start,
        .end = end,
        .tags = tags,
        .chapters = &chapters,
        .prove = options->verify != VERIFY_OFF,
        .prove_all = options->verify == VERIFY_FULL,
    };
    if (!settle_range(audio, &range, err))
        return false;
    chapter_list_init(&chapters);
    facts_clip_chapters(audio, start, range.end, &chapters);
    bool done = cut(audio, &range, end, &way, options, output, ret_result, err);
    chapter_list_release(&chapters);
    return done;
}
