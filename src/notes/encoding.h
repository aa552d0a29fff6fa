/* SPDX-License-Identifier: MIT */
/*
 * Files in whatever encoding to UTF-8.
 */
#ifndef CLIPNOTES_NOTES_ENCODING_H
#define CLIPNOTES_NOTES_ENCODING_H

#include "base/buffer.h"
#include "base/slice.h"

/* `text` as UTF-8 without a byte order mark and without zero bytes: a part of itself where it is
 * that already, else made in `room`. UTF-16 is known by its byte order mark; what is no UTF-8 is
 * taken for Windows-1252, byte by byte. */
struct slice encoding_to_utf8(struct slice text, struct buffer *room);

#endif
