/* SPDX-License-Identifier: MIT */
#include "episode/feed.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_item(const struct feed_item *item)
{
    for (int i = 0; i < FEED_FIELD_COUNT; i++)
        if (item->texts[i] && (!item->texts[i][0] || !text_is_utf8(slice_of(item->texts[i]))))
            abort();
    for (size_t i = 0; i < item->soundbite_count; i++)
        if (item->soundbites[i].start < 0 || item->soundbites[i].duration < 0)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    struct slice text = {(const char *)data, size};
    struct feed *feed = feed_read(text, "fuzz", "https://a.example/feed", &err);
    if (!feed == !error_is_set(&err))
        abort();
    if (feed)
        check_item(&feed->channel);
    for (size_t i = 0; feed && i < feed->count; i++)
        check_item(&feed->items[i]);
    feed_destroy(feed);
    error_release(&err);
    return 0;
}
