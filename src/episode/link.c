/* SPDX-License-Identifier: MIT */
/*
 * The link is the audio itself: a file on disk, or a URL that ends like one. A URL that does not
 * look like it is asked for as a page, and page.c sees by its content type that it is audio.
 */
#include <unistd.h>

#include "episode/resolver.h"
#include "format/url.h"

static enum way_result find(struct search *search, struct error *err)
{
    const char *url = search->page.url;
    (void)err;
    if (!is_audio_name(url))
        return WAY_PASSED;
    if (!url_is_http(url) && access(url, R_OK) != 0) {
        search_note(search, "no such file");
        return WAY_PASSED;
    }
    search->episode->audio = arena_strdup(search->episode->arena, url);
    return WAY_FOUND;
}

const struct way link_way = {"link", find};
