/* SPDX-License-Identifier: MIT */
/*
 * A clip out of an episode: which way it goes, and what came of it.
 */
#include "audio/audio.h"

#include <string.h>

#include "audio/copy.h"
#include "audio/facts.h"
#include "audio/format.h"
#include "audio/verify.h"
#include "base/checked.h"

static const char *own_extension(const struct audio *audio)
{
    return audio->format->extension ? audio->format->extension : copy_extension(audio);
}

/* Whether a clip is a copy of the source's packets. */
static bool is_copy(const struct audio *audio, const struct cut_options *options)
{
    if (options->bitrate || options->quality || options->mono || options->rate || options->fade ||
        options->loudness_set)
        return false;
    return !options->format || strcmp(options->format, "copy") == 0 ||
           strcmp(options->format, own_extension(audio)) == 0;
}

const char *audio_clip_extension(const struct audio *audio, const struct cut_options *options,
                                 struct error *err)
{
    if (is_copy(audio, options))
        return own_extension(audio);
    error_set(err, ERROR_UNSUPPORTED, "%s: clips cannot be encoded yet", audio->source->name);
    return NULL;
}

static int64_t micros(sample_index samples, int rate)
{
    int64_t scaled = INT64_MAX;
    (void)checked_scale(samples < 0 ? -samples : samples, 1000000, rate, &scaled);
    return scaled;
}

/* What the cut says of itself. */
static void tell(const struct audio *audio, const struct cut_range *range,
                 const struct cut_shape *shape, struct cut_result *ret_result)
{
    int64_t at_start = micros(shape->first - range->start, audio->info.rate);
    int64_t at_end = micros(shape->first + shape->samples - range->end, audio->info.rate);
    *ret_result = (struct cut_result){
        .method = CUT_COPY,
        .codec = audio->info.codec,
        .samples = shape->samples,
        .exact = shape->first == range->start && shape->samples == range->end - range->start,
        .error_micros = at_start > at_end ? at_start : at_end,
    };
    if (!ret_result->exact)
        ret_result->why = shape->why;
}

/* What the check of the clip says against that. */
static void judge(const struct audio *audio, const struct cut_shape *shape,
                  const struct verdict *verdict, struct cut_result *result)
{
    result->verified = true;
    result->max_diff = verdict->max_diff;
    result->samples = verdict->samples;
    if (verdict->samples != shape->samples) {
        int64_t off = micros(verdict->samples - shape->samples, audio->info.rate);
        result->exact = false;
        result->error_micros = off > result->error_micros ? off : result->error_micros;
        result->why = "the clip plays another number of samples than were cut";
    } else if (verdict->damaged) {
        result->exact = false;
        result->why = "the episode is damaged there";
    } else if (verdict->max_diff > 0) {
        result->exact = false;
        result->why = "the clip does not decode to the very samples of the episode";
    }
}

static bool copy(struct audio *audio, const struct cut_range *range,
                 const struct cut_options *options, struct output *output,
                 struct cut_result *ret_result, struct error *err)
{
    struct cut_shape shape = {0};
    const struct audio_format *format = audio->format;
    if (!(format->cut ? format->cut : copy_cut)(audio, range, output, &shape, err))
        return false;
    tell(audio, range, &shape, ret_result);
    ret_result->bytes = output_size(output);
    if (options->verify == VERIFY_OFF)
        return true;
    struct verdict verdict;
    bool whole = options->verify == VERIFY_FULL || format->verify_whole;
    if (!verify_cut(audio, &shape, whole, output, &verdict, err))
        return false;
    judge(audio, &shape, &verdict, ret_result);
    return true;
}

bool audio_cut(struct audio *audio, sample_index start, sample_index end,
               const struct cut_options *options, const struct tags *tags, struct output *output,
               struct cut_result *ret_result, struct error *err)
{
    if (!audio_clip_extension(audio, options, err))
        return false;
    if (audio->info.samples >= 0 && start >= audio->info.samples)
        return error_set(err, ERROR_INPUT, "%s: ends before the clip begins", audio->source->name);
    if (audio->info.samples >= 0 && end > audio->info.samples)
        end = audio->info.samples;
    struct chapter_list chapters;
    chapter_list_init(&chapters);
    facts_clip_chapters(audio, start, end, &chapters);
    struct cut_range range = {start, end, tags, &chapters};
    bool cut = copy(audio, &range, options, output, ret_result, err);
    chapter_list_release(&chapters);
    return cut;
}
