/* SPDX-License-Identifier: MIT */
#include "format/toml.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

/* How a key came to be, which decides what may still be added to it. */
enum origin {
    BY_VALUE,  /* key = value, an inline table too: closed */
    BY_PATH,   /* a in [a.b]: may be defined by [a] once */
    BY_HEADER, /* [a]: defined */
    BY_DOTS,   /* a in a.b = 1: open for more dotted keys */
    BY_TABLES, /* [[a]]: open for more tables */
};

struct entry {
    const struct value *table; /* NULL: a free place */
    struct slice key;
    struct value *value;
    enum origin origin;
};

struct toml {
    struct arena *arena;
    struct slice rest;
    int line;
    const char *name;
    struct error *err;

    /* All keys of all tables, hashed, so that large documents are read in linear time. */
    struct entry *entries;
    size_t entry_count, entry_capacity;

    int depth; /* of the table or value that is being read */
};

static bool fail_at(struct toml *toml, int line, const char *format, ...) PRINTF_LIKE(3, 4);

static bool fail_at(struct toml *toml, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *why = mem_vformat(format, args);
    va_end(args);
    error_set(toml->err, ERROR_INPUT, "%s:%d: %s", toml->name, line, why);
    free(why);
    return false;
}

#define fail(toml, ...) fail_at((toml), (toml)->line, __VA_ARGS__)

static bool deeper(struct toml *toml)
{
    if (++toml->depth <= VALUE_MAX_DEPTH)
        return true;
    return fail(toml, "this TOML is nested over %d levels deep", VALUE_MAX_DEPTH);
}

/* Keys and tables. */

static size_t place_of(const struct toml *toml, const struct value *table, struct slice key)
{
    uint64_t hash = 14695981039346656037u ^ (uintptr_t)table; /* FNV-1a */
    for (size_t i = 0; i < key.size; i++)
        hash = (hash ^ (unsigned char)key.data[i]) * 1099511628211u;
    size_t place = (size_t)(hash ^ hash >> 29) & (toml->entry_capacity - 1);
    while (toml->entries[place].table &&
           !(toml->entries[place].table == table && slice_equal(toml->entries[place].key, key)))
        place = (place + 1) & (toml->entry_capacity - 1);
    return place;
}

static struct entry *find_key(struct toml *toml, const struct value *table, struct slice key)
{
    if (!toml->entry_capacity)
        return NULL;
    struct entry *entry = &toml->entries[place_of(toml, table, key)];
    return entry->table ? entry : NULL;
}

static void make_room(struct toml *toml)
{
    if (toml->entry_count < toml->entry_capacity / 2)
        return;
    struct entry *old = toml->entries;
    size_t old_capacity = toml->entry_capacity;
    toml->entry_capacity = old_capacity ? old_capacity * 2 : 64;
    toml->entries = mem_alloc_array(toml->entry_capacity, sizeof *toml->entries);
    memset(toml->entries, 0, toml->entry_capacity * sizeof *toml->entries);
    for (size_t i = 0; i < old_capacity; i++)
        if (old[i].table)
            toml->entries[place_of(toml, old[i].table, old[i].key)] = old[i];
    free(old);
}

static void add_key(struct toml *toml, struct value *table, struct slice key, struct value *value,
                    enum origin origin)
{
    make_room(toml);
    value_put(toml->arena, table, key, value);
    key.data = table->keys[table->count - 1];
    toml->entries[place_of(toml, table, key)] = (struct entry){table, key, value, origin};
    toml->entry_count++;
}

static struct value *add_table(struct toml *toml, struct value *parent, struct slice key,
                               enum origin origin)
{
    struct value *table = value_create(toml->arena, VALUE_OBJECT, toml->line);
    add_key(toml, parent, key, table, origin);
    return table;
}

static bool fail_twice(struct toml *toml, const struct entry *entry)
{
    return fail(toml, "'%.*s' is given twice, first in line %d", SLICE_ARGS(entry->key),
                entry->value->line);
}

/* One step from `parent` on the way to a key: a table that is there, or a new one. A header may
 * walk through what headers and dots have made, a dotted key only through what dots have made. */
static bool step(struct toml *toml, struct value *parent, struct slice key, enum origin origin,
                 struct value **ret_table)
{
    struct entry *entry = find_key(toml, parent, key);
    if (!deeper(toml))
        return false;
    if (!entry) {
        *ret_table = add_table(toml, parent, key, origin);
        return true;
    }
    if (entry->origin == BY_VALUE || (origin == BY_DOTS && entry->origin != BY_DOTS))
        return fail_twice(toml, entry);
    *ret_table = entry->value;
    if (entry->origin == BY_TABLES) {
        *ret_table = entry->value->items[entry->value->count - 1];
        return deeper(toml);
    }
    return true;
}

/* White space and line ends. */

static void skip_blanks(struct toml *toml)
{
    while (slice_take_byte(&toml->rest, ' ') || slice_take_byte(&toml->rest, '\t'))
        continue;
}

static bool take_line_end(struct toml *toml)
{
    if (!slice_take_byte(&toml->rest, '\n') && !slice_take(&toml->rest, SLICE("\r\n")))
        return false;
    toml->line++;
    return true;
}

static void skip_comment(struct toml *toml)
{
    if (!toml->rest.size || toml->rest.data[0] != '#')
        return;
    size_t end = slice_find_byte(toml->rest, '\n');
    toml->rest = slice_from(toml->rest, end == SIZE_MAX ? toml->rest.size : end);
}

static void skip_blank_lines(struct toml *toml)
{
    do {
        skip_blanks(toml);
        skip_comment(toml);
    } while (take_line_end(toml));
}

/* Strings. */

static bool take_unicode(struct toml *toml, size_t digits, struct buffer *text)
{
    uint32_t character = 0;
    if (toml->rest.size < digits)
        return fail(toml, "an escape needs %zu hexadecimal digits", digits);
    for (size_t i = 0; i < digits; i++) {
        char c = byte_lower(toml->rest.data[i]);
        bool letter = c >= 'a' && c <= 'f';
        if (!letter && !byte_is_digit(c))
            return fail(toml, "an escape needs %zu hexadecimal digits", digits);
        character = character << 4 | (uint32_t)(letter ? c - 'a' + 10 : c - '0');
    }
    if (character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF))
        return fail(toml, "U+%04" PRIX32 " is no character", character);
    toml->rest = slice_from(toml->rest, digits);
    text_append_char(text, character);
    return true;
}

/* A backslash at the end of a line takes the line end and all white space behind it away. */
static bool take_line_fold(struct toml *toml)
{
    struct toml ahead = *toml;
    skip_blanks(&ahead);
    if (!take_line_end(&ahead))
        return false;
    do
        skip_blanks(&ahead);
    while (take_line_end(&ahead));
    toml->rest = ahead.rest;
    toml->line = ahead.line;
    return true;
}

/* Behind the backslash. */
static bool take_escape(struct toml *toml, bool multi_line, struct buffer *text)
{
    static const char letters[] = "btnfr\"\\", meant[] = "\b\t\n\f\r\"\\";
    if (multi_line && take_line_fold(toml))
        return true;
    if (slice_take_byte(&toml->rest, 'u'))
        return take_unicode(toml, 4, text);
    if (slice_take_byte(&toml->rest, 'U'))
        return take_unicode(toml, 8, text);
    size_t letter =
        toml->rest.size ? slice_find_byte(slice_of(letters), toml->rest.data[0]) : SIZE_MAX;
    if (letter == SIZE_MAX)
        return fail(toml, "TOML has no escape like this: \\%.*s",
                    SLICE_ARGS(text_cut_columns(toml->rest, 1)));
    toml->rest = slice_from(toml->rest, 1);
    return buffer_append_byte(text, meant[letter]);
}

/* One character of a string in `quote`s, or what an escape stands for. */
static bool take_string_char(struct toml *toml, char quote, bool multi_line, struct buffer *text)
{
    struct slice before = toml->rest;
    if (take_line_end(toml)) {
        if (multi_line)
            return buffer_append(text, before.data, before.size - toml->rest.size);
        toml->line--;
        return fail(toml, "this string has no closing %c", quote);
    }
    if (quote == '"' && slice_take_byte(&toml->rest, '\\'))
        return take_escape(toml, multi_line, text);
    unsigned char c = (unsigned char)before.data[0];
    if ((c < 0x20 && c != '\t') || c == 0x7F)
        return fail(toml, "a string holds the control character %d; write it as \\u%04x", c,
                    (unsigned)c);
    toml->rest = slice_from(toml->rest, 1);
    return buffer_append_byte(text, (char)c);
}

static bool take_string(struct toml *toml, struct buffer *text, bool may_span_lines)
{
    char quote = toml->rest.data[0];
    char marks[] = {quote, quote, quote, '\0'};
    bool multi_line = may_span_lines && slice_starts(toml->rest, slice_of(marks));
    struct slice end = slice_first(slice_of(marks), multi_line ? 3 : 1);
    int first_line = toml->line;
    toml->rest = slice_from(toml->rest, end.size);
    if (multi_line)
        take_line_end(toml);
    while (!slice_take(&toml->rest, end)) {
        if (!toml->rest.size)
            return fail_at(toml, first_line, "this string has no closing %.*s", SLICE_ARGS(end));
        if (!take_string_char(toml, quote, multi_line, text))
            return false;
    }
    /* Up to two quotes more may stand right before the closing ones. */
    for (int i = 0; multi_line && i < 2 && slice_take_byte(&toml->rest, quote); i++)
        buffer_append_byte(text, quote);
    return true;
}

/* Keys. */

static bool is_bare(char c)
{
    return byte_is_alpha(c) || byte_is_digit(c) || c == '_' || c == '-';
}

/* One part of a key, and the dot behind it. */
static bool take_key_part(struct toml *toml, struct buffer *key, bool *ret_more)
{
    buffer_clear(key);
    skip_blanks(toml);
    char first = toml->rest.size ? toml->rest.data[0] : '\0';
    if (first == '"' || first == '\'') {
        if (!take_string(toml, key, false))
            return false;
    } else {
        while (toml->rest.size && is_bare(toml->rest.data[0])) {
            buffer_append_byte(key, toml->rest.data[0]);
            toml->rest = slice_from(toml->rest, 1);
        }
        if (!key->size)
            return fail(toml, "expected a key, not '%.*s'",
                        SLICE_ARGS(text_cut_columns(toml->rest, 1)));
    }
    if (slice_find_byte(buffer_slice(key), '\0') != SIZE_MAX)
        return fail(toml, "the key '%s' holds a zero byte", buffer_text(key));
    skip_blanks(toml);
    *ret_more = slice_take_byte(&toml->rest, '.');
    return true;
}

/* Walks a dotted key from *table on: the last part is left in `key`, the table that it belongs to
 * in *table. */
static bool take_key(struct toml *toml, enum origin origin, struct value **table,
                     struct buffer *key)
{
    for (bool more = true; more;) {
        if (!take_key_part(toml, key, &more))
            return false;
        if (more && !step(toml, *table, buffer_slice(key), origin, table))
            return false;
    }
    return true;
}

/* Values. */

static bool take_value(struct toml *toml, struct value **ret_value);

static bool take_pattern(struct slice *text, const char *pattern)
{
    struct slice rest = *text;
    for (; *pattern; pattern++, rest = slice_from(rest, 1))
        if (!rest.size ||
            (*pattern == '0' ? !byte_is_digit(rest.data[0]) : byte_lower(rest.data[0]) != *pattern))
            return false;
    *text = rest;
    return true;
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + text[1] - '0';
}

static bool take_date(struct slice *text)
{
    const char *date = text->data;
    return take_pattern(text, "0000-00-00") && two_digits(date + 5) >= 1 &&
           two_digits(date + 5) <= 12 && two_digits(date + 8) >= 1 && two_digits(date + 8) <= 31;
}

static bool take_clock(struct slice *text)
{
    const char *clock = text->data;
    if (!take_pattern(text, "00:00:00") || two_digits(clock) > 23 || two_digits(clock + 3) > 59 ||
        two_digits(clock + 6) > 60)
        return false;
    if (!slice_take_byte(text, '.'))
        return true;
    bool fraction = false;
    for (; text->size && byte_is_digit(text->data[0]); fraction = true)
        *text = slice_from(*text, 1);
    return fraction;
}

static bool take_offset(struct slice *text)
{
    if (take_pattern(text, "z"))
        return true;
    const char *offset = text->data;
    return (take_pattern(text, "+00:00") || take_pattern(text, "-00:00")) &&
           two_digits(offset + 1) <= 23 && two_digits(offset + 4) <= 59;
}

/* RFC 3339 dates, times, or both; an offset only behind both. */
static bool is_date(struct slice text)
{
    if (!slice_starts(slice_from(text, 4), SLICE("-")))
        return take_clock(&text) && !text.size;
    if (!take_date(&text))
        return false;
    if (!text.size)
        return true;
    if (!take_pattern(&text, "t") && !take_pattern(&text, " "))
        return false;
    return take_clock(&text) && (!text.size || take_offset(&text)) && !text.size;
}

/* Digits in `base`, with single underscores between them, appended without those. */
static bool take_number_digits(struct slice *text, int base, struct buffer *number)
{
    bool digit = false;
    for (; text->size; *text = slice_from(*text, 1)) {
        char c = byte_lower(text->data[0]);
        int size = byte_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
        if (c == '_' ? !digit : size >= base)
            break;
        digit = c != '_';
        if (digit)
            buffer_append_byte(number, c);
    }
    return digit;
}

/* 0x1F, 0o17, 0b11 */
static bool take_based(struct slice text, struct buffer *number)
{
    int base = slice_take(&text, SLICE("0x"))   ? 16
               : slice_take(&text, SLICE("0o")) ? 8
               : slice_take(&text, SLICE("0b")) ? 2
                                                : 0;
    if (!base || !take_number_digits(&text, base, number) || text.size)
        return false;
    char *end = NULL;
    unsigned long long size = strtoull(buffer_text(number), &end, base);
    if (size > INT64_MAX)
        return false;
    buffer_clear(number);
    return buffer_append_format(number, "%llu", size);
}

static bool take_decimal(struct slice text, struct buffer *number)
{
    if (slice_take_byte(&text, '-'))
        buffer_append_byte(number, '-');
    else
        slice_take_byte(&text, '+');
    if (slice_equal(text, SLICE("inf")) || slice_equal(text, SLICE("nan")))
        return buffer_append_slice(number, text);
    bool padded = text.size > 1 && text.data[0] == '0' &&
                  (byte_is_digit(text.data[1]) || text.data[1] == '_');
    if (padded || !take_number_digits(&text, 10, number))
        return false;
    int64_t whole;
    if (!text.size)
        return slice_to_int64(buffer_slice(number), &whole);
    if (slice_take_byte(&text, '.')) {
        buffer_append_byte(number, '.');
        if (!take_number_digits(&text, 10, number))
            return false;
    }
    if (slice_take_byte(&text, 'e') || slice_take_byte(&text, 'E')) {
        buffer_append_byte(number, 'e');
        if (slice_take_byte(&text, '-'))
            buffer_append_byte(number, '-');
        else
            slice_take_byte(&text, '+');
        if (!take_number_digits(&text, 10, number))
            return false;
    }
    return !text.size;
}

/* What stands without quotes: up to what can only follow a value. A blank belongs to it between a
 * date and a time. */
static struct slice take_token(struct toml *toml)
{
    size_t size = 0;
    for (; size < toml->rest.size; size++) {
        char c = toml->rest.data[size];
        if (c == ' ' && size == 10 && toml->rest.data[4] == '-' && toml->rest.size > 11 &&
            byte_is_digit(toml->rest.data[11]))
            continue;
        if (strchr(" \t\r\n,]}#=", c))
            break;
    }
    struct slice token = slice_first(toml->rest, size);
    toml->rest = slice_from(toml->rest, size);
    return token;
}

static bool take_bare_value(struct toml *toml, struct value **ret_value)
{
    struct slice token = take_token(toml);
    if (!token.size)
        return fail(toml, "expected a value");
    bool truth = slice_equal(token, SLICE("true"));
    if (truth || slice_equal(token, SLICE("false"))) {
        *ret_value = value_create(toml->arena, VALUE_BOOL, toml->line);
        (*ret_value)->truth = truth;
        return true;
    }
    if (is_date(token)) {
        *ret_value = value_string(toml->arena, token, toml->line);
        return true;
    }
    struct buffer number = BUFFER_INIT(BUFFER_UNBOUNDED);
    bool valid = take_based(token, &number);
    if (!valid) {
        buffer_clear(&number);
        valid = take_decimal(token, &number);
    }
    if (valid) {
        *ret_value = value_string(toml->arena, buffer_slice(&number), toml->line);
        (*ret_value)->type = VALUE_NUMBER;
    }
    buffer_release(&number);
    return valid || fail(toml, "'%.*s' is no value of TOML; text needs quotes around it",
                         SLICE_ARGS(text_cut_columns(token, 60)));
}

static bool take_string_value(struct toml *toml, struct value **ret_value)
{
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    int line = toml->line;
    bool taken = take_string(toml, &text, true);
    if (taken)
        *ret_value = value_string(toml->arena, buffer_slice(&text), line);
    buffer_release(&text);
    return taken;
}

/* Behind the opening bracket. */
static bool take_array(struct toml *toml, struct value **ret_value)
{
    struct value *array = value_create(toml->arena, VALUE_ARRAY, toml->line);
    for (;;) {
        struct value *item = NULL;
        skip_blank_lines(toml);
        if (slice_take_byte(&toml->rest, ']'))
            break;
        if (!take_value(toml, &item))
            return false;
        value_append(toml->arena, array, item);
        skip_blank_lines(toml);
        if (slice_take_byte(&toml->rest, ','))
            continue;
        if (!slice_take_byte(&toml->rest, ']'))
            return fail(toml, "expected ',' or ']' in the array that begins in line %d",
                        array->line);
        break;
    }
    *ret_value = array;
    return true;
}

/* key = value, into `table`. */
static bool take_pair(struct toml *toml, struct value *table)
{
    int depth = toml->depth;
    struct value *value = NULL;
    struct buffer key = BUFFER_INIT(BUFFER_UNBOUNDED);
    bool taken = take_key(toml, BY_DOTS, &table, &key);
    const struct entry *there = taken ? find_key(toml, table, buffer_slice(&key)) : NULL;
    if (there)
        taken = fail_twice(toml, there);
    if (taken && !slice_take_byte(&toml->rest, '='))
        taken = fail(toml, "expected '=' behind the key '%s'", buffer_text(&key));
    skip_blanks(toml);
    if (taken && take_value(toml, &value))
        add_key(toml, table, buffer_slice(&key), value, BY_VALUE);
    buffer_release(&key);
    toml->depth = depth;
    return value != NULL;
}

/* Behind the opening brace; all in one line. */
static bool take_inline_table(struct toml *toml, struct value **ret_value)
{
    struct value *table = value_create(toml->arena, VALUE_OBJECT, toml->line);
    skip_blanks(toml);
    if (!slice_take_byte(&toml->rest, '}')) {
        do {
            if (!take_pair(toml, table))
                return false;
            skip_blanks(toml);
        } while (slice_take_byte(&toml->rest, ','));
        if (!slice_take_byte(&toml->rest, '}'))
            return fail(toml, "expected ',' or '}' in an inline table");
    }
    *ret_value = table;
    return true;
}

static bool take_value(struct toml *toml, struct value **ret_value)
{
    if (!deeper(toml))
        return false;
    char first = toml->rest.size ? toml->rest.data[0] : '\0';
    bool taken = false;
    if (first == '"' || first == '\'')
        taken = take_string_value(toml, ret_value);
    else if (slice_take_byte(&toml->rest, '['))
        taken = take_array(toml, ret_value);
    else if (slice_take_byte(&toml->rest, '{'))
        taken = take_inline_table(toml, ret_value);
    else
        taken = take_bare_value(toml, ret_value);
    toml->depth--;
    return taken;
}

/* The document. */

static bool define_table(struct toml *toml, struct value *parent, struct slice key,
                         struct value **ret_table)
{
    struct entry *entry = find_key(toml, parent, key);
    if (!entry) {
        *ret_table = add_table(toml, parent, key, BY_HEADER);
        return true;
    }
    if (entry->origin != BY_PATH)
        return fail_twice(toml, entry);
    entry->origin = BY_HEADER;
    *ret_table = entry->value;
    return true;
}

static bool append_table(struct toml *toml, struct value *parent, struct slice key,
                         struct value **ret_table)
{
    struct entry *entry = find_key(toml, parent, key);
    if (entry && entry->origin != BY_TABLES)
        return fail_twice(toml, entry);
    struct value *array = entry ? entry->value : value_create(toml->arena, VALUE_ARRAY, toml->line);
    if (!entry)
        add_key(toml, parent, key, array, BY_TABLES);
    *ret_table = value_create(toml->arena, VALUE_OBJECT, toml->line);
    value_append(toml->arena, array, *ret_table);
    return true;
}

/* Behind the opening bracket of [table] or [[tables]]. */
static bool take_header(struct toml *toml, struct value *root, struct value **ret_table)
{
    bool tables = slice_take_byte(&toml->rest, '[');
    struct slice end = tables ? SLICE("]]") : SLICE("]");
    struct value *parent = root;
    struct buffer key = BUFFER_INIT(BUFFER_UNBOUNDED);
    toml->depth = 0;
    bool taken =
        take_key(toml, BY_PATH, &parent, &key) && deeper(toml) && (!tables || deeper(toml));
    if (taken && !slice_take(&toml->rest, end))
        taken = fail(toml, "expected '%.*s' behind '%s'", SLICE_ARGS(end), buffer_text(&key));
    if (taken)
        taken = (tables ? append_table : define_table)(toml, parent, buffer_slice(&key), ret_table);
    buffer_release(&key);
    return taken;
}

static bool take_document(struct toml *toml, struct value *root)
{
    struct value *table = root;
    for (;;) {
        skip_blank_lines(toml);
        if (!toml->rest.size)
            return true;
        bool taken = slice_take_byte(&toml->rest, '[') ? take_header(toml, root, &table)
                                                       : take_pair(toml, table);
        if (!taken)
            return false;
        skip_blanks(toml);
        skip_comment(toml);
        if (toml->rest.size && !take_line_end(toml))
            return fail(toml, "expected the end of the line before '%.*s'",
                        SLICE_ARGS(text_cut_columns(toml->rest, 1)));
    }
}

const struct value *toml_read(struct arena *arena, struct slice text, int first_line,
                              const char *name, struct error *err)
{
    struct toml toml = {.arena = arena, .rest = text, .line = first_line, .name = name, .err = err};
    slice_take(&toml.rest, SLICE("\xEF\xBB\xBF"));
    if (!text_is_utf8(toml.rest)) {
        error_set(err, ERROR_INPUT, "%s: this TOML is no UTF-8 text", name);
        return NULL;
    }
    struct value *root = value_create(arena, VALUE_OBJECT, first_line);
    bool read = take_document(&toml, root);
    free(toml.entries);
    return read ? root : NULL;
}
