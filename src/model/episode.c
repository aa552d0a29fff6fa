/* SPDX-License-Identifier: MIT */
#include "model/episode.h"

struct episode *episode_create(const char *page)
{
    struct arena *arena = arena_create();
    struct episode *episode = arena_alloc(arena, sizeof *episode);
    episode->arena = arena;
    episode->page = arena_strdup(arena, page);
    episode->audio_size = -1;
    episode->duration = MILLIS_NONE;
    episode->season = MARK_NUMBER_NONE;
    episode->number = MARK_NUMBER_NONE;
    return episode;
}

void episode_destroy(struct episode *episode)
{
    if (episode)
        arena_destroy(episode->arena);
}
