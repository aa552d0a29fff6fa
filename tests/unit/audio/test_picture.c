/* SPDX-License-Identifier: MIT */
#include "audio/picture.h"

#include "test.h"

#define PNG_START "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"

static void test_sizes(void **state)
{
    static const struct {
        struct slice data;
        int width, height; /* 0: it does not say */
    } rows[] = {
        {{PNG_START "\0\0\1\x40\0\0\0\xf0\x08\2\0\0\0", 29}, 320, 240},
        {{PNG_START "\0\1\0\0\0\0\0\xf0\x08\2\0\0\0", 29}, 0, 0}, /* 65536 wide */
        {{PNG_START "\0\0\0\0\0\0\0\xf0\x08\2\0\0\0", 29}, 0, 0},
        {{PNG_START "\0\0\1\x40\0\0\0", 23}, 0, 0},
        {{"\xff\xd8\xff\xe0\0\4ab\xff\xc0\0\x0b\x08\0\xf0\1\x40\1", 18}, 320, 240},
        {{"\xff\xd8\xff\xc4\0\4ab\xff\xc2\0\x0b\x08\0\xf0\1\x40\1", 18}, 320, 240},
        {{"\xff\xd8\xff\xe0\xff\xffzzzzzzzzzz", 16}, 0, 0}, /* a segment past the end */
        {{"\xff\xd8\xff\xc0\0\x0b\x08\0", 8}, 0, 0},
        {{"\xff\xd8", 2}, 0, 0},
        {{"GIF89a.................", 23}, 0, 0},
        {{"", 0}, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct picture picture = {(const uint8_t *)rows[i].data.data, rows[i].data.size, NULL};
        int width = 0, height = 0;
        assert_int_equal(picture_size(&picture, &width, &height), rows[i].width > 0);
        assert_int_equal(width, rows[i].width);
        assert_int_equal(height, rows[i].height);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sizes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
