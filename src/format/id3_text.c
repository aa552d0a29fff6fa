/* SPDX-License-Identifier: MIT */
/*
 * What stands in ID3 frames: texts in their four encodings, links and pictures.
 */
#include <stdlib.h>

#include "base/text.h"
#include "format/id3.h"

enum text_encoding {
    ENCODING_LATIN1,
    ENCODING_UTF16, /* with a byte order mark */
    ENCODING_UTF16BE,
    ENCODING_UTF8,
};
static void add_buffer(struct id3_tag *tag, const char *id, struct buffer *body)
{
    id3_add(tag, id, buffer_slice(body));
    buffer_release(body);
}

void id3_add_text(struct id3_tag *tag, const char *id, const char *text)
{
    struct buffer body = BUFFER_INIT(BUFFER_UNBOUNDED);
    id3_append_text(&body, tag->version, text);
    add_buffer(tag, id, &body);
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((uint8_t)*text >= 0x80)
            return false;
    return true;
}

static uint8_t encoding_for(enum id3_version version, const char *a, const char *b)
{
    if (is_ascii(a) && is_ascii(b))
        return ENCODING_LATIN1;
    return version == ID3_V24 ? ENCODING_UTF8 : ENCODING_UTF16;
}

static void append_unit(struct buffer *out, uint32_t unit)
{
    const uint8_t bytes[2] = {(uint8_t)unit, (uint8_t)(unit >> 8)};
    buffer_append(out, bytes, sizeof bytes);
}

static void append_utf16(struct buffer *out, const char *text)
{
    struct slice rest = slice_of(text);
    uint32_t character;
    append_unit(out, 0xFEFF);
    while (text_take_char(&rest, &character)) {
        if (character >= 0x10000) {
            append_unit(out, 0xD800 + ((character - 0x10000) >> 10));
            append_unit(out, 0xDC00 + ((character - 0x10000) & 0x3FF));
        } else {
            append_unit(out, character);
        }
    }
}

static void append_string(struct buffer *out, uint8_t encoding, const char *text, bool terminated)
{
    if (encoding == ENCODING_UTF16) {
        append_utf16(out, text);
    } else {
        char *valid = text_repair(slice_of(text));
        buffer_append_text(out, valid);
        free(valid);
    }
    if (terminated)
        buffer_extend(out, encoding == ENCODING_UTF16 ? 2 : 1);
}

void id3_append_text(struct buffer *body, enum id3_version version, const char *text)
{
    uint8_t encoding = encoding_for(version, text, "");
    buffer_append_byte(body, (char)encoding);
    append_string(body, encoding, text, false);
}

/* A text with a description, and in some frames (else NULL) a language. */
static void add_described(struct id3_tag *tag, const char *id, const char *language,
                          const char *description, const char *text)
{
    struct buffer body = BUFFER_INIT(BUFFER_UNBOUNDED);
    uint8_t encoding = encoding_for(tag->version, description, text);
    buffer_append_byte(&body, (char)encoding);
    if (language)
        buffer_append(&body, language, 3);
    append_string(&body, encoding, description, true);
    append_string(&body, encoding, text, false);
    add_buffer(tag, id, &body);
}

void id3_add_comment(struct id3_tag *tag, const char *language, const char *description,
                     const char *text)
{
    add_described(tag, "COMM", language, description, text);
}

void id3_add_lyrics(struct id3_tag *tag, const char *language, const char *description,
                    const char *text)
{
    add_described(tag, "USLT", language, description, text);
}

void id3_add_user_text(struct id3_tag *tag, const char *description, const char *text)
{
    add_described(tag, "TXXX", NULL, description, text);
}

/* URLs are Latin-1 in every version; what is not ASCII is percent-encoded as UTF-8. */
static void append_url(struct buffer *out, const char *url)
{
    for (; *url; url++) {
        if ((uint8_t)*url >= 0x80 || (uint8_t)*url <= ' ')
            buffer_append_format(out, "%%%02X", (unsigned)(uint8_t)*url);
        else
            buffer_append_byte(out, *url);
    }
}

void id3_append_link(struct buffer *body, enum id3_version version, const char *description,
                     const char *url)
{
    uint8_t encoding = encoding_for(version, description, "");
    buffer_append_byte(body, (char)encoding);
    append_string(body, encoding, description, true);
    append_url(body, url);
}

void id3_append_picture(struct buffer *body, uint8_t kind, const struct picture *picture)
{
    buffer_append_byte(body, ENCODING_LATIN1);
    buffer_append_text(body, picture->type ? picture->type : "image/");
    buffer_append_byte(body, '\0');
    buffer_append_byte(body, (char)kind);
    buffer_append_byte(body, '\0'); /* no description */
    buffer_append(body, picture->data, picture->size);
}

void id3_add_picture(struct id3_tag *tag, uint8_t kind, const struct picture *picture)
{
    struct buffer body = BUFFER_INIT(BUFFER_UNBOUNDED);
    id3_append_picture(&body, kind, picture);
    add_buffer(tag, "APIC", &body);
}

static char *from_latin1(struct slice bytes)
{
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    for (size_t i = 0; i < bytes.size; i++)
        text_append_char(&text, (uint8_t)bytes.data[i]);
    return buffer_detach(&text);
}

/* The size of the string before its terminator, and how much to eat with it. */
static size_t string_size(struct slice bytes, uint8_t encoding, size_t *ret_eaten)
{
    bool wide = encoding == ENCODING_UTF16 || encoding == ENCODING_UTF16BE;
    size_t step = wide ? 2 : 1;
    for (size_t i = 0; i + step <= bytes.size; i += step) {
        if (bytes.data[i] == '\0' && (!wide || bytes.data[i + 1] == '\0')) {
            *ret_eaten = i + step;
            return i;
        }
    }
    *ret_eaten = bytes.size;
    return bytes.size;
}

const char *id3_take_string(struct arena *arena, struct slice *bytes, uint8_t encoding)
{
    size_t eaten;
    struct slice string = slice_first(*bytes, string_size(*bytes, encoding, &eaten));
    *bytes = slice_from(*bytes, eaten);
    /* Where the byte order mark is missing, what most forget it is Windows: little-endian. */
    char *text = encoding == ENCODING_LATIN1 ? from_latin1(string)
                 : encoding == ENCODING_UTF8
                     ? text_repair(string)
                     : text_from_utf16(string, encoding == ENCODING_UTF16BE);
    const char *copy = arena_strdup(arena, text);
    free(text);
    return copy;
}

const char *id3_text(struct arena *arena, enum id3_version version, const struct id3_frame *frame)
{
    struct slice content;
    if (!id3_content(arena, version, frame, &content) || !content.size)
        return NULL;
    uint8_t encoding = (uint8_t)content.data[0];
    if (encoding > ENCODING_UTF8)
        return NULL;
    content = slice_from(content, 1);
    return id3_take_string(arena, &content, encoding);
}
