/* SPDX-License-Identifier: MIT */
/*
 * Looking for something in what is said: where a sentence ends, where a quotation is spoken.
 */
#include "recap/transcript.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Three words, or four ideographs; fewer are no quotation but a term. */
#define QUOTE_WEIGHT     12
#define WORD_WEIGHT      4
#define IDEOGRAPH_WEIGHT 3

/* Whether a sentence ends with the text: a stop, perhaps with quotes and brackets behind it. */
static bool ends_sentence(const char *text)
{
    static const struct slice closings[] = {
        {"\"", 1}, {"'", 1}, {")", 1},  {"]", 1},  {"”", 3},  {"’", 3},
        {"»", 2},  {"“", 3}, {"」", 3}, {"』", 3}, {"）", 3},
    };
    static const struct slice stops[] = {
        {".", 1}, {"!", 1}, {"?", 1}, {"…", 3}, {"。", 3}, {"！", 3}, {"？", 3}, {"؟", 2}, {"।", 3},
    };
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
    const char *speaker = NULL; /* said where it changes, or with each cue */
    for (size_t i = 0; i < transcript->count; i++) {
        const struct cue *cue = &transcript->cues[i];
        const struct cue *next = i + 1 < transcript->count ? cue + 1 : NULL;
        speaker = cue->speaker ? cue->speaker : speaker;
        bool changes = next && next->speaker && speaker && strcmp(next->speaker, speaker) != 0;
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

/* A mark that is an apostrophe, too, opens only before a word and closes only behind one. */
struct quotation_mark {
    struct slice open, close;
    bool apostrophe;
};

static const struct quotation_mark quotation_marks[] = {
    {{"\"", 1}, {"\"", 1}, false}, {{"“", 3}, {"”", 3}, false},   {{"„", 3}, {"“", 3}, false},
    {{"„", 3}, {"”", 3}, false},   {{"«", 2}, {"»", 2}, false},   {{"»", 2}, {"«", 2}, false},
    {{"「", 3}, {"」", 3}, false}, {{"『", 3}, {"』", 3}, false}, {{"‚", 3}, {"‘", 3}, false},
    {{"‘", 3}, {"’", 3}, true},    {{"'", 1}, {"'", 1}, true},
};

static bool begins_word(struct slice text)
{
    uint32_t character;
    return text_take_char(&text, &character) && text_is_word(character);
}

/* How far into `text` the mark closes; SIZE_MAX where it does not. */
static size_t find_close(struct slice text, const struct quotation_mark *mark)
{
    for (size_t from = 0;;) {
        size_t close = slice_find(slice_from(text, from), mark->close);
        if (close == SIZE_MAX)
            return SIZE_MAX;
        size_t behind = from + close + mark->close.size;
        if (!mark->apostrophe || !begins_word(slice_from(text, behind)))
            return from + close;
        from = behind;
    }
}

/* What stands between the next pair of quotation marks. */
static bool take_quotation(struct slice *title, struct slice *ret_quote)
{
    bool in_word = false;
    while (title->size) {
        for (size_t i = 0; i < sizeof quotation_marks / sizeof *quotation_marks; i++) {
            const struct quotation_mark *mark = &quotation_marks[i];
            struct slice inside = *title;
            if ((mark->apostrophe && in_word) || !slice_take(&inside, mark->open))
                continue;
            size_t close = find_close(inside, mark);
            if (close == SIZE_MAX)
                continue;
            *ret_quote = slice_first(inside, close);
            *title = slice_from(inside, close + mark->close.size);
            return true;
        }
        in_word = begins_word(*title);
        uint32_t passed;
        text_take_char(title, &passed);
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
    size_t weight;
    char **texts; /* that the words point into */
    size_t text_count, text_capacity;
};

/* Chinese and Japanese have no blanks between words: each of these counts as one. */
static bool is_ideograph(uint32_t character)
{
    return (character >= 0x3040 && character < 0x3100) || /* kana */
           (character >= 0x3400 && character < 0xA000) ||
           (character >= 0xF900 && character < 0xFB00) ||
           (character >= 0x20000 && character < 0x40000);
}

/* The next word of a folded text. */
static bool take_word(struct slice *text, struct slice *ret_word, bool *ret_ideograph)
{
    while (slice_take_byte(text, ' '))
        continue;
    struct slice rest = *text;
    size_t size = 0;
    uint32_t character;
    *ret_ideograph = false;
    while (!*ret_ideograph && text_take_char(&rest, &character) && character != ' ') {
        bool ideograph = is_ideograph(character);
        if (ideograph && size)
            break;
        size = text->size - rest.size;
        *ret_ideograph = ideograph;
    }
    *ret_word = slice_first(*text, size);
    *text = slice_from(*text, size);
    return size > 0;
}

static void add_words(struct words *words, struct slice text, millis start, millis end)
{
    char *folded = text_fold(text);
    words->texts =
        mem_grow(words->texts, &words->text_capacity, words->text_count + 1, sizeof *words->texts);
    words->texts[words->text_count++] = folded;
    struct slice rest = slice_of(folded), word;
    millis length = end - start, size = (millis)rest.size;
    bool ideograph = false;
    while (take_word(&rest, &word, &ideograph)) {
        millis from = word.data - folded, to = from + (millis)word.size;
        words->items =
            mem_grow(words->items, &words->capacity, words->count + 1, sizeof *words->items);
        words->items[words->count++] =
            (struct word){word, start + length * from / size, start + length * to / size};
        words->weight += ideograph ? IDEOGRAPH_WEIGHT : WORD_WEIGHT;
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

/* The place of the quotation that is nearest to `position`. */
static bool find_words(const struct words *said, const struct words *quote, millis position,
                       millis *ret_start, millis *ret_end)
{
    bool found = false;
    for (size_t i = 0; i + quote->count <= said->count; i++) {
        millis start = said->items[i].start;
        if (!stands_at(said, i, quote) ||
            (found && llabs(start - position) >= llabs(*ret_start - position)))
            continue;
        *ret_start = start;
        *ret_end = said->items[i + quote->count - 1].end;
        found = true;
    }
    return found;
}

static void add_transcript(struct words *words, const struct transcript *transcript)
{
    for (size_t i = 0; i < transcript->count; i++) {
        const struct cue *cue = &transcript->cues[i];
        add_words(words, slice_of(cue->text), cue->start, cue->end);
    }
}

bool transcript_find_quote(const struct transcript *transcript, const char *title, millis position,
                           millis *ret_start, millis *ret_end)
{
    struct slice rest = slice_of(title), quotation;
    struct words said = {0};
    bool found = false;
    while (!found && take_quotation(&rest, &quotation)) {
        struct words quote = {0};
        add_words(&quote, quotation, 0, 0);
        bool enough = quote.weight >= QUOTE_WEIGHT;
        if (enough && !said.count)
            add_transcript(&said, transcript);
        found = enough && find_words(&said, &quote, position, ret_start, ret_end);
        words_release(&quote);
    }
    words_release(&said);
    return found;
}
