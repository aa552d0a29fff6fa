/* SPDX-License-Identifier: MIT */
#include "model/timecode.h"

#include "base/checked.h"

#define MILLIS_DIGITS   3
#define FRACTION_DIGITS 15 /* that count; more cannot change a millisecond of an hour */

/* What stands behind a decimal point: value / scale of a unit, below 1. */
struct fraction {
    int64_t value, scale;
};

static const struct fraction whole = {0, 1};

/* False, and `ret_fraction` as it was, where there is none. */
static bool take_fraction(struct slice *text, bool comma, struct fraction *ret_fraction)
{
    struct slice rest = *text;
    bool point = slice_take_byte(&rest, '.');
    if (!point && !(comma && slice_take_byte(&rest, ',')))
        return false;
    size_t digits = 0;
    while (digits < rest.size && byte_is_digit(rest.data[digits]))
        digits++;
    if (!digits || (!point && digits != MILLIS_DIGITS))
        return false;

    struct fraction fraction = whole;
    for (size_t i = 0; i < digits && i < FRACTION_DIGITS; i++) {
        fraction.value = fraction.value * 10 + (rest.data[i] - '0');
        fraction.scale *= 10;
    }
    *text = slice_from(rest, digits);
    *ret_fraction = fraction;
    return true;
}

/* Adds number and fraction of a unit, rounded to the nearest, where the sum is within MILLIS_MAX.
 */
static bool add_part(millis *time, uint64_t number, struct fraction fraction, millis unit)
{
    millis part, rest;
    if (number > (uint64_t)MILLIS_MAX || !checked_multiply((millis)number, unit, &part) ||
        !checked_scale(fraction.value, unit, fraction.scale, &rest) ||
        !checked_add(part, rest, &part) || !checked_add(*time, part, &part) || part > MILLIS_MAX)
        return false;
    *time = part;
    return true;
}

/* What follows a time that is written wrongly, "1:75" or "1:2:3:4", and no whole time before it. */
static bool goes_on(struct slice rest)
{
    return rest.size > 1 && rest.data[0] == ':' && byte_is_digit(rest.data[1]);
}

/* MM:SS or H:MM:SS; of the fields behind the first each has two digits below 60. */
static bool take_colons(struct slice *text, millis *ret_time)
{
    struct slice rest = *text;
    uint64_t fields[3];
    size_t count = 0, digits;
    if (!slice_take_digits(&rest, &fields[count++], NULL))
        return false;
    while (count < 3 && goes_on(rest)) {
        rest = slice_from(rest, 1);
        if (!slice_take_digits(&rest, &fields[count], &digits) || digits != 2 || fields[count] > 59)
            return false;
        count++;
    }
    if (count < 2)
        return false;

    struct fraction fraction = whole;
    millis time = 0;
    take_fraction(&rest, true, &fraction);
    uint64_t hours = count == 3 ? fields[0] : 0;
    if (goes_on(rest) || !add_part(&time, hours, whole, MILLIS_HOUR) ||
        !add_part(&time, fields[count - 2], whole, MILLIS_MINUTE) ||
        !add_part(&time, fields[count - 1], fraction, MILLIS_SECOND))
        return false;
    *text = rest;
    *ret_time = time;
    return true;
}

/* Longest names first, since the first that fits is taken. */
static const struct unit {
    struct slice name;
    millis length;
    int rank; /* units come in falling rank */
} units[] = {
    {{"hours", 5}, MILLIS_HOUR, 4},    {{"hour", 4}, MILLIS_HOUR, 4},
    {{"hrs", 3}, MILLIS_HOUR, 4},      {{"hr", 2}, MILLIS_HOUR, 4},
    {{"h", 1}, MILLIS_HOUR, 4},        {{"minutes", 7}, MILLIS_MINUTE, 3},
    {{"minute", 6}, MILLIS_MINUTE, 3}, {{"mins", 4}, MILLIS_MINUTE, 3},
    {{"min", 3}, MILLIS_MINUTE, 3},    {{"ms", 2}, 1, 1},
    {{"m", 1}, MILLIS_MINUTE, 3},      {{"seconds", 7}, MILLIS_SECOND, 2},
    {{"second", 6}, MILLIS_SECOND, 2}, {{"secs", 4}, MILLIS_SECOND, 2},
    {{"sec", 3}, MILLIS_SECOND, 2},    {{"s", 1}, MILLIS_SECOND, 2},
};

static const struct unit *take_unit(struct slice *text)
{
    struct slice rest = slice_trim_left(*text);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!slice_starts_nocase(rest, units[i].name))
            continue;
        struct slice behind = slice_from(rest, units[i].name.size);
        if (behind.size && byte_is_alpha(behind.data[0]))
            continue;
        *text = behind;
        return &units[i];
    }
    return NULL;
}

static bool take_units(struct slice *text, millis *ret_time)
{
    struct slice rest = *text;
    millis time = 0;
    int rank = 5;
    for (;;) {
        struct slice next = rank == 5 ? rest : slice_trim_left(rest);
        uint64_t number;
        struct fraction fraction = whole;
        if (!slice_take_digits(&next, &number, NULL))
            break;
        take_fraction(&next, false, &fraction);
        const struct unit *unit = take_unit(&next);
        if (!unit || unit->rank >= rank)
            break;
        if (!add_part(&time, number, fraction, unit->length))
            return false;
        rank = unit->rank;
        rest = next;
    }
    if (rank == 5)
        return false;
    *text = rest;
    *ret_time = time;
    return true;
}

/* Seconds with nothing behind them that would make them something else: the 12 of "12:75" or of
 * "12 h" are none. */
static bool take_seconds(struct slice *text, millis *ret_time)
{
    struct slice rest = *text;
    uint64_t seconds;
    struct fraction fraction = whole;
    millis time = 0;
    if (!slice_take_digits(&rest, &seconds, NULL))
        return false;
    take_fraction(&rest, false, &fraction);
    struct slice behind = rest;
    if (goes_on(rest) || take_unit(&behind) || !add_part(&time, seconds, fraction, MILLIS_SECOND))
        return false;
    *text = rest;
    *ret_time = time;
    return true;
}

/* Tried in this order: what is longer before what it begins with. */
static const struct notation {
    enum timecode_notation notation;
    bool (*take)(struct slice *text, millis *ret_time);
} notations_table[] = {
    {TIMECODE_COLONS, take_colons},
    {TIMECODE_UNITS, take_units},
    {TIMECODE_SECONDS, take_seconds},
};

bool timecode_take(struct slice *text, unsigned notations, millis *ret_time)
{
    for (size_t i = 0; i < sizeof notations_table / sizeof *notations_table; i++)
        if ((notations & notations_table[i].notation) && notations_table[i].take(text, ret_time))
            return true;
    return false;
}

bool timecode_parse(struct slice text, unsigned notations, millis *ret_time)
{
    text = slice_trim(text);
    for (size_t i = 0; i < sizeof notations_table / sizeof *notations_table; i++) {
        struct slice rest = text;
        millis time;
        if ((notations & notations_table[i].notation) && notations_table[i].take(&rest, &time) &&
            !rest.size) {
            *ret_time = time;
            return true;
        }
    }
    return false;
}

bool timecode_parse_option(const char *text, const char *what, millis *ret_time, struct error *err)
{
    if (timecode_parse(slice_of(text), TIMECODE_ANY, ret_time))
        return true;
    return error_set(err, ERROR_USAGE, "%s: '%s' is no time; write 90, 1:30, 1:02:03.5 or 1m30s",
                     what, text);
}
