/* SPDX-License-Identifier: MIT */
#include "audio/ogg.h"

#include <libavutil/intreadwrite.h>

#include "audio/libav.h"
#include "test.h"

#define SERIAL 7

/* Our codec: a packet's first byte is how many samples it gives. */
static int64_t duration_of(void *context, const uint8_t *packet, size_t size)
{
    (void)context;
    return size ? packet[0] : 0;
}

static void restart(void *context)
{
    (void)context;
}

static const struct ogg_codec codec = {1, duration_of, restart};

enum { CONTINUED = 1, FIRST = 2, LAST = 4 };

/* A page whose packets have these sizes; the last one goes on on the next page where `open`. */
static void add_page(struct buffer *ogg, int flags, uint32_t serial, uint32_t sequence,
                     int64_t granule, const size_t *sizes, size_t count, bool open)
{
    uint8_t lacing[255], header[27] = {'O', 'g', 'g', 'S', 0, (uint8_t)flags};
    size_t segments = 0;
    struct buffer body = BUFFER_INIT(BUFFER_UNBOUNDED);
    for (size_t i = 0; i < count; i++) {
        uint8_t *packet = buffer_extend(&body, sizes[i]);
        memset(packet, (int)(10 + i), sizes[i]);
        for (size_t left = sizes[i]; left >= 255; left -= 255)
            lacing[segments++] = 255;
        if (!open || i + 1 < count)
            lacing[segments++] = (uint8_t)(sizes[i] % 255);
    }
    AV_WL64(header + 6, (uint64_t)granule);
    AV_WL32(header + 14, serial);
    AV_WL32(header + 18, sequence);
    header[26] = (uint8_t)segments;
    size_t at = ogg->size;
    buffer_append(ogg, header, sizeof header);
    buffer_append(ogg, lacing, segments);
    buffer_append_slice(ogg, buffer_slice(&body));
    uint8_t *page = (uint8_t *)ogg->data + at;
    uint32_t crc = av_crc(av_crc_get_table(AV_CRC_32_IEEE), 0, page, ogg->size - at);
    AV_WB32(page + 22, crc);
    buffer_release(&body);
}

static void add_header(struct buffer *ogg)
{
    add_page(ogg, FIRST, SERIAL, 0, 0, (const size_t[]){20}, 1, false);
}

struct fixture {
    struct source *source;
    struct ogg ogg;
};

static void open_fixture(struct fixture *fixture, const struct buffer *bytes)
{
    struct error err = ERROR_INIT;
    struct buffer header = BUFFER_INIT(BUFFER_UNBOUNDED);
    fixture->source = source_open_memory(bytes->data, bytes->size, "test.ogg");
    ogg_open(&fixture->ogg, fixture->source, &codec, &header, &err);
    assert_no_error(err);
    assert_int_equal(header.size, 20);
    ogg_start(&fixture->ogg, NULL, &err);
    assert_no_error(err);
    buffer_release(&header);
}

static void close_fixture(struct fixture *fixture)
{
    ogg_close(&fixture->ogg);
    source_destroy(fixture->source);
}

/* The packets that follow stand at these positions, -1 being the end. */
static void assert_positions(struct fixture *fixture, const int64_t *positions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct ogg_packet packet = {0};
        const uint8_t *data = NULL;
        bool more = false;
        assert_true(ogg_next(&fixture->ogg, &packet, &data, &more, NULL));
        assert_int_equal(more, positions[i] != -1);
        if (more)
            assert_int_equal(packet.position, positions[i]);
    }
}

#define ASSERT_POSITIONS(fixture, ...)                                                             \
    assert_positions(fixture, (const int64_t[]){__VA_ARGS__},                                      \
                     sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static const size_t three[] = {5, 300, 7}; /* 10, 11 and 12 samples */

static void test_positions_count_on(void **state)
{
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct fixture fixture;
    (void)state;
    add_header(&bytes);
    add_page(&bytes, 0, SERIAL, 1, 33, three, 3, false);
    add_page(&bytes, LAST, SERIAL, 2, 60, three, 3, false); /* cut off: 66 are there */
    open_fixture(&fixture, &bytes);
    assert_int_equal(fixture.ogg.first, 0);
    assert_int_equal(fixture.ogg.last, 60);
    ASSERT_POSITIONS(&fixture, 0, 10, 21, 33, 43, 54, -1, -1);
    close_fixture(&fixture);
    buffer_release(&bytes);
}

static void test_the_first_page_may_begin_before_0_or_later(void **state)
{
    static const struct {
        int64_t granule, first;
    } rows[] = {{33, 0}, {20, -13}, {1033, 1000}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
        struct fixture fixture;
        add_header(&bytes);
        add_page(&bytes, 0, SERIAL, 1, rows[i].granule, three, 3, false);
        add_page(&bytes, LAST, SERIAL, 2, rows[i].granule + 33, three, 3, false);
        open_fixture(&fixture, &bytes);
        assert_int_equal(fixture.ogg.first, rows[i].first);
        ASSERT_POSITIONS(&fixture, rows[i].first, rows[i].first + 10);
        close_fixture(&fixture);
        buffer_release(&bytes);
    }
}

static void test_a_packet_goes_over_pages(void **state)
{
    static const size_t begun[] = {5, 510};
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct fixture fixture;
    (void)state;
    add_header(&bytes);
    add_page(&bytes, 0, SERIAL, 1, 10, begun, 2, true);
    add_page(&bytes, CONTINUED, SERIAL, 2, -1, (const size_t[]){510}, 1, true);
    add_page(&bytes, CONTINUED | LAST, SERIAL, 3, 31, three, 2, false);
    open_fixture(&fixture, &bytes);
    struct ogg_packet packet = {0};
    const uint8_t *data = NULL;
    bool more = false;
    ASSERT_POSITIONS(&fixture, 0);
    assert_true(ogg_next(&fixture.ogg, &packet, &data, &more, NULL) && more);
    assert_int_equal(packet.position, 10);
    assert_int_equal(packet.size, 510 + 510 + 5);
    assert_int_equal(data[0], 11);
    ASSERT_POSITIONS(&fixture, 21, -1);
    close_fixture(&fixture);
    buffer_release(&bytes);
}

/* A page with a wrong checksum is not there: what was begun is lost, the next granule is right. */
static void test_damage_is_a_gap(void **state)
{
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct fixture fixture;
    (void)state;
    add_header(&bytes);
    add_page(&bytes, 0, SERIAL, 1, 33, three, 3, false);
    size_t damaged = bytes.size;
    add_page(&bytes, 0, SERIAL, 2, 66, three, 3, false);
    buffer_append_text(&bytes, "OggS junk OggOOO");
    add_page(&bytes, 0, SERIAL + 1, 9, 5000, three, 3, false); /* somebody else's */
    add_page(&bytes, LAST, SERIAL, 3, 99, three, 3, false);
    bytes.data[damaged + 40] ^= 1;
    open_fixture(&fixture, &bytes);
    ASSERT_POSITIONS(&fixture, 0, 10, 21, 66, 76, 87, -1);
    close_fixture(&fixture);
    buffer_release(&bytes);
}

static void test_seeking_finds_every_packet(void **state)
{
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct fixture fixture;
    (void)state;
    add_header(&bytes);
    for (uint32_t i = 1; i <= 3000; i++)
        add_page(&bytes, i == 3000 ? LAST : 0, SERIAL, i, 33 * (int64_t)i, three, 3, false);
    open_fixture(&fixture, &bytes);
    for (int64_t granule = -5; granule < 33 * 3000; granule += 101) {
        struct ogg_packet packet = {0};
        const uint8_t *data = NULL;
        bool more = false;
        assert_true(ogg_seek(&fixture.ogg, granule, NULL));
        assert_true(ogg_next(&fixture.ogg, &packet, &data, &more, NULL) && more);
        assert_true(packet.position <= (granule > 0 ? granule : 0));
        assert_true(packet.position + 33 > granule);
    }
    close_fixture(&fixture);
    buffer_release(&bytes);
}

static void test_what_is_no_ogg_is_refused(void **state)
{
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct buffer header = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct error err = ERROR_INIT;
    struct ogg ogg;
    (void)state;
    add_header(&bytes);
    struct source *source = source_open_memory("OggS", 4, "short.ogg");
    assert_false(ogg_open(&ogg, source, &codec, &header, &err));
    assert_error(err, ERROR_INPUT, "short.ogg: holds no whole Ogg page");
    ogg_close(&ogg);
    source_destroy(source);
    source = source_open_memory(bytes.data, bytes.size, "empty.ogg");
    assert_true(ogg_open(&ogg, source, &codec, &header, &err));
    assert_false(ogg_start(&ogg, NULL, &err));
    assert_error(err, ERROR_INPUT, "empty.ogg: holds no sound");
    ogg_close(&ogg);
    source_destroy(source);
    buffer_release(&header);
    buffer_release(&bytes);
}

static void test_a_chain_is_told(void **state)
{
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    (void)state;
    add_header(&bytes);
    add_page(&bytes, LAST, SERIAL, 1, 33, three, 3, false);
    struct source *source = source_open_memory(bytes.data, bytes.size, "one.ogg");
    assert_false(ogg_is_chained(source));
    source_destroy(source);
    add_page(&bytes, FIRST | LAST, SERIAL + 1, 0, 33, three, 3, false);
    source = source_open_memory(bytes.data, bytes.size, "two.ogg");
    assert_true(ogg_is_chained(source));
    source_destroy(source);
    buffer_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_positions_count_on),
        cmocka_unit_test(test_the_first_page_may_begin_before_0_or_later),
        cmocka_unit_test(test_a_packet_goes_over_pages),
        cmocka_unit_test(test_damage_is_a_gap),
        cmocka_unit_test(test_seeking_finds_every_packet),
        cmocka_unit_test(test_what_is_no_ogg_is_refused),
        cmocka_unit_test(test_a_chain_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
