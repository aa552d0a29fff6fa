/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <stdint.h>
#include <stdlib.h>

#include <nettle/sha2.h>

#include "base/memory.h"

struct hash {
    struct sha256_ctx state;
};

struct hash *hash_create(void)
{
    struct hash *hash = mem_alloc(sizeof *hash);
    sha256_init(&hash->state);
    return hash;
}

void hash_update(struct hash *hash, const void *data, size_t size)
{
    sha256_update(&hash->state, size, data);
}

void hash_finish(struct hash *hash, char ret_text[static HASH_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(&hash->state, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        ret_text[2 * i] = digits[digest[i] >> 4];
        ret_text[2 * i + 1] = digits[digest[i] & 15];
    }
    ret_text[2 * sizeof digest] = '\0';
    hash_destroy(hash);
}

void hash_destroy(struct hash *hash)
{
    free(hash);
}

void hash_bytes(const void *data, size_t size, char ret_text[static HASH_TEXT_SIZE])
{
    struct hash *hash = hash_create();
    hash_update(hash, data, size);
    hash_finish(hash, ret_text);
}
