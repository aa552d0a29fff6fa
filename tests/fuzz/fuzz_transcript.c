/* SPDX-License-Identifier: MIT */
#include "recap/transcript.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is written as WebVTT is read again, cue by cue. */
static void write_and_read(const struct transcript *transcript)
{
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    vtt_append_header(&out);
    size_t count = transcript_append_vtt(transcript, 0, MILLIS_MAX, 0, &out);
    struct transcript *again = transcript_read(buffer_slice(&out), "again", NULL);
    if (count != (again ? again->count : 0))
        abort();
    transcript_destroy(again);
    buffer_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    struct transcript *transcript =
        transcript_read((struct slice){(const char *)data, size}, "transcript", &err);
    if (!transcript != error_is_set(&err))
        abort();
    if (transcript) {
        millis start, end;
        (void)transcript_find_end(transcript, 0, 5000, 8000, &end);
        (void)transcript_find_quote(transcript, "Ann: \"the ferry sailed\"", 1000, &start, &end);
        write_and_read(transcript);
    }
    transcript_destroy(transcript);
    error_release(&err);
    return 0;
}
