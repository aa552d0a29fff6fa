/* SPDX-License-Identifier: MIT */
#include "audio/mp4.h"

#include <stdlib.h>
#include <string.h>

#include "audio/demux.h"
#include "base/checked.h"

#define MAX_MOOV   ((int64_t)512 << 20)
#define MAX_PACKET ((int64_t)16 << 20)

struct mp4 {
    struct arena *arena;
    char *moov; /* the box, as libavformat is to see it */
    int64_t moov_offset, moov_size;
    struct source *described;
    struct mp4_samples samples;
    struct mp4_edit edit;
    int64_t timescale;
    int64_t duration; /* that the track claims, in its own time */
    bool last_track;
};

/* The file with another moov of the same size. */
struct described_source {
    struct source source;
    struct source *file;
    const struct mp4 *mp4;
};

/* As much of a read as lies before, in or behind the moov. */
static size_t piece_of(const struct mp4 *mp4, int64_t offset, size_t size)
{
    int64_t end = mp4->moov_offset;
    if (offset >= end)
        end += mp4->moov_size;
    if (offset >= end)
        return size;
    return (uint64_t)(end - offset) < size ? (size_t)(end - offset) : size;
}

static bool described_read(struct source *source, int64_t offset, void *data, size_t size,
                           size_t *ret_size, struct error *err)
{
    const struct described_source *described = (struct described_source *)source;
    const struct mp4 *mp4 = described->mp4;
    size_t done = 0;
    while (done < size) {
        int64_t at = offset + (int64_t)done;
        size_t piece = piece_of(mp4, at, size - done), got = piece;
        char *to = (char *)data + done;
        if (at >= mp4->moov_offset && at < mp4->moov_offset + mp4->moov_size)
            memcpy(to, mp4->moov + (at - mp4->moov_offset), piece);
        else if (!source_read(described->file, at, to, piece, &got, err))
            return false;
        done += got;
        if (got < piece)
            break;
    }
    *ret_size = done;
    return true;
}

static void described_destroy(struct source *source)
{
    free(source);
}

static struct source *describe(struct source *file, const struct mp4 *mp4)
{
    static const struct source_class class = {.name = "described MP4",
                                              .read = described_read,
                                              .destroy = described_destroy,
                                              .window = 16 * 1024};
    struct described_source *described = mem_zalloc(sizeof *described);
    described->file = file;
    described->mp4 = mp4;
    source_init(&described->source, &class, file->name, file->size);
    return &described->source;
}

/* The first box of that type in the file. */
static bool find_box(struct source *source, const char *type, struct file_box *ret_box)
{
    int64_t offset = 0;
    struct file_box box;
    while (file_box_read(source, offset, &box)) {
        if (memcmp(box.type, type, 4) == 0) {
            *ret_box = box;
            return true;
        }
        if (!checked_add(offset, box.size, &offset))
            return false;
    }
    return false;
}

static bool read_moov(struct source *source, struct mp4 *mp4)
{
    struct file_box box;
    if (!find_box(source, "moov", &box) || box.size > MAX_MOOV ||
        box.size > source->size - box.offset)
        return false;
    source_expect(source, box.offset, box.size);
    mp4->moov = arena_alloc(mp4->arena, (size_t)box.size);
    mp4->moov_offset = box.offset;
    mp4->moov_size = box.size;
    return source_read_exactly(source, box.offset, mp4->moov, (size_t)box.size, NULL);
}

static struct slice moov_body(const struct mp4 *mp4)
{
    struct slice whole = {mp4->moov, (size_t)mp4->moov_size};
    struct box box;
    return box_take(&whole, &box) ? box.body : (struct slice){"", 0};
}

/* Codecs whose packets libavformat gives as they are stored. */
static bool is_known_codec(const struct track *track)
{
    static const char *const formats[] = {"mp4a", "alac", "fLaC"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(track->format, formats[i]) == 0)
            return true;
    return false;
}

/* The one sound track; NULL. */
static const struct track *find_track(struct mp4 *mp4)
{
    size_t count = 0;
    const struct track *tracks = tracks_read(mp4->arena, moov_body(mp4), &count), *found = NULL;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(tracks[i].handler, "soun") != 0)
            continue;
        if (found)
            return NULL;
        found = &tracks[i];
        mp4->last_track = i + 1 == count;
    }
    return found && is_known_codec(found) ? found : NULL;
}

/* The least of what the header of the media, the durations and the edit list say. */
static int64_t claimed_duration(const struct mp4 *mp4, const struct track *track)
{
    struct slice header = box_path(track->body, "mdia/mdhd");
    bool wide = header.size && header.data[0] == 1;
    uint64_t said = wide ? box_u64(header, 24) : box_u32(header, 16);
    int64_t duration = mp4->samples.time;
    if (said > 0 && said < (uint64_t)duration)
        duration = (int64_t)said;
    int64_t edited = mp4->edit.end - mp4->edit.start + mp4->edit.empty;
    return mp4->edit.is_there && edited < duration ? edited : duration;
}

static bool read_tables(struct mp4 *mp4, const struct track *track)
{
    uint32_t movie_timescale = 0;
    uint64_t movie_duration = 0;
    struct slice moov = moov_body(mp4);
    if (!movie_clock(moov, &movie_timescale, &movie_duration) || box_child(moov, "mvex").size ||
        !mp4_samples_read(track, &mp4->samples) ||
        !mp4_edit_read(track, movie_timescale, &mp4->edit) || mp4->edit.start >= mp4->samples.time)
        return false;
    mp4->timescale = track->timescale;
    mp4->duration = claimed_duration(mp4, track);
    return true;
}

/* libavformat takes a track without tables for one of a file in fragments, and does without. */
static void hide_tables(struct mp4 *mp4, const struct track *track)
{
    static const char *const tables[] = {"stts", "stsc", "stsz", "stz2", "stco", "co64", "stss"};
    struct slice rest = track->samples;
    struct box box;
    while (box_take(&rest, &box))
        for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
            if (box_is(&box, tables[i]))
                memcpy(mp4->moov + (box.whole.data + 4 - mp4->moov), "free", 4);
}

static struct mp4 *create(struct source *source)
{
    struct mp4 *mp4 = mem_zalloc(sizeof *mp4);
    mp4->arena = arena_create();
    const struct track *track = read_moov(source, mp4) ? find_track(mp4) : NULL;
    if (!track || !read_tables(mp4, track)) {
        mp4_audio_destroy(mp4);
        return NULL;
    }
    hide_tables(mp4, track);
    mp4->described = describe(source, mp4);
    return mp4;
}

bool mp4_audio_look(struct audio *audio, const uint8_t *head, size_t size)
{
    if (size >= 8 && memcmp(head + 4, "ftyp", 4) == 0) /* ISO/IEC 14496-12, 4.3: it stands first */
        audio->mp4 = create(audio->source);
    return audio->mp4 != NULL;
}

void mp4_audio_destroy(struct mp4 *mp4)
{
    if (!mp4)
        return;
    source_destroy(mp4->described);
    arena_destroy(mp4->arena);
    free(mp4);
}

struct source *mp4_audio_described(struct mp4 *mp4)
{
    return mp4->described;
}

/* What iTunes says that an encoder put in front: the second of its hexadecimal numbers, of which
 * there must be four. libavformat takes it for that of the file's last track, and where it is
 * sensible. */
static int64_t itunes_priming(const struct audio *audio)
{
    const AVDictionaryEntry *entry = av_dict_get(audio->demuxer->metadata, "iTunSMPB", NULL, 0);
    if (!entry || !audio->mp4->last_track || audio->codec->codec_id != AV_CODEC_ID_AAC)
        return 0;
    unsigned long numbers[4] = {0};
    char *text = entry->value;
    for (int i = 0; i < 4; i++) {
        char *end = NULL;
        numbers[i] = strtoul(text, &end, 16);
        if (end == text)
            return 0;
        text = end;
    }
    return numbers[1] < 16384 ? (int64_t)numbers[1] : 0;
}

static int64_t samples_of(const struct audio *audio, const struct mp4_state *state, int64_t time)
{
    int64_t samples = time;
    (void)checked_scale(time, audio->info.rate, state->timescale, &samples);
    return samples;
}

/* Whether a time of the track cannot say a sample. */
static bool times_are_coarse(const struct audio *audio)
{
    return audio->mp4->timescale % audio->info.rate != 0;
}

/* Where the packets begin and end that are used, and where sample 0 is. What stands more than a
 * second before the edit list's start no decoder needs. */
static void place(const struct audio *audio, struct mp4_state *state)
{
    const struct mp4 *mp4 = audio->mp4;
    struct mp4_sample first = {0};
    mp4_cursor_seek(state->samples, mp4->edit.start - state->timescale, &state->cursor);
    (void)mp4_cursor_next(&state->cursor, &first);
    state->origin = first.time;
    state->end = mp4->edit.end;
    int64_t priming = itunes_priming(audio);
    state->skipped = priming > 0 ? priming : mp4->edit.start - state->origin;
}

/* From the first of the used packets to the first that is not as long as they all should be. */
static void measure(struct audio *audio, const struct mp4_state *state)
{
    const struct mp4 *mp4 = audio->mp4;
    audio->info.samples = samples_of(audio, state, mp4->duration);
    if (!mp4->edit.is_there)
        audio->info.samples -= state->skipped;
    if (audio->info.samples < 0)
        audio->info.samples = 0;
    audio->info.duration = millis_of_samples(audio->info.samples, audio->info.rate);
    int64_t bits = mp4_samples_bytes(state->samples), bitrate = 0;
    if (mp4->duration > 0 && checked_multiply(bits, 8, &bits) &&
        checked_scale(bits, mp4->timescale, mp4->duration, &bitrate))
        audio->info.bitrate = bitrate;
    if (times_are_coarse(audio))
        audio->doubt = samples_of(audio, state, 1) + 1;
}

bool mp4_audio_open(struct audio *audio, int64_t body, struct error *err)
{
    (void)body;
    struct mp4_state *state = mem_zalloc(sizeof *state);
    audio->state = state;
    state->samples = &audio->mp4->samples;
    state->timescale = audio->mp4->timescale;
    if (!demux_open(audio, err) || !demux_look_closer(audio, err) || !demux_describe(audio, err))
        return false;
    place(audio, state);
    measure(audio, state);
    return true;
}

void mp4_audio_close(void *state)
{
    free(state);
}

static int64_t time_of(const struct audio *audio, sample_index position)
{
    const struct mp4_state *state = audio->state;
    int64_t time = 0;
    if (!checked_add(position, state->skipped, &position) ||
        !checked_scale(position, state->timescale, audio->info.rate, &time) || time > MP4_TIME_MAX)
        return MP4_TIME_MAX;
    return time < 0 ? state->origin : state->origin + time;
}

/* Of what a decoder is fed for that position. */
static int64_t time_before(const struct audio *audio, sample_index position)
{
    const struct mp4_state *state = audio->state;
    if (position < 2 * state->preroll)
        return state->origin;
    return time_of(audio, position - state->preroll);
}

bool mp4_audio_seek(struct audio *audio, sample_index position, struct error *err)
{
    struct mp4_state *state = audio->state;
    (void)err;
    mp4_cursor_seek(state->samples, time_before(audio, position), &state->cursor);
    return true;
}

static sample_index position_of(const struct audio *audio, const struct mp4_sample *sample)
{
    const struct mp4_state *state = audio->state;
    int64_t samples = samples_of(audio, state, sample->time - state->origin);
    if (state->grid > 0 && times_are_coarse(audio))
        samples = (samples + state->grid / 2) / state->grid * state->grid;
    return samples - state->skipped;
}

/* What the tables have and the file has not ends it. */
static bool read_packet(struct audio *audio, const struct mp4_sample *sample, AVPacket *packet,
                        bool *ret_more, struct error *err)
{
    *ret_more = sample->size <= MAX_PACKET && sample->offset <= audio->source->size &&
                sample->size <= audio->source->size - sample->offset;
    if (!*ret_more)
        return true;
    if (av_new_packet(packet, (int)sample->size) < 0)
        mem_present(NULL);
    return source_read_exactly(audio->source, sample->offset, packet->data, sample->size, err);
}

bool mp4_audio_next(struct audio *audio, AVPacket *packet, bool *ret_more, struct error *err)
{
    struct mp4_state *state = audio->state;
    struct mp4_sample sample = {0};
    *ret_more = false;
    do {
        if (!mp4_cursor_next(&state->cursor, &sample) || sample.time >= state->end)
            return true;
    } while (sample.size == 0);
    if (!read_packet(audio, &sample, packet, ret_more, err))
        return false;
    if (!*ret_more)
        return true;
    packet->pts = packet->dts = position_of(audio, &sample);
    packet->duration = state->grid > 0 ? state->grid : samples_of(audio, state, sample.duration);
    packet->flags |= AV_PKT_FLAG_KEY;
    return true;
}

void mp4_audio_find_gaps(struct audio *audio)
{
    const struct mp4_state *state = audio->state;
    struct mp4_cursor cursor;
    struct mp4_sample first = {0};
    mp4_cursor_seek(state->samples, 0, &cursor);
    (void)mp4_cursor_next(&cursor, &first);
    int64_t uneven = mp4_samples_uneven(state->samples);
    if (state->samples->count > 1 && samples_of(audio, state, first.duration) != state->grid)
        uneven = state->origin;
    if (uneven >= MP4_TIME_MAX)
        return;
    audio->damaged = samples_of(audio, state, uneven - state->origin) - state->skipped;
    mp4_cursor_seek(state->samples, uneven, &cursor);
    (void)mp4_cursor_next(&cursor, &first);
    sample_index lost = samples_of(audio, state, first.duration) - state->grid;
    audio->lost = lost < 0 ? -lost : lost;
}

void mp4_audio_find_end(struct audio *audio)
{
    const struct mp4_state *state = audio->state;
    struct mp4_cursor cursor;
    struct mp4_sample last;
    mp4_cursor_seek(state->samples, state->end - 1, &cursor);
    if (!mp4_cursor_next(&cursor, &last))
        return;
    sample_index end = position_of(audio, &last) + state->grid;
    if (end >= audio->info.samples) {
        audio->beyond = end - audio->info.samples;
        return;
    }
    audio->info.samples = end > 0 ? end : 0;
    audio->info.duration = millis_of_samples(audio->info.samples, audio->info.rate);
}

void mp4_audio_expect(struct audio *audio, const struct cut_range *range)
{
    const struct mp4_state *state = audio->state;
    struct mp4_cursor cursor;
    struct mp4_sample first, last;
    mp4_cursor_seek(state->samples, time_before(audio, range->start), &cursor);
    bool found = mp4_cursor_next(&cursor, &first);
    mp4_cursor_seek(state->samples, time_of(audio, range->end), &cursor);
    if (found && mp4_cursor_next(&cursor, &last) && last.offset > first.offset)
        source_expect(audio->source, first.offset, last.offset + last.size - first.offset);
}
