/* SPDX-License-Identifier: MIT */
/*
 * clipnotes mark: writes the marks of the notes as chapters into the episodes' audio.
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "chapters/chapters.h"
#include "cli/commands.h"
#include "cli/inputs.h"
#include "cli/lookup.h"
#include "episode/resolve.h"
#include "format/url.h"

/* An audio file and the chapters that go into it. */
struct marked {
    char *audio; /* owned */
    struct chapter_list list;
};

/* A page for which audio was looked for, so that it is looked for, and complained about, once. */
struct looked_up {
    char *key;    /* owned: all spellings of its URL have one */
    size_t audio; /* in the audio files; SIZE_MAX: there is none */
};

struct marking {
    const struct options *options;
    struct terminal *terminal;
    struct lookup lookup;
    struct marked *files;
    size_t file_count, file_capacity;
    struct looked_up *pages;
    size_t page_count, page_capacity;
    size_t marks, failed; /* failed: marks without audio, and files that could not be written */
};

static void tell(struct marking *marking, struct error *err, const char *path, int line)
{
    if (path)
        error_prefix(err, "%s:%d", path, line);
    terminal_error(marking->terminal, err);
    error_release(err);
}

static size_t file_of(struct marking *marking, const char *audio)
{
    for (size_t i = 0; i < marking->file_count; i++)
        if (strcmp(marking->files[i].audio, audio) == 0)
            return i;
    marking->files = mem_grow(marking->files, &marking->file_capacity, marking->file_count + 1,
                              sizeof *marking->files);
    struct marked *file = &marking->files[marking->file_count];
    *file = (struct marked){.audio = mem_strdup(audio)};
    chapter_list_init(&file->list);
    return marking->file_count++;
}

/* Where the page's audio is among the files; SIZE_MAX, and it is told once, where there is none. */
static size_t look_up(struct marking *marking, const char *page, const char *path, int line)
{
    char *key = url_canonical(page);
    if (!key)
        key = mem_strdup(page);
    for (size_t i = 0; i < marking->page_count; i++) {
        if (strcmp(marking->pages[i].key, key) == 0) {
            free(key);
            return marking->pages[i].audio;
        }
    }
    struct error err = ERROR_INIT;
    size_t audio = SIZE_MAX;
    struct episode *episode = resolver_find(marking->lookup.resolver, page, &err);
    if (episode && url_is_http(episode->audio))
        error_set(
            &err, ERROR_UNSUPPORTED,
            "the audio of %s is not local; bring it here and name its folder with --audio-dir",
            page);
    else if (episode)
        audio = file_of(marking, episode->audio);
    if (audio == SIZE_MAX)
        tell(marking, &err, path, line);
    episode_destroy(episode);
    marking->pages = mem_grow(marking->pages, &marking->page_capacity, marking->page_count + 1,
                              sizeof *marking->pages);
    marking->pages[marking->page_count++] = (struct looked_up){key, audio};
    return audio;
}

static void add_mark(struct marking *marking, const struct notes *notes, const char *page,
                     const struct chapter *chapter)
{
    marking->marks++;
    size_t audio = look_up(marking, page, notes->path, chapter->line);
    if (audio == SIZE_MAX)
        marking->failed++;
    else
        chapter_list_add(&marking->files[audio].list, chapter);
}

/* Where a page's own episode is asked for: the page, the audio it names, or its file's name. */
static const char *own_page(const struct notes *notes)
{
    return notes->page ? notes->page : notes->audio_url ? notes->audio_url : notes->path;
}

static void add_page(struct marking *marking, const struct notes *notes)
{
    for (size_t i = 0; i < notes->chapter_count; i++)
        add_mark(marking, notes, own_page(notes), &notes->chapters[i]);
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

/* With --merge, the chapters that the file has stay where no mark starts. */
static bool merge_own(const struct marked *file, struct chapter_list *merged, struct error *err)
{
    struct chapters own;
    struct source *source = source_open_file(file->audio, err);
    bool read = source && chapters_read(source, &own, err);
    source_destroy(source);
    if (!read)
        return false;
    chapters_merge(merged, &own.list);
    chapters_merge(merged, &file->list);
    chapters_release(&own);
    return true;
}

/* For free(); NULL where the file itself is changed. */
static char *output_path(const struct options *options, const struct marked *file)
{
    return options->in_place ? NULL : path_join(options->output, path_name(file->audio).data);
}

static bool write_file(struct marking *marking, const struct marked *file, struct error *err)
{
    const struct options *options = marking->options;
    const struct chapters_options how = {.log = terminal_log(marking->terminal)};
    struct chapter_list list;
    chapter_list_init(&list);
    char *output = output_path(options, file);
    enum chapters_way way = CHAPTERS_UNCHANGED;
    bool written = true;
    if (options->merge)
        written = merge_own(file, &list, err);
    else
        chapters_merge(&list, &file->list);
    if (written && !options->dry_run)
        written = (!output || path_make_folder(options->output, err)) &&
                  chapters_write(file->audio, &list, &how, output, &way, err);
    if (written) {
        struct buffer line = BUFFER_INIT(BUFFER_UNBOUNDED);
        buffer_append_format(&line, "%s: %zu chapter%s\n", output ? output : file->audio,
                             list.count, list.count == 1 ? "" : "s");
        terminal_print(marking->terminal, buffer_slice(&line));
        buffer_release(&line);
    }
    free(output);
    chapter_list_release(&list);
    return written;
}

/* Two episodes whose audio has the same name would become one copy. */
static bool names_clash(const struct marking *marking, size_t i)
{
    for (size_t k = 0; k < i && !marking->options->in_place; k++)
        if (slice_equal(path_name(marking->files[k].audio), path_name(marking->files[i].audio)))
            return true;
    return false;
}

static int write_files(struct marking *marking)
{
    size_t written = 0;
    for (size_t i = 0; i < marking->file_count; i++) {
        struct error err = ERROR_INIT;
        if (names_clash(marking, i))
            error_set(&err, ERROR_INPUT,
                      "%s: another episode's audio has the same name; mark it on its own",
                      marking->files[i].audio);
        else if (write_file(marking, &marking->files[i], &err))
            written++;
        if (error_is_set(&err)) {
            marking->failed++;
            tell(marking, &err, NULL, 0);
        }
    }
    if (!marking->marks) {
        terminal_note(marking->terminal, "the notes hold neither times nor clip links");
        return STATUS_FAILED;
    }
    return !written ? STATUS_FAILED : marking->failed ? STATUS_PARTLY : STATUS_DONE;
}

static void release(struct marking *marking)
{
    for (size_t i = 0; i < marking->file_count; i++) {
        chapter_list_release(&marking->files[i].list);
        free(marking->files[i].audio);
    }
    for (size_t i = 0; i < marking->page_count; i++)
        free(marking->pages[i].key);
    free(marking->files);
    free(marking->pages);
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
    for (size_t i = 0; i < pages.count; i++) {
        pages_warn(pages.items[i], terminal);
        add_page(&marking, pages.items[i]);
    }
    int status = pages.count ? write_files(&marking) : STATUS_FAILED;
    if (pages.failed && status == STATUS_DONE)
        status = STATUS_PARTLY;
    release(&marking);
    pages_release(&pages);
    return status;
}
