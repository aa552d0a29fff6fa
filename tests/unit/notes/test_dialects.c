/* SPDX-License-Identifier: MIT */
/*
 * The examples of tests/notes/ are run: each shows notes and what is found in them.
 */
#include <stdio.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "notes/notes.h"
#include "test.h"

/* One example: between fences of at least this many backticks, parted by a line of one dot. */
#define MIN_FENCE 8

struct example {
    struct slice kind, input, expected;
    int line;
};

static size_t fence_size(struct slice line)
{
    size_t size = 0;
    while (size < line.size && line.data[size] == '`')
        size++;
    return size >= MIN_FENCE ? size : 0;
}

static struct slice up_to(struct slice from, const char *end)
{
    return (struct slice){from.data, (size_t)(end - from.data)};
}

/* From behind the opening fence to the closing one. */
static void take_example(struct slice *text, size_t fence, int *line, struct example *ret_example)
{
    struct slice begin = *text, rest = *text, current;
    bool parted = false;
    while (slice_take_line(&rest, &current)) {
        (*line)++;
        if (!parted && slice_equal(current, SLICE("."))) {
            ret_example->input = up_to(begin, current.data);
            begin = rest;
            parted = true;
        } else if (fence_size(current) == fence && current.size == fence) {
            ret_example->expected = up_to(begin, current.data);
            *text = rest;
            return;
        }
    }
    fail_msg("line %d: an example has no end", ret_example->line);
}

static bool next_example(struct slice *text, int *line, struct example *ret_example)
{
    struct slice current;
    while (slice_take_line(text, &current)) {
        (*line)++;
        size_t fence = fence_size(current);
        struct slice words = slice_trim(slice_from(current, fence));
        if (!fence || !slice_take(&words, SLICE("example")))
            continue;
        *ret_example = (struct example){.kind = slice_trim(words), .line = *line};
        take_example(text, fence, line, ret_example);
        return true;
    }
    return false;
}

static void append_times(struct buffer *out, millis start, millis end)
{
    char text[MILLIS_TEXT_SIZE];
    buffer_append_text(out, millis_text(start, text));
    if (end != MILLIS_NONE)
        buffer_append_format(out, "-%s", millis_text(end, text));
}

static bool print_notes(void *context, struct notes *notes)
{
    struct buffer *out = context;
    for (size_t i = 0; i < notes->clip_count; i++) {
        const struct clip *clip = &notes->clips[i];
        buffer_append_format(out, "%d clip ", clip->line);
        append_times(out, clip->start, clip->end);
        buffer_append_format(out, " %s -> %s\n", clip->label, clip->page);
    }
    for (size_t i = 0; i < notes->chapter_count; i++) {
        const struct chapter *chapter = &notes->chapters[i];
        buffer_append_format(out, "%d chapter ", chapter->line);
        append_times(out, chapter->start, chapter->end);
        buffer_append_format(out, " %s\n", chapter->title);
    }
    for (size_t i = 0; i < notes->warning_count; i++)
        buffer_append_format(out, "%d warning %s\n", notes->warnings[i].line,
                             notes->warnings[i].message);
    notes_destroy(notes);
    return true;
}

/* Line by line; of a warning the beginning is enough. */
static bool agree(struct slice expected, struct slice got)
{
    struct slice a, b;
    for (;;) {
        bool more = slice_take_line(&expected, &a);
        if (more != slice_take_line(&got, &b))
            return false;
        if (!more)
            return true;
        bool warning = slice_find(a, SLICE(" warning ")) != SIZE_MAX;
        if (!(warning ? slice_starts(b, a) : slice_equal(a, b)))
            return false;
    }
}

static bool run_example(const char *file, const struct example *example)
{
    struct error err = ERROR_INIT;
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct slice kind = example->kind.size ? example->kind : SLICE(".md");
    char *name = mem_format("example%.*s", SLICE_ARGS(kind));
    notes_read_text(example->input, name, NULL, print_notes, &out, &err);
    assert_no_error(err);
    bool right = agree(example->expected, buffer_slice(&out));
    if (!right)
        fprintf(stderr, "%s:%d: expected\n%.*sgot\n%s\n", file, example->line,
                SLICE_ARGS(example->expected), buffer_text(&out));
    free(name);
    buffer_release(&out);
    return right;
}

static void run_file(const char *file)
{
    struct error err = ERROR_INIT;
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    char *path = mem_format("%s/tests/notes/%s", CLIPNOTES_SOURCE_DIR, file);
    file_read(path, &text, &err);
    assert_no_error(err);

    struct slice rest = buffer_slice(&text);
    struct example example;
    size_t count = 0, wrong = 0;
    int line = 0;
    while (next_example(&rest, &line, &example)) {
        count++;
        wrong += !run_example(file, &example);
    }
    buffer_release(&text);
    free(path);
    assert_true(count > 0);
    if (wrong)
        fail_msg("%s: %zu of %zu examples differ", file, wrong, count);
}

static void test_chapters(void **state)
{
    (void)state;
    run_file("chapters.md");
}

static void test_no_chapters(void **state)
{
    (void)state;
    run_file("not-chapters.md");
}

static void test_clips(void **state)
{
    (void)state;
    run_file("clips.md");
}

static void test_front_matter(void **state)
{
    (void)state;
    run_file("front-matter.md");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chapters),
        cmocka_unit_test(test_no_chapters),
        cmocka_unit_test(test_clips),
        cmocka_unit_test(test_front_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
