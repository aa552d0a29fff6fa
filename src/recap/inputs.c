/* SPDX-License-Identifier: MIT */
#include "recap/inputs.h"

#include <stdlib.h>

#include "base/memory.h"

void inputs_release(struct inputs *inputs)
{
    free(inputs->items);
    *inputs = (struct inputs){0};
}

void inputs_add(struct inputs *inputs, const char *path)
{
    struct file_identity identity;
    if (!path || !path_identify(path, &identity))
        return;
    inputs->items =
        mem_grow(inputs->items, &inputs->capacity, inputs->count + 1, sizeof *inputs->items);
    inputs->items[inputs->count++] = identity;
}

bool inputs_allow(const struct inputs *inputs, const char *path, struct error *err)
{
    struct file_identity identity;
    if (!path_identify(path, &identity))
        return true;
    for (size_t i = 0; i < inputs->count; i++)
        if (file_identity_equal(inputs->items[i], identity))
            return error_set(err, ERROR_INPUT,
                             "%s: is read by this very job, and not written over; choose another "
                             "folder with -o",
                             path);
    return true;
}
