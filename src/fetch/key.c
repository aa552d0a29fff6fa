/* SPDX-License-Identifier: MIT */
#include "fetch/key.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/slice.h"
#include "format/url.h"

/* Host and path in front of the real URL, which follows without its scheme as a rule. '*' stands
 * for one part of the path. As their documentation and feeds in the wild have them. */
static const char *const prefixes[] = {
    "2.gum.fm",
    "arttrk.com/p/*",
    "chrt.fm/track/*",
    "chtbl.com/track/*",
    "claritaspod.com/measure",
    "clrtpod.com/m",
    "dts.podtrac.com/redirect.*",
    "growx.podkite.com/*/*",
    "media.blubrry.com/*",
    "mgln.ai/e/*",
    "op3.dev/e",
    "op3.dev/e,*",
    "pdcn.co/e",
    "pdrl.fm/*",
    "pdst.fm/e",
    "pfx.vpixl.com/*",
    "play.podtrac.com/*",
    "podtrac.com/pts/redirect.*",
    "prfx.byspotify.com/e",
    "pscrb.fm/rss/p",
    "tracking.swap.fm/track/*",
    "verifi.podscribe.com/rss/p",
};

/* `text` begins with `pattern`, where '*' matches anything within one part; what is left begins
 * behind the slash. */
static bool take_prefix(struct slice *text, struct slice pattern)
{
    struct slice rest = *text;
    while (pattern.size) {
        if (slice_take_byte(&pattern, '*')) {
            size_t part = 0;
            while (part < rest.size && rest.data[part] != '/' &&
                   !(pattern.size && rest.data[part] == pattern.data[0]))
                part++;
            rest = slice_from(rest, part);
            continue;
        }
        if (!rest.size || byte_lower(rest.data[0]) != pattern.data[0])
            return false;
        rest = slice_from(rest, 1);
        pattern = slice_from(pattern, 1);
    }
    if (!slice_take_byte(&rest, '/'))
        return false;
    *text = rest;
    return true;
}

static bool take_scheme(struct slice *text)
{
    for (size_t i = 0; i < 4; i++) {
        static const char *const schemes[] = {"https://", "http://", "https/", "http/"};
        struct slice scheme = slice_of(schemes[i]);
        if (slice_starts_nocase(*text, scheme)) {
            *text = slice_from(*text, scheme.size);
            return true;
        }
    }
    return false;
}

/* A host name has a dot; without one what follows the prefix is not a URL. */
static bool begins_with_host(struct slice text)
{
    struct slice host = slice_first(text, slice_find_byte(text, '/'));
    size_t dot = slice_find_byte(host, '.');
    return host.size < text.size && dot != SIZE_MAX && dot > 0;
}

static bool take_one(struct slice *text)
{
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        struct slice rest = *text;
        slice_take(&rest, SLICE("www."));
        if (!take_prefix(&rest, slice_of(prefixes[i])))
            continue;
        take_scheme(&rest);
        if (!begins_with_host(rest))
            continue;
        *text = rest;
        return true;
    }
    return false;
}

char *key_without_tracking(const char *url)
{
    struct slice rest = slice_of(url);
    if (!take_scheme(&rest) || !take_one(&rest))
        return mem_strdup(url);
    while (take_one(&rest))
        continue;
    return mem_format("https://%.*s", SLICE_ARGS(rest));
}

/* A GUID of a few letters ("42") is one within its show at most. */
#define GUID_UNIQUE_SIZE 16

char *key_of(const char *url, const char *guid)
{
    struct slice id = slice_trim(slice_of(guid));
    if (id.size >= GUID_UNIQUE_SIZE)
        return mem_format("guid:%.*s", SLICE_ARGS(id));

    char *plain = key_without_tracking(url);
    char *canonical = url_canonical(plain);
    char *host = url_host(plain);
    char *key = id.size && host ? mem_format("guid:%s:%.*s", host, SLICE_ARGS(id))
                                : mem_format("url:%s", canonical ? canonical : plain);
    free(host);
    free(canonical);
    free(plain);
    return key;
}
