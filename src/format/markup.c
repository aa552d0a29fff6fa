/* SPDX-License-Identifier: MIT */
#include "format/markup.h"

#include <libxml/HTMLparser.h>
#include <string.h>

#include "base/buffer.h"

const char *markup_attribute(const struct markup_attribute *attributes, size_t count,
                             const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(attributes[i].name, name) == 0)
            return attributes[i].value;
    return NULL;
}

static const char *reference_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}

void markup_append_escaped(struct buffer *buffer, struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        const char *reference = reference_of(text.data[i]);
        if (reference)
            buffer_append_text(buffer, reference);
        else
            buffer_append_byte(buffer, text.data[i]);
    }
}

#define MAX_ENTITY_NAME 16

bool markup_find_entity(struct slice name, uint32_t *ret_char)
{
    char terminated[MAX_ENTITY_NAME + 1] = {0};
    if (!name.size || name.size > MAX_ENTITY_NAME)
        return false;
    memcpy(terminated, name.data, name.size);
    const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)terminated);
    if (!entity)
        return false;
    *ret_char = entity->value;
    return true;
}
