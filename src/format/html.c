/* SPDX-License-Identifier: MIT */
#include <gumbo.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "format/markup.h"

/*
 * The memory that gumbo builds its tree in. HTML's rules make some small pages cost a lot: elements
 * nested n deep take n * n steps, and unclosed <b>s are repeated in every paragraph. gumbo asks
 * nobody before it goes on, but it asks us for memory; that is where we give up, by longjmp() out
 * of it. Nothing is lost by that, as all it holds is in our list, which also saves us from its
 * clean-up, which recurses as deep as the tree.
 */
struct block {
    struct block *previous, *next;
    size_t size;
    max_align_t data[];
};

#define MAX_TREE_BYTES  ((size_t)512 << 20)
#define CALLS_TO_LOOK   64 /* calls between two looks at the clock */
#define NANOS_IN_SECOND 1000000000

struct heap {
    struct block *blocks;
    size_t size, calls;
    int64_t deadline; /* of this thread's processor time, in nanoseconds */
    jmp_buf give_up;
};

static int64_t processor_time(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * NANOS_IN_SECOND + now.tv_nsec;
}

static void *heap_alloc(void *context, size_t size)
{
    struct heap *heap = context;
    bool late = ++heap->calls % CALLS_TO_LOOK == 0 && processor_time() > heap->deadline;
    if (late || size > MAX_TREE_BYTES - heap->size)
        longjmp(heap->give_up, 1);
    struct block *block = mem_alloc(sizeof *block + size);
    *block = (struct block){.next = heap->blocks, .size = size};
    if (heap->blocks)
        heap->blocks->previous = block;
    heap->blocks = block;
    heap->size += size;
    return block->data;
}

static void heap_free(void *context, void *data)
{
    struct heap *heap = context;
    if (!data)
        return;
    struct block *block = (struct block *)((char *)data - offsetof(struct block, data));
    heap->size -= block->size;
    if (block->next)
        block->next->previous = block->previous;
    *(block->previous ? &block->previous->next : &heap->blocks) = block->next;
    free(block);
}

static void heap_release(struct heap *heap)
{
    for (struct block *block = heap->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
}

/* The tree, in `heap`; NULL where it would take too long or too much. */
static const GumboNode *parse(struct heap *heap, struct slice text)
{
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = heap_alloc;
    options.deallocator = heap_free;
    options.userdata = heap;
    options.max_errors = 0; /* keeping them takes most of the time of a deep page */
    heap->deadline = processor_time() + (int64_t)HTML_MAX_SECONDS * NANOS_IN_SECOND;
    if (setjmp(heap->give_up))
        return NULL;
    return gumbo_parse_with_options(&options, text.data, text.size)->root;
}

struct walk {
    const struct markup_handler *handler;
    struct buffer name;
    struct markup_attribute *attributes;
    size_t attribute_capacity;
};

static bool is_element(const GumboNode *node)
{
    return node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE;
}

static int line_of(GumboSourcePosition position)
{
    return position.line ? (int)position.line : 1;
}

/* gumbo makes no UTF-8 of a reference to a character that is too large for an int. The text is in
 * our memory, so it can be put right where it is. */
static const char *valid_text(const char *text)
{
    struct slice rest = slice_of(text);
    if (text_is_utf8(rest))
        return text;
    while (rest.size) {
        uint32_t character = 0;
        char *begin = (char *)rest.data;
        text_take_char(&rest, &character);
        if (rest.data == begin + 1 && (unsigned char)*begin >= 0x80)
            *begin = '?';
    }
    return text;
}

static const char *name_of(struct walk *walk, const GumboElement *element)
{
    if (element->tag != GUMBO_TAG_UNKNOWN)
        return gumbo_normalized_tagname(element->tag);
    GumboStringPiece name = element->original_tag;
    gumbo_tag_from_original_text(&name);
    buffer_clear(&walk->name);
    for (size_t i = 0; i < name.length; i++)
        buffer_append_byte(&walk->name, byte_lower(name.data[i]));
    return buffer_text(&walk->name);
}

static bool open_element(struct walk *walk, const GumboElement *element)
{
    if (!walk->handler->open)
        return true;
    size_t count = element->attributes.length;
    walk->attributes =
        mem_grow(walk->attributes, &walk->attribute_capacity, count, sizeof *walk->attributes);
    for (size_t i = 0; i < count; i++) {
        const GumboAttribute *attribute = element->attributes.data[i];
        walk->attributes[i] =
            (struct markup_attribute){valid_text(attribute->name), valid_text(attribute->value)};
    }
    return walk->handler->open(walk->handler->context, name_of(walk, element), walk->attributes,
                               count, line_of(element->start_pos));
}

static bool close_element(struct walk *walk, const GumboElement *element)
{
    int start = line_of(element->start_pos), end = line_of(element->end_pos);
    return !walk->handler->close ||
           walk->handler->close(walk->handler->context, name_of(walk, element),
                                end > start ? end : start);
}

static bool visit(struct walk *walk, const GumboNode *node)
{
    if (is_element(node))
        return open_element(walk, &node->v.element);
    if (node->type == GUMBO_NODE_COMMENT || !walk->handler->text)
        return true;
    return walk->handler->text(walk->handler->context, slice_of(valid_text(node->v.text.text)),
                               line_of(node->v.text.start_pos));
}

/* The node that comes after `node` among its siblings; NULL after the last. */
static const GumboNode *sibling_of(const GumboNode *node)
{
    const GumboVector *siblings = &node->parent->v.element.children;
    size_t next = node->index_within_parent + 1;
    return next < siblings->length ? siblings->data[next] : NULL;
}

/* In the document's order, without recursion: trees are as deep as pages please. */
static void walk_tree(struct walk *walk, const GumboNode *root)
{
    const GumboNode *node = root;
    while (visit(walk, node)) {
        if (is_element(node) && node->v.element.children.length) {
            node = node->v.element.children.data[0];
            continue;
        }
        for (;;) {
            if (is_element(node) && !close_element(walk, &node->v.element))
                return;
            if (node == root)
                return;
            const GumboNode *sibling = sibling_of(node);
            node = sibling ? sibling : node->parent;
            if (sibling)
                break;
        }
    }
}

bool html_read(struct slice text, const char *name, const struct markup_handler *handler,
               struct error *err)
{
    if (text.size > HTML_MAX_BYTES)
        return error_set(err, ERROR_INPUT, "%s: this HTML is over %zu MiB large", name,
                         HTML_MAX_BYTES >> 20);
    char *repaired = text_is_utf8(text) ? NULL : text_repair(text);
    struct heap heap = {0};
    const GumboNode *root = parse(&heap, repaired ? slice_of(repaired) : text);
    if (root) {
        struct walk walk = {.handler = handler, .name = BUFFER_INIT(BUFFER_UNBOUNDED)};
        walk_tree(&walk, root);
        buffer_release(&walk.name);
        free(walk.attributes);
    }
    heap_release(&heap);
    free(repaired);
    return root ||
           error_set(err, ERROR_INPUT,
                     "%s: this HTML is nested so deeply that it takes too long to read", name);
}
