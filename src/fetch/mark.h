/* SPDX-License-Identifier: MIT */
/*
 * Marks: the checksums by which the cache knows that bytes are those that were written. They guard
 * against accidents, not against attackers.
 */
#ifndef CLIPNOTES_FETCH_MARK_H
#define CLIPNOTES_FETCH_MARK_H

#include <stddef.h>
#include <stdint.h>

/* Never 0, which stands for bytes that are not there. */
uint64_t mark_of_bytes(const uint8_t *data, size_t size);

#endif
