/* SPDX-License-Identifier: MIT */
/*
 * ID3v2 tags: reading 2.2, 2.3 and 2.4, writing 2.3 and 2.4 (id3.org: id3v2-00, id3v2.3.0,
 * id3v2.4.0-structure, id3v2.4.0-frames).
 *
 * A tag is a list of frames whose bodies stay as they are stored, so that what we do not understand
 * is written back byte for byte. What belongs to the tag as a whole (unsynchronisation of 2.2 and
 * 2.3, extended header, footer, padding) is undone by reading and not written again.
 *
 *     struct id3_tag tag;
 *     id3_tag_init(&tag, ID3_V23);
 *     id3_add_text(&tag, "TIT2", "The way to JSON");
 *     id3_write(&tag, 1024, &out);
 *     id3_tag_release(&tag);
 */
#ifndef CLIPNOTES_FORMAT_ID3_H
#define CLIPNOTES_FORMAT_ID3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/slice.h"
#include "base/source.h"
#include "model/chapter.h"

enum id3_version {
    ID3_V22 = 2, /* read only: id3_upgrade() makes it 2.3 */
    ID3_V23 = 3, /* what every player takes */
    ID3_V24 = 4,
};

#define ID3_HEADER_SIZE 10

/* A tag's size, without its header, has 28 bits. */
#define ID3_MAX_SIZE ((size_t)0x0FFFFFFF)

struct id3_frame {
    char id[5];         /* "TIT2"; in a tag of version 2.2 "TT2" */
    uint16_t flags;     /* as the tag's version has them */
    struct slice body;  /* as stored, group byte and data length indicator with it */
    bool size_mistaken; /* was stored in the other version's way: plain in 2.4, synchsafe in 2.3 */
};

struct id3_tag {
    struct arena *arena; /* owned; the frames' bodies live there */
    enum id3_version version;
    int64_t file_size; /* of all that the tag takes up in the file; 0: there was none */
    int64_t padding;   /* of that, zeros at the end */
    struct id3_frame *frames;
    size_t count, capacity;
    struct slice junk; /* what stands behind the last frame and is neither frame nor zeros */
};

void id3_tag_init(struct id3_tag *tag, enum id3_version version);
void id3_tag_release(struct id3_tag *tag);

/* The bytes that a tag takes up whose header begins `head`, header and footer with it; 0 where none
 * begins there. */
int64_t id3_size(const uint8_t *head, size_t size);

/* The same of a tag in a file; 0 too where nothing can be read. */
int64_t id3_size_at(struct source *source, int64_t offset);

/* Reads the tag that begins at `offset`; where there is none, *ret_tag is empty, of version 2.3,
 * with file_size 0. For id3_tag_release() in both cases; on failure nothing is kept. */
bool id3_read(struct source *source, int64_t offset, struct id3_tag *ret_tag, struct error *err);

/* Makes a tag of version 2.2 one of version 2.3. Fails, and changes nothing, where one of its
 * frames has no counterpart, or where there is junk, which might look like frames of 2.3. */
bool id3_upgrade(struct id3_tag *tag, const char *name, struct error *err);

/* The first frame with this id; NULL. */
const struct id3_frame *id3_find(const struct id3_tag *tag, const char *id);

/* Takes out all frames with this id. */
void id3_remove(struct id3_tag *tag, const char *id);

/* Adds a frame, copying `body`. */
void id3_add(struct id3_tag *tag, const char *id, struct slice body);

/* Adds frames that say what is given. Text is UTF-8; it is stored as ASCII where it is that, else
 * as UTF-16 with a byte order mark (2.3) or UTF-8 (2.4). `language` has three letters. */
void id3_add_text(struct id3_tag *tag, const char *id, const char *text);
void id3_add_comment(struct id3_tag *tag, const char *language, const char *description,
                     const char *text);
void id3_add_lyrics(struct id3_tag *tag, const char *language, const char *description,
                    const char *text);
void id3_add_user_text(struct id3_tag *tag, const char *description, const char *text);

/* `kind` as in the specification: 3 is the front cover. */
void id3_add_picture(struct id3_tag *tag, uint8_t kind, const struct picture *picture);

/* Appends header, frames, junk and that many zeros. False, with `out` unchanged, where all that is
 * larger than a tag can be. */
bool id3_write(const struct id3_tag *tag, size_t padding, struct buffer *out);

/* For those who write frames into frames (CHAP, CTOC). */
void id3_append_frame(struct buffer *out, enum id3_version version, const char *id,
                      struct slice body);
void id3_append_text(struct buffer *body, enum id3_version version, const char *text);
void id3_append_link(struct buffer *body, enum id3_version version, const char *description,
                     const char *url);
void id3_append_picture(struct buffer *body, uint8_t kind, const struct picture *picture);

/* Eats the next frame of version 2.3 or 2.4 from the front of `bytes`; false where there is none
 * (padding, junk, the end). The body is borrowed. */
bool id3_take_frame(struct slice *bytes, enum id3_version version, struct id3_frame *ret_frame);

/* The frame's content: without group byte and length indicator, unsynchronisation undone. False
 * where it is compressed or encrypted. In `arena` or borrowed from the frame. */
bool id3_content(struct arena *arena, enum id3_version version, const struct id3_frame *frame,
                 struct slice *ret_content);

/* The first string of a text frame ("T???"), as UTF-8 in `arena`; NULL where it cannot be read. */
const char *id3_text(struct arena *arena, enum id3_version version, const struct id3_frame *frame);

/* Eats a string and its terminator from the front of `bytes`: UTF-8 in `arena`. `encoding` is what
 * a frame's first byte says: 0 Latin-1, 1 UTF-16 with mark, 2 UTF-16BE, 3 UTF-8. */
const char *id3_take_string(struct arena *arena, struct slice *bytes, uint8_t encoding);

#endif
