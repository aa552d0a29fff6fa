/* SPDX-License-Identifier: MIT */
/*
 * SHA-256, by nettle, which uses what the processor has for it: three times as fast as libavutil,
 * and in the process anyway, for libavformat.
 */
#ifndef CLIPNOTES_BASE_HASH_H
#define CLIPNOTES_BASE_HASH_H

#include <stddef.h>

#define HASH_TEXT_SIZE 65 /* 64 hexadecimal digits and the terminator */

struct hash;

struct hash *hash_create(void);
void hash_update(struct hash *hash, const void *data, size_t size);

/* Writes the digest as lower-case text and destroys the hash. */
void hash_finish(struct hash *hash, char ret_text[static HASH_TEXT_SIZE]);
void hash_destroy(struct hash *hash); /* takes NULL */

/* All in one. */
void hash_bytes(const void *data, size_t size, char ret_text[static HASH_TEXT_SIZE]);

#endif
