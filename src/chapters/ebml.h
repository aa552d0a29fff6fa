/* SPDX-License-Identifier: MIT */
/*
 * EBML (RFC 8794): the elements that Matroska files are made of, each an id, a size and a body.
 */
#ifndef CLIPNOTES_CHAPTERS_EBML_H
#define CLIPNOTES_CHAPTERS_EBML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

/* Of an element that ends where its parent does, or another one begins. */
#define EBML_UNKNOWN_SIZE INT64_MAX

/* Elements that may stand anywhere. */
enum ebml_id {
    EBML_VOID = 0xEC,
    EBML_CHECKSUM = 0xBF,
};

/* An element in memory. */
struct element {
    uint32_t id;
    struct slice whole, body;
};

/* An element's header; 0 where none begins here, else how many bytes it has. */
size_t element_header(const uint8_t *data, size_t size, uint32_t *ret_id, int64_t *ret_size);

/* Eats the next element from the front of `bytes`; false where none is whole. */
bool element_take(struct slice *bytes, struct element *ret_element);

/* What a body says as a number. */
uint64_t element_number(struct slice body);
double element_float(struct slice body);

void ebml_append(struct buffer *out, uint32_t id, struct slice body);
void ebml_append_number(struct buffer *out, uint32_t id, uint64_t number);

/* A size of `width` bytes; it fits. */
void ebml_append_size(struct buffer *out, uint64_t size, size_t width);

/* So many bytes of nothing: at least 2. */
void ebml_append_void(struct buffer *out, size_t size);

#endif
