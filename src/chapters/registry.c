/* SPDX-License-Identifier: MIT */
#include "chapters/container.h"
#include "format/id3.h"

/* MP3 comes last: it takes whatever stands behind an ID3 tag. */
static const struct container *const containers[] = {
    &flac_container, &mp4_container,      &ogg_container,
    &wav_container,  &matroska_container, &mp3_container,
};

const struct container *container_find(struct source *source, struct error *err)
{
    uint8_t head[CONTAINER_HEAD];
    size_t size;
    if (!source_read(source, 0, head, sizeof head, &size, err))
        return NULL;
    int64_t tag = id3_size(head, size);
    if (tag && !source_read(source, tag, head, sizeof head, &size, err))
        return NULL;
    struct slice bytes = {(const char *)head, size};
    for (size_t i = 0; i < sizeof containers / sizeof *containers; i++)
        if (containers[i]->probe(bytes, tag > 0))
            return containers[i];
    error_set(err, ERROR_UNSUPPORTED,
              "%s: is no audio file that holds chapters (MP3, M4A, Ogg, FLAC, Matroska, WAV)",
              source->name);
    return NULL;
}
