/* SPDX-License-Identifier: MIT */
/*
 * WAV (RIFF, RF64 and BW64; IBM and Microsoft, "Multimedia Programming Interface", 1991; EBU Tech
 * 3306): markers are cue points (cue ) with labels (LIST adtl), as editors read them, and chapters
 * of an ID3 tag in a chunk of its own (id3 ), which hold links and pictures too. We read the tag
 * where it has chapters, else the markers, and write both behind the audio, with room for more.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "chapters/container.h"
#include "format/id3_chapters.h"

#define RIFF_HEADER  12
#define CHUNK_HEADER 8
#define CUE_POINT    24
#define MAX_CHUNK    ((int64_t)256 << 20) /* of what is read into memory */
#define ROOM         8192
#define BLOCK        4096
#define NO_SIZE      0xFFFFFFFFu /* RF64: it stands in ds64 */

struct chunk {
    char type[5];
    int64_t offset; /* of its header */
    int64_t size;   /* of its body */
    int64_t end;    /* behind it and its padding byte */
};

struct wav {
    struct arena *arena; /* owned */
    bool large;          /* RF64: the file's size stands in ds64 */
    bool cut_off;        /* the audio is shorter than its chunk says */
    uint32_t rate, byte_rate;
    int64_t data_size;
    int64_t sizes;    /* the offset of ds64's body */
    int64_t said_end; /* where the file's header says that it ends */
    int64_t end;      /* of the chunks; what is behind them, such as an ID3v1 tag, stays there */
    struct chunk *chunks;
    size_t count, capacity;
    size_t tail; /* of the chunks: from here on all are ours to write anew */
};

static uint32_t little(const char *data)
{
    const uint8_t *bytes = (const uint8_t *)data;
    return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

static void append_little(struct buffer *out, uint64_t number)
{
    const uint8_t bytes[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                              (uint8_t)(number >> 24)};
    buffer_append(out, bytes, sizeof bytes);
}

static bool wav_probe(struct slice head, bool after_id3)
{
    bool riff = slice_starts(head, SLICE("RIFF")) || slice_starts(head, SLICE("RF64")) ||
                slice_starts(head, SLICE("BW64"));
    return !after_id3 && riff && slice_starts(slice_from(head, 8), SLICE("WAVE"));
}

static bool chunk_is(const struct chunk *chunk, const char *type)
{
    return memcmp(chunk->type, type, 4) == 0;
}

static bool is_room(const struct chunk *chunk)
{
    return chunk_is(chunk, "JUNK") || chunk_is(chunk, "PAD ") || chunk_is(chunk, "junk");
}

static bool is_tag(const struct chunk *chunk)
{
    return chunk_is(chunk, "id3 ") || chunk_is(chunk, "ID3 ");
}

/* The body of a chunk; empty where it is too large to be what it should be. */
static bool read_chunk(struct source *source, struct arena *arena, const struct chunk *chunk,
                       struct slice *ret_body, struct error *err)
{
    size_t size = chunk->size > MAX_CHUNK ? 0 : (size_t)chunk->size;
    char *data = arena_alloc(arena, size + 1);
    if (!source_read_exactly(source, chunk->offset + CHUNK_HEADER, data, size, err))
        return false;
    *ret_body = (struct slice){data, size};
    return true;
}

/* LIST is the name of many things: labels are of kind "adtl". */
static bool is_labels(struct source *source, const struct chunk *chunk)
{
    char kind[4];
    return chunk_is(chunk, "LIST") && chunk->size >= 4 &&
           source_read_exactly(source, chunk->offset + CHUNK_HEADER, kind, sizeof kind, NULL) &&
           memcmp(kind, "adtl", 4) == 0;
}

static bool is_ours(struct source *source, const struct chunk *chunk)
{
    return chunk_is(chunk, "cue ") || is_tag(chunk) || is_labels(source, chunk);
}

/* A size that is said, with room for adding to it. */
static int64_t said_size(uint64_t size)
{
    return size > INT64_MAX / 2 ? INT64_MAX / 2 : (int64_t)size;
}

static uint64_t little64(const char *data)
{
    return (uint64_t)little(data + 4) << 32 | little(data);
}

static void note_chunk(struct source *source, struct wav *wav, struct chunk *chunk)
{
    char data[28];
    size_t size = chunk->size < (int64_t)sizeof data ? (size_t)chunk->size : sizeof data;
    if (!source_read_exactly(source, chunk->offset + CHUNK_HEADER, data, size, NULL))
        return;
    if (chunk_is(chunk, "fmt ") && size >= 12) {
        wav->rate = little(data + 4);
        wav->byte_rate = little(data + 8);
    } else if (chunk_is(chunk, "ds64") && size >= 16) {
        wav->said_end = said_size(little64(data)) + CHUNK_HEADER;
        wav->sizes = chunk->offset + CHUNK_HEADER;
        wav->data_size = said_size(little64(data + 8));
    }
}

static bool chunk_at(struct source *source, int64_t offset, struct wav *wav,
                     struct chunk *ret_chunk)
{
    char head[CHUNK_HEADER];
    if (!source_read_exactly(source, offset, head, sizeof head, NULL))
        return false;
    struct chunk chunk = {.offset = offset, .size = little(head + 4)};
    memcpy(chunk.type, head, 4);
    if (chunk_is(&chunk, "data")) {
        if (chunk.size == NO_SIZE && wav->sizes)
            chunk.size = wav->data_size;
        if (chunk.size > source->size - offset - CHUNK_HEADER) {
            chunk.size = source->size - offset - CHUNK_HEADER;
            wav->cut_off = true;
        }
        wav->data_size = chunk.size;
    }
    if (chunk.size > source->size - offset - CHUNK_HEADER)
        return false;
    chunk.end = offset + CHUNK_HEADER + chunk.size + (chunk.size & 1);
    if (chunk.end > source->size)
        chunk.end = source->size;
    *ret_chunk = chunk;
    return true;
}

static bool open_wav(struct source *source, struct wav *ret_wav, struct error *err)
{
    char head[RIFF_HEADER];
    if (!source_read_exactly(source, 0, head, sizeof head, err))
        return false;
    struct wav wav = {
        .arena = arena_create(),
        .large = head[1] != 'I',
        .said_end = said_size(little(head + 4)) + CHUNK_HEADER,
        .end = RIFF_HEADER,
    };
    struct chunk chunk;
    for (int64_t offset = RIFF_HEADER; chunk_at(source, offset, &wav, &chunk); offset = chunk.end) {
        note_chunk(source, &wav, &chunk);
        wav.chunks =
            arena_grow(wav.arena, wav.chunks, &wav.capacity, wav.count + 1, sizeof *wav.chunks);
        wav.chunks[wav.count++] = chunk;
        wav.end = chunk.end;
    }
    if (!wav.rate || !wav.byte_rate || wav.rate > INT32_MAX) {
        arena_destroy(wav.arena);
        return error_set(err, ERROR_INPUT, "%s: the WAV file has no usable fmt chunk",
                         source->name);
    }
    wav.tail = wav.count;
    while (wav.tail > 0 &&
           (is_room(&wav.chunks[wav.tail - 1]) || is_ours(source, &wav.chunks[wav.tail - 1])))
        wav.tail--;
    *ret_wav = wav;
    return true;
}

struct reading {
    struct source *source;
    const struct wav *wav;
    struct chapters *chapters;
};

/* A cue point's number, and the chapter that it is. */
struct point {
    uint32_t id;
    size_t chapter;
};

static struct point *read_points(struct reading *reading, struct slice cue, size_t *ret_count)
{
    struct chapter_list *list = &reading->chapters->list;
    size_t said = cue.size >= 4 ? little(cue.data) : 0, held = cue.size / CUE_POINT;
    size_t count = said < held ? said : held;
    struct point *points = arena_alloc_array(list->arena, count, sizeof *points);
    for (size_t i = 0; i < count && 4 + (i + 1) * CUE_POINT <= cue.size; i++) {
        const char *point = cue.data + 4 + i * CUE_POINT;
        points[i] = (struct point){little(point), list->count};
        chapter_list_add(list, &(struct chapter){.start = millis_of_samples(
                                                     little(point + 20), (int)reading->wav->rate),
                                                 .end = MILLIS_NONE});
        *ret_count = i + 1;
    }
    return points;
}

static int compare_points(const void *a, const void *b)
{
    const struct point *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* labl: a number and a title. ltxt: a number and how many samples it lasts. */
static void read_label(struct reading *reading, const char *type, struct slice body,
                       const struct point *points, size_t count)
{
    struct point wanted = {.id = body.size >= 4 ? little(body.data) : 0};
    const struct point *point =
        body.size >= 4 && count ? bsearch(&wanted, points, count, sizeof *points, compare_points)
                                : NULL;
    if (!point)
        return;
    struct chapter *chapter = &reading->chapters->list.items[point->chapter];
    if (memcmp(type, "labl", 4) == 0 && !chapter->title) {
        struct slice text = slice_from(body, 4);
        text = slice_first(text, slice_find_byte(text, '\0'));
        char *valid = text_repair(text);
        chapter->title = arena_strdup(reading->chapters->list.arena, valid);
        free(valid);
    } else if (memcmp(type, "ltxt", 4) == 0 && body.size >= 8 && little(body.data + 4)) {
        chapter->end =
            chapter->start + millis_of_samples(little(body.data + 4), (int)reading->wav->rate);
    }
}

static void read_labels(struct reading *reading, struct slice list, struct point *points,
                        size_t count)
{
    if (count)
        qsort(points, count, sizeof *points, compare_points);
    list = slice_from(list, 4);
    while (list.size >= CHUNK_HEADER) {
        size_t size = little(list.data + 4);
        struct slice body = slice_first(slice_from(list, CHUNK_HEADER), size);
        read_label(reading, list.data, body, points, count);
        list = slice_from(slice_from(list, CHUNK_HEADER), body.size + (body.size & 1));
    }
}

static bool read_markers(struct reading *reading, struct error *err)
{
    const struct wav *wav = reading->wav;
    struct point *points = NULL;
    struct slice body;
    size_t count = 0;
    for (size_t i = 0; i < wav->count && !points; i++) {
        if (!chunk_is(&wav->chunks[i], "cue "))
            continue;
        if (!read_chunk(reading->source, wav->arena, &wav->chunks[i], &body, err))
            return false;
        points = read_points(reading, body, &count);
    }
    for (size_t i = 0; i < wav->count && points; i++) {
        if (!is_labels(reading->source, &wav->chunks[i]))
            continue;
        if (!read_chunk(reading->source, wav->arena, &wav->chunks[i], &body, err))
            return false;
        read_labels(reading, body, points, count);
    }
    return true;
}

/* The tag's chunk; NULL where there is none. */
static const struct chunk *tag_chunk(const struct wav *wav)
{
    for (size_t i = 0; i < wav->count; i++)
        if (is_tag(&wav->chunks[i]))
            return &wav->chunks[i];
    return NULL;
}

static bool read_tag(struct source *source, const struct wav *wav, struct id3_tag *ret_tag,
                     struct error *err)
{
    const struct chunk *chunk = tag_chunk(wav);
    if (chunk)
        return id3_read(source, chunk->offset + CHUNK_HEADER, ret_tag, err);
    id3_tag_init(ret_tag, ID3_V23);
    return true;
}

static millis duration(const struct wav *wav)
{
    int64_t millis_played = 0;
    if (wav->data_size / wav->byte_rate < MILLIS_MAX / MILLIS_SECOND)
        millis_played = wav->data_size / wav->byte_rate * MILLIS_SECOND +
                        wav->data_size % wav->byte_rate * MILLIS_SECOND / wav->byte_rate;
    return millis_played ? millis_played : MILLIS_NONE;
}

static bool wav_read(struct source *source, struct chapters *chapters, struct error *err)
{
    struct wav wav = {0};
    struct id3_tag tag;
    if (!open_wav(source, &wav, err))
        return false;
    struct reading reading = {source, &wav, chapters};
    bool read = read_tag(source, &wav, &tag, err);
    if (read) {
        id3_read_chapters(&tag, &chapters->list, NULL);
        if (!chapters->list.count)
            read = read_markers(&reading, err);
        id3_tag_release(&tag);
    }
    chapters->duration = duration(&wav);
    arena_destroy(wav.arena);
    return read;
}

static void append_chunk(struct buffer *out, const char *type, struct slice body)
{
    buffer_append(out, type, 4);
    append_little(out, body.size);
    buffer_append_slice(out, body);
    if (body.size & 1)
        buffer_append_byte(out, '\0');
}

/* Points are numbered from 0: libavformat takes their numbers and those of the tag's chapters,
 * which it counts from 0, for one. */
static void append_cue(struct buffer *out, const struct wav *wav, const struct chapter_list *list)
{
    struct buffer cue = BUFFER_INIT(BUFFER_UNBOUNDED);
    append_little(&cue, list->count);
    for (size_t i = 0; i < list->count; i++) {
        int64_t sample = samples_of_millis(list->items[i].start, (int)wav->rate);
        append_little(&cue, i);
        append_little(&cue, (uint64_t)sample);
        buffer_append_text(&cue, "data");
        append_little(&cue, 0);
        append_little(&cue, 0);
        append_little(&cue, (uint64_t)sample);
    }
    append_chunk(out, "cue ", buffer_slice(&cue));
    buffer_release(&cue);
}

static void append_labels(struct buffer *out, const struct chapter_list *list)
{
    struct buffer labels = BUFFER_INIT(BUFFER_UNBOUNDED), label = BUFFER_INIT(BUFFER_UNBOUNDED);
    buffer_append_text(&labels, "adtl");
    for (size_t i = 0; i < list->count; i++) {
        struct slice title = slice_of(list->items[i].title);
        append_little(&label, i);
        buffer_append_slice(&label, title);
        buffer_append_byte(&label, '\0');
        append_chunk(&labels, "labl", buffer_slice(&label));
        buffer_clear(&label);
    }
    append_chunk(out, "LIST", buffer_slice(&labels));
    buffer_release(&labels);
    buffer_release(&label);
}

/* The tag with its other frames; none where it would be empty. */
static bool append_tag(struct buffer *out, struct id3_tag *tag, const struct chapter_list *list,
                       const char *name, millis end, struct error *err)
{
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    bool written = id3_upgrade(tag, name, err);
    if (written)
        id3_set_chapters(tag, list, end);
    if (written && (tag->count || tag->junk.size)) {
        written = id3_write(tag, 0, &bytes) ||
                  error_set(err, ERROR_UNSUPPORTED,
                            "%s: the chapters and their pictures are more than an ID3 tag can hold",
                            name);
        if (written)
            append_chunk(out, "id3 ", buffer_slice(&bytes));
    }
    buffer_release(&bytes);
    return written;
}

/* What stands behind the audio: markers, labels, tag and a chunk of room. `held` bytes are there
 * now. At the end of a file there must be a block of room, or nothing is written in place. */
static void append_room(struct buffer *out, int64_t held)
{
    int64_t size = (int64_t)out->size;
    if (size == held)
        return;
    int64_t room = size + CHUNK_HEADER + BLOCK <= held ? held - size - CHUNK_HEADER : ROOM;
    buffer_append_text(out, "JUNK");
    append_little(out, (uint64_t)room);
    buffer_extend(out, (size_t)room);
}

/* The sizes that stand at the file's beginning. */
static bool patch_sizes(const struct wav *wav, const char *name, int64_t file_size,
                        struct patch *patch, struct error *err)
{
    struct buffer size = BUFFER_INIT(BUFFER_UNBOUNDED);
    int64_t riff = file_size - CHUNK_HEADER;
    if (!wav->large && riff > UINT32_MAX - 1)
        return error_set(err, ERROR_UNSUPPORTED, "%s: a WAV file cannot be larger than 4 GiB",
                         name);
    append_little(&size, (uint64_t)riff);
    if (wav->large) {
        append_little(&size, (uint64_t)riff >> 32);
        if (wav->sizes)
            patch_replace(patch, wav->sizes, 8, buffer_slice(&size));
    } else {
        patch_replace(patch, 4, 4, buffer_slice(&size));
    }
    buffer_release(&size);
    return true;
}

/* Old markers before the tail go; the tail is written anew. */
static bool plan_tail(struct source *source, const struct wav *wav, struct slice tail,
                      struct patch *patch, struct error *err)
{
    int64_t begin = wav->tail < wav->count ? wav->chunks[wav->tail].offset : wav->end;
    int64_t size = begin + (int64_t)tail.size;
    for (size_t i = 0; i < wav->tail; i++)
        if (is_ours(source, &wav->chunks[i]))
            size -= wav->chunks[i].end - wav->chunks[i].offset;
    if (begin & 1)
        size++; /* the audio's padding byte was left out */
    if (!patch_sizes(wav, source->name, size, patch, err))
        return false;
    for (size_t i = 0; i < wav->tail; i++)
        if (is_ours(source, &wav->chunks[i]))
            patch_replace(patch, wav->chunks[i].offset, wav->chunks[i].end - wav->chunks[i].offset,
                          SLICE(""));
    struct buffer whole = BUFFER_INIT(BUFFER_UNBOUNDED);
    if (begin & 1)
        buffer_append_byte(&whole, '\0');
    buffer_append_slice(&whole, tail);
    patch_replace(patch, begin, wav->end - begin, buffer_slice(&whole));
    buffer_release(&whole);
    return true;
}

static size_t count_tags(const struct wav *wav)
{
    size_t count = 0;
    for (size_t i = 0; i < wav->count; i++)
        count += is_tag(&wav->chunks[i]);
    return count;
}

static bool plan_chunks(struct source *source, const struct wav *wav,
                        const struct chapter_list *list, const struct chapters_options *options,
                        struct patch *patch, struct error *err)
{
    struct id3_tag tag;
    struct buffer tail = BUFFER_INIT(BUFFER_UNBOUNDED);
    int64_t begin = wav->tail < wav->count ? wav->chunks[wav->tail].offset : wav->end;
    if (count_tags(wav) > 1)
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: has %zu ID3 tags, of which only one would be kept; remove the others "
                         "first",
                         source->name, count_tags(wav));
    if (!read_tag(source, wav, &tag, err))
        return false;
    chapters_choose_version(&tag, options, source->name);
    if (list->count) {
        append_cue(&tail, wav, list);
        append_labels(&tail, list);
    }
    bool planned = append_tag(&tail, &tag, list, source->name, duration(wav), err);
    if (planned) {
        if (tail.size || begin < wav->end)
            append_room(&tail, wav->end - begin);
        planned = plan_tail(source, wav, buffer_slice(&tail), patch, err);
    }
    id3_tag_release(&tag);
    buffer_release(&tail);
    return planned;
}

static bool tag_has_chapters(struct source *source, const struct chunk *chunk)
{
    struct id3_tag tag;
    if (!id3_read(source, chunk->offset + CHUNK_HEADER, &tag, NULL))
        return false;
    bool some = id3_has_chapters(&tag);
    id3_tag_release(&tag);
    return some;
}

/* Has it anything to take out? */
static bool has_chapters(struct source *source, const struct wav *wav)
{
    for (size_t i = 0; i < wav->count; i++) {
        const struct chunk *chunk = &wav->chunks[i];
        if (is_tag(chunk) ? tag_has_chapters(source, chunk) : is_ours(source, chunk))
            return true;
    }
    return false;
}

static bool wav_plan(struct source *source, const struct chapter_list *list,
                     const struct chapters_options *options, struct patch *patch, struct error *err)
{
    struct wav wav = {0};
    if (!open_wav(source, &wav, err))
        return false;
    bool planned = true, ends = wav.end == source->size || wav.end == wav.said_end;
    if (wav.cut_off)
        planned = error_set(err, ERROR_INPUT,
                            "%s: its header says that there is more audio than there is; repair it "
                            "first, with: ffmpeg -i IN -c copy OUT.wav",
                            source->name);
    else if (!ends)
        planned = error_set(err, ERROR_INPUT, "%s: the chunk at byte %lld is damaged", source->name,
                            (long long)wav.end);
    else if (!wav.data_size) /* libavformat would play what we put behind it */
        planned = error_set(err, ERROR_INPUT, "%s: has no audio", source->name);
    else if (list->count || has_chapters(source, &wav))
        planned = plan_chunks(source, &wav, list, options, patch, err);
    arena_destroy(wav.arena);
    return planned;
}

const struct container wav_container = {
    .name = "wav",
    .holds = HOLDS_LINKS | HOLDS_PICTURES,
    .probe = wav_probe,
    .read = wav_read,
    .plan = wav_plan,
};
