/* SPDX-License-Identifier: MIT */
/*
 * Ogg (RFC 3533) with Opus (RFC 7845), Vorbis or FLAC in it: chapters are comments in the second
 * packet. The pages of the header packets are written anew, as many as there were where that is
 * possible: then no page of audio changes. Else the audio pages get new numbers and checksums, and
 * nothing more. Packets and granule positions stay as they are.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "chapters/comments.h"

#define PAGE_HEADER     27
#define MAX_SEGMENTS    255
#define MAX_SEGMENT     255
#define MAX_HEADERS     ((size_t)64 << 20) /* of all header packets; covers are in the comments */
#define MAX_PACKETS     128
#define NEW_PADDING     4096
#define TAIL            ((int64_t)256 * 1024)
#define FLAG_CONTINUED  1
#define FLAG_BEGINNING  2
#define FLAG_END        4
#define NO_GRANULE      UINT64_MAX /* no packet ends on the page */
#define SEQUENCE_OFFSET 18
#define CHECKSUM_OFFSET 22

enum codec {
    OPUS,
    VORBIS,
    FLAC,
};

struct page {
    int64_t offset;
    uint8_t flags;
    uint64_t granule;
    uint32_t serial, sequence;
    size_t segments;
    uint8_t lacing[MAX_SEGMENTS];
    int64_t header_size, body_size;
};

struct ogg {
    enum codec codec;
    uint32_t serial, sequence; /* of the page behind the first */
    int64_t start, end;        /* of the pages that hold the header packets behind the first one */
    size_t pages;
    struct buffer first;                /* the identification packet */
    struct buffer packets[MAX_PACKETS]; /* the others; comments are number 0 */
    size_t packet_count;
    bool several; /* streams beside one another */
};

static uint64_t little(const uint8_t *data, size_t size)
{
    uint64_t number = 0;
    for (size_t i = size; i-- > 0;)
        number = number << 8 | data[i];
    return number;
}

static void put_little32(uint8_t *data, uint32_t number)
{
    for (size_t i = 0; i < 4; i++)
        data[i] = (uint8_t)(number >> (8 * i));
}

/* RFC 3533, section 6: polynomial 0x04C11DB7, no reflection, from 0, over the page with this field
 * zero. */
static uint32_t checksum(uint32_t sum, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        sum ^= (uint32_t)data[i] << 24;
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 0x80000000 ? sum << 1 ^ 0x04C11DB7 : sum << 1;
    }
    return sum;
}

static bool page_at(struct source *source, int64_t offset, struct page *ret_page)
{
    const uint8_t *data;
    size_t size;
    if (!source_view(source, offset, PAGE_HEADER + MAX_SEGMENTS, &data, &size, NULL) ||
        size < PAGE_HEADER || memcmp(data, "OggS", 4) != 0 || size < PAGE_HEADER + (size_t)data[26])
        return false;
    struct page page = {
        .offset = offset,
        .flags = data[5],
        .granule = little(data + 6, 8),
        .serial = (uint32_t)little(data + 14, 4),
        .sequence = (uint32_t)little(data + SEQUENCE_OFFSET, 4),
        .segments = data[26],
        .header_size = PAGE_HEADER + data[26],
    };
    memcpy(page.lacing, data + PAGE_HEADER, page.segments);
    for (size_t i = 0; i < page.segments; i++)
        page.body_size += page.lacing[i];
    if (page.body_size > source->size - offset - page.header_size)
        return false;
    *ret_page = page;
    return true;
}

static int64_t behind(const struct page *page)
{
    return page->offset + page->header_size + page->body_size;
}

static bool ogg_probe(struct slice head, bool after_id3)
{
    (void)after_id3;
    return slice_starts(head, SLICE("OggS"));
}

static bool recognise(struct slice packet, enum codec *ret_codec)
{
    static const struct {
        struct slice signature;
        size_t size;
        enum codec codec;
    } kinds[] = {
        {{"OpusHead", 8}, 19, OPUS},
        {{"\1vorbis", 7}, 30, VORBIS},
        {{"\x7F"
          "FLAC",
          5},
         51,
         FLAC},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (slice_starts(packet, kinds[i].signature) && packet.size >= kinds[i].size) {
            *ret_codec = kinds[i].codec;
            return true;
        }
    }
    return false;
}

/* What stands before the comments in their packet, and is kept. */
static size_t comments_offset(enum codec codec)
{
    return codec == OPUS ? 8 : codec == VORBIS ? 7 : 4;
}

static bool is_comment_packet(enum codec codec, struct slice packet)
{
    if (codec == FLAC)
        return packet.size >= 4 && (packet.data[0] & 0x7F) == 4;
    return slice_starts(packet, codec == OPUS ? SLICE("OpusTags") : SLICE("\3vorbis"));
}

/* Is the header complete with the packets that we have? */
static bool headers_done(const struct ogg *ogg)
{
    if (!ogg->packet_count)
        return false;
    if (ogg->codec == FLAC)
        return ogg->packets[ogg->packet_count - 1].size &&
               (ogg->packets[ogg->packet_count - 1].data[0] & 0x80);
    return ogg->packet_count == (ogg->codec == VORBIS ? 2 : 1);
}

static void ogg_close(struct ogg *ogg)
{
    buffer_release(&ogg->first);
    for (size_t i = 0; i < MAX_PACKETS; i++)
        buffer_release(&ogg->packets[i]);
    free(ogg);
}

static bool headers_damaged(struct source *source, int64_t offset, struct error *err)
{
    return error_set(err, ERROR_INPUT, "%s: the headers of the Ogg stream are damaged at byte %lld",
                     source->name, (long long)offset);
}

/* Adds what a page holds to the packet that is being read; a packet that ends makes room for the
 * next. */
static bool take_page(struct source *source, const struct page *page, struct ogg *ogg,
                      bool *open_packet, struct error *err)
{
    int64_t at = page->offset + page->header_size;
    for (size_t i = 0; i < page->segments; i++) {
        if (ogg->packet_count == MAX_PACKETS || (!*open_packet && headers_done(ogg)))
            return headers_damaged(source, page->offset, err);
        struct buffer *packet = &ogg->packets[ogg->packet_count];
        char *room = buffer_extend(packet, page->lacing[i]);
        if (!room)
            return headers_damaged(source, page->offset, err);
        if (!source_read_exactly(source, at, room, page->lacing[i], err))
            return false;
        at += page->lacing[i];
        *open_packet = page->lacing[i] == MAX_SEGMENT;
        ogg->packet_count += !*open_packet;
    }
    return true;
}

static bool read_first(struct source *source, struct ogg *ogg, struct page *ret_page,
                       struct error *err)
{
    struct page page = {0};
    if (!page_at(source, 0, &page))
        return headers_damaged(source, 0, err);
    char *data = buffer_extend(&ogg->first, (size_t)page.body_size);
    if (!source_read_exactly(source, page.header_size, data, (size_t)page.body_size, err))
        return false;
    if (!recognise(buffer_slice(&ogg->first), &ogg->codec))
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: chapters are held by Ogg Opus, Vorbis and FLAC only", source->name);
    ogg->serial = page.serial;
    *ret_page = page;
    return true;
}

static bool read_headers(struct source *source, struct ogg *ogg, struct error *err)
{
    struct page page = {0};
    if (!read_first(source, ogg, &page, err))
        return false;
    bool open_packet = false;
    for (int64_t offset = behind(&page); open_packet || !headers_done(ogg);
         offset = behind(&page)) {
        if (!page_at(source, offset, &page))
            return headers_damaged(source, offset, err);
        if (page.flags & FLAG_BEGINNING || page.serial != ogg->serial) {
            ogg->several = true;
            if (ogg->pages)
                return headers_damaged(source, offset, err);
            continue;
        }
        if (!ogg->pages++) {
            ogg->start = offset;
            ogg->sequence = page.sequence;
        }
        if (!take_page(source, &page, ogg, &open_packet, err))
            return false;
        ogg->end = behind(&page);
    }
    if (!is_comment_packet(ogg->codec, buffer_slice(&ogg->packets[0])))
        return headers_damaged(source, ogg->start, err);
    return true;
}

static struct ogg *ogg_open(struct source *source, struct error *err)
{
    struct ogg *ogg = mem_zalloc(sizeof *ogg);
    ogg->first = (struct buffer)BUFFER_INIT(MAX_HEADERS);
    for (size_t i = 0; i < MAX_PACKETS; i++)
        ogg->packets[i] = (struct buffer)BUFFER_INIT(MAX_HEADERS);
    if (read_headers(source, ogg, err))
        return ogg;
    ogg_close(ogg);
    return NULL;
}

/* The granule position of the stream's last page on which a packet ends; 0 where none is found. */
static uint64_t last_granule(struct source *source, uint32_t serial)
{
    int64_t from = source->size > TAIL ? source->size - TAIL : 0;
    uint64_t granule = 0;
    struct page page = {0};
    const uint8_t *data;
    size_t size;
    while (source_view(source, from, 4, &data, &size, NULL) && size >= 4) {
        if (page_at(source, from, &page)) {
            if (page.serial == serial && page.granule != NO_GRANULE)
                granule = page.granule;
            from = behind(&page);
        } else {
            from++;
        }
    }
    return granule;
}

static millis duration(struct source *source, const struct ogg *ogg)
{
    const uint8_t *first = (const uint8_t *)ogg->first.data;
    uint64_t granule = last_granule(source, ogg->serial), skip = 0, rate = 48000;
    if (ogg->codec == OPUS)
        skip = little(first + 10, 2);
    else if (ogg->codec == VORBIS)
        rate = little(first + 12, 4);
    else
        rate = (uint64_t)(first[27] << 12 | first[28] << 4 | first[29] >> 4);
    if (granule <= skip || granule > INT64_MAX / MILLIS_SECOND || !rate || rate > INT32_MAX)
        return MILLIS_NONE;
    return millis_of_samples((int64_t)(granule - skip), (int)rate);
}

static bool ogg_read(struct source *source, struct chapters *chapters, struct error *err)
{
    struct ogg *ogg = ogg_open(source, err);
    if (!ogg)
        return false;
    struct slice packet = buffer_slice(&ogg->packets[0]);
    size_t size;
    if (!comments_read(slice_from(packet, comments_offset(ogg->codec)), chapters, &size))
        chapters_add_finding(chapters, FINDING_ERROR, "the comments are cut off");
    comments_check(chapters);
    chapters->duration = duration(source, ogg);
    ogg_close(ogg);
    return true;
}

/* Behind the comments: Vorbis has a framing bit; Opus may have bytes that are to be kept, which
 * begin with an odd one (RFC 7845, 5.2); what else is there is room. */
static struct slice kept_suffix(const struct ogg *ogg, struct slice rest)
{
    if (ogg->codec == VORBIS)
        return SLICE("\1");
    if (ogg->codec == OPUS && rest.size && (rest.data[0] & 1))
        return rest;
    return SLICE("");
}

/* The comment packet with these chapters. It keeps its size where that is enough; else it gets room
 * for more, but for FLAC, where the size is that of the block. */
static bool build_comments(const struct ogg *ogg, const struct chapter_list *list,
                           struct buffer *out)
{
    struct slice packet = buffer_slice(&ogg->packets[0]);
    size_t head = comments_offset(ogg->codec), size = 0;
    struct chapters ignored = {0};
    chapter_list_init(&ignored.list);
    buffer_append_slice(out, slice_first(packet, head));
    bool whole = comments_read(slice_from(packet, head), &ignored, &size) &&
                 comments_replace(slice_from(packet, head), list, out);
    chapters_release(&ignored);
    if (!whole)
        return false;
    struct slice suffix = kept_suffix(ogg, slice_from(packet, head + size));
    buffer_append_slice(out, suffix);
    if (ogg->codec == FLAC) {
        size_t body = out->size - 4;
        for (size_t i = 0; i < 3; i++)
            out->data[1 + i] = (char)(body >> (16 - 8 * i));
        return body <= 0xFFFFFF;
    }
    bool room_is_free = ogg->codec == VORBIS || !suffix.size;
    if (room_is_free)
        buffer_extend(out, out->size <= packet.size ? packet.size - out->size : NEW_PADDING);
    return true;
}

/* Has it anything to take out? */
static bool has_chapters(const struct ogg *ogg)
{
    struct slice packet = buffer_slice(&ogg->packets[0]);
    struct chapters chapters = {0};
    size_t size;
    chapter_list_init(&chapters.list);
    comments_read(slice_from(packet, comments_offset(ogg->codec)), &chapters, &size);
    bool some = chapters.list.count > 0;
    chapters_release(&chapters);
    return some;
}

/* All segments of the packets: their lacing values, and where packets end. */
struct lacing {
    struct buffer values;
    struct buffer bytes;
};

static void add_packet(struct lacing *lacing, struct slice packet)
{
    for (size_t left = packet.size;; left -= MAX_SEGMENT) {
        buffer_append_byte(&lacing->values, (char)(left < MAX_SEGMENT ? left : MAX_SEGMENT));
        if (left < MAX_SEGMENT)
            break;
    }
    buffer_append_slice(&lacing->bytes, packet);
}

static void append_page(struct buffer *out, const struct ogg *ogg, size_t number,
                        struct slice values, struct slice bytes, bool continued)
{
    bool ends = false;
    for (size_t i = 0; i < values.size; i++)
        ends = ends || (uint8_t)values.data[i] < MAX_SEGMENT;
    uint8_t *page = buffer_extend(out, PAGE_HEADER + values.size + bytes.size);
    memcpy(page, "OggS", 4);
    page[5] = continued ? FLAG_CONTINUED : 0;
    memset(page + 6, ends ? 0 : 0xFF, 8);
    put_little32(page + 14, ogg->serial);
    put_little32(page + SEQUENCE_OFFSET, ogg->sequence + (uint32_t)number);
    page[26] = (uint8_t)values.size;
    memcpy(page + PAGE_HEADER, values.data, values.size);
    memcpy(page + PAGE_HEADER + values.size, bytes.data, bytes.size);
    put_little32(page + CHECKSUM_OFFSET, checksum(0, page, PAGE_HEADER + values.size + bytes.size));
}

/* The segments are spread evenly over the pages: as many as there were, or as it takes. */
static size_t append_pages(struct buffer *out, const struct ogg *ogg, const struct lacing *lacing)
{
    struct slice values = buffer_slice(&lacing->values), bytes = buffer_slice(&lacing->bytes);
    size_t needed = (values.size + MAX_SEGMENTS - 1) / MAX_SEGMENTS;
    size_t pages = ogg->pages >= needed && ogg->pages <= values.size ? ogg->pages : needed;
    bool continued = false;
    for (size_t i = 0; i < pages; i++) {
        size_t count = values.size / (pages - i), size = 0;
        if (values.size % (pages - i))
            count++;
        for (size_t k = 0; k < count; k++)
            size += (uint8_t)values.data[k];
        append_page(out, ogg, i, slice_first(values, count), slice_first(bytes, size), continued);
        continued = (uint8_t)values.data[count - 1] == MAX_SEGMENT;
        values = slice_from(values, count);
        bytes = slice_from(bytes, size);
    }
    return pages;
}

/* Gives the page a number: eight bytes change, number and checksum. */
static bool renumber_page(struct source *source, const struct page *page, uint32_t sequence,
                          struct patch *patch, struct error *err)
{
    size_t size = (size_t)(page->header_size + page->body_size);
    uint8_t *data = mem_alloc(size);
    bool read = source_read_exactly(source, page->offset, data, size, err);
    if (read) {
        put_little32(data + SEQUENCE_OFFSET, sequence);
        put_little32(data + CHECKSUM_OFFSET, 0);
        put_little32(data + CHECKSUM_OFFSET, checksum(0, data, size));
        patch_replace(patch, page->offset + SEQUENCE_OFFSET, 8,
                      (struct slice){(const char *)data + SEQUENCE_OFFSET, 8});
    }
    free(data);
    return read;
}

static bool renumber(struct source *source, const struct ogg *ogg, size_t new_pages,
                     struct patch *patch, struct error *err)
{
    uint32_t shift = (uint32_t)new_pages - (uint32_t)ogg->pages;
    struct page page = {0};
    int64_t offset = ogg->end;
    for (; !(page.flags & FLAG_END) && page_at(source, offset, &page); offset = behind(&page))
        if (page.serial == ogg->serial &&
            !renumber_page(source, &page, page.sequence + shift, patch, err))
            return false;
    if (!(page.flags & FLAG_END) && offset < source->size)
        return error_set(err, ERROR_INPUT,
                         "%s: the page at byte %lld is damaged; the pages behind it cannot be "
                         "numbered anew",
                         source->name, (long long)offset);
    return true;
}

static bool plan_pages(struct source *source, const struct ogg *ogg,
                       const struct chapter_list *list, struct patch *patch, struct error *err)
{
    struct buffer comments = BUFFER_INIT(MAX_HEADERS), out = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct lacing lacing = {BUFFER_INIT(BUFFER_UNBOUNDED), BUFFER_INIT(BUFFER_UNBOUNDED)};
    bool planned = build_comments(ogg, list, &comments) && !buffer_overflowed(&comments);
    if (!planned)
        error_set(err, ERROR_INPUT, "%s: its comments are damaged or too large", source->name);
    if (planned) {
        add_packet(&lacing, buffer_slice(&comments));
        for (size_t i = 1; i < ogg->packet_count; i++)
            add_packet(&lacing, buffer_slice(&ogg->packets[i]));
        size_t pages = append_pages(&out, ogg, &lacing);
        patch_replace(patch, ogg->start, ogg->end - ogg->start, buffer_slice(&out));
        planned = pages == ogg->pages || renumber(source, ogg, pages, patch, err);
    }
    buffer_release(&comments);
    buffer_release(&out);
    buffer_release(&lacing.values);
    buffer_release(&lacing.bytes);
    return planned;
}

static bool ogg_plan(struct source *source, const struct chapter_list *list,
                     const struct chapters_options *options, struct patch *patch, struct error *err)
{
    (void)options;
    struct ogg *ogg = comments_fit(list, source->name, err) ? ogg_open(source, err) : NULL;
    if (!ogg)
        return false;
    bool planned = true;
    if (ogg->several)
        planned = error_set(err, ERROR_UNSUPPORTED,
                            "%s: holds several streams side by side; chapters are written to files "
                            "with one",
                            source->name);
    else if (list->count || has_chapters(ogg))
        planned = plan_pages(source, ogg, list, patch, err);
    ogg_close(ogg);
    return planned;
}

const struct container ogg_container = {
    .name = "ogg",
    .holds = HOLDS_LINKS,
    .probe = ogg_probe,
    .read = ogg_read,
    .plan = ogg_plan,
};
