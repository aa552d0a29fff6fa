/* SPDX-License-Identifier: MIT */
#include "base/memory.h"

#include <stdalign.h>
#include <sys/resource.h>

#include "folder.h"
#include "test.h"

#ifdef __has_feature /* clang's way to say it */
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

/* Under AddressSanitizer malloc() is to fail as it does without. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static void test_nothing_is_something(void **state)
{
    (void)state;
    void *empty[] = {mem_alloc(0), mem_zalloc(0), mem_alloc_array(0, 8), mem_alloc_array(8, 0),
                     mem_copy(NULL, 0)};
    for (size_t i = 0; i < COUNT_OF(empty); i++) {
        assert_non_null(empty[i]);
        free(empty[i]);
    }
    assert_null(mem_strdup(NULL));
    assert_owned(mem_strdup(""), "");
    assert_owned(mem_strndup(NULL, 0), "");
}

static void test_arrays_are_zeroed(void **state)
{
    (void)state;
    int *items = mem_alloc_array(1000, sizeof *items);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(items[i], 0);
    free(items);
}

static void test_format_has_no_limit(void **state)
{
    (void)state;
    char *long_text = mem_alloc(100001);
    memset(long_text, 'x', 100000);
    long_text[100000] = '\0';
    char *twice = mem_format("%s-%s", long_text, long_text);
    assert_int_equal(strlen(twice), 200001);
    assert_int_equal(twice[100000], '-');
    free(twice);
    free(long_text);
    assert_owned(mem_format("%d:%02d", 55, 4), "55:04");
}

static void test_growth_keeps_items_and_is_seldom(void **state)
{
    (void)state;
    size_t *items = NULL;
    size_t capacity = 0, moves = 0;
    for (size_t i = 0; i < 100000; i++) {
        size_t before = capacity;
        items = mem_grow(items, &capacity, i + 1, sizeof *items);
        moves += capacity != before;
        items[i] = i;
    }
    for (size_t i = 0; i < 100000; i++)
        assert_int_equal(items[i], i);
    assert_in_range(moves, 1, 30);
    free(items);
}

static void test_arena_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    for (size_t size = 0; size < 40000; size = size * 2 + 1) {
        unsigned char *memory = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xAA, size);
    }
    arena_destroy(arena);
    arena_destroy(NULL);
}

static void test_arena_texts(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    char *first = arena_strdup(arena, "first");
    assert_null(arena_strdup(arena, NULL));
    assert_string_equal(arena_strndup(arena, "second", 3), "sec");
    assert_string_equal(arena_strndup(arena, NULL, 0), "");
    assert_string_equal(arena_format(arena, "%s %d", "third", 3), "third 3");
    char *large = arena_format(arena, "%060000d", 7);
    assert_int_equal(strlen(large), 60000);
    assert_string_equal(first, "first");
    arena_destroy(arena);
}

static void test_arena_growth_keeps_the_old_place(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    int *items = NULL, *first = NULL;
    size_t capacity = 0;
    for (int i = 0; i < 10000; i++) {
        items = arena_grow(arena, items, &capacity, (size_t)i + 1, sizeof *items);
        first = first ? first : items;
        items[i] = i;
    }
    for (int i = 0; i < 10000; i++)
        assert_int_equal(items[i], i);
    assert_int_equal(first[3], 3); /* what was borrowed before stays readable */
    arena_destroy(arena);
}

/* More than there is: each of these ends a child. */
static int no_memory_left(void *context)
{
    (void)context;
    struct rlimit limit = {(rlim_t)64 << 20, (rlim_t)64 << 20};
    if (setrlimit(RLIMIT_AS, &limit) != 0)
        return 9;
    for (int i = 0; i < 1000; i++)
        memset(mem_alloc((size_t)1 << 20), 1, (size_t)1 << 20);
    return 0;
}

static int no_memory_left_in_arena(void *context)
{
    (void)context;
    struct rlimit limit = {(rlim_t)64 << 20, (rlim_t)64 << 20};
    if (setrlimit(RLIMIT_AS, &limit) != 0)
        return 9;
    struct arena *arena = arena_create();
    for (int i = 0; i < 1000; i++)
        arena_alloc(arena, (size_t)1 << 20);
    return 0;
}

static int too_many(void *context)
{
    (void)context;
    mem_alloc_array(SIZE_MAX / 4, 8);
    return 0;
}

static int far_too_many(void *context)
{
    (void)context;
    mem_realloc_array(NULL, SIZE_MAX, SIZE_MAX);
    return 0;
}

static int too_large(void *context)
{
    (void)context;
    mem_alloc(PTRDIFF_MAX);
    return 0;
}

static int too_large_in_arena(void *context)
{
    (void)context;
    arena_alloc(arena_create(), SIZE_MAX);
    return 0;
}

static int grown_too_large(void *context)
{
    (void)context;
    size_t capacity = 0;
    mem_grow(NULL, &capacity, SIZE_MAX / 2, 16);
    return 0;
}

static void test_exhausted_memory_ends_the_program_with_one_line(void **state)
{
    static int (*const ways[])(void *) = {
        no_memory_left, no_memory_left_in_arena, too_many,        far_too_many,
        too_large,      too_large_in_arena,      grown_too_large,
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct ending ending = in_child(ways[i], NULL);
        assert_int_equal(ending.status, 1);
        const char *line = strstr(ending.said, "clipnotes: ");
        assert_non_null(line);
        assert_string_equal(line, "clipnotes: out of memory\n");
#ifndef __SANITIZE_ADDRESS__ /* which says more, before */
        assert_ptr_equal(line, ending.said);
#endif
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_something),
        cmocka_unit_test(test_arrays_are_zeroed),
        cmocka_unit_test(test_format_has_no_limit),
        cmocka_unit_test(test_growth_keeps_items_and_is_seldom),
        cmocka_unit_test(test_arena_is_zeroed_and_aligned),
        cmocka_unit_test(test_arena_texts),
        cmocka_unit_test(test_arena_growth_keeps_the_old_place),
        cmocka_unit_test(test_exhausted_memory_ends_the_program_with_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
