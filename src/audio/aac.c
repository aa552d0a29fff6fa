/* SPDX-License-Identifier: MIT */
#include "audio/aac.h"

#include <string.h>

#include "audio/decode.h"
#include "audio/muxer.h"

sample_index aac_frame_samples(const struct audio *audio)
{
    return AAC_FRAME * (audio->info.rate / audio->codec->sample_rate);
}

/* Bits, the highest first. */
struct bits {
    uint8_t data[32];
    int count;
};

static void put(struct bits *bits, int width, unsigned value)
{
    for (int i = width - 1; i >= 0; i--, bits->count++)
        if (value >> i & 1)
            bits->data[bits->count / 8] |= (uint8_t)(0x80 >> bits->count % 8);
}

/* individual_channel_stream() of ISO/IEC 14496-3, 4.4.2.7: one band, which is noise. */
static void put_noise(struct bits *bits)
{
    put(bits, 8, 100); /* global_gain */
    put(bits, 1, 0);   /* ics_info(): reserved */
    put(bits, 2, 0);   /* ONLY_LONG_SEQUENCE */
    put(bits, 1, 0);   /* sine window */
    put(bits, 6, 1);   /* max_sfb */
    put(bits, 1, 0);   /* no prediction */
    put(bits, 4, 13);  /* section_data(): NOISE_HCB */
    put(bits, 5, 1);   /* of one band */
    put(bits, 9, 256); /* scale_factor_data(): its energy */
    put(bits, 3, 0);   /* no pulses, no noise shaping, no gain control */
}

AVPacket *aac_primer(const struct audio *audio, sample_index position)
{
    if (position < 2 * AAC_PREROLL)
        return NULL;
    bool stereo = audio->codec->ch_layout.nb_channels == 2;
    struct bits bits = {0};
    put(&bits, 3, stereo ? 1 : 0); /* channel_pair_element() or single_channel_element() */
    put(&bits, 4, 0);              /* its tag */
    if (stereo)
        put(&bits, 1, 0); /* no common window */
    put_noise(&bits);
    if (stereo)
        put_noise(&bits);
    put(&bits, 3, 7); /* the end */
    AVPacket *packet = mem_present(av_packet_alloc());
    int size = (bits.count + 7) / 8;
    if (av_new_packet(packet, size) < 0)
        mem_present(NULL);
    memcpy(packet->data, bits.data, (size_t)size);
    return packet;
}

/* The first frame may be cut, at sample 0. */
#define LOOK_FRAMES 3

bool aac_look(struct audio *audio, int *ret_frame, struct error *err)
{
    struct decoder *decoder = decoder_create(audio, 0, INT64_MAX, NULL, err);
    if (!decoder)
        return false;
    AVFrame *frame = mem_present(av_frame_alloc());
    int longest = 0;
    bool more = true, read = true;
    for (int i = 0; i < LOOK_FRAMES && (read = decoder_read(decoder, frame, &more, err)) && more;
         i++) {
        audio->info.rate = frame->sample_rate;
        audio->info.channels = frame->ch_layout.nb_channels;
        if (frame->nb_samples > longest)
            longest = frame->nb_samples;
        av_frame_unref(frame);
    }
    av_frame_free(&frame);
    decoder_destroy(decoder);
    if (read)
        *ret_frame = longest > 0 ? longest : AAC_FRAME;
    return read;
}

/* The frames of a clip: their time is that of the clip, negative for what the edit list hides. The
 * last one is told to be as long as the clip needs it; not where it is also the first that is
 * heard, at which demuxers stumble. */
static bool write_frames(struct audio *audio, const struct cut_range *range, struct muxer *muxer,
                         AVPacket *packet, struct cut_shape *ret_shape, struct error *err)
{
    AVRational base = {1, audio->info.rate};
    sample_index end = range->start;
    for (bool more = true; more && packet->pts < range->end;) {
        sample_index left = range->end - packet->pts;
        end = packet->pts + packet->duration;
        if (packet->duration > left && packet->pts > range->start)
            packet->duration = left;
        packet->pts -= range->start;
        packet->dts = packet->pts;
        if (!muxer_write(muxer, packet, base, err) ||
            !audio->format->next(audio, packet, &more, err))
            return false;
    }
    *ret_shape = (struct cut_shape){
        .first = range->start,
        .samples = end - range->start,
        .why =
            end < range->end
                ? "the recording ends early"
                : "players that do not know the end of an edit list play its last frame to the end",
    };
    return true;
}

/* The last packet that ends at or before the start: it brings the overlap of the first that is
 * heard. */
static bool find_preroll(struct audio *audio, sample_index start, AVPacket *packet,
                         struct error *err)
{
    if (!audio->format->seek(audio, start, err))
        return false;
    for (;;) {
        bool more = false;
        if (!audio->format->next(audio, packet, &more, err))
            return false;
        if (!more)
            return error_set(err, ERROR_INPUT, "%s: ends before the clip begins",
                             audio->source->name);
        if (packet->pts + 2 * packet->duration > start)
            return true;
        av_packet_unref(packet);
    }
}

static bool write_clip(struct audio *audio, const struct cut_range *range, struct muxer *muxer,
                       AVPacket *packet, struct cut_shape *ret_shape, struct error *err)
{
    muxer_take_codec(muxer, audio);
    char scale[32];
    snprintf(scale, sizeof scale, "%d", audio->info.rate);
    muxer_option(muxer, "movie_timescale", scale); /* in which the edit list counts */
    return find_preroll(audio, range->start, packet, err) &&
           muxer_begin(muxer, range, audio->info.rate, err) &&
           write_frames(audio, range, muxer, packet, ret_shape, err) && muxer_end(muxer, err);
}

bool aac_cut(struct audio *audio, const struct cut_range *range, struct output *output,
             struct cut_shape *ret_shape, struct error *err)
{
    struct muxer *muxer = muxer_create("m4a", output, err);
    if (!muxer)
        return false;
    AVPacket *packet = mem_present(av_packet_alloc());
    struct cut_shape shape;
    bool cut = write_clip(audio, range, muxer, packet, &shape, err);
    av_packet_free(&packet);
    muxer_destroy(muxer);
    if (cut)
        *ret_shape = shape;
    return cut;
}
