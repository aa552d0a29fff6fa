/* SPDX-License-Identifier: MIT */
/*
 * A clip of an MP3 that decodes to the very samples asked for, out of the source's own frames.
 *
 *     [ID3v2] [tag] [lead] [pre-roll] [frames that hold the clip's samples] [silence]
 *
 * What a decoder gives for a frame depends on the frame before it (two in MPEG-2, whose frames are
 * half as long), and on bytes that lie in the frames before. The pre-roll frames give the first.
 * The lead frame carries the second: it is made by us, decodes to silence, and ends with the bytes
 * that the first pre-roll frame refers back to. The tag says how many samples to leave out at both
 * ends, in 12 bits each; with one lead frame they always suffice.
 *
 * At least MP3_DECODER_DELAY samples are left out at the start, so that a clip from a file's very
 * beginning may need a silent frame before it. A demuxer wants two frames: a clip that is within
 * one gets a silent one behind.
 */
#include "audio/mp3.h"

#include <string.h>

#include "audio/mp3_id3.h"
#include "audio/mp3_tag.h"
#include "base/buffer.h"
#include "format/id3.h"

/* The most samples that a tag can have left out at the start. */
#define SKIP_MAX (4095 + MP3_DECODER_DELAY)

/* Bytes of the clip that are held before they are written. */
#define CHUNK_SIZE ((size_t)256 * 1024)

#define FILLING 0x55

static const char within_one_frame[] =
    "it lies within one MP3 frame, of which decoders cannot leave out both ends";
static const char bytes_missing[] =
    "the first frames of the recording refer to bytes that the file does not have";
static const char file_truncated[] = "the file ends within a frame";
static const char stream_changed[] = "the file goes on with another kind of frames";
static const char channels_changed[] = "the recording changes between mono and stereo before it";
static const char header_damaged[] =
    "a damaged frame before it makes players play what follows at another time";
static const char behind_declared_end[] =
    "the file goes on behind the end that its own tag declares";

/* What is stored, decided before anything is written. */
struct plan {
    sample_index raw_start, raw_end; /* of the source */
    sample_index skip;               /* samples that are stored before the clip's */
    int64_t first, last;             /* frames of the source */
    struct mp3_walk walk;            /* whose next frame is `first` */
    uint32_t like;                   /* its header */
    bool lead;
    size_t needed; /* bytes that `first` refers back to */
    size_t held;   /* of room before it, at the end of: */
    uint8_t reservoir[MP3_RESERVOIR_MAX];
    const char *altered; /* static: why it does not decode as the source does */
    const char *why;     /* static: why it cannot have all its samples, or just them */
};

/* Takes up the last bytes of room before frame `first`, where the walk stands afterwards. */
static void keep_room(struct plan *plan, const uint8_t *room, size_t size)
{
    if (size > sizeof plan->reservoir) {
        room += size - sizeof plan->reservoir;
        size = sizeof plan->reservoir;
    }
    memmove(plan->reservoir, plan->reservoir + size, sizeof plan->reservoir - size);
    memcpy(plan->reservoir + sizeof plan->reservoir - size, room, size);
    plan->held += size;
    if (plan->held > sizeof plan->reservoir)
        plan->held = sizeof plan->reservoir;
}

static bool read_reservoir(struct mp3_index *index, struct plan *plan, struct error *err)
{
    memset(plan->reservoir, 0, sizeof plan->reservoir);
    plan->held = 0;
    if (!mp3_index_seek_before(index, plan->first, &plan->walk, err))
        return false;
    for (bool more = true; more && plan->walk.number < plan->first;) {
        struct mp3_frame frame = {0};
        const uint8_t *data = NULL;
        size_t size = 0;
        if (!mp3_walk_next(&plan->walk, &frame, &more, err))
            return false;
        if (!more)
            break;
        if (!source_view(index->source, frame.offset, frame.header.size, &data, &size, err))
            return false;
        size_t room = mp3_main_offset(&frame.header);
        if (room < frame.header.size)
            keep_room(plan, data + room, frame.header.size - room);
    }
    return true;
}

/* Looks at the first frame and the one behind it. */
static bool look_ahead(struct mp3_index *index, struct plan *plan, bool *ret_alike,
                       struct error *err)
{
    struct mp3_walk ahead = plan->walk;
    struct mp3_frame frame = {0};
    const uint8_t *data = NULL;
    size_t size = 0;
    bool more = false;
    if (!mp3_walk_next(&ahead, &frame, &more, err))
        return false;
    if (!more)
        return error_set(err, ERROR_INPUT, "%s: ends before the clip begins", index->source->name);
    if (!source_view(index->source, frame.offset, frame.header.size, &data, &size, err))
        return false;
    struct mp3_side side = {0};
    mp3_side_parse(&frame.header, data, &side);
    plan->like = frame.header.word;
    plan->needed = side.main_data_begin;
    if (!mp3_walk_next(&ahead, &frame, &more, err))
        return false;
    *ret_alike = !more || mp3_same_kind(plan->like, frame.header.word);
    return true;
}

/* Where the file's first frames lack what they refer to, a clip is as good only if it, too, begins
 * with them; a tag can have a few of them left out. */
static bool plan_first(struct mp3_index *index, struct plan *plan, struct error *err)
{
    const int spf = index->header.samples;
    bool alike = true;
    int64_t first = plan->raw_start / spf - mp3_preroll(index);
    plan->first = first > 0 ? first : 0;
    if (!read_reservoir(index, plan, err) || !look_ahead(index, plan, &alike, err))
        return false;
    if (plan->needed > plan->held && plan->first > 0 && plan->raw_start <= SKIP_MAX) {
        plan->first = 0;
        if (!read_reservoir(index, plan, err) || !look_ahead(index, plan, &alike, err))
            return false;
    }
    plan->skip = plan->raw_start - plan->first * spf;
    plan->lead = (plan->first > 0 && plan->needed > 0) || plan->skip < MP3_DECODER_DELAY || !alike;
    if (plan->lead)
        plan->skip += spf;
    if (plan->lead && plan->needed > plan->held)
        plan->altered = bytes_missing;
    return true;
}

static bool make_plan(struct mp3_index *index, const struct cut_range *range, struct plan *ret_plan,
                      struct error *err)
{
    struct plan plan = {
        .raw_start = mp3_raw_of_sample(index, range->start),
        .raw_end = mp3_raw_of_sample(index, range->end - 1) + 1,
    };
    if (plan.raw_start < index->hole_start && plan.raw_end > index->hole_start) {
        plan.raw_end = index->hole_start;
        if (index->frames < 0 || index->frames * index->header.samples > index->hole_end)
            plan.why = behind_declared_end;
    }
    plan.last = (plan.raw_end - 1) / index->header.samples;
    if (!plan_first(index, &plan, err))
        return false;
    *ret_plan = plan;
    return true;
}

/* The clip as far as it is written. */
struct writer {
    struct output *output;
    struct buffer chunk; /* not yet written */
    struct mp3_checksum checksum;
    struct mp3_tag_facts facts;
    int64_t planned; /* frames */
    int step;        /* the next of the tag's */
    int highest;     /* bitrate; the lowest is in `facts` */
};

static bool flush(struct writer *writer, struct error *err)
{
    struct slice chunk = buffer_slice(&writer->chunk);
    mp3_checksum_update(&writer->checksum, chunk.data, chunk.size);
    bool written = output_write(writer->output, chunk.data, chunk.size, err);
    buffer_clear(&writer->chunk);
    return written;
}

static bool add_frame(struct writer *writer, const uint8_t *data, size_t size, struct error *err)
{
    struct mp3_tag_facts *facts = &writer->facts;
    for (; writer->step < MP3_TAG_STEPS; writer->step++) {
        if (writer->step * writer->planned / MP3_TAG_STEPS > facts->frames)
            break;
        facts->steps[writer->step] = facts->bytes;
    }
    facts->frames++;
    facts->bytes += (int64_t)size;
    buffer_append(&writer->chunk, data, size);
    return writer->chunk.size < CHUNK_SIZE || flush(writer, err);
}

/* A frame that decodes to silence and ends with `size` bytes for those behind it. No bits of main
 * data are its own, so that the choice of a table at the end of its side information has no effect.
 * It and the filling keep zeros away from those bytes: short clips were taken for video, which has
 * its marks behind zeros. */
static bool add_silence(struct writer *writer, uint32_t like, const uint8_t *data, size_t size,
                        struct error *err)
{
    uint8_t frame[MP3_FRAME_MAX] = {0};
    struct mp3_header header = {0};
    mp3_header_parse(mp3_header_for(like, 0, 0), &header);
    mp3_header_parse(mp3_header_for(like, mp3_main_offset(&header) + size, 0), &header);
    size_t main = mp3_main_offset(&header);
    mpeg_put_word(frame, header.word);
    frame[main - 1] = 1;
    memset(frame + main, FILLING, header.size - main);
    if (size)
        memcpy(frame + header.size - size, data, size);
    return add_frame(writer, frame, header.size, err);
}

static void note_bitrate(struct writer *writer, int bitrate)
{
    if (bitrate > writer->highest)
        writer->highest = bitrate;
    if (writer->facts.bitrate == 0 || bitrate < writer->facts.bitrate)
        writer->facts.bitrate = bitrate;
}

/* Copies the frames from `walk` on up to `last`, or to the end. */
static bool copy_frames(struct mp3_walk *walk, int64_t last, struct writer *writer,
                        struct error *err)
{
    while (walk->number <= last) {
        struct mp3_frame frame = {0};
        const uint8_t *data = NULL;
        size_t size = 0;
        bool more = false;
        if (!mp3_walk_next(walk, &frame, &more, err))
            return false;
        if (!more)
            break;
        if (!source_view(walk->source, frame.offset, frame.header.size, &data, &size, err))
            return false;
        note_bitrate(writer, frame.header.bitrate);
        if (!add_frame(writer, data, frame.header.size, err))
            return false;
    }
    return true;
}

static bool write_frames(struct mp3_index *index, struct plan *plan, struct writer *writer,
                         struct error *err)
{
    const uint8_t *reservoir = plan->reservoir + sizeof plan->reservoir - plan->needed;
    if (plan->lead && !add_silence(writer, plan->like, reservoir, plan->needed, err))
        return false;
    int64_t count = plan->last - plan->first + 1;
    source_expect(index->source, plan->walk.offset, mp3_index_bytes(index, count));
    if (!copy_frames(&plan->walk, plan->last, writer, err))
        return false;
    while (writer->facts.frames < 2)
        if (!add_silence(writer, plan->like, plan->reservoir, 0, err))
            return false;
    return flush(writer, err);
}

/* A player that has begun with two channels goes on with two. */
static void find_alteration(const struct mp3_index *index, struct plan *plan)
{
    struct mp3_header header = {0};
    if (mp3_header_parse(plan->like, &header) && header.channels != index->header.channels)
        plan->altered = channels_changed;
    if (index->walk.odd_frame <= plan->last || plan->walk.odd_frame <= plan->last)
        plan->altered = header_damaged;
}

/* Says what was stored and, where it is less than asked for or cannot be trimmed, why. */
static bool find_shape(const struct mp3_index *index, const struct plan *plan,
                       const struct cut_range *range, const struct writer *writer,
                       struct cut_shape *ret_shape, struct error *err)
{
    const int spf = index->header.samples;
    sample_index raw_end = plan->walk.number * spf;
    const char *why = plan->why;
    if (plan->walk.number <= plan->last)
        why = plan->walk.truncated ? file_truncated : plan->walk.changed ? stream_changed : why;
    if (raw_end > plan->raw_end)
        raw_end = plan->raw_end;
    if (raw_end <= plan->raw_start)
        return error_set(err, ERROR_INPUT, "%s: ends before the clip begins", index->source->name);
    sample_index samples = raw_end - plan->raw_start;
    sample_index begin = plan->skip, end = plan->skip + samples;
    if (begin >= spf && begin % spf != 0 && end % spf != 0 && begin / spf == end / spf) {
        samples = writer->facts.frames * spf - begin;
        why = within_one_frame;
    }
    *ret_shape = (struct cut_shape){
        .first = range->start,
        .samples = samples,
        .altered = plan->altered != NULL,
        .why = plan->altered ? plan->altered : why,
    };
    return true;
}

static bool write_tag(struct writer *writer, const struct plan *plan, const struct cut_shape *shape,
                      int spf, int64_t place, struct error *err)
{
    struct mp3_tag_facts *facts = &writer->facts;
    struct buffer tag = BUFFER_INIT(BUFFER_UNBOUNDED);
    while (writer->step < MP3_TAG_STEPS)
        facts->steps[writer->step++] = facts->bytes;
    facts->constant = writer->highest == facts->bitrate;
    facts->delay = (int)(plan->skip - MP3_DECODER_DELAY);
    facts->padding = (int)(facts->frames * spf - plan->skip - shape->samples + MP3_DECODER_DELAY);
    facts->music_checksum = writer->checksum.value;
    mp3_tag_write(facts, &tag);
    output_seek(writer->output, place);
    bool written = output_write(writer->output, tag.data, tag.size, err);
    output_seek(writer->output, output_size(writer->output));
    buffer_release(&tag);
    return written;
}

/* The tag's frame is filled in at the end, when it is known what follows it. */
static bool write_clip(struct mp3_index *index, struct plan *plan, const struct cut_range *range,
                       struct writer *writer, struct cut_shape *ret_shape, struct error *err)
{
    struct cut_shape shape = {0};
    int64_t place = output_tell(writer->output);
    writer->facts.word = mp3_tag_header(plan->like, index->constant ? index->header.bitrate : 0);
    output_seek(writer->output, place + (int64_t)mpeg_frame_size(writer->facts.word));
    if (!write_frames(index, plan, writer, err))
        return false;
    find_alteration(index, plan);
    if (!find_shape(index, plan, range, writer, &shape, err) ||
        !write_tag(writer, plan, &shape, index->header.samples, place, err))
        return false;
    *ret_shape = shape;
    return true;
}

/* Too large a tag is left out; a clip is there to be heard. */
static bool write_id3(const struct cut_range *range, int rate, struct output *output,
                      struct error *err)
{
    struct buffer tag = BUFFER_INIT(ID3_MAX_SIZE);
    mp3_id3_append(range, rate, &tag);
    bool written =
        buffer_overflowed(&tag) || tag.size == 0 || output_write(output, tag.data, tag.size, err);
    buffer_release(&tag);
    return written;
}

/* The frames ended where nothing else does: that is the end of the recording. */
static void note_end(struct audio *audio, struct mp3_index *index, const struct plan *plan)
{
    if (plan->walk.number > plan->last || plan->walk.truncated || plan->walk.changed)
        return;
    index->frames = plan->walk.number;
    audio->info.samples = mp3_index_samples(index);
}

bool mp3_cut(struct audio *audio, const struct cut_range *range, struct output *output,
             struct cut_shape *ret_shape, struct error *err)
{
    struct mp3 *mp3 = audio->state;
    struct plan plan;
    if (!make_plan(&mp3->index, range, &plan, err))
        return false;
    struct writer writer = {
        .output = output,
        .chunk = BUFFER_INIT(BUFFER_UNBOUNDED),
        .planned = plan.last - plan.first + 1 + (plan.lead ? 1 : 0),
    };
    mp3_checksum_init(&writer.checksum);
    bool cut = write_id3(range, audio->info.rate, output, err) &&
               write_clip(&mp3->index, &plan, range, &writer, ret_shape, err);
    buffer_release(&writer.chunk);
    if (cut)
        note_end(audio, &mp3->index, &plan);
    return cut;
}
