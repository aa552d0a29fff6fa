/* SPDX-License-Identifier: MIT */
/*
 * An error is one sentence for the user, made where it happened.
 *
 * A function that can fail takes `struct error *err` last and returns false or NULL. The place
 * where it happened calls error_set() with a sentence that names the input and the place in it,
 * says what was expected and, where we know, what to do. Callers may put context in front of it
 * with error_prefix(); nobody replaces it. Only cli/ prints it.
 *
 *     struct error err = ERROR_INIT;
 *     if (!thing_read(path, &thing, &err)) {
 *         error_prefix(&err, "%s:%d", notes, line);
 *         ...
 *         error_release(&err);
 *     }
 *
 * `err` may be NULL where the caller does not want to know why.
 */
#ifndef CLIPNOTES_BASE_ERROR_H
#define CLIPNOTES_BASE_ERROR_H

#include <stdbool.h>

#if defined(__GNUC__)
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#else
#define PRINTF_LIKE(text, first)
#endif

/* What sort of thing went wrong; cli/ maps it to an exit status. */
enum error_kind {
    ERROR_NONE,
    ERROR_USAGE,       /* the command line asks for what cannot be */
    ERROR_INPUT,       /* a file or document is not what it should be */
    ERROR_MISSING,     /* what was named is not there */
    ERROR_UNSUPPORTED, /* well-formed, but clipnotes has no way to do it */
    ERROR_SYSTEM,      /* the operating system refused: permissions, disk full */
    ERROR_NETWORK,     /* a server did not answer, or not as it should */
    ERROR_INTERRUPTED, /* the user stopped it */
};

struct error {
    enum error_kind kind;
    char *message; /* owned; NULL where kind is ERROR_NONE */
};

#define ERROR_INIT                                                                                 \
    {                                                                                              \
        ERROR_NONE, NULL                                                                           \
    }

/* Records a failure. Always returns false, so that `return error_set(...)` reads well. The first
 * error wins: what is set while one is held already is dropped. */
bool error_set(struct error *err, enum error_kind kind, const char *format, ...) PRINTF_LIKE(3, 4);

/* As error_set(), of kind ERROR_MISSING or ERROR_SYSTEM by `errnum`, whose text is appended. */
bool error_set_errno(struct error *err, int errnum, const char *format, ...) PRINTF_LIKE(3, 4);

/* Puts "CONTEXT: " in front of a held message. Always returns false. */
bool error_prefix(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Moves the error out of `from`, which is empty afterwards, into `to`. */
void error_move(struct error *to, struct error *from);

/* Frees what is held; `err` is then as after ERROR_INIT. */
void error_release(struct error *err);

static inline bool error_is_set(const struct error *err)
{
    return err->kind != ERROR_NONE;
}

#endif
