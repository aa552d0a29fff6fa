/* SPDX-License-Identifier: MIT */
#include "notes/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "notes/title.h"

static millis start_of(const struct run *run, size_t i)
{
    return run->items[i]->stamp.start;
}

static struct slice title_of(const struct run *run, size_t i)
{
    return slice_of(run->items[i]->whole_title);
}

static const struct document_line *line_of(const struct run *run, size_t i)
{
    return &run->document->lines[run->items[i]->line];
}

static millis latest(const struct run *run)
{
    millis time = 0;
    for (size_t i = 0; i < run->count; i++)
        if (start_of(run, i) > time)
            time = start_of(run, i);
    return time;
}

bool entry_is_sure(const struct entry *entry)
{
    return (entry->stamp.at && entry->stamp.bracket) || (entry->link && !*entry->link->page);
}

static bool is_weak(const struct entry *entry)
{
    return entry->stamp.notation != STAMP_COLONS;
}

static bool is_too_short(const struct run *run)
{
    size_t needed = is_weak(run->items[0]) ? 3 : 2;
    if (run->announced || entry_is_sure(run->items[0]))
        needed--;
    return run->count < needed;
}

/* Parts of a nested list may go back, so that not all need to rise; the fewer there are, the
 * stricter. Times at the end of lines are often lengths. */
static bool is_out_of_order(const struct run *run)
{
    size_t rising = 0, pairs = run->count - 1;
    for (size_t i = 0; i < pairs; i++)
        rising += start_of(run, i) <= start_of(run, i + 1);
    if (run->count <= 3 || is_weak(run->items[0]))
        return rising < pairs;
    size_t percent = run->items[0]->place == PLACE_END ? 75 : 65;
    return rising * 100 < pairs * percent;
}

/* A programme of the day: full five minutes between six and midnight. */
static bool is_schedule(const struct run *run)
{
    if (run->items[0]->stamp.numbers[0] < 6 || entry_is_sure(run->items[0]))
        return false;
    for (size_t i = 0; i < run->count; i++) {
        const struct stamp *stamp = &run->items[i]->stamp;
        if (stamp->fields != 2 || stamp->numbers[0] > 23 || stamp->numbers[1] % 5)
            return false;
    }
    return true;
}

/* All may be times of day. */
static bool is_of_day(const struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        const struct stamp *stamp = &run->items[i]->stamp;
        if (stamp->fields != 2 || stamp->numbers[0] < 6 || stamp->numbers[0] > 23)
            return false;
    }
    return true;
}

/* Results of a race, trains of a morning, or the last of something: everything lies far from the
 * beginning and close together. */
static bool is_bunch(const struct run *run)
{
    if (run->announced || entry_is_sure(run->items[0]))
        return false;
    millis percent = 80;
    if (run->items[0]->place == PLACE_END)
        percent = 60;
    else if (is_of_day(run))
        percent = 70;
    return run->count > 1 && start_of(run, 0) * 100 > latest(run) * percent;
}

static bool is_scripture(const struct run *run)
{
    for (size_t i = 0; i < run->count; i++)
        if (!title_is_verse(title_of(run, i)))
            return false;
    return run->items[0]->place == PLACE_END;
}

/* Chapters differ: "16:10 screens", "4:03 screens" are none. */
static bool is_uniform(const struct run *run)
{
    struct slice first = title_of(run, 0);
    if (!first.size || entry_is_sure(run->items[0]))
        return false;
    for (size_t i = 1; i < run->count; i++)
        if (!slice_equal(title_of(run, i), first))
            return false;
    return run->count > 1;
}

/* Equal but for the digits. */
static bool is_numbered_alike(struct slice a, struct slice b)
{
    for (;;) {
        while (a.size && byte_is_digit(a.data[0]))
            a = slice_from(a, 1);
        while (b.size && byte_is_digit(b.data[0]))
            b = slice_from(b, 1);
        if (!a.size || !b.size || a.data[0] != b.data[0])
            return !a.size && !b.size;
        a = slice_from(a, 1);
        b = slice_from(b, 1);
    }
}

/* The number, from 1 on, of the cell behind this part of a row. */
static size_t column_behind(struct slice text)
{
    size_t column = 1;
    for (size_t i = 0; i < text.size; i++)
        column += text.data[i] == DOCUMENT_CELL;
    return column;
}

/* The heading of the column in which the times of a table stand: "Length". */
static bool is_headed_length(const struct run *run)
{
    const struct entry *entry = run->items[0];
    const struct document_line *line = line_of(run, 0);
    if (line->block != BLOCK_ROW || !entry->line || line[-1].block != BLOCK_ROW)
        return false;
    struct slice before = slice_first(line->text, entry->stamp.begin);
    struct slice rest = line[-1].text, cell = {"", 0};
    for (size_t column = column_behind(before); column; column--)
        if (!slice_take_field(&rest, DOCUMENT_CELL, &cell))
            return false;
    return title_is_duration(cell) && !title_is_ordinal(cell);
}

/* Episodes with their lengths: called alike, and the first is not near the beginning. */
static bool is_numbered(const struct run *run)
{
    if (run->announced || run->count < 2 || start_of(run, 0) * 4 < latest(run))
        return false;
    for (size_t i = 1; i < run->count; i++)
        if (!is_numbered_alike(title_of(run, 0), title_of(run, i)))
            return false;
    return true;
}

/* Lists of pieces with how long each is: under a word such as "Playlist", in a column that says so,
 * or of whole episodes. Where the first begins at the beginning, they are positions. */
#define MIN_LENGTH (30 * MILLIS_SECOND)

static bool is_lengths(const struct run *run)
{
    if (run->items[0]->place != PLACE_END || start_of(run, 0) < MIN_LENGTH)
        return false;
    return run->of_pieces || is_headed_length(run) || is_numbered(run);
}

/* Numbers with a full stop are prices, versions and sections too, which are small. Positions have
 * two digits of minutes, begin at zero, or go on for some time. */
#define MIN_LATEST (12 * MILLIS_MINUTE)

static bool is_numbers(const struct run *run)
{
    const struct stamp *stamp = &run->items[0]->stamp;
    if (stamp->notation != STAMP_DOTS || run->announced || stamp->bracket || !stamp->start)
        return false;
    bool padded = line_of(run, 0)->text.data[stamp->begin] == '0' && stamp->begin + 4 < stamp->end;
    return !padded && (stamp->fields == 3 || latest(run) < MIN_LATEST);
}

/* A chapter is longer than a sentence. Subtitles have ends, so that fewer will do. */
#define MIN_GAP       (8 * MILLIS_SECOND)
#define MIN_DENSE     10
#define MIN_SUBTITLES 3

static int compare_millis(const void *a, const void *b)
{
    millis left = *(const millis *)a, right = *(const millis *)b;
    return (left > right) - (left < right);
}

static bool is_dense(const struct run *run)
{
    bool ranges = run->items[0]->stamp.stop != MILLIS_NONE;
    if (run->count < (ranges ? MIN_SUBTITLES : MIN_DENSE))
        return false;
    millis *gaps = mem_alloc_array(run->count - 1, sizeof *gaps);
    for (size_t i = 0; i + 1 < run->count; i++)
        gaps[i] = llabs(start_of(run, i + 1) - start_of(run, i));
    qsort(gaps, run->count - 1, sizeof *gaps, compare_millis);
    bool dense = gaps[(run->count - 1) / 2] < MIN_GAP;
    free(gaps);
    return dense;
}

/* What a title has in common with others of the same speaker: all of it where the time stands
 * behind a name, else what stands before its colon. */
static struct slice speaker_of(const struct run *run, size_t i)
{
    struct slice title = title_of(run, i);
    return slice_first(title, slice_find_byte(title, ':'));
}

static int compare_slices(const void *a, const void *b)
{
    const struct slice *left = a, *right = b;
    size_t size = left->size < right->size ? left->size : right->size;
    int order = size ? memcmp(left->data, right->data, size) : 0;
    return order ? order : (left->size > right->size) - (left->size < right->size);
}

static size_t count_distinct(struct slice *texts, size_t count)
{
    size_t distinct = count ? 1 : 0;
    qsort(texts, count, sizeof *texts, compare_slices);
    for (size_t i = 1; i < count; i++)
        distinct += compare_slices(&texts[i - 1], &texts[i]) != 0;
    return distinct;
}

#define MIN_SPEECHES 6

/* What a run's titles are like, counted. */
struct manner {
    size_t distinct; /* names, by speaker_of() */
    size_t named;    /* a colon follows the name */
    size_t sentences;
    size_t silent; /* no title at all */
    size_t length; /* of all */
};

static struct manner manner_of(const struct run *run)
{
    struct manner manner = {0};
    struct slice *names = mem_alloc_array(run->count, sizeof *names);
    for (size_t i = 0; i < run->count; i++) {
        struct slice title = title_of(run, i);
        names[i] = speaker_of(run, i);
        manner.named += names[i].size < title.size;
        manner.sentences += title.size && strchr(".?!", title.data[title.size - 1]) != NULL;
        manner.silent += !title.size;
        manner.length += title.size;
    }
    manner.distinct = count_distinct(names, run->count);
    free(names);
    return manner;
}

/* The same few names over and over: as the whole title, before long texts, or each time before a
 * sentence. Hosts who present their topics by turns are none of these. */
static bool is_transcript(const struct run *run)
{
    struct manner manner = manner_of(run);
    size_t count = run->count;
    if (count < MIN_SPEECHES || manner.silent * 2 > count || manner.distinct * 2 >= count)
        return false;
    bool names = manner.named * 2 < count;
    bool speeches = manner.length / count > 100;
    bool talk = manner.named * 10 >= count * 9 && manner.sentences * 2 > count;
    return names || speeches || talk;
}

/* Paragraphs, not titles. */
#define LONG_TITLE 200

static bool is_prose(const struct run *run)
{
    size_t length = 0;
    for (size_t i = 0; i < run->count; i++)
        length += strlen(run->items[i]->whole_title);
    return length > LONG_TITLE * run->count;
}

/* What a program printed in the course of a day. */
#define LATEST_CODE_START (10 * MILLIS_MINUTE)

static bool is_log(const struct run *run)
{
    return line_of(run, 0)->block == BLOCK_CODE && start_of(run, 0) > LATEST_CODE_START;
}

/* The first is the commonest and says nothing. What only looks like something else is a list of
 * chapters where a heading says so: one of short clips, or of one speaker's words. */
static const struct objection {
    bool (*holds)(const struct run *run);
    const char *what;
    bool looks; /* gives way to a heading */
} objections[] = {
    {is_too_short, NULL, false},
    {is_out_of_order, "are not in order", false},
    {is_schedule, "look like times of day", false},
    {is_bunch, "look like results or lengths of time", false},
    {is_scripture, "look like chapter and verse", false},
    {is_uniform, "are all called the same", true},
    {is_lengths, "look like lengths of time", false},
    {is_numbers, "look like numbers of sections or versions", false},
    {is_dense, "look like a transcript", true},
    {is_transcript, "look like a transcript", true},
    {is_log, "look like the output of a program", false},
    {is_prose, "look like a transcript", true},
};

/* A list that is longer was hardly meant as anything but a list. */
#define MIN_WORTH_WARNING 5

void run_judge(struct notes *notes, struct run *run)
{
    for (size_t i = 0; i < sizeof objections / sizeof *objections; i++) {
        if ((run->headed && objections[i].looks) || !objections[i].holds(run))
            continue;
        run->lone = objections[i].what == NULL;
        if (notes && run->count >= MIN_WORTH_WARNING && objections[i].what)
            notes_warn(notes, line_of(run, 0)->number,
                       "%zu times from here to line %d %s: they are not taken for chapters",
                       run->count, line_of(run, run->count - 1)->number, objections[i].what);
        return;
    }
    run->accepted = true;
}
