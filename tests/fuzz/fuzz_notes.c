/* SPDX-License-Identifier: MIT */
/*
 * The whole way from a text to marks, and back from the plan that is written of them. The first
 * byte chooses the kind of file.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "notes/notes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
    struct json_writer json;
    size_t pages, clips, chapters;
};

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void check_times(millis start, millis end)
{
    require(start >= 0 && start <= MILLIS_MAX);
    require(end == MILLIS_NONE || end <= MILLIS_MAX);
}

static void check_text(const char *text)
{
    require(text && text_is_utf8(slice_of(text)));
}

static bool check_notes(void *context, struct notes *notes)
{
    struct result *result = context;
    for (size_t i = 0; i < notes->clip_count; i++) {
        check_times(notes->clips[i].start, notes->clips[i].end);
        check_text(notes->clips[i].label);
        check_text(notes->clips[i].title);
        require(notes->clips[i].url && notes->clips[i].page);
    }
    for (size_t i = 0; i < notes->chapter_count; i++) {
        check_times(notes->chapters[i].start, notes->chapters[i].end);
        check_text(notes->chapters[i].title);
    }
    result->pages++;
    result->clips += notes->clip_count;
    result->chapters += notes->chapter_count;
    if (result->json.out)
        notes_write_json(&result->json, notes);
    notes_destroy(notes);
    return true;
}

static const char *name_of(uint8_t kind)
{
    switch (kind) {
    case 'h':
        return "fuzz.html";
    case 't':
        return "fuzz.txt";
    case 'x':
        return "fuzz.xml";
    case 'j':
        return "fuzz.json";
    case 'm':
        return "fuzz.md";
    default:
        return "-";
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    struct error err = ERROR_INIT;
    struct notes_options options = {.base_url = data[0] & 1 ? "https://example.com/a/" : NULL};
    struct buffer plan = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct result first = {.json = JSON_WRITER(&plan, JSON_ONE_LINE)}, second = {0};
    struct slice text = {(const char *)data + 1, size - 1};
    json_begin_object(&first.json, NULL);
    json_begin_array(&first.json, "notes");
    bool read = notes_read_text(text, name_of(data[0]), &options, check_notes, &first, &err);
    require(read != error_is_set(&err));
    json_end(&first.json);
    json_end(&first.json);
    error_release(&err);

    read = notes_read_text(buffer_slice(&plan), "plan.json", NULL, check_notes, &second, &err);
    require(read && first.pages == second.pages && first.clips == second.clips &&
            first.chapters == second.chapters);
    buffer_release(&plan);
    return 0;
}
