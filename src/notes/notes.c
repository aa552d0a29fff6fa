/* SPDX-License-Identifier: MIT */
#include "notes/notes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/path.h"
#include "notes/encoding.h"
#include "notes/reader.h"

/* Folders deeper than this are a loop or a mistake. */
#define MAX_DEPTH 64

/* A kind of file. Of those whose extension fits the first that knows the text is taken, or else the
 * first; where none fits, the first that knows the text. In a folder, those that hold other things
 * too must be known by both. */
static const struct kind {
    const char *extensions[8];
    bool (*knows)(struct slice text);
    reader_function *read;
    bool both;
} kinds[] = {
    {{"json"}, plan_knows, plan_read_pages, true},
    {{"json"}, json_feed_knows, json_feed_read_pages, true},
    {{"xml", "rss", "atom"}, feed_knows, feed_read_pages, true},
    {{"html", "htm", "xhtml"}, html_knows, html_read_page, false},
    {{"txt", "text", "adoc", "asciidoc", "rst", "org", "textile"},
     plain_knows,
     plain_read_page,
     false},
    {{"md", "markdown", "mdx", "mdown", "mkd", "qmd", "njk"},
     markdown_knows,
     markdown_read_page,
     false},
};

#define KIND_COUNT (sizeof kinds / sizeof *kinds)

static bool has_extension(const struct kind *kind, struct slice extension)
{
    for (size_t i = 0; i < 8 && kind->extensions[i]; i++)
        if (slice_equal_nocase(extension, slice_of(kind->extensions[i])))
            return true;
    return false;
}

static const struct kind *kind_of_name(const char *name, struct slice text)
{
    struct slice extension = path_extension(name);
    const struct kind *first = NULL;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (!has_extension(&kinds[i], extension))
            continue;
        if (kinds[i].knows(text))
            return &kinds[i];
        if (!first)
            first = &kinds[i];
    }
    return first;
}

static const struct kind *kind_of_text(struct slice text)
{
    for (size_t i = 0; i < KIND_COUNT; i++)
        if (kinds[i].knows(text))
            return &kinds[i];
    return &kinds[KIND_COUNT - 1];
}

static bool read_text(struct reader *reader, struct slice text, const char *name, bool in_folder,
                      struct error *err)
{
    struct buffer room = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct slice clean = encoding_to_utf8(text, &room);
    const struct kind *kind = kind_of_name(name, clean);
    if (!kind)
        kind = kind_of_text(clean);
    bool other = in_folder && kind->both && !kind->knows(clean);
    bool read = other || kind->read(reader, clean, name, err);
    buffer_release(&room);
    return read;
}

static bool read_file(struct reader *reader, const char *path, bool in_folder, struct error *err)
{
    struct buffer data = BUFFER_INIT(NOTES_MAX_BYTES);
    bool read =
        file_read(path, &data, err) && read_text(reader, buffer_slice(&data), path, in_folder, err);
    buffer_release(&data);
    return read;
}

static bool is_link(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

static bool read_folder(struct reader *reader, const char *folder, int depth, struct error *err);

/* One entry of a folder; what cannot be read there does not end the reading of the others. */
static void read_entry(struct reader *reader, const char *path, int depth)
{
    struct error err = ERROR_INIT;
    if (path_is_folder(path)) {
        if (!is_link(path) && depth < MAX_DEPTH)
            read_folder(reader, path, depth + 1, &err);
    } else if (kind_of_name(path, SLICE(""))) {
        read_file(reader, path, true, &err);
    }
    if (error_is_set(&err))
        log_warning(reader->options->log, "%s", err.message);
    error_release(&err);
}

static bool read_folder(struct reader *reader, const char *folder, int depth, struct error *err)
{
    char **names = NULL;
    size_t count = 0;
    if (!path_list(folder, &names, &count, err))
        return false;
    for (size_t i = 0; i < count && !reader->stopped; i++) {
        if (names[i][0] == '.' || strcmp(names[i], "node_modules") == 0)
            continue;
        char *path = path_join(folder, names[i]);
        read_entry(reader, path, depth);
        free(path);
    }
    path_list_free(names, count);
    return true;
}

static const struct notes_options no_options = {NULL, NULL};

bool notes_read(const char *path, const struct notes_options *options, notes_visitor *visit,
                void *context, struct error *err)
{
    struct reader reader = {options ? options : &no_options, visit, context, false, 0};
    if (strcmp(path, "-") == 0 || !path_is_folder(path))
        return read_file(&reader, path, false, err);
    if (!read_folder(&reader, path, 0, err))
        return false;
    if (!reader.pages && !reader.stopped)
        return error_set(err, ERROR_MISSING, "%s: no notes in this folder", path);
    return true;
}

bool notes_read_text(struct slice text, const char *name, const struct notes_options *options,
                     notes_visitor *visit, void *context, struct error *err)
{
    struct reader reader = {options ? options : &no_options, visit, context, false, 0};
    return read_text(&reader, text, name, false, err);
}
