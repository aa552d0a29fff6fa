/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <libavutil/sha.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

#define DIGEST_BITS 256

struct hash {
    struct AVSHA *state;
};

struct hash *hash_create(void)
{
    struct hash *hash = mem_zalloc(sizeof *hash);
    hash->state = mem_zalloc((size_t)av_sha_size);
    av_sha_init(hash->state, DIGEST_BITS);
    return hash;
}

void hash_update(struct hash *hash, const void *data, size_t size)
{
    av_sha_update(hash->state, data, size);
}

void hash_finish(struct hash *hash, char ret_text[static HASH_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[DIGEST_BITS / 8];
    av_sha_final(hash->state, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        ret_text[2 * i] = digits[digest[i] >> 4];
        ret_text[2 * i + 1] = digits[digest[i] & 15];
    }
    ret_text[2 * sizeof digest] = '\0';
    hash_destroy(hash);
}

void hash_destroy(struct hash *hash)
{
    if (!hash)
        return;
    free(hash->state);
    free(hash);
}

void hash_bytes(const void *data, size_t size, char ret_text[static HASH_TEXT_SIZE])
{
    struct hash *hash = hash_create();
    hash_update(hash, data, size);
    hash_finish(hash, ret_text);
}
