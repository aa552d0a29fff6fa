/* SPDX-License-Identifier: MIT */
#include "recap/manifest.h"

#include "format/json.h"

#include "test.h"

static const struct value *clip_of(const struct value *manifest, size_t i)
{
    return value_at(value_get(manifest, "clips"), i);
}

static void test_what_was_cut_and_what_failed(void **state)
{
    (void)state;
    struct notes *notes = notes_create("finale.md");
    for (int i = 1; i <= 2; i++)
        notes_add_clip(notes, &(struct clip){.number = i,
                                             .title = "A \"quoted\" title",
                                             .page = "https://show.example/e1",
                                             .start = 3340000,
                                             .end = MILLIS_NONE,
                                             .line = 38 + i});
    struct plan *plan = plan_create(&notes, 1, "");
    char audio[] = "e1.mp3", file[] = "01-a.mp3", why[] = "finale.md:40: broken",
         by[] = "audio-dir";
    const struct clip_outcome outcomes[] = {
        {.status = CLIP_CUT,
         .decided = true,
         .range = {.start = 3340000, .end = 3400120, .end_by = CUT_END_PAUSE, .end_moved = 120},
         .cut = {.codec = "mp3", .exact = false, .error_micros = 12345, .bytes = 961000},
         .audio = audio,
         .resolved_by = by,
         .file = file,
         .sha256 = "00ff"},
        {.status = CLIP_FAILED, .error = why},
    };
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    manifest_append(&out, plan, outcomes, NULL, NULL);

    struct arena *arena = arena_create();
    struct error err = ERROR_INIT;
    const struct value *manifest = json_read(arena, buffer_slice(&out), "manifest", &err);
    assert_no_error(err);
    int64_t version = 0;
    assert_true(value_int64(value_get(manifest, "version"), &version));
    assert_int_equal(version, 1);
    assert_int_equal(value_count(value_get(manifest, "clips")), 2);
    const struct value *cut = clip_of(manifest, 0), *failed = clip_of(manifest, 1);
    assert_string_equal(value_text(value_get(cut, "status")), "cut");
    assert_string_equal(value_text(value_get(cut, "end_by")), "pause");
    assert_string_equal(value_text(value_get(cut, "error_ms")), "12.345");
    assert_string_equal(value_text(value_get(cut, "end_ms")), "3400120");
    assert_string_equal(value_text(value_get(cut, "end_moved_ms")), "120");
    assert_true(value_is(value_get(cut, "error"), VALUE_NULL));
    assert_string_equal(value_text(value_get(failed, "status")), "failed");
    assert_string_equal(value_text(value_get(failed, "error")), why);
    assert_true(value_is(value_get(failed, "file"), VALUE_NULL));
    assert_true(value_is(value_get(failed, "sha256"), VALUE_NULL));

    arena_destroy(arena);
    buffer_release(&out);
    plan_destroy(plan);
    notes_destroy(notes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_cut_and_what_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
