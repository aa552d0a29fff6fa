/* SPDX-License-Identifier: MIT */
#include "fetch/meta.h"

#include "test.h"

static struct meta sample(void)
{
    struct meta meta = META_INIT;
    meta.url = strdup("https://example.com/a.mp3");
    meta.etag = strdup("W/\"a: b\"");
    meta.file = strdup("0123-4567.mp3");
    meta.size = 72000000;
    meta.mark = UINT64_MAX;
    return meta;
}

static void test_what_is_written_reads_back(void **state)
{
    struct meta meta = sample(), back = META_INIT;
    struct buffer text = BUFFER_INIT(META_MAX_SIZE);
    (void)state;
    meta_write(&meta, &text);
    buffer_append_text(&text, "what follows");
    struct slice rest = buffer_slice(&text);
    assert_true(meta_read(&rest, &back));
    assert_slice(rest, "what follows");
    assert_string_equal(back.url, meta.url);
    assert_string_equal(back.etag, meta.etag);
    assert_string_equal(back.file, meta.file);
    assert_null(back.last_modified);
    assert_null(back.final_url);
    assert_int_equal(back.size, meta.size);
    assert_true(back.mark == meta.mark);
    meta_release(&meta);
    meta_release(&back);
    buffer_release(&text);
}

/* Torn anywhere, or with any bit the other way, it is not there. */
static void test_damage_is_noticed(void **state)
{
    struct meta meta = sample(), back = META_INIT;
    struct buffer text = BUFFER_INIT(META_MAX_SIZE);
    (void)state;
    meta_write(&meta, &text);
    for (size_t i = 0; i < text.size; i++) {
        struct slice torn = {text.data, i};
        assert_false(meta_read(&torn, &back));
        text.data[i] ^= 1;
        struct slice wrong = buffer_slice(&text);
        assert_false(meta_read(&wrong, &back));
        text.data[i] ^= 1;
    }
    meta_release(&meta);
    buffer_release(&text);
}

static void test_what_does_not_fit_is_left_out(void **state)
{
    struct meta meta = sample(), back = META_INIT;
    struct buffer text = BUFFER_INIT(META_MAX_SIZE);
    (void)state;
    char *huge = calloc(1, META_MAX_SIZE + 1);
    memset(huge, 'x', META_MAX_SIZE);
    meta.final_url = huge;
    free((char *)meta.etag);
    meta.etag = strdup("two\nlines: here");
    meta_write(&meta, &text);
    assert_false(buffer_overflowed(&text));
    struct slice rest = buffer_slice(&text);
    assert_true(meta_read(&rest, &back));
    assert_null(back.final_url);
    assert_null(back.etag);
    assert_non_null(back.url);
    meta_release(&meta);
    meta_release(&back);
    buffer_release(&text);
}

static void test_versions(void **state)
{
    static const struct {
        struct meta a, b;
        bool same;
    } rows[] = {
        {{.size = -1}, {.size = -1}, true},
        {{.size = 5}, {.size = -1}, true},
        {{.size = 5}, {.size = 6}, false},
        {{.size = 5, .etag = "\"a\""}, {.size = 5, .etag = "\"a\""}, true},
        {{.size = 5, .etag = "\"a\""}, {.size = 5, .etag = "W/\"a\""}, true},
        {{.size = 5, .etag = "\"a\""}, {.size = 5, .etag = "\"b\""}, false},
        {{.size = 5, .etag = "\"a\""}, {.size = 6, .etag = "\"a\""}, false},
        {{.size = 5, .last_modified = "x"}, {.size = 5, .last_modified = "y"}, false},
        {{.size = 5, .last_modified = "x"}, {.size = 5, .etag = "\"a\""}, true},
        {{.size = 5, .etag = "\"a\"", .last_modified = "x"},
         {.size = 5, .etag = "\"a\"", .last_modified = "y"},
         true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(meta_same_version(&rows[i].a, &rows[i].b), rows[i].same);
        assert_int_equal(meta_same_version(&rows[i].b, &rows[i].a), rows[i].same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_reads_back),
        cmocka_unit_test(test_damage_is_noticed),
        cmocka_unit_test(test_what_does_not_fit_is_left_out),
        cmocka_unit_test(test_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
