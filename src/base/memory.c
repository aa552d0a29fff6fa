/* SPDX-License-Identifier: MIT */
#include "base/memory.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_ITEMS 8

/* An arena's first block, and the largest that is shared: each is twice as large as the one before,
 * so that what holds little costs little. */
#define FIRST_BLOCK ((size_t)1024)
#define LAST_BLOCK  ((size_t)64 * 1024)

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char data[];
};

struct arena {
    struct arena_block *blocks; /* the newest first */
    size_t next_size;           /* of a shared block */
};

static _Noreturn void exhausted(void)
{
    static const char message[] = "clipnotes: out of memory\n";
    if (write(STDERR_FILENO, message, sizeof message - 1) < 0)
        _Exit(EXIT_FAILURE); /* nobody listens: the status still tells */
    _Exit(EXIT_FAILURE);
}

static size_t product(size_t count, size_t item_size)
{
    if (item_size && count > PTRDIFF_MAX / item_size)
        exhausted();
    return count * item_size;
}

void *mem_present(void *memory)
{
    if (!memory)
        exhausted();
    return memory;
}

void *mem_alloc(size_t size)
{
    return mem_present(malloc(size ? size : 1));
}

void *mem_zalloc(size_t size)
{
    return mem_present(calloc(1, size ? size : 1));
}

void *mem_alloc_array(size_t count, size_t item_size)
{
    return mem_zalloc(product(count, item_size));
}

void *mem_realloc_array(void *items, size_t count, size_t item_size)
{
    size_t size = product(count, item_size);
    return mem_present(realloc(items, size ? size : 1));
}

void *mem_copy(const void *data, size_t size)
{
    void *copy = mem_alloc(size);
    if (size)
        memcpy(copy, data, size);
    return copy;
}

char *mem_strdup(const char *text)
{
    return text ? mem_strndup(text, strlen(text)) : NULL;
}

char *mem_strndup(const char *text, size_t size)
{
    char *copy = mem_alloc(size + 1);
    if (size)
        memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

char *mem_format(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = mem_vformat(format, args);
    va_end(args);
    return text;
}

char *mem_vformat(const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    if (size < 0)
        exhausted();
    char *text = mem_alloc((size_t)size + 1);
    (void)vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    return text;
}

static size_t grown(size_t capacity, size_t count)
{
    size_t larger = capacity + capacity / 2;
    if (larger < FIRST_ITEMS)
        larger = FIRST_ITEMS;
    return larger < count ? count : larger;
}

void *mem_grow(void *items, size_t *capacity, size_t count, size_t item_size)
{
    if (count <= *capacity)
        return items;
    *capacity = grown(*capacity, count);
    return mem_realloc_array(items, *capacity, item_size);
}

struct arena *arena_create(void)
{
    struct arena *arena = mem_zalloc(sizeof *arena);
    arena->next_size = FIRST_BLOCK;
    return arena;
}

void arena_destroy(struct arena *arena)
{
    if (!arena)
        return;
    for (struct arena_block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

static struct arena_block *add_block(struct arena *arena, size_t size)
{
    if (size > PTRDIFF_MAX - sizeof(struct arena_block))
        exhausted();
    struct arena_block *block = mem_zalloc(sizeof *block + size);
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    if (arena->next_size < LAST_BLOCK)
        arena->next_size *= 2;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > PTRDIFF_MAX - alignof(max_align_t))
        exhausted();
    size_t rounded =
        (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < rounded)
        block = add_block(arena, rounded > arena->next_size ? rounded : arena->next_size);
    void *memory = block->data + block->used;
    block->used += rounded;
    return memory;
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t item_size)
{
    return arena_alloc(arena, product(count, item_size));
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_strndup(struct arena *arena, const char *text, size_t size)
{
    char *copy = arena_alloc(arena, size + 1);
    if (size)
        memcpy(copy, text, size);
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    if (size < 0)
        exhausted();
    char *text = arena_alloc(arena, (size_t)size + 1);
    (void)vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

void *arena_grow(struct arena *arena, void *items, size_t *capacity, size_t count, size_t item_size)
{
    if (count <= *capacity)
        return items;
    size_t old = *capacity;
    *capacity = grown(old, count);
    void *larger = arena_alloc_array(arena, *capacity, item_size);
    if (old)
        memcpy(larger, items, old * item_size);
    return larger;
}
