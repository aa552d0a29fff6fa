/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"

#define DELAY      500  /* ms before anything is shown */
#define REDRAW     100  /* ms between two pictures */
#define PLAIN_STEP 5000 /* ms between two lines where there is no terminal */
#define RATE_STEP  500  /* ms over which a rate is measured */
#define MAX_LINES  8    /* of files; the others are in the total */

/* How wide the parts of a file's line are in so many columns; what follows them takes about 44. */
static const struct layout {
    size_t columns;
    int name, bar; /* without the brackets; 0: no bar */
} layouts[] = {{100, 28, 20}, {80, 20, 8}, {0, 16, 0}};

/* Bytes a second, smoothed. */
struct rate {
    int64_t since, counted; /* where the current measurement began */
    int64_t value;
};

/* One download. */
struct item {
    unsigned id;
    char *name; /* owned */
    enum fetch_state state;
    int64_t wanted, held, received;
    struct rate rate;
};

struct progress {
    struct fetch_observer observer;
    struct terminal *terminal;
    struct item *items;
    size_t count, capacity;
    int64_t begun, drawn; /* ms */
    int64_t told;         /* bytes received at the last plain line */
    struct rate rate;
};

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void progress_append_size(struct buffer *out, int64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    size_t unit = 0;
    int64_t scale = 1000;
    while (unit < 3 && bytes >= scale * 1000) {
        scale *= 1000;
        unit++;
    }
    int64_t tenths = bytes / (scale / 10);
    buffer_append_format(out, "%lld.%lld %s", (long long)(tenths / 10), (long long)(tenths % 10),
                         units[unit]);
}

static struct item *item_of(struct progress *progress, const struct fetch_progress *news)
{
    for (size_t i = 0; i < progress->count; i++)
        if (progress->items[i].id == news->id)
            return &progress->items[i];
    progress->items = mem_grow(progress->items, &progress->capacity, progress->count + 1,
                               sizeof *progress->items);
    struct item *item = &progress->items[progress->count++];
    *item = (struct item){.id = news->id, .name = mem_strdup(news->name), .rate = {.since = now()}};
    return item;
}

int64_t progress_received(const struct progress *progress)
{
    int64_t received = 0;
    for (size_t i = 0; i < progress->count; i++)
        received += progress->items[i].received;
    return received;
}

static void measure(struct rate *rate, int64_t received, int64_t time)
{
    int64_t step = time - rate->since;
    if (step < RATE_STEP)
        return;
    int64_t value = (received - rate->counted) * 1000 / step;
    rate->value = rate->value ? (rate->value * 2 + value) / 3 : value;
    rate->since = time;
    rate->counted = received;
}

static void append_amount(struct buffer *out, int64_t held, int64_t wanted)
{
    if (held < wanted) {
        progress_append_size(out, held);
        buffer_append_text(out, " of ");
    }
    progress_append_size(out, wanted);
}

static void append_bar(struct buffer *out, int width, int64_t held, int64_t wanted)
{
    int full = wanted > 0 ? (int)(held * width / wanted) : 0;
    buffer_append_byte(out, '[');
    for (int i = 0; i < width; i++)
        buffer_append_byte(out, i < full ? '=' : i == full ? '>' : ' ');
    buffer_append_text(out, "]  ");
}

static void append_rate(struct buffer *out, int64_t rate, int64_t left)
{
    if (rate <= 0)
        return;
    buffer_append_text(out, "  ");
    progress_append_size(out, rate);
    buffer_append_text(out, "/s");
    int64_t seconds = left / rate;
    if (left > 0 && seconds < 360000)
        buffer_append_format(out, "  %lld:%02lld left", (long long)(seconds / 60),
                             (long long)(seconds % 60));
}

static void append_name(struct buffer *out, int width, const char *name)
{
    struct slice all = slice_of(name), shown = text_cut_columns(all, (size_t)width);
    bool cut = shown.size < all.size;
    if (cut)
        shown = text_cut_columns(all, (size_t)width - 1);
    int taken = (int)text_width(shown) + cut;
    buffer_append_format(out, "%.*s%s%*s  ", SLICE_ARGS(shown), cut ? "…" : "", width - taken, "");
}

static const struct layout *layout_for(size_t columns)
{
    const struct layout *layout = layouts;
    while (columns < layout->columns)
        layout++;
    return layout;
}

static void append_item(const struct progress *progress, struct buffer *out,
                        const struct item *item)
{
    const struct layout *layout = layout_for(terminal_status_columns(progress->terminal));
    append_name(out, layout->name, item->name);
    if (layout->bar)
        append_bar(out, layout->bar, item->held, item->wanted);
    if (item->state == FETCH_RETRYING)
        buffer_append_text(out, "trying again");
    else if (item->state == FETCH_WAITING)
        buffer_append_text(out, "waiting");
    else
        append_amount(out, item->held, item->wanted);
    if (item->state == FETCH_RUNNING)
        append_rate(out, item->rate.value, item->wanted - item->held);
    buffer_append_byte(out, '\n');
}

static bool is_active(const struct item *item)
{
    return item->state != FETCH_DONE && item->state != FETCH_FAILED;
}

/* What is read from the cache alone is nothing to wait for. */
static bool is_shown(const struct item *item)
{
    return is_active(item) && (item->received > 0 || item->state != FETCH_RUNNING);
}

/* "3 of 6 done  120.5 of 430.0 MB  10.2 MB/s  0:30 left" */
static void append_total(const struct progress *progress, struct buffer *out)
{
    int64_t held = 0, wanted = 0;
    size_t done = 0;
    for (size_t i = 0; i < progress->count; i++) {
        const struct item *item = &progress->items[i];
        done += !is_active(item);
        held += item->held;
        wanted += item->wanted > item->held ? item->wanted : item->held;
    }
    buffer_append_format(out, "%zu of %zu done  ", done, progress->count);
    append_amount(out, held, wanted);
    append_rate(out, progress->rate.value, wanted - held);
    buffer_append_byte(out, '\n');
}

static void draw(struct progress *progress)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    size_t lines = 0;
    for (size_t i = 0; i < progress->count && lines < MAX_LINES; i++) {
        if (!is_shown(&progress->items[i]))
            continue;
        append_item(progress, &out, &progress->items[i]);
        lines++;
    }
    if (lines)
        append_total(progress, &out);
    terminal_set_status(progress->terminal, buffer_slice(&out));
    buffer_release(&out);
}

/* Only where something came since the last one. */
static void write_plain(struct progress *progress)
{
    int64_t received = progress_received(progress);
    if (received == progress->told)
        return;
    progress->told = received;
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    append_total(progress, &out);
    buffer_truncate(&out, out.size - 1);
    terminal_note(progress->terminal, "%s", buffer_text(&out));
    buffer_release(&out);
}

static void update(void *context, const struct fetch_progress *news)
{
    struct progress *progress = context;
    struct item *item = item_of(progress, news);
    int64_t time = now();
    item->state = news->state;
    item->held = news->held;
    item->received = news->received;
    item->wanted = news->wanted;
    measure(&item->rate, item->received, time);
    measure(&progress->rate, progress_received(progress), time);
    bool drawn_in_place = terminal_status_columns(progress->terminal) > 0;
    int64_t step = drawn_in_place ? REDRAW : PLAIN_STEP;
    if (time - progress->begun < DELAY || time - progress->drawn < step)
        return;
    progress->drawn = time;
    if (drawn_in_place)
        draw(progress);
    else
        write_plain(progress);
}

struct progress *progress_create(struct terminal *terminal)
{
    struct progress *progress = mem_zalloc(sizeof *progress);
    progress->terminal = terminal;
    progress->observer = (struct fetch_observer){update, progress};
    progress->begun = progress->rate.since = now();
    if (!terminal_status_columns(terminal))
        progress->drawn = progress->begun; /* the first line comes after a full step */
    return progress;
}

void progress_destroy(struct progress *progress)
{
    if (!progress)
        return;
    terminal_set_status(progress->terminal, SLICE(""));
    for (size_t i = 0; i < progress->count; i++)
        free(progress->items[i].name);
    free(progress->items);
    free(progress);
}

const struct fetch_observer *progress_observer(const struct progress *progress)
{
    return &progress->observer;
}
