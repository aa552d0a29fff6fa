/* SPDX-License-Identifier: MIT */
/*
 * MP3 (and AAC in ADTS): chapters are frames of the ID3v2 tag at the beginning. ID3v1, APE and
 * Lyrics3 tags at the end are left alone, and so are all other frames.
 */
#include <string.h>

#include "chapters/container.h"
#include "chapters/mpeg.h"
#include "format/id3_chapters.h"
#include "format/mpeg.h"

/* Behind the frames of a tag that grows: room for a hundred chapters or so. Its size is such that
 * audio moves by whole blocks, which a file system can share. */
#define PADDING  16384
#define BLOCK    4096
#define MAX_TAIL 32

#define SERVER_LIMIT ((int64_t)4 << 20)

/* UTF-16, which Windows programs write, begins as a frame of layer I may. Half of the bytes of what
 * is in Latin letters and digits are zero; of a frame's, which are packed, some others are, too. */
static bool is_utf16(struct slice head)
{
    if (!slice_starts(head, SLICE("\xFF\xFE")) || head.size < 8)
        return false;
    for (size_t i = 2; i + 1 < 8; i += 2)
        if (!head.data[i] || head.data[i + 1])
            return false;
    return true;
}

static bool mp3_probe(struct slice head, bool after_id3)
{
    bool adts = head.size > 1 && (uint8_t)head.data[0] == 0xFF && (head.data[1] & 0xF6) == 0xF0;
    bool frame =
        head.size >= MPEG_HEADER_SIZE && mpeg_frame_size(mpeg_word((const uint8_t *)head.data)) > 0;
    return after_id3 || ((adts || frame) && !is_utf16(head));
}

static uint32_t little32(const uint8_t *data)
{
    return (uint32_t)data[3] << 24 | (uint32_t)data[2] << 16 | (uint32_t)data[1] << 8 | data[0];
}

static bool tail_is(struct source *source, int64_t end, int64_t back, const char *text,
                    uint8_t ret_data[static MAX_TAIL])
{
    return end >= back &&
           source_read_exactly(source, end - back, ret_data,
                               (size_t)(back < MAX_TAIL ? back : MAX_TAIL), NULL) &&
           memcmp(ret_data, text, strlen(text)) == 0;
}

/*
 * There may be several tags in a row, since some programs put theirs before whatever is there.
 * libavformat reads all of them. This takes the one at `offset`, if any, and moves on behind it.
 */
static bool take_tag(struct source *source, int64_t *offset, struct id3_tag *ret_tag)
{
    struct id3_tag tag;
    if (!id3_read(source, *offset, &tag, NULL))
        return false;
    if (!tag.file_size) {
        id3_tag_release(&tag);
        return false;
    }
    *offset += tag.file_size;
    *ret_tag = tag;
    return true;
}

/* Behind the tag that ends at `offset` and those that follow it. */
static int64_t audio_start(struct source *source, int64_t offset)
{
    int64_t size;
    while ((size = id3_size_at(source, offset)) > 0)
        offset += size;
    return offset < source->size ? offset : source->size;
}

/* Where the audio ends and the tags at the end begin. */
static int64_t audio_end(struct source *source, int64_t start)
{
    int64_t end = source->size;
    uint8_t data[MAX_TAIL];
    if (end - start >= 128 && tail_is(source, end, 128, "TAG", data))
        end -= 128;
    if (tail_is(source, end, 9, "LYRICS200", data) && tail_is(source, end, 15, "", data)) {
        struct slice digits = {(const char *)data, 6};
        int64_t size;
        if (slice_to_int64(digits, &size) && size > 0)
            end -= size + 15;
    }
    if (tail_is(source, end, 32, "APETAGEX", data))
        end -= (int64_t)little32(data + 12) + (little32(data + 20) & UINT32_C(0x80000000) ? 32 : 0);
    return end > start ? end : source->size;
}

static void find_table_faults(struct chapters *chapters, const struct id3_chapter_facts *facts)
{
    if (facts->chapters && !facts->tables)
        chapters_add_finding(
            chapters, FINDING_ERROR,
            "there is no table of contents (CTOC): Overcast and others show no chapters");
    else if (facts->lists_none)
        chapters_add_finding(
            chapters, FINDING_ERROR,
            "the table of contents (CTOC) lists none of the chapters: players show none");
    else if (facts->chapters && !facts->top_level)
        chapters_add_finding(chapters, FINDING_WARNING,
                             "no table of contents (CTOC) is marked as the top-level one");
    if (facts->miscounted)
        chapters_add_finding(
            chapters, FINDING_ERROR,
            "the table of contents (CTOC) counts its entries wrong: those behind the "
            "count are not shown");
    if (facts->dangling)
        chapters_add_finding(chapters, FINDING_ERROR,
                             "the table of contents names %zu chapters that are not there",
                             facts->dangling);
    if (facts->chapters - facts->unlisted > ID3_TABLE_MAX)
        chapters_add_finding(chapters, FINDING_WARNING,
                             "there are %zu chapters, over 255, in tables within the table of "
                             "contents: not every player looks into those",
                             facts->chapters);
    if (facts->unlisted)
        chapters_add_finding(chapters, FINDING_WARNING,
                             "%zu chapters are not in the table of contents: players hide them",
                             facts->unlisted);
}

static void find_faults(struct chapters *chapters, const struct id3_tag *tag,
                        const struct id3_chapter_facts *facts)
{
    find_table_faults(chapters, facts);
    if (facts->damaged)
        chapters_add_finding(chapters, FINDING_ERROR, "%zu CHAP frames cannot be read",
                             facts->damaged);
    if (facts->mistaken)
        chapters_add_finding(
            chapters, FINDING_ERROR,
            "%zu frames of the ID3v2.%d tag have sizes in the other version's way, as "
            "libavformat writes them: strict players see no chapters",
            facts->mistaken, (int)tag->version);
    if (facts->long_v24 && !facts->mistaken)
        chapters_add_finding(
            chapters, FINDING_WARNING,
            "%zu titles, links or pictures are longer than 127 bytes in an ID3v2.4 "
            "tag: FFmpeg up to version 5 loses those chapters; ID3v2.3 has no such "
            "limit",
            facts->long_v24);
    if (facts->utf8_latin1)
        chapters_add_finding(
            chapters, FINDING_ERROR,
            "%zu titles are stored as Latin-1 but hold UTF-8: they show as gibberish",
            facts->utf8_latin1);
    if (facts->not_latin1)
        chapters_add_finding(chapters, FINDING_ERROR,
                             "%zu titles are stored as Latin-1 but hold bytes that it has no signs "
                             "for (80 to 9F): they show wrong",
                             facts->not_latin1);
    if (facts->long_ids)
        chapters_add_finding(
            chapters, FINDING_WARNING,
            "%zu element ids are longer than 100 bytes: AntennaPod shows no chapters",
            facts->long_ids);
    if (tag->file_size > SERVER_LIMIT)
        chapters_add_finding(
            chapters, FINDING_WARNING,
            "the tag has %.1f MB: some directories refuse more than 4 MB, and players "
            "load all of it before they start",
            (double)tag->file_size / 1e6);
}

static millis duration(struct source *source, const struct id3_tag *tag)
{
    int64_t start = audio_start(source, tag->file_size);
    return mpeg_duration(source, start, audio_end(source, start));
}

/* The first tag's chapters are in `chapters`; where it has none, the next one's are put there. */
static void read_further(struct source *source, int64_t offset, struct chapters *chapters)
{
    struct id3_tag tag;
    size_t ignored = 0;
    while (take_tag(source, &offset, &tag)) {
        struct id3_chapter_facts facts;
        if (chapters->list.count) {
            ignored += id3_has_chapters(&tag);
        } else if (id3_has_chapters(&tag)) {
            id3_read_chapters(&tag, &chapters->list, &facts);
            find_faults(chapters, &tag, &facts);
            chapters_add_finding(chapters, FINDING_ERROR,
                                 "the chapters are in an ID3 tag behind the first one: many "
                                 "players read the first one only");
        }
        id3_tag_release(&tag);
    }
    if (ignored)
        chapters_add_finding(chapters, FINDING_WARNING,
                             "%zu further ID3 tags hold chapters: FFmpeg shows those too", ignored);
}

static bool mp3_read(struct source *source, struct chapters *chapters, struct error *err)
{
    struct id3_tag tag;
    struct id3_chapter_facts facts;
    if (!id3_read(source, 0, &tag, err))
        return false;
    id3_read_chapters(&tag, &chapters->list, &facts);
    chapters->duration = duration(source, &tag);
    find_faults(chapters, &tag, &facts);
    if (tag.file_size)
        read_further(source, tag.file_size, chapters);
    id3_tag_release(&tag);
    return true;
}

static size_t tag_content(const struct id3_tag *tag)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    id3_write(tag, 0, &out);
    size_t size = out.size;
    buffer_release(&out);
    return size;
}

/* The tag keeps its size where that is enough; else it grows by whole blocks. Junk must not get
 * more room behind it than it had: a frame that was cut off would seem to be whole. */
static size_t padding_for(const struct id3_tag *tag)
{
    if (tag->junk.size)
        return (size_t)tag->padding;
    int64_t content = (int64_t)tag_content(tag);
    if (content <= tag->file_size)
        return (size_t)(tag->file_size - content);
    int64_t grown = content + PADDING - tag->file_size;
    grown = (grown + BLOCK - 1) / BLOCK * BLOCK;
    return (size_t)(tag->file_size + grown - content);
}

/* The tag keeps its version, since other frames would change with it. */
static void warn_of_long_frames(struct source *source, const struct id3_tag *tag,
                                const struct log *log)
{
    struct chapter_list list;
    struct id3_chapter_facts facts;
    chapter_list_init(&list);
    id3_read_chapters(tag, &list, &facts);
    chapter_list_release(&list);
    if (facts.long_v24)
        log_warning(log,
                    "%s: has an ID3v2.4 tag: FFmpeg up to version 5 loses chapters with titles, "
                    "links or pictures of more than 127 bytes in it; there are %zu",
                    source->name, facts.long_v24);
}

/* A tag that has no chapters stays as it is for an empty list, and a file without one gets none. */
static bool plan_tag(struct source *source, struct id3_tag *tag, const struct chapter_list *list,
                     const struct log *log, struct patch *patch, struct error *err)
{
    if (!list->count && !id3_has_chapters(tag))
        return true;
    if (!id3_upgrade(tag, source->name, err))
        return false;
    id3_set_chapters(tag, list, duration(source, tag));
    warn_of_long_frames(source, tag, log);
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    bool fits = id3_write(tag, padding_for(tag), &out);
    if (fits)
        patch_replace(patch, 0, tag->file_size, buffer_slice(&out));
    else
        error_set(err, ERROR_UNSUPPORTED,
                  "%s: the chapters and their pictures are more than an ID3 tag can hold (256 MB)",
                  source->name);
    buffer_release(&out);
    return fits;
}

/* The chapters of further tags go: those that are written stand in the first one. */
static void plan_further(struct source *source, int64_t offset, struct patch *patch)
{
    struct chapter_list none;
    struct id3_tag tag;
    chapter_list_init(&none);
    for (int64_t start = offset; take_tag(source, &offset, &tag); start = offset) {
        struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
        if (id3_has_chapters(&tag)) {
            id3_set_chapters(&tag, &none, MILLIS_NONE);
            id3_write(&tag, padding_for(&tag), &out); /* it fits: it has become smaller */
            patch_replace(patch, start, tag.file_size, buffer_slice(&out));
        }
        buffer_release(&out);
        id3_tag_release(&tag);
    }
    chapter_list_release(&none);
}

static bool mp3_plan(struct source *source, const struct chapter_list *list,
                     const struct chapters_options *options, struct patch *patch, struct error *err)
{
    struct id3_tag tag;
    if (!id3_read(source, 0, &tag, err))
        return false;
    chapters_choose_version(&tag, options, source->name);
    bool planned = plan_tag(source, &tag, list, options->log, patch, err);
    if (planned && tag.file_size)
        plan_further(source, tag.file_size, patch);
    id3_tag_release(&tag);
    return planned;
}

const struct container mp3_container = {
    .name = "mp3",
    .holds = HOLDS_LINKS | HOLDS_PICTURES | HOLDS_HIDDEN,
    .probe = mp3_probe,
    .read = mp3_read,
    .plan = mp3_plan,
};
