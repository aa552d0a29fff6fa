/* SPDX-License-Identifier: MIT */
#include "model/timecode.h"

#include "base/checked.h"

#define FRACTION_DIGITS 3

/* ".5" as 500; digits past the third round. `ret_millis` is 1000 where they round up to it. */
static bool take_fraction(struct slice *text, bool comma, millis *ret_millis)
{
    struct slice rest = *text;
    bool point = slice_take_byte(&rest, '.');
    if (!point && !(comma && slice_take_byte(&rest, ',')))
        return false;
    size_t digits = 0;
    while (digits < rest.size && byte_is_digit(rest.data[digits]))
        digits++;
    if (!digits || (!point && digits != FRACTION_DIGITS))
        return false;

    millis value = 0;
    for (size_t i = 0; i < FRACTION_DIGITS; i++)
        value = value * 10 + (i < digits ? rest.data[i] - '0' : 0);
    if (digits > FRACTION_DIGITS && rest.data[FRACTION_DIGITS] >= '5')
        value++;
    *text = slice_from(rest, digits);
    *ret_millis = value;
    return true;
}

/* number * unit + rest, where it stays below MILLIS_MAX. */
static bool add_part(millis *time, uint64_t number, millis unit, millis rest)
{
    millis part;
    if (number > MILLIS_MAX || !checked_multiply((millis)number, unit, &part) ||
        !checked_add(part, rest, &part) || !checked_add(*time, part, &part) || part > MILLIS_MAX)
        return false;
    *time = part;
    return true;
}

static bool take_seconds(struct slice *text, millis *ret_time)
{
    struct slice rest = *text;
    uint64_t seconds;
    millis fraction = 0, time = 0;
    if (!slice_take_digits(&rest, &seconds, NULL))
        return false;
    take_fraction(&rest, false, &fraction);
    if (!add_part(&time, seconds, MILLIS_SECOND, fraction))
        return false;
    *text = rest;
    *ret_time = time;
    return true;
}

/* MM:SS or H:MM:SS; of the fields behind the first each has two digits below 60. */
static bool take_colons(struct slice *text, millis *ret_time)
{
    struct slice rest = *text;
    uint64_t fields[3];
    size_t count = 0, digits;
    if (!slice_take_digits(&rest, &fields[count++], NULL))
        return false;
    while (count < 3 && rest.size > 1 && rest.data[0] == ':' && byte_is_digit(rest.data[1])) {
        rest = slice_from(rest, 1);
        if (!slice_take_digits(&rest, &fields[count], &digits) || digits != 2 || fields[count] > 59)
            return false;
        count++;
    }
    if (count < 2)
        return false;

    millis time = 0, fraction = 0;
    take_fraction(&rest, true, &fraction);
    uint64_t hours = count == 3 ? fields[0] : 0;
    if (!add_part(&time, hours, MILLIS_HOUR, 0) ||
        !add_part(&time, fields[count - 2], MILLIS_MINUTE, 0) ||
        !add_part(&time, fields[count - 1], MILLIS_SECOND, fraction))
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
        millis fraction = 0, scaled;
        if (!slice_take_digits(&next, &number, NULL))
            break;
        take_fraction(&next, false, &fraction);
        const struct unit *unit = take_unit(&next);
        if (!unit || unit->rank >= rank)
            break;
        if (!checked_scale(fraction, unit->length, MILLIS_SECOND, &scaled) ||
            !add_part(&time, number, unit->length, scaled))
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
