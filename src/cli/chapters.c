/* SPDX-License-Identifier: MIT */
/*
 * clipnotes chapters: shows, writes, converts and checks the chapters of one file.
 */
#include "chapters/chapters.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "chapters/sidecar.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "format/json.h"
#include "model/timecode.h"

/* What one of the actions works on. */
struct work {
    const struct options *options;
    struct terminal *terminal;
    const char *file;
};

/* Reads the chapters of an audio file; where `path` is none (or is standard input), those of a
 * text in `format` (NULL: the one that name or content tell). */
static bool read_any(const char *path, const struct sidecar *format, struct chapters *ret_chapters,
                     struct error *err)
{
    struct error reason = ERROR_INIT;
    bool is_audio = !format && !sidecar_of_path(path) && strcmp(path, "-") != 0;
    struct source *source = is_audio ? source_open_file(path, err) : NULL;
    if (is_audio && !source)
        return false;
    bool read = source && chapters_read(source, ret_chapters, &reason);
    source_destroy(source);
    if (read || (is_audio && reason.kind != ERROR_UNSUPPORTED)) {
        error_move(err, &reason);
        return read;
    }
    error_release(&reason);
    struct buffer text = BUFFER_INIT(SIDECAR_MAX_BYTES);
    struct chapters chapters = {.duration = MILLIS_NONE};
    chapter_list_init(&chapters.list);
    read = file_read(path, &text, err) &&
           sidecar_read(buffer_slice(&text), path, format, &chapters.list, err);
    buffer_release(&text);
    if (read)
        *ret_chapters = chapters;
    else
        chapter_list_release(&chapters.list);
    return read;
}

/* "audacity:labels.txt" forces a format; any other word is a file. */
static bool read_marks(const char *from, struct chapters *ret_chapters, struct error *err)
{
    size_t colon = slice_find_byte(slice_of(from), ':');
    const struct sidecar *format = NULL;
    if (colon != SIZE_MAX) {
        char *name = mem_strndup(from, colon);
        format = sidecar_find(name, NULL);
        free(name);
    }
    const char *path = format ? from + colon + 1 : from;
    struct chapters chapters;
    if (!read_any(path, format, &chapters, err))
        return false;
    if (chapters.list.count) {
        *ret_chapters = chapters;
        return true;
    }
    chapters_release(&chapters);
    return error_set(err, ERROR_INPUT,
                     "%s: holds no chapters; to take out what is there, use clipnotes chapters "
                     "strip",
                     path);
}

static bool parse_shift(const char *text, const char *what, millis *ret_shift, struct error *err)
{
    bool back = text[0] == '-';
    millis shift;
    if (!timecode_parse_option(text + (back || text[0] == '+'), what, &shift, err))
        return false;
    *ret_shift = back ? -shift : shift;
    return true;
}

/* Those that start at `from` or later are moved. */
struct shift {
    millis from, by;
};

static bool parse_shift_after(const char *text, struct shift *ret_shift, struct error *err)
{
    struct slice rest = slice_of(text), from = SLICE("");
    struct shift shift;
    slice_take_field(&rest, '=', &from);
    if (!rest.size || !timecode_parse(from, TIMECODE_ANY, &shift.from))
        return error_set(err, ERROR_USAGE, "--shift-after: '%s' is not T=DUR, as in 12:30=45s",
                         text);
    if (!parse_shift(rest.data, "--shift-after", &shift.by, err))
        return false;
    *ret_shift = shift;
    return true;
}

/* The latest ones first, so that each T is a time before any of them moves. */
static bool apply_shifts_after(const struct options *options, struct chapter_list *list,
                               struct error *err)
{
    size_t count = options->shifts_after.count;
    struct shift *shifts = mem_alloc_array(count + 1, sizeof *shifts);
    bool parsed = true;
    for (size_t i = 0; parsed && i < count; i++) {
        struct shift shift = {0};
        parsed = parse_shift_after(options->shifts_after.items[i], &shift, err);
        size_t place = i;
        for (; place > 0 && shifts[place - 1].from < shift.from; place--)
            shifts[place] = shifts[place - 1];
        shifts[place] = shift;
    }
    for (size_t i = 0; parsed && i < count; i++)
        chapters_shift(list, shifts[i].from, shifts[i].by);
    free(shifts);
    return parsed;
}

static bool apply_shifts(const struct options *options, struct chapter_list *list,
                         struct error *err)
{
    millis shift;
    if (!apply_shifts_after(options, list, err))
        return false;
    if (!options->shift)
        return true;
    if (!parse_shift(options->shift, "--shift", &shift, err))
        return false;
    chapters_shift(list, 0, shift);
    return true;
}

static bool format_named(const char *name, const struct sidecar **ret_format, struct error *err)
{
    *ret_format = name ? sidecar_find(name, err) : NULL;
    return !name || *ret_format;
}

static bool append_text(const struct work *work, const struct sidecar *format,
                        const struct chapters *chapters, struct buffer *out, struct error *err)
{
    struct slice name = path_name(work->file);
    const struct sidecar_context context = {
        .audio = chapters->container ? name.data : NULL,
        .duration = chapters->duration,
        .log = terminal_log(work->terminal),
    };
    return sidecar_write(format, &chapters->list, &context, out, err);
}

/* What a file says is not to move the cursor. */
static void append_text_cell(const struct work *work, struct buffer *out, enum style style,
                             const char *text)
{
    char *line = text_one_line(slice_of(text));
    buffer_append_text(out, "  ");
    terminal_style(work->terminal, out, style, slice_of(line));
    free(line);
}

static void append_row(const struct work *work, struct buffer *out, const struct chapter *chapter,
                       int width)
{
    char start[MILLIS_TEXT_SIZE], padded[2 * MILLIS_TEXT_SIZE];
    int length = (int)strlen(millis_text(chapter->start, start));
    memset(padded, ' ', sizeof padded);
    memcpy(padded + (length < width ? width - length : 0), start, (size_t)length + 1);
    terminal_style(work->terminal, out, STYLE_CYAN, slice_of(padded));
    append_text_cell(work, out, STYLE_PLAIN, chapter->title);
    if (chapter->hidden)
        terminal_style(work->terminal, out, STYLE_DIM, SLICE(" (hidden)"));
    if (chapter->picture)
        terminal_style(work->terminal, out, STYLE_DIM, SLICE(" (picture)"));
    if (chapter->link)
        append_text_cell(work, out, STYLE_DIM, chapter->link);
    buffer_append_byte(out, '\n');
}

static void append_table(const struct work *work, const struct chapter_list *list,
                         struct buffer *out)
{
    int width = 0;
    for (size_t i = 0; i < list->count; i++) {
        char start[MILLIS_TEXT_SIZE];
        int length = (int)strlen(millis_text(list->items[i].start, start));
        width = length > width ? length : width;
    }
    for (size_t i = 0; i < list->count; i++)
        append_row(work, out, &list->items[i], width);
}

static bool print_chapters(const struct work *work, const struct chapters *chapters,
                           struct error *err)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    const struct sidecar *format = NULL;
    bool done = format_named(work->options->json ? "json" : work->options->to, &format, err);
    if (done && format)
        done = append_text(work, format, chapters, &out, err);
    else if (done)
        append_table(work, &chapters->list, &out);
    if (done && !terminal_print(work->terminal, buffer_slice(&out)))
        done = error_set(err, ERROR_SYSTEM, "standard output cannot be written");
    buffer_release(&out);
    return done;
}

static bool show(const struct work *work, struct error *err)
{
    const struct sidecar *format;
    struct chapters chapters;
    if (!format_named(work->options->from, &format, err) ||
        !read_any(work->file, format, &chapters, err))
        return false;
    bool shown =
        apply_shifts(work->options, &chapters.list, err) && print_chapters(work, &chapters, err);
    chapters_release(&chapters);
    return shown;
}

static bool say_where(const struct options *options, struct error *err)
{
    if ((options->output != NULL) != options->in_place)
        return true;
    return error_set(err, ERROR_USAGE,
                     "say where to write: either -o FILE, or --in-place to change "
                     "the file itself");
}

/* -o names a file, or a folder for one of the same name. For free(). */
static char *output_path(const struct work *work)
{
    const char *output = work->options->output;
    if (!output || !path_is_folder(output))
        return mem_strdup(output);
    return path_join(output, path_name(work->file).data);
}

static const struct {
    const char *told, *status;
} ways[] = {
    [CHAPTERS_UNCHANGED] = {"it has them already", "unchanged"},
    [CHAPTERS_IN_PLACE] = {"written in place", "in place"},
    [CHAPTERS_REWRITTEN] = {"written", "written"},
};

static bool print_written(const struct work *work, const char *path, size_t count,
                          enum chapters_way way)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct json_writer json = JSON_WRITER(&out, JSON_INDENTED);
    json_begin_object(&json, NULL);
    json_put_int(&json, "version", 1);
    json_put_string(&json, "audio", work->file);
    json_put_string(&json, "file", path);
    json_put_int(&json, "chapters", (int64_t)count);
    json_put_string(&json, "status", ways[way].status);
    json_end(&json);
    buffer_append_byte(&out, '\n');
    bool printed = terminal_print(work->terminal, buffer_slice(&out));
    buffer_release(&out);
    return printed;
}

static bool tell_written(const struct work *work, const char *path, size_t count,
                         enum chapters_way way, struct error *err)
{
    if (!work->options->json)
        terminal_note(work->terminal, "%s: %zu chapter%s, %s", path, count, count == 1 ? "" : "s",
                      ways[way].told);
    else if (!print_written(work, path, count, way))
        return error_set(err, ERROR_SYSTEM, "standard output cannot be written");
    return true;
}

static bool write_list(const struct work *work, const struct chapter_list *list, struct error *err)
{
    const struct chapters_options how = {
        .id3_version = options_id3_version(work->options),
        .repeatable = true,
        .log = terminal_log(work->terminal),
    };
    if (work->options->dry_run) {
        struct chapters chapters = {.list = *list, .duration = MILLIS_NONE};
        return print_chapters(work, &chapters, err);
    }
    char *output = output_path(work);
    enum chapters_way way = CHAPTERS_UNCHANGED;
    bool written = chapters_write(work->file, list, &how, output, &way, err);
    if (written)
        written = tell_written(work, output ? output : work->file, list->count, way, err);
    free(output);
    return written;
}

/* Without --from the file's own chapters are moved. */
static bool set(const struct work *work, struct error *err)
{
    const struct options *options = work->options;
    struct chapters own, marks;
    if (!options->from && !options->shift && !options->shifts_after.count)
        return error_set(err, ERROR_USAGE, "say with --from which file holds the chapters");
    if (!say_where(options, err) || !chapters_read_file(work->file, &own, err))
        return false;
    bool done;
    if (!options->from) {
        done = apply_shifts(options, &own.list, err) && write_list(work, &own.list, err);
    } else if ((done = read_marks(options->from, &marks, err))) {
        done = apply_shifts(options, &marks.list, err);
        if (done && options->merge) {
            chapters_merge(&own.list, &marks.list);
            done = write_list(work, &own.list, err);
        } else if (done) {
            done = write_list(work, &marks.list, err);
        }
        chapters_release(&marks);
    }
    chapters_release(&own);
    return done;
}

static bool strip(const struct work *work, struct error *err)
{
    struct chapter_list none;
    if (!say_where(work->options, err))
        return false;
    chapter_list_init(&none);
    bool done = write_list(work, &none, err);
    chapter_list_release(&none);
    return done;
}

/* A dry run shows the text. */
static bool write_text(const struct work *work, const struct chapters *chapters,
                       const struct sidecar *format, struct error *err)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    const char *path = work->options->dry_run ? NULL : work->options->output;
    bool done = append_text(work, format, chapters, &out, err);
    if (done && path && strcmp(path, "-") != 0)
        done = file_write(path, buffer_text(&out), out.size, err);
    else if (done && !terminal_print(work->terminal, buffer_slice(&out)))
        done = error_set(err, ERROR_SYSTEM, "standard output cannot be written");
    buffer_release(&out);
    return done;
}

static bool convert(const struct work *work, struct error *err)
{
    const struct options *options = work->options;
    const struct sidecar *from, *to;
    struct chapters chapters;
    if (!format_named(options->from, &from, err) || !format_named(options->to, &to, err))
        return false;
    if (!to && options->output)
        to = sidecar_of_path(options->output);
    if (!to)
        return error_set(err, ERROR_USAGE, "say with --to which format to write");
    if (!read_any(work->file, from, &chapters, err))
        return false;
    bool done = apply_shifts(options, &chapters.list, err) && write_text(work, &chapters, to, err);
    chapters_release(&chapters);
    return done;
}

static const char *level_name(enum finding_level level)
{
    return level == FINDING_ERROR ? "error" : "warning";
}

static void append_findings(const struct work *work, const struct chapters *chapters,
                            struct buffer *out)
{
    for (size_t i = 0; i < chapters->finding_count; i++) {
        const struct finding *finding = &chapters->findings[i];
        buffer_append_format(out, "%s: ", work->file);
        terminal_style(work->terminal, out,
                       finding->level == FINDING_ERROR ? STYLE_RED : STYLE_YELLOW,
                       slice_of(level_name(finding->level)));
        buffer_append_format(out, ": %s\n", finding->message);
    }
}

static void append_findings_json(const struct work *work, const struct chapters *chapters,
                                 struct buffer *out)
{
    struct json_writer json = JSON_WRITER(out, JSON_INDENTED);
    json_begin_object(&json, NULL);
    json_put_int(&json, "version", 1);
    json_put_string(&json, "audio", work->file);
    json_put_int(&json, "chapters", (int64_t)chapters->list.count);
    json_begin_array(&json, "findings");
    for (size_t i = 0; i < chapters->finding_count; i++) {
        json_begin_object(&json, NULL);
        json_put_string(&json, "level", level_name(chapters->findings[i].level));
        json_put_string(&json, "message", chapters->findings[i].message);
        json_end(&json);
    }
    json_end(&json);
    json_end(&json);
    buffer_append_byte(out, '\n');
}

/* Returns the exit status: findings that are errors make it fail. */
static int check(const struct work *work, struct error *err)
{
    struct chapters chapters;
    if (!chapters_read_file(work->file, &chapters, err))
        return terminal_status(err->kind);
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    if (work->options->json)
        append_findings_json(work, &chapters, &out);
    else
        append_findings(work, &chapters, &out);
    int status = terminal_print(work->terminal, buffer_slice(&out)) ? STATUS_DONE : STATUS_FAILED;
    for (size_t i = 0; i < chapters.finding_count; i++)
        if (chapters.findings[i].level == FINDING_ERROR)
            status = STATUS_FAILED;
    if (!chapters.finding_count)
        terminal_note(work->terminal, "%s: %zu chapters, nothing to complain about", work->file,
                      chapters.list.count);
    buffer_release(&out);
    chapters_release(&chapters);
    return status;
}

static const struct {
    const char *name;
    bool (*run)(const struct work *work, struct error *err);
} actions[] = {
    {"show", show},
    {"set", set},
    {"strip", strip},
    {"convert", convert},
};

static int run_action(const struct work *work, const char *name, struct error *err)
{
    if (work->options->arguments.count > 2) {
        error_set(err, ERROR_USAGE, "'%s' is too much: clipnotes chapters %s takes one file",
                  work->options->arguments.items[2], name);
        return STATUS_USAGE;
    }
    if (strcmp(name, "check") == 0)
        return check(work, err);
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(name, actions[i].name) == 0)
            return actions[i].run(work, err) ? STATUS_DONE : terminal_status(err->kind);
    error_set(err, ERROR_USAGE,
              "clipnotes chapters: '%s' is none of show, set, strip, convert, check", name);
    return STATUS_USAGE;
}

int command_chapters(const struct options *options, struct terminal *terminal)
{
    const struct work work = {options, terminal, options->arguments.items[1]};
    struct error err = ERROR_INIT;
    int status = run_action(&work, options->arguments.items[0], &err);
    if (error_is_set(&err))
        terminal_error(terminal, &err);
    error_release(&err);
    return status;
}
