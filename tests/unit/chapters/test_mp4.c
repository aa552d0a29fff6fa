/* SPDX-License-Identifier: MIT */
#include "chapters/chapters.h"
#include "format/mp4_box.h"

#include "files.h"

#define CHUNK      1000
#define CHUNKS     10
#define MOVIE_RATE 600

static void append_full(struct buffer *out, const char *type, size_t size)
{
    size_t place = box_begin(out, type);
    buffer_extend(out, size);
    box_end(out, place);
}

static void append_sample_table(struct buffer *out, uint32_t first_chunk, bool wide)
{
    size_t table = box_begin(out, "stbl");
    size_t place = box_begin(out, "stsd");
    box_append_u32(out, 0);
    box_append_u32(out, 1);
    append_full(out, "mp4a", 28);
    box_end(out, place);
    place = box_begin(out, "stts");
    box_append_u32(out, 0);
    box_append_u32(out, 1);
    box_append_u32(out, CHUNKS);
    box_append_u32(out, 44100);
    box_end(out, place);
    place = box_begin(out, wide ? "co64" : "stco");
    box_append_u32(out, 0);
    box_append_u32(out, CHUNKS);
    for (uint32_t i = 0; i < CHUNKS; i++) {
        if (wide)
            box_append_u32(out, 0);
        box_append_u32(out, first_chunk + i * CHUNK);
    }
    box_end(out, place);
    box_end(out, table);
}

/* Ten seconds of a sound track in CHUNKS pieces from `first_chunk` on, with a foreign box. */
static void append_moov(struct buffer *out, uint32_t first_chunk, bool wide)
{
    size_t moov = box_begin(out, "moov"), place = box_begin(out, "mvhd");
    buffer_extend(out, 12);
    box_append_u32(out, MOVIE_RATE);
    box_append_u32(out, 10 * MOVIE_RATE);
    buffer_extend(out, 76);
    box_append_u32(out, 2);
    box_end(out, place);
    size_t track = box_begin(out, "trak");
    place = box_begin(out, "tkhd");
    buffer_extend(out, 12);
    box_append_u32(out, 1);
    buffer_extend(out, 68);
    box_end(out, place);
    size_t media = box_begin(out, "mdia");
    place = box_begin(out, "mdhd");
    buffer_extend(out, 12);
    box_append_u32(out, 44100);
    box_append_u32(out, 441000);
    buffer_extend(out, 4);
    box_end(out, place);
    place = box_begin(out, "hdlr");
    buffer_extend(out, 8);
    buffer_append_text(out, "soun");
    buffer_extend(out, 13);
    box_end(out, place);
    size_t information = box_begin(out, "minf");
    append_sample_table(out, first_chunk, wide);
    box_end(out, information);
    box_end(out, media);
    box_end(out, track);
    size_t data = box_begin(out, "udta");
    append_full(out, "xyz!", 50);
    box_end(out, data);
    box_end(out, moov);
}

/* How an mdat says its size. */
enum media {
    PLAIN_MEDIA,
    LARGE_MEDIA, /* in 64 bits */
    OPEN_MEDIA,  /* not at all: to the file's end */
};

static void append_media(struct buffer *out, enum media media)
{
    size_t size = CHUNKS * CHUNK;
    box_append_u32(out, media == PLAIN_MEDIA ? size + 8 : media == LARGE_MEDIA ? 1 : 0);
    buffer_append_text(out, "mdat");
    if (media == LARGE_MEDIA)
        box_append_u64(out, size + 16);
    for (size_t i = 0; i < size; i++)
        buffer_append_byte(out, (char)(i / CHUNK + 1));
}

static void make_file_of(struct buffer *out, bool moov_first, bool wide, enum media media)
{
    size_t place = box_begin(out, "ftyp");
    buffer_append_text(out, "M4A ");
    buffer_extend(out, 4);
    box_end(out, place);
    struct buffer moov = BUFFER_INIT(BUFFER_UNBOUNDED);
    append_moov(&moov, 0, wide);
    uint32_t header = media == LARGE_MEDIA ? 16 : 8;
    uint32_t first = (uint32_t)(out->size + (moov_first ? moov.size : 0)) + header;
    buffer_release(&moov);
    if (!moov_first)
        append_media(out, media);
    append_moov(out, first, wide);
    if (moov_first)
        append_media(out, media);
}

static void make_file(struct buffer *out, bool moov_first, bool wide)
{
    make_file_of(out, moov_first, wide, PLAIN_MEDIA);
}

static void add_chapters(struct chapter_list *list, size_t count, millis first, bool linked)
{
    static const uint8_t picture_bytes[] = "\xFF\xD8\xFF\xC0\0\x11\x08\0\x20\0\x40rest";
    const struct picture picture = {
        .data = picture_bytes, .size = sizeof picture_bytes, .type = "image/jpeg"};
    chapter_list_init(list);
    for (size_t i = 0; i < count; i++)
        chapter_list_add(list, &(struct chapter){
                                   .start = first + (millis)i * 20,
                                   .end = MILLIS_NONE,
                                   .title = i % 2 ? "Übermut" : "Anfang ❤️",
                                   .link = linked && i % 3 == 0 ? "https://example.org/x" : NULL,
                                   .picture = linked && i % 4 == 1 ? &picture : NULL,
                               });
}

static void assert_chapters(const char *path, const struct chapter_list *expected)
{
    struct error err = ERROR_INIT;
    struct source *source = source_open_file(path, &err);
    struct chapters read;
    assert_true(chapters_read(source, &read, &err));
    assert_string_equal(read.container, "mp4");
    assert_int_equal(read.duration, 10000);
    assert_int_equal(read.list.count, expected->count);
    for (size_t i = 0; i < expected->count; i++) {
        const struct chapter *a = &read.list.items[i], *b = &expected->items[i];
        assert_int_equal(a->start, b->start);
        assert_int_equal(a->end, i + 1 < expected->count ? expected->items[i + 1].start : 10000);
        assert_string_equal(a->title, b->title);
        assert_int_equal(!a->link, !b->link);
        if (b->link)
            assert_string_equal(a->link, b->link);
        assert_int_equal(!a->picture, !b->picture);
        if (b->picture)
            assert_memory_equal(a->picture->data, b->picture->data, b->picture->size);
    }
    chapters_release(&read);
    source_destroy(source);
}

/* Each of the sound track's chunks is where the table says, and the foreign box is there. */
static void assert_audio(const char *path, bool moov_first)
{
    struct buffer bytes = file_bytes(path);
    struct slice file = buffer_slice(&bytes);
    struct slice moov = box_child(file, "moov");
    struct arena *arena = arena_create();
    size_t count;
    struct track *tracks = tracks_read(arena, moov, &count);
    assert_true(count >= 1);
    struct chunk_offsets chunks = track_chunks(&tracks[0]);
    assert_int_equal(chunks.count, CHUNKS);
    for (size_t i = 0; i < CHUNKS; i++) {
        uint64_t offset = chunk_offset(&chunks, i);
        for (size_t k = 0; k < CHUNK; k++)
            assert_int_equal(bytes.data[offset + k], i + 1);
        assert_int_equal(chunk_offset(&chunks, 0) > (uint64_t)(moov.data - file.data), moov_first);
    }
    assert_int_equal(box_path(moov, "udta/xyz!").size, 50);
    assert_int_equal(box_u32(box_child(moov, "mvhd"), 96), count + 1);
    arena_destroy(arena);
    buffer_release(&bytes);
}

static void write_and_check(const char *path, size_t count, millis first, bool linked,
                            bool moov_first)
{
    struct error err = ERROR_INIT;
    struct chapter_list list;
    enum chapters_way way;
    add_chapters(&list, count, first, linked);
    assert_true(chapters_write(path, &list, NULL, NULL, &way, &err));
    assert_no_error(err);
    assert_chapters(path, &list);
    assert_audio(path, moov_first);
    chapter_list_release(&list);
}

static void test_write_again_and_again(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        bool moov_first = kind & 1, wide = kind & 2;
        struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
        make_file(&bytes, moov_first, wide);
        char *path = new_file("a.m4a", bytes.data, bytes.size);
        write_and_check(path, 20, 0, false, moov_first);
        write_and_check(path, 3, 1234, true, moov_first);
        write_and_check(path, 400, 1, true, moov_first);
        write_and_check(path, 1, 0, true, moov_first);
        write_and_check(path, 0, 0, true, moov_first);
        drop_file(path);
        buffer_release(&bytes);
    }
}

/* The boxes of a file whose mdat is the last one: "ftyp moov free mdat". */
static char *layout(const char *path)
{
    struct buffer bytes = file_bytes(path), names = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct slice rest = buffer_slice(&bytes);
    struct box box;
    while (box_take(&rest, &box))
        buffer_append_format(&names, "%s%s", names.size ? " " : "", box.type);
    if (rest.size) {
        assert_memory_equal(rest.data, "\0\0\0\0mdat", 8);
        buffer_append_text(&names, " open");
    }
    buffer_release(&bytes);
    return buffer_detach(&names);
}

static void assert_layout(const char *path, const char *expected)
{
    char *found = layout(path);
    assert_string_equal(found, expected);
    free(found);
}

/* Where the moov is first, the chapters' samples live at the head of the audio's own mdat, and make
 * room for the next ones. */
static void test_samples_share_the_mdat(void **state)
{
    (void)state;
    for (int media = PLAIN_MEDIA; media <= OPEN_MEDIA; media++) {
        const char *expected = media == OPEN_MEDIA ? "ftyp moov free open" : "ftyp moov free mdat";
        struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
        make_file_of(&bytes, true, false, (enum media)media);
        char *path = new_file("a.m4a", bytes.data, bytes.size);
        write_and_check(path, 20, 0, true, true);
        assert_layout(path, expected);
        int64_t size = file_size(path);
        for (int i = 0; i < 5; i++) {
            write_and_check(path, i % 2 ? 20 : 25, i, true, true);
            assert_layout(path, expected);
        }
        assert_int_equal(file_size(path), size);
        write_and_check(path, 0, 0, false, true);
        assert_int_equal(file_size(path), size);
        drop_file(path);
        buffer_release(&bytes);
    }
}

/* What no sample claims is not ours to overwrite, wherever it is. */
static void test_unknown_bytes_of_the_mdat_stay(void **state)
{
    (void)state;
    static const char secret[] = "a secret that no table knows of";
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED), media = BUFFER_INIT(BUFFER_UNBOUNDED);
    make_file(&bytes, true, false);
    size_t start = bytes.size - CHUNKS * CHUNK - 8;
    buffer_append(&media, bytes.data + start + 8, CHUNKS * CHUNK);
    buffer_truncate(&bytes, 16);
    append_moov(&bytes, (uint32_t)(start + 8 + 8 + sizeof secret), false);
    append_full(&bytes, "wide", 0);
    size_t place = box_begin(&bytes, "mdat");
    buffer_append(&bytes, secret, sizeof secret);
    buffer_append_slice(&bytes, buffer_slice(&media));
    box_end(&bytes, place);
    char *path = new_file("a.m4a", bytes.data, bytes.size);
    for (size_t count = 0; count < 60; count += 20) {
        write_and_check(path, count, 0, true, true);
        struct buffer now = file_bytes(path);
        assert_memory_equal(now.data + now.size - CHUNKS * CHUNK - sizeof secret, secret,
                            sizeof secret);
        buffer_release(&now);
    }
    drop_file(path);
    buffer_release(&media);
    buffer_release(&bytes);
}

/* The same moov, with its udta behind all tracks. */
static void move_user_data_to_the_end(const char *path)
{
    struct buffer bytes = file_bytes(path), moov = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct slice whole = buffer_slice(&bytes), body = box_child(whole, "moov"), rest = body;
    struct box box, data = {.whole = {"", 0}};
    while (box_take(&rest, &box)) {
        if (box_is(&box, "udta"))
            data = box;
        else
            buffer_append_slice(&moov, box.whole);
    }
    buffer_append_slice(&moov, data.whole);
    memcpy(bytes.data + (body.data - whole.data), moov.data, moov.size);
    struct error err = ERROR_INIT;
    assert_true(file_write(path, bytes.data, bytes.size, &err));
    buffer_release(&moov);
    buffer_release(&bytes);
}

/* How many tracks stand before the udta: the last of them gets the encoder delay that it holds. */
static int tracks_before_user_data(const char *path)
{
    struct buffer bytes = file_bytes(path);
    struct slice rest = box_child(buffer_slice(&bytes), "moov");
    struct box box;
    int count = 0;
    while (box_take(&rest, &box) && !box_is(&box, "udta"))
        count += box_is(&box, "trak");
    buffer_release(&bytes);
    return count;
}

static void test_the_encoder_delay_stays_where_it_was(void **state)
{
    (void)state;
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    make_file(&bytes, true, false);
    char *path = new_file("a.m4a", bytes.data, bytes.size);
    write_and_check(path, 5, 0, false, true);
    assert_int_equal(tracks_before_user_data(path), 1);
    write_and_check(path, 0, 0, false, true);
    assert_int_equal(tracks_before_user_data(path), 1);

    write_and_check(path, 5, 0, false, true);
    move_user_data_to_the_end(path);
    write_and_check(path, 9, 0, false, true);
    assert_int_equal(tracks_before_user_data(path), 2);
    write_and_check(path, 0, 0, false, true);
    assert_int_equal(tracks_before_user_data(path), 0);
    write_and_check(path, 9, 0, false, true);
    assert_int_equal(tracks_before_user_data(path), 0);
    drop_file(path);
    buffer_release(&bytes);
}

static void test_stripping_what_has_none_changes_nothing(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    make_file(&bytes, true, false);
    char *path = new_file("a.m4a", bytes.data, bytes.size);
    struct chapter_list list;
    enum chapters_way way;
    add_chapters(&list, 0, 0, false);
    assert_true(chapters_write(path, &list, NULL, NULL, &way, &err));
    assert_int_equal(way, CHAPTERS_UNCHANGED);
    assert_file(path, bytes.data, bytes.size);
    chapter_list_release(&list);
    drop_file(path);
    buffer_release(&bytes);
}

static void check_refused(struct buffer *bytes, enum error_kind kind, const char *part)
{
    struct error err = ERROR_INIT;
    char *path = new_file("a.m4a", bytes->data, bytes->size);
    struct chapter_list list;
    enum chapters_way way;
    add_chapters(&list, 2, 0, false);
    assert_false(chapters_write(path, &list, NULL, NULL, &way, &err));
    assert_error(err, kind, part);
    assert_file(path, bytes->data, bytes->size);
    chapter_list_release(&list);
    drop_file(path);
}

/* Samples that all claim the same bytes of a small file would fill the memory. */
static void test_samples_are_no_more_than_the_file(void **state)
{
    (void)state;
    struct error err = ERROR_INIT;
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    make_file(&bytes, true, false);
    char *path = new_file("a.m4a", bytes.data, bytes.size);
    write_and_check(path, 400, 0, false, true);
    buffer_release(&bytes);
    bytes = file_bytes(path);
    size_t at = slice_find(buffer_slice(&bytes), SLICE("stsz"));
    assert_true(at != SIZE_MAX);
    bytes.data[at + 10] = 0x0F; /* all of 3,840 bytes */
    assert_true(file_write(path, bytes.data, bytes.size, &err));
    struct source *source = source_open_file(path, &err);
    struct chapters read;
    assert_true(chapters_read(source, &read, &err));
    size_t titles = 0;
    for (size_t i = 0; i < read.list.count; i++)
        titles += read.list.items[i].title && *read.list.items[i].title ? 1 : 0;
    assert_in_range(titles, 1, bytes.size / 3840);
    chapters_release(&read);
    source_destroy(source);
    drop_file(path);
    buffer_release(&bytes);
}

static void test_refused(void **state)
{
    (void)state;
    struct buffer bytes = BUFFER_INIT(BUFFER_UNBOUNDED);
    make_file(&bytes, true, false);
    append_full(&bytes, "moof", 8);
    check_refused(&bytes, ERROR_UNSUPPORTED, "fragmented");
    buffer_truncate(&bytes, 16);
    check_refused(&bytes, ERROR_INPUT, "has no moov box");
    size_t moov = box_begin(&bytes, "moov");
    box_end(&bytes, moov);
    check_refused(&bytes, ERROR_INPUT, "mvhd");
    bytes.data[moov + 3] = 100;
    check_refused(&bytes, ERROR_INPUT, "damaged");
    buffer_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_again_and_again),
        cmocka_unit_test(test_samples_share_the_mdat),
        cmocka_unit_test(test_unknown_bytes_of_the_mdat_stay),
        cmocka_unit_test(test_the_encoder_delay_stays_where_it_was),
        cmocka_unit_test(test_stripping_what_has_none_changes_nothing),
        cmocka_unit_test(test_samples_are_no_more_than_the_file),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
