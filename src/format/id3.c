/* SPDX-License-Identifier: MIT */
#include "format/id3.h"

#include <string.h>

/* Tag header flags. */
#define TAG_UNSYNCHRONISED  0x80
#define TAG_EXTENDED        0x40 /* in 2.2 it means compression, of which no scheme was defined */
#define TAG_FOOTER          0x10
#define FRAME_HEADER_SIZE   10
#define FRAME_HEADER_SIZE22 6

/* Frame flags. */
#define V23_COMPRESSED     0x0080
#define V23_ENCRYPTED      0x0040
#define V23_GROUPED        0x0020
#define V24_GROUPED        0x0040
#define V24_COMPRESSED     0x0008
#define V24_ENCRYPTED      0x0004
#define V24_UNSYNCHRONISED 0x0002
#define V24_LENGTH_FOLLOWS 0x0001

void id3_tag_init(struct id3_tag *tag, enum id3_version version)
{
    *tag = (struct id3_tag){.arena = arena_create(), .version = version, .junk = SLICE("")};
}

void id3_tag_release(struct id3_tag *tag)
{
    arena_destroy(tag->arena);
    *tag = (struct id3_tag){0};
}

static uint32_t plain32(const uint8_t *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

/* Seven bits a byte, so that no size looks like the start of an MPEG frame. */
static bool is_synchsafe(const uint8_t *data)
{
    return ((data[0] | data[1] | data[2] | data[3]) & 0x80) == 0;
}

static uint32_t synchsafe32(const uint8_t *data)
{
    return (uint32_t)(data[0] & 0x7F) << 21 | (uint32_t)(data[1] & 0x7F) << 14 |
           (uint32_t)(data[2] & 0x7F) << 7 | (data[3] & 0x7F);
}

static void append_plain32(struct buffer *out, size_t number)
{
    const uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
                              (uint8_t)(number >> 8), (uint8_t)number};
    buffer_append(out, bytes, sizeof bytes);
}

static void append_synchsafe32(struct buffer *out, size_t number)
{
    const uint8_t bytes[4] = {number >> 21 & 0x7F, number >> 14 & 0x7F, number >> 7 & 0x7F,
                              number & 0x7F};
    buffer_append(out, bytes, sizeof bytes);
}

int64_t id3_size(const uint8_t *head, size_t size)
{
    if (size < ID3_HEADER_SIZE || memcmp(head, "ID3", 3) != 0 || head[3] < ID3_V22 ||
        head[3] > ID3_V24 || head[4] == 0xFF || !is_synchsafe(head + 6))
        return 0;
    bool footer = head[3] == ID3_V24 && (head[5] & TAG_FOOTER);
    return ID3_HEADER_SIZE + (int64_t)synchsafe32(head + 6) + (footer ? ID3_HEADER_SIZE : 0);
}

int64_t id3_size_at(struct source *source, int64_t offset)
{
    uint8_t head[ID3_HEADER_SIZE];
    size_t got;
    return source_read(source, offset, head, sizeof head, &got, NULL) ? id3_size(head, got) : 0;
}

/* Each FF 00 was FF before unsynchronisation. */
static struct slice undo_unsynchronisation(struct arena *arena, struct slice bytes)
{
    char *plain = arena_alloc(arena, bytes.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        plain[size++] = bytes.data[i];
        if ((uint8_t)bytes.data[i] == 0xFF && i + 1 < bytes.size && bytes.data[i + 1] == 0)
            i++;
    }
    return (struct slice){plain, size};
}

static bool is_id_char(char c)
{
    return (c >= 'A' && c <= 'Z') || byte_is_digit(c);
}

/* iTunes has put ids of version 2.2, filled up with a zero or blank, into tags of 2.3. */
static bool is_frame_id(const char *id, size_t size)
{
    if (!is_id_char(id[0]) || !is_id_char(id[1]) || !is_id_char(id[2]))
        return false;
    return size == 3 || is_id_char(id[3]) || id[3] == '\0' || id[3] == ' ';
}

/* Could a frame of this size end here: is it followed by the end, by padding or by a frame? */
static bool lands_well(struct slice bytes, uint64_t end)
{
    if (end >= bytes.size)
        return end == bytes.size;
    if (bytes.data[end] == '\0')
        return true;
    return bytes.size - end >= FRAME_HEADER_SIZE && is_frame_id(bytes.data + end, 4);
}

/* The size in the version's own way, or in the other's where only that one leads to a next frame:
 * iTunes and libavformat write plain sizes into tags of 2.4, others synchsafe ones into 2.3. */
static uint32_t frame_size(struct slice bytes, enum id3_version version, bool *ret_mistaken)
{
    const uint8_t *stored = (const uint8_t *)bytes.data + 4;
    bool safe = is_synchsafe(stored);
    uint32_t plain = plain32(stored), synchsafe = synchsafe32(stored);
    uint32_t right = version == ID3_V24 ? synchsafe : plain;
    uint32_t other = version == ID3_V24 ? plain : synchsafe;
    *ret_mistaken = false;
    if (version == ID3_V24 && !safe) {
        *ret_mistaken = true;
        return plain;
    }
    if (right == other || !safe || lands_well(bytes, (uint64_t)FRAME_HEADER_SIZE + right) ||
        !lands_well(bytes, (uint64_t)FRAME_HEADER_SIZE + other))
        return right;
    *ret_mistaken = true;
    return other;
}

bool id3_take_frame(struct slice *bytes, enum id3_version version, struct id3_frame *ret_frame)
{
    if (bytes->size < FRAME_HEADER_SIZE || !is_frame_id(bytes->data, 4))
        return false;
    struct id3_frame frame = {0};
    uint32_t size = frame_size(*bytes, version, &frame.size_mistaken);
    if (size > bytes->size - FRAME_HEADER_SIZE)
        return false;
    memcpy(frame.id, bytes->data, 4);
    frame.flags = (uint16_t)((uint8_t)bytes->data[8] << 8 | (uint8_t)bytes->data[9]);
    frame.body = (struct slice){bytes->data + FRAME_HEADER_SIZE, size};
    *bytes = slice_from(*bytes, FRAME_HEADER_SIZE + (size_t)size);
    *ret_frame = frame;
    return true;
}

static bool take_frame22(struct slice *bytes, struct id3_frame *ret_frame)
{
    if (bytes->size < FRAME_HEADER_SIZE22 || !is_frame_id(bytes->data, 3))
        return false;
    const uint8_t *stored = (const uint8_t *)bytes->data + 3;
    size_t size = (size_t)stored[0] << 16 | (size_t)stored[1] << 8 | stored[2];
    if (size > bytes->size - FRAME_HEADER_SIZE22)
        return false;
    struct id3_frame frame = {.body = {bytes->data + FRAME_HEADER_SIZE22, size}};
    memcpy(frame.id, bytes->data, 3);
    *bytes = slice_from(*bytes, FRAME_HEADER_SIZE22 + size);
    *ret_frame = frame;
    return true;
}

/* Passes over the extended header; one that makes no sense is left, to be found to be junk. */
static void skip_extended(struct slice *bytes, enum id3_version version)
{
    if (bytes->size < 6)
        return;
    const uint8_t *data = (const uint8_t *)bytes->data;
    uint64_t size = version == ID3_V24 ? synchsafe32(data) : (uint64_t)plain32(data) + 4;
    if (size >= 6 && size <= bytes->size)
        *bytes = slice_from(*bytes, (size_t)size);
}

static struct id3_frame *new_frame(struct id3_tag *tag)
{
    tag->frames =
        arena_grow(tag->arena, tag->frames, &tag->capacity, tag->count + 1, sizeof *tag->frames);
    tag->frames[tag->count] = (struct id3_frame){0};
    return &tag->frames[tag->count++];
}

static size_t zeros_at_end(struct slice bytes)
{
    size_t size = bytes.size;
    while (size && bytes.data[size - 1] == '\0')
        size--;
    return bytes.size - size;
}

static void read_frames(struct id3_tag *tag, struct slice rest, uint8_t flags)
{
    struct id3_frame frame;
    while (tag->version == ID3_V22 ? take_frame22(&rest, &frame)
                                   : id3_take_frame(&rest, tag->version, &frame)) {
        /* In 2.4 it is said per frame too; those who look at one place only shall find it. */
        if (tag->version == ID3_V24 && (flags & TAG_UNSYNCHRONISED))
            frame.flags |= V24_UNSYNCHRONISED;
        *new_frame(tag) = frame;
    }
    tag->padding = (int64_t)zeros_at_end(rest);
    tag->junk = slice_first(rest, rest.size - (size_t)tag->padding);
}

/* What stands behind the header, as it was before the tag as a whole was changed. */
static bool read_body(struct id3_tag *tag, struct source *source, int64_t offset, uint8_t flags,
                      size_t size, struct error *err)
{
    char *data = arena_alloc(tag->arena, size + 1);
    if (!source_read_exactly(source, offset, data, size, err))
        return false;
    struct slice body = {data, size};
    if (tag->version != ID3_V24 && (flags & TAG_UNSYNCHRONISED))
        body = undo_unsynchronisation(tag->arena, body);
    if (tag->version != ID3_V22 && (flags & TAG_EXTENDED))
        skip_extended(&body, tag->version);
    read_frames(tag, body, flags);
    return true;
}

bool id3_read(struct source *source, int64_t offset, struct id3_tag *ret_tag, struct error *err)
{
    uint8_t head[ID3_HEADER_SIZE];
    size_t got;
    if (!source_read(source, offset, head, sizeof head, &got, err))
        return false;
    struct id3_tag tag;
    id3_tag_init(&tag, ID3_V23);
    tag.file_size = id3_size(head, got);
    bool read = true;
    if (tag.file_size > source->size - offset) {
        read = error_set(err, ERROR_INPUT, "%s: the ID3 tag is said to be larger than the file",
                         source->name);
    } else if (tag.file_size) {
        tag.version = head[3];
        read =
            read_body(&tag, source, offset + ID3_HEADER_SIZE, head[5], synchsafe32(head + 6), err);
    }
    if (read)
        *ret_tag = tag;
    else
        id3_tag_release(&tag);
    return read;
}

/* id3v2.3.0, section 4.; id3v2-00, section 4.; and what iTunes has added to both, for podcasts,
 * sorting and works. What has no row has no counterpart. */
static const struct {
    char old[4], new[5];
} renamed[] = {
    {"BUF", "RBUF"}, {"CNT", "PCNT"}, {"COM", "COMM"}, {"CRA", "AENC"}, {"ETC", "ETCO"},
    {"GEO", "GEOB"}, {"IPL", "IPLS"}, {"MCI", "MCDI"}, {"MLL", "MLLT"}, {"PIC", "APIC"},
    {"POP", "POPM"}, {"REV", "RVRB"}, {"RVA", "RVAD"}, {"SLT", "SYLT"}, {"STC", "SYTC"},
    {"TAL", "TALB"}, {"TBP", "TBPM"}, {"TCM", "TCOM"}, {"TCO", "TCON"}, {"TCP", "TCMP"},
    {"TCR", "TCOP"}, {"TDA", "TDAT"}, {"TDY", "TDLY"}, {"TEN", "TENC"}, {"TFT", "TFLT"},
    {"TIM", "TIME"}, {"TKE", "TKEY"}, {"TLA", "TLAN"}, {"TLE", "TLEN"}, {"TMT", "TMED"},
    {"TOA", "TOPE"}, {"TOF", "TOFN"}, {"TOL", "TOLY"}, {"TOR", "TORY"}, {"TOT", "TOAL"},
    {"TP1", "TPE1"}, {"TP2", "TPE2"}, {"TP3", "TPE3"}, {"TP4", "TPE4"}, {"TPA", "TPOS"},
    {"TPB", "TPUB"}, {"TRC", "TSRC"}, {"TRD", "TRDA"}, {"TRK", "TRCK"}, {"TSI", "TSIZ"},
    {"TSS", "TSSE"}, {"TT1", "TIT1"}, {"TT2", "TIT2"}, {"TT3", "TIT3"}, {"TXT", "TEXT"},
    {"TXX", "TXXX"}, {"TYE", "TYER"}, {"UFI", "UFID"}, {"ULT", "USLT"}, {"WAF", "WOAF"},
    {"WAR", "WOAR"}, {"WAS", "WOAS"}, {"WCM", "WCOM"}, {"WCP", "WCOP"}, {"WPB", "WPUB"},
    {"WXX", "WXXX"}, {"GP1", "GRP1"}, {"MVI", "MVIN"}, {"MVN", "MVNM"}, {"PCS", "PCST"},
    {"TCT", "TCAT"}, {"TDR", "TDRL"}, {"TDS", "TDES"}, {"TID", "TGID"}, {"TS2", "TSO2"},
    {"TSA", "TSOA"}, {"TSC", "TSOC"}, {"TSP", "TSOP"}, {"TST", "TSOT"}, {"WFD", "WFED"},
};

static const char *new_id(const char *old)
{
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++)
        if (memcmp(renamed[i].old, old, 3) == 0)
            return renamed[i].new;
    return NULL;
}

/* PIC has three letters ("JPG", "PNG", "-->") where APIC has a type. */
static bool upgrade_picture(struct arena *arena, struct slice *body)
{
    if (body->size < 5)
        return false;
    struct slice format = {body->data + 1, 3};
    const char *type = slice_equal_nocase(format, SLICE("PNG"))   ? "image/png"
                       : slice_equal_nocase(format, SLICE("JPG")) ? "image/jpeg"
                       : slice_equal(format, SLICE("-->"))        ? "-->"
                                                                  : "image/";
    struct buffer out = BUFFER_INIT(BUFFER_UNBOUNDED);
    buffer_append_byte(&out, body->data[0]);
    buffer_append(&out, type, strlen(type) + 1);
    buffer_append_slice(&out, slice_from(*body, 4));
    *body = (struct slice){arena_strndup(arena, out.data, out.size), out.size};
    buffer_release(&out);
    return true;
}

bool id3_upgrade(struct id3_tag *tag, const char *name, struct error *err)
{
    if (tag->version != ID3_V22)
        return true;
    if (tag->junk.size)
        return error_set(err, ERROR_INPUT,
                         "%s: has an ID3v2.2 tag with %zu bytes in it that are no frame; save its "
                         "tags anew first",
                         name, tag->junk.size);
    for (size_t i = 0; i < tag->count; i++)
        if (!new_id(tag->frames[i].id))
            return error_set(err, ERROR_UNSUPPORTED,
                             "%s: has an ID3v2.2 tag with a %s frame, which newer versions do not "
                             "have; remove it first",
                             name, tag->frames[i].id);
    for (size_t i = 0; i < tag->count; i++) {
        struct id3_frame *frame = &tag->frames[i];
        if (strcmp(frame->id, "PIC") == 0)
            upgrade_picture(tag->arena, &frame->body);
        memcpy(frame->id, new_id(frame->id), sizeof frame->id);
    }
    tag->version = ID3_V23;
    return true;
}

const struct id3_frame *id3_find(const struct id3_tag *tag, const char *id)
{
    for (size_t i = 0; i < tag->count; i++)
        if (strcmp(tag->frames[i].id, id) == 0)
            return &tag->frames[i];
    return NULL;
}

void id3_remove(struct id3_tag *tag, const char *id)
{
    size_t kept = 0;
    for (size_t i = 0; i < tag->count; i++)
        if (strcmp(tag->frames[i].id, id) != 0)
            tag->frames[kept++] = tag->frames[i];
    tag->count = kept;
}

void id3_add(struct id3_tag *tag, const char *id, struct slice body)
{
    struct id3_frame *frame = new_frame(tag);
    memcpy(frame->id, id, strnlen(id, sizeof frame->id - 1));
    frame->body = (struct slice){arena_strndup(tag->arena, body.data, body.size), body.size};
}

static void append_frame(struct buffer *out, enum id3_version version, const char *id,
                         uint16_t flags, struct slice body)
{
    const uint8_t flag_bytes[2] = {(uint8_t)(flags >> 8), (uint8_t)flags};
    buffer_append(out, id, 4);
    if (version == ID3_V24)
        append_synchsafe32(out, body.size);
    else
        append_plain32(out, body.size);
    buffer_append(out, flag_bytes, sizeof flag_bytes);
    buffer_append_slice(out, body);
}

void id3_append_frame(struct buffer *out, enum id3_version version, const char *id,
                      struct slice body)
{
    append_frame(out, version, id, 0, body);
}

static size_t content_size(const struct id3_tag *tag)
{
    size_t size = tag->junk.size;
    for (size_t i = 0; i < tag->count; i++)
        size += FRAME_HEADER_SIZE + tag->frames[i].body.size;
    return size;
}

bool id3_write(const struct id3_tag *tag, size_t padding, struct buffer *out)
{
    size_t content = content_size(tag);
    if (content > ID3_MAX_SIZE || padding > ID3_MAX_SIZE - content)
        return false;
    const uint8_t head[6] = {'I', 'D', '3', (uint8_t)tag->version, 0, 0};
    buffer_append(out, head, sizeof head);
    append_synchsafe32(out, content + padding);
    for (size_t i = 0; i < tag->count; i++) {
        const struct id3_frame *frame = &tag->frames[i];
        append_frame(out, tag->version, frame->id, frame->flags, frame->body);
    }
    buffer_append_slice(out, tag->junk);
    buffer_extend(out, padding);
    return !buffer_overflowed(out);
}

bool id3_content(struct arena *arena, enum id3_version version, const struct id3_frame *frame,
                 struct slice *ret_content)
{
    bool v24 = version == ID3_V24;
    uint16_t unreadable = v24 ? V24_COMPRESSED | V24_ENCRYPTED : V23_COMPRESSED | V23_ENCRYPTED;
    size_t ahead = 0;
    if (version != ID3_V22) {
        if (frame->flags & unreadable)
            return false;
        ahead += frame->flags & (v24 ? V24_GROUPED : V23_GROUPED) ? 1 : 0;
        ahead += v24 && (frame->flags & V24_LENGTH_FOLLOWS) ? 4 : 0;
    }
    if (ahead > frame->body.size)
        return false;
    struct slice content = slice_from(frame->body, ahead);
    if (v24 && (frame->flags & V24_UNSYNCHRONISED))
        content = undo_unsynchronisation(arena, content);
    *ret_content = content;
    return true;
}
