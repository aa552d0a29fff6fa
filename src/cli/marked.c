/* SPDX-License-Identifier: MIT */
#include "cli/marked.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "chapters/chapters.h"
#include "format/url.h"

#define LONGEST_SLUG 100
#define ROUNDING     2 /* ms; MP4 counts in units of its own */

void marked_init(struct marked *file, struct episode *episode)
{
    *file = (struct marked){.episode = episode, .status = MARKED_ELSEWHERE};
    if (!url_is_http(episode->audio))
        file->path = mem_strdup(episode->audio);
    chapter_list_init(&file->list);
}

void marked_release(struct marked *file)
{
    chapter_list_release(&file->list);
    error_release(&file->failure);
    episode_destroy(file->episode);
    free(file->path);
    free(file->output);
    *file = (struct marked){0};
}

/* A URL's name may hold what a file's must not. */
static char *plain_name(const struct episode *episode)
{
    if (!url_is_http(episode->audio))
        return slice_dup(path_name(episode->audio));
    char *name = url_slug(episode->audio);
    if (!name || !*name || *name == '.') {
        free(name);
        name = text_slug(slice_of(episode->page), LONGEST_SLUG);
    }
    for (char *c = name; *c; c++)
        if (*c == '/' || (unsigned char)*c < ' ')
            *c = '-';
    return name;
}

char *marked_name(const struct marked *file, bool longer)
{
    char *name = plain_name(file->episode), *slug = url_slug(file->episode->page);
    if (longer && slug && *slug) {
        char *page = text_slug(slice_of(slug), LONGEST_SLUG);
        char *both = mem_format("%s-%s", page, name);
        free(page);
        free(name);
        name = both;
    }
    free(slug);
    return name;
}

static struct source *open_source(const struct marked *file, const struct lookup *lookup,
                                  struct error *err)
{
    if (file->path)
        return source_open_file(file->path, err);
    const struct fetch_target target = episode_target(file->episode);
    return lookup_can_fetch(lookup, err) ? fetch_open(lookup->network.fetcher, &target, err) : NULL;
}

/* The chapters that the file has stay where no mark starts. */
static bool merge_own(struct marked *file, const struct lookup *lookup, struct error *err)
{
    struct chapters own;
    struct source *source = open_source(file, lookup, err);
    bool read = source && chapters_read(source, &own, err);
    source_destroy(source);
    if (!read)
        return false;
    chapters_merge(&own.list, &file->list);
    struct chapter_list marks = file->list;
    file->list = own.list;
    own.list = marks;
    chapters_release(&own);
    return true;
}

/* Who wants copies has the originals at heart. */
static bool check_output(const struct marked *file, struct error *err)
{
    if (!file->output || !file->path || !path_is_same_file(file->path, file->output))
        return true;
    return error_set(err, ERROR_USAGE,
                     "%s: the copy would be the audio itself: name another folder with -o, or "
                     "change it with --in-place",
                     file->output);
}

static bool make_folder(const struct marked *file, struct error *err)
{
    if (!file->output)
        return true;
    char *folder = path_folder(file->output);
    bool made = path_make_folder(folder, err);
    free(folder);
    return made;
}

bool marked_write(struct marked *file, const struct lookup *lookup, const struct options *options,
                  struct terminal *terminal, struct error *err)
{
    const struct chapters_options how = {
        .id3_version = options_id3_version(options),
        .log = terminal_log(terminal),
    };
    enum chapters_way way;
    if (!check_output(file, err) || (options->merge && !merge_own(file, lookup, err)))
        return false;
    chapter_list_sort(&file->list);
    if (options->dry_run) {
        file->status = MARKED_PLANNED;
        return true;
    }
    if (!make_folder(file, err) ||
        !chapters_write(file->path, &file->list, &how, file->output, &way, err))
        return false;
    file->status = MARKED_DONE;
    return true;
}

const char *marked_path(const struct marked *file)
{
    return file->output ? file->output : file->path;
}

static bool is_there(const struct chapter *mark, const struct chapter_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        if (llabs(chapter->start - mark->start) <= ROUNDING &&
            slice_equal(slice_of(chapter->title), slice_of(mark->title)))
            return true;
    }
    return false;
}

bool marked_verify(const struct marked *file, struct error *err)
{
    struct chapters found;
    if (!chapters_read_file(marked_path(file), &found, err))
        return false;
    size_t missing = 0;
    for (size_t i = 0; i < file->list.count; i++)
        missing += !is_there(&file->list.items[i], &found.list);
    chapters_release(&found);
    return !missing || error_set(err, ERROR_MISSING,
                                 "%s: %zu of its %zu marks are not there; run the shard that it "
                                 "belongs to",
                                 marked_path(file), missing, file->list.count);
}

void marked_append_line(const struct marked *file, struct buffer *out)
{
    buffer_append_format(out, "%s: %zu chapter%s\n", marked_path(file), file->list.count,
                         file->list.count == 1 ? "" : "s");
}

static void append_chapter(const struct chapter *chapter, struct json_writer *json)
{
    json_begin_object(json, NULL);
    json_put_int(json, "start_ms", chapter->start);
    if (chapter->end == MILLIS_NONE)
        json_put_null(json, "end_ms");
    else
        json_put_int(json, "end_ms", chapter->end);
    json_put_string(json, "title", chapter->title);
    json_put_string(json, "url", chapter->link);
    json_end(json);
}

void marked_append_json(const struct marked *file, struct json_writer *json)
{
    static const char *const status_names[] = {
        [MARKED_FAILED] = "failed",
        [MARKED_ELSEWHERE] = "elsewhere",
        [MARKED_PLANNED] = "planned",
        [MARKED_DONE] = "marked",
    };
    bool failed = file->status == MARKED_FAILED;
    json_begin_object(json, NULL);
    json_put_string(json, "page", file->episode->page);
    json_put_string(json, "audio", file->episode->audio);
    json_put_string(json, "file", failed ? NULL : marked_path(file));
    json_begin_array(json, "chapters");
    for (size_t i = 0; i < file->list.count; i++)
        append_chapter(&file->list.items[i], json);
    json_end(json);
    json_put_string(json, "status", status_names[file->status]);
    json_put_string(json, "error", failed ? file->failure.message : NULL);
    json_end(json);
}
