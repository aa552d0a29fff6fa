/* SPDX-License-Identifier: MIT */
#include "chapters/chapters.h"

#include <string.h>

#include "files.h"

#define RATE  8000
#define BLOCK 8 /* a chunk's header */

static void append_little(struct buffer *out, uint64_t number, size_t width)
{
    for (size_t i = 0; i < width; i++)
        buffer_append_byte(out, (char)(number >> (8 * i)));
}

static void append_chunk(struct buffer *out, const char *type, struct slice body)
{
    buffer_append_text(out, type);
    append_little(out, body.size, 4);
    buffer_append_slice(out, body);
    if (body.size & 1)
        buffer_append_byte(out, '\0');
}

static void append_format(struct buffer *out)
{
    buffer_append_text(out, "fmt ");
    append_little(out, 16, 4);
    append_little(out, 1, 2);
    append_little(out, 1, 2);
    append_little(out, RATE, 4);
    append_little(out, RATE, 4);
    append_little(out, 1, 2);
    append_little(out, 8, 2);
}

struct shape {
    bool large;     /* RF64 */
    bool odd;       /* of an odd number of samples */
    bool unpadded;  /* and without the byte that should follow */
    bool marked;    /* with somebody's markers before the audio */
    bool described; /* with a chunk behind the audio */
};

static struct buffer make_file(struct shape shape)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED), data = BUFFER_INIT(BUFFER_UNBOUNDED);
    size_t samples = 10 * RATE + (shape.odd ? 1 : 0);
    for (size_t i = 0; i < samples; i++)
        buffer_append_byte(&data, (char)(i * 3));
    buffer_append_text(&out, shape.large ? "RF64" : "RIFF");
    append_little(&out, 0xFFFFFFFF, 4);
    buffer_append_text(&out, "WAVE");
    if (shape.large) {
        buffer_append_text(&out, "ds64");
        append_little(&out, 28, 4);
        append_little(&out, 0, 8);
        append_little(&out, samples, 8);
        append_little(&out, samples, 8);
        append_little(&out, 0, 4);
    }
    append_chunk(&out, "bext", SLICE("who, when, where"));
    append_format(&out);
    append_chunk(&out, "LIST", SLICE("INFOINAM\4\0\0\0name"));
    if (shape.marked) {
        append_chunk(&out, "cue ", SLICE("\1\0\0\0\7\0\0\0\1\0\0\0data\0\0\0\0\0\0\0\0\1\0\0\0"));
        append_chunk(&out, "LIST", SLICE("adtllabl\6\0\0\0\7\0\0\0X\0"));
    }
    append_chunk(&out, "data", buffer_slice(&data));
    if (shape.large)
        memset(out.data + out.size - (data.size + (data.size & 1)) - 4, 0xFF, 4);
    if (shape.unpadded)
        buffer_truncate(&out, out.size - 1);
    else if (shape.described)
        append_chunk(&out, "axml", SLICE("<a/>"));
    for (size_t i = 0; i < 8; i++)
        if (shape.large || i < 4)
            out.data[(shape.large ? 20 : 4) + i] = (char)((uint64_t)(out.size - 8) >> (8 * i));
    buffer_release(&data);
    return out;
}

static uint64_t little(const char *data, size_t width)
{
    uint64_t number = 0;
    for (size_t i = width; i-- > 0;)
        number = number << 8 | (uint8_t)data[i];
    return number;
}

/* All chunks that are not ours; the markers go to `ret_cue` and `ret_labels`. */
static struct buffer kept_chunks(struct slice file, struct slice *ret_cue, struct slice *ret_labels)
{
    struct buffer kept = BUFFER_INIT(BUFFER_UNBOUNDED);
    bool large = file.data[1] == 'F';
    uint64_t data_size = little(file.data + 28, 8);
    *ret_cue = *ret_labels = SLICE("");
    assert_int_equal(little(file.data + (large ? 20 : 4), large ? 8 : 4), file.size - 8);
    struct slice rest = slice_from(file, 12);
    while (rest.size) {
        assert_true(rest.size >= BLOCK);
        size_t size = little(rest.data + 4, 4);
        if (large && memcmp(rest.data, "data", 4) == 0)
            size = data_size;
        assert_true(size <= rest.size - BLOCK);
        struct slice body = slice_first(slice_from(rest, BLOCK), size);
        if (memcmp(rest.data, "cue ", 4) == 0)
            *ret_cue = body;
        else if (memcmp(rest.data, "LIST", 4) == 0 && memcmp(body.data, "adtl", 4) == 0)
            *ret_labels = slice_from(body, 4);
        else if (memcmp(rest.data, "id3 ", 4) != 0 && memcmp(rest.data, "JUNK", 4) != 0 &&
                 memcmp(rest.data, "ds64", 4) != 0)
            buffer_append(&kept, rest.data, BLOCK + size);
        rest = slice_from(rest, BLOCK + size + (size & 1));
    }
    return kept;
}

/* As editors read them: sample positions, and labels of the same numbers. */
static void assert_markers(struct slice cue, struct slice labels, size_t count)
{
    if (!count) {
        assert_int_equal(cue.size + labels.size, 0);
        return;
    }
    struct chapter_list expected = numbered_chapters(count);
    assert_int_equal(cue.size, 4 + 24 * count);
    assert_int_equal(little(cue.data, 4), count);
    for (size_t i = 0; i < count; i++) {
        const char *point = cue.data + 4 + 24 * i;
        assert_int_equal(little(point, 4), i);
        assert_int_equal(little(point + 20, 4), expected.items[i].start * RATE / 1000);
        assert_memory_equal(point + 8, "data", 4);
        const char *title = expected.items[i].title;
        size_t size = little(labels.data + 4, 4);
        assert_memory_equal(labels.data, "labl", 4);
        assert_int_equal(little(labels.data + 8, 4), i);
        assert_int_equal(size, 4 + strlen(title) + 1);
        assert_string_equal(labels.data + 12, title);
        labels = slice_from(labels, BLOCK + size + (size & 1));
    }
    assert_int_equal(labels.size, 0);
    chapter_list_release(&expected);
}

static void put_and_check(const char *path, const struct buffer *original, size_t count)
{
    struct slice cue, labels;
    put_numbered(path, "wav", count, true);
    struct buffer now = file_bytes(path);
    struct buffer a = kept_chunks(buffer_slice(&now), &cue, &labels);
    assert_markers(cue, labels, count);
    struct buffer b = kept_chunks(buffer_slice(original), &cue, &labels);
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
    buffer_release(&a);
    buffer_release(&b);
    buffer_release(&now);
}

static void test_again_and_again(void **state)
{
    (void)state;
    static const struct shape shapes[] = {
        {0},
        {.large = true},
        {.odd = true},
        {.odd = true, .unpadded = true},
        {.odd = true, .large = true, .described = true},
        {.marked = true},
        {.marked = true, .described = true},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct buffer file = make_file(shapes[i]);
        char *path = new_file("a.wav", file.data, file.size);
        put_and_check(path, &file, 20);
        int64_t size = file_size(path);
        put_and_check(path, &file, 25);
        assert_int_equal(file_size(path), size);
        put_and_check(path, &file, 300);
        put_and_check(path, &file, 1);
        put_and_check(path, &file, 0);
        drop_file(path);
        buffer_release(&file);
    }
}

static void test_stripping_what_has_none_changes_nothing(void **state)
{
    (void)state;
    struct buffer file = make_file((struct shape){0});
    append_chunk(&file, "id3 ", SLICE("ID3\3\0\0\0\0\0\xDTIT2\0\0\0\3\0\0\0hi"));
    char *path = new_file("a.wav", file.data, file.size);
    put_numbered(path, "wav", 0, true);
    assert_file(path, file.data, file.size);
    drop_file(path);
    buffer_release(&file);
}

static void test_refused(void **state)
{
    (void)state;
    struct buffer file = make_file((struct shape){0}), empty = BUFFER_INIT(BUFFER_UNBOUNDED);
    char *path = new_file("a.wav", file.data, file.size - 100);
    assert_refused(path, ERROR_INPUT, "more audio than there is");
    drop_file(path);
    append_chunk(&file, "LIST", SLICE("INFO"));
    for (size_t i = 0; i < 4; i++)
        file.data[4 + i] = (char)((file.size - BLOCK) >> (8 * i));
    path = new_file("a.wav", file.data, file.size - 2);
    assert_refused(path, ERROR_INPUT, "damaged");
    drop_file(path);
    append_chunk(&file, "ID3 ", SLICE("ID3\3\0\0\0\0\0\0"));
    append_chunk(&file, "id3 ", SLICE("ID3\3\0\0\0\0\0\0"));
    path = new_file("a.wav", file.data, file.size);
    assert_refused(path, ERROR_UNSUPPORTED, "has 2 ID3 tags");
    drop_file(path);
    path = new_file("a.wav", file.data, 30);
    assert_refused(path, ERROR_INPUT, "no usable fmt chunk");
    drop_file(path);
    buffer_release(&file);

    buffer_append_slice(&empty, SLICE("RIFF\x24\0\0\0WAVE"));
    append_format(&empty);
    append_chunk(&empty, "data", SLICE(""));
    path = new_file("a.wav", empty.data, empty.size);
    assert_refused(path, ERROR_INPUT, "has no audio");
    drop_file(path);
    buffer_release(&empty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_again_and_again),
        cmocka_unit_test(test_stripping_what_has_none_changes_nothing),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
