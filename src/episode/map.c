/* SPDX-License-Identifier: MIT */
/*
 * --map PAGE=AUDIO: the user's own word.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "episode/resolver.h"
#include "format/url.h"

bool maps_check(const char *const *maps, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *equals = strchr(maps[i], '=');
        if (!equals || equals == maps[i] || !equals[1])
            return error_set(err, ERROR_USAGE, "'%s' is no map: expected PAGE=AUDIO", maps[i]);
    }
    return true;
}

/* The audio that `map` has for the page; NULL where it is another page's. URLs may hold '=' too, so
 * each may be the one between the two. */
static const char *audio_of(const char *map, const struct page_name *page)
{
    const char *audio = NULL;
    for (const char *equals = strchr(map, '='); equals && !audio;
         equals = strchr(equals + 1, '=')) {
        char *name = mem_strndup(map, (size_t)(equals - map));
        if (page_name_is(page, name))
            audio = equals + 1;
        free(name);
    }
    return audio;
}

static enum way_result find(struct search *search, struct error *err)
{
    const struct resolve_options *options = &search->resolver->options;
    const char *audio = NULL;
    /* The last one counts, as with all options. */
    for (size_t i = options->map_count; i > 0 && !audio; i--)
        audio = audio_of(options->maps[i - 1], &search->page);
    if (!audio)
        return WAY_PASSED;
    if (!url_is_http(audio) && access(audio, R_OK) != 0) {
        error_set_errno(err, errno, "%s: the audio that is mapped to %s", audio,
                        search->page.shown);
        return WAY_FAILED;
    }
    search->episode->audio = arena_strdup(search->episode->arena, audio);
    return WAY_FOUND;
}

const struct way map_way = {"map", find};
