/* SPDX-License-Identifier: MIT */
#include "cli/recap_plan.h"

#include <stdlib.h>

#include "base/text.h"
#include "cli/job.h"
#include "cli/progress.h"
#include "format/json.h"
#include "format/url.h"

/* About how much faster than they play a recap is measured and encoded, and a clip cut and
 * verified, by one processor. */
#define SPEED     40
#define CUT_SPEED 1000

#define COLUMN_GAP 2

/* What the job comes to. */
struct totals {
    size_t cut, kept, failed;
    int64_t fetch, write, encode;
    millis length; /* of the recap, intro and the like left aside */
    int64_t seconds;
};

static struct totals add_up(const struct recap_plan *planned, const struct options *options)
{
    struct totals totals = {0};
    millis to_cut = 0;
    int channels = 1;
    for (size_t i = 0; i < planned->plan->clip_count; i++) {
        const struct clip_outcome *outcome = &planned->outcomes[i];
        totals.cut += outcome->status == CLIP_PLANNED;
        totals.kept += outcome->status == CLIP_KEPT;
        totals.failed += outcome->status == CLIP_FAILED;
        if (outcome->status == CLIP_FAILED)
            continue;
        if (outcome->status == CLIP_PLANNED)
            to_cut += outcome->range.end - outcome->range.start;
        channels = outcome->channels == 1 ? channels : 2;
        totals.length += range_last(&outcome->range) - range_first(&outcome->range);
        totals.fetch += outcome->to_fetch;
        totals.write += outcome->to_write;
    }
    size_t clips = totals.cut + totals.kept;
    totals.length += clips ? (millis)(clips - 1) * planned->programme->gap : 0;
    if (clips && !planned->kept) {
        totals.seconds = (totals.length / SPEED + to_cut / CUT_SPEED) / MILLIS_SECOND + 1;
        totals.encode =
            totals.length / MILLIS_SECOND * programme_bitrate(planned->programme, channels) / 8;
    }
    if (options->max_rate)
        totals.seconds += totals.fetch / options->max_rate;
    return totals;
}

/* Rows of a table whose columns are as wide as their widest cell. */
#define COLUMNS 5

struct row {
    char *cells[COLUMNS];
    bool right[COLUMNS]; /* numbers */
};

static const char *whole_seconds(millis time, char text[static MILLIS_TEXT_SIZE])
{
    return millis_text((time + MILLIS_SECOND / 2) / MILLIS_SECOND * MILLIS_SECOND, text);
}

static char *size_text(int64_t bytes)
{
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    progress_append_size(&text, bytes);
    return buffer_detach(&text);
}

static char *to_fetch_text(const struct clip_outcome *outcome)
{
    if (outcome->status == CLIP_KEPT || !outcome->audio || !url_is_http(outcome->audio))
        return mem_strdup("");
    char *size = size_text(outcome->to_fetch);
    char *text = mem_format("fetch %s", size);
    free(size);
    return text;
}

static struct row clip_row(const struct clip_job *job, const struct clip_outcome *outcome)
{
    char length[MILLIS_TEXT_SIZE], start[MILLIS_TEXT_SIZE];
    bool failed = outcome->status == CLIP_FAILED;
    char *slug = url_slug(job->clip->page);
    const char *episode = slug && *slug ? slug : job->clip->page;
    const struct range *range = &outcome->range;
    struct row row = {
        .cells = {mem_strdup(failed                         ? "missing"
                             : outcome->status == CLIP_KEPT ? "keep"
                                                            : "cut"),
                  mem_strdup(failed ? job->stem : outcome->file),
                  mem_strdup(failed ? "" : whole_seconds(range->end - range->start, length)),
                  mem_format("%s at %s", episode, whole_seconds(job->clip->start, start)),
                  failed ? mem_strdup("") : to_fetch_text(outcome)},
        .right = {[2] = true},
    };
    free(slug);
    return row;
}

static struct row recap_row(const struct recap_plan *planned, const struct totals *totals)
{
    char length[MILLIS_TEXT_SIZE];
    return (struct row){
        .cells = {mem_strdup(planned->kept ? "keep" : "encode"),
                  mem_format("recap.%s", planned->programme->cut.format),
                  mem_strdup(whole_seconds(totals->length, length)),
                  mem_format("%zu clips", totals->cut + totals->kept), mem_strdup("")},
        .right = {[2] = true},
    };
}

static void append_rows(struct buffer *out, const struct row *rows, size_t count)
{
    size_t widths[COLUMNS] = {0};
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < COLUMNS; k++) {
            size_t width = text_width(slice_of(rows[i].cells[k]));
            widths[k] = width > widths[k] ? width : widths[k];
        }
    for (size_t i = 0; i < count; i++) {
        size_t blanks = 0; /* held back, so that no line ends with them */
        for (size_t k = 0; k < COLUMNS; k++) {
            const char *cell = rows[i].cells[k];
            size_t fill = widths[k] - text_width(slice_of(cell));
            blanks += k ? COLUMN_GAP : 0;
            if (rows[i].right[k])
                blanks += fill;
            if (*cell) {
                buffer_append_format(out, "%*s%s", (int)blanks, "", cell);
                blanks = 0;
            }
            if (!rows[i].right[k])
                blanks += fill;
        }
        buffer_append_byte(out, '\n');
    }
}

static void append_totals(struct buffer *out, const struct recap_plan *planned,
                          const struct totals *totals)
{
    size_t episodes = planned->plan->episode_count;
    buffer_append_format(out, "\n%zu to cut, %zu kept, %zu missing, from %zu episode%s",
                         totals->cut, totals->kept, totals->failed, episodes,
                         episodes == 1 ? "" : "s");
    if (totals->cut) {
        buffer_append_text(out, "; about ");
        if (totals->fetch)
            progress_append_size(out, totals->fetch);
        buffer_append_text(out, totals->fetch ? " to fetch, " : "");
        progress_append_size(out, totals->write);
        buffer_append_text(out, " to write");
    }
    if (totals->encode) {
        buffer_append_text(out, totals->cut ? ", " : "; about ");
        progress_append_size(out, totals->encode);
        buffer_append_text(out, " to encode");
    }
    if (totals->seconds)
        buffer_append_format(out, "; some %lld s", (long long)totals->seconds);
    buffer_append_byte(out, '\n');
}

static void append_table(struct buffer *out, const struct recap_plan *planned,
                         const struct totals *totals)
{
    size_t count = 0;
    struct row *rows = mem_alloc_array(planned->plan->clip_count + 1, sizeof *rows);
    for (size_t i = 0; i < planned->plan->clip_count; i++)
        rows[count++] = clip_row(&planned->plan->clips[i], &planned->outcomes[i]);
    if (totals->cut + totals->kept)
        rows[count++] = recap_row(planned, totals);
    append_rows(out, rows, count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < COLUMNS; k++)
            free(rows[i].cells[k]);
    free(rows);
    append_totals(out, planned, totals);
}

static void append_event(struct buffer *out, const struct recap_plan *planned,
                         const struct totals *totals)
{
    struct json_writer json = JSON_WRITER(out, JSON_ONE_LINE);
    json_begin_object(&json, NULL);
    json_put_string(&json, "event", "plan");
    json_put_int(&json, "cut", (int64_t)totals->cut);
    json_put_int(&json, "kept", (int64_t)totals->kept);
    json_put_int(&json, "failed", (int64_t)totals->failed);
    json_put_int(&json, "fetch_bytes", totals->fetch);
    json_put_int(&json, "write_bytes", totals->write);
    json_put_int(&json, "encode_bytes", totals->encode);
    json_put_int(&json, "recap_ms", totals->length);
    json_put_string(&json, "recap_status", planned->kept ? "kept" : "planned");
    json_put_int(&json, "seconds", totals->seconds);
    json_end(&json);
    buffer_append_byte(out, '\n');
}

void recap_plan_print(const struct recap_plan *planned, const struct options *options,
                      struct terminal *terminal)
{
    const struct totals totals = add_up(planned, options);
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    if (options->json)
        append_event(&out, planned, &totals);
    else
        append_table(&out, planned, &totals);
    terminal_print(terminal, buffer_slice(&out));
    buffer_release(&out);
}
