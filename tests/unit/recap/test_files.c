/* SPDX-License-Identifier: MIT */
#include "recap/files.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"

#include "test.h"

/* A folder "out" within a folder of the test's own. */
struct place {
    char *above, *out;
    struct record *record;
    struct files files;
};

static void open_place(struct place *place)
{
    struct error err = ERROR_INIT;
    place->record = record_open(place->out, (struct shard){0}, &err);
    assert_no_error(err);
    files_init(&place->files, place->out, place->record);
}

static void close_place(struct place *place)
{
    files_release(&place->files);
    record_close(place->record);
}

/* As another run would meet it. */
static void come_back(struct place *place)
{
    close_place(place);
    open_place(place);
}

static int make_place(void **state)
{
    char name[] = "/tmp/test_files.XXXXXX";
    struct place *place = mem_zalloc(sizeof *place);
    place->above = mem_strdup(mkdtemp(name));
    place->out = path_join(place->above, "out");
    *state = place;
    open_place(place);
    return 0;
}

static void remove_all(const char *folder)
{
    char **names = NULL;
    size_t count = 0;
    path_list(folder, &names, &count, NULL);
    for (size_t i = 0; i < count; i++) {
        char *path = path_join(folder, names[i]);
        if (path_is_folder(path))
            remove_all(path);
        else
            unlink(path);
        free(path);
    }
    path_list_free(names, count);
    rmdir(folder);
}

static int remove_place(void **state)
{
    struct place *place = *state;
    close_place(place);
    remove_all(place->above);
    free(place->out);
    free(place->above);
    free(place);
    return 0;
}

static void put(const struct place *place, const char *name, const char *text)
{
    char *path = path_join(place->out, name), *folder = path_folder(path);
    assert_true(path_make_folder(folder, NULL));
    assert_true(file_write(path, text, strlen(text), NULL));
    free(folder);
    free(path);
}

/* What the file holds; NULL: it is not there. */
static void assert_holds(const struct place *place, const char *name, const char *expected)
{
    char *path = path_join(place->out, name);
    struct buffer text = BUFFER_INIT(1000);
    bool there = file_read(path, &text, NULL);
    if (there != (expected != NULL) || (there && strcmp(buffer_text(&text), expected) != 0))
        fail_msg("%s: '%s'", name, there ? buffer_text(&text) : "is not there");
    buffer_release(&text);
    free(path);
}

static void write_own(struct place *place, const char *name, const char *text)
{
    struct error err = ERROR_INIT;
    files_write(&place->files, name, slice_of(text), &err);
    assert_no_error(err);
}

static void test_ours_is_written_over(void **state)
{
    struct place *place = *state;
    write_own(place, "page", "one");
    come_back(place);
    write_own(place, "page", "two");
    come_back(place);
    write_own(place, "page", "two");
    assert_holds(place, "page", "two");
    assert_int_equal(place->files.left_count, 0);
}

static void test_anothers_stays(void **state)
{
    struct place *place = *state;
    put(place, "notes.md", "mine");
    put(place, "notes.new.md", "mine, too");
    for (int i = 0; i < 2; i++) {
        write_own(place, "notes.md", i ? "ours" : "ours at first");
        assert_int_equal(place->files.left_count, 2);
        assert_string_equal(place->files.left[1].file, "notes.new.md");
        come_back(place);
    }
    assert_holds(place, "notes.md", "mine");
    assert_holds(place, "notes.new.md", "mine, too");
    assert_holds(place, "notes.new-2.md", "ours");
}

static void test_what_was_changed_stays(void **state)
{
    struct place *place = *state;
    write_own(place, "project.rpp", "ours");
    put(place, "project.rpp", "edited");
    come_back(place);
    write_own(place, "project.rpp", "ours");
    assert_holds(place, "project.rpp", "edited");
    assert_holds(place, "project.new.rpp", "ours");
}

/* Killed between the record and the file: what stands there is still the older one of ours. */
static void test_killed_before_it_was_there(void **state)
{
    struct place *place = *state;
    write_own(place, "page", "old");
    write_own(place, "page", "new");
    put(place, "page", "old");
    come_back(place);
    write_own(place, "page", "newer");
    assert_holds(place, "page", "newer");
    assert_int_equal(place->files.left_count, 0);
}

static void record_piece_of(struct place *place, const char *file, const char *text)
{
    char sha256[HASH_TEXT_SIZE];
    hash_bytes(text, strlen(text), sha256);
    char *line =
        mem_format("{\"key\": \"of %s\", \"file\": \"%s\", \"bytes\": %zu, \"sha256\": \"%s\"}",
                   file, file, strlen(text), sha256);
    assert_true(record_add(place->record, slice_of(line), NULL));
    free(line);
}

static void test_stale_files(void **state)
{
    struct place *place = *state;
    put(place, "clips/a/1.mp3", "first");
    put(place, "clips/a/2.mp3", "by hand");
    put(place, "clips/b/3.mp3", "third");
    put(place, "clips/4.mp3", "not ours");
    record_piece_of(place, "clips/a/1.mp3", "first");
    record_piece_of(place, "clips/a/2.mp3", "second");
    record_piece_of(place, "clips/b/3.mp3", "third");
    record_piece_of(place, "clips/5.mp3", "gone");
    come_back(place);
    files_add(&place->files, "clips/a/1.mp3");
    files_add(&place->files, NULL);
    files_remove_stale(&place->files);
    assert_int_equal(place->files.removed_count, 1);
    assert_string_equal(place->files.removed[0], "clips/b/3.mp3");
    assert_int_equal(place->files.left_count, 1);
    assert_string_equal(place->files.left[0].file, "clips/a/2.mp3");
    assert_int_equal(place->files.key_count, 1);
    assert_string_equal(place->files.keys[0], "of clips/a/2.mp3");
    assert_holds(place, "clips/a/1.mp3", "first");
    assert_holds(place, "clips/4.mp3", "not ours");
    char *folder = path_join(place->out, "clips/b");
    assert_false(path_is_folder(folder));
    free(folder);
}

/* A record that comes with somebody's folder. */
static void test_a_record_does_not_lead_out_of_the_folder(void **state)
{
    struct place *place = *state;
    put(place, "../precious", "text");
    char *absolute = path_join(place->above, "precious");
    record_piece_of(place, "../precious", "text");
    record_piece_of(place, "clips/../../precious", "text");
    record_piece_of(place, absolute, "text");
    put(place, "clips/x", "");
    come_back(place);
    files_remove_stale(&place->files);
    assert_holds(place, "../precious", "text");
    assert_int_equal(place->files.removed_count + place->files.left_count, 0);
    free(absolute);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ours_is_written_over),
        TEST(test_anothers_stays),
        TEST(test_what_was_changed_stays),
        TEST(test_killed_before_it_was_there),
        TEST(test_stale_files),
        TEST(test_a_record_does_not_lead_out_of_the_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
