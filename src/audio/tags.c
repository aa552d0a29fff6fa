/* SPDX-License-Identifier: MIT */
#include "audio/tags.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* More, and larger, is no person's description of an episode. */
#define MAX_OTHERS     256
#define MAX_VALUE_SIZE ((size_t)1 << 20)

/* What is told elsewhere, what the encoder says of itself, and what is measured of the whole file
 * or of its bytes. A '*' at the end stands for anything. */
static const char *const not_passed_on[] = {
    "title",          "artist",        "album",
    "date",           "comment",       "track",
    "tracktotal",     "chapter*",      "metadata_block_picture",
    "encoder",        "TSSE",          "creation_time",
    "major_brand",    "minor_version", "compatible_brands",
    "duration",       "TLEN",          "iTun*",
    "replaygain_*",   "R128_*",        "time_reference",
    "coding_history", "umid",          "waveformatextensible_channel_mask",
};

static bool matches(const char *pattern, const char *name)
{
    size_t size = strcspn(pattern, "*");
    return strncasecmp(pattern, name, size) == 0 && (pattern[size] == '*' || !name[size]);
}

static bool is_passed_on(const struct tags *tags, const char *name)
{
    for (size_t i = 0; i < sizeof not_passed_on / sizeof *not_passed_on; i++)
        if (matches(not_passed_on[i], name))
            return false;
    for (size_t i = 0; i < tags->other_count; i++)
        if (strcasecmp(tags->others[i].name, name) == 0)
            return false;
    return true;
}

void tags_add(struct audio *audio, const char *name, const char *value)
{
    struct tags *tags = &audio->tags;
    if (!*name || !*value || tags->other_count >= MAX_OTHERS || strlen(value) > MAX_VALUE_SIZE ||
        !is_passed_on(tags, name))
        return;
    struct tag *others = arena_grow(audio->arena, (void *)tags->others, &audio->other_capacity,
                                    tags->other_count + 1, sizeof *others);
    char *repaired = text_repair(slice_of(value));
    others[tags->other_count++] = (struct tag){
        arena_strdup(audio->arena, name),
        arena_strdup(audio->arena, repaired),
    };
    free(repaired);
    tags->others = others;
}

/* id3v2.3.0, 4.2.1, and those that podcasts and iTunes have added. */
static const struct {
    const char *id, *name; /* NULL: libavformat names it by the id */
} id3_rows[] = {
    {"TCOM", "composer"},    {"TCON", "genre"},       {"TCOP", "copyright"},
    {"TENC", "encoded_by"},  {"TLAN", "language"},    {"TPE2", "album_artist"},
    {"TPE3", "performer"},   {"TPOS", "disc"},        {"TPUB", "publisher"},
    {"TIT1", "grouping"},    {"TCMP", "compilation"}, {"TSOA", "album-sort"},
    {"TSOP", "artist-sort"}, {"TSOT", "title-sort"},  {"TBPM", NULL},
    {"TEXT", NULL},          {"TIT3", NULL},          {"TKEY", NULL},
    {"TMED", NULL},          {"TOAL", NULL},          {"TOFN", NULL},
    {"TOLY", NULL},          {"TOPE", NULL},          {"TOWN", NULL},
    {"TPE4", NULL},          {"TRSN", NULL},          {"TRSO", NULL},
    {"TSRC", NULL},          {"TCAT", NULL},          {"TDES", NULL},
    {"TGID", NULL},          {"TKWD", NULL},
};

#define ID3_ROWS (sizeof id3_rows / sizeof *id3_rows)

const char *tags_name_of_id3(const char *id)
{
    for (size_t i = 0; i < ID3_ROWS; i++)
        if (strcmp(id3_rows[i].id, id) == 0)
            return id3_rows[i].name ? id3_rows[i].name : id3_rows[i].id;
    return NULL;
}

const char *tags_id3_of_name(const char *name)
{
    for (size_t i = 0; i < ID3_ROWS; i++)
        if (strcasecmp(id3_rows[i].name ? id3_rows[i].name : id3_rows[i].id, name) == 0)
            return id3_rows[i].id;
    return NULL;
}
