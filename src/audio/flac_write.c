/* SPDX-License-Identifier: MIT */
#include "audio/flac_write.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/intreadwrite.h>

#include "base/memory.h"

#define MAX_ORDER      4
#define MAX_PARAMETER  30
#define SHORT_MAX      14 /* of a parameter in four bits */
#define MAX_FIXED_BITS 27 /* deeper samples' differences may not fit into 32 bits */

/* Subframe types, as the first byte codes them. */
enum { TYPE_CONSTANT = 0 << 1, TYPE_VERBATIM = 1 << 1, TYPE_FIXED = 8 << 1 };

/* Bits, the highest first, on their way into a buffer. */
struct bits {
    struct buffer *data;
    uint64_t pending;
    int count; /* less than 8 between calls */
};

/* Up to 32 of them. */
static void put(struct bits *bits, int width, uint32_t value)
{
    uint64_t mask = (UINT64_C(1) << width) - 1;
    bits->pending = bits->pending << width | (value & mask);
    for (bits->count += width; bits->count >= 8; bits->count -= 8)
        buffer_append_byte(bits->data, (char)(bits->pending >> (bits->count - 8)));
}

static void put_zeros(struct bits *bits, uint32_t count)
{
    for (; count > 32; count -= 32)
        put(bits, 32, 0);
    put(bits, (int)count, 0);
}

/* What a channel is coded as. */
struct plan {
    int order; /* of the fixed predictor; -1: constant, -2: as it is */
    int parameter;
};

/* Differences of an order: those of the order below, differed once more; the first `order` stay. */
static void differ(int32_t *residual, int order, int count)
{
    for (int i = count - 1; i >= order; i--)
        residual[i] -= residual[i - 1];
}

static uint32_t zigzag(int32_t value)
{
    return (uint32_t)value << 1 ^ (uint32_t)(value >> 31);
}

/* The size of Rice-coded residuals with the best parameter, in bits. */
static int64_t rice_size(const int32_t *residual, int order, int count, int *ret_parameter)
{
    int64_t best = INT64_MAX;
    for (int parameter = 0; parameter <= MAX_PARAMETER; parameter++) {
        int64_t size = (int64_t)(count - order) * (parameter + 1);
        for (int i = order; i < count && size < best; i++)
            size += zigzag(residual[i]) >> parameter;
        if (size < best) {
            best = size;
            *ret_parameter = parameter;
        }
    }
    return best;
}

static bool is_constant(const int32_t *samples, int count)
{
    for (int i = 1; i < count; i++)
        if (samples[i] != samples[0])
            return false;
    return true;
}

static struct plan make_plan(const int32_t *samples, int count, int depth, int32_t *scratch)
{
    struct plan plan = {.order = -2};
    if (is_constant(samples, count))
        return (struct plan){.order = -1};
    int64_t best = (int64_t)count * depth;
    memcpy(scratch, samples, (size_t)count * sizeof *samples);
    for (int order = 0; order <= MAX_ORDER && order < count && depth <= MAX_FIXED_BITS; order++) {
        if (order > 0)
            differ(scratch, order, count);
        int parameter = 0;
        int64_t size =
            rice_size(scratch, order, count, &parameter) + (int64_t)order * depth + 2 + 4 + 5;
        if (size < best) {
            best = size;
            plan = (struct plan){order, parameter};
        }
    }
    return plan;
}

static void put_samples(struct bits *bits, const int32_t *samples, int count, int depth)
{
    for (int i = 0; i < count; i++)
        put(bits, depth, (uint32_t)samples[i]);
}

/* Section 9.2.7: one partition. */
static void put_residual(struct bits *bits, const int32_t *residual, int order, int count,
                         int parameter)
{
    bool wide = parameter > SHORT_MAX;
    put(bits, 2, wide);
    put(bits, 4, 0);
    put(bits, wide ? 5 : 4, (uint32_t)parameter);
    for (int i = order; i < count; i++) {
        uint32_t value = zigzag(residual[i]);
        put_zeros(bits, value >> parameter);
        put(bits, 1, 1);
        put(bits, parameter, value);
    }
}

static void put_channel(struct bits *bits, const int32_t *samples, int count, int depth,
                        int32_t *scratch)
{
    struct plan plan = make_plan(samples, count, depth, scratch);
    if (plan.order < 0) {
        bool constant = plan.order == -1;
        put(bits, 8, constant ? TYPE_CONSTANT : TYPE_VERBATIM);
        put_samples(bits, samples, constant ? 1 : count, depth);
        return;
    }
    put(bits, 8, (uint32_t)(TYPE_FIXED + (plan.order << 1)));
    put_samples(bits, samples, plan.order, depth);
    memcpy(scratch, samples, (size_t)count * sizeof *samples);
    for (int order = 1; order <= plan.order; order++)
        differ(scratch, order, count);
    put_residual(bits, scratch, plan.order, count, plan.parameter);
}

/* A header like that of a neighbour, with another block size and the channels for themselves. */
static struct flac_frame header_like(const struct flac_frame *like, int64_t number, bool variable,
                                     int count)
{
    static const int block_16_bits = 7;
    bool block_field = like->codes[0] >> 4 == 6, block_fields = like->codes[0] >> 4 == 7;
    size_t skip = block_field ? 1 : block_fields ? 2 : 0;
    struct flac_frame frame = {
        .variable = variable,
        .number = number,
        .codes = {(uint8_t)(block_16_bits << 4 | (like->codes[0] & 15)),
                  (uint8_t)((like->channels - 1) << 4 | (like->codes[1] & 14))},
        .field_count = 2 + like->field_count - skip,
    };
    AV_WB16(frame.fields, (uint16_t)(count - 1));
    memcpy(frame.fields + 2, like->fields + skip, like->field_count - skip);
    return frame;
}

void flac_write_frame(const struct flac_frame *like, int64_t number, bool variable, int depth,
                      const int32_t *samples, size_t stride, int count, struct buffer *ret_data)
{
    size_t start = ret_data->size;
    struct flac_frame frame = header_like(like, number, variable, count);
    flac_append_header(&frame, ret_data);
    int32_t *scratch = mem_alloc_array((size_t)count, sizeof *scratch);
    struct bits bits = {.data = ret_data};
    for (int channel = 0; channel < like->channels; channel++)
        put_channel(&bits, samples + (size_t)channel * stride, count, depth, scratch);
    put(&bits, (8 - bits.count) % 8, 0);
    free(scratch);
    flac_append_checksum(ret_data, start);
}
