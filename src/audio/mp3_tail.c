/* SPDX-License-Identifier: MIT */
#include "audio/mp3_tail.h"

#include <string.h>

/* A file has one of each; more is a file made to keep us busy. */
#define MAX_TAGS 16

#define LYRICS3_MAX 5100 /* of the first version, which does not say its size */

static int64_t id3v1_size(const uint8_t *data)
{
    (void)data;
    return 128;
}

static int64_t enhanced_size(const uint8_t *data)
{
    (void)data;
    return 227;
}

static uint32_t little_word(const uint8_t *data)
{
    return (uint32_t)data[3] << 24 | (uint32_t)data[2] << 16 | (uint32_t)data[1] << 8 | data[0];
}

/* The size counts the footer and not the header, of which a flag says whether it is there. */
static int64_t ape_size(const uint8_t *data)
{
    int64_t header = data[23] & 0x80 ? 32 : 0;
    return (int64_t)little_word(data + 12) + header;
}

/* Six digits count what stands before them. */
static int64_t lyrics_size(const uint8_t *data)
{
    int64_t size = 0;
    for (int i = 0; i < 6; i++) {
        if (data[i] < '0' || data[i] > '9')
            return 0;
        size = size * 10 + (data[i] - '0');
    }
    return size + 15;
}

static int64_t id3v2_size(const uint8_t *data)
{
    return 20 +
           ((data[6] & 127) << 21 | (data[7] & 127) << 14 | (data[8] & 127) << 7 | (data[9] & 127));
}

static int64_t old_lyrics_size(const uint8_t *data)
{
    for (int i = 0; i + 11 <= LYRICS3_MAX; i++)
        if (memcmp(data + i, "LYRICSBEGIN", 11) == 0)
            return LYRICS3_MAX - i;
    return 0;
}

/* A tag is known by a mark in the last `reach` bytes before its end; size() takes these bytes, and
 * gives the tag's size, or 0 where it is none. */
static const struct tail_tag {
    const char *mark;
    int mark_at, reach;
    int64_t (*size)(const uint8_t *data);
} kinds[] = {
    {"TAG", 0, 128, id3v1_size},
    {"TAG+", 0, 227, enhanced_size},
    {"APETAGEX", 0, 32, ape_size},
    {"LYRICS200", 6, 15, lyrics_size},
    {"LYRICSEND", LYRICS3_MAX - 9, LYRICS3_MAX, old_lyrics_size},
    {"3DI", 0, 10, id3v2_size},
};

/* The size of the tag that ends at `end`; 0 where none does. */
static bool tag_before(struct source *source, int64_t end, int64_t *ret_size, struct error *err)
{
    uint8_t data[LYRICS3_MAX];
    size_t reach = end < LYRICS3_MAX ? (size_t)end : LYRICS3_MAX;
    *ret_size = 0;
    if (!source_read_exactly(source, end - (int64_t)reach, data, reach, err))
        return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && *ret_size == 0; i++) {
        const struct tail_tag *kind = &kinds[i];
        if ((size_t)kind->reach > reach)
            continue;
        const uint8_t *begin = data + reach - kind->reach;
        if (memcmp(begin + kind->mark_at, kind->mark, strlen(kind->mark)) == 0)
            *ret_size = kind->size(begin);
    }
    return true;
}

bool mp3_tail_find(struct source *source, int64_t *ret_end, struct error *err)
{
    int64_t end = source->size;
    for (int i = 0; i < MAX_TAGS; i++) {
        int64_t size = 0;
        if (!tag_before(source, end, &size, err))
            return false;
        if (size == 0 || size > end)
            break;
        end -= size;
    }
    *ret_end = end;
    return true;
}
