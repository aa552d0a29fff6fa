/* SPDX-License-Identifier: MIT */
/*
 * MP3s: the index, what they say of themselves, and clips, with the check that follows. The first
 * byte chooses the range; what is no MP3 is left to libav's own fuzzing.
 */
#include <stdlib.h>

#include "audio/audio.h"
#include "audio/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PLACE "/tmp/clipnotes-fuzz.mp3" /* it never gets that name */

static void cut(struct audio *audio, sample_index start, sample_index end, enum cut_verify verify)
{
    struct cut_options options = {.verify = verify};
    struct tags tags = {.title = "A clip", .track = 1, .track_total = 2, .date = "2024-08-08"};
    struct cut_result result = {0};
    struct error err = ERROR_INIT;
    struct output *output = output_create(PLACE, &err);
    if (!output)
        abort();
    bool done = audio_cut(audio, start, end, &options, &tags, output, &result, &err);
    if (done == error_is_set(&err) || (done && result.samples <= 0 && !result.verified))
        abort();
    output_destroy(output);
    error_release(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || !mp3_format.recognise(NULL, data + 1, size - 1))
        return 0;
    struct error err = ERROR_INIT;
    struct source *source = source_open_memory(data + 1, size - 1, "fuzz.mp3");
    struct audio *audio = audio_open(source, NULL, &err);
    if (!audio == !error_is_set(&err))
        abort();
    if (audio) {
        sample_index start = data[0] * 300;
        cut(audio, start, start + 1 + data[0] * 50, VERIFY_EDGES);
        cut(audio, 0, MILLIS_MAX, data[0] & 1 ? VERIFY_OFF : VERIFY_FULL);
        audio_chapters(audio);
    }
    audio_destroy(audio);
    source_destroy(source);
    error_release(&err);
    return 0;
}
