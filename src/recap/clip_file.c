/* SPDX-License-Identifier: MIT */
#include "recap/clip_file.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/path.h"

#define READ_BACK ((size_t)64 * 1024)

static struct output *create_with_folder(const char *path, struct error *err)
{
    char *folder = path_folder(path);
    struct output *output = path_make_folder(folder, err) ? output_create(path, err) : NULL;
    free(folder);
    return output;
}

/* Muxers go back to fill in what they learn late, so the digest is of what stands there at last. */
static bool hash_output(struct output *output, char ret_sha256[static HASH_TEXT_SIZE],
                        struct error *err)
{
    struct hash *hash = hash_create();
    char *bytes = mem_alloc(READ_BACK);
    bool read = true;
    for (int64_t at = 0; read && at < output_size(output);) {
        size_t got = 0;
        read = output_read_at(output, at, bytes, READ_BACK, &got, err);
        if (read && got == 0)
            read = error_set(err, ERROR_SYSTEM, "a clip became shorter while it was written");
        hash_update(hash, bytes, got);
        at += (int64_t)got;
    }
    free(bytes);
    if (read)
        hash_finish(hash, ret_sha256);
    else
        hash_destroy(hash);
    return read;
}

/* The clip of an episode may have its very name, where both are in one folder. */
static bool keep_episode(const struct audio *audio, const char *path, struct error *err)
{
    return !path_is_same_file(audio_source(audio)->name, path) ||
           error_set(err, ERROR_USAGE,
                     "%s: is the file that is cut, and stays as it is; choose another --output",
                     path);
}

bool clip_write(struct audio *audio, sample_index start, sample_index end,
                const struct cut_options *options, const struct tags *tags, const char *path,
                struct cut_result *ret_result, char ret_sha256[static HASH_TEXT_SIZE],
                struct error *err)
{
    struct output *output = keep_episode(audio, path, err) ? create_with_folder(path, err) : NULL;
    if (!output)
        return false;
    struct cut_result result = {0};
    if (!audio_cut(audio, start, end, options, tags, output, &result, err) ||
        !hash_output(output, ret_sha256, err)) {
        output_destroy(output);
        return false;
    }
    result.bytes = output_size(output);
    if (!output_commit(output, err))
        return false;
    *ret_result = result;
    return true;
}
