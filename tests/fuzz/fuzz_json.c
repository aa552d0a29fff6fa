/* SPDX-License-Identifier: MIT */
#include "format/json.h"

#include <stdlib.h>

#include "value_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = {(const char *)data, size};
    struct error err = ERROR_INIT;
    struct arena *arena = arena_create();
    const struct value *value = json_read(arena, text, "fuzz", &err);
    if (!value == !error_is_set(&err))
        abort();
    value_walk(value);
    error_release(&err);
    arena_destroy(arena);
    return 0;
}
