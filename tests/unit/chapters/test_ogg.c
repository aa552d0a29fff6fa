/* SPDX-License-Identifier: MIT */
#include "chapters/chapters.h"

#include <string.h>

#include "files.h"

#define SERIAL      0x1234
#define PAGE        27
#define NO_GRANULE  UINT64_MAX
#define AUDIO_PAGES 6

static void append_little(struct buffer *out, uint64_t number, size_t width)
{
    for (size_t i = 0; i < width; i++)
        buffer_append_byte(out, (char)(number >> (8 * i)));
}

static uint64_t little(const char *data, size_t width)
{
    uint64_t number = 0;
    for (size_t i = width; i-- > 0;)
        number = number << 8 | (uint8_t)data[i];
    return number;
}

/* RFC 3533, section 6; the checksum's own field counts as zero. */
static uint32_t checksum(const char *page, size_t size)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < size; i++) {
        sum ^= i >= 22 && i < 26 ? 0 : (uint32_t)(uint8_t)page[i] << 24;
        for (int bit = 0; bit < 8; bit++)
            sum = sum << 1 ^ (sum >> 31 ? 0x04C11DB7 : 0);
    }
    return sum;
}

struct stream {
    struct buffer out;
    uint32_t sequence;
};

/* One packet on as many pages as it takes. */
static void append_packet(struct stream *stream, uint8_t flags, uint64_t granule,
                          struct slice packet)
{
    for (bool ended = false, first = true; !ended; first = false) {
        size_t segments = packet.size / 255 + 1;
        ended = segments <= 255;
        if (!ended)
            segments = 255;
        size_t size = ended ? packet.size : segments * 255, start = stream->out.size;
        buffer_append_text(&stream->out, "OggS");
        buffer_append_byte(&stream->out, '\0');
        buffer_append_byte(&stream->out, (char)(flags | (first ? 0 : 1)));
        append_little(&stream->out, ended ? granule : NO_GRANULE, 8);
        append_little(&stream->out, SERIAL, 4);
        append_little(&stream->out, stream->sequence++, 4);
        append_little(&stream->out, 0, 4);
        buffer_append_byte(&stream->out, (char)segments);
        for (size_t i = 0; i + 1 < segments; i++)
            buffer_append_byte(&stream->out, (char)255);
        buffer_append_byte(&stream->out, ended ? (char)(size % 255) : (char)255);
        buffer_append_slice(&stream->out, slice_first(packet, size));
        packet = slice_from(packet, size);
        uint32_t sum = checksum(stream->out.data + start, stream->out.size - start);
        for (size_t i = 0; i < 4; i++)
            stream->out.data[start + 22 + i] = (char)(sum >> (8 * i));
    }
}

#define VENDOR_AND_COMMENTS                                                                        \
    "\4\0\0\0me 1\2\0\0\0"                                                                         \
    "\x09\0\0\0TITLE=Ü!"                                                                          \
    "\x07\0\0\0OTHER=2"

struct shape {
    bool vorbis;
    size_t room;   /* behind the comments */
    bool kept;     /* which is not room, but to be kept (RFC 7845, 5.2) */
    size_t length; /* of a comment more */
};

static struct buffer make_file(struct shape shape)
{
    struct stream stream = {.out = BUFFER_INIT(BUFFER_UNBOUNDED)};
    struct buffer tags = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct buffer setup = BUFFER_INIT(BUFFER_UNBOUNDED);
    if (shape.vorbis)
        append_packet(&stream, 2, 0,
                      SLICE("\1vorbis\0\0\0\0\1\x80\xBB\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xB8\1"));
    else
        append_packet(&stream, 2, 0, SLICE("OpusHead\1\1\0\0\x80\xBB\0\0\0\0\0"));
    buffer_append_slice(&tags, shape.vorbis ? SLICE("\3vorbis") : SLICE("OpusTags"));
    size_t count = tags.size + 8;
    buffer_append_slice(&tags, SLICE(VENDOR_AND_COMMENTS));
    if (shape.length) {
        tags.data[count] = 3;
        append_little(&tags, shape.length, 4);
        memset(buffer_extend(&tags, shape.length), 'x', shape.length);
        memcpy(tags.data + tags.size - shape.length, "COVER=", 6);
    }
    if (shape.vorbis)
        buffer_append_byte(&tags, 1);
    if (shape.room)
        memset(buffer_extend(&tags, shape.room), shape.kept ? 0x55 : 0, shape.room);
    append_packet(&stream, 0, 0, buffer_slice(&tags));
    buffer_append_slice(&setup, SLICE("\5vorbis"));
    buffer_extend(&setup, 3000);
    if (shape.vorbis)
        append_packet(&stream, 0, 0, buffer_slice(&setup));
    for (uint64_t i = 0; i < AUDIO_PAGES; i++) {
        buffer_clear(&setup);
        memset(buffer_extend(&setup, 700 + i * 1000), (int)i + 1, 700 + i * 1000);
        append_packet(&stream, i + 1 == AUDIO_PAGES ? 4 : 0, (i + 1) * 80000, buffer_slice(&setup));
    }
    buffer_release(&setup);
    buffer_release(&tags);
    return stream.out;
}

/* What of a file must stay: packets of audio, their granule positions, flags; and the comments
 * packet. Each page is whole and numbered. */
static struct buffer audio_of(struct slice file, struct buffer *tags)
{
    struct buffer audio = BUFFER_INIT(BUFFER_UNBOUNDED);
    bool vorbis = false;
    size_t packets = 0;
    for (uint64_t sequence = 0; file.size; sequence++) {
        assert_true(file.size >= PAGE);
        assert_memory_equal(file.data, "OggS", 4);
        size_t segments = (uint8_t)file.data[26], size = 0;
        for (size_t i = 0; i < segments; i++)
            size += (uint8_t)file.data[PAGE + i];
        assert_true(PAGE + segments + size <= file.size);
        assert_int_equal(little(file.data + 14, 4), SERIAL);
        assert_int_equal(little(file.data + 18, 4), sequence);
        assert_int_equal(little(file.data + 22, 4), checksum(file.data, PAGE + segments + size));
        const char *body = file.data + PAGE + segments;
        vorbis = vorbis || body[1] == 'v';
        if (packets > (vorbis ? 2 : 1)) {
            buffer_append(&audio, file.data + 5, 13);
            buffer_append(&audio, file.data + 26, 1 + segments + size);
        } else {
            assert_true(little(file.data + 6, 8) == 0 || little(file.data + 6, 8) == NO_GRANULE);
        }
        for (size_t i = 0; i < segments; i++) {
            size_t part = (uint8_t)file.data[PAGE + i];
            if (packets == 1)
                buffer_append(tags, body, part);
            body += part;
            packets += part < 255;
        }
        file = slice_from(file, PAGE + segments + size);
    }
    return audio;
}

static void assert_kept(const char *path, const struct buffer *original, struct shape shape,
                        bool chapters)
{
    struct buffer now = file_bytes(path);
    struct buffer new_tags = BUFFER_INIT(BUFFER_UNBOUNDED), tags = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct buffer a = audio_of(buffer_slice(&now), &new_tags);
    struct buffer b = audio_of(buffer_slice(original), &tags);
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
    if (shape.kept)
        assert_memory_equal(new_tags.data + new_tags.size - shape.room,
                            tags.data + tags.size - shape.room, shape.room);
    if (!chapters) { /* the comments are as they were; behind them there may be more room */
        size_t size = tags.size - (shape.kept ? 0 : shape.room);
        assert_true(new_tags.size >= size);
        assert_memory_equal(new_tags.data, tags.data, size);
    }
    buffer_release(&a);
    buffer_release(&b);
    buffer_release(&tags);
    buffer_release(&new_tags);
    buffer_release(&now);
}

static void test_again_and_again(void **state)
{
    (void)state;
    static const struct shape shapes[] = {
        {0},
        {.room = 512},
        {.room = 8192},
        {.room = 77, .kept = true},
        {.vorbis = true},
        {.vorbis = true, .room = 4000},
        {.length = 100000},
        {.vorbis = true, .length = 64000},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct buffer file = make_file(shapes[i]);
        char *path = new_file("a.ogg", file.data, file.size);
        static const size_t counts[] = {4, 5, 0, 20, 999, 1, 0};
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
            put_numbered(path, "ogg", counts[k], true);
            assert_kept(path, &file, shapes[i], counts[k] > 0);
        }
        drop_file(path);
        buffer_release(&file);
    }
}

/* What has room keeps its size. */
static void test_room_is_used(void **state)
{
    (void)state;
    struct buffer file = make_file((struct shape){.room = 1500});
    char *path = new_file("a.opus", file.data, file.size);
    for (size_t count = 3; count < 12; count += 4) {
        put_numbered(path, "ogg", count, true);
        assert_int_equal(file_size(path), file.size);
    }
    put_numbered(path, "ogg", 30, true);
    int64_t size = file_size(path);
    assert_true(size > (int64_t)file.size);
    put_numbered(path, "ogg", 60, true);
    assert_int_equal(file_size(path), size);
    drop_file(path);
    buffer_release(&file);
}

static void test_refused(void **state)
{
    (void)state;
    struct buffer file = make_file((struct shape){0});
    char *path = new_file("a.ogg", file.data, 80);
    assert_refused(path, ERROR_INPUT, "the headers of the Ogg stream are damaged at byte 47");
    drop_file(path);
    memcpy(file.data + PAGE + 1, "Speex  1", 8);
    path = new_file("a.ogg", file.data, file.size);
    assert_refused(path, ERROR_UNSUPPORTED, "Opus, Vorbis and FLAC only");
    drop_file(path);
    buffer_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_again_and_again),
        cmocka_unit_test(test_room_is_used),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
