/* SPDX-License-Identifier: MIT */
#include "audio/pause.h"

#include <math.h>
#include <stdlib.h>

#include "audio/decode.h"
#include "audio/pcm.h"
#include "base/memory.h"

#define WINDOWS(ms) ((size_t)((ms) / PAUSE_STEP))

#define CONTEXT_MS       15000 /* of the clip, before the target */
#define LOUDEST_SHARE    5     /* the speech's level is that of the loudest fifth */
#define FLOOR_REACH      WINDOWS(4000)
#define FLOOR_SMOOTH     WINDOWS(50)
#define FLOOR_DEPTH      45.0F
#define QUIET_SHARE      0.3F /* of the way from the floor to the speech */
#define QUIET_LEAST      3.0F
#define QUIET_MOST       10.0F
#define SETTLED          2.0F
#define HIDING_DEPTH     30.0F
#define VOICE_BEFORE     WINDOWS(3000)
#define HIDDEN_TAIL      WINDOWS(80)
#define LEAST_DEPTH      6.0F
#define SHORTEST         WINDOWS(150)
#define BRIDGE           WINDOWS(20)
#define WORTH_DEPTH      40.0F
#define PHRASE_GAP       WINDOWS(30)
#define PHRASE_BREATH_MS 20

#define HIGH_PASS_HZ 300.0
#define SILENCE_DB   (-120.0F)

static int compare_levels(const void *a, const void *b)
{
    float left = *(const float *)a, right = *(const float *)b;
    return (left > right) - (left < right);
}

/* The mean of the loudest windows. */
static float speech_level(const float *levels, size_t count)
{
    float *sorted = mem_alloc_array(count, sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = levels[i];
    qsort(sorted, count, sizeof *sorted, compare_levels);
    size_t first = count - count / LOUDEST_SHARE - 1;
    double sum = 0;
    for (size_t i = first; i < count; i++)
        sum += (double)sorted[i];
    free(sorted);
    return (float)(sum / (double)(count - first));
}

/* Each level averaged with its neighbours over FLOOR_SMOOTH windows. */
static float *smoothed(const float *levels, size_t count)
{
    float *smooth = mem_alloc_array(count, sizeof *smooth);
    for (size_t i = 0; i < count; i++) {
        size_t from = i > FLOOR_SMOOTH / 2 ? i - FLOOR_SMOOTH / 2 : 0;
        size_t to = i + FLOOR_SMOOTH / 2 + 1 < count ? i + FLOOR_SMOOTH / 2 + 1 : count;
        float sum = 0;
        for (size_t k = from; k < to; k++)
            sum += levels[k];
        smooth[i] = sum / (float)(to - from);
    }
    return smooth;
}

static float floor_at(const float *smooth, size_t count, size_t i, float speech)
{
    size_t from = i > FLOOR_REACH ? i - FLOOR_REACH : 0;
    size_t to = i + FLOOR_REACH < count ? i + FLOOR_REACH : count;
    float least = smooth[i];
    for (size_t k = from; k < to; k++)
        if (smooth[k] < least)
            least = smooth[k];
    return least > speech - FLOOR_DEPTH ? least : speech - FLOOR_DEPTH;
}

/* Which windows are quiet; for free(). */
static bool *find_quiet(const float *levels, size_t count, float speech)
{
    bool *quiet = mem_alloc_array(count, sizeof *quiet);
    float *smooth = smoothed(levels, count);
    for (size_t i = 0; i < count; i++) {
        float floor = floor_at(smooth, count, i, speech);
        float rise = fminf(fmaxf((speech - floor) * QUIET_SHARE, QUIET_LEAST), QUIET_MOST);
        quiet[i] = levels[i] < floor + rise && levels[i] < speech - LEAST_DEPTH;
    }
    free(smooth);
    return quiet;
}

/* The end of the pause that begins at `first`, sounds of up to BRIDGE windows passed over. */
static size_t pause_after(const bool *quiet, size_t count, size_t first)
{
    size_t after = first;
    for (size_t i = first; i < count && i - after <= BRIDGE; i++)
        if (quiet[i])
            after = i + 1;
    return after;
}

static double worth(const float *levels, size_t first, size_t after, float speech)
{
    double sum = 0;
    for (size_t i = first; i < after; i++)
        sum += (double)fminf(fmaxf(speech - levels[i], 0), WORTH_DEPTH);
    return sum;
}

/* A word dies away below what is quiet for speech. The pause proper begins where 30 ms are about as
 * quiet as its middle half, and in its first half; what plays underneath may hide the last of the
 * word. */
static size_t pause_proper(const float *levels, size_t first, size_t after, float voice)
{
    size_t quarter = (after - first) / 4;
    float sum = 0;
    for (size_t i = first + quarter; i < after - quarter; i++)
        sum += levels[i];
    float middle = sum / (float)(after - first - 2 * quarter);
    size_t half = first + 2 * quarter, proper = first;
    while (proper < half &&
           (levels[proper] + levels[proper + 1] + levels[proper + 2]) / 3 >= middle + SETTLED)
        proper++;
    if (middle > voice - HIDING_DEPTH)
        proper += HIDDEN_TAIL;
    return proper < half ? proper : half;
}

/* How loud the voice is that ends at `first`: another may be much louder. */
static float voice_level(const float *levels, size_t first, float speech)
{
    size_t from = first > VOICE_BEFORE ? first - VOICE_BEFORE : 0;
    return first > from ? fminf(speech, speech_level(levels + from, first - from)) : speech;
}

static size_t distance(size_t a, size_t b)
{
    return a > b ? a - b : b - a;
}

bool pause_pick(const float *levels, size_t count, size_t from, size_t to, size_t target,
                size_t *ret_first, size_t *ret_after)
{
    if (count == 0)
        return false;
    float speech = speech_level(levels, count);
    bool *quiet = find_quiet(levels, count, speech);
    double best = 0;
    size_t best_first = 0, best_after = 0;
    for (size_t i = 0, after = 0; i < count && i<to; i = after> i ? after : i + 1) {
        after = quiet[i] ? pause_after(quiet, count, i) : i;
        if (i < from || after - i < SHORTEST)
            continue;
        double value = worth(levels, i, after, speech);
        if (value > best || (value == best && distance(i, target) < distance(best_first, target))) {
            best = value;
            best_first = i;
            best_after = after;
        }
    }
    free(quiet);
    if (best <= 0)
        return false;
    float voice = voice_level(levels, best_first, speech);
    *ret_first = pause_proper(levels, best_first, best_after, voice);
    *ret_after = best_after;
    return true;
}

bool pause_phrase(const float *levels, size_t count, size_t from, size_t at, size_t *ret_first)
{
    if (at >= count)
        return false;
    bool *quiet = find_quiet(levels, count, speech_level(levels, count));
    size_t first = at, run = 0;
    if (!quiet[at])
        for (size_t i = at; i > from && run < PHRASE_GAP; i--) {
            run = quiet[i - 1] ? run + 1 : 0;
            if (run == 0)
                first = i - 1;
        }
    free(quiet);
    if (run < PHRASE_GAP)
        return false;
    *ret_first = first;
    return true;
}

/* The energy of what passes a high-pass filter of first order, in steps of PAUSE_STEP. */
struct meter {
    int rate, channels;
    double keep;            /* of the filter: how much of the last output goes on */
    double *input, *passed; /* the last of each channel */
    sample_index start;     /* of step 0 */
    double *energy;
    size_t *samples;
    size_t steps;
};

static void meter_open(struct meter *meter, const struct audio_info *info, sample_index start,
                       sample_index end)
{
    size_t channels = (size_t)info->channels;
    size_t steps = (size_t)((end - start) * (1000 / PAUSE_STEP) / info->rate + 1);
    *meter = (struct meter){
        .rate = info->rate,
        .channels = info->channels,
        .keep = exp(-2 * M_PI * HIGH_PASS_HZ / info->rate),
        .input = mem_alloc_array(channels, sizeof(double)),
        .passed = mem_alloc_array(channels, sizeof(double)),
        .start = start,
        .energy = mem_alloc_array(steps, sizeof(double)),
        .samples = mem_alloc_array(steps, sizeof(size_t)),
        .steps = steps,
    };
}

static void meter_close(struct meter *meter)
{
    free(meter->input);
    free(meter->passed);
    free(meter->energy);
    free(meter->samples);
}

static void meter_add(struct meter *meter, sample_index position, const float *samples, int count)
{
    for (int i = 0; i < count; i++) {
        double sum = 0;
        for (int c = 0; c < meter->channels; c++) {
            double in = (double)*samples++;
            meter->passed[c] = meter->keep * (meter->passed[c] + in - meter->input[c]);
            meter->input[c] = in;
            sum += meter->passed[c] * meter->passed[c];
        }
        size_t step = (size_t)((position + i - meter->start) * (1000 / PAUSE_STEP) / meter->rate);
        if (step < meter->steps) {
            meter->energy[step] += sum / meter->channels;
            meter->samples[step]++;
        }
    }
}

/* Two steps make a window. */
static float *meter_levels(const struct meter *meter)
{
    float *levels = mem_alloc_array(meter->steps, sizeof *levels);
    for (size_t i = 0; i < meter->steps; i++) {
        size_t next = i + 1 < meter->steps && meter->samples[i + 1] ? i + 1 : i;
        size_t samples = meter->samples[i] + (next != i ? meter->samples[next] : 0);
        double energy = meter->energy[i] + (next != i ? meter->energy[next] : 0);
        double mean = samples ? energy / (double)samples : 0;
        levels[i] = mean > 0 ? (float)(10 * log10(mean)) : SILENCE_DB;
        if (levels[i] < SILENCE_DB)
            levels[i] = SILENCE_DB;
    }
    return levels;
}

/* The levels of [start, end); for free(). NULL on failure. */
static float *measure(struct audio *audio, sample_index start, sample_index end, size_t *ret_count,
                      struct error *err)
{
    struct decoder *decoder = decoder_create(audio, start, end, NULL, err);
    if (!decoder)
        return NULL;
    struct meter meter;
    meter_open(&meter, &audio->info, start, end);
    AVFrame *frame = mem_present(av_frame_alloc());
    float *samples = NULL, *levels = NULL;
    size_t capacity = 0;
    bool more = true, read;
    while ((read = decoder_read(decoder, frame, &more, err)) && more) {
        size_t size = (size_t)frame->nb_samples * (size_t)frame->ch_layout.nb_channels;
        samples = mem_grow(samples, &capacity, size, sizeof *samples);
        if (frame->ch_layout.nb_channels == meter.channels) {
            pcm_interleave(frame, samples);
            meter_add(&meter, frame->pts, samples, frame->nb_samples);
        }
        av_frame_unref(frame);
    }
    if (read) {
        levels = meter_levels(&meter);
        *ret_count = meter.steps;
    }
    free(samples);
    av_frame_free(&frame);
    meter_close(&meter);
    decoder_destroy(decoder);
    return levels;
}

static sample_index of_window(const struct audio *audio, size_t window)
{
    return (sample_index)window * audio->info.rate / (1000 / PAUSE_STEP);
}

static size_t window_of(const struct audio *audio, sample_index samples)
{
    return samples > 0 ? (size_t)(samples * (1000 / PAUSE_STEP) / audio->info.rate) : 0;
}

static sample_index later(sample_index a, sample_index b)
{
    return a > b ? a : b;
}

bool pause_find_end(struct audio *audio, sample_index start, sample_index target, millis snap,
                    sample_index *ret_end, bool *ret_found, struct error *err)
{
    int rate = audio->info.rate;
    sample_index reach = samples_of_millis(snap, rate), keep = samples_of_millis(PAUSE_KEEP, rate);
    sample_index first = later(start, target - samples_of_millis(CONTEXT_MS, rate));
    sample_index last = target + reach;
    if (audio->info.samples >= 0 && last > audio->info.samples)
        last = audio->info.samples;
    *ret_end = target;
    *ret_found = false;
    if (first >= last)
        return true;
    size_t count = 0, from = 0, after = 0;
    /* What lies behind the last place is listened to as well, to hear that a pause goes on. */
    float *levels = measure(audio, first, last + keep, &count, err);
    if (!levels)
        return false;
    size_t aim = window_of(audio, target - keep - first);
    if (pause_pick(levels, count, window_of(audio, target - reach - keep - first),
                   window_of(audio, last - keep - first), aim, &from, &after)) {
        *ret_end = first + of_window(audio, from) + keep;
        *ret_found = true;
    }
    free(levels);
    return true;
}

bool pause_find_start(struct audio *audio, sample_index start, millis snap, sample_index *ret_start,
                      struct error *err)
{
    int rate = audio->info.rate;
    sample_index reach = samples_of_millis(snap, rate);
    sample_index first = later(0, start - reach);
    size_t count = 0, begin = 0;
    float *levels = measure(audio, first, start + samples_of_millis(CONTEXT_MS, rate), &count, err);
    if (!levels)
        return false;
    *ret_start = start;
    if (pause_phrase(levels, count, 0, window_of(audio, start - first), &begin)) {
        sample_index breath = samples_of_millis(PHRASE_BREATH_MS, rate);
        *ret_start = later(first, first + of_window(audio, begin) - breath);
    }
    free(levels);
    return true;
}
