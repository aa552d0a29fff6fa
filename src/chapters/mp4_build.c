/* SPDX-License-Identifier: MIT */
/*
 * Building a moov with chapters in it: all that is not about chapters is copied as it is; only
 * chunk offsets move with the bytes that they point to.
 */
#include "base/text.h"
#include "chapters/mp4_tracks.h"

#define NERO_UNITS       10000
#define NERO_MAX_ENTRIES 255
#define NERO_MAX_TITLE   127 /* AntennaPod reads the length as a signed byte */

struct build {
    const struct mp4_file *file;
    const struct chapter_list *list;
    const char *name;
    int64_t from, shift;
    struct new_tracks tracks;
    size_t next_track; /* of the file's, to be copied */
    bool tracks_done, user_data_done, user_data_seen;
    struct error *err;
};

static void append_nero(const struct build *build, struct buffer *out)
{
    size_t count = build->list->count;
    if (!count)
        return;
    if (count > NERO_MAX_ENTRIES)
        count = NERO_MAX_ENTRIES;
    size_t place = box_begin(out, "chpl");
    box_append_u32(out, 1 << 24); /* version 1 */
    box_append_u32(out, 0);
    buffer_append_byte(out, (char)count);
    for (size_t i = 0; i < count; i++) {
        const struct chapter *chapter = &build->list->items[i];
        struct slice title = text_cut_bytes(slice_of(chapter->title), NERO_MAX_TITLE);
        box_append_u64(out, (uint64_t)chapter->start * NERO_UNITS);
        buffer_append_byte(out, (char)title.size);
        buffer_append_slice(out, title);
    }
    box_end(out, place);
}

/* Fails where a 32-bit offset would have to be larger. */
static bool append_offsets(const struct build *build, struct buffer *out, const struct box *box)
{
    size_t width = box_is(box, "co64") ? 8 : 4, place = box_begin(out, box->type);
    buffer_append_slice(out, slice_first(box->body, 8));
    for (size_t at = 8; at + width <= box->body.size; at += width) {
        uint64_t offset = width == 8 ? box_u64(box->body, at) : box_u32(box->body, at);
        if (offset >= (uint64_t)build->from)
            offset += (uint64_t)build->shift;
        if (width == 4 && offset > UINT32_MAX)
            return error_set(build->err, ERROR_UNSUPPORTED,
                             "%s: its 32-bit offsets leave no room for chapters before the audio",
                             build->name);
        if (width == 8)
            box_append_u64(out, offset);
        else
            box_append_u32(out, offset);
    }
    box_end(out, place);
    return true;
}

/* A box with children, of which those with offsets are moved. */
static bool append_moved(const struct build *build, struct buffer *out, const struct box *box)
{
    static const char *const parents[] = {"mdia", "minf", "stbl"};
    if (box_is(box, "stco") || box_is(box, "co64"))
        return append_offsets(build, out, box);
    if (build->shift && (box_is(box, "saio") || box_is(box, "iloc")))
        return error_set(build->err, ERROR_UNSUPPORTED,
                         "%s: has a %s box, whose offsets we do not know how to move", build->name,
                         box->type);
    for (size_t i = 0; i < sizeof parents / sizeof *parents; i++) {
        if (!box_is(box, parents[i]))
            continue;
        size_t place = box_begin(out, box->type);
        struct slice rest = box->body;
        struct box child;
        while (box_take(&rest, &child))
            if (!append_moved(build, out, &child))
                return false;
        buffer_append_slice(out, rest);
        box_end(out, place);
        return true;
    }
    return buffer_append_slice(out, box->whole);
}

/* The track's references to chapters: those that stay (a track that is no longer there is not
 * referred to), and for the audio track, and where it had old ones, the new ones. */
static void append_chapter_references(const struct build *build, struct buffer *out,
                                      const struct track *track)
{
    size_t place = box_begin(out, "chap"), empty = out->size;
    bool has_chapters = track == build->file->audio;
    for (size_t at = 0; at + 4 <= track->references.size; at += 4) {
        uint32_t id = box_u32(track->references, at);
        const struct track *other = track_find(build->file->tracks, build->file->track_count, id);
        if (other && mp4_is_chapter_track(build->file, other))
            has_chapters = true;
        else if (other)
            box_append_u32(out, id);
    }
    for (size_t kind = 0; has_chapters && kind < TRACK_KINDS; kind++)
        if (build->tracks.ids[kind])
            box_append_u32(out, build->tracks.ids[kind]);
    if (out->size == empty)
        buffer_truncate(out, place);
    else
        box_end(out, place);
}

static void append_references(const struct build *build, struct buffer *out,
                              const struct track *track)
{
    size_t place = box_begin(out, "tref"), empty = out->size;
    struct slice rest = box_child(track->body, "tref");
    struct box box;
    while (box_take(&rest, &box))
        if (!box_is(&box, "chap"))
            buffer_append_slice(out, box.whole);
    append_chapter_references(build, out, track);
    if (out->size == empty)
        buffer_truncate(out, place);
    else
        box_end(out, place);
}

/* tref goes before mdia, whether there was one or not. */
static bool append_kept_track(const struct build *build, struct buffer *out,
                              const struct track *track)
{
    size_t place = box_begin(out, "trak");
    struct slice rest = track->body;
    struct box box;
    while (box_take(&rest, &box)) {
        if (box_is(&box, "tref"))
            continue;
        if (box_is(&box, "mdia"))
            append_references(build, out, track);
        if (!append_moved(build, out, &box))
            return false;
    }
    buffer_append_slice(out, rest);
    box_end(out, place);
    return true;
}

static void append_user_data(const struct build *build, struct buffer *out, struct slice body)
{
    size_t place = box_begin(out, "udta"), empty = out->size;
    struct box box;
    while (box_take(&body, &box))
        if (!box_is(&box, "chpl"))
            buffer_append_slice(out, box.whole);
    append_nero(build, out);
    if (out->size == empty && !body.size) {
        buffer_truncate(out, place);
        return;
    }
    buffer_append_slice(out, body); /* QuickTime ends the list with four zeros */
    box_end(out, place);
}

/* The last four bytes are the next free track id. */
static void append_movie_header(struct buffer *out, const struct box *box, uint32_t next_id)
{
    buffer_append_slice(out, slice_first(box->whole, box->whole.size - 4));
    box_append_u32(out, next_id);
}

static void append_new_tracks(struct build *build, struct buffer *out)
{
    if (!build->tracks_done)
        mp4_append_tracks(&build->tracks, out);
    build->tracks_done = true;
}

/*
 * libavformat gives the encoder delay that udta holds (iTunSMPB) to the last track before it. That
 * stays the track that it was, so that the audio is decoded as it was: new tracks take the old
 * ones' place, or stand behind all else. Where the delay went to a chapter track that goes, udta
 * stands before all tracks.
 */
static bool is_user_data_early(const struct build *build)
{
    struct slice rest = build->file->moov;
    struct box box;
    bool behind_chapters = false;
    for (size_t track = 0; box_take(&rest, &box) && !box_is(&box, "udta");)
        if (box_is(&box, "trak"))
            behind_chapters = mp4_is_chapter_track(build->file, &build->file->tracks[track++]);
    return behind_chapters && !build->list->count;
}

static void append_user_data_once(struct build *build, struct buffer *out)
{
    if (!build->user_data_done)
        append_user_data(build, out, box_child(build->file->moov, "udta"));
    build->user_data_done = true;
}

static bool append_child(struct build *build, struct buffer *out, const struct box *box,
                         uint32_t next_id)
{
    if (box_is(box, "trak")) {
        const struct track *track = &build->file->tracks[build->next_track++];
        if (!build->user_data_done && is_user_data_early(build))
            append_user_data_once(build, out);
        if (!mp4_is_chapter_track(build->file, track))
            return append_kept_track(build, out, track);
        append_new_tracks(build, out);
    } else if (box_is(box, "mvhd")) {
        append_movie_header(out, box, next_id);
    } else if (box_is(box, "udta") && !build->user_data_seen) {
        append_user_data_once(build, out);
        build->user_data_seen = true;
    } else {
        buffer_append_slice(out, box->whole);
    }
    return true;
}

static bool append_children(struct build *build, struct buffer *out, uint32_t next_id)
{
    struct slice rest = build->file->moov;
    struct box box;
    while (box_take(&rest, &box))
        if (!append_child(build, out, &box, next_id))
            return false;
    append_user_data_once(build, out);
    append_new_tracks(build, out);
    buffer_append_slice(out, rest); /* what is no box */
    return true;
}

bool mp4_build(const struct mp4_file *file, const struct chapter_list *list, const char *name,
               int64_t texts_offset, int64_t from, int64_t shift, struct buffer *out,
               struct buffer *texts, struct error *err)
{
    struct build build = {
        .file = file,
        .list = list,
        .name = name,
        .from = from,
        .shift = shift,
        .tracks =
            {
                .file = file,
                .list = list,
                .duration = mp4_duration(file),
                .samples_offset = texts_offset,
                .samples = texts,
            },
        .err = err,
    };
    size_t place = box_begin(out, "moov");
    uint32_t next_id = mp4_number_tracks(&build.tracks);
    if (!append_children(&build, out, next_id))
        return false;
    box_end(out, place);
    return true;
}
