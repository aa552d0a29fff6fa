/* SPDX-License-Identifier: MIT */
#include "format/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* What an alias may refer to. */
struct anchor {
    const char *name;
    struct value *value; /* NULL while it is being read */
    size_t size;         /* values in it, itself too, aliases followed */
    int height;          /* levels below it */
};

struct reader {
    yaml_parser_t parser;
    struct arena *arena;
    struct slice text;
    int first_line;
    const char *name;
    struct error *err;
    struct anchor *anchors;
    size_t anchor_count, anchor_capacity;
    size_t aliased; /* values that aliases stood for so far */
};

/* A value that was read, and what an anchor on it has to know. */
struct node {
    struct value *value;
    size_t size;
    int height;
};

static int line_of(const struct reader *reader, yaml_mark_t mark)
{
    return reader->first_line + (int)mark.line;
}

static bool fail_parse(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    int line = line_of(reader, parser->problem_mark);
    if (parser->error == YAML_READER_ERROR) {
        /* The reader, unlike scanner and parser, only knows an offset in bytes. */
        struct slice before = slice_first(reader->text, parser->problem_offset);
        line = reader->first_line;
        for (size_t i = 0; i < before.size; i++)
            line += before.data[i] == '\n';
    }
    return error_set(reader->err, ERROR_INPUT, "%s:%d: this YAML cannot be read: %s%s%s",
                     reader->name, line, parser->problem ? parser->problem : "no reason is given",
                     parser->context ? " " : "", parser->context ? parser->context : "");
}

/* The next event, for yaml_event_delete(). */
static bool next_event(struct reader *reader, yaml_event_t *event)
{
    return yaml_parser_parse(&reader->parser, event) || fail_parse(reader);
}

static bool is_one_of(struct slice text, const char *const *words)
{
    for (; *words; words++)
        if (slice_equal(text, slice_of(*words)))
            return true;
    return false;
}

/* YAML 1.2, 10.3.2: the core schema, without its numbers. */
static struct value *plain_value(struct reader *reader, struct slice text, int line)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    bool truth = is_one_of(text, trues);
    if (truth || is_one_of(text, falses)) {
        struct value *value = value_create(reader->arena, VALUE_BOOL, line);
        value->truth = truth;
        return value;
    }
    if (is_one_of(text, nulls))
        return value_create(reader->arena, VALUE_NULL, line);
    return value_string(reader->arena, text, line);
}

static struct slice scalar_text(const yaml_event_t *event)
{
    return (struct slice){(const char *)event->data.scalar.value, event->data.scalar.length};
}

static struct value *scalar_value(struct reader *reader, const yaml_event_t *event)
{
    int line = line_of(reader, event->start_mark);
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (plain && event->data.scalar.plain_implicit)
        return plain_value(reader, scalar_text(event), line);
    return value_string(reader->arena, scalar_text(event), line);
}

static bool take_alias(struct reader *reader, const yaml_event_t *event, int depth,
                       struct node *ret_node)
{
    const char *name = (const char *)event->data.alias.anchor;
    int line = line_of(reader, event->start_mark);
    const struct anchor *anchor = NULL;
    for (size_t i = reader->anchor_count; i > 0 && !anchor; i--)
        if (strcmp(reader->anchors[i - 1].name, name) == 0)
            anchor = &reader->anchors[i - 1];
    if (!anchor)
        return error_set(reader->err, ERROR_INPUT, "%s:%d: the alias *%s has no anchor &%s before",
                         reader->name, line, name, name);
    if (!anchor->value)
        return error_set(reader->err, ERROR_INPUT, "%s:%d: the alias *%s stands within itself",
                         reader->name, line, name);
    reader->aliased += anchor->size;
    if (reader->aliased > YAML_MAX_ALIASED || depth + anchor->height > VALUE_MAX_DEPTH)
        return error_set(reader->err, ERROR_INPUT, "%s:%d: aliases stand for too much here",
                         reader->name, line);
    *ret_node = (struct node){anchor->value, anchor->size, anchor->height};
    return true;
}

static bool take_node(struct reader *reader, const yaml_event_t *event, int depth,
                      struct node *ret_node);

/* What `child` adds to the size and height of `parent`. */
static void account(struct node *parent, const struct node *child)
{
    parent->size += child->size;
    if (parent->height <= child->height)
        parent->height = child->height + 1;
}

static bool take_sequence(struct reader *reader, int depth, struct node *node)
{
    for (;;) {
        yaml_event_t event;
        struct node item = {0};
        if (!next_event(reader, &event))
            return false;
        bool end = event.type == YAML_SEQUENCE_END_EVENT;
        bool taken = !end && take_node(reader, &event, depth + 1, &item);
        yaml_event_delete(&event);
        if (end || !taken)
            return end;
        value_append(reader->arena, node->value, item.value);
        account(node, &item);
    }
}

/* The value of a key, put into `node`, or among `merged` where the key is a plain <<. */
static bool take_pair(struct reader *reader, const yaml_event_t *key, int depth, struct node *node,
                      struct value *merged)
{
    if (key->type != YAML_SCALAR_EVENT)
        return error_set(reader->err, ERROR_INPUT, "%s:%d: a key must be a plain text",
                         reader->name, line_of(reader, key->start_mark));
    yaml_event_t event;
    struct node item = {0};
    if (!next_event(reader, &event))
        return false;
    bool taken = take_node(reader, &event, depth + 1, &item);
    yaml_event_delete(&event);
    if (!taken)
        return false;
    account(node, &item);
    bool merge = key->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                 slice_equal(scalar_text(key), SLICE("<<"));
    if (merge && value_is(item.value, VALUE_OBJECT))
        value_append(reader->arena, merged, item.value);
    else if (merge && value_is(item.value, VALUE_ARRAY))
        for (size_t i = 0; i < item.value->count; i++)
            value_append(reader->arena, merged, item.value->items[i]);
    else
        value_put(reader->arena, node->value, scalar_text(key), item.value);
    return true;
}

static void put_all(struct reader *reader, struct value *object, const struct value *from)
{
    if (value_is(from, VALUE_OBJECT))
        for (size_t i = 0; i < from->count; i++)
            value_put(reader->arena, object, slice_of(from->keys[i]), from->items[i]);
}

/* yaml.org/type/merge.html: earlier mappings go before later ones, and the own keys before all. The
 * last of a name counts here, so they are put in the reverse order. */
static void merge_keys(struct reader *reader, struct value *object, const struct value *merged)
{
    if (!merged->count)
        return;
    struct value own = *object;
    *object = (struct value){.type = VALUE_OBJECT, .line = own.line};
    for (size_t i = merged->count; i > 0; i--)
        put_all(reader, object, merged->items[i - 1]);
    put_all(reader, object, &own);
}

static bool take_mapping(struct reader *reader, int depth, struct node *node)
{
    struct value merged = {.type = VALUE_ARRAY};
    for (;;) {
        yaml_event_t key;
        if (!next_event(reader, &key))
            return false;
        bool end = key.type == YAML_MAPPING_END_EVENT;
        bool taken = !end && take_pair(reader, &key, depth, node, &merged);
        yaml_event_delete(&key);
        if (end)
            merge_keys(reader, node->value, &merged);
        if (end || !taken)
            return end;
    }
}

static const yaml_char_t *anchor_of(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor;
    default:
        return NULL;
    }
}

static size_t add_anchor(struct reader *reader, const yaml_char_t *name)
{
    reader->anchors = mem_grow(reader->anchors, &reader->anchor_capacity, reader->anchor_count + 1,
                               sizeof *reader->anchors);
    reader->anchors[reader->anchor_count] =
        (struct anchor){.name = arena_strdup(reader->arena, (const char *)name)};
    return reader->anchor_count++;
}

/* The value that `event` begins. */
static bool take_node(struct reader *reader, const yaml_event_t *event, int depth,
                      struct node *ret_node)
{
    int line = line_of(reader, event->start_mark);
    if (event->type == YAML_ALIAS_EVENT)
        return take_alias(reader, event, depth, ret_node);
    if (depth > VALUE_MAX_DEPTH)
        return error_set(reader->err, ERROR_INPUT, "%s:%d: this YAML is nested over %d levels deep",
                         reader->name, line, VALUE_MAX_DEPTH);

    const yaml_char_t *name = anchor_of(event);
    if (name && reader->anchor_count == YAML_MAX_ALIASED)
        return error_set(reader->err, ERROR_INPUT, "%s:%d: this YAML has over %d anchors",
                         reader->name, line, YAML_MAX_ALIASED);
    size_t anchor = name ? add_anchor(reader, name) : 0;
    struct node node = {.size = 1};
    bool taken = true;
    if (event->type == YAML_SCALAR_EVENT) {
        node.value = scalar_value(reader, event);
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        node.value = value_create(reader->arena, VALUE_ARRAY, line);
        taken = take_sequence(reader, depth, &node);
    } else {
        node.value = value_create(reader->arena, VALUE_OBJECT, line);
        taken = take_mapping(reader, depth, &node);
    }
    if (!taken)
        return false;
    if (name) {
        reader->anchors[anchor].value = node.value;
        reader->anchors[anchor].size = node.size;
        reader->anchors[anchor].height = node.height;
    }
    *ret_node = node;
    return true;
}

/* The document's root; null where the stream ends before one. */
static bool take_document(struct reader *reader, struct node *ret_root)
{
    for (;;) {
        yaml_event_t event;
        if (!next_event(reader, &event))
            return false;
        bool done = true, taken = true;
        switch (event.type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_START_EVENT:
            done = false;
            break;
        case YAML_STREAM_END_EVENT:
            ret_root->value = value_create(reader->arena, VALUE_NULL, reader->first_line);
            break;
        default:
            taken = take_node(reader, &event, 0, ret_root);
        }
        yaml_event_delete(&event);
        if (done)
            return taken;
    }
}

const struct value *yaml_read(struct arena *arena, struct slice text, int first_line,
                              const char *name, struct error *err)
{
    struct node root = {0};
    struct reader reader = {
        .arena = arena, .text = text, .first_line = first_line, .name = name, .err = err};
    if (!yaml_parser_initialize(&reader.parser)) {
        error_set(err, ERROR_SYSTEM, "%s: libyaml could not be set up", name);
        return NULL;
    }
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text.data, text.size);
    bool read = take_document(&reader, &root);
    yaml_parser_delete(&reader.parser);
    free(reader.anchors);
    return read ? root.value : NULL;
}
