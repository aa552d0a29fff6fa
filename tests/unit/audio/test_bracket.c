/* SPDX-License-Identifier: MIT */
#include "audio/bracket.h"

#include "test.h"

#define SIZE   (INT64_C(100) * 1024 * 1024)
#define PACKET 1000 /* bytes */

/* Files of packets of one size, whose positions grow evenly, or faster and faster, or stand still
 * for the first half, or say nothing. */
static int64_t position_at(int kind, int64_t offset)
{
    int64_t packet = offset / PACKET;
    switch (kind) {
    case 0:
        return packet * 960;
    case 1:
        return packet * packet;
    case 2:
        return offset < SIZE / 2 ? packet : packet * 1000;
    default:
        return 0;
    }
}

static int looks_for(int kind, int64_t sought, int64_t *ret_low)
{
    struct bracket bracket = {0, SIZE, 0, position_at(kind, SIZE)};
    int step = 0;
    for (; !bracket_is_narrow(&bracket, sought); step++) {
        int64_t guess = bracket_guess(&bracket, sought, step);
        assert_true(guess > bracket.low && guess < bracket.high);
        int64_t packet = (guess + PACKET - 1) / PACKET * PACKET;
        if (packet < bracket.high && position_at(kind, packet) <= sought) {
            bracket.low = packet;
            bracket.low_position = position_at(kind, packet);
        } else {
            bracket.high = guess;
            bracket.high_position = position_at(kind, packet);
        }
        assert_true(step < 64);
    }
    *ret_low = bracket.low;
    return step;
}

static void test_few_looks_find_a_position(void **state)
{
    static const int most[] = {1, 16, 12, 24};
    (void)state;
    for (int kind = 0; kind < 4; kind++)
        for (int64_t offset = 0; offset < SIZE; offset += SIZE / 37) {
            int64_t sought = position_at(kind, offset), low = 0;
            int looks = looks_for(kind, sought, &low);
            assert_true(looks <= most[kind]);
            assert_true(position_at(kind, low) <= sought);
            if (kind == 0)
                assert_true(offset - low <= 64 * 1024);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_few_looks_find_a_position),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
