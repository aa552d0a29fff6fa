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

/* Feeds declare whole seconds, rounded one way or the other. */
#define DURATION_TOLERANCE (2 * MILLIS_SECOND)

void episode_compare_duration(const struct episode *episode, millis measured, const char *name,
                              const struct log *log)
{
    char excess[MILLIS_TEXT_SIZE], real[MILLIS_TEXT_SIZE], declared[MILLIS_TEXT_SIZE];
    if (episode->duration == MILLIS_NONE || measured == MILLIS_NONE)
        return;
    millis longer = measured - episode->duration;
    millis difference = longer < 0 ? -longer : longer;
    if (difference <= DURATION_TOLERANCE)
        return;
    log_warning(log,
                "%s: %s s %s than the feed says (%s, not %s): where advertising was "
                "inserted, positions are shifted",
                name, millis_text_seconds(difference, excess), longer < 0 ? "shorter" : "longer",
                millis_text(measured, real), millis_text(episode->duration, declared));
}
