/* SPDX-License-Identifier: MIT */
#include "chapters/patch.h"

#include "files.h"

static struct slice text(const char *content)
{
    return slice_of(content);
}

/* Applies the patch to a file of `old`, over itself. */
static void check(const char *old, const struct patch *patch, const char *expected,
                  enum patch_way expected_way)
{
    struct error err = ERROR_INIT;
    char *path = new_file("a.bin", old, strlen(old));
    struct patched_file *file = patched_file_open(path, true, &err);
    assert_non_null(file);
    enum patch_way way = PATCH_NOTHING;
    assert_true(patch_apply(patch, file, NULL, false, &way, &err));
    assert_no_error(err);
    assert_int_equal(way, expected_way);
    assert_file(path, expected, strlen(expected));
    patched_file_close(file);
    drop_file(path);
}

static void test_pieces_are_replaced(void **state)
{
    (void)state;
    struct patch patch;
    patch_init(&patch);
    check("unchanged", &patch, "unchanged", PATCH_NOTHING);
    patch_replace(&patch, 0, 3, text("one"));
    check("one two", &patch, "one two", PATCH_NOTHING);
    patch_replace(&patch, 4, 0, text("and "));
    check("ten two", &patch, "one and two", PATCH_REWRITE);
    patch_replace(&patch, 5, 2, text(""));
    check("ten two", &patch, "one and t", PATCH_REWRITE);
    assert_int_equal(patch_growth(&patch), 2);
    assert_int_equal(patch_moved(&patch, 3), 3);
    assert_int_equal(patch_moved(&patch, 4), 8);
    assert_int_equal(patch_moved(&patch, 100), 102);
    patch_release(&patch);
}

#define LARGE 20000

static char *pattern(size_t size)
{
    char *data = mem_alloc(size);
    for (size_t i = 0; i < size; i++)
        data[i] = (char)(i * 7 + i / 251);
    return data;
}

/* In place or not, by where and what: the bytes are right in any case. */
static void test_in_place(void **state)
{
    static const struct {
        int64_t offset, removed;
        size_t inserted;
        enum patch_way way;
    } rows[] = {
        {0, 10, 10, PATCH_IN_PLACE},       {4090, 10, 10, PATCH_IN_PLACE},
        {0, 16384, 16384, PATCH_IN_PLACE}, {5000, 10, 11, PATCH_REWRITE},
        {16380, 10, 10, PATCH_REWRITE}, /* reaches into the broken block */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        char *old = pattern(LARGE), *new = mem_zalloc(LARGE + 1), *fill = mem_zalloc(LARGE);
        memset(fill, 'x', LARGE);
        size_t behind = (size_t)(rows[i].offset + rows[i].removed);
        memcpy(new, old, (size_t)rows[i].offset);
        memset(new + rows[i].offset, 'x', rows[i].inserted);
        memcpy(new + rows[i].offset + rows[i].inserted, old + behind, LARGE - behind);
        size_t size = LARGE + rows[i].inserted - (size_t)rows[i].removed;

        char *path = new_file("a.bin", old, LARGE);
        assert_int_equal(chmod(path, 0640), 0);
        struct patched_file *file = patched_file_open(path, true, &err);
        struct patch patch;
        patch_init(&patch);
        patch_replace(&patch, rows[i].offset, rows[i].removed,
                      (struct slice){fill, rows[i].inserted});
        enum patch_way way = PATCH_NOTHING;
        assert_true(patch_apply(&patch, file, NULL, false, &way, &err));
        assert_true(way == rows[i].way || way == PATCH_REWRITE); /* not every disk can */
        assert_file(path, new, size);
        struct stat status;
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0640);
        patch_release(&patch);
        patched_file_close(file);
        drop_file(path);
        free(old);
        free(new);
        free(fill);
    }
}

static void test_a_change_meanwhile_is_noticed(void **state)
{
    (void)state;
    for (int in_place = 0; in_place < 2; in_place++) {
        struct error err = ERROR_INIT;
        char *old = pattern(LARGE);
        char *path = new_file("a.bin", old, LARGE);
        struct patched_file *file = patched_file_open(path, true, &err);
        assert_true(file_write(path, "somebody else's", 15, &err));
        struct patch patch;
        patch_init(&patch);
        patch_replace(&patch, 0, in_place ? 5 : 0, text("xxxxx"));
        enum patch_way way;
        assert_false(patch_apply(&patch, file, NULL, false, &way, &err));
        assert_error(err, ERROR_SYSTEM, "was changed meanwhile");
        assert_file(path, "somebody else's", 15);
        patch_release(&patch);
        patched_file_close(file);
        drop_file(path);
        free(old);
    }
}

static void test_two_at_once(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    char *path = new_file("a.bin", "text", 4);
    struct patched_file *file = patched_file_open(path, true, &err);
    assert_non_null(file);
    assert_null(patched_file_open(path, true, &err));
    assert_error(err, ERROR_SYSTEM, "another program is changing it");
    assert_null(patched_file_open(path, false, &err));
    assert_error(err, ERROR_SYSTEM, "another program is changing it");
    patched_file_close(file);

    /* Copies are made side by side. */
    file = patched_file_open(path, false, &err);
    struct patched_file *other = patched_file_open(path, false, &err);
    assert_no_error(err);
    assert_non_null(other);
    assert_null(patched_file_open(path, true, &err));
    assert_error(err, ERROR_SYSTEM, "another program is changing it");
    patched_file_close(other);
    patched_file_close(file);
    drop_file(path);
}

static void test_a_link_stays_a_link(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    char *path = new_file("a.bin", "text", 4);
    char *name = mem_format("%s.link", path);
    assert_int_equal(symlink(path, name), 0);
    struct patched_file *file = patched_file_open(name, true, &err);
    struct patch patch;
    patch_init(&patch);
    patch_replace(&patch, 0, 0, text("more "));
    enum patch_way way;
    assert_true(patch_apply(&patch, file, NULL, false, &way, &err));
    assert_file(path, "more text", 9);
    struct stat status;
    assert_int_equal(lstat(name, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    patch_release(&patch);
    patched_file_close(file);
    unlink(name);
    free(name);
    drop_file(path);
}

static void test_a_copy_leaves_the_original(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    char *path = new_file("a.bin", "text", 4);
    char *copy = mem_format("%s.copy", path);
    struct patched_file *file = patched_file_open(path, false, &err);
    struct patch patch;
    patch_init(&patch);
    patch_replace(&patch, 0, 1, text("n"));
    enum patch_way way;
    assert_true(patch_apply(&patch, file, copy, false, &way, &err));
    assert_file(copy, "next", 4);
    assert_file(path, "text", 4);
    patch_release(&patch);
    patched_file_close(file);
    unlink(copy);
    free(copy);
    drop_file(path);
}

static void test_what_is_not_there(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    assert_null(patched_file_open("/nowhere/a.mp3", true, &err));
    assert_error(err, ERROR_MISSING, "/nowhere/a.mp3: cannot be opened");
    assert_null(patched_file_open("/tmp", false, &err));
    assert_error(err, ERROR_INPUT, "/tmp: is no regular file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_replaced),
        cmocka_unit_test(test_in_place),
        cmocka_unit_test(test_a_change_meanwhile_is_noticed),
        cmocka_unit_test(test_two_at_once),
        cmocka_unit_test(test_a_link_stays_a_link),
        cmocka_unit_test(test_a_copy_leaves_the_original),
        cmocka_unit_test(test_what_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
