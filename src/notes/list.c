/* SPDX-License-Identifier: MIT */
#include "notes/list.h"

#include <stdlib.h>

#include "notes/link.h"
#include "notes/run.h"
#include "notes/title.h"

/* ---- Runs ---- */

/* How far up the words that announce a list are looked for. */
#define ANNOUNCING_LINES 3

static bool is_announced(const struct run *run, bool (*announces)(struct slice text))
{
    size_t first = run->items[0]->line;
    for (size_t back = 1; back <= ANNOUNCING_LINES && back <= first; back++)
        if (announces(run->document->lines[first - back].text))
            return true;
    return false;
}

static bool is_headed(const struct run *run)
{
    const struct document_line *line = &run->document->lines[run->items[0]->line];
    return run->items[0]->line && line[-1].block == BLOCK_HEADING && title_announces(line[-1].text);
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
    run->announced = is_announced(run, title_announces);
    run->headed = is_headed(run);
    run->of_pieces = items[0]->place == PLACE_END && is_announced(run, title_announces_pieces);
    run_judge(judgement->notes, run);
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
        if (run->items[0]->place != best && !entry_is_sure(run->items[0]))
            run->accepted = false;
    }
}

static bool is_same_shape(const struct judgement *judgement, const struct entry *a,
                          const struct entry *b)
{
    return a->place == b->place && a->stamp.bracket == b->stamp.bracket &&
           judgement->document->lines[a->line].block == judgement->document->lines[b->line].block;
}

/* How far apart lines of one list may be, so that one between them belongs to it. */
#define NEAR_LINES 2

/* One that goes back to the beginning in the middle of a list of its kind belongs to that. */
static void accept_strays(struct judgement *judgement)
{
    for (size_t i = 0; i < judgement->run_count; i++) {
        struct run *run = &judgement->runs[i];
        const struct run *model = first_accepted(judgement, run->items[0]->place);
        if (!run->lone || !model || run == model)
            continue;
        const struct entry *before = i ? run[-1].items[run[-1].count - 1] : NULL;
        if (before && before->accepted && run->items[0]->line - before->line <= NEAR_LINES &&
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

static void warn_odd(const struct judgement *judgement, const struct entry *entry)
{
    const struct document_line *line = &judgement->document->lines[entry->line];
    const struct stamp *stamp = &entry->stamp;
    bool late = stamp->start > LINK_MAX_START;
    if (judgement->notes)
        notes_warn(judgement->notes, line->number, "'%.*s' is %s", (int)(stamp->end - stamp->begin),
                   line->text.data + stamp->begin,
                   late ? "past 100 hours: it is left out"
                        : "no time: minutes and seconds end at 59");
}

static bool is_between(const struct entry *entry, const struct entry *before,
                       const struct entry *behind)
{
    return before && behind && before->stamp.start <= entry->stamp.start &&
           entry->stamp.start <= behind->stamp.start;
}

/* A time that by itself looks like a clock's, or cannot be, and stands in a list. */
static void settle_entry(struct judgement *judgement, struct entry *entry,
                         const struct entry *before, const struct entry *behind)
{
    const struct entry *either = before ? before : behind;
    if (!either || !is_same_shape(judgement, entry, either))
        return;
    if (entry->stamp.odd)
        warn_odd(judgement, entry);
    else if (is_between(entry, before, behind))
        entry->accepted = true;
}

/* A time without a title among lines that have theirs behind the time. */
static bool is_untitled(const struct judgement *judgement, struct entry *entry,
                        const struct entry *before, const struct entry *behind)
{
    struct entry like = *entry;
    like.place = PLACE_START;
    return entry->place == PLACE_ALONE && is_between(entry, before, behind) &&
           entry->line - before->line <= NEAR_LINES && behind->line - entry->line <= NEAR_LINES &&
           is_same_shape(judgement, &like, before) && is_same_shape(judgement, &like, behind);
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
        else if (is_untitled(judgement, entry, near, behind[i]))
            entry->accepted = true;
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
