/* SPDX-License-Identifier: MIT */
#include "base/source.h"

#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "test.h"

#define SIZE 1000003 /* some windows of a file, and no whole number of them */

/* Every byte tells its place. */
static uint8_t byte_at(int64_t offset)
{
    return (uint8_t)(offset % 251);
}

static uint8_t *make_data(void)
{
    uint8_t *data = mem_alloc(SIZE);
    for (int64_t i = 0; i < SIZE; i++)
        data[i] = byte_at(i);
    return data;
}

struct place {
    char *folder, *path;
    uint8_t *data;
};

static int set_up(void **state)
{
    struct place *place = mem_zalloc(sizeof *place);
    place->folder = folder_create();
    place->path = path_join(place->folder, "audio.mp3");
    place->data = make_data();
    *state = place;
    return file_write(place->path, place->data, SIZE, NULL) ? 0 : -1;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    folder_remove(place->folder);
    free(place->path);
    free(place->data);
    free(place);
    return 0;
}

static struct source *open_file(struct place *place)
{
    struct source *source = source_open_file(place->path, NULL);
    assert_non_null(source);
    return source;
}

static struct source *open_memory(struct place *place)
{
    return source_open_memory(place->data, SIZE, "memory");
}

static struct source *(*const kinds[])(struct place *) = {open_file, open_memory};

static void test_read(void **state)
{
    static const struct {
        int64_t offset;
        size_t size, got;
    } rows[] = {
        {0, 10, 10},  {0, 0, 0},         {SIZE - 1, 1, 1},    {SIZE - 1, 2, 1},
        {SIZE, 1, 0}, {INT64_MAX, 1, 0}, {5, SIZE, SIZE - 5}, {0, SIZE, SIZE},
    };
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        struct source *source = kinds[k](*state);
        uint8_t *data = mem_alloc(SIZE);
        assert_int_equal(source->size, SIZE);
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            size_t got = 77;
            assert_true(source_read(source, rows[i].offset, data, rows[i].size, &got, NULL));
            assert_int_equal(got, rows[i].got);
            for (size_t n = 0; n < got; n++)
                assert_int_equal(data[n], byte_at(rows[i].offset + (int64_t)n));
        }
        free(data);
        source_destroy(source);
    }
    source_destroy(NULL);
}

static void test_before_the_beginning(void **state)
{
    static const int64_t offsets[] = {-1, INT64_MIN};
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        struct source *source = kinds[k](*state);
        for (size_t i = 0; i < COUNT_OF(offsets); i++) {
            struct error err = ERROR_INIT;
            uint8_t byte = 77;
            const uint8_t *view = NULL;
            size_t got = 77;
            assert_false(source_read(source, offsets[i], &byte, 1, &got, &err));
            assert_error(err, ERROR_INPUT, "refers to bytes before its beginning");
            assert_false(source_view(source, offsets[i], 1, &view, &got, &err));
            assert_error(err, ERROR_INPUT, "refers to bytes before its beginning");
            assert_int_equal(got, 77);
            assert_null(view);
            assert_true(source_view(source, INT64_MAX, 1, &view, &got, &err)); /* and goes on */
            assert_true(source_view(source, 5, 1, &view, &got, &err));
            assert_int_equal(view[0], byte_at(5));
            source_expect(source, offsets[i], 5);
        }
        source_destroy(source);
    }
}

static void test_read_exactly(void **state)
{
    struct source *source = open_file(*state);
    struct error err = ERROR_INIT;
    uint8_t data[10];
    assert_true(source_read_exactly(source, SIZE - 10, data, 10, &err));
    assert_int_equal(data[9], byte_at(SIZE - 1));
    assert_false(source_read_exactly(source, SIZE - 9, data, 10, &err));
    assert_error(err, ERROR_INPUT, "audio.mp3: ends early, at byte 1000003");
    assert_false(source_read_exactly(source, SIZE + 9, data, 1, &err));
    assert_error(err, ERROR_INPUT, "ends early, at byte 1000012");
    assert_true(source_read_exactly(source, SIZE + 9, data, 0, &err));
    source_destroy(source);
}

static void check_view(struct source *source, int64_t offset, size_t size)
{
    const uint8_t *data = NULL;
    size_t got = SIZE_MAX;
    assert_true(source_view(source, offset, size, &data, &got, NULL));
    assert_non_null(data);
    size_t left = offset < SIZE ? (size_t)(SIZE - offset) : 0;
    assert_true(got >= (size < left ? size : left));
    assert_true(got <= left);
    for (size_t i = 0; i < got; i += i + 100 < got && i > 100 ? 97 : 1)
        assert_int_equal(data[i], byte_at(offset + (int64_t)i));
}

/* As a walk over frames does it: across the borders of what is held, and to the very end. */
static void test_view_walks(void **state)
{
    static const size_t steps[] = {104, 417, 4096, 262143, 262144, 262145, 400000};
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        for (size_t i = 0; i < COUNT_OF(steps); i++) {
            struct source *source = kinds[k](*state);
            for (int64_t at = 0; at < SIZE + 1000000; at += (int64_t)steps[i])
                check_view(source, at, steps[i] + 4);
            source_destroy(source);
        }
    }
}

static void test_view_jumps(void **state)
{
    struct source *source = open_file(*state);
    uint32_t random = 12345;
    for (int i = 0; i < 300; i++) {
        random = random * 1664525 + 1013904223;
        int64_t offset = random >> 8 & 0xFFFFF; /* past the end now and then */
        random = random * 1664525 + 1013904223;
        check_view(source, offset, random >> 12 & 0x3FFF);
    }
    source_destroy(source);
}

static void test_view_of_sizes_that_a_file_made_up(void **state)
{
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        struct source *source = kinds[k](*state);
        check_view(source, SIZE - 5, SIZE_MAX); /* no more memory than there is file */
        check_view(source, SIZE, SIZE_MAX);
        check_view(source, SIZE + 1, SIZE_MAX);
        check_view(source, INT64_MAX, SIZE_MAX);
        check_view(source, 0, 0);
        assert_true(source->view_capacity <= SIZE);
        source_destroy(source);
    }
}

static void test_empty_file(void **state)
{
    struct place *place = *state;
    put_file(place->path, "");
    struct source *source = open_file(place);
    const uint8_t *data = NULL;
    size_t got = 77;
    assert_int_equal(source->size, 0);
    assert_true(source_view(source, 0, 10, &data, &got, NULL));
    assert_int_equal(got, 0);
    assert_non_null(data);
    source_destroy(source);

    source = source_open_memory(NULL, 0, "nothing");
    assert_true(source_view(source, 0, 10, &data, &got, NULL));
    assert_int_equal(got, 0);
    source_destroy(source);
}

static void test_file_that_shrinks(void **state)
{
    struct place *place = *state;
    struct source *source = open_file(place);
    struct error err = ERROR_INIT;
    uint8_t data[20];
    const uint8_t *view = NULL;
    size_t got = 77;
    assert_int_equal(truncate(place->path, 500000), 0);
    assert_true(source_read(source, 499990, data, 10, &got, &err));
    assert_false(source_read(source, 499990, data, 20, &got, &err));
    assert_error(err, ERROR_INPUT, "audio.mp3: became shorter while it was read");
    assert_false(source_view(source, 600000, 4, &view, &got, &err));
    assert_error(err, ERROR_INPUT, "became shorter");
    assert_null(view);
    assert_true(source_view(source, 0, 4, &view, &got, &err)); /* what is there is still read */
    assert_int_equal(view[3], byte_at(3));
    source_destroy(source);
}

static void test_file_that_grows(void **state)
{
    struct place *place = *state;
    struct source *source = open_file(place);
    uint8_t data[20];
    size_t got = 77;
    assert_int_equal(truncate(place->path, SIZE + 100), 0);
    assert_true(source_read(source, SIZE - 5, data, 20, &got, NULL));
    assert_int_equal(got, 5);
    source_destroy(source);
}

/* Removed or replaced meanwhile, the file that was opened is the one that is read. */
static void test_file_that_is_replaced(void **state)
{
    struct place *place = *state;
    struct source *source = open_file(place);
    assert_true(file_write(place->path, "new", 3, NULL));
    check_view(source, 500000, 1000);
    source_destroy(source);
}

static void test_what_is_no_file(void **state)
{
    struct place *place = *state;
    char *fifo = path_join(place->folder, "fifo"), *missing = path_join(place->folder, "missing");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    const struct {
        const char *path;
        enum error_kind kind;
        const char *message;
    } rows[] = {
        {"/dev/null", ERROR_INPUT, "/dev/null: is no regular file"},
        {place->folder, ERROR_INPUT, ": is no regular file but a folder"},
        {fifo, ERROR_INPUT, "/fifo: is no regular file"}, /* and nobody waits for a writer */
        {missing, ERROR_MISSING, "/missing: cannot be opened: No such file"},
        {"", ERROR_MISSING, "cannot be opened"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        assert_null(source_open_file(rows[i].path, &err));
        assert_error(err, rows[i].kind, rows[i].message);
    }
    free(fifo);
    free(missing);
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_place(test_read),
        in_place(test_before_the_beginning),
        in_place(test_read_exactly),
        in_place(test_view_walks),
        in_place(test_view_jumps),
        in_place(test_view_of_sizes_that_a_file_made_up),
        in_place(test_empty_file),
        in_place(test_file_that_shrinks),
        in_place(test_file_that_grows),
        in_place(test_file_that_is_replaced),
        in_place(test_what_is_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
