/* SPDX-License-Identifier: MIT */
#include "base/path.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "folder.h"
#include "test.h"

static void test_join(void **state)
{
    static const struct {
        const char *folder, *name, *joined;
    } rows[] = {
        {"a", "b.mp3", "a/b.mp3"}, {"a/", "b.mp3", "a/b.mp3"}, {"a", "/b", "/b"}, {"", "b", "b"},
        {"/", "b", "/b"},          {".", "b/c", "./b/c"},      {"a", "", "a/"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_owned(path_join(rows[i].folder, rows[i].name), rows[i].joined);
}

static void test_parts(void **state)
{
    static const struct {
        const char *path, *folder, *name, *stem, *extension;
    } rows[] = {
        {"a/b.mp3", "a", "b.mp3", "b", "mp3"},
        {"b.mp3", ".", "b.mp3", "b", "mp3"},
        {"/b.mp3", "/", "b.mp3", "b", "mp3"},
        {"a/.b", "a", ".b", ".b", ""},
        {"a.b/c", "a.b", "c", "c", ""},
        {"a/b.tar.gz", "a", "b.tar.gz", "b.tar", "gz"},
        {"a/b.", "a", "b.", "b", ""},
        {"a/", "a", "", "", ""},
        {"", ".", "", "", ""},
        {"/", "/", "", "", ""},
        {"/a/b/c", "/a/b", "c", "c", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_owned(path_folder(rows[i].path), rows[i].folder);
        assert_slice(path_name(rows[i].path), rows[i].name);
        assert_slice(path_stem(rows[i].path), rows[i].stem);
        assert_slice(path_extension(rows[i].path), rows[i].extension);
    }
}

static void test_make_folder(void **state)
{
    static const char *const names[] = {"a", "a/b/c", "a/b/c", "x//y///z/", "./k/../l"};
    char *root = *state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct error err = ERROR_INIT;
        char *path = path_join(root, names[i]);
        bool made = path_make_folder(path, &err);
        assert_no_error(err);
        assert_true(made && path_is_folder(path));
        free(path);
    }
    assert_true(path_make_folder("/", NULL));
    assert_true(path_make_folder(".", NULL));
}

static void test_folder_that_cannot_be_made(void **state)
{
    static const struct {
        const char *name;
        enum error_kind kind;
        const char *reason;
    } rows[] = {
        {"file", ERROR_SYSTEM, "/file: cannot make this folder: File exists"},
        {"file/below/it", ERROR_SYSTEM, "/file: cannot make this folder: File exists"},
        {"nowhere", ERROR_SYSTEM, "/nowhere: cannot make this folder: File exists"},
    };
    char *root = *state;
    char *file = path_join(root, "file"), *link = path_join(root, "nowhere");
    put_file(file, "x");
    assert_int_equal(symlink("not there", link), 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        char *path = path_join(root, rows[i].name);
        assert_false(path_make_folder(path, &err));
        assert_error(err, rows[i].kind, rows[i].reason);
        free(path);
    }
    free(file);
    free(link);

    struct error err = ERROR_INIT;
    assert_false(path_make_folder("", &err));
    assert_error(err, ERROR_MISSING, "cannot make this folder");
}

static void test_list_is_in_byte_order(void **state)
{
    static const char *const names[] = {"10.md", "2.md", ".hidden", "B", "a", "\xC3\xA4"};
    static const char *const sorted[] = {".hidden", "10.md", "2.md", "B", "a", "\xC3\xA4"};
    char *root = *state;
    char **found = NULL;
    size_t count = 1;
    assert_true(path_list(root, &found, &count, NULL));
    assert_int_equal(count, 0);
    path_list_free(found, count);

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char *path = path_join(root, names[i]);
        put_file(path, "x");
        free(path);
    }
    assert_true(path_list(root, &found, &count, NULL));
    assert_int_equal(count, COUNT_OF(sorted));
    for (size_t i = 0; i < count; i++)
        assert_string_equal(found[i], sorted[i]);
    path_list_free(found, count);
}

static void test_list_of_what_is_no_folder(void **state)
{
    char *root = *state;
    char *path = path_join(root, "file");
    struct error err = ERROR_INIT;
    char **found = NULL;
    size_t count = 77;
    assert_false(path_list(path, &found, &count, &err));
    assert_error(err, ERROR_MISSING, "/file: cannot list this folder: No such file");
    put_file(path, "x");
    assert_false(path_list(path, &found, &count, &err));
    assert_error(err, ERROR_MISSING, "/file: cannot list this folder: Not a directory");
    assert_null(found);
    assert_int_equal(count, 77);
    assert_false(path_is_folder(path));
    free(path);
}

static int set_up(void **state)
{
    *state = folder_create();
    return 0;
}

static int tear_down(void **state)
{
    folder_remove(*state);
    return 0;
}

static void test_same_file(void **state)
{
    char *file = path_join(*state, "a.mp3"), *link = path_join(*state, "link.mp3"),
         *copy = path_join(*state, "copy.mp3");
    assert_true(file_write(file, "sound", 5, NULL) && file_write(copy, "sound", 5, NULL));
    assert_int_equal(symlink(file, link), 0);
    assert_true(path_is_same_file(file, file) && path_is_same_file(file, link));
    assert_false(path_is_same_file(file, copy) || path_is_same_file(file, ""));
    free(file);
    free(link);
    free(copy);
    assert_true(path_is_same_file("/tmp", "/tmp/."));
    assert_false(path_is_same_file("/tmp", "/"));
    assert_false(path_is_same_file("/tmp", "/nowhere"));
    assert_false(path_is_same_file("/nowhere", "/nowhere"));
}

static void test_open_file(void **state)
{
    char *file = path_join(*state, "a.mp3"), *other = path_join(*state, "b.mp3");
    assert_true(file_write(file, "sound", 5, NULL) && file_write(other, "sound", 5, NULL));
    int fd = open(file, O_RDONLY);
    assert_true(path_is_open_file(file, fd));
    assert_false(path_is_open_file(other, fd));
    assert_int_equal(rename(other, file), 0);
    assert_false(path_is_open_file(file, fd) || path_is_open_file(other, fd));
    close(fd);
    free(file);
    free(other);
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_parts),
        in_folder(test_same_file),
        in_folder(test_open_file),
        in_folder(test_make_folder),
        in_folder(test_folder_that_cannot_be_made),
        in_folder(test_list_is_in_byte_order),
        in_folder(test_list_of_what_is_no_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
