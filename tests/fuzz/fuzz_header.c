/* SPDX-License-Identifier: MIT */
/*
 * What a server says in its header fields, one a line: each reader gets each line, and what it
 * makes of it must make sense.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "fetch/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool so)
{
    if (!so)
        abort();
}

static void read_range(struct slice line)
{
    struct content_range range = {-2, -2, -2};
    if (!header_content_range(line, &range)) {
        expect(range.first == -2 && range.total == -2);
        return;
    }
    expect(range.first <= range.last);
    expect(range.first >= 0 || (range.first == -1 && range.last == -1 && range.total >= 0));
    expect(range.total == -1 || range.last < range.total);
}

static void read_wait(struct slice line)
{
    int64_t wait = 0;
    if (header_retry_after(line, 1700000000, &wait))
        expect(wait >= 0);
}

static void read_type(struct slice line, struct slice body)
{
    char *type = header_media_type(line), *charset = header_charset(line);
    header_is_page(type, body.data, body.size);
    free(type);
    free(charset);
}

static void compare_tags(const char *tag, const char *other)
{
    expect(header_same_etag(tag, tag));
    expect(header_same_etag(tag, other) == header_same_etag(other, tag));
    expect(!header_etag_is_strong(tag) || tag[0] == '"');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {(const char *)data, size}, line;
    char *last = mem_strdup("\"tag\"");
    while (slice_take_line(&rest, &line)) {
        char *text = slice_dup(line);
        read_range(line);
        read_wait(line);
        read_type(line, rest);
        compare_tags(text, last);
        free(last);
        last = text;
    }
    free(last);
    return 0;
}
