/* SPDX-License-Identifier: MIT */
/*
 * Private to audio/: sources and outputs as libavformat wants them.
 *
 * libavformat passes on numbers where we have sentences: avio_error() gives back the sentence.
 */
#ifndef CLIPNOTES_AUDIO_AVIO_H
#define CLIPNOTES_AUDIO_AVIO_H

#include "audio/libav.h"
#include "base/error.h"
#include "base/file.h"
#include "base/source.h"

/* All borrow what they stand for, and never return NULL. */
AVIOContext *avio_of_source(struct source *source);
AVIOContext *avio_of_output(struct output *output);  /* for writing */
AVIOContext *avio_of_written(struct output *output); /* for reading back what was written */

/* Takes NULL. What is still buffered for an output is lost: avio_flush() comes first. */
void avio_destroy(AVIOContext *avio);

/* Sets the error that a call of libav's which used `avio` failed with: the source's or output's own
 * where there was one, else `code` in words behind "NAME: WHAT". Always returns false. */
bool avio_error(AVIOContext *avio, int code, struct error *err, const char *what);

/* Whether reading or writing failed, which libav may have taken for the end of the file. */
bool avio_failed(AVIOContext *avio);

#endif
