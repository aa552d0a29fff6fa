/* SPDX-License-Identifier: MIT */
/*
 * CUE sheets (CDRWIN user's guide, appendix A): tracks whose INDEX 01 is minutes, seconds and
 * frames, 75 a second.
 */
#include <stdlib.h>

#include "base/checked.h"
#include "chapters/sidecar_formats.h"

#define FRAMES_A_SECOND 75
#define MAX_TRACKS      99

static bool cue_detect(struct slice text)
{
    return slice_find(text, SLICE("TRACK ")) != SIZE_MAX &&
           slice_find(text, SLICE("INDEX 0")) != SIZE_MAX;
}

static bool take_word(struct slice *line, struct slice word)
{
    struct slice rest = *line;
    if (!slice_starts_nocase(rest, word))
        return false;
    rest = slice_from(rest, word.size);
    if (rest.size && !byte_is_space(rest.data[0]))
        return false;
    *line = slice_trim(rest);
    return true;
}

static struct slice unquoted(struct slice text)
{
    if (text.size >= 2 && text.data[0] == '"' && text.data[text.size - 1] == '"')
        return slice_first(slice_from(text, 1), text.size - 2);
    return text;
}

/* MM:SS:FF, minutes beyond 99 too. */
static bool take_frames(struct slice text, millis *ret_time)
{
    uint64_t minutes, seconds, frames;
    int64_t all;
    if (!slice_take_digits(&text, &minutes, NULL) || !slice_take_byte(&text, ':') ||
        !slice_take_digits(&text, &seconds, NULL) || !slice_take_byte(&text, ':') ||
        !slice_take_digits(&text, &frames, NULL) || text.size || seconds > 59 ||
        frames >= FRAMES_A_SECOND || minutes > MILLIS_MAX / MILLIS_MINUTE)
        return false;
    all = (int64_t)((minutes * 60 + seconds) * FRAMES_A_SECOND + frames);
    return checked_scale(all, MILLIS_SECOND, FRAMES_A_SECOND, ret_time);
}

static bool cue_read(struct slice text, const char *name, struct chapter_list *list,
                     struct error *err)
{
    struct slice line, title = SLICE("");
    bool in_track = false;
    int files = 0;
    for (int number = 1; slice_take_line(&text, &line); number++) {
        line = slice_trim(line);
        if (take_word(&line, SLICE("TRACK"))) {
            if (files > 1)
                return sidecar_fail(err, name, number,
                                    "the track is in a second FILE, whose times begin anew");
            in_track = true;
            title = SLICE("");
        } else if (take_word(&line, SLICE("FILE"))) {
            files++;
        } else if (take_word(&line, SLICE("TITLE"))) {
            if (in_track)
                title = unquoted(line);
            else if (!list->title)
                list->title = arena_strndup(list->arena, unquoted(line).data, unquoted(line).size);
        } else if (in_track && take_word(&line, SLICE("INDEX")) && take_word(&line, SLICE("01"))) {
            millis start;
            if (!take_frames(line, &start))
                return sidecar_fail(err, name, number,
                                    "the index is no MM:SS:FF (75 frames a second)");
            sidecar_add(list, start, MILLIS_NONE, title, SLICE(""), number);
        }
    }
    return true;
}

/* A quotation mark cannot be in the text. */
static void append_quoted(struct buffer *out, const char *text)
{
    buffer_append_byte(out, '"');
    for (; *text; text++)
        buffer_append_byte(out, *text == '"' ? '\'' : *text);
    buffer_append_byte(out, '"');
}

static const char *file_type(const char *audio)
{
    struct slice name = slice_of(audio);
    return slice_ends_nocase(name, SLICE(".mp3")) ? "MP3" : "WAVE";
}

static bool cue_write(const struct chapter_list *list, const struct sidecar_context *context,
                      struct buffer *out, struct error *err)
{
    if (list->count > MAX_TRACKS)
        return error_set(err, ERROR_UNSUPPORTED, "a CUE sheet has at most 99 tracks, not %zu",
                         list->count);
    const char *audio = context->audio ? context->audio : "audio.wav";
    if (list->title) {
        buffer_append_text(out, "TITLE ");
        append_quoted(out, list->title);
        buffer_append_byte(out, '\n');
    }
    buffer_append_text(out, "FILE ");
    append_quoted(out, audio);
    buffer_append_format(out, " %s\n", file_type(audio));
    for (size_t i = 0; i < list->count; i++) {
        char *title = sidecar_title(&list->items[i]);
        int64_t frames = 0;
        checked_scale(list->items[i].start, FRAMES_A_SECOND, MILLIS_SECOND, &frames);
        buffer_append_format(out, "  TRACK %02zu AUDIO\n    TITLE ", i + 1);
        append_quoted(out, title);
        buffer_append_format(out, "\n    INDEX 01 %02lld:%02lld:%02lld\n",
                             (long long)(frames / FRAMES_A_SECOND / 60),
                             (long long)(frames / FRAMES_A_SECOND % 60),
                             (long long)(frames % FRAMES_A_SECOND));
        free(title);
    }
    return true;
}

const struct sidecar sidecar_cue = {
    .name = "cue",
    .meaning = "CUE sheet (75 frames a second, 99 tracks at most)",
    .extensions = "cue",
    .detect = cue_detect,
    .read = cue_read,
    .write = cue_write,
};
