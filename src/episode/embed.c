/* SPDX-License-Identifier: MIT */
/*
 * The players that podcast hosts serve, as they stand in <script> and <iframe>. What a host calls
 * its players is nowhere specified: the rows are what their embed codes look like. Supporting a
 * host is adding a row.
 */
#include <stdlib.h>
#include <string.h>

#include "episode/feed.h"
#include "episode/page.h"
#include "format/url.h"

/* A player's URL in parts. */
struct player {
    char *url, *host, *path, *query; /* owned */
};

typedef enum way_result follower(struct search *search, const struct player *player,
                                 struct error *err);

/* The path's n-th part, from 0 on; empty where it has less. */
static struct slice path_part(const struct player *player, size_t n)
{
    struct slice rest = slice_of(player->path), part = SLICE("");
    slice_take_byte(&rest, '/');
    for (size_t i = 0; slice_take_field(&rest, '/', &part); i++)
        if (i == n)
            return part;
    return SLICE("");
}

static struct slice parameter(const struct player *player, const char *name)
{
    struct slice rest = slice_of(player->query), field;
    while (slice_take_field(&rest, '&', &field))
        if (slice_take(&field, slice_of(name)) && slice_take_byte(&field, '='))
            return field;
    return SLICE("");
}

/* The player's own document names the audio. */
static enum way_result follow_document(struct search *search, const struct player *player,
                                       struct error *err)
{
    return player_follow(search, player->url, err);
}

static enum way_result follow_at(struct search *search, char *url, struct error *err)
{
    enum way_result result = player_follow(search, url, err);
    free(url);
    return result;
}

static enum way_result take_audio(struct search *search, char *url)
{
    search->episode->audio = arena_strdup(search->episode->arena, url);
    free(url);
    return WAY_FOUND;
}

static bool mentions(const char *text, struct slice part)
{
    return text && slice_find(slice_of(text), part) != SIZE_MAX;
}

/* .../podcasts/SHOW/episodes/SLUG/player.js: the episode is in .../podcasts/SHOW/feed, where its
 * link or GUID has SLUG. */
static enum way_result follow_letscast(struct search *search, const struct player *player,
                                       struct error *err)
{
    struct slice slug = path_part(player, 3), show = path_part(player, 1);
    struct resolver *resolver = search->resolver;
    struct error failure = ERROR_INIT;
    char *reference = mem_format("/podcasts/%.*s/feed", SLICE_ARGS(show));
    char *url = url_resolve(player->url, reference);
    const struct feed *feed =
        feed_store_get(resolver->feeds, resolver->options.fetcher, url, &failure);
    enum way_result result = feed ? WAY_PASSED : search_pass(search, &failure, err);
    for (const struct feed *page = feed; page && result == WAY_PASSED; page = page->older)
        for (size_t i = 0; i < page->count && result == WAY_PASSED; i++) {
            const struct feed_item *item = &page->items[i];
            if (!item->texts[FEED_AUDIO] || (!mentions(item->texts[FEED_LINK], slug) &&
                                             !mentions(item->texts[FEED_GUID], slug)))
                continue;
            episode_take_item(search->episode, page, item);
            result = WAY_FOUND;
        }
    if (feed && result == WAY_PASSED)
        search_note(search, "%s has no episode '%.*s'", url, SLICE_ARGS(slug));
    free(url);
    free(reference);
    return result;
}

/* .../SHOW/EPISODE-name.js, or the same path in an <iframe>: the audio is
 * .../SHOW/EPISODE-name.mp3. */
static enum way_result follow_buzzsprout(struct search *search, const struct player *player,
                                         struct error *err)
{
    struct slice show = path_part(player, 0), episode = path_part(player, 1);
    (void)err;
    if (slice_equal(episode, SLICE("episodes")))
        episode = path_part(player, 2);
    if (slice_ends(episode, SLICE(".js")))
        episode.size -= 3;
    if (!episode.size || !byte_is_digit(episode.data[0])) {
        search_note(search, "the player is that of a whole show");
        return WAY_PASSED;
    }
    char *reference = mem_format("/%.*s/%.*s.mp3", SLICE_ARGS(show), SLICE_ARGS(episode));
    char *url = url_resolve(player->url, reference);
    free(reference);
    return take_audio(search, url);
}

/* player.simplecast.com/UUID: the interface for programs has the audio. */
static enum way_result follow_simplecast(struct search *search, const struct player *player,
                                         struct error *err)
{
    struct slice id = path_part(player, 0);
    return follow_at(search, mem_format("https://api.simplecast.com/episodes/%.*s", SLICE_ARGS(id)),
                     err);
}

/* widget.spreaker.com/player?episode_id=N */
static enum way_result follow_spreaker(struct search *search, const struct player *player,
                                       struct error *err)
{
    struct slice id = parameter(player, "episode_id");
    if (!id.size)
        return follow_document(search, player, err);
    return follow_at(search,
                     mem_format("https://api.spreaker.com/v2/episodes/%.*s", SLICE_ARGS(id)), err);
}

/* Spotify plays its own copies, which nobody else may have. */
static enum way_result follow_spotify(struct search *search, const struct player *player,
                                      struct error *err)
{
    (void)player, (void)err;
    search_note(search, "Spotify's player gives its audio to nobody else");
    return WAY_PASSED;
}

/* `host` is the end of it; "": any. `path` is with '*' for one part; what follows does not count.
 */
static const struct embed {
    const char *host, *path;
    follower *follow;
} embeds[] = {
    {"", "/podcasts/*/episodes/*/player.js", follow_letscast},
    {"letscast.fm", "/podcasts/*/episodes/*", follow_letscast},
    {"buzzsprout.com", "/*/*", follow_buzzsprout},
    {"podigee.io", "/*/embed", follow_document},
    {"share.transistor.fm", "/e/*", follow_document},
    {"html5-player.libsyn.com", "/embed/episode", follow_document},
    {"play.libsyn.com", "/embed/episode", follow_document},
    {"player.simplecast.com", "/*", follow_simplecast},
    {"embed.simplecast.com", "/*", follow_document},
    {"player.captivate.fm", "/episode/*", follow_document},
    {"widget.spreaker.com", "/player", follow_spreaker},
    {"player.fireside.fm", "/*", follow_document},
    {"anchor.fm", "/*/embed/episodes/*", follow_document},
    {"podcasters.spotify.com", "/pod/show/*/embed/episodes/*", follow_document},
    {"creators.spotify.com", "/pod/show/*/embed/episodes/*", follow_document},
    {"open.spotify.com", "/embed", follow_spotify},
};

static bool fits_host(struct slice host, struct slice end)
{
    if (!slice_ends_nocase(host, end))
        return false;
    return !end.size || host.size == end.size || host.data[host.size - end.size - 1] == '.';
}

static bool fits_path(struct slice path, struct slice pattern)
{
    struct slice part, wish;
    while (slice_take_field(&pattern, '/', &wish)) {
        if (!slice_take_field(&path, '/', &part))
            return false;
        if (slice_equal(wish, SLICE("*")) ? !part.size : !slice_equal(part, wish))
            return false;
    }
    return true;
}

static bool player_init(struct player *player, const char *url)
{
    *player = (struct player){.url = mem_strdup(url),
                              .host = url_host(url),
                              .path = url_path(url, false),
                              .query = url_query(url)};
    return player->host && player->path && url_is_http(url);
}

static void player_release(struct player *player)
{
    free(player->url);
    free(player->host);
    free(player->path);
    free(player->query);
}

static const struct embed *embed_of(const struct player *player)
{
    for (size_t i = 0; i < sizeof embeds / sizeof *embeds; i++)
        if (fits_host(slice_of(player->host), slice_of(embeds[i].host)) &&
            fits_path(slice_of(player->path), slice_of(embeds[i].path)))
            return &embeds[i];
    return NULL;
}

bool embed_knows(const char *url)
{
    struct player player;
    bool known = player_init(&player, url) && embed_of(&player);
    player_release(&player);
    return known;
}

enum way_result embed_follow(struct search *search, const char *url, struct error *err)
{
    struct player player;
    const struct embed *embed = player_init(&player, url) ? embed_of(&player) : NULL;
    enum way_result result = embed ? embed->follow(search, &player, err) : WAY_PASSED;
    player_release(&player);
    return result;
}
