/* SPDX-License-Identifier: MIT */
#include "fetch/meta.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "fetch/header.h"
#include "fetch/mark.h"

#define FIRST_LINE "clipnotes cache 1\n"

/* The texts of a header. */
static const struct field {
    const char *name;
    size_t offset;
} fields[] = {
    {"url", offsetof(struct meta, url)},
    {"etag", offsetof(struct meta, etag)},
    {"last-modified", offsetof(struct meta, last_modified)},
    {"type", offsetof(struct meta, type)},
    {"file", offsetof(struct meta, file)},
    {"final-url", offsetof(struct meta, final_url)}, /* the last: it may be left out */
};

#define FIELD_COUNT (sizeof fields / sizeof *fields)

static char **member(struct meta *meta, const struct field *field)
{
    return (char **)((char *)meta + field->offset);
}

static const char *text_of(const struct meta *meta, const struct field *field)
{
    return *(char *const *)((const char *)meta + field->offset);
}

void meta_release(struct meta *meta)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        free(*member(meta, &fields[i]));
    *meta = (struct meta)META_INIT;
}

void meta_copy(struct meta *meta, const struct meta *from)
{
    *meta = *from;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        *member(meta, &fields[i]) = mem_strdup(text_of(from, &fields[i]));
}

static bool is_one_line(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ')
            return false;
    return true;
}

void meta_write(const struct meta *meta, struct buffer *out)
{
    struct buffer body = BUFFER_INIT(META_MAX_SIZE);
    buffer_append_format(&body, "size: %lld\nmark: %llu\n", (long long)meta->size,
                         (unsigned long long)meta->mark);
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const char *text = text_of(meta, &fields[i]);
        size_t room = META_MAX_SIZE - 128 - body.size;
        if (text && is_one_line(text) && strlen(text) + strlen(fields[i].name) + 3 < room)
            buffer_append_format(&body, "%s: %s\n", fields[i].name, text);
    }
    buffer_append_byte(&body, '\n');
    buffer_append_format(out, FIRST_LINE "check: %016llx\n",
                         (unsigned long long)mark_of_bytes((uint8_t *)body.data, body.size));
    buffer_append_slice(out, buffer_slice(&body));
    buffer_release(&body);
}

static void read_line(struct slice line, struct meta *meta)
{
    struct slice name;
    if (!slice_take_field(&line, ':', &name))
        return;
    slice_take_byte(&line, ' ');
    uint64_t number;
    size_t digits;
    if (slice_equal(name, SLICE("size"))) {
        slice_to_int64(line, &meta->size);
    } else if (slice_equal(name, SLICE("mark")) && slice_take_digits(&line, &number, &digits)) {
        meta->mark = number;
    }
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        char **text = member(meta, &fields[i]);
        if (slice_equal(name, slice_of(fields[i].name)) && !*text)
            *text = slice_dup(line);
    }
}

static bool take_checked_body(struct slice *text, struct slice *ret_body)
{
    struct slice rest = *text, check;
    if (!slice_take(&rest, SLICE(FIRST_LINE)) || !slice_take_line(&rest, &check))
        return false;
    size_t end = slice_find(rest, SLICE("\n\n"));
    if (end == SIZE_MAX)
        return false;
    struct slice body = slice_first(rest, end + 2);
    char expected[32];
    snprintf(expected, sizeof expected, "check: %016llx",
             (unsigned long long)mark_of_bytes((const uint8_t *)body.data, body.size));
    if (!slice_equal(check, slice_of(expected)))
        return false;
    *ret_body = body;
    *text = slice_from(rest, body.size);
    return true;
}

bool meta_read(struct slice *text, struct meta *ret_meta)
{
    struct slice body, line;
    if (!take_checked_body(text, &body))
        return false;
    struct meta meta = META_INIT;
    while (slice_take_line(&body, &line))
        read_line(line, &meta);
    *ret_meta = meta;
    return true;
}

bool meta_same_version(const struct meta *a, const struct meta *b)
{
    if (a->size >= 0 && b->size >= 0 && a->size != b->size)
        return false;
    if (a->etag && b->etag)
        return header_same_etag(a->etag, b->etag);
    if (a->last_modified && b->last_modified)
        return strcmp(a->last_modified, b->last_modified) == 0;
    return true;
}
