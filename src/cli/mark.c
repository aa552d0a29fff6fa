/* SPDX-License-Identifier: MIT */
/*
 * clipnotes mark: writes the marks of the notes as chapters into the episodes' audio.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/pool.h"
#include "base/text.h"
#include "chapters/chapters.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/lookup.h"
#include "cli/wanted.h"
#include "episode/resolve.h"
#include "format/url.h"

/* An audio file and the chapters that go into it. */
struct marked {
    struct episode *episode; /* owned: the first whose audio it is */
    char *path;              /* owned; NULL while it is on a server only */
    char *name;              /* of the copy, owned */
    struct chapter_list list;
    struct error failure; /* why it could not be brought here */
};

#define NO_FILE SIZE_MAX

struct marking {
    const struct options *options;
    struct terminal *terminal;
    struct lookup lookup;
    struct marked *files;
    size_t file_count, file_capacity;
    struct wanted_pages pages;
    size_t *audio; /* of each page: in the files; NO_FILE */
    size_t audio_capacity;
    size_t marks, failed; /* failed: marks without audio, and files that could not be written */
};

static void tell(struct marking *marking, struct error *err, const char *path, int line)
{
    if (path)
        error_prefix(err, "%s:%d", path, line);
    terminal_error(marking->terminal, err);
    error_release(err);
}

/* The episode is taken over. */
static size_t file_of(struct marking *marking, struct episode *episode)
{
    for (size_t i = 0; i < marking->file_count; i++) {
        if (strcmp(marking->files[i].episode->audio, episode->audio) == 0) {
            episode_destroy(episode);
            return i;
        }
    }
    marking->files = mem_grow(marking->files, &marking->file_capacity, marking->file_count + 1,
                              sizeof *marking->files);
    struct marked *file = &marking->files[marking->file_count];
    *file = (struct marked){.episode = episode};
    if (!url_is_http(episode->audio))
        file->path = mem_strdup(episode->audio);
    chapter_list_init(&file->list);
    return marking->file_count++;
}

static size_t find_audio(struct marking *marking, const struct wanted *wanted)
{
    struct error err = ERROR_INIT;
    struct episode *episode = resolver_find(marking->lookup.resolver, wanted->page, &err);
    if (episode && marking->options->in_place && url_is_http(episode->audio))
        error_set(&err, ERROR_USAGE,
                  "the audio of %s is on a server, where it cannot be changed in place; write a "
                  "copy with -o FOLDER",
                  wanted->page);
    if (!error_is_set(&err))
        return file_of(marking, episode);
    tell(marking, &err, wanted->path, wanted->line);
    episode_destroy(episode);
    return NO_FILE;
}

/* Where the page's audio is among the files. It is looked for, and complained about, once. */
static size_t look_up(struct marking *marking, const char *page, const char *path, int line)
{
    size_t known = marking->pages.count, i = wanted_add(&marking->pages, page, path, line);
    if (i < known)
        return marking->audio[i];
    marking->audio =
        mem_grow(marking->audio, &marking->audio_capacity, i + 1, sizeof *marking->audio);
    marking->audio[i] = find_audio(marking, &marking->pages.items[i]);
    return marking->audio[i];
}

static void add_mark(struct marking *marking, const struct notes *notes, const char *page,
                     const struct chapter *chapter)
{
    marking->marks++;
    size_t audio = look_up(marking, page, notes->path, chapter->line);
    if (audio == NO_FILE)
        marking->failed++;
    else
        chapter_list_add(&marking->files[audio].list, chapter);
}

static void add_page(struct marking *marking, const struct notes *notes)
{
    for (size_t i = 0; i < notes->chapter_count; i++)
        add_mark(marking, notes, wanted_own_page(notes), &notes->chapters[i]);
    for (size_t i = 0; i < notes->clip_count; i++) {
        const struct clip *clip = &notes->clips[i];
        add_mark(marking, notes, clip->page,
                 &(struct chapter){
                     .start = clip->start,
                     .end = clip->end,
                     .title = clip->title,
                     .link = notes->page,
                     .line = clip->line,
                 });
    }
}

static bool check_fetcher(const struct marking *marking, struct error *err)
{
    const struct error *failure = &marking->lookup.failure;
    return marking->lookup.network.fetcher || error_set(err, failure->kind, "%s", failure->message);
}

static void bring_file(void *context, size_t i)
{
    struct marking *marking = context;
    struct marked *file = &marking->files[i];
    const struct fetch_target target = episode_target(file->episode);
    struct fetch_result result;
    bool wanted = !file->path && shard_has(marking->options->shard, i);
    if (wanted && check_fetcher(marking, &file->failure) &&
        fetch_whole(marking->lookup.network.fetcher, &target, &result, &file->failure))
        file->path = result.path;
}

static struct source *open_source(const struct marking *marking, const struct marked *file,
                                  struct error *err)
{
    const struct fetch_target target = episode_target(file->episode);
    if (file->path)
        return source_open_file(file->path, err);
    return check_fetcher(marking, err) ? fetch_open(marking->lookup.network.fetcher, &target, err)
                                       : NULL;
}

/* With --merge, the chapters that the file has stay where no mark starts. */
static bool merge_own(const struct marking *marking, const struct marked *file,
                      struct chapter_list *merged, struct error *err)
{
    struct chapters own;
    struct source *source = open_source(marking, file, err);
    bool read = source && chapters_read(source, &own, err);
    source_destroy(source);
    if (!read)
        return false;
    chapters_merge(merged, &own.list);
    chapters_merge(merged, &file->list);
    chapters_release(&own);
    return true;
}

/* The copy has the audio's own name; a URL's may hold what a file's must not. */
static char *plain_name(const struct episode *episode)
{
    if (!url_is_http(episode->audio))
        return slice_dup(path_name(episode->audio));
    char *name = url_slug(episode->audio);
    if (!name || !*name || *name == '.') {
        free(name);
        name = text_slug(slice_of(episode->page), 100);
    }
    for (char *c = name; *c; c++)
        if (*c == '/' || (unsigned char)*c < ' ')
            *c = '-';
    return name;
}

static bool is_taken(const struct marking *marking, size_t i, const char *name)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(marking->files[k].name, name) == 0)
            return true;
    return false;
}

/* Some servers have one name for all episodes: then the page's tells them apart. */
static char *copy_name(const struct marking *marking, size_t i)
{
    const struct episode *episode = marking->files[i].episode;
    char *name = plain_name(episode), *slug = url_slug(episode->page);
    if (slug && *slug && is_taken(marking, i, name)) {
        char *page = text_slug(slice_of(slug), 100), *longer = mem_format("%s-%s", page, name);
        free(page);
        free(name);
        name = longer;
    }
    free(slug);
    return name;
}

/* For free(); NULL where the file itself is changed. */
static char *output_path(const struct options *options, const struct marked *file)
{
    return options->in_place ? NULL : path_join(options->output, file->name);
}

static bool write_file(struct marking *marking, struct marked *file, struct error *err)
{
    const struct options *options = marking->options;
    const struct chapters_options how = {
        .id3_version = options_id3_version(options),
        .log = terminal_log(marking->terminal),
    };
    if (error_is_set(&file->failure)) {
        error_move(err, &file->failure);
        return false;
    }
    struct chapter_list list;
    chapter_list_init(&list);
    char *output = output_path(options, file);
    enum chapters_way way = CHAPTERS_UNCHANGED;
    bool written = true;
    if (options->merge)
        written = merge_own(marking, file, &list, err);
    else
        chapters_merge(&list, &file->list);
    if (written && !options->dry_run)
        written = (!output || path_make_folder(options->output, err)) &&
                  chapters_write(file->path, &list, &how, output, &way, err);
    if (written) {
        struct buffer line = BUFFER_INIT(BUFFER_UNBOUNDED);
        buffer_append_format(&line, "%s: %zu chapter%s\n", output ? output : file->path, list.count,
                             list.count == 1 ? "" : "s");
        terminal_print(marking->terminal, buffer_slice(&line));
        buffer_release(&line);
    }
    free(output);
    chapter_list_release(&list);
    return written;
}

static void write_files(struct marking *marking, size_t *ret_written)
{
    bool copies = !marking->options->in_place;
    for (size_t i = 0; i < marking->file_count; i++)
        marking->files[i].name = copy_name(marking, i);
    if (!marking->options->dry_run)
        pool_run((size_t)marking->options->jobs, marking->file_count, bring_file, marking);
    for (size_t i = 0; i < marking->file_count; i++) {
        struct marked *file = &marking->files[i];
        struct error err = ERROR_INIT;
        if (!shard_has(marking->options->shard, i))
            continue;
        if (copies && is_taken(marking, i, file->name))
            error_set(&err, ERROR_INPUT,
                      "%s: another episode's audio has the same name; mark it on its own",
                      file->episode->audio);
        else if (write_file(marking, file, &err))
            (*ret_written)++;
        if (error_is_set(&err)) {
            marking->failed++;
            tell(marking, &err, NULL, 0);
        }
    }
}

static int mark_pages(struct marking *marking, const struct pages *pages)
{
    size_t written = 0;
    for (size_t i = 0; i < pages->count; i++) {
        pages_warn(pages->items[i], marking->terminal);
        add_page(marking, pages->items[i]);
    }
    write_files(marking, &written);
    if (!marking->marks)
        terminal_note(marking->terminal, "the notes hold neither times nor clip links");
    if (marking->failed && atomic_load(marking->lookup.network.stop))
        return STATUS_INTERRUPTED;
    if (marking->options->shard.count && marking->marks && !written && !marking->failed)
        return STATUS_DONE; /* a shard may go empty-handed */
    return !written ? STATUS_FAILED : marking->failed ? STATUS_PARTLY : STATUS_DONE;
}

static void release(struct marking *marking)
{
    for (size_t i = 0; i < marking->file_count; i++) {
        struct marked *file = &marking->files[i];
        chapter_list_release(&file->list);
        error_release(&file->failure);
        episode_destroy(file->episode);
        free(file->path);
        free(file->name);
    }
    free(marking->files);
    free(marking->audio);
    wanted_release(&marking->pages);
    lookup_release(&marking->lookup);
}

static bool begin(struct marking *marking, struct error *err)
{
    const struct options *options = marking->options;
    if (!options->output == !options->in_place)
        return error_set(err, ERROR_USAGE,
                         "say where to write: -o FOLDER for copies, or --in-place to change the "
                         "audio files themselves");
    return lookup_init(&marking->lookup, options, marking->terminal, err);
}

int command_mark(const struct options *options, struct terminal *terminal)
{
    struct marking marking = {.options = options, .terminal = terminal};
    struct error err = ERROR_INIT;
    if (!begin(&marking, &err)) {
        terminal_error(terminal, &err);
        int status = terminal_status(err.kind);
        error_release(&err);
        return status;
    }
    struct pages pages;
    pages_read(&pages, options, terminal);
    int status = pages.count ? mark_pages(&marking, &pages) : STATUS_FAILED;
    if (pages.failed && status == STATUS_DONE)
        status = STATUS_PARTLY;
    release(&marking);
    pages_release(&pages);
    return status;
}
