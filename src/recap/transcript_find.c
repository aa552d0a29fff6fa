/* SPDX-License-Identifier: MIT */
/*
 * Looking for something in what is said: where a sentence ends, where a quotation is spoken.
 */
#include "recap/transcript.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define QUOTE_WORDS 3 /* fewer are no quotation but a term */

/* Whether a sentence ends with the text: a stop, perhaps with quotes and brackets behind it. */
static bool ends_sentence(const char *text)
{
    static const struct slice closings[] = {
        {"\"", 1},           {"'", 1},        {")", 1}, {"]", 1}, {"\xE2\x80\x9D", 3},
        {"\xE2\x80\x99", 3}, {"\xC2\xBB", 2},
    };
    static const struct slice stops[] = {{".", 1}, {"!", 1}, {"?", 1}, {"\xE2\x80\xA6", 3}};
    struct slice rest = slice_trim(slice_of(text));
    for (size_t i = 0; i < sizeof closings / sizeof *closings; i++)
        if (slice_ends(rest, closings[i])) {
            rest.size -= closings[i].size;
            i = (size_t)-1;
        }
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
        if (slice_ends(rest, stops[i]))
            return true;
    return false;
}

bool transcript_find_end(const struct transcript *transcript, millis start, millis target,
                         millis snap, millis *ret_end)
{
    millis best = 0;
    bool found = false;
    for (size_t i = 0; i < transcript->count; i++) {
        const struct cue *cue = &transcript->cues[i];
        const struct cue *next = i + 1 < transcript->count ? cue + 1 : NULL;
        bool changes =
            next && next->speaker && cue->speaker && strcmp(next->speaker, cue->speaker) != 0;
        millis off = llabs(cue->end - target);
        if (off > snap || cue->end <= start || !(changes || ends_sentence(cue->text)))
            continue;
        if (!found || off < llabs(best - target))
            best = cue->end;
        found = true;
    }
    if (found)
        *ret_end = best;
    return found;
}

/* What stands between the first pair of quotation marks. */
static bool take_quotation(const char *title, struct slice *ret_quote)
{
    static const struct {
        struct slice open, close;
    } marks[] = {
        {{"\"", 1}, {"\"", 1}},
        {{"\xE2\x80\x9C", 3}, {"\xE2\x80\x9D", 3}},
        {{"\xE2\x80\x9E", 3}, {"\xE2\x80\x9C", 3}},
        {{"\xC2\xAB", 2}, {"\xC2\xBB", 2}},
    };
    struct slice text = slice_of(title);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t open = slice_find(text, marks[i].open);
        if (open == SIZE_MAX)
            continue;
        struct slice rest = slice_from(text, open + marks[i].open.size);
        size_t close = slice_find(rest, marks[i].close);
        if (close == SIZE_MAX)
            continue;
        *ret_quote = slice_first(rest, close);
        return true;
    }
    return false;
}

/* A word, folded, and when it is spoken: as far into its cue as into the cue's text. */
struct word {
    struct slice text;
    millis start, end;
};

struct words {
    struct word *items;
    size_t count, capacity;
    char **texts; /* that the words point into */
    size_t text_count, text_capacity;
};

static void add_words(struct words *words, struct slice text, millis start, millis end)
{
    char *folded = text_fold(text);
    words->texts =
        mem_grow(words->texts, &words->text_capacity, words->text_count + 1, sizeof *words->texts);
    words->texts[words->text_count++] = folded;
    struct slice rest = slice_of(folded), word;
    millis length = end - start, size = (millis)rest.size;
    while (slice_take_field(&rest, ' ', &word)) {
        if (!word.size)
            continue;
        millis from = word.data - folded, to = from + (millis)word.size;
        words->items =
            mem_grow(words->items, &words->capacity, words->count + 1, sizeof *words->items);
        words->items[words->count++] =
            (struct word){word, start + length * from / size, start + length * to / size};
    }
}

static void words_release(struct words *words)
{
    for (size_t i = 0; i < words->text_count; i++)
        free(words->texts[i]);
    free(words->texts);
    free(words->items);
}

static bool stands_at(const struct words *said, size_t at, const struct words *quote)
{
    for (size_t i = 0; i < quote->count; i++)
        if (!slice_equal(said->items[at + i].text, quote->items[i].text))
            return false;
    return true;
}

bool transcript_find_quote(const struct transcript *transcript, const char *title, millis position,
                           millis *ret_start, millis *ret_end)
{
    struct slice quotation;
    if (!take_quotation(title, &quotation))
        return false;
    struct words quote = {0}, said = {0};
    add_words(&quote, quotation, 0, 0);
    bool found = false;
    if (quote.count >= QUOTE_WORDS)
        for (size_t i = 0; i < transcript->count; i++)
            add_words(&said, slice_of(transcript->cues[i].text), transcript->cues[i].start,
                      transcript->cues[i].end);
    for (size_t i = 0; i + quote.count <= said.count && quote.count >= QUOTE_WORDS; i++) {
        millis start = said.items[i].start;
        if (!stands_at(&said, i, &quote) ||
            (found && llabs(start - position) >= llabs(*ret_start - position)))
            continue;
        *ret_start = start;
        *ret_end = said.items[i + quote.count - 1].end;
        found = true;
    }
    words_release(&quote);
    words_release(&said);
    return found;
}
