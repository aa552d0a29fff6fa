/* SPDX-License-Identifier: MIT */
#include "audio/verify_own.h"

#include <stdlib.h>
#include <string.h>

#include "audio/compare.h"
#include "audio/render.h"

/* What is decoded of each end; between them bytes are compared. */
#define EDGE_MILLIS 500

/* What was written, as a source. */
struct clip_source {
    struct source source;
    struct output *clip;
};

static bool clip_read(struct source *source, int64_t offset, void *data, size_t size,
                      size_t *ret_size, struct error *err)
{
    return output_read_at(((struct clip_source *)source)->clip, offset, data, size, ret_size, err);
}

static void clip_destroy(struct source *source)
{
    free(source);
}

static struct source *open_clip_source(struct output *clip)
{
    static const struct source_class class = {
        .name = "clip",
        .read = clip_read,
        .destroy = clip_destroy,
        .window = 64 * 1024,
        .near = true,
    };
    struct clip_source *source = mem_zalloc(sizeof *source);
    source->clip = clip;
    source_init(&source->source, &class, "the clip", output_size(clip));
    return &source->source;
}

static bool count_decoded(struct audio *audio, struct verdict *ret_verdict, struct error *err)
{
    int64_t end = audio->info.samples >= 0 ? audio->info.samples : INT64_MAX;
    struct decoder *decoder = decoder_create(audio, 0, end, NULL, err);
    if (!decoder)
        return false;
    AVFrame *frame = mem_present(av_frame_alloc());
    struct verdict verdict = {0};
    bool more = true, read = true;
    while (more && (read = decoder_read(decoder, frame, &more, err))) {
        verdict.samples += more ? frame->nb_samples : 0;
        av_frame_unref(frame);
    }
    verdict.damaged = decoder_damaged(decoder) > 0;
    if (read)
        *ret_verdict = verdict;
    av_frame_free(&frame);
    decoder_destroy(decoder);
    return read;
}

/* An opened clip. */
struct reread {
    struct source *source;
    struct audio *audio;
};

static bool reread_open(struct reread *reread, struct output *clip, struct error *err)
{
    *reread = (struct reread){.source = open_clip_source(clip)};
    reread->audio = audio_open(reread->source, NULL, err);
    return reread->audio != NULL;
}

static void reread_close(struct reread *reread)
{
    audio_destroy(reread->audio);
    source_destroy(reread->source);
}

bool verify_own_count(struct output *clip, struct verdict *ret_verdict, struct error *err)
{
    struct reread reread;
    bool counted = reread_open(&reread, clip, err) && count_decoded(reread.audio, ret_verdict, err);
    reread_close(&reread);
    return counted;
}

bool verify_own_peak(struct output *clip, double *ret_peak, struct error *err)
{
    struct reread reread;
    bool measured = reread_open(&reread, clip, err) && render_peak(reread.audio, ret_peak, err);
    reread_close(&reread);
    return measured;
}

/* Decodes and compares a range of the clip. */
static bool compare_range(struct audio *audio, const struct cut_shape *shape, struct audio *clip,
                          sample_index start, sample_index end, struct verdict *verdict,
                          struct error *err)
{
    struct comparison comparison;
    struct decoder *decoder = decoder_create(clip, start, end, NULL, err);
    AVFrame *frame = mem_present(av_frame_alloc());
    bool done = comparison_open(&comparison, audio, shape, start, err) && decoder;
    for (bool more = true; done && more;) {
        done = decoder_read(decoder, frame, &more, err);
        if (done && more)
            done = comparison_add(&comparison, shape->first, frame, err);
        av_frame_unref(frame);
    }
    if (done) {
        verdict->damaged = verdict->damaged || comparison.missing || decoder_damaged(decoder) > 0 ||
                           decoder_damaged(comparison.decoder) > 0 || comparison.position != end;
        if (comparison.max_diff > verdict->max_diff)
            verdict->max_diff = comparison.max_diff;
    }
    av_frame_free(&frame);
    decoder_destroy(decoder);
    comparison_close(&comparison);
    return done;
}

/* The cursor's next packet that begins at `position` or later. */
static bool next_from(struct audio *audio, sample_index position, AVPacket *packet, bool *ret_more,
                      struct error *err)
{
    do {
        av_packet_unref(packet);
        if (!audio->format->next(audio, packet, ret_more, err))
            return false;
    } while (*ret_more && packet->pts < position);
    return true;
}

/* Whether the packets of the clip between two positions are those of the episode. */
static bool compare_bytes(struct audio *audio, const struct cut_shape *shape, struct audio *clip,
                          sample_index start, sample_index end, bool *ret_same, struct error *err)
{
    AVPacket *ours = mem_present(av_packet_alloc()), *theirs = mem_present(av_packet_alloc());
    bool more = true, same = true;
    bool read = clip->format->seek(clip, start, err) &&
                audio->format->seek(audio, shape->first + start, err);
    for (sample_index at = start; read && same && more && at < end;) {
        bool there = false;
        read = next_from(clip, at, ours, &more, err) &&
               next_from(audio, shape->first + at, theirs, &there, err);
        if (!read || !more)
            break;
        at = ours->pts + (ours->duration ? ours->duration : 1);
        same = there && theirs->pts == shape->first + ours->pts && theirs->size == ours->size &&
               memcmp(theirs->data, ours->data, (size_t)ours->size) == 0;
    }
    av_packet_free(&ours);
    av_packet_free(&theirs);
    *ret_same = same && more;
    return read;
}

static bool verify(struct audio *audio, const struct cut_shape *shape, bool whole,
                   struct audio *clip, struct verdict *verdict, struct error *err)
{
    sample_index edge = samples_of_millis(EDGE_MILLIS, audio->info.rate);
    sample_index end = clip->info.samples;
    verdict->samples = end;
    bool same = false;
    if (!whole && end > 4 * edge &&
        !compare_bytes(audio, shape, clip, edge, end - edge, &same, err))
        return false;
    if (!same)
        return compare_range(audio, shape, clip, 0, end, verdict, err);
    return compare_range(audio, shape, clip, 0, 2 * edge, verdict, err) &&
           compare_range(audio, shape, clip, end - 2 * edge, end, verdict, err);
}

bool verify_own_cut(struct audio *audio, const struct cut_shape *shape, bool whole,
                    struct output *clip, struct verdict *ret_verdict, struct error *err)
{
    struct reread reread;
    struct verdict verdict = {0};
    bool done =
        reread_open(&reread, clip, err) && verify(audio, shape, whole, reread.audio, &verdict, err);
    reread_close(&reread);
    if (done)
        *ret_verdict = verdict;
    return done;
}
