/* SPDX-License-Identifier: MIT */
#include "format/url.h"

#include <stdlib.h>

#include "base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool drop_some(void *context, struct slice name, struct slice value)
{
    (void)context;
    return name.size > value.size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *url = mem_strndup((const char *)data, size);
    char *parts[] = {
        url_resolve("https://example.org/a/b?c#d", url),
        url_resolve(url, "../x?y#z"),
        url_host(url),
        url_path(url, true),
        url_query(url),
        url_fragment(url, true),
        url_slug(url),
        url_without_parameters(url, drop_some, NULL),
        url_without_fragment(url),
        url_redacted(url),
        url_canonical(url),
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        free(parts[i]);
    free(url);
    return 0;
}
