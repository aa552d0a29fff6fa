/* SPDX-License-Identifier: MIT */
#include "audio/muxer.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/intreadwrite.h>

#include "audio/avio.h"
#include "audio/libav.h"
#include "audio/mp3_id3.h"
#include "audio/picture.h"
#include "base/buffer.h"
#include "format/id3.h"

/* How a container holds what is no sound. */
enum cover_way {
    COVER_STREAM,     /* a stream with one packet */
    COVER_COMMENT,    /* METADATA_BLOCK_PICTURE of Vorbis comments */
    COVER_ATTACHMENT, /* Matroska's attached files */
};

enum chapter_way {
    CHAPTERS_NATIVE,  /* libavformat's own list */
    CHAPTERS_FILLED,  /* the same, from 0 on and without gaps, which it cannot write there */
    CHAPTERS_COMMENT, /* CHAPTER000=00:00:00.000, which it writes wrongly or not at all */
};

/* Our own tag holds all: libavformat's loses chapters of MP3s, and the cover of WAVs. */
enum id3_way {
    ID3_NONE,
    ID3_FIRST, /* before all else */
    ID3_CHUNK, /* a RIFF chunk at the end */
};

static const struct container {
    const char *extension, *muxer;
    enum id3_way id3;
    enum cover_way cover;
    enum chapter_way chapters;
    const char *options; /* of the muxer */
} containers[] = {
    {"mp3", "mp3", ID3_FIRST, COVER_STREAM, CHAPTERS_NATIVE, "id3v2_version=0"},
    {"m4a", "ipod", ID3_NONE, COVER_STREAM, CHAPTERS_FILLED, "movflags=+faststart"},
    {"opus", "opus", ID3_NONE, COVER_COMMENT, CHAPTERS_COMMENT, ""},
    {"ogg", "ogg", ID3_NONE, COVER_COMMENT, CHAPTERS_COMMENT, ""},
    {"flac", "flac", ID3_NONE, COVER_STREAM, CHAPTERS_COMMENT, ""},
    {"wav", "wav", ID3_CHUNK, COVER_STREAM, CHAPTERS_NATIVE, "rf64=auto"},
    {"mka", "matroska", ID3_NONE, COVER_ATTACHMENT, CHAPTERS_NATIVE, ""},
};

/* Of a chapter that has none. */
#define UNTITLED "-"

struct muxer {
    const struct container *container;
    AVFormatContext *context;
    AVStream *stream, *cover;
    const struct picture *picture; /* of the cover's stream */
    AVDictionary *options;
    struct output *output;
    struct buffer id3; /* the tag that is still to be written */
    int64_t last_time; /* of the packets that were written */
};

/* For the second pass that puts an MP4's index in front of its sound. */
static int open_written(AVFormatContext *context, AVIOContext **ret_avio, const char *url,
                        int flags, AVDictionary **options)
{
    struct muxer *muxer = context->opaque;
    (void)url, (void)options;
    if (flags & AVIO_FLAG_WRITE)
        return AVERROR(EINVAL);
    *ret_avio = avio_of_written(muxer->output);
    return 0;
}

static int close_written(AVFormatContext *context, AVIOContext *avio)
{
    (void)context;
    avio_destroy(avio);
    return 0;
}

static const struct container *find_container(const char *extension)
{
    for (size_t i = 0; i < sizeof containers / sizeof *containers; i++)
        if (strcmp(containers[i].extension, extension) == 0)
            return &containers[i];
    return NULL;
}

struct muxer *muxer_create(const char *extension, struct output *output, struct error *err)
{
    const struct container *container = find_container(extension);
    AVFormatContext *context = NULL;
    if (!container ||
        avformat_alloc_output_context2(&context, NULL, container->muxer, "clip") < 0) {
        error_set(err, ERROR_UNSUPPORTED, "no way to write .%s clips", extension);
        return NULL;
    }
    struct muxer *muxer = mem_zalloc(sizeof *muxer);
    muxer->container = container;
    muxer->context = context;
    muxer->output = output;
    muxer->id3 = (struct buffer)BUFFER_INIT(ID3_MAX_SIZE);
    muxer->last_time = AV_NOPTS_VALUE;
    if (av_dict_parse_string(&muxer->options, container->options, "=", ":", 0) < 0)
        mem_present(NULL);
    context->pb = avio_of_output(output);
    context->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
    context->opaque = muxer;
    context->io_open = open_written;
    context->io_close2 = close_written;
    muxer->stream = mem_present(avformat_new_stream(context, NULL));
    return muxer;
}

void muxer_destroy(struct muxer *muxer)
{
    if (!muxer)
        return;
    avio_destroy(muxer->context->pb);
    avformat_free_context(muxer->context);
    av_dict_free(&muxer->options);
    buffer_release(&muxer->id3);
    free(muxer);
}

AVStream *muxer_stream(struct muxer *muxer)
{
    return muxer->stream;
}

void muxer_take_codec(struct muxer *muxer, const struct audio *audio)
{
    AVStream *stream = muxer->stream;
    if (avcodec_parameters_copy(stream->codecpar, audio->codec) < 0)
        mem_present(NULL);
    stream->codecpar->codec_tag = 0;
    stream->time_base = (AVRational){1, audio->info.rate};
}

AVFormatContext *muxer_context(struct muxer *muxer)
{
    return muxer->context;
}

void muxer_option(struct muxer *muxer, const char *name, const char *value)
{
    if (av_dict_set(&muxer->options, name, value, 0) < 0)
        mem_present(NULL);
}

static void set(AVDictionary **dictionary, const char *key, const char *value)
{
    if (value && *value && av_dict_set(dictionary, key, value, 0) < 0)
        mem_present(NULL);
}

static void set_texts(struct muxer *muxer, const struct tags *tags)
{
    AVDictionary **metadata = &muxer->context->metadata;
    for (size_t i = 0; i < tags->other_count; i++)
        set(metadata, tags->others[i].name, tags->others[i].value);
    set(metadata, "title", tags->title);
    set(metadata, "artist", tags->artist);
    set(metadata, "album", tags->album);
    set(metadata, "date", tags->date);
    set(metadata, "comment", tags->comment);
    if (tags->track <= 0)
        return;
    char *track = tags->track_total > 0 ? mem_format("%d/%d", tags->track, tags->track_total)
                                        : mem_format("%d", tags->track);
    set(metadata, "track", track);
    free(track);
}

static bool is_png(const struct picture *picture)
{
    return picture->type && strcmp(picture->type, "image/png") == 0;
}

static void add_cover_stream(struct muxer *muxer, const struct picture *picture)
{
    AVStream *stream = mem_present(avformat_new_stream(muxer->context, NULL));
    stream->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
    stream->codecpar->codec_id = is_png(picture) ? AV_CODEC_ID_PNG : AV_CODEC_ID_MJPEG;
    stream->codecpar->width = stream->codecpar->height = 1; /* libavformat insists on some */
    (void)picture_size(picture, &stream->codecpar->width, &stream->codecpar->height);
    stream->disposition = AV_DISPOSITION_ATTACHED_PIC;
    stream->time_base = (AVRational){1, 90000};
    muxer->cover = stream;
    muxer->picture = picture;
}

static void add_cover_attachment(struct muxer *muxer, const struct picture *picture)
{
    AVStream *stream = mem_present(avformat_new_stream(muxer->context, NULL));
    AVCodecParameters *parameters = stream->codecpar;
    parameters->codec_type = AVMEDIA_TYPE_ATTACHMENT;
    parameters->codec_id = is_png(picture) ? AV_CODEC_ID_PNG : AV_CODEC_ID_MJPEG;
    parameters->extradata = mem_present(av_mallocz(picture->size + AV_INPUT_BUFFER_PADDING_SIZE));
    parameters->extradata_size = (int)picture->size;
    memcpy(parameters->extradata, picture->data, picture->size);
    set(&stream->metadata, "filename", is_png(picture) ? "cover.png" : "cover.jpg");
    set(&stream->metadata, "mimetype", picture->type);
}

static void append_be32(struct buffer *buffer, size_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buffer_append_byte(buffer, (char)(value >> shift & 0xff));
}

/* A PICTURE block of FLAC's format, in base64: https://wiki.xiph.org/VorbisComment#Cover_art */
static void add_cover_comment(struct muxer *muxer, const struct picture *picture)
{
    int width = 0, height = 0; /* not known */
    (void)picture_size(picture, &width, &height);
    struct buffer block = BUFFER_INIT(BUFFER_UNBOUNDED);
    append_be32(&block, 3); /* front cover */
    append_be32(&block, strlen(picture->type));
    buffer_append_text(&block, picture->type);
    append_be32(&block, 0); /* no description */
    append_be32(&block, (size_t)width);
    append_be32(&block, (size_t)height);
    append_be32(&block, 24); /* bits a pixel */
    append_be32(&block, 0);  /* no palette */
    append_be32(&block, picture->size);
    buffer_append(&block, picture->data, picture->size);
    size_t size = AV_BASE64_SIZE(block.size);
    char *text = mem_alloc(size);
    av_base64_encode(text, (int)size, (const uint8_t *)block.data, (int)block.size);
    set(&muxer->context->metadata, "METADATA_BLOCK_PICTURE", text);
    free(text);
    buffer_release(&block);
}

/* Formats count a picture's size in 32 bits, and players give up long before. */
#define MAX_COVER_SIZE ((size_t)64 * 1024 * 1024)

static void add_cover(struct muxer *muxer, const struct picture *picture)
{
    if (!picture || !picture->type || !picture->size || picture->size > MAX_COVER_SIZE)
        return;
    switch (muxer->container->cover) {
    case COVER_STREAM:
        add_cover_stream(muxer, picture);
        break;
    case COVER_COMMENT:
        add_cover_comment(muxer, picture);
        break;
    case COVER_ATTACHMENT:
        add_cover_attachment(muxer, picture);
        break;
    }
}

static void add_native_chapter(struct muxer *muxer, millis start, millis end, const char *title)
{
    AVFormatContext *context = muxer->context;
    size_t size = (context->nb_chapters + 1) * sizeof *context->chapters;
    context->chapters = mem_present(av_realloc(context->chapters, size));
    AVChapter *chapter = mem_present(av_mallocz(sizeof *chapter));
    chapter->id = context->nb_chapters;
    chapter->time_base = (AVRational){1, 1000};
    chapter->start = start;
    chapter->end = end;
    set(&chapter->metadata, "title", title ? title : UNTITLED);
    context->chapters[context->nb_chapters++] = chapter;
}

static void add_native_chapters(struct muxer *muxer, const struct chapter_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        add_native_chapter(muxer, list->items[i].start, list->items[i].end, list->items[i].title);
}

/* A chapter without a title stands where none is. */
static void add_filled_chapters(struct muxer *muxer, const struct chapter_list *list)
{
    millis at = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct chapter *chapter = &list->items[i];
        if (chapter->start > at)
            add_native_chapter(muxer, at, chapter->start, NULL);
        add_native_chapter(muxer, chapter->start, chapter->end, chapter->title);
        at = chapter->end;
    }
}

/* https://wiki.xiph.org/Chapter_Extension */
static void add_comment_chapters(struct muxer *muxer, const struct chapter_list *list)
{
    AVDictionary **metadata = &muxer->context->metadata;
    for (size_t i = 0; i < list->count && i < 1000; i++) {
        char time[MILLIS_TEXT_SIZE], key[32];
        snprintf(key, sizeof key, "CHAPTER%03d", (int)i);
        set(metadata, key, millis_text_full(list->items[i].start, time));
        snprintf(key, sizeof key, "CHAPTER%03dNAME", (int)i);
        set(metadata, key, list->items[i].title);
        snprintf(key, sizeof key, "CHAPTER%03dURL", (int)i);
        set(metadata, key, list->items[i].link);
    }
}

static void add_chapters(struct muxer *muxer, const struct chapter_list *list)
{
    switch (muxer->container->chapters) {
    case CHAPTERS_NATIVE:
        add_native_chapters(muxer, list);
        break;
    case CHAPTERS_FILLED:
        add_filled_chapters(muxer, list);
        break;
    case CHAPTERS_COMMENT:
        add_comment_chapters(muxer, list);
        break;
    }
}

static bool failed(struct muxer *muxer, int code, struct error *err)
{
    return avio_error(muxer->context->pb, code, err, "cannot be written");
}

static bool write_cover(struct muxer *muxer, struct error *err)
{
    const struct picture *picture = muxer->picture;
    AVPacket *packet = mem_present(av_packet_alloc());
    if (av_new_packet(packet, (int)picture->size) < 0)
        mem_present(NULL);
    memcpy(packet->data, picture->data, picture->size);
    packet->stream_index = muxer->cover->index;
    packet->pts = packet->dts = 0;
    packet->flags |= AV_PKT_FLAG_KEY;
    int code = av_write_frame(muxer->context, packet);
    av_packet_free(&packet);
    return code >= 0 || failed(muxer, code, err);
}

bool muxer_begin(struct muxer *muxer, const struct cut_range *range, int rate, struct error *err)
{
    const struct tags *tags = range->tags;
    enum id3_way id3 = muxer->container->id3;
    if (id3 != ID3_NONE)
        mp3_id3_append(range, rate, &muxer->id3);
    if (tags && id3 != ID3_FIRST)
        set_texts(muxer, tags);
    if (tags && id3 == ID3_NONE)
        add_cover(muxer, tags->cover);
    if (id3 == ID3_NONE)
        add_chapters(muxer, range->chapters);
    if (id3 == ID3_FIRST)
        avio_write(muxer->context->pb, (const uint8_t *)buffer_text(&muxer->id3),
                   (int)muxer->id3.size);
    int code = avformat_write_header(muxer->context, &muxer->options);
    if (code < 0)
        return failed(muxer, code, err);
    return !muxer->cover || write_cover(muxer, err);
}

/* Vorbis's priming packet has the time of the next. */
static bool goes_back(const struct muxer *muxer, const AVPacket *packet)
{
    if (packet->dts == AV_NOPTS_VALUE || muxer->last_time == AV_NOPTS_VALUE)
        return false;
    bool primes = packet->flags & AV_PKT_FLAG_DISCARD;
    return packet->dts < muxer->last_time || (primes && packet->dts == muxer->last_time);
}

bool muxer_write(struct muxer *muxer, AVPacket *packet, AVRational base, struct error *err)
{
    if (goes_back(muxer, packet)) {
        av_packet_unref(packet);
        return true;
    }
    muxer->last_time = packet->dts;
    av_packet_rescale_ts(packet, base, muxer->stream->time_base);
    packet->stream_index = muxer->stream->index;
    packet->pos = -1;
    int code = av_write_frame(muxer->context, packet);
    av_packet_unref(packet);
    return code >= 0 || failed(muxer, code, err);
}

bool muxer_flush(struct muxer *muxer, struct error *err)
{
    int code = av_write_frame(muxer->context, NULL);
    return code >= 0 || failed(muxer, code, err);
}

/* A chunk of a RIFF, and the size of the whole in its header (in RF64, that of its first chunk: EBU
 * Tech 3306) corrected. */
static bool append_id3_chunk(struct muxer *muxer, struct error *err)
{
    struct output *output = muxer->output;
    struct buffer *tag = &muxer->id3;
    uint8_t head[8] = {'i', 'd', '3', ' '}, form[4];
    size_t got = 0;
    if (tag->size % 2)
        buffer_append_byte(tag, 0);
    AV_WL32(head + 4, (uint32_t)tag->size);
    output_seek(output, output_size(output));
    if (!output_write(output, head, sizeof head, err) ||
        !output_write(output, tag->data, tag->size, err) ||
        !output_read_at(output, 0, form, sizeof form, &got, err))
        return false;
    bool large = memcmp(form, "RF64", sizeof form) == 0;
    uint8_t size[8];
    AV_WL64(size, (uint64_t)output_size(output) - 8);
    output_seek(output, large ? 20 : 4);
    return output_write(output, size, large ? 8 : 4, err);
}

bool muxer_end(struct muxer *muxer, struct error *err)
{
    int code = av_write_trailer(muxer->context);
    avio_flush(muxer->context->pb);
    if (code < 0 || avio_failed(muxer->context->pb))
        return failed(muxer, code, err);
    bool chunk = muxer->container->id3 == ID3_CHUNK && muxer->id3.size > 0;
    return !chunk || append_id3_chunk(muxer, err);
}
