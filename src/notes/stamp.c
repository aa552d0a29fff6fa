/* SPDX-License-Identifier: MIT */
#include "notes/stamp.h"

#include <string.h>

#include "base/text.h"
#include "model/timecode.h"
#include "notes/link.h"
#include "notes/script.h"

/* ---- The notations: each eats a time from the front and fills in numbers and fields. ---- */

static void set_start(struct stamp *stamp, int hours, int minutes, int seconds, millis fraction)
{
    stamp->start =
        hours * MILLIS_HOUR + minutes * MILLIS_MINUTE + seconds * MILLIS_SECOND + fraction;
}

/* ".5", ".123", ",123". */
static millis take_fraction(struct slice *text)
{
    struct slice rest = *text;
    bool comma = script_char_at(rest) == ',';
    millis value = 0, unit = MILLIS_SECOND;
    int digit;
    if (!slice_take_byte(&rest, '.') && !slice_take_byte(&rest, ','))
        return 0;
    size_t digits = 0;
    for (; script_take_digit(&rest, &digit); digits++) {
        unit /= 10;
        value += digit * unit;
    }
    if (!digits || digits > 6 || (comma && digits != 3))
        return 0;
    *text = rest;
    return value;
}

/* MM:SS with any minutes, H:MM:SS; "0:75:20" too, since some count minutes on behind an hour of
 * zero, and "1h02:15". Two numbers with more than two digits, or one digit behind the last colon,
 * are a score, a ratio or a verse. */
static bool take_fields(struct slice *text, bool (*take_joint)(struct slice *), struct stamp *stamp)
{
    struct slice rest = *text;
    int *numbers = stamp->numbers;
    if (!script_take_number(&rest, 1, 3, &numbers[0]))
        return false;
    bool unit = slice_take_byte(&rest, 'h');
    if (!unit && !take_joint(&rest))
        return false;
    struct slice second = rest;
    if (!script_take_number(&rest, 1, 2, &numbers[1]))
        return false;
    stamp->fields = 2;
    struct slice third = rest;
    if (take_joint(&third) && script_take_number(&third, 2, 2, &numbers[2])) {
        stamp->fields = 3;
        rest = third;
    } else if (unit || !script_take_number(&second, 2, 2, &numbers[1])) {
        return false;
    }
    int *last = &numbers[stamp->fields - 1];
    bool hours = stamp->fields == 3;
    stamp->odd = *last > 59 || (hours && numbers[0] && numbers[1] > 59);
    set_start(stamp, hours ? numbers[0] : 0, last[-1], *last, 0);
    stamp->odd |= stamp->start > LINK_MAX_START;
    *text = rest;
    return true;
}

static bool take_colons(struct slice *text, struct stamp *stamp)
{
    if (!take_fields(text, script_take_colon, stamp))
        return false;
    stamp->start += take_fraction(text);
    return true;
}

static bool take_dot(struct slice *text)
{
    return slice_take_byte(text, '.');
}

static bool take_dots(struct slice *text, struct stamp *stamp)
{
    return take_fields(text, take_dot, stamp);
}

static bool take_prime(struct slice *text)
{
    return slice_take(text, SLICE("'")) || slice_take(text, SLICE("′")) ||
           slice_take(text, SLICE("’"));
}

static bool take_primes(struct slice *text, struct stamp *stamp)
{
    if (!take_fields(text, take_prime, stamp))
        return false;
    static const struct slice closing[] = {{"\"", 1}, {"″", 3}, {"''", 2}, {"”", 3}, {"’’", 6}};
    for (size_t i = 0; i < sizeof closing / sizeof *closing; i++)
        if (slice_take(text, closing[i]))
            break;
    return true;
}

/* Units of time; the longest names of each come first. A number without a unit behind another is of
 * the next smaller unit: "1h02". */
static const struct unit {
    struct slice name;
    int field; /* 0 hours, 1 minutes, 2 seconds */
} units[] = {
    {{"hours", 5}, 0}, {{"hour", 4}, 0}, {{"hrs", 3}, 0},  {{"hr", 2}, 0},      {{"h", 1}, 0},
    {{"Std.", 4}, 0},  {{"Std", 3}, 0},  {{"時間", 6}, 0}, {{"小时", 6}, 0},    {{"小時", 6}, 0},
    {{"시간", 6}, 0},  {{"час", 6}, 0},  {{"ч", 2}, 0},    {{"minutes", 7}, 1}, {{"minute", 6}, 1},
    {{"mins", 4}, 1},  {{"min.", 4}, 1}, {{"min", 3}, 1},  {{"m", 1}, 1},       {{"分", 3}, 1},
    {{"분", 3}, 1},    {{"мин", 6}, 1},  {{"м", 2}, 1},    {{"seconds", 7}, 2}, {{"second", 6}, 2},
    {{"secs", 4}, 2},  {{"sec", 3}, 2},  {{"s", 1}, 2},    {{"秒", 3}, 2},      {{"초", 3}, 2},
    {{"сек", 6}, 2},   {{"с", 2}, 2},
};

static bool take_unit(struct slice *text, int *ret_field)
{
    struct slice rest = slice_trim_left(*text);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!slice_starts_nocase(rest, units[i].name))
            continue;
        struct slice behind = slice_from(rest, units[i].name.size);
        if (script_joins_words(script_char_at(behind)))
            continue;
        *text = behind;
        *ret_field = units[i].field;
        return true;
    }
    return false;
}

/* One number and its unit, which is smaller than `field`. */
static bool take_amount(struct slice *text, int *field, int *numbers)
{
    struct slice rest = *field < 0 ? *text : slice_trim_left(*text);
    struct slice first = rest;
    int number, unit;
    if (!script_take_number(&rest, 1, 3, &number))
        return false;
    if (!take_unit(&rest, &unit)) {
        if (*field < 0 || !script_take_number(&first, 2, 2, &number))
            return false;
        rest = first;
        unit = *field + 1;
    }
    if (unit <= *field || unit > 2)
        return false;
    numbers[unit] = number;
    *field = unit;
    *text = rest;
    return true;
}

static bool take_units(struct slice *text, struct stamp *stamp)
{
    struct slice rest = *text;
    int *numbers = stamp->numbers, field = -1;
    memset(numbers, 0, sizeof stamp->numbers);
    stamp->fields = 0;
    while (take_amount(&rest, &field, numbers))
        stamp->fields++;
    /* Alone, only minutes are ever meant as a position. */
    if (!stamp->fields || (stamp->fields == 1 && field != 1))
        return false;
    stamp->odd = stamp->fields > 1 && (numbers[2] > 59 || (numbers[0] && numbers[1] > 59));
    set_start(stamp, numbers[0], numbers[1], numbers[2], 0);
    *text = rest;
    return true;
}

static bool (*const takers[STAMP_NOTATIONS])(struct slice *, struct stamp *) = {
    [STAMP_COLONS] = take_colons,
    [STAMP_UNITS] = take_units,
    [STAMP_PRIMES] = take_primes,
    [STAMP_DOTS] = take_dots,
};

/* ---- The neighbours that tell a time from what only looks like one. ---- */

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Part of a longer number, an address, a price, a zone's offset or a word. */
static bool is_continued_left(struct slice text, size_t begin)
{
    uint32_t c = script_char_before(text, begin);
    if (!c || c == ' ')
        return false;
    uint32_t before = script_char_before(text, begin - 1);
    switch (c) {
    case '/':
    case '=':
    case '\\':
    case '%':
    case '$':
    case 0x20AC: /* euro */
    case 0xA3:   /* pound */
        return true;
    case '.':
    case ',':
    case '-':
        return is_digit(before);
    case ':':
        return is_digit(before) || is_hex_letter(before) || before == ':';
    case '_': /* emphasis that was not closed, or part of a name */
        return text_is_word(before);
    case '+':
        return is_digit(before) || script_joins_words(before);
    default:
        return script_joins_words(c);
    }
}

static bool is_continued_right(struct slice rest)
{
    uint32_t c = script_char_at(rest);
    if (!c || c == ' ')
        return false;
    uint32_t next = script_char_at(slice_from(rest, 1));
    switch (c) {
    case '%':
    case 0x20AC: /* euro */
        return true;
    case '_':
        return text_is_word(next);
    case '/':
    case '.':
    case ',':
    case ':':
        return is_digit(next);
    default:
        /* A title may follow without a blank, but it begins with a capital letter. */
        return is_digit(c) || (script_joins_words(c) && !text_is_capital(c));
    }
}

/* What makes it a time of day. Some stand for other things too and count only where the sentence
 * ends behind them. */
static const struct clock_word {
    struct slice text;
    bool ends;
} clock_words[] = {
    {{"am", 2}, false},   {{"AM", 2}, false},      {{"pm", 2}, false},   {{"PM", 2}, false},
    {{"a.m", 3}, false},  {{"A.M", 3}, false},     {{"p.m", 3}, false},  {{"P.M", 3}, false},
    {{"UTC", 3}, false},  {{"utc", 3}, false},     {{"GMT", 3}, false},  {{"Uhr", 3}, false},
    {{"uhr", 3}, false},  {{"o'clock", 7}, false}, {{"CEST", 4}, false}, {{"CET", 3}, false},
    {{"EDT", 3}, false},  {{"PDT", 3}, false},     {{"CDT", 3}, false},  {{"MDT", 3}, false},
    {{"AEST", 4}, false}, {{"AEDT", 4}, false},    {{"JST", 3}, false},  {{"KST", 3}, false},
    {{"MSK", 3}, false},  {{"мск", 6}, false},     {{"h", 1}, false},    {{"EST", 3}, true},
    {{"PST", 3}, true},   {{"CST", 3}, true},      {{"MST", 3}, true},   {{"BST", 3}, true},
    {{"IST", 3}, true},   {{"ET", 2}, true},       {{"PT", 2}, true},    {{"CT", 2}, true},
    {{"hrs", 3}, true},   {{"hs", 2}, true},       {{"Z", 1}, true},
};

static bool is_clock_time(struct slice rest, int fields)
{
    rest = slice_trim_left(rest);
    if (!rest.size || !text_is_letter(script_char_at(rest)))
        return false;
    for (size_t i = 0; fields == 2 && i < sizeof clock_words / sizeof *clock_words; i++) {
        if (!slice_starts(rest, clock_words[i].text))
            continue;
        uint32_t c = script_char_at(slice_from(rest, clock_words[i].text.size));
        if (!text_is_word(c) && (!clock_words[i].ends || c != ' '))
            return true;
    }
    return false;
}

/* "2021-03-04", "04.03.2021", with a "T", a comma or a blank behind it. */
static bool ends_with_date(struct slice before)
{
    before = slice_trim_right(before);
    while (before.size &&
           (before.data[before.size - 1] == ',' || before.data[before.size - 1] == ' '))
        before.size--;
    int numbers = 0, joints = 0;
    size_t i = before.size;
    while (i && (byte_is_digit(before.data[i - 1]) || strchr("-./", before.data[i - 1]))) {
        bool digit = byte_is_digit(before.data[i - 1]);
        joints += !digit;
        numbers += digit;
        i--;
    }
    return joints == 2 && numbers >= 4 && numbers <= 8;
}

/* A bracket that holds more than the time: "[inaudible 00:12:34]", "(Video, 45:12)". */
#define MAX_ASIDE 80

static bool is_aside(struct slice text, size_t begin, size_t end)
{
    size_t first = begin > MAX_ASIDE ? begin - MAX_ASIDE : 0;
    for (size_t i = begin; i > first; i--) {
        char c = text.data[i - 1];
        if (c == ')' || c == ']' || c == '\t')
            return false;
        if (c == '(' || c == '[') {
            struct slice words = {text.data + i, begin - i};
            struct slice behind = slice_first(slice_from(text, end), MAX_ASIDE);
            return stamp_has_words(words) &&
                   slice_find_byte(behind, c == '(' ? ')' : ']') != SIZE_MAX;
        }
    }
    return false;
}

/* ---- What belongs to a time: the end of a range, the brackets around it. ---- */

static bool take_range_joint(struct slice *text)
{
    static const struct slice joints[] = {
        {"-->", 3}, {"--", 2},  {"->", 2},   {"-", 1},   {"–", 3},
        {"—", 3},   {"−", 3},   {"~", 1},    {"〜", 3},  {"～", 3},
        {"→", 3},   {"to ", 3}, {"bis ", 4}, {"до ", 5}, {"until ", 6},
    };
    struct slice rest = slice_trim_left(*text);
    for (size_t i = 0; i < sizeof joints / sizeof *joints; i++) {
        if (!slice_take(&rest, joints[i]))
            continue;
        *text = slice_trim_left(rest);
        return true;
    }
    return false;
}

static void take_range_end(struct slice text, struct stamp *stamp)
{
    struct slice rest = slice_from(text, stamp->end);
    struct stamp end = *stamp;
    if (!take_range_joint(&rest) || !takers[stamp->notation](&rest, &end) ||
        is_continued_right(rest) || end.odd || end.start <= stamp->start)
        return;
    stamp->stop = end.start;
    stamp->end = text.size - rest.size;
}

static uint32_t closing_of(uint32_t opening)
{
    static const uint32_t pairs[][2] = {
        {'(', ')'},       {'[', ']'},       {'{', '}'},       {'<', '>'},       {0x3010, 0x3011},
        {0xFF08, 0xFF09}, {0xFF3B, 0xFF3D}, {0x3014, 0x3015}, {0x300C, 0x300D}, {0x27E8, 0x27E9},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i][0] == opening)
            return pairs[i][1];
    return 0;
}

static size_t char_size(uint32_t c)
{
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

/* Over blanks and the marks that people put before a time. */
static size_t skip_marks_left(struct slice text, size_t at, struct stamp *stamp)
{
    for (;;) {
        uint32_t c = script_char_before(text, at);
        if (c == '@')
            stamp->at = true;
        else if (c != ' ' && c != '~' && c != '_' && c != '*' && c != 0x2248 && c != 0x23F1)
            return at;
        at -= char_size(c);
    }
}

/* Words before a time within its bracket: "(at 12:34)". */
static size_t skip_word_left(struct slice text, size_t at)
{
    static const struct slice words[] = {{"at", 2},   {"ab", 2},  {"ca.", 3},  {"ca", 2},
                                         {"from", 4}, {"min", 3}, {"min.", 4}, {"t=", 2},
                                         {"time", 4}, {"от", 4},  {"с", 2},    {"à", 2}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct slice word = words[i];
        if (at < word.size ||
            !slice_equal_nocase(word, (struct slice){text.data + at - word.size, word.size}))
            continue;
        if (closing_of(script_char_before(text, at - word.size)))
            return at - word.size;
    }
    return at;
}

static size_t skip_blanks_right(struct slice text, size_t at)
{
    while (at < text.size && (text.data[at] == ' ' || text.data[at] == '_' || text.data[at] == '*'))
        at++;
    return at;
}

/* Takes in the brackets that hold nothing else, of which there may be several. */
static void find_outer(struct slice text, struct stamp *stamp)
{
    stamp->outer_begin = stamp->begin;
    stamp->outer_end = stamp->end;
    for (;;) {
        size_t left = skip_marks_left(text, stamp->outer_begin, stamp);
        left = skip_word_left(text, left);
        size_t right = skip_blanks_right(text, stamp->outer_end);
        uint32_t opening = script_char_before(text, left);
        uint32_t closing = closing_of(opening);
        if (!closing || script_char_at(slice_from(text, right)) != closing)
            break;
        stamp->bracket = opening < 0x80 ? (char)opening : '[';
        stamp->outer_begin = left - char_size(opening);
        stamp->outer_end = right + char_size(closing);
    }
    if (!stamp->bracket)
        while (stamp->outer_begin && text.data[stamp->outer_begin - 1] == '@')
            stamp->outer_begin--;
}

static bool take_stamp(struct slice text, size_t at, enum stamp_notation notation,
                       struct stamp *ret_stamp)
{
    struct stamp stamp = {.notation = notation, .begin = at, .stop = MILLIS_NONE};
    struct slice rest = slice_from(text, at);
    if (!takers[notation](&rest, &stamp) || is_continued_left(text, at) || is_continued_right(rest))
        return false;
    stamp.end = text.size - rest.size;
    take_range_end(text, &stamp);
    stamp.clock =
        notation == STAMP_COLONS && (is_clock_time(slice_from(text, stamp.end), stamp.fields) ||
                                     ends_with_date(slice_first(text, at)));
    find_outer(text, &stamp);
    if (is_aside(text, stamp.outer_begin, stamp.outer_end))
        return false;
    *ret_stamp = stamp;
    return true;
}

bool stamp_find(struct slice text, size_t from, enum stamp_notation notation,
                struct stamp *ret_stamp)
{
    size_t at = from;
    for (;;) {
        while (at < text.size && (uint8_t)text.data[at] < 0x80 && !byte_is_digit(text.data[at]))
            at++;
        if (at >= text.size)
            return false;
        struct slice rest = slice_from(text, at);
        int digit;
        if (!script_take_digit(&rest, &digit)) {
            at++;
            continue;
        }
        if (take_stamp(text, at, notation, ret_stamp))
            return true;
        /* The rest of this number is no beginning either. */
        while (script_take_digit(&rest, &digit))
            ;
        at = text.size - rest.size;
    }
}

bool stamp_has_words(struct slice text)
{
    uint32_t c;
    while (text_take_char(&text, &c))
        if (text_is_word(c) && c != 0xFE0F) /* a variation selector is a mark to Unicode */
            return true;
    return false;
}

bool stamp_is_all(struct slice text, struct stamp *ret_stamp)
{
    struct stamp stamp;
    if (!stamp_find(text, 0, STAMP_COLONS, &stamp) || stamp.odd || stamp.clock ||
        stamp_has_words(slice_first(text, stamp.begin)) ||
        stamp_has_words(slice_from(text, stamp.end)))
        return false;
    *ret_stamp = stamp;
    return true;
}

bool stamp_read_time(struct slice text, unsigned notations, millis *ret_time)
{
    struct stamp stamp;
    if (timecode_parse(text, notations, ret_time))
        return true;
    if (!stamp_is_all(text, &stamp))
        return false;
    *ret_time = stamp.start;
    return true;
}
