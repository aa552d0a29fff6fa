/* SPDX-License-Identifier: MIT */
#include "chapters/chapters.h"

#include "files.h"

#define AUDIO       6000
#define STREAMINFO  0
#define PADDING     1
#define APPLICATION 2
#define COMMENTS    4
#define PICTURE     6

static void append_block(struct buffer *out, uint8_t type, const void *body, size_t size)
{
    const uint8_t head[4] = {type, (uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size};
    buffer_append(out, head, sizeof head);
    buffer_append(out, body, size);
}

static const char comments[] = "\4\0\0\0me 1\2\0\0\0\x09\0\0\0TITLE=Ü!\x07\0\0\0OTHER=2";
#define COMMENTS_SIZE (sizeof comments - 1)

/* 44100 Hz, ten seconds. */
static const uint8_t stream_info[34] = {0x10, 0x00, 0x10, 0x00, 0,    0,    0,    0,    0,
                                        0,    0x0A, 0xC4, 0x42, 0xF0, 0x00, 0x06, 0xBA, 0xA8};

/* A file with `padding` bytes of room; with none (-1) not even a block for it. */
static struct buffer make_file(int padding, bool commented)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    static const uint8_t zeros[20000] = {0};
    buffer_append_text(&out, "fLaC");
    append_block(&out, STREAMINFO, stream_info, sizeof stream_info);
    append_block(&out, APPLICATION, "testrandom", 10);
    if (commented)
        append_block(&out, COMMENTS, comments, COMMENTS_SIZE);
    size_t last = out.size;
    append_block(&out, PICTURE, "no picture, but it has to stay", 30);
    if (padding >= 0) {
        last = out.size;
        append_block(&out, PADDING, zeros, (size_t)padding);
    }
    out.data[last] = (char)(out.data[last] | 0x80);
    for (int i = 0; i < AUDIO; i++)
        buffer_append_byte(&out, (char)(i * 7 + i / 256));
    return out;
}

struct blocks {
    struct buffer kept; /* all but padding and comments */
    struct slice comments;
    size_t end;
};

/* Walks over the blocks; only the last one is marked as such. */
static struct blocks walk(struct slice file)
{
    struct blocks blocks = {.kept = BUFFER_INIT(BUFFER_UNBOUNDED), .comments = {"", 0}};
    assert_memory_equal(file.data, "fLaC", 4);
    size_t at = 4;
    for (bool last = false; !last;) {
        const uint8_t *head = (const uint8_t *)file.data + at;
        size_t size = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
        struct slice body = {file.data + at + 4, size};
        last = head[0] & 0x80;
        at += 4 + size;
        assert_true(at < file.size);
        if ((head[0] & 0x7F) == COMMENTS)
            blocks.comments = body;
        else if ((head[0] & 0x7F) != PADDING)
            append_block(&blocks.kept, head[0] & 0x7F, body.data, body.size);
    }
    blocks.end = at;
    return blocks;
}

/* Blocks and audio are those of `original`. */
static void assert_kept(const char *path, const struct buffer *original)
{
    struct buffer now = file_bytes(path);
    struct blocks a = walk(buffer_slice(&now)), b = walk(buffer_slice(original));
    assert_int_equal(a.kept.size, b.kept.size);
    assert_memory_equal(a.kept.data, b.kept.data, a.kept.size);
    assert_int_equal(now.size - a.end, AUDIO);
    assert_memory_equal(now.data + a.end, original->data + b.end, AUDIO);
    buffer_release(&a.kept);
    buffer_release(&b.kept);
    buffer_release(&now);
}

static void test_padding_makes_room(void **state)
{
    (void)state;
    static const int paddings[] = {-1, 0, 1, 3, 700, 701, 702, 703, 704, 705, 8192, 16384};
    for (size_t i = 0; i < sizeof paddings / sizeof *paddings; i++) {
        struct buffer file = make_file(paddings[i], true);
        char *path = new_file("a.flac", file.data, file.size);
        put_numbered(path, "flac", 10, true);
        assert_kept(path, &file);
        assert_int_equal(file_size(path) == (int64_t)file.size, paddings[i] >= 8192);
        int64_t size = file_size(path);
        put_numbered(path, "flac", 40, true);
        assert_kept(path, &file);
        assert_int_equal(file_size(path), size); /* it grew by more than was needed */
        drop_file(path);
        buffer_release(&file);
    }
}

/* The comments as they were, to the byte, when the chapters are taken out. */
static void test_strip(void **state)
{
    (void)state;
    struct buffer file = make_file(100, true);
    char *path = new_file("a.flac", file.data, file.size);
    put_numbered(path, "flac", 999, true);
    assert_kept(path, &file);
    put_numbered(path, "flac", 0, true);
    struct buffer now = file_bytes(path);
    struct blocks blocks = walk(buffer_slice(&now));
    assert_int_equal(blocks.comments.size, COMMENTS_SIZE);
    assert_memory_equal(blocks.comments.data, comments, COMMENTS_SIZE);
    buffer_release(&blocks.kept);
    buffer_release(&now);
    assert_kept(path, &file);
    drop_file(path);
    buffer_release(&file);
}

static void test_without_comments(void **state)
{
    (void)state;
    struct buffer file = make_file(-1, false);
    char *path = new_file("a.flac", file.data, file.size);
    put_numbered(path, "flac", 0, true);
    assert_file(path, file.data, file.size);
    put_numbered(path, "flac", 5, true);
    assert_kept(path, &file);
    drop_file(path);
    buffer_release(&file);
}

static void test_refused(void **state)
{
    (void)state;
    struct buffer file = make_file(100, true);
    file.data[4 + 4 + 34 + 1] = 0x7F; /* a block that reaches behind the file */
    char *path = new_file("a.flac", file.data, file.size);
    assert_refused(path, ERROR_INPUT, "the FLAC metadata block at byte 42 is damaged");
    drop_file(path);
    buffer_release(&file);

    file = make_file(100, true);
    file.data[4 + 4 + 34 + 14 + 4 + 8] = 127; /* more comments than there are */
    path = new_file("a.flac", file.data, file.size);
    assert_refused(path, ERROR_INPUT, "its comments are damaged");
    drop_file(path);
    buffer_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_padding_makes_room),
        cmocka_unit_test(test_strip),
        cmocka_unit_test(test_without_comments),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
