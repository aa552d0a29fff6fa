/* SPDX-License-Identifier: MIT */
#include "episode/page.h"

#include <stdint.h>
#include <stdlib.h>

#include "format/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct page_clues *clues)
{
    for (size_t i = 0; clues && i < clues->count; i++)
        if (!url_is_http(clues->items[i].url) || clues->items[i].line < 1)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    struct page_clues *page = page_clues_read(text, "fuzz", "https://a.example/one/", NULL);
    struct page_clues *script = page_clues_scan(text, "fuzz", "https://a.example/one/");
    check(page);
    check(script);
    page_clues_destroy(page);
    page_clues_destroy(script);
    return 0;
}
