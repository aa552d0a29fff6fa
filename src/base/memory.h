/* SPDX-License-Identifier: MIT */
/*
 * Memory that is there or ends the program.
 *
 * No caller can do better about exhausted memory than to stop, so these functions never return
 * NULL: they print one line and exit with status 1. Nothing is lost by that: outputs have no name
 * until they are whole (base/file.h), and inputs are never written to. Sizes that come from a file
 * or a network must be bounded by the caller before they get here.
 */
#ifndef CLIPNOTES_BASE_MEMORY_H
#define CLIPNOTES_BASE_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

#include "base/error.h"

/* All are freed with free(). */
void *mem_alloc(size_t size);
void *mem_zalloc(size_t size);
void *mem_alloc_array(size_t count, size_t item_size);
void *mem_realloc_array(void *items, size_t count, size_t item_size);
void *mem_copy(const void *data, size_t size);
char *mem_strdup(const char *text); /* NULL gives NULL */
char *mem_strndup(const char *text, size_t size);
char *mem_format(const char *format, ...) PRINTF_LIKE(1, 2);
char *mem_vformat(const char *format, va_list args);

/* What a library allocated, as it is; NULL ends the program. */
void *mem_present(void *memory);

/* Room for at least `count` items, growing by half: returns the perhaps moved array. */
void *mem_grow(void *items, size_t *capacity, size_t count, size_t item_size);

/*
 * An arena owns what one parsed document is made of; it is freed as a whole.
 */
struct arena;

struct arena *arena_create(void);
void arena_destroy(struct arena *arena); /* takes NULL */

/* What these return is zeroed or copied, aligned for any type, and lives as long as the arena. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_alloc_array(struct arena *arena, size_t count, size_t item_size);
char *arena_strdup(struct arena *arena, const char *text); /* NULL gives NULL */
char *arena_strndup(struct arena *arena, const char *text, size_t size);
char *arena_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* As mem_grow(): the items are copied to a larger place; the old one stays with the arena. */
void *arena_grow(struct arena *arena, void *items, size_t *capacity, size_t count,
                 size_t item_size);

#endif
