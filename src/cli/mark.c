/* SPDX-License-Identifier: MIT */
/*
 * clipnotes mark: writes the marks of the notes as chapters into the episodes' audio.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/pool.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/job.h"
#include "cli/marked.h"
#include "cli/wanted.h"
#include "format/url.h"

#define NO_FILE SIZE_MAX

/* What was found for a page. */
struct found {
    size_t file;  /* among the files; NO_FILE */
    char *reason; /* why none was found, owned */
};

struct marking {
    const struct options *options;
    struct terminal *terminal;
    struct lookup lookup;
    struct marked *files;
    size_t file_count, file_capacity;
    struct wanted_pages pages;
    struct found *found; /* of each page */
    size_t found_capacity;
    size_t marks, failed; /* failed: marks without audio, and files that could not be written */
};

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
    marked_init(&marking->files[marking->file_count], episode);
    return marking->file_count++;
}

/* That it was stopped is said once, at the end. */
static void complain(const struct marking *marking, const struct error *err)
{
    if (err->kind != ERROR_INTERRUPTED)
        terminal_error(marking->terminal, err);
}

static struct found find_audio(struct marking *marking, const struct wanted *wanted)
{
    struct error err = ERROR_INIT;
    struct episode *episode = resolver_find(marking->lookup.resolver, wanted->page, &err);
    if (episode && marking->options->in_place && url_is_http(episode->audio))
        error_set(&err, ERROR_USAGE,
                  "the audio of %s is on a server, where it cannot be changed in place; write a "
                  "copy with -o FOLDER",
                  wanted->page);
    if (!error_is_set(&err))
        return (struct found){.file = file_of(marking, episode)};
    struct found nothing = {NO_FILE, mem_strdup(err.message)};
    if (wanted->path)
        error_prefix(&err, "%s:%d", wanted->path, wanted->line);
    complain(marking, &err);
    error_release(&err);
    episode_destroy(episode);
    return nothing;
}

/* Where the page's audio is among the files. It is looked for, and complained about, once. */
static size_t look_up(struct marking *marking, const char *page, const char *path, int line)
{
    size_t known = marking->pages.count, i = wanted_add(&marking->pages, page, path, line);
    if (i < known)
        return marking->found[i].file;
    marking->found =
        mem_grow(marking->found, &marking->found_capacity, i + 1, sizeof *marking->found);
    marking->found[i] = find_audio(marking, &marking->pages.items[i]);
    return marking->found[i].file;
}

static void add_mark(struct marking *marking, const struct notes *notes, const char *page,
                     const struct chapter *chapter)
{
    marking->marks++;
    size_t file = look_up(marking, page, notes->path, chapter->line);
    if (file == NO_FILE)
        marking->failed++;
    else
        chapter_list_add(&marking->files[file].list, chapter);
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

static void bring_file(void *context, size_t i)
{
    struct marking *marking = context;
    struct marked *file = &marking->files[i];
    const struct fetch_target target = episode_target(file->episode);
    const struct lookup *lookup = &marking->lookup;
    struct fetch_result result;
    if (file->path || !shard_has(marking->options->shard, i))
        return;
    if (lookup_can_fetch(lookup, &file->failure) &&
        fetch_whole(lookup->network.fetcher, &target, &result, &file->failure))
        file->path = result.path;
}

static bool is_taken(const struct marking *marking, size_t i, const char *output)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(marking->files[k].output, output) == 0)
            return true;
    return false;
}

static void name_copy(const struct marking *marking, struct marked *file, bool longer)
{
    char *name = marked_name(file, longer);
    free(file->output);
    file->output = path_join(marking->options->output, name);
    free(name);
}

/* Where the copies go. Some servers have one name for all episodes: then the page's tells them
 * apart. */
static void name_copies(struct marking *marking)
{
    for (size_t i = 0; i < marking->file_count && !marking->options->in_place; i++) {
        struct marked *file = &marking->files[i];
        name_copy(marking, file, false);
        if (is_taken(marking, i, file->output))
            name_copy(marking, file, true);
        if (is_taken(marking, i, file->output) && !error_is_set(&file->failure))
            error_set(&file->failure, ERROR_INPUT,
                      "%s: another episode's audio has the same name; mark it on its own",
                      file->episode->audio);
    }
}

/* Lines come as the files are done; JSON, being one value, when all are. */
static void do_file(struct marking *marking, struct marked *file)
{
    bool assemble = marking->options->assemble;
    struct error *err = &file->failure;
    bool done =
        !error_is_set(err) &&
        (assemble ? marked_verify(file, err)
                  : marked_write(file, &marking->lookup, marking->options, marking->terminal, err));
    if (!done) {
        file->status = MARKED_FAILED;
        marking->failed++;
        complain(marking, err);
        return;
    }
    if (assemble)
        file->status = MARKED_DONE;
    if (marking->options->json)
        return;
    struct buffer line = BUFFER_INIT(BUFFER_UNBOUNDED);
    marked_append_line(file, &line);
    terminal_print(marking->terminal, buffer_slice(&line));
    buffer_release(&line);
}

static void do_files(struct marking *marking)
{
    const struct options *options = marking->options;
    name_copies(marking);
    if (!options->dry_run && !options->assemble)
        pool_run((size_t)options->jobs, marking->file_count, bring_file, marking);
    for (size_t i = 0; i < marking->file_count; i++)
        if (shard_has(options->shard, i))
            do_file(marking, &marking->files[i]);
}

static void append_missing(const struct marking *marking, struct json_writer *json)
{
    json_begin_array(json, "missing");
    for (size_t i = 0; i < marking->pages.count; i++) {
        const struct wanted *wanted = &marking->pages.items[i];
        if (marking->found[i].file != NO_FILE)
            continue;
        json_begin_object(json, NULL);
        json_put_string(json, "page", wanted->page);
        json_put_string(json, "notes", wanted->path);
        json_put_int(json, "line", wanted->line);
        json_put_string(json, "error", marking->found[i].reason);
        json_end(json);
    }
    json_end(json);
}

static void print_json(const struct marking *marking)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct json_writer json = JSON_WRITER(&out, JSON_INDENTED);
    json_begin_object(&json, NULL);
    json_put_int(&json, "version", 1);
    json_put_string(&json, "tool", "clipnotes " CLIPNOTES_VERSION);
    json_begin_array(&json, "files");
    for (size_t i = 0; i < marking->file_count; i++)
        marked_append_json(&marking->files[i], &json);
    json_end(&json);
    append_missing(marking, &json);
    json_end(&json);
    buffer_append_byte(&out, '\n');
    terminal_print(marking->terminal, buffer_slice(&out));
    buffer_release(&out);
}

static int status_of(const struct marking *marking)
{
    size_t done = 0;
    for (size_t i = 0; i < marking->file_count; i++)
        done += marking->files[i].status >= MARKED_PLANNED;
    if (marking->failed && atomic_load(marking->lookup.network.stop))
        return STATUS_INTERRUPTED;
    if (marking->options->shard.count && marking->marks && !done && !marking->failed)
        return STATUS_DONE; /* a shard may go empty-handed */
    return !done ? STATUS_FAILED : marking->failed ? STATUS_PARTLY : STATUS_DONE;
}

/* Which files are whole: the others are as they were, and what was fetched of them stays. */
static void tell_stop(const struct marking *marking)
{
    struct buffer whole = BUFFER_INIT(BUFFER_UNBOUNDED);
    size_t done = 0;
    for (size_t i = 0; i < marking->file_count; i++) {
        if (marking->files[i].status != MARKED_DONE)
            continue;
        buffer_append_format(&whole, "%s%s", done++ ? ", " : ": ", marked_path(&marking->files[i]));
    }
    terminal_note(marking->terminal,
                  "stopped, with %zu of %zu files marked%s; the same command goes on from there",
                  done, marking->file_count, buffer_text(&whole));
    buffer_release(&whole);
}

static int mark_pages(struct marking *marking, const struct pages *pages)
{
    for (size_t i = 0; i < pages->count; i++) {
        pages_warn(pages->items[i], marking->terminal);
        add_page(marking, pages->items[i]);
    }
    do_files(marking);
    if (marking->options->json)
        print_json(marking);
    if (!marking->marks)
        terminal_note(marking->terminal, "the notes hold neither times nor clip links");
    int status = status_of(marking);
    if (status == STATUS_INTERRUPTED)
        tell_stop(marking);
    return status;
}

static void release(struct marking *marking)
{
    for (size_t i = 0; i < marking->file_count; i++)
        marked_release(&marking->files[i]);
    for (size_t i = 0; i < marking->pages.count; i++)
        free(marking->found[i].reason);
    free(marking->files);
    free(marking->found);
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
    return job_check_parts(options, err) &&
           lookup_init(&marking->lookup, options, marking->terminal, err);
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
