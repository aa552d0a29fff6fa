/* SPDX-License-Identifier: MIT */
#include "audio/avio.h"

#include <errno.h>
#include <stdlib.h>

#include "audio/libav.h"
#include "base/checked.h"
#include "base/memory.h"

/* As much as a source over HTTP fetches at once while a demuxer looks around. */
#define AVIO_BUFFER_SIZE (16 * 1024)

struct bridge {
    struct source *source; /* either */
    struct output *output; /* or */
    int64_t position;
    struct error failure; /* the first */
};

static int bridge_read(void *opaque, uint8_t *data, int size)
{
    struct bridge *bridge = opaque;
    size_t got = 0;
    bool read = bridge->source ? source_read(bridge->source, bridge->position, data, (size_t)size,
                                             &got, &bridge->failure)
                               : output_read_at(bridge->output, bridge->position, data,
                                                (size_t)size, &got, &bridge->failure);
    if (!read)
        return AVERROR(EIO);
    bridge->position += (int64_t)got;
    return got ? (int)got : AVERROR_EOF;
}

/* Before FFmpeg 7 the callback's data is not const. */
#if LIBAVFORMAT_VERSION_MAJOR < 61
typedef uint8_t written_byte;
#else
typedef const uint8_t written_byte;
#endif

static int bridge_write(void *opaque, written_byte *data, int size)
{
    struct bridge *bridge = opaque;
    output_seek(bridge->output, bridge->position);
    if (!output_write(bridge->output, data, (size_t)size, &bridge->failure))
        return AVERROR(EIO);
    bridge->position += size;
    return size;
}

static int64_t bridge_size(const struct bridge *bridge)
{
    return bridge->source ? bridge->source->size : output_size(bridge->output);
}

static int64_t bridge_seek(void *opaque, int64_t offset, int whence)
{
    struct bridge *bridge = opaque;
    int64_t base = 0;
    switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE:
        return bridge_size(bridge);
    case SEEK_SET:
        break;
    case SEEK_CUR:
        base = bridge->position;
        break;
    case SEEK_END:
        base = bridge_size(bridge);
        break;
    default:
        return AVERROR(EINVAL);
    }
    if (!checked_add(base, offset, &offset) || offset < 0)
        return AVERROR(EINVAL);
    bridge->position = offset;
    return offset;
}

static AVIOContext *create(struct source *source, struct output *output, bool writes)
{
    struct bridge *bridge = mem_zalloc(sizeof *bridge);
    bridge->source = source;
    bridge->output = output;
    uint8_t *buffer = mem_present(av_malloc(AVIO_BUFFER_SIZE));
    return mem_present(avio_alloc_context(buffer, AVIO_BUFFER_SIZE, writes, bridge, bridge_read,
                                          writes ? bridge_write : NULL, bridge_seek));
}

AVIOContext *avio_of_source(struct source *source)
{
    return create(source, NULL, false);
}

AVIOContext *avio_of_output(struct output *output)
{
    return create(NULL, output, true);
}

AVIOContext *avio_of_written(struct output *output)
{
    return create(NULL, output, false);
}

void avio_destroy(AVIOContext *avio)
{
    if (!avio)
        return;
    struct bridge *bridge = avio->opaque;
    error_release(&bridge->failure);
    free(bridge);
    av_freep(&avio->buffer);
    avio_context_free(&avio);
}

bool avio_failed(AVIOContext *avio)
{
    return error_is_set(&((struct bridge *)avio->opaque)->failure);
}

bool avio_error(AVIOContext *avio, int code, struct error *err, const char *what)
{
    struct bridge *bridge = avio->opaque;
    if (avio_failed(avio))
        return error_set(err, bridge->failure.kind, "%s", bridge->failure.message);
    char reason[AV_ERROR_MAX_STRING_SIZE];
    av_strerror(code, reason, sizeof reason);
    return error_set(err, ERROR_INPUT, "%s: %s: %s",
                     bridge->source ? bridge->source->name : "the clip", what, reason);
}
