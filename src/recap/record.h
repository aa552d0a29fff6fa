/* SPDX-License-Identifier: MIT */
/*
 * What a job has finished, kept on disk, so that it goes on where it was stopped.
 *
 * The record is a file in the output folder, one line of JSON a finished piece, flushed to disk
 * before the piece counts as finished. A piece is known by the hash of everything that went into
 * it: where an input changes, the hash does, and the piece is made anew. A line that breaks off, as
 * the power did, is passed over. The open file is locked: one run at a time works in a folder.
 *
 * Shards of one job may work in one folder at once, or their folders may be copied into one later:
 * each keeps a record of its own, ".clipnotes-job.2-of-3", and locks the common one only against a
 * run of the whole job. That one knows what all have finished, and takes their records' place.
 */
#ifndef CLIPNOTES_RECAP_RECORD_H
#define CLIPNOTES_RECAP_RECORD_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/hash.h"
#include "format/value.h"
#include "recap/plan.h"

#define RECORD_NAME ".clipnotes-job"

struct record;

/* Makes the folder where it is missing. Fails where another run holds the record. */
struct record *record_open(const char *folder, struct shard shard, struct error *err);
void record_close(struct record *record); /* takes NULL */

/* What was recorded of the piece with this key, as an object that lives as long as the record;
 * NULL where there is nothing. Safe in several threads. */
const struct value *record_find(const struct record *record, const char *key);

/* The i-th of the pieces of the runs before, in no order that means anything; NULL past the last.
 */
const struct value *record_piece(const struct record *record, size_t i);

/* Remembers a finished piece: `line` is an object of JSON on one line, with the key as its "key".
 * Safe in several threads. */
bool record_add(struct record *record, struct slice line, struct error *err);

/* Writes the record anew with these pieces only, in this order; keys that are not known, or NULL,
 * are left out. The records of shards go. The record can then only be closed. */
bool record_keep(struct record *record, const char *const *keys, size_t count, struct error *err);

/* Whether the file has this size and digest. One that cannot be read does not. */
bool record_file_is(const char *path, int64_t size, const char *sha256);

/* The digest of a file's bytes, in pieces. */
bool record_hash_file(const char *path, char ret_sha256[static HASH_TEXT_SIZE], int64_t *ret_size,
                      struct error *err);

/* A key: the hash of what is added, each under a name. */
struct record_key {
    struct buffer text;
};

#define RECORD_KEY_INIT                                                                            \
    {                                                                                              \
        BUFFER_INIT(BUFFER_UNBOUNDED)                                                              \
    }

void record_key_text(struct record_key *key, const char *name, const char *value); /* NULL too */
void record_key_number(struct record_key *key, const char *name, int64_t value);

/* The file's path, size and time of change; one that cannot be looked at by its path alone. */
void record_key_file(struct record_key *key, const char *name, const char *path);

/* Writes the hash and releases the key. */
void record_key_finish(struct record_key *key, char ret_text[static HASH_TEXT_SIZE]);

#endif
