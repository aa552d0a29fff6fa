/* SPDX-License-Identifier: MIT */
/*
 * Stands in for libFuzzer where that is not there: gives the target each file of the folders named
 * on the command line, and each of its beginnings for the small ones, once.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/path.h"

#define MAX_CASE_BYTES   ((size_t)16 << 20)
#define SMALL_CASE_BYTES 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* From memory of just this size, so that the sanitizers see a read past the end. */
static void run(const char *data, size_t size)
{
    uint8_t *copy = mem_copy(data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static bool replay_file(const char *path, struct error *err)
{
    struct buffer data = BUFFER_INIT(MAX_CASE_BYTES);
    bool read = file_read(path, &data, err);
    if (read)
        run(buffer_text(&data), data.size);
    for (size_t size = 0; read && data.size <= SMALL_CASE_BYTES && size < data.size; size++)
        run(data.data, size);
    buffer_release(&data);
    return read;
}

static bool replay_folder(const char *folder, struct error *err)
{
    char **names = NULL;
    size_t count = 0;
    if (!path_list(folder, &names, &count, err))
        return false;
    bool replayed = count > 0 || error_set(err, ERROR_MISSING, "%s: no cases here", folder);
    for (size_t i = 0; replayed && i < count; i++) {
        char *path = path_join(folder, names[i]);
        replayed = replay_file(path, err);
        free(path);
    }
    path_list_free(names, count);
    return replayed;
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    for (int i = 1; i < argc; i++)
        if (!replay_folder(argv[i], &err)) {
            fprintf(stderr, "%s\n", err.message);
            error_release(&err);
            return EXIT_FAILURE;
        }
    return EXIT_SUCCESS;
}
