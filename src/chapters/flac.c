/* SPDX-License-Identifier: MIT */
/*
 * FLAC (RFC 9639): metadata blocks in front of the audio, each with a header of four bytes.
 * Chapters are comments; a cue sheet, which others write, is read where there are none. Blocks are
 * kept as they are but for the comments and the padding, which makes room for them.
 */
#include <string.h>

#include "chapters/comments.h"
#include "format/id3.h"

#define BLOCK_HEADER  4
#define MAX_BLOCK     ((size_t)0xFFFFFF)
#define NEW_PADDING   8192
#define FILE_BLOCK    4096
#define CUE_HEAD      396
#define CUE_TRACK     36
#define CUE_INDEX     12
#define LEAD_OUT      170
#define LEAD_OUT_DATA 255

enum block_type {
    STREAMINFO = 0,
    PADDING = 1,
    COMMENTS = 4,
    CUESHEET = 5,
};

struct block {
    int type;
    struct slice body;
};

struct flac {
    struct arena *arena; /* owned */
    int64_t start, end;  /* of the blocks in the file: behind "fLaC", before the audio */
    struct block *blocks;
    size_t count, capacity;
};

static bool flac_probe(struct slice head, bool after_id3)
{
    (void)after_id3;
    return slice_starts(head, SLICE("fLaC"));
}

static bool damaged(struct source *source, int64_t offset, struct error *err)
{
    return error_set(err, ERROR_INPUT, "%s: the FLAC metadata block at byte %lld is damaged",
                     source->name, (long long)offset);
}

static bool read_block(struct source *source, struct flac *flac, bool *ret_last, struct error *err)
{
    uint8_t head[BLOCK_HEADER];
    if (!source_read_exactly(source, flac->end, head, sizeof head, err))
        return false;
    size_t size = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    if ((head[0] & 0x7F) == 0x7F || (int64_t)size > source->size - flac->end - BLOCK_HEADER)
        return damaged(source, flac->end, err);
    char *data = arena_alloc(flac->arena, size + 1);
    if (!source_read_exactly(source, flac->end + BLOCK_HEADER, data, size, err))
        return false;
    flac->blocks = arena_grow(flac->arena, flac->blocks, &flac->capacity, flac->count + 1,
                              sizeof *flac->blocks);
    flac->blocks[flac->count++] = (struct block){head[0] & 0x7F, {data, size}};
    flac->end += BLOCK_HEADER + (int64_t)size;
    *ret_last = head[0] & 0x80;
    return true;
}

static bool open_flac(struct source *source, struct flac *ret_flac, struct error *err)
{
    uint8_t head[ID3_HEADER_SIZE];
    size_t got;
    if (!source_read(source, 0, head, sizeof head, &got, err))
        return false;
    struct flac flac = {.arena = arena_create()};
    flac.start = flac.end = id3_size(head, got) + 4;
    bool last = false, read = true;
    while (read && !last)
        read = read_block(source, &flac, &last, err);
    if (read && (flac.blocks[0].type != STREAMINFO || flac.blocks[0].body.size < 34))
        read = damaged(source, flac.start, err);
    if (read)
        *ret_flac = flac;
    else
        arena_destroy(flac.arena);
    return read;
}

static const struct block *find_block(const struct flac *flac, int type)
{
    for (size_t i = 0; i < flac->count; i++)
        if (flac->blocks[i].type == type)
            return &flac->blocks[i];
    return NULL;
}

static const uint8_t *bytes_at(struct slice bytes, size_t offset)
{
    return (const uint8_t *)bytes.data + offset;
}

/* RFC 9639, 8.2: 20 bits of sample rate, 36 bits of samples. */
static int sample_rate(const struct flac *flac)
{
    const uint8_t *data = bytes_at(flac->blocks[0].body, 10);
    return data[0] << 12 | data[1] << 4 | data[2] >> 4;
}

static millis duration(const struct flac *flac)
{
    const uint8_t *data = bytes_at(flac->blocks[0].body, 13);
    int64_t samples = (int64_t)(data[0] & 15) << 32 | (int64_t)data[1] << 24 |
                      (int64_t)data[2] << 16 | (int64_t)data[3] << 8 | data[4];
    int rate = sample_rate(flac);
    return samples && rate ? millis_of_samples(samples, rate) : MILLIS_NONE;
}

static uint64_t big64(const uint8_t *data)
{
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++)
        number = number << 8 | data[i];
    return number;
}

/* Each track but the lead-out is a chapter, without a title. It begins at its index 01. */
static void read_cuesheet(const struct flac *flac, struct slice body, struct chapters *chapters)
{
    int rate = sample_rate(flac);
    if (body.size < CUE_HEAD || !rate)
        return;
    size_t tracks = *bytes_at(body, CUE_HEAD - 1);
    body = slice_from(body, CUE_HEAD);
    for (size_t i = 0; i < tracks && body.size >= CUE_TRACK; i++) {
        uint64_t offset = big64(bytes_at(body, 0));
        uint8_t number = *bytes_at(body, 8);
        size_t indices = *bytes_at(body, CUE_TRACK - 1);
        body = slice_from(body, CUE_TRACK);
        for (size_t k = 0; k < indices && body.size >= CUE_INDEX; k++) {
            if (*bytes_at(body, 8) == 1)
                offset += big64(bytes_at(body, 0));
            body = slice_from(body, CUE_INDEX);
        }
        if (number == LEAD_OUT || number == LEAD_OUT_DATA || offset >= INT64_MAX / MILLIS_SECOND)
            continue;
        chapter_list_add(&chapters->list,
                         &(struct chapter){.start = millis_of_samples((int64_t)offset, rate),
                                           .end = MILLIS_NONE});
    }
}

static bool flac_read(struct source *source, struct chapters *chapters, struct error *err)
{
    struct flac flac;
    if (!open_flac(source, &flac, err))
        return false;
    const struct block *comments = find_block(&flac, COMMENTS);
    const struct block *cuesheet = find_block(&flac, CUESHEET);
    size_t size;
    if (comments && !comments_read(comments->body, chapters, &size))
        chapters_add_finding(chapters, FINDING_ERROR, "the comments are cut off");
    if (!chapters->list.count && cuesheet)
        read_cuesheet(&flac, cuesheet->body, chapters);
    comments_check(chapters);
    chapters->duration = duration(&flac);
    arena_destroy(flac.arena);
    return true;
}

static void append_block(struct buffer *out, int type, struct slice body)
{
    const uint8_t head[BLOCK_HEADER] = {(uint8_t)type, (uint8_t)(body.size >> 16),
                                        (uint8_t)(body.size >> 8), (uint8_t)body.size};
    buffer_append(out, head, sizeof head);
    buffer_append_slice(out, body);
}

/* As many padding blocks as it takes; `size` is 0 or at least a block header. */
static void append_padding(struct buffer *out, size_t size)
{
    while (size >= BLOCK_HEADER) {
        size_t body = size - BLOCK_HEADER;
        if (body > MAX_BLOCK)
            body = MAX_BLOCK - BLOCK_HEADER; /* so that what is left is a block too */
        const uint8_t head[BLOCK_HEADER] = {PADDING, (uint8_t)(body >> 16), (uint8_t)(body >> 8),
                                            (uint8_t)body};
        buffer_append(out, head, sizeof head);
        buffer_extend(out, body);
        size -= BLOCK_HEADER + body;
    }
}

/* What the blocks take up: as before where that holds them, and padding or nothing is left; else
 * more, by whole blocks of the file system. */
static size_t room_for(const struct flac *flac, size_t content)
{
    size_t room = (size_t)(flac->end - flac->start);
    if (content == room || content + BLOCK_HEADER <= room)
        return room;
    size_t growth = content + NEW_PADDING - room;
    return room + (growth + FILE_BLOCK - 1) / FILE_BLOCK * FILE_BLOCK;
}

/* All blocks but padding, the comments new, each header without the mark of the last one. */
static bool append_blocks(const struct flac *flac, const struct chapter_list *list,
                          const char *name, struct buffer *out, struct error *err)
{
    static const struct slice no_comments = {"\x09\0\0\0clipnotes\0\0\0\0", 17};
    struct buffer comments = BUFFER_INIT(BUFFER_UNBOUNDED);
    bool done = find_block(flac, COMMENTS) == NULL, whole = true;
    if (done)
        whole = comments_replace(no_comments, list, &comments);
    for (size_t i = 0; whole && i < flac->count; i++) {
        const struct block *block = &flac->blocks[i];
        if (block->type == COMMENTS && !done) {
            whole = comments_replace(block->body, list, &comments) && comments.size <= MAX_BLOCK;
            append_block(out, COMMENTS, buffer_slice(&comments));
            done = true;
        } else if (block->type != PADDING) {
            append_block(out, block->type, block->body);
        }
        if (i == 0 && !find_block(flac, COMMENTS) && list->count)
            append_block(out, COMMENTS, buffer_slice(&comments));
    }
    buffer_release(&comments);
    return whole || error_set(err, ERROR_INPUT, "%s: its comments are damaged or too large", name);
}

/* The last block is marked; it is found by walking over them. */
static void mark_last(struct buffer *out)
{
    size_t at = 0, last = 0;
    while (at < out->size) {
        const uint8_t *head = (const uint8_t *)out->data + at;
        last = at;
        at += BLOCK_HEADER + ((size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3]);
    }
    out->data[last] = (char)(out->data[last] | 0x80);
}

static bool has_chapter_comments(const struct flac *flac)
{
    const struct block *comments = find_block(flac, COMMENTS);
    struct chapters chapters = {0};
    size_t size;
    if (!comments)
        return false;
    chapter_list_init(&chapters.list);
    comments_read(comments->body, &chapters, &size);
    bool some = chapters.list.count > 0;
    chapters_release(&chapters);
    return some;
}

static bool plan_blocks(struct source *source, const struct flac *flac,
                        const struct chapter_list *list, struct patch *patch, struct error *err)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    bool built = append_blocks(flac, list, source->name, &out, err);
    if (built) {
        append_padding(&out, room_for(flac, out.size) - out.size);
        mark_last(&out);
        patch_replace(patch, flac->start, flac->end - flac->start, buffer_slice(&out));
    }
    buffer_release(&out);
    return built;
}

static bool flac_plan(struct source *source, const struct chapter_list *list,
                      const struct chapters_options *options, struct patch *patch,
                      struct error *err)
{
    struct flac flac;
    if (!comments_fit(list, source->name, err) || !open_flac(source, &flac, err))
        return false;
    bool planned = true;
    if (list->count || has_chapter_comments(&flac))
        planned = plan_blocks(source, &flac, list, patch, err);
    if (planned && find_block(&flac, CUESHEET))
        log_warning(options->log,
                    "%s: its cue sheet stays%s: metaflac --remove --block-type=CUESHEET "
                    "takes it out",
                    source->name,
                    list->count ? ", and FFmpeg shows it in the place of chapters" : "");
    arena_destroy(flac.arena);
    return planned;
}

const struct container flac_container = {
    .name = "flac",
    .holds = HOLDS_LINKS,
    .probe = flac_probe,
    .read = flac_read,
    .plan = flac_plan,
};
