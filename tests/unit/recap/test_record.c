/* SPDX-License-Identifier: MIT */
#include "recap/record.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"

#include "test.h"

/* A folder that is gone after the test. */
static int make_folder(void **state)
{
    char name[] = "/tmp/test_record.XXXXXX";
    *state = mem_strdup(mkdtemp(name));
    return *state ? 0 : -1;
}

static char *record_path(void **state)
{
    return path_join(*state, RECORD_NAME);
}

static int remove_folder(void **state)
{
    char *path = record_path(state);
    remove(path);
    for (int i = 1; i <= 2; i++) {
        char *of_shard = mem_format("%s.%d-of-2", path, i);
        remove(of_shard);
        free(of_shard);
    }
    rmdir(*state);
    free(path);
    free(*state);
    return 0;
}

static struct record *open_one(void **state)
{
    struct error err = ERROR_INIT;
    struct record *record = record_open(*state, (struct shard){0}, &err);
    assert_no_error(err);
    return record;
}

static void test_what_is_added_is_found_later(void **state)
{
    struct record *record = open_one(state);
    assert_null(record_find(record, "a"));
    assert_true(record_add(record, SLICE("{\"key\": \"b\", \"n\": 2}"), NULL));
    assert_true(record_add(record, SLICE("{\"key\": \"a\", \"n\": 1}"), NULL));
    record_close(record);
    record = open_one(state);
    int64_t number = 0;
    assert_true(value_int64(value_get(record_find(record, "a"), "n"), &number));
    assert_int_equal(number, 1);
    assert_null(record_find(record, "c"));
    record_close(record);
}

static void test_what_was_recorded_last_counts(void **state)
{
    struct record *record = open_one(state);
    for (int i = 0; i < 20; i++) {
        char *line = mem_format("{\"key\": \"%c\", \"n\": %d}", "abc"[i % 3], i);
        assert_true(record_add(record, slice_of(line), NULL));
        free(line);
        if (i % 6 == 5) {
            record_close(record);
            record = open_one(state);
        }
    }
    record_close(record);
    record = open_one(state);
    int64_t number = 0;
    assert_true(value_int64(value_get(record_find(record, "b"), "n"), &number));
    assert_int_equal(number, 19);
    assert_true(value_int64(value_get(record_find(record, "c"), "n"), &number));
    assert_int_equal(number, 17);
    record_close(record);
}

/* As after a loss of power, at each byte of the second line. */
static void test_a_line_that_breaks_off_is_passed_over(void **state)
{
    static const char text[] = "{\"key\": \"a\"}\n{\"key\": \"b\", \"n\": 2}";
    char *path = record_path(state);
    for (size_t size = 13; size < sizeof text - 1; size++) {
        assert_true(file_write(path, text, size, NULL));
        struct record *record = open_one(state);
        assert_non_null(record_find(record, "a"));
        assert_null(record_find(record, "b"));
        assert_true(record_add(record, SLICE("{\"key\": \"c\"}"), NULL));
        record_close(record);
        record = open_one(state);
        assert_non_null(record_find(record, "a"));
        assert_non_null(record_find(record, "c"));
        record_close(record);
    }
    free(path);
}

/* As on a full disk, which then has room again. */
static void test_a_line_that_cannot_be_written_spoils_no_other(void **state)
{
    struct rlimit before, little;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct record *record = open_one(state);
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t size = 0; size < 12; size++) {
        little = (struct rlimit){size, before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
        assert_false(record_add(record, SLICE("{\"key\": \"a\"}"), NULL));
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_true(record_add(record, SLICE("{\"key\": \"b\"}"), NULL));
        record_close(record);
        record = open_one(state);
        assert_null(record_find(record, "a"));
        assert_non_null(record_find(record, "b"));
        assert_true(record_keep(record, NULL, 0, NULL));
        record_close(record);
        record = open_one(state);
    }
    record_close(record);
}

/* Opens the record as soon as it can be had, and adds to it. */
static void wait_and_add(void **state)
{
    struct record *record = NULL;
    while (!record)
        record = record_open(*state, (struct shard){0}, NULL);
    _exit(record_find(record, "a") && record_add(record, SLICE("{\"key\":\"b\"}"), NULL) ? 0 : 1);
}

/* A run that ends gives the folder's record another file: who opened the old one must not go on
 * with that. */
static void test_the_record_that_is_locked_is_the_one_of_that_name(void **state)
{
    for (int i = 0; i < 60; i++) {
        struct record *record = open_one(state);
        assert_true(record_keep(record, NULL, 0, NULL));
        record_close(record);
        record = open_one(state);
        record_add(record, SLICE("{\"key\":\"a\"}"), NULL);
        pid_t child = fork();
        if (child == 0)
            wait_and_add(state);
        assert_true(record_keep(record, (const char *const[]){"a"}, 1, NULL));
        record_close(record);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        record = open_one(state);
        assert_non_null(record_find(record, "b"));
        record_close(record);
    }
}

static void test_keeping_drops_the_rest_and_puts_in_order(void **state)
{
    struct record *record = open_one(state);
    record_add(record, SLICE("{\"key\":\"a\"}"), NULL);
    record_add(record, SLICE("{\"key\":\"b\"}"), NULL);
    record_add(record, SLICE("{\"key\":\"c\"}"), NULL);
    assert_true(record_keep(record, (const char *const[]){"c", "x", NULL, "a"}, 4, NULL));
    record_close(record);
    char *path = record_path(state);
    struct buffer text = BUFFER_INIT(1000);
    assert_true(file_read(path, &text, NULL));
    assert_string_equal(buffer_text(&text), "{\"key\":\"c\"}\n{\"key\":\"a\"}\n");
    buffer_release(&text);
    free(path);
}

static void test_one_process_at_a_time(void **state)
{
    struct record *record = open_one(state);
    pid_t child = fork();
    if (child == 0) {
        struct error err = ERROR_INIT;
        struct record *second = record_open(*state, (struct shard){0}, &err);
        _exit(!second && err.message && strstr(err.message, "another run") ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    record_close(record);
    record_close(open_one(state));
}

static struct record *open_shard(void **state, int number)
{
    struct error err = ERROR_INIT;
    struct record *record = record_open(*state, (struct shard){number, 2}, &err);
    assert_no_error(err);
    return record;
}

/* Runs `open` in another process, which has locks of its own; true where it could. */
static bool opens_elsewhere(void **state, struct shard shard)
{
    pid_t child = fork();
    if (child == 0)
        _exit(record_open(*state, shard, NULL) ? 0 : 1);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status == 0;
}

static void test_shards_work_side_by_side(void **state)
{
    struct record *first = open_shard(state, 1);
    assert_true(opens_elsewhere(state, (struct shard){2, 2}));
    assert_false(opens_elsewhere(state, (struct shard){1, 2}));
    assert_false(opens_elsewhere(state, (struct shard){0}));
    record_close(first);
    struct record *whole = open_one(state);
    assert_false(opens_elsewhere(state, (struct shard){1, 2}));
    record_close(whole);
    assert_true(opens_elsewhere(state, (struct shard){1, 2}));
}

static void test_the_whole_job_knows_what_shards_have_finished(void **state)
{
    struct record *first = open_shard(state, 1), *whole;
    record_add(first, SLICE("{\"key\":\"a\"}"), NULL);
    record_close(first);
    struct record *second = open_shard(state, 2);
    record_add(second, SLICE("{\"key\":\"b\"}"), NULL);
    assert_null(record_find(second, "a"));
    record_close(second);
    for (int i = 0; i < 2; i++) {
        whole = open_one(state);
        assert_non_null(record_find(whole, "a"));
        assert_non_null(record_find(whole, "b"));
        assert_true(record_keep(whole, (const char *const[]){"a", "b"}, 2, NULL));
        record_close(whole);
        char **names = NULL;
        size_t count = 0;
        assert_true(path_list(*state, &names, &count, NULL));
        assert_int_equal(count, 1);
        path_list_free(names, count);
    }
    second = open_shard(state, 2);
    assert_non_null(record_find(second, "a"));
    record_close(second);
}

static void test_keys_tell_everything_apart(void **state)
{
    (void)state;
    char keys[4][HASH_TEXT_SIZE];
    for (int i = 0; i < 4; i++) {
        struct record_key key = RECORD_KEY_INIT;
        record_key_text(&key, "a", i == 0 ? NULL : i == 1 ? "" : "b");
        record_key_number(&key, "n", i == 3);
        record_key_finish(&key, keys[i]);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(keys[i], keys[k]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_added_is_found_later),
        TEST(test_what_was_recorded_last_counts),
        TEST(test_a_line_that_breaks_off_is_passed_over),
        TEST(test_a_line_that_cannot_be_written_spoils_no_other),
        TEST(test_the_record_that_is_locked_is_the_one_of_that_name),
        TEST(test_keeping_drops_the_rest_and_puts_in_order),
        TEST(test_one_process_at_a_time),
        TEST(test_shards_work_side_by_side),
        TEST(test_the_whole_job_knows_what_shards_have_finished),
        cmocka_unit_test(test_keys_tell_everything_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
