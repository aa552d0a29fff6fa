/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "markup_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    struct markup_walk walk = {0};
    struct markup_handler handler = MARKUP_WALK_HANDLER(&walk);
    bool read = xml_read((struct slice){(const char *)data, size}, "fuzz", &handler, &err);
    if (read == error_is_set(&err) || (read && walk.depth != 0))
        abort();
    error_release(&err);
    return 0;
}
