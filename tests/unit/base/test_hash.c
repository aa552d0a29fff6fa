/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include "base/memory.h"
#include "test.h"

/* FIPS 180-2, appendix B, and NIST's example values. */
static void test_known_vectors(void **state)
{
    static const struct {
        const char *text, *digest;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char digest[HASH_TEXT_SIZE];
        hash_bytes(rows[i].text, strlen(rows[i].text), digest);
        assert_string_equal(digest, rows[i].digest);
    }
}

static void test_pieces_are_the_whole(void **state)
{
    static const size_t steps[] = {1000000, 1, 55, 56, 63, 64, 65, 4096};
    (void)state;
    char *million = mem_alloc(1000000);
    memset(million, 'a', 1000000);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        char digest[HASH_TEXT_SIZE];
        struct hash *hash = hash_create();
        for (size_t done = 0; done < 1000000; done += steps[i]) {
            size_t left = 1000000 - done;
            hash_update(hash, million + done, left < steps[i] ? left : steps[i]);
            hash_update(hash, million, 0);
        }
        hash_finish(hash, digest);
        assert_string_equal(digest,
                            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
    free(million);
}

static void test_unfinished(void **state)
{
    (void)state;
    struct hash *hash = hash_create();
    hash_update(hash, "abc", 3);
    hash_destroy(hash);
    hash_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_vectors),
        cmocka_unit_test(test_pieces_are_the_whole),
        cmocka_unit_test(test_unfinished),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
