/* SPDX-License-Identifier: MIT */
#include "recap/programme_work.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/pool.h"
#include "chapters/chapters.h"
#include "recap/inputs.h"

#define HIGHEST_RATE 48000
/* A channel, in bit/s: what was lossy already and is encoded once more needs room. */
#define MP3_BITRATE 96000

#define PART_NAME ".recap-without-chapters"

static void add_item(struct work *work, enum item_kind kind, size_t clip, char *path)
{
    work->items = mem_grow(work->items, &work->capacity, work->count + 1, sizeof *work->items);
    work->items[work->count++] =
        (struct item){.kind = kind, .clip = clip, .path = path, .err = ERROR_INIT};
}

bool programme_check(const struct programme_options *options, struct error *err)
{
    const struct {
        const char *option, *path;
    } around[] = {
        {"--intro", options->intro}, {"--between", options->between}, {"--outro", options->outro}};
    for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
        struct audio_info info = {0};
        if (around[i].path && !join_look(around[i].path, &info, err))
            return error_prefix(err, "%s", around[i].option);
    }
    return true;
}

/* In the order in which they are heard. */
static void list_items(struct work *work)
{
    const struct programme_options *options = work->options;
    if (options->intro)
        add_item(work, ITEM_INTRO, 0, mem_strdup(options->intro));
    size_t clips = 0;
    for (size_t i = 0; i < work->plan->clip_count; i++) {
        if (work->outcomes[i].status < CLIP_CUT)
            continue;
        if (clips++ && options->between)
            add_item(work, ITEM_BETWEEN, 0, mem_strdup(options->between));
        add_item(work, ITEM_CLIP, i, path_join(options->output, work->outcomes[i].file));
    }
    if (options->outro)
        add_item(work, ITEM_OUTRO, 0, mem_strdup(options->outro));
}

static void work_release(struct work *work)
{
    for (size_t i = 0; i < work->count; i++) {
        free(work->items[i].path);
        join_piece_release(&work->items[i].piece);
        error_release(&work->items[i].err);
    }
    free(work->items);
}

static int bitrate_of(const struct cut_options *cut, int channels)
{
    bool given = cut->bitrate || cut->quality || strcmp(cut->format, "mp3") != 0;
    return given ? cut->bitrate : channels * MP3_BITRATE;
}

/* Where nothing else is said, of speech. */
int64_t programme_bitrate(const struct programme_options *options, int channels)
{
    static const struct {
        const char *format;
        int bitrate; /* a channel */
    } usual[] = {
        {"m4a", 66000}, {"opus", 40000}, {"ogg", 75000}, {"flac", 680000}, {"wav", 1058400}};
    const struct cut_options *cut = &options->cut;
    channels = cut->mono || channels == 1 ? 1 : 2;
    int64_t bitrate = bitrate_of(cut, channels);
    for (size_t i = 0; i < sizeof usual / sizeof *usual && !bitrate; i++)
        if (strcmp(cut->format, usual[i].format) == 0)
            bitrate = (int64_t)channels * usual[i].bitrate;
    return bitrate;
}

/* How high true peaks may be before they are encoded, in hundredths of dBTP, so that none is heard
 * above -1: encoders move the samples about, and with them the peaks. Measured with speech and
 * music that were clipped, at 24 to 320 kbit/s. */
static int ceiling_of(const struct cut_options *cut)
{
    static const struct {
        const char *format;
        int ceiling;
    } ceilings[] = {{"flac", -110}, {"wav", -110}, {"mp3", -195}, {"m4a", -250}};
    for (size_t i = 0; i < sizeof ceilings / sizeof *ceilings; i++)
        if (strcmp(cut->format, ceilings[i].format) == 0)
            return ceilings[i].ceiling;
    return -200;
}

static millis fade_of(const struct cut_options *cut)
{
    return cut->fade ? cut->fade : PROGRAMME_FADE;
}

static int target_of(const struct cut_options *cut, int channels)
{
    if (cut->loudness_set)
        return cut->loudness_centilufs;
    return channels == 1 ? PROGRAMME_LUFS_MONO : PROGRAMME_LUFS_STEREO;
}

/* The programme is stereo where a recording is, and has the highest rate of the clips or what the
 * encoder makes of that: positions are counted in the samples that are heard. */
static bool choose_format(struct work *work, struct error *err)
{
    const struct cut_options *cut = &work->options->cut;
    int rate = 0, channels = 1;
    for (size_t i = 0; i < work->count; i++) {
        struct audio_info info = {0};
        if (!join_look(work->items[i].path, &info, err))
            return false;
        work->items[i].rate = info.rate;
        if (info.channels > 1)
            channels = 2;
        if (work->items[i].kind == ITEM_CLIP && info.rate > rate)
            rate = info.rate;
    }
    rate = rate < HIGHEST_RATE ? rate : HIGHEST_RATE;
    channels = cut->mono ? 1 : channels;
    work->format = (struct join_format){
        .rate = audio_encoding_rate(cut->format, cut->rate ? cut->rate : rate),
        .channels = channels,
        .fade = fade_of(cut),
        .gap = work->options->gap,
        .stop = work->options->stop,
        .loudness_set = true,
        .centilufs = target_of(cut, channels),
        .ceiling = ceiling_of(cut),
    };
    return true;
}

/* What is heard of a clip's file: the pads are handles for an editor, not part of the programme. A
 * copy of whole packets may play a little more than was cut: that is left out, too. */
static void choose_samples(const struct clip_outcome *outcome, int rate, sample_index *ret_first,
                           sample_index *ret_most)
{
    const struct range *range = &outcome->range;
    sample_index start = samples_of_millis(range_first(range), rate);
    *ret_first = start - samples_of_millis(range->start, rate);
    *ret_most = outcome->cut.samples > *ret_first ? outcome->cut.samples - *ret_first : -1;
    sample_index wanted = samples_of_millis(range_last(range), rate) - start;
    if (range->pad_after && (*ret_most < 0 || wanted < *ret_most))
        *ret_most = wanted;
}

static void measure_item(void *context, size_t i)
{
    struct work *work = context;
    struct item *item = &work->items[i];
    sample_index first = 0, most = -1;
    if (item->kind == ITEM_CLIP)
        choose_samples(&work->outcomes[item->clip], item->rate, &first, &most);
    join_measure(item->path, first, most, &work->format, work->options->log, &item->piece,
                 &item->err);
}

static bool measure(struct work *work, struct error *err)
{
    pool_run(work->options->jobs, work->count, measure_item, work);
    for (size_t i = 0; i < work->count; i++)
        if (error_is_set(&work->items[i].err)) {
            error_move(err, &work->items[i].err);
            return false;
        }
    return true;
}

/* The pieces, one behind the other with the gap between: `pieces` has room for both. */
static size_t list_pieces(const struct work *work, struct join_piece *pieces)
{
    size_t count = 0;
    for (size_t i = 0; i < work->count; i++) {
        if (i && work->options->gap)
            pieces[count++] = join_silence(work->options->gap, &work->format);
        pieces[count++] = work->items[i].piece;
    }
    return count;
}

void programme_place(struct programme *programme, const struct item *item,
                     struct programme_part part)
{
    static const char *const names[] = {
        [ITEM_INTRO] = "Intro", [ITEM_BETWEEN] = "Between", [ITEM_OUTRO] = "Outro"};
    part.clip = item->clip;
    if (item->kind == ITEM_CLIP)
        programme->parts[programme->part_count++] = part;
    else
        programme->around[programme->around_count++] =
            (struct programme_around){names[item->kind], mem_strdup(item->path), part};
}

void programme_forget_parts(struct programme *programme)
{
    for (size_t i = 0; i < programme->around_count; i++)
        free(programme->around[i].path);
    programme->part_count = programme->around_count = 0;
}

/* Where the items stand among the pieces, of which there is one for each. */
static void place_items(const struct work *work, const struct join_piece *pieces, size_t count,
                        struct programme *programme)
{
    const struct item *item = work->items;
    sample_index at = 0;
    for (size_t i = 0; i < count; at += pieces[i++].length) {
        if (!pieces[i].path)
            continue;
        programme_place(programme, item,
                        (struct programme_part){.start = at,
                                                .length = pieces[i].length,
                                                .gain = pieces[i].gain,
                                                .first = pieces[i].first,
                                                .rate = item->rate});
        item++;
    }
    programme->samples = at;
}

/* Far enough from what was asked for that somebody should know, in hundredths of a LU. */
#define FAR_OFF 50

static void balance(const struct work *work, struct join_piece *pieces, size_t count,
                    struct programme *programme)
{
    int target = programme->centilufs;
    programme->heard = join_balance(pieces, count, &work->format, &programme->reached);
    if (!programme->heard)
        return;
    if (abs(programme->reached - target) > FAR_OFF)
        log_warning(work->options->log,
                    "%s is at %.1f LUFS instead of %.1f: some of its clips are too quiet, or their "
                    "peaks too high, to be made as loud",
                    programme->file, programme->reached / 100.0, target / 100.0);
}

static void add_chapter(struct programme *programme, millis start, const char *title,
                        const char *link)
{
    chapter_list_add(
        &programme->chapters,
        &(struct chapter){.start = start, .end = MILLIS_NONE, .title = title, .link = link});
}

/* One a clip, where its first sample is, and for what stands before the first and behind the last.
 */
static void make_chapters(struct programme *programme, const struct plan *plan,
                          const struct programme_options *options)
{
    if (!programme->part_count)
        return;
    if (programme->parts[0].start > 0)
        add_chapter(programme, 0, "Intro", NULL);
    for (size_t i = 0; i < programme->part_count; i++) {
        const struct clip *clip = plan->clips[programme->parts[i].clip].clip;
        add_chapter(programme, millis_of_samples(programme->parts[i].start, programme->rate),
                    *clip->title ? clip->title : clip->label, clip->url);
    }
    const struct programme_part *last = &programme->parts[programme->part_count - 1];
    sample_index behind =
        last->start + last->length + samples_of_millis(options->gap, programme->rate);
    if (options->outro && behind < programme->samples)
        add_chapter(programme, millis_of_samples(behind, programme->rate), "Outro", NULL);
    struct chapter *items = programme->chapters.items;
    for (size_t i = 0; i < programme->chapters.count; i++)
        items[i].end = chapter_list_end(&programme->chapters, i, programme_duration(programme));
}

millis programme_duration(const struct programme *programme)
{
    return millis_of_samples(programme->samples, programme->rate);
}

static bool encode(const struct work *work, struct source *source,
                   const struct programme *programme, struct output *output, struct error *err)
{
    struct cut_options cut = work->options->cut;
    cut.loudness_set = false;
    cut.fade = 0;
    cut.mono = false;
    cut.bitrate = bitrate_of(&cut, programme->channels);
    cut.verify = VERIFY_OFF; /* the parts are proven, and an encoder's loss is not a fault */
    const struct notes *notes = work->plan->clips[programme->parts[0].clip].notes;
    char *title =
        mem_format("%s%sRecap", notes->title ? notes->title : "", notes->title ? ": " : "");
    const struct tags tags = {
        .title = title,
        .artist = notes->show,
        .album = notes->show,
        .date = notes->date,
    };
    struct cut_result result;
    struct audio *audio = audio_open(source, work->options->log, err);
    bool done = audio && audio_cut(audio, 0, programme->samples, &cut, &tags, output, &result, err);
    audio_destroy(audio);
    free(title);
    return done;
}

/* The recap without its chapters, as a file of its own: they are put in by the module that knows
 * how every player wants them, which takes a file. */
static bool write_sound(const struct work *work, const struct join_piece *pieces, size_t count,
                        const struct programme *programme, const char *path, struct error *err)
{
    struct output *output = output_create(path, err);
    if (!output)
        return false;
    struct source *source = join_open(pieces, count, &work->format, work->options->log);
    bool done = encode(work, source, programme, output, err);
    source_destroy(source);
    if (done)
        return output_commit(output, err);
    output_destroy(output);
    return false;
}

/* Formats that hold no chapters get along without. */
static bool put_chapters(const struct work *work, const struct programme *programme,
                         const char *part, const char *path, struct error *err)
{
    const struct chapters_options options = {.log = work->options->log};
    enum chapters_way way;
    struct error reason = ERROR_INIT;
    bool written = chapters_write(part, &programme->chapters, &options, path, &way, &reason);
    if (written) {
        remove(part);
        return true;
    }
    if (reason.kind != ERROR_UNSUPPORTED) {
        remove(part);
        error_move(err, &reason);
        return false;
    }
    error_release(&reason);
    if (rename(part, path) != 0)
        return error_set_errno(err, errno, "%s: cannot be written", path);
    return true;
}

static bool make(const struct work *work, struct programme *programme, struct error *err)
{
    char *path = path_join(work->options->output, programme->file);
    char *name = mem_format("%s.%s", PART_NAME, work->options->cut.format);
    char *part = path_join(work->options->output, name);
    struct join_piece *pieces = mem_alloc_array(2 * work->count, sizeof *pieces);
    size_t count = list_pieces(work, pieces);
    balance(work, pieces, count, programme);
    place_items(work, pieces, count, programme);
    make_chapters(programme, work->plan, work->options);
    bool done = write_sound(work, pieces, count, programme, part, err) &&
                put_chapters(work, programme, part, path, err) &&
                record_hash_file(path, programme->sha256, &programme->bytes, err);
    free(pieces);
    free(part);
    free(name);
    free(path);
    return done;
}

static bool keep(const struct work *work, struct programme *programme)
{
    if (!programme_recall(work, programme))
        return false;
    make_chapters(programme, work->plan, work->options);
    return true;
}

/* The recap of one season may be another's intro, but not its own. */
static bool may_write(const struct work *work, const struct programme *programme, struct error *err)
{
    struct inputs inputs = {0};
    for (size_t i = 0; i < work->count; i++)
        inputs_add(&inputs, work->items[i].path);
    char *path = path_join(work->options->output, programme->file);
    bool allowed = inputs_allow(&inputs, path, err);
    free(path);
    inputs_release(&inputs);
    return allowed;
}

static bool make_anew(struct work *work, struct programme *programme, struct error *err)
{
    if (!may_write(work, programme, err) || !choose_format(work, err) || !measure(work, err))
        return false;
    programme->rate = work->format.rate;
    programme->channels = work->format.channels;
    programme->centilufs = work->format.centilufs;
    if (!make(work, programme, err) || !programme_remember(programme, work->options->record, err))
        return false;
    programme->status = CLIP_CUT;
    return true;
}

static void begin(struct work *work, struct programme *ret_programme)
{
    const struct programme_options *options = work->options;
    *ret_programme = (struct programme){.status = CLIP_FAILED, .fade = fade_of(&options->cut)};
    chapter_list_init(&ret_programme->chapters);
    list_items(work);
    ret_programme->file = mem_format("recap.%s", options->cut.format);
    ret_programme->parts = mem_alloc_array(work->count, sizeof *ret_programme->parts);
    ret_programme->around = mem_alloc_array(work->count, sizeof *ret_programme->around);
    programme_key(work, ret_programme->key);
}

static bool end(struct work *work, struct programme *programme, bool done)
{
    work_release(work);
    if (!done) {
        programme_release(programme);
        programme->status = CLIP_FAILED;
    }
    return done;
}

bool programme_find(const struct plan *plan, const struct clip_outcome *outcomes,
                    const struct programme_options *options, struct programme *ret_programme)
{
    struct work work = {.plan = plan, .outcomes = outcomes, .options = options};
    begin(&work, ret_programme);
    return end(&work, ret_programme, options->record && keep(&work, ret_programme));
}

bool programme_make(const struct plan *plan, const struct clip_outcome *outcomes,
                    const struct programme_options *options, struct programme *ret_programme,
                    struct error *err)
{
    struct work work = {.plan = plan, .outcomes = outcomes, .options = options};
    begin(&work, ret_programme);
    bool done = keep(&work, ret_programme) || make_anew(&work, ret_programme, err);
    return end(&work, ret_programme, done);
}

void programme_release(struct programme *programme)
{
    programme_forget_parts(programme);
    free(programme->parts);
    free(programme->around);
    free(programme->file);
    chapter_list_release(&programme->chapters);
    *programme = (struct programme){0};
}
