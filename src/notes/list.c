/* SPDX-License-Identifier: MIT */
#include "notes/list.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "notes/title.h"

/* Entries of one place, one after the other. */
struct run {
    const struct document *document;
    struct entry **items;
    size_t count;
    bool announced; /* by words such as "Timestamps:" above it */
    bool accepted;
    bool lone; /* turned down for nothing but its length */
};

static millis start_of(const struct run *run, size_t i)
{
    return run->items[i]->stamp.start;
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

/* Written so that it is meant as a position and nothing else. */
static bool is_sure(const struct entry *entry)
{
    return (entry->stamp.at && entry->stamp.bracket) || (entry->link && !*entry->link->page);
}

static bool is_weak(const struct entry *entry)
{
    return entry->stamp.notation != STAMP_COLONS;
}

/* ---- Objections ---- */

static bool is_too_short(const struct run *run)
{
    size_t needed = is_weak(run->items[0]) ? 3 : 2;
    if (run->announced || is_sure(run->items[0]))
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
    if (run->items[0]->stamp.numbers[0] < 6 || is_sure(run->items[0]))
        return false;
    for (size_t i = 0; i < run->count; i++) {
        const struct stamp *stamp = &run->items[i]->stamp;
        if (stamp->fields != 2 || stamp->numbers[0] > 23 || stamp->numbers[1] % 5)
            return false;
    }
    return true;
}

/* Results of a race, or the last of something: everything lies far from the beginning and close
 * together. */
static bool is_bunch(const struct run *run)
{
    if (run->announced || is_sure(run->items[0]))
        return false;
    millis percent = run->items[0]->place == PLACE_END ? 60 : 80;
    return run->count > 1 && start_of(run, 0) * 100 > latest(run) * percent;
}

static bool is_scripture(const struct run *run)
{
    for (size_t i = 0; i < run->count; i++)
        if (!title_is_verse(slice_of(run->items[i]->whole_title)))
            return false;
    return run->items[0]->place == PLACE_END;
}

/* A chapter is longer than a sentence. */
#define MIN_GAP   (8 * MILLIS_SECOND)
#define MIN_DENSE 10

static int compare_millis(const void *a, const void *b)
{
    millis left = *(const millis *)a, right = *(const millis *)b;
    return (left > right) - (left < right);
}

static bool is_dense(const struct run *run)
{
    if (run->count < MIN_DENSE)
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
    struct slice title = slice_of(run->items[i]->whole_title);
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
        struct slice title = slice_of(run->items[i]->whole_title);
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
    return length / run->count > LONG_TITLE;
}

/* What a program printed in the course of a day. */
#define LATEST_CODE_START (10 * MILLIS_MINUTE)

static bool is_log(const struct run *run)
{
    return line_of(run, 0)->block == BLOCK_CODE && start_of(run, 0) > LATEST_CODE_START;
}

/* The first is the commonest and says nothing. */
static const struct objection {
    bool (*holds)(const struct run *run);
    const char *what;
} objections[] = {
    {is_too_short, NULL},
    {is_out_of_order, "are not in order"},
    {is_schedule, "look like times of day"},
    {is_bunch, "look like results or lengths of time"},
    {is_scripture, "look like chapter and verse"},
    {is_dense, "look like a transcript"},
    {is_transcript, "look like a transcript"},
    {is_log, "look like the output of a program"},
    {is_prose, "look like a transcript"},
};

/* A list that is longer was hardly meant as anything but a list. */
#define MIN_WORTH_WARNING 5

static void judge_run(struct notes *notes, struct run *run)
{
    for (size_t i = 0; i < sizeof objections / sizeof *objections; i++) {
        if (!objections[i].holds(run))
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

/* ---- Runs ---- */

/* How far up the words that announce a list are looked for. */
#define ANNOUNCING_LINES 3

static bool is_announced(const struct run *run)
{
    size_t first = run->items[0]->line;
    for (size_t back = 1; back <= ANNOUNCING_LINES && back <= first; back++)
        if (title_announces(run->document->lines[first - back].text))
            return true;
    return false;
}

/* Back to the beginning: a list of another recording, or the same in another language. */
static bool starts_again(const struct entry *entry, millis reached)
{
    return reached >= MILLIS_MINUTE && entry->stamp.start * 5 < reached;
}

/* A list does not go on from a block of code to the text outside. */
static bool is_code(const struct document *document, const struct entry *entry)
{
    return document->lines[entry->line].block == BLOCK_CODE;
}

struct judgement {
    struct notes *notes;
    const struct document *document;
    struct entry_list *list;
    struct run *runs;
    size_t run_count, run_capacity;
};

static void add_run(struct judgement *judgement, struct entry **items, size_t count)
{
    if (!count)
        return;
    judgement->runs = mem_grow(judgement->runs, &judgement->run_capacity, judgement->run_count + 1,
                               sizeof *judgement->runs);
    struct run *run = &judgement->runs[judgement->run_count++];
    *run = (struct run){.document = judgement->document, .items = items, .count = count};
    run->announced = is_announced(run);
    judge_run(judgement->notes, run);
}

/* Parts the entries of a place into runs; clock times and impossible ones wait. */
static void find_runs(struct judgement *judgement, enum place place, struct entry **room)
{
    size_t count = 0, begin = 0;
    millis reached = 0;
    for (size_t i = 0; i < judgement->list->count; i++) {
        struct entry *entry = &judgement->list->items[i];
        if (entry->place != place || entry->stamp.clock || entry->stamp.odd)
            continue;
        bool other = count > begin && is_code(judgement->document, entry) !=
                                          is_code(judgement->document, room[count - 1]);
        if (count > begin && (other || starts_again(entry, reached))) {
            add_run(judgement, room + begin, count - begin);
            begin = count;
            reached = 0;
        }
        room[count++] = entry;
        if (entry->stamp.start > reached)
            reached = entry->stamp.start;
    }
    add_run(judgement, room + begin, count - begin);
}

/* ---- What the accepted runs say of the others ---- */

static const struct run *first_accepted(const struct judgement *judgement, enum place place)
{
    for (size_t i = 0; i < judgement->run_count; i++)
        if (judgement->runs[i].accepted && judgement->runs[i].items[0]->place == place)
            return &judgement->runs[i];
    return NULL;
}

static size_t accepted_count(const struct judgement *judgement, enum place place)
{
    size_t count = 0;
    for (size_t i = 0; i < judgement->run_count; i++)
        if (judgement->runs[i].accepted && judgement->runs[i].items[0]->place == place)
            count += judgement->runs[i].count;
    return count;
}

/* Times at the beginnings of lines and others at the ends: one of the two is something else. */
static void settle_places(struct judgement *judgement)
{
    size_t counts[PLACES];
    enum place best = PLACE_START;
    for (int place = 0; place < PLACES; place++) {
        counts[place] = accepted_count(judgement, (enum place)place);
        if (counts[place] > counts[best])
            best = (enum place)place;
    }
    for (size_t i = 0; i < judgement->run_count; i++) {
        struct run *run = &judgement->runs[i];
        if (run->items[0]->place != best && !is_sure(run->items[0]))
            run->accepted = false;
    }
}

static bool is_same_shape(const struct judgement *judgement, const struct entry *a,
                          const struct entry *b)
{
    return a->place == b->place && a->stamp.bracket == b->stamp.bracket &&
           judgement->document->lines[a->line].block == judgement->document->lines[b->line].block;
}

/* One that goes back to the beginning in the middle of a list of its kind belongs to that. */
static void accept_strays(struct judgement *judgement)
{
    for (size_t i = 0; i < judgement->run_count; i++) {
        struct run *run = &judgement->runs[i];
        const struct run *model = first_accepted(judgement, run->items[0]->place);
        if (!run->lone || !model || run == model)
            continue;
        const struct entry *before = i ? run[-1].items[run[-1].count - 1] : NULL;
        if (before && before->accepted && run->items[0]->line - before->line <= 2 &&
            is_same_shape(judgement, run->items[0], before))
            run->accepted = true;
    }
}

static void mark_entries(struct judgement *judgement)
{
    for (size_t i = 0; i < judgement->run_count; i++)
        for (size_t j = 0; j < judgement->runs[i].count; j++)
            judgement->runs[i].items[j]->accepted = judgement->runs[i].accepted;
}

/* A time that by itself looks like a clock's, or cannot be, and stands in a list. */
static void settle_entry(struct judgement *judgement, struct entry *entry,
                         const struct entry *before, const struct entry *behind)
{
    const struct document_line *line = &judgement->document->lines[entry->line];
    const struct entry *either = before ? before : behind;
    if (!either || !is_same_shape(judgement, entry, either))
        return;
    if (entry->stamp.odd && judgement->notes)
        notes_warn(
            judgement->notes, line->number, "'%.*s' is no time: minutes and seconds end at 59",
            (int)(entry->stamp.end - entry->stamp.begin), line->text.data + entry->stamp.begin);
    else if (!entry->stamp.odd && before && behind && before->stamp.start <= entry->stamp.start &&
             entry->stamp.start <= behind->stamp.start)
        entry->accepted = true;
}

static void settle_waiting(struct judgement *judgement)
{
    struct entry_list *list = judgement->list;
    const struct entry **behind = mem_alloc_array(list->count + 1, sizeof *behind);
    const struct entry *near = NULL;
    for (size_t i = list->count; i > 0; i--) {
        behind[i - 1] = near;
        if (list->items[i - 1].accepted)
            near = &list->items[i - 1];
    }
    near = NULL;
    for (size_t i = 0; i < list->count; i++) {
        struct entry *entry = &list->items[i];
        if (entry->accepted)
            near = entry;
        else if (entry->stamp.clock || entry->stamp.odd)
            settle_entry(judgement, entry, near, behind[i]);
    }
    free(behind);
}

void list_judge(struct notes *notes, const struct document *document, struct entry_list *list)
{
    struct judgement judgement = {.notes = notes, .document = document, .list = list};
    struct entry **room = mem_alloc_array(PLACES * (list->count + 1), sizeof *room);
    for (int place = 0; place < PLACES; place++)
        find_runs(&judgement, (enum place)place, room + (size_t)place * list->count);
    settle_places(&judgement);
    mark_entries(&judgement);
    accept_strays(&judgement);
    mark_entries(&judgement);
    settle_waiting(&judgement);
    free(judgement.runs);
    free(room);
}
