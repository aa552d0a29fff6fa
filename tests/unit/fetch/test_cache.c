/* SPDX-License-Identifier: MIT */
#include "fetch/cache.h"
#include "fetch/disk.h"
#include "fetch/mark.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "folder.h"

#define SIZE ((int64_t)5 * CACHE_BLOCK + 100) /* six blocks, the last of them short */

static uint8_t content[SIZE];

static int set_up(void **state)
{
    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (uint8_t)(i * 2654435761u >> 24);
    *state = folder_create();
    return 0;
}

static int tear_down(void **state)
{
    folder_remove(*state);
    return 0;
}

static struct cache_entry *open_entry(const char *folder)
{
    struct error err = ERROR_INIT;
    struct cache_entry *entry = cache_open(folder, "url:example.com/a.mp3", NULL, &err);
    assert_no_error(err);
    return entry;
}

static struct cache_entry *begin_entry(const char *folder, int64_t size)
{
    struct error err = ERROR_INIT;
    struct meta meta = {.url = "https://example.com/a.mp3", .etag = "\"1\"", .size = size};
    struct cache_entry *entry = open_entry(folder);
    assert_false(entry->held);
    assert_true(cache_begin(entry, &meta, &err));
    cache_unlock(entry);
    return entry;
}

static void write_blocks(struct cache_entry *entry, int64_t first, int64_t end)
{
    struct error err = ERROR_INIT;
    int64_t offset = first * CACHE_BLOCK;
    int64_t stop = end * CACHE_BLOCK < SIZE ? end * CACHE_BLOCK : SIZE;
    assert_true(cache_write(entry, offset, content + offset, (size_t)(stop - offset), &err));
}

static void assert_missing(const struct cache_entry *entry, int64_t first, int64_t end,
                           int64_t expected_first, int64_t expected_end)
{
    int64_t run_first = -1, run_end = -1;
    assert_true(cache_missing(entry, first, end, &run_first, &run_end));
    assert_int_equal(run_first, expected_first);
    assert_int_equal(run_end, expected_end);
}

static void assert_held(const struct cache_entry *entry, int64_t first, int64_t end)
{
    int64_t run_first, run_end;
    assert_false(cache_missing(entry, first, end, &run_first, &run_end));
}

/* `expected` bytes from `offset` on can be read, and they are the right ones. */
static void assert_read(struct cache_entry *entry, int64_t offset, size_t size, size_t expected)
{
    struct error err = ERROR_INIT;
    static uint8_t data[SIZE];
    size_t got = SIZE_MAX;
    assert_true(cache_read(entry, offset, data, size, &got, &err));
    assert_int_equal(got, expected);
    assert_memory_equal(data, content + offset, got);
}

static void test_blocks(void **state)
{
    struct cache_entry *entry = begin_entry(*state, SIZE);
    assert_int_equal(cache_held_bytes(entry), 0);
    assert_missing(entry, 0, SIZE, 0, SIZE);
    assert_missing(entry, 5, 6, 0, CACHE_BLOCK);
    assert_missing(entry, 0, INT64_MAX, 0, SIZE);
    assert_held(entry, 0, 0);
    assert_held(entry, SIZE, SIZE + 1);
    assert_read(entry, 0, 10, 0);

    write_blocks(entry, 1, 3);
    assert_missing(entry, 0, SIZE, 0, CACHE_BLOCK);
    assert_missing(entry, CACHE_BLOCK, SIZE, 3 * CACHE_BLOCK, SIZE);
    assert_held(entry, CACHE_BLOCK, 3 * CACHE_BLOCK);
    assert_int_equal(cache_held_bytes(entry), 2 * CACHE_BLOCK);
    assert_read(entry, CACHE_BLOCK + 7, SIZE - CACHE_BLOCK - 7, 2 * CACHE_BLOCK - 7);

    write_blocks(entry, 5, 6);
    assert_missing(entry, CACHE_BLOCK, SIZE, 3 * CACHE_BLOCK, 5 * CACHE_BLOCK);
    write_blocks(entry, 0, 6);
    assert_held(entry, 0, SIZE);
    assert_int_equal(cache_held_bytes(entry), SIZE);
    assert_read(entry, 0, SIZE, SIZE);
    cache_close(entry);
}

static void test_what_was_written_is_found_again(void **state)
{
    struct cache_entry *entry = begin_entry(*state, SIZE);
    write_blocks(entry, 2, 6);
    cache_close(entry);

    entry = open_entry(*state);
    assert_true(entry->held);
    assert_int_equal(entry->meta.size, SIZE);
    assert_string_equal(entry->meta.etag, "\"1\"");
    assert_true(slice_ends(slice_of(entry->data_path), SLICE(".mp3")));
    assert_int_equal(cache_held_bytes(entry), SIZE - 2 * CACHE_BLOCK);
    assert_read(entry, 2 * CACHE_BLOCK, SIZE, SIZE - 2 * CACHE_BLOCK);
    cache_close(entry);
}

static void test_an_entry_that_stays_empty_leaves_nothing(void **state)
{
    struct cache_entry *entry = open_entry(*state);
    cache_close(entry);
    assert_int_equal(folder_count(*state), 0);
}

static void test_a_size_that_is_known_last(void **state)
{
    struct error err = ERROR_INIT;
    struct cache_entry *entry = begin_entry(*state, -1);
    write_blocks(entry, 0, 6);
    cache_close(entry); /* before its end: nothing can be told of it */
    assert_int_equal(folder_count(*state), 0);

    entry = begin_entry(*state, -1);
    write_blocks(entry, 0, 6);
    assert_true(cache_finish(entry, SIZE, &err));
    assert_read(entry, 0, SIZE, SIZE);
    cache_close(entry);
    entry = open_entry(*state);
    assert_int_equal(cache_held_bytes(entry), SIZE);
    cache_close(entry);
}

/* As after a power cut: marks without their bytes, bytes without their marks, and worse. */
static void test_damage_is_fetched_again(void **state)
{
    struct error err = ERROR_INIT;
    struct cache_entry *entry = begin_entry(*state, SIZE);
    write_blocks(entry, 0, 6);
    char *data = mem_strdup(entry->data_path), *map = mem_strdup(entry->map_path);
    cache_close(entry);

    int fd = open(data, O_RDWR);
    assert_int_equal(pwrite(fd, "", 1, CACHE_BLOCK + 5), 1); /* a byte of block 1 */
    assert_int_equal(ftruncate(fd, 3 * CACHE_BLOCK), 0);     /* zeros from block 3 on */
    assert_int_equal(ftruncate(fd, SIZE), 0);
    close(fd);
    entry = open_entry(*state);
    assert_read(entry, 0, SIZE, CACHE_BLOCK);
    assert_missing(entry, 0, SIZE, CACHE_BLOCK, 2 * CACHE_BLOCK);
    assert_read(entry, 2 * CACHE_BLOCK, SIZE, CACHE_BLOCK);
    assert_true(cache_verify(entry, &err));
    assert_int_equal(cache_held_bytes(entry), 2 * CACHE_BLOCK);
    write_blocks(entry, 0, 6);
    assert_read(entry, 0, SIZE, SIZE);

    /* Longer than the file is. */
    assert_int_equal(truncate(data, 2 * SIZE), 0);
    assert_true(cache_verify(entry, &err));
    struct stat status;
    assert_int_equal(stat(data, &status), 0);
    assert_int_equal(status.st_size, SIZE);

    /* While it is in use, too. */
    assert_int_equal(truncate(data, 10), 0);
    assert_read(entry, 0, SIZE, 0);
    write_blocks(entry, 0, 6);
    assert_read(entry, 0, SIZE, SIZE);
    cache_close(entry);

    /* A map that breaks off in its marks, then in its header; no data; no map. */
    assert_int_equal(truncate(map, META_MAX_SIZE + 12), 0);
    entry = open_entry(*state);
    assert_read(entry, 0, SIZE, CACHE_BLOCK);
    assert_int_equal(cache_held_bytes(entry), CACHE_BLOCK);
    cache_close(entry);
    assert_int_equal(truncate(map, 50), 0);
    cache_close(begin_entry(*state, SIZE));
    entry = open_entry(*state);
    unlink(entry->data_path);
    cache_close(entry);
    cache_close(begin_entry(*state, SIZE));
    assert_int_equal(unlink(map), 0);
    cache_close(begin_entry(*state, SIZE));
    free(data);
    free(map);
}

/* A map must not lead to a file that is not of the cache. */
static void test_a_map_leads_nowhere_else(void **state)
{
    struct cache_entry *entry = begin_entry(*state, SIZE);
    char *map = mem_strdup(entry->map_path);
    cache_close(entry);
    struct meta meta = {.url = "https://example.com/a.mp3", .file = "../victim", .size = SIZE};
    struct buffer header = BUFFER_INIT(META_MAX_SIZE);
    meta_write(&meta, &header);
    put_file(map, buffer_text(&header));
    entry = open_entry(*state);
    assert_false(entry->held);
    cache_close(entry);
    buffer_release(&header);
    free(map);
}

static void test_a_discarded_entry_serves_its_users(void **state)
{
    struct cache_entry *old = begin_entry(*state, SIZE);
    write_blocks(old, 0, 6);
    cache_discard(old);
    struct cache_entry *new = begin_entry(*state, 3 * CACHE_BLOCK);
    assert_string_not_equal(new->data_path, old->data_path);
    assert_read(old, 0, SIZE, SIZE);
    cache_discard(old); /* twice: the new one stays */
    cache_close(old);
    cache_close(new);
    new = open_entry(*state);
    assert_true(new->held);
    assert_int_equal(new->meta.size, 3 * CACHE_BLOCK);
    cache_close(new);
    assert_int_equal(folder_count(*state), 2);
}

static void test_two_users_see_each_others_blocks(void **state)
{
    struct cache_entry *one = begin_entry(*state, SIZE), *two = open_entry(*state);
    assert_true(two->held);
    write_blocks(one, 0, 2);
    assert_read(two, 0, SIZE, 2 * CACHE_BLOCK);
    write_blocks(two, 2, 6);
    assert_held(one, 0, SIZE);

    assert_true(cache_try_lock(one, 0, CACHE_BLOCK));
    assert_false(cache_try_lock(two, 0, SIZE));
    assert_true(cache_try_lock(two, CACHE_BLOCK, SIZE));
    cache_unlock(one);
    assert_true(cache_try_lock(two, 0, SIZE));
    cache_unlock(two);
    cache_close(one);
    cache_close(two);
}

struct opening {
    const char *folder;
    const atomic_bool *stop;
};

static int open_in_vain(void *context)
{
    const struct opening *opening = context;
    struct error err = ERROR_INIT;
    struct cache_entry *entry =
        cache_open(opening->folder, "url:example.com/a.mp3", opening->stop, &err);
    return entry || err.kind != ERROR_INTERRUPTED;
}

static void test_a_stop_ends_the_wait_for_another(void **state)
{
    atomic_bool stop = true;
    struct opening opening = {*state, &stop};
    struct cache_entry *entry = open_entry(*state); /* empty: nobody else gets it */
    assert_int_equal(in_child(open_in_vain, &opening).status, 0);
    cache_close(entry);
}

/* A process that is killed at any moment leaves only true blocks behind. */
static void test_kill_leaves_true_blocks(void **state)
{
    for (int round = 0; round < 20; round++) {
        pid_t child = fork();
        if (child == 0) {
            struct cache_entry *entry = open_entry(*state);
            struct meta meta = {.url = "https://example.com/a.mp3", .size = SIZE};
            if (!entry->held && !cache_begin(entry, &meta, NULL))
                _exit(1);
            for (int64_t block = 0;; block = (block + 1) % 6)
                write_blocks(entry, block, block + 1);
        }
        nanosleep(&(struct timespec){.tv_nsec = round * 300000L}, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        struct cache_entry *entry = open_entry(*state);
        for (int64_t block = 0; entry->held && block < 6; block++) {
            int64_t offset = block * CACHE_BLOCK, first, end;
            size_t size = (size_t)(SIZE - offset < CACHE_BLOCK ? SIZE - offset : CACHE_BLOCK);
            if (!cache_missing(entry, offset, offset + 1, &first, &end))
                assert_read(entry, offset, size, size);
        }
        cache_close(entry);
    }
}

static void test_marks_tell_bytes_apart(void **state)
{
    static const size_t sizes[] = {0, 1, 7, 8, 31, 32, 33, 100, 16384};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        size_t size = sizes[i];
        uint8_t *data = mem_zalloc(size + 1);
        uint64_t zeros = mark_of_bytes(data, size);
        assert_true(zeros != 0);
        assert_true(mark_of_bytes(data, size + 1) != zeros);
        for (size_t bit = 0; bit<size * 8; bit += size> 100 ? 997 : 1) {
            data[bit / 8] = (uint8_t)(1 << (bit % 8));
            assert_true(mark_of_bytes(data, size) != zeros);
            data[bit / 8] = 0;
        }
        free(data);
    }
}

/* They are on the disks of users. */
static void test_marks_stay_what_they_were(void **state)
{
    static const struct {
        size_t size;
        uint64_t mark;
    } rows[] = {
        {0, UINT64_C(0xed9e76f0c8d48590)},  {1, UINT64_C(0x0c5f80e34884028b)},
        {31, UINT64_C(0xf50a9c20ed37b551)}, {32, UINT64_C(0xde9f8b757fc78d47)},
        {33, UINT64_C(0x0081a0955b2e82ef)}, {100, UINT64_C(0xd76dcec67f5deaac)},
    };
    uint8_t data[100];
    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(mark_of_bytes(data, rows[i].size), rows[i].mark);
}

static void test_room(void **state)
{
    struct error err = ERROR_INIT;
    assert_true(disk_has_room(*state, 1, &err));
    assert_false(disk_has_room(*state, INT64_MAX / 2, &err));
    assert_error(err, ERROR_SYSTEM, "make room");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_blocks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_was_written_is_found_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_entry_that_stays_empty_leaves_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_size_that_is_known_last, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damage_is_fetched_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_map_leads_nowhere_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_discarded_entry_serves_its_users, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_two_users_see_each_others_blocks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_stop_ends_the_wait_for_another, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_kill_leaves_true_blocks, set_up, tear_down),
        cmocka_unit_test(test_marks_tell_bytes_apart),
        cmocka_unit_test(test_marks_stay_what_they_were),
        cmocka_unit_test_setup_teardown(test_room, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
