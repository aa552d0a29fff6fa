/* SPDX-License-Identifier: MIT */
#include "audio/ogg.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/intreadwrite.h>

#include "audio/bracket.h"
#include "audio/libav.h"
#include "base/checked.h"

/* RFC 3533, section 6. */
#define PAGE_HEADER    27
#define MAX_SEGMENTS   255
#define MAX_PAGE_SIZE  ((size_t)PAGE_HEADER + MAX_SEGMENTS + MAX_SEGMENTS * 255)
#define FLAG_CONTINUED 1
#define FLAG_FIRST     2
#define FLAG_LAST      4

/* A larger packet is no sound and no cover. */
#define MAX_PACKET_SIZE ((size_t)64 * 1024 * 1024)

/* Looked through at once for the next page. */
#define SCAN_SIZE ((size_t)4096)

/* What is read of the end at first, for the last page. */
#define END_SIZE (16 * 1024)

struct page {
    int64_t offset;
    size_t header, size; /* in bytes; the size with the header */
    uint8_t flags, segments;
    uint32_t serial, sequence;
    int64_t granule;     /* -1: no packet ends here */
    const uint8_t *data; /* borrowed from the source's view */
};

/* The checksum is that over the page with its own field as zeros. */
static bool checksum_is_right(const uint8_t *data, size_t size)
{
    static const uint8_t zeros[4] = {0};
    const AVCRC *table = av_crc_get_table(AV_CRC_32_IEEE);
    uint32_t crc = av_crc(table, 0, data, 22);
    crc = av_crc(table, crc, zeros, sizeof zeros);
    crc = av_crc(table, crc, data + 26, size - 26);
    return crc == AV_RB32(data + 22);
}

/* The header's fields, and how large the page is; false where none begins here. */
static bool parse_header(const uint8_t *data, size_t size, struct page *ret_page)
{
    if (size < PAGE_HEADER || memcmp(data, "OggS", 4) != 0 || data[4] != 0)
        return false;
    size_t segments = data[26], header = PAGE_HEADER + segments, body = 0;
    if (size < header)
        return false;
    for (size_t i = 0; i < segments; i++)
        body += data[PAGE_HEADER + i];
    *ret_page = (struct page){
        .header = header,
        .size = header + body,
        .flags = data[5],
        .segments = (uint8_t)segments,
        .granule = (int64_t)AV_RL64(data + 6),
        .serial = AV_RL32(data + 14),
        .sequence = AV_RL32(data + 18),
    };
    return true;
}

/* The page at just this offset, whole and undamaged. */
static bool read_page(struct source *source, int64_t offset, struct page *ret_page, bool *ret_found,
                      struct error *err)
{
    struct page page;
    const uint8_t *data = NULL;
    size_t size = 0;
    *ret_found = false;
    if (!source_view(source, offset, PAGE_HEADER + MAX_SEGMENTS, &data, &size, err))
        return false;
    if (!parse_header(data, size, &page))
        return true;
    if (!source_view(source, offset, page.size, &data, &size, err))
        return false;
    *ret_found = size >= page.size && checksum_is_right(data, page.size);
    page.offset = offset;
    page.data = data;
    if (*ret_found)
        *ret_page = page;
    return true;
}

/* Where the next capture pattern stands, at or behind `offset`; `limit` where there is none. */
static bool find_pattern(struct source *source, int64_t offset, int64_t limit, int64_t *ret_offset,
                         struct error *err)
{
    for (;;) {
        const uint8_t *data = NULL;
        size_t size = 0;
        if (!source_view(source, offset, SCAN_SIZE, &data, &size, err))
            return false;
        size_t at = slice_find((struct slice){(const char *)data, size}, SLICE("OggS"));
        if (at == SIZE_MAX && offset + (int64_t)size < limit && size >= SCAN_SIZE) {
            offset += (int64_t)size - 3; /* it may stand across the end */
            continue;
        }
        *ret_offset = at == SIZE_MAX ? limit : offset + (int64_t)at;
        return true;
    }
}

/* The first page of any stream at or behind `offset` and before `limit`. */
static bool find_page(struct source *source, int64_t offset, int64_t limit, struct page *ret_page,
                      bool *ret_found, struct error *err)
{
    for (*ret_found = false; !*ret_found; offset++) {
        if (!find_pattern(source, offset, limit, &offset, err))
            return false;
        if (offset >= limit)
            return true;
        if (!read_page(source, offset, ret_page, ret_found, err))
            return false;
    }
    return true;
}

/* As find_page(), of our stream. */
static bool find_own_page(struct ogg *ogg, int64_t offset, int64_t limit, struct page *ret_page,
                          bool *ret_found, struct error *err)
{
    do {
        if (!find_page(ogg->source, offset, limit, ret_page, ret_found, err))
            return false;
        if (!*ret_found || ret_page->serial == ogg->serial)
            return true;
        offset = ret_page->offset + (int64_t)ret_page->size;
    } while (true);
}

bool ogg_recognise(const uint8_t *head, size_t size, struct slice signature)
{
    return size >= PAGE_HEADER + 1 + signature.size && memcmp(head, "OggS", 4) == 0 &&
           (head[5] & FLAG_FIRST) && head[26] == 1 &&
           memcmp(head + PAGE_HEADER + 1, signature.data, signature.size) == 0;
}

/* The last page between two offsets that a packet ends on, of any stream. */
static bool last_page_of(struct source *source, int64_t offset, int64_t limit,
                         struct page *ret_page, bool *ret_found, struct error *err)
{
    *ret_found = false;
    for (;;) {
        struct page page;
        bool found = false;
        if (!find_page(source, offset, limit, &page, &found, err))
            return false;
        if (!found)
            return true;
        offset = page.offset + (int64_t)page.size;
        if (page.granule < 0)
            continue;
        *ret_page = page;
        *ret_found = true;
    }
}

/* The same of the whole file, read from its end. */
static bool find_last_page(struct source *source, struct page *ret_page, bool *ret_found,
                           struct error *err)
{
    int64_t step = END_SIZE;
    do {
        int64_t offset = source->size > step ? source->size - step : 0;
        if (!last_page_of(source, offset, source->size, ret_page, ret_found, err))
            return false;
        step *= 4;
    } while (!*ret_found && step / 4 < source->size);
    return true;
}

bool ogg_is_chained(struct source *source)
{
    struct page first = {0}, last = {0};
    bool found = false;
    return !(find_page(source, 0, source->size, &first, &found, NULL) && found &&
             find_last_page(source, &last, &found, NULL) && found && first.serial == last.serial);
}

void ogg_close(struct ogg *ogg)
{
    buffer_release(&ogg->bytes);
    free(ogg->packets);
}

/* Empties the cursor; the next page is that at `offset`. */
static void place_cursor(struct ogg *ogg, int64_t offset, int64_t granule)
{
    buffer_clear(&ogg->bytes);
    ogg->carried = 0;
    ogg->broken = true;
    ogg->next_offset = offset;
    ogg->position = granule;
    ogg->packet_count = ogg->packet_index = 0;
    ogg->final = false;
}

static void add_packet(struct ogg *ogg, size_t offset, size_t size)
{
    ogg->packets =
        mem_grow(ogg->packets, &ogg->packet_capacity, ogg->packet_count + 1, sizeof *ogg->packets);
    ogg->packets[ogg->packet_count++] = (struct ogg_packet){.offset = offset, .size = size};
}

/* Takes the page's body apart by its lacing values: a segment of less than 255 bytes ends a
 * packet. */
static void split_page(struct ogg *ogg, const struct page *page)
{
    struct buffer *bytes = &ogg->bytes;
    memmove(bytes->data, bytes->data + ogg->carried, bytes->size - ogg->carried);
    buffer_truncate(bytes, bytes->size - ogg->carried);
    bool continued = page->flags & FLAG_CONTINUED;
    if (!continued)
        buffer_truncate(bytes, 0); /* the rest of what was begun is lost */
    bool broken = continued && ogg->broken;
    const uint8_t *body = page->data + page->header;
    size_t begin = 0;
    ogg->packet_count = ogg->packet_index = 0;
    for (size_t i = 0; i < page->segments; i++) {
        size_t size = page->data[PAGE_HEADER + i];
        buffer_append(bytes, body, size);
        body += size;
        if (size == 255)
            continue;
        if (!broken)
            add_packet(ogg, begin, bytes->size - begin);
        broken = false;
        begin = bytes->size;
    }
    ogg->carried = begin;
    ogg->broken = broken;
}

/* Reads the next page of the stream. */
static bool load_page(struct ogg *ogg, struct page *ret_page, bool *ret_found, struct error *err)
{
    if (!find_own_page(ogg, ogg->next_offset, ogg->source->size, ret_page, ret_found, err))
        return false;
    if (!*ret_found)
        return true;
    if (ret_page->sequence != ogg->sequence)
        ogg->broken = true;
    ogg->sequence = ret_page->sequence + 1;
    buffer_extend(&ogg->bytes, 0);
    split_page(ogg, ret_page);
    if (buffer_overflowed(&ogg->bytes))
        return error_set(err, ERROR_INPUT, "%s: has a packet of over %zu MiB at byte %lld",
                         ogg->source->name, MAX_PACKET_SIZE >> 20, (long long)ret_page->offset);
    ogg->next_offset = ret_page->offset + (int64_t)ret_page->size;
    ogg->final = ret_page->flags & FLAG_LAST;
    return true;
}

/* Gives the packets of the page their positions: forward from where the last page ended. Where that
 * does not come out at the page's granule there is a gap (or the first page's beginning is cut
 * off), and the granule is right; on the last page it only says where to stop. */
static void count_packets(struct ogg *ogg, int64_t granule)
{
    int64_t position = ogg->position;
    for (size_t i = 0; i < ogg->packet_count; i++) {
        struct ogg_packet *packet = &ogg->packets[i];
        const uint8_t *data = (const uint8_t *)ogg->bytes.data + packet->offset;
        packet->duration = ogg->codec->duration(ogg->context, data, packet->size);
        packet->position = position;
        position += packet->duration;
    }
    if (granule >= 0 && ogg->packet_count > 0 && position != granule &&
        !(ogg->final && granule < position)) {
        for (size_t i = 0; i < ogg->packet_count; i++)
            ogg->packets[i].position += granule - position;
        position = granule;
    }
    ogg->position = position;
}

static bool read_headers(struct ogg *ogg, struct buffer *ret_headers, struct error *err)
{
    size_t count = 0;
    while (count < ogg->codec->header_packets) {
        struct page page;
        bool found = false;
        if (!load_page(ogg, &page, &found, err))
            return false;
        if (!found)
            return error_set(err, ERROR_INPUT, "%s: ends within its headers", ogg->source->name);
        for (size_t i = 0; i < ogg->packet_count && count < ogg->codec->header_packets; i++) {
            const struct ogg_packet *packet = &ogg->packets[i];
            buffer_append(&ret_headers[count++], ogg->bytes.data + packet->offset, packet->size);
        }
    }
    ogg->audio_offset = ogg->proved_offset = ogg->next_offset;
    ogg->proved_sequence = ogg->sequence;
    ogg->gap = INT64_MAX;
    return true;
}

bool ogg_open(struct ogg *ogg, struct source *source, const struct ogg_codec *codec,
              struct buffer *ret_headers, struct error *err)
{
    *ogg = (struct ogg){.source = source, .codec = codec};
    ogg->bytes.limit = MAX_PACKET_SIZE;
    struct page page;
    bool found = false;
    if (!find_page(source, 0, source->size, &page, &found, err))
        return false;
    if (!found)
        return error_set(err, ERROR_INPUT, "%s: holds no whole Ogg page", source->name);
    ogg->serial = page.serial;
    place_cursor(ogg, 0, 0);
    if (!read_headers(ogg, ret_headers, err) || !find_last_page(source, &page, &found, err))
        return false;
    ogg->last = found ? page.granule : -1;
    return true;
}

bool ogg_start(struct ogg *ogg, void *context, struct error *err)
{
    ogg->context = context;
    place_cursor(ogg, ogg->audio_offset, 0);
    struct ogg_packet packet;
    const uint8_t *data = NULL;
    bool more = false;
    if (!ogg_next(ogg, &packet, &data, &more, err))
        return false;
    if (!more)
        return error_set(err, ERROR_INPUT, "%s: holds no sound", ogg->source->name);
    ogg->first = ogg->proved = packet.position;
    place_cursor(ogg, ogg->audio_offset, ogg->first);
    ogg->codec->restart(ogg->context);
    return true;
}

/* As find_own_page(), on which a packet ends. */
static bool find_timed_page(struct ogg *ogg, int64_t offset, int64_t limit, struct page *ret_page,
                            bool *ret_found, struct error *err)
{
    for (;;) {
        if (!find_own_page(ogg, offset, limit, ret_page, ret_found, err))
            return false;
        if (!*ret_found || ret_page->granule >= 0)
            return true;
        offset = ret_page->offset + (int64_t)ret_page->size;
    }
}

/* Narrows down to a page whose granule is at most the one sought, and near enough to walk on. */
static bool bisect(struct ogg *ogg, int64_t granule, int64_t *ret_offset, struct error *err)
{
    struct bracket bracket = {ogg->audio_offset, ogg->source->size, ogg->first, ogg->last};
    for (int step = 0; !bracket_is_narrow(&bracket, granule); step++) {
        int64_t guess = bracket_guess(&bracket, granule, step);
        struct page page;
        bool found = false;
        if (!find_timed_page(ogg, guess, bracket.high, &page, &found, err))
            return false;
        if (found && page.granule <= granule) {
            bracket.low = page.offset;
            bracket.low_position = page.granule;
        } else {
            bracket.high = guess;
            if (found)
                bracket.high_position = page.granule;
        }
    }
    *ret_offset = bracket.low;
    return true;
}

/* Walks from a page on to the last one whose granule is at most the one sought: the cursor reads on
 * from there, with what that page begins. */
static bool walk(struct ogg *ogg, int64_t offset, int64_t granule, struct error *err)
{
    struct page page, best = {.offset = -1};
    bool found = true;
    while (offset < ogg->source->size) {
        if (!find_own_page(ogg, offset, ogg->source->size, &page, &found, err))
            return false;
        if (!found || page.granule > granule)
            break;
        if (page.granule >= 0)
            best = page;
        offset = page.offset + (int64_t)page.size;
    }
    if (best.offset < 0) {
        place_cursor(ogg, ogg->audio_offset, ogg->first);
        ogg->codec->restart(ogg->context);
        return true;
    }
    place_cursor(ogg, best.offset, 0);
    ogg->codec->restart(ogg->context);
    if (!load_page(ogg, &page, &found, err))
        return false;
    count_packets(ogg, best.granule); /* for the codec to know what stands before */
    ogg->position = best.granule;
    ogg->packet_count = 0;
    return true;
}

bool ogg_seek(struct ogg *ogg, int64_t granule, struct error *err)
{
    int64_t offset = 0;
    return bisect(ogg, granule, &offset, err) && walk(ogg, offset, granule, err);
}

void ogg_expect(struct ogg *ogg, int64_t samples)
{
    int64_t total = ogg->last - ogg->first, size = 0;
    int64_t bytes = ogg->source->size - ogg->audio_offset;
    if (total > 0 && checked_scale(bytes, samples, total, &size))
        source_expect(ogg->source, ogg->next_offset, size + size / 64);
}

bool ogg_next(struct ogg *ogg, struct ogg_packet *ret_packet, const uint8_t **ret_data,
              bool *ret_more, struct error *err)
{
    while (ogg->packet_index == ogg->packet_count) {
        struct page page;
        bool found = false;
        if (!ogg->final && !load_page(ogg, &page, &found, err))
            return false;
        *ret_more = found;
        if (!found)
            return true;
        count_packets(ogg, page.granule);
    }
    *ret_packet = ogg->packets[ogg->packet_index++];
    *ret_data = (const uint8_t *)ogg->bytes.data + ret_packet->offset;
    *ret_more = true;
    return true;
}

/* What is missing before the page at `offset`, by the position of the first packet that ends on it
 * or behind it. */
static bool measure_gap(struct ogg *ogg, int64_t offset, struct error *err)
{
    struct ogg_packet packet;
    const uint8_t *data = NULL;
    bool more = false;
    place_cursor(ogg, offset, ogg->proved);
    ogg->codec->restart(ogg->context);
    if (!ogg_next(ogg, &packet, &data, &more, err))
        return false;
    if (more && packet.position > ogg->proved)
        ogg->lost += packet.position - ogg->proved;
    if (ogg->proved < ogg->gap)
        ogg->gap = ogg->proved;
    return true;
}

bool ogg_prove(struct ogg *ogg, int64_t granule, struct error *err)
{
    while (ogg->proved < granule) {
        struct page page;
        bool found = false;
        if (!find_own_page(ogg, ogg->proved_offset, ogg->source->size, &page, &found, err))
            return false;
        if (!found)
            break;
        if (page.sequence != ogg->proved_sequence && !measure_gap(ogg, page.offset, err))
            return false;
        ogg->proved_sequence = page.sequence + 1;
        ogg->proved_offset = page.offset + (int64_t)page.size;
        if (page.granule >= 0)
            ogg->proved = page.granule;
    }
    return true;
}
