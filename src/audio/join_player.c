/* SPDX-License-Identifier: MIT */
#include "audio/join_player.h"

#include <stdlib.h>

#include "audio/format.h"
#include "audio/limiter.h"
#include "audio/pcm.h"
#include "audio/render.h"

void recording_close(struct recording *recording)
{
    audio_destroy(recording->audio);
    source_destroy(recording->source);
    *recording = (struct recording){0};
}

bool recording_open(struct recording *recording, const char *path, const struct log *log,
                    struct error *err)
{
    recording->source = source_open_file(path, err);
    recording->audio = recording->source ? audio_open(recording->source, log, err) : NULL;
    if (!recording->audio)
        recording_close(recording);
    return recording->audio != NULL;
}

bool player_mixes_down(const struct audio_info *info, const struct join_format *format)
{
    return format->channels == 1 || info->channels != 2;
}

void player_close(struct player *player)
{
    renderer_destroy(player->renderer);
    limiter_destroy(player->limiter);
    av_frame_free(&player->frame);
    free(player->sound);
    *player = (struct player){0};
}

bool player_open(struct player *player, struct audio *audio, const struct join_format *format,
                 const struct join_piece *piece, struct error *err)
{
    const struct audio_info *info = audio_info(audio);
    const struct render_options options = {
        .rate = format->rate,
        .channels = player_mixes_down(info, format) ? 1 : 0,
        .format = AV_SAMPLE_FMT_FLT,
        .fade = format->fade,
        .gain = piece->gain,
    };
    struct renderer *renderer =
        renderer_create(audio, piece->first, piece->first + piece->samples, &options, err);
    if (!renderer)
        return false;
    *player = (struct player){
        .renderer = renderer,
        .channels = options.channels ? options.channels : info->channels,
        .frame = mem_present(av_frame_alloc()),
        .stop = format->stop,
    };
    if (piece->limited)
        player->limiter = limiter_create(player->channels, format->rate, join_ceiling(format));
    return true;
}

/* What the limiter still holds, brought out by silence. */
static size_t drain(struct player *player)
{
    size_t lag = player->limiter && !player->drained ? limiter_lag(player->limiter) : 0;
    size_t size = lag * (size_t)player->channels;
    player->drained = true;
    player->sound = mem_grow(player->sound, &player->capacity, size, sizeof *player->sound);
    for (size_t i = 0; i < size; i++)
        player->sound[i] = 0;
    return lag ? limiter_run(player->limiter, player->sound, lag) : 0;
}

bool player_read(struct player *player, size_t *ret_count, struct error *err)
{
    size_t count = 0;
    bool more = true;
    if (player->stop && atomic_load(player->stop))
        return error_set(err, ERROR_INTERRUPTED, "stopped");
    while (count == 0 && more) {
        av_frame_unref(player->frame);
        if (!renderer_read(player->renderer, player->frame, &more, err))
            return false;
        if (!more)
            break;
        count = (size_t)player->frame->nb_samples;
        size_t size = count * (size_t)player->channels;
        player->sound = mem_grow(player->sound, &player->capacity, size, sizeof *player->sound);
        pcm_interleave(player->frame, player->sound);
        if (player->limiter)
            count = limiter_run(player->limiter, player->sound, count);
    }
    *ret_count = more ? count : drain(player);
    return true;
}
