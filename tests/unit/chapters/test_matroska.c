/* SPDX-License-Identifier: MIT */
#include "chapters/chapters.h"

#include <string.h>

#include "files.h"

#define SEEK_HEAD 0x114D9B74
#define SEEK      0x4DBB
#define SEEK_ID   0x53AB
#define POSITION  0x53AC
#define INFO      0x1549A966
#define TRACKS    0x1654AE6B
#define CLUSTER   0x1F43B675
#define CUES      0x1C53BB6B
#define CHAPTERS  0x1043A770
#define VOID      0xEC
#define SEGMENT   0x18538067

static void append_id(struct buffer *out, uint32_t id)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        if (id >> shift)
            buffer_append_byte(out, (char)(id >> shift));
}

/* Sizes of eight bytes, as a muxer writes them that does not know them yet. */
static void append_element(struct buffer *out, uint32_t id, struct slice body)
{
    append_id(out, id);
    buffer_append_byte(out, 1);
    for (int shift = 48; shift >= 0; shift -= 8)
        buffer_append_byte(out, (char)((uint64_t)body.size >> shift));
    buffer_append_slice(out, body);
}

static void append_zeros(struct buffer *out, uint32_t id, size_t size)
{
    struct buffer body = BUFFER_INIT(BUFFER_UNBOUNDED);
    buffer_extend(&body, size);
    append_element(out, id, buffer_slice(&body));
    buffer_release(&body);
}

struct shape {
    size_t room;          /* in the Void behind the SeekHead */
    bool unknown_segment; /* of unknown size, as live streams are */
    bool unknown_cluster;
    bool no_seek_head;
};

static void append_content(struct buffer *out, struct shape shape)
{
    struct buffer seek = BUFFER_INIT(BUFFER_UNBOUNDED), entry = BUFFER_INIT(BUFFER_UNBOUNDED);
    append_element(&entry, SEEK_ID, SLICE("\x15\x49\xA9\x66"));
    append_element(&entry, POSITION, SLICE("\1\2"));
    append_element(&seek, SEEK, buffer_slice(&entry));
    if (!shape.no_seek_head)
        append_element(out, SEEK_HEAD, buffer_slice(&seek));
    append_zeros(out, VOID, shape.room);
    append_element(out, INFO, SLICE("\x44\x89\x84\x46\x1C\x40\0")); /* ten seconds, as a float */
    append_element(out, TRACKS, SLICE("tracks"));
    for (int i = 0; i < 3; i++) {
        append_element(out, CLUSTER, SLICE("a cluster"));
        append_zeros(out, CLUSTER, 3000);
    }
    if (shape.unknown_cluster)
        out->data[out->size - 3000 - 8] = 1, memset(out->data + out->size - 3000 - 7, 0xFF, 7);
    append_element(out, CUES, SLICE("positions"));
    buffer_release(&seek);
    buffer_release(&entry);
}

static struct buffer make_file(struct shape shape)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED), content = BUFFER_INIT(BUFFER_UNBOUNDED);
    append_element(&out, 0x1A45DFA3, SLICE("\x42\x82\x88matroska"));
    size_t segment = out.size + 4;
    append_content(&content, shape);
    append_element(&out, SEGMENT, buffer_slice(&content));
    if (shape.unknown_segment)
        memset(out.data + segment + 1, 0xFF, 7);
    buffer_release(&content);
    return out;
}

struct element {
    uint32_t id;
    struct slice body;
};

/* A variable-length number, with or without the bit that marks its width. */
static uint64_t take_number(struct slice *bytes, bool marked)
{
    assert_true(bytes->size > 0);
    uint8_t first = (uint8_t)bytes->data[0];
    size_t width = 1;
    while (width < 8 && !(first & 0x80 >> (width - 1)))
        width++;
    assert_true(width <= bytes->size);
    uint64_t number = marked ? first : first & (0xFFu >> width);
    for (size_t i = 1; i < width; i++)
        number = number << 8 | (uint8_t)bytes->data[i];
    *bytes = slice_from(*bytes, width);
    return number;
}

static struct element take_element(struct slice *bytes)
{
    struct element element = {.id = (uint32_t)take_number(bytes, true)};
    uint64_t size = take_number(bytes, false);
    if (size == UINT64_C(0xFFFFFFFFFFFFFF))
        size = bytes->size;
    assert_true(size <= bytes->size);
    element.body = slice_first(*bytes, (size_t)size);
    *bytes = slice_from(*bytes, (size_t)size);
    return element;
}

static uint64_t number_of(struct slice body)
{
    uint64_t number = 0;
    for (size_t i = 0; i < body.size; i++)
        number = number << 8 | (uint8_t)body.data[i];
    return number;
}

/* How many entries for chapters the SeekHead has; each says where they are. */
static size_t check_seek_head(struct slice head, struct slice segment)
{
    size_t entries = 0;
    while (head.size) {
        struct element seek = take_element(&head);
        assert_int_equal(seek.id, SEEK);
        struct element id = take_element(&seek.body), position = take_element(&seek.body);
        if (number_of(id.body) != CHAPTERS)
            continue;
        struct slice there = slice_from(segment, (size_t)number_of(position.body));
        assert_int_equal(take_element(&there).id, CHAPTERS);
        entries++;
    }
    return entries;
}

/* Everything that others point to is where it was, and is what it was. */
static void assert_kept(const char *path, const struct buffer *original, bool chapters)
{
    struct buffer now = file_bytes(path);
    struct slice rest = buffer_slice(&now);
    take_element(&rest);
    struct slice segment = take_element(&rest).body;
    assert_int_equal(rest.size, 0);
    size_t found = 0, entries = 0;
    for (rest = segment; rest.size;) {
        size_t offset = (size_t)(rest.data - now.data);
        struct element element = take_element(&rest);
        size_t end = (size_t)(rest.data - now.data);
        if (element.id == SEEK_HEAD)
            entries = check_seek_head(element.body, segment);
        else if (element.id == CHAPTERS)
            found++;
        else if (element.id != VOID) {
            assert_true(end <= original->size);
            assert_memory_equal(now.data + offset, original->data + offset, end - offset);
        }
    }
    assert_int_equal(found, chapters);
    assert_int_equal(entries, chapters);
    buffer_release(&now);
}

static void test_again_and_again(void **state)
{
    (void)state;
    static const struct shape shapes[] = {
        {.room = 100},
        {.room = 100, .unknown_segment = true},
        {.room = 9000},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct buffer file = make_file(shapes[i]);
        char *path = new_file("a.mka", file.data, file.size);
        put_numbered(path, "matroska", 20, false);
        assert_kept(path, &file, true);
        int64_t size = file_size(path);
        put_numbered(path, "matroska", 25, false);
        assert_kept(path, &file, true);
        assert_int_equal(file_size(path), size);
        static const size_t counts[] = {300, 299, 1, 0, 2};
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
            put_numbered(path, "matroska", counts[k], false);
            assert_kept(path, &file, counts[k] > 0);
        }
        drop_file(path);
        buffer_release(&file);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        struct shape shape;
        enum error_kind kind;
        const char *part;
    } cases[] = {
        {{.room = 100, .unknown_cluster = true}, ERROR_INPUT, "written as a live stream"},
        {{.room = 100, .no_seek_head = true}, ERROR_UNSUPPORTED, "no SeekHead"},
        {{.room = 1}, ERROR_UNSUPPORTED, "has no room"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer file = make_file(cases[i].shape);
        char *path = new_file("a.mka", file.data, file.size);
        assert_refused(path, cases[i].kind, cases[i].part);
        drop_file(path);
        buffer_release(&file);
    }
    struct buffer file = make_file((struct shape){.room = 100});
    char *path = new_file("a.mka", file.data, file.size - 5);
    assert_refused(path, ERROR_INPUT, "is cut off");
    drop_file(path);
    buffer_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_again_and_again),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
