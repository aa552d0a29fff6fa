/* SPDX-License-Identifier: MIT */
#include "container_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    container_walk(&matroska_container, data, size);
    return 0;
}
