/* SPDX-License-Identifier: MIT */
#include "audio/verify.h"

#include <string.h>

#include "audio/compare.h"
#include "audio/verify_own.h"

/* Packets that are decoded at each end, and how many of those at the end only bring the decoder
 * into its state: nearly always enough, though where MP3 falls silent a frame behind can refer to
 * the 24 before it. */
#define EDGE_PACKETS 20
#define WARM_PACKETS 14

/* One look at a clip. */
struct check {
    struct audio *audio;
    const struct cut_shape *shape;
    struct playback *playback;
    struct comparison comparison;
    AVPacket *packet;
    AVFrame *frame;
    int64_t origin; /* the time stamp of the first sample that is played */
    bool has_origin;
    int64_t packets; /* read so far */
};

static bool check_open(struct check *check, struct audio *audio, const struct cut_shape *shape,
                       struct output *clip, struct error *err)
{
    *check = (struct check){
        .audio = audio,
        .shape = shape,
        .playback = playback_create(clip, err),
        .packet = mem_present(av_packet_alloc()),
        .frame = mem_present(av_frame_alloc()),
    };
    return check->playback != NULL;
}

static void check_close(struct check *check)
{
    playback_destroy(check->playback);
    comparison_close(&check->comparison);
    av_packet_free(&check->packet);
    av_frame_free(&check->frame);
}

static bool compare_frames(struct check *check, struct error *err)
{
    while (playback_frame(check->playback, check->frame)) {
        if (!check->has_origin)
            check->origin = check->frame->pts;
        check->has_origin = true;
        bool compared = comparison_add(&check->comparison, check->shape->first, check->frame, err);
        av_frame_unref(check->frame);
        if (!compared)
            return false;
    }
    return true;
}

/* Decodes and compares up to `limit` packets of the clip, the first ones or all. */
static bool compare_packets(struct check *check, int64_t limit, bool *ret_more, struct error *err)
{
    for (int64_t i = 0; i < limit; i++) {
        if (!playback_packet(check->playback, check->packet, ret_more, err))
            return false;
        if (!*ret_more)
            break;
        check->packets++;
        playback_feed(check->playback, check->packet);
        av_packet_unref(check->packet);
        if (!compare_frames(check, err))
            return false;
    }
    if (*ret_more)
        return true;
    playback_feed(check->playback, NULL);
    return compare_frames(check, err);
}

static void add_to_verdict(const struct check *check, struct verdict *verdict)
{
    const struct comparison *comparison = &check->comparison;
    if (comparison->max_diff > verdict->max_diff)
        verdict->max_diff = comparison->max_diff;
    if (comparison->missing && comparison->position <= check->shape->samples) {
        verdict->damaged = true;
        if (verdict->max_diff < 1) /* what players make of it is not known */
            verdict->max_diff = 1;
    }
    if (decoder_damaged(comparison->decoder) || playback_damaged(check->playback))
        verdict->damaged = true;
    verdict->samples = comparison->position;
}

static bool verify_whole(struct audio *audio, const struct cut_shape *shape, struct output *clip,
                         struct verdict *verdict, struct error *err)
{
    struct check check;
    bool more = true;
    bool done = check_open(&check, audio, shape, clip, err) &&
                comparison_open(&check.comparison, audio, shape, 0, err) &&
                compare_packets(&check, INT64_MAX, &more, err);
    if (done)
        add_to_verdict(&check, verdict);
    check_close(&check);
    return done;
}

static bool decode_equally(const struct audio *audio, const AVPacket *a, const AVPacket *b)
{
    if (audio->format->same_packet)
        return audio->format->same_packet(a, b);
    return a->size == b->size && memcmp(a->data, b->data, (size_t)a->size) == 0;
}

/* The packet of the clip is that of the episode at the same place. */
static bool same_packet(struct audio *audio, const AVPacket *packet, sample_index position,
                        AVPacket *episode, bool *ret_same, struct error *err)
{
    bool more = true;
    while (more && (!episode->data || episode->pts < position)) {
        av_packet_unref(episode);
        if (!audio->format->next(audio, episode, &more, err))
            return false;
    }
    *ret_same = more && episode->pts == position && decode_equally(audio, packet, episode);
    return true;
}

static int64_t clip_position(const struct check *check, int64_t time)
{
    return av_rescale_q(time - check->origin, playback_base(check->playback),
                        (AVRational){1, check->audio->info.rate});
}

/* What the edges need beside the check itself. */
struct edges {
    AVPacket *tail[EDGE_PACKETS]; /* the newest packets of the clip, a ring */
    AVPacket *episode;            /* the episode's newest */
    bool sought;                  /* the episode's cursor follows the packets that leave the ring */
    bool same;                    /* all that left it are the episode's */
};

static void edges_open(struct edges *edges)
{
    *edges = (struct edges){.episode = mem_present(av_packet_alloc()), .same = true};
    for (int i = 0; i < EDGE_PACKETS; i++)
        edges->tail[i] = mem_present(av_packet_alloc());
}

static void edges_close(struct edges *edges)
{
    av_packet_free(&edges->episode);
    for (int i = 0; i < EDGE_PACKETS; i++)
        av_packet_free(&edges->tail[i]);
}

/* A packet leaves the ring: it belongs to neither edge. */
static bool compare_bytes(struct check *check, struct edges *edges, const AVPacket *packet,
                          struct error *err)
{
    sample_index position = check->shape->first + clip_position(check, packet->pts);
    if (!edges->sought && !check->audio->format->seek(check->audio, position, err))
        return false;
    edges->sought = true;
    return same_packet(check->audio, packet, position, edges->episode, &edges->same, err);
}

/* Up to the end of the clip, or to the first packet that is not the episode's. */
static bool read_middle(struct check *check, struct edges *edges, struct error *err)
{
    for (bool more = true; more && edges->same; check->packets++) {
        AVPacket *slot = edges->tail[check->packets % EDGE_PACKETS];
        if (slot->data && !compare_bytes(check, edges, slot, err))
            return false;
        AVPacket *packet = check->packet;
        if (!playback_packet(check->playback, packet, &more, err))
            return false;
        if (!more)
            break;
        av_packet_unref(slot);
        av_packet_move_ref(slot, packet);
    }
    return true;
}

/* The first frames only warm the decoder up; those that are compared begin at `position`. */
static bool compare_from(struct check *check, sample_index position, struct error *err)
{
    while (playback_frame(check->playback, check->frame)) {
        AVFrame *frame = check->frame;
        sample_index skip = position - clip_position(check, frame->pts);
        if (skip > 0 && skip < frame->nb_samples)
            frame_trim(frame, (int)skip, frame->nb_samples - (int)skip);
        bool compared = skip >= frame->nb_samples ||
                        comparison_add(&check->comparison, check->shape->first, frame, err);
        av_frame_unref(frame);
        if (!compared)
            return false;
    }
    return true;
}

static bool compare_tail(struct check *check, struct edges *edges, struct verdict *verdict,
                         struct error *err)
{
    const int64_t first = check->packets;
    sample_index position =
        clip_position(check, edges->tail[(first + WARM_PACKETS) % EDGE_PACKETS]->pts);
    add_to_verdict(check, verdict);
    comparison_close(&check->comparison);
    if (!comparison_open(&check->comparison, check->audio, check->shape, position, err))
        return false;
    playback_reset(check->playback);
    for (int64_t i = first; i < first + EDGE_PACKETS; i++) {
        playback_feed(check->playback, edges->tail[i % EDGE_PACKETS]);
        if (!compare_from(check, position, err))
            return false;
    }
    playback_feed(check->playback, NULL);
    return compare_from(check, position, err);
}

/* Few packets follow the head: they are decoded as they come. */
static bool compare_rest(struct check *check, struct edges *edges, struct error *err)
{
    for (int64_t i = EDGE_PACKETS; i < check->packets; i++) {
        playback_feed(check->playback, edges->tail[i % EDGE_PACKETS]);
        if (!compare_frames(check, err))
            return false;
    }
    playback_feed(check->playback, NULL);
    return compare_frames(check, err);
}

static bool verify_edges(struct audio *audio, const struct cut_shape *shape, struct output *clip,
                         bool *ret_same, struct verdict *verdict, struct error *err)
{
    struct check check;
    struct edges edges;
    bool more = true;
    edges_open(&edges);
    bool done = check_open(&check, audio, shape, clip, err) &&
                comparison_open(&check.comparison, audio, shape, 0, err) &&
                compare_packets(&check, EDGE_PACKETS, &more, err) &&
                (!more || read_middle(&check, &edges, err));
    *ret_same = edges.same;
    if (done && more && edges.same)
        done = edges.sought ? compare_tail(&check, &edges, verdict, err)
                            : compare_rest(&check, &edges, err);
    if (done)
        add_to_verdict(&check, verdict);
    edges_close(&edges);
    check_close(&check);
    return done;
}

bool verify_cut(struct audio *audio, const struct cut_shape *shape, bool whole, struct output *clip,
                struct verdict *ret_verdict, struct error *err)
{
    struct verdict verdict = {0};
    bool same = false;
    if (!whole && !verify_edges(audio, shape, clip, &same, &verdict, err))
        return false;
    if (!same || verdict.max_diff > 0 || verdict.damaged) {
        verdict = (struct verdict){0};
        if (!verify_whole(audio, shape, clip, &verdict, err))
            return false;
    }
    *ret_verdict = verdict;
    return true;
}

static void count_frames(struct playback *playback, AVFrame *frame, struct verdict *verdict)
{
    while (playback_frame(playback, frame)) {
        verdict->samples += frame->nb_samples;
        av_frame_unref(frame);
    }
}

static bool count_played(struct playback *playback, struct verdict *ret_verdict, struct error *err)
{
    AVPacket *packet = mem_present(av_packet_alloc());
    AVFrame *frame = mem_present(av_frame_alloc());
    struct verdict verdict = {0};
    bool more = true, read = true;
    while ((read = playback_packet(playback, packet, &more, err)) && more) {
        playback_feed(playback, packet);
        av_packet_unref(packet);
        count_frames(playback, frame, &verdict);
    }
    playback_feed(playback, NULL);
    count_frames(playback, frame, &verdict);
    verdict.damaged = playback_damaged(playback) > 0;
    if (read)
        *ret_verdict = verdict;
    av_packet_free(&packet);
    av_frame_free(&frame);
    return read;
}

bool verify_count(struct output *clip, struct verdict *ret_verdict, struct error *err)
{
    struct playback *playback = playback_create(clip, err);
    if (!playback)
        return false;
    bool vorbis = playback_parameters(playback)->codec_id == AV_CODEC_ID_VORBIS;
    bool counted = vorbis ? verify_own_count(clip, ret_verdict, err)
                          : count_played(playback, ret_verdict, err);
    playback_destroy(playback);
    return counted;
}
