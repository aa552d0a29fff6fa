/* SPDX-License-Identifier: MIT */
#include "audio/muxer.h"

#include <stdlib.h>
#include <string.h>

#include <libavutil/base64.h>
#include <libavutil/dict.h>

#include "audio/avio.h"
#include "audio/picture.h"
#include "base/buffer.h"

/* How a container holds what is no sound. */
enum cover_way {
    COVER_NONE,
    COVER_STREAM,     /* a stream with one packet */
    COVER_COMMENT,    /* METADATA_BLOCK_PICTURE of Vorbis comments */
    COVER_ATTACHMENT, /* Matroska's attached files */
};

enum chapter_way {
    CHAPTERS_NONE,
    CHAPTERS_NATIVE,  /* libavformat's own list */
    CHAPTERS_COMMENT, /* CHAPTER000=00:00:00.000, which it writes wrongly or not at all */
};

static const struct container {
    const char *extension, *muxer;
    enum cover_way cover;
    enum chapter_way chapters;
} containers[] = {
    {"mp3", "mp3", COVER_STREAM, CHAPTERS_NATIVE},
    {"m4a", "ipod", COVER_STREAM, CHAPTERS_NATIVE},
    {"opus", "opus", COVER_COMMENT, CHAPTERS_COMMENT},
    {"ogg", "ogg", COVER_COMMENT, CHAPTERS_COMMENT},
    {"flac", "flac", COVER_STREAM, CHAPTERS_COMMENT},
    {"wav", "wav", COVER_NONE, CHAPTERS_NONE},
    {"mka", "matroska", COVER_ATTACHMENT, CHAPTERS_NATIVE},
};

struct muxer {
    const struct container *container;
    AVFormatContext *context;
    AVStream *stream, *cover;
    AVDictionary *options;
    struct output *output;
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
    free(muxer);
}

AVStream *muxer_stream(struct muxer *muxer)
{
    return muxer->stream;
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
    case COVER_NONE:
        break;
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

static void add_native_chapters(struct muxer *muxer, const struct chapter_list *list)
{
    AVFormatContext *context = muxer->context;
    context->chapters = mem_present(av_calloc(list->count, sizeof *context->chapters));
    for (size_t i = 0; i < list->count; i++) {
        AVChapter *chapter = mem_present(av_mallocz(sizeof *chapter));
        chapter->id = (int64_t)i;
        chapter->time_base = (AVRational){1, 1000};
        chapter->start = list->items[i].start;
        chapter->end = list->items[i].end;
        set(&chapter->metadata, "title", list->items[i].title ? list->items[i].title : "-");
        context->chapters[context->nb_chapters++] = chapter;
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
    if (list->count == 0)
        return;
    if (muxer->container->chapters == CHAPTERS_NATIVE)
        add_native_chapters(muxer, list);
    else if (muxer->container->chapters == CHAPTERS_COMMENT)
        add_comment_chapters(muxer, list);
}

static bool failed(struct muxer *muxer, int code, struct error *err)
{
    return avio_error(muxer->context->pb, code, err, "cannot be written");
}

static bool write_cover(struct muxer *muxer, const struct picture *picture, struct error *err)
{
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

bool muxer_begin(struct muxer *muxer, const struct tags *tags, const struct chapter_list *chapters,
                 struct error *err)
{
    if (tags)
        set_texts(muxer, tags);
    if (tags)
        add_cover(muxer, tags->cover);
    add_chapters(muxer, chapters);
    int code = avformat_write_header(muxer->context, &muxer->options);
    if (code < 0)
        return failed(muxer, code, err);
    return !muxer->cover || write_cover(muxer, tags->cover, err);
}

bool muxer_write(struct muxer *muxer, AVPacket *packet, AVRational base, struct error *err)
{
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

bool muxer_end(struct muxer *muxer, struct error *err)
{
    int code = av_write_trailer(muxer->context);
    avio_flush(muxer->context->pb);
    if (code < 0 || avio_failed(muxer->context->pb))
        return failed(muxer, code, err);
    return true;
}
