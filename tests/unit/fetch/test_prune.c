/* SPDX-License-Identifier: MIT */
#include "fetch/prune.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "fetch/cache.h"
#include "folder.h"

#define DAY 86400

static uint8_t zeros[4 * CACHE_BLOCK];

static void set_age(const char *path, time_t age)
{
    struct timespec times[2] = {{.tv_sec = time(NULL) - age}, {.tv_sec = time(NULL) - age}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* An entry of four blocks, `held` of them here, last used `age` seconds ago. */
static struct cache_entry *add_audio(const char *folder, const char *url, int64_t held, time_t age)
{
    char *audio = path_join(folder, "audio");
    struct error err = ERROR_INIT;
    assert_true(path_make_folder(audio, &err));
    struct cache_entry *entry = cache_open(audio, url, NULL, &err);
    struct meta meta = {.url = url, .size = (int64_t)sizeof zeros};
    assert_true(cache_begin(entry, &meta, &err));
    assert_true(cache_write(entry, 0, zeros, (size_t)(held * CACHE_BLOCK), &err));
    set_age(entry->map_path, age);
    free(audio);
    return entry;
}

static void fill(const char *folder)
{
    cache_close(add_audio(folder, "https://example.com/new.mp3", 4, 0));
    cache_close(add_audio(folder, "https://example.com/middle.mp3", 2, 10 * DAY));
    cache_close(add_audio(folder, "https://example.com/old.mp3", 1, 40 * DAY));
    char *documents = path_join(folder, "documents"), *path = path_join(documents, "feed");
    struct meta meta = {.url = "https://example.com/feed.xml", .size = 5};
    struct buffer text = BUFFER_INIT(META_MAX_SIZE);
    meta_write(&meta, &text);
    buffer_append_text(&text, "<rss>");
    assert_true(path_make_folder(documents, NULL));
    put_file(path, buffer_text(&text));
    set_age(path, 20 * DAY);
    buffer_release(&text);
    free(path);
    free(documents);
}

static int set_up(void **state)
{
    *state = folder_create();
    fill(*state);
    return 0;
}

static int tear_down(void **state)
{
    folder_remove(*state);
    return 0;
}

static void assert_listed(const char *folder, const char *expected)
{
    struct cache_items items;
    struct error err = ERROR_INIT;
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    assert_true(cache_list(folder, &items, &err));
    for (size_t i = 0; i < items.count; i++) {
        char *name = slice_dup(path_stem(items.items[i].url));
        buffer_append_format(&text, "%s%s:%lld", i ? " " : "", name,
                             (long long)items.items[i].held);
        free(name);
    }
    assert_string_equal(buffer_text(&text), expected);
    buffer_release(&text);
    cache_items_release(&items);
}

static void test_list(void **state)
{
    assert_listed(*state, "new:65536 middle:32768 feed:5 old:16384");
    assert_listed("/nonexistent/cache", "");
}

static void prune(const char *folder, struct prune_options options, size_t expected)
{
    struct cache_items removed;
    struct error err = ERROR_INIT;
    assert_true(cache_prune(folder, &options, &removed, &err));
    assert_int_equal(removed.count, expected);
    cache_items_release(&removed);
}

static void test_by_age(void **state)
{
    prune(*state, (struct prune_options){.older_than = 15 * DAY, .max_size = -1, .dry_run = true},
          2);
    assert_listed(*state, "new:65536 middle:32768 feed:5 old:16384");
    prune(*state, (struct prune_options){.older_than = 15 * DAY, .max_size = -1}, 2);
    assert_listed(*state, "new:65536 middle:32768");
}

/* What does not fit goes; what is smaller and older may still fit. */
static void test_by_size(void **state)
{
    prune(*state, (struct prune_options){.older_than = -1, .max_size = 65536 + 16384 + 5}, 1);
    assert_listed(*state, "new:65536 feed:5 old:16384");
}

static void test_everything(void **state)
{
    prune(*state, (struct prune_options){.older_than = -1, .max_size = -1}, 4);
    char *audio = path_join(*state, "audio");
    assert_int_equal(folder_count(audio), 0);
    free(audio);
}

static void test_what_is_in_use_stays(void **state)
{
    struct cache_entry *entry = add_audio(*state, "https://example.com/used.mp3", 1, 50 * DAY);
    prune(*state, (struct prune_options){.older_than = -1, .max_size = -1}, 4);
    assert_listed(*state, "used:16384");
    cache_close(entry);
}

static void test_leavings_go_and_others_stay(void **state)
{
    static const struct {
        const char *name;
        time_t age;
        bool stays;
    } rows[] = {
        {"audio/0123456789abcdef0123456789abcdef-01234567.mp3", DAY, false},
        /* Perhaps it is being made. */
        {"audio/0123456789abcdef0123456789abcdee-01234567.mp3", 0, true},
        {"audio/0123456789abcdef0123456789abcded.map", DAY, false},
        {"audio/.clipnotes-1-2-3.tmp", DAY, false},
        {"audio/.clipnotes-1-2-4.tmp", 0, true},
        {"audio/of-the-user.mp3", DAY, true},
        {"documents/.clipnotes-1-2-3.tmp", DAY, false},
        {"documents/.clipnotes-1-2-4.tmp", 0, true},
        {"documents/of-the-user.xml", DAY, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *path = path_join(*state, rows[i].name);
        put_file(path, "x");
        set_age(path, rows[i].age);
        free(path);
    }
    prune(*state, (struct prune_options){.older_than = 1000 * DAY, .max_size = -1}, 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char *path = path_join(*state, rows[i].name);
        if ((access(path, F_OK) == 0) != rows[i].stays)
            fail_msg("%s", rows[i].name);
        free(path);
    }
    assert_listed(*state, "new:65536 middle:32768 feed:5 old:16384");
}

static void test_what_cannot_be_removed_is_said(void **state)
{
    char *name = cache_name("https://example.com/middle.mp3");
    char *path = mem_format("%s/audio/%s-folder", (char *)*state, name);
    struct prune_options everything = {.older_than = -1, .max_size = -1};
    struct cache_items removed;
    struct error err = ERROR_INIT;
    assert_true(path_make_folder(path, &err));
    assert_false(cache_prune(*state, &everything, &removed, &err));
    assert_error(err, ERROR_SYSTEM, "cannot be removed");
    assert_listed(*state, "");
    free(path);
    free(name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_list, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_by_age, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_by_size, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_everything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_in_use_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_leavings_go_and_others_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_removed_is_said, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
