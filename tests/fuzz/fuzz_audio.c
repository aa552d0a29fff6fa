/* SPDX-License-Identifier: MIT */
/*
 * What we read ourselves beside MP3: Opus and Vorbis in Ogg, AAC in ADTS, FLAC; opened and cut,
 * with the check that follows. The first byte chooses the range and the format of the clip.
 * Checksums of Ogg pages and of FLAC frames are made right first, or nothing would get past them.
 */
#include <stdlib.h>
#include <string.h>

#include <libavutil/crc.h>
#include <libavutil/intreadwrite.h>

#include "audio/audio.h"
#include "audio/flac_frame.h"
#include "audio/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PLACE       "/tmp/clipnotes-fuzz" /* it never gets that name */
#define PAGE_HEADER 27

static size_t page_size(const uint8_t *page, size_t left)
{
    if (left < PAGE_HEADER || memcmp(page, "OggS", 4) != 0)
        return 0;
    size_t size = PAGE_HEADER + page[26];
    if (left < size)
        return 0;
    for (size_t i = 0; i < page[26]; i++)
        size += page[PAGE_HEADER + i];
    return size <= left ? size : 0;
}

static void repair_checksums(uint8_t *ogg, size_t size)
{
    const AVCRC *table = av_crc_get_table(AV_CRC_32_IEEE);
    for (size_t at = 0; at < size;) {
        size_t page = page_size(ogg + at, size - at);
        if (page) {
            AV_WB32(ogg + at + 22, 0);
            AV_WB32(ogg + at + 22, av_crc(table, 0, ogg + at, page));
        }
        at += page ? page : 1;
    }
}

/* Makes the checksum of a frame's header right, where one may begin there; its size, else 0. */
static size_t repair_header(uint8_t *data, size_t left)
{
    struct flac_frame frame;
    if (left < 2 || data[0] != 0xff || (data[1] & 0xfe) != 0xf8)
        return 0;
    for (size_t size = 6; size <= FLAC_MAX_HEADER && size <= left; size++) {
        uint8_t before = data[size - 1];
        data[size - 1] = (uint8_t)av_crc(av_crc_get_table(AV_CRC_8_ATM), 0, data, size - 1);
        if (flac_parse_frame(data, size, &frame) && frame.header == size)
            return size;
        data[size - 1] = before;
    }
    return 0;
}

static void repair_frames(uint8_t *flac, size_t size)
{
    size_t begin = SIZE_MAX;
    for (size_t at = 0; at <= size; at++) {
        size_t header = at < size ? repair_header(flac + at, size - at) : 1;
        if (header > 0 && begin != SIZE_MAX && at - begin > FLAC_MAX_HEADER + 2)
            AV_WL16(flac + at - 2, flac_crc16(0, flac + begin, at - 2 - begin));
        if (header > 0)
            begin = at;
    }
}

static void cut(struct audio *audio, sample_index start, sample_index end, const char *format)
{
    struct cut_options options = {.format = format};
    struct tags tags = {.title = "A clip", .track = 1, .track_total = 2};
    struct cut_result result = {0};
    struct error err = ERROR_INIT;
    struct output *output = output_create(PLACE, &err);
    if (!output)
        abort();
    bool done = audio_cut(audio, start, end, &options, &tags, output, &result, &err);
    if (done == error_is_set(&err))
        abort();
    output_destroy(output);
    error_release(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 8 ||
        (memcmp(data + 1, "OggS", 4) != 0 && memcmp(data + 1, "fLaC", 4) != 0 && data[1] != 0xff))
        return 0;
    uint8_t *bytes = mem_copy(data + 1, size - 1);
    repair_checksums(bytes, size - 1);
    repair_frames(bytes, size - 1);
    struct error err = ERROR_INIT;
    struct source *source = source_open_memory(bytes, size - 1, "fuzz");
    struct audio *audio = audio_open(source, NULL, &err);
    if (!audio == !error_is_set(&err))
        abort();
    bool ours = audio && (audio->format == &opus_format || audio->format == &vorbis_format ||
                          audio->format == &adts_format || audio->format == &flac_format);
    if (ours) {
        sample_index start = data[0] * 100;
        cut(audio, start, start + 1 + data[0] * 50, "copy");
        cut(audio, 0, MILLIS_MAX, data[0] & 1 ? "mka" : "wav");
        audio_chapters(audio);
    }
    audio_destroy(audio);
    source_destroy(source);
    error_release(&err);
    free(bytes);
    return 0;
}
