/* SPDX-License-Identifier: MIT */
#include "notes/label.h"

#include <limits.h>

#include "base/text.h"

static const struct slice clip_words[] = {
    {"clip", 4},    {"soundbite", 9}, {"segment", 7},   {"excerpt", 7},   {"quote", 5},
    {"extrait", 7}, {"fragment", 8},  {"фрагмент", 16}, {"クリップ", 12},
};

static bool take_clip_word(struct slice *text)
{
    for (size_t i = 0; i < sizeof clip_words / sizeof *clip_words; i++) {
        if (!slice_starts_nocase(*text, clip_words[i]))
            continue;
        *text = slice_from(*text, clip_words[i].size);
        return true;
    }
    return false;
}

/* What stands between a number and a title; without it "Clip 7 of 9" would be number 7. */
static bool take_separator(struct slice *text)
{
    static const struct slice separators[] = {
        {":", 1}, {"-", 1}, {"–", 3}, {"—", 3}, {".", 1}, {")", 1}, {"|", 1}, {"：", 3},
    };
    struct slice rest = slice_trim_left(*text);
    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++) {
        if (!slice_take(&rest, separators[i]))
            continue;
        *text = slice_trim_left(rest);
        return true;
    }
    return false;
}

bool label_take_number(struct slice *label, int *ret_number)
{
    struct slice rest = *label;
    uint64_t number;
    if (!take_clip_word(&rest))
        return false;
    rest = slice_trim_left(rest);
    if (!slice_take_byte(&rest, '#'))
        slice_take(&rest, SLICE("№"));
    if (!slice_take_digits(&rest, &number, NULL) || number > INT_MAX)
        return false;
    if (rest.size && !take_separator(&rest))
        return false;
    *label = rest;
    *ret_number = (int)number;
    return true;
}

/* What stands in the middle of names in small letters. */
static const struct slice particles[] = {
    {"de", 2}, {"da", 2}, {"di", 2},  {"do", 2},  {"dos", 3}, {"du", 2},  {"del", 3}, {"della", 5},
    {"la", 2}, {"le", 2}, {"van", 3}, {"von", 3}, {"der", 3}, {"den", 3}, {"ten", 3}, {"ter", 3},
    {"el", 2}, {"al", 2}, {"bin", 3}, {"ben", 3}, {"af", 2},  {"zu", 2},  {"y", 1},   {"e", 1},
};

/* What begins titles in capital letters and no name: "The Answer: 42". */
static const struct slice title_words[] = {
    {"The", 3},       {"A", 1},     {"An", 2},   {"Part", 4},  {"Chapter", 7},  {"Episode", 7},
    {"Season", 6},    {"Bonus", 5}, {"Clip", 4}, {"How", 3},   {"Why", 3},      {"What", 4},
    {"When", 4},      {"Where", 5}, {"Who", 3},  {"Is", 2},    {"Are", 3},      {"Our", 3},
    {"My", 2},        {"Your", 4},  {"Open", 4}, {"Final", 5}, {"Question", 8}, {"Answer", 6},
    {"Lightning", 9}, {"Quick", 5}, {"Fun", 3},  {"Hot", 3},   {"Der", 3},      {"Die", 3},
    {"Das", 3},       {"Ein", 3},   {"Eine", 4}, {"Teil", 4},  {"Folge", 5},    {"Les", 3},
    {"Une", 3},       {"Los", 3},   {"Las", 3},  {"Un", 2},    {"Una", 3},
};

/* What follows a name in "Name about ...". */
static const struct slice verbs[] = {
    {"about", 5},    {"on", 2},          {"talking", 7},   {"talks", 5},       {"explaining", 10},
    {"explains", 8}, {"discussing", 10}, {"discusses", 9}, {"describing", 10}, {"describes", 9},
    {"says", 4},     {"saying", 6},      {"sharing", 7},   {"shares", 6},      {"answers", 7},
    {"über", 5},     {"sur", 3},         {"sobre", 5},     {"su", 2},          {"о", 2},
    {"об", 4},       {"om", 2},          {"over", 4},      {"o", 1},
};

static bool is_one_of(struct slice word, const struct slice *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(word, words[i]))
            return true;
    return false;
}

#define IS_ONE_OF(word, table) is_one_of((word), (table), sizeof(table) / sizeof *(table))

/* "Vries", "O'Neil", "J.": begins with a capital letter and holds nothing that no name does. */
static bool is_name_word(struct slice word)
{
    uint32_t c;
    struct slice rest = word;
    if (!text_take_char(&rest, &c) || !text_is_capital(c))
        return false;
    while (text_take_char(&rest, &c))
        if (!text_is_letter(c) && c != '\'' && c != 0x2019 && c != '-' && c != '.')
            return false;
    return true;
}

/* The end of the word at the front, before a blank or the colon that ends a name. */
static struct slice first_word(struct slice text)
{
    size_t end = 0;
    while (end < text.size && text.data[end] != ' ' && text.data[end] != ':')
        end++;
    return slice_first(text, end);
}

/* What is told of somebody behind the name: "Jane Roe (Acme)". */
static struct slice without_aside(struct slice text)
{
    struct slice rest = text;
    if (!slice_take(&rest, SLICE(" (")))
        return text;
    size_t end = slice_find_byte(rest, ')');
    return end == SIZE_MAX ? text : slice_from(rest, end + 1);
}

#define MAX_NAME_WORDS 5

struct slice label_speaker(struct slice title)
{
    static const struct slice nobody = {"", 0};
    struct slice rest = title, name = nobody;
    for (int words = 0; words <= MAX_NAME_WORDS; words++) {
        struct slice word = first_word(rest);
        struct slice behind = slice_from(rest, word.size);
        if (words >= 2 && IS_ONE_OF(word, verbs))
            return name;
        bool particle = words && IS_ONE_OF(word, particles);
        if (!word.size || (!particle && !is_name_word(word)) ||
            (!words && IS_ONE_OF(word, title_words)))
            return nobody;
        name = slice_first(title, (size_t)(word.data + word.size - title.data));
        if (words)
            behind = without_aside(behind);
        if (slice_starts(behind, SLICE(": ")))
            return words >= 1 && !particle ? name : nobody;
        if (!slice_take_byte(&behind, ' '))
            return nobody;
        rest = behind;
    }
    return nobody;
}
