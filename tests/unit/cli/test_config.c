/* SPDX-License-Identifier: MIT */
#include "cli/config.h"

#include <stdio.h>

#include "base/file.h"

#include "test.h"

static bool read_text(struct config *config, const char *text, struct error *err)
{
    static const char path[] = "config-under-test.toml";
    assert_true(file_write(path, text, strlen(text), NULL));
    bool read = config_read(config, path, err);
    assert_int_equal(remove(path), 0);
    return read;
}

static void test_episodes_and_headers(void **state)
{
    (void)state;
    struct config config;
    struct error err = ERROR_INIT;
    assert_true(read_text(&config,
                          "[episodes]\n"
                          "\"s01e01-one\" = \"audio/one.mp3\"\n"
                          "\"https://show.example/two\" = \"https://cdn.example/two.mp3\"\n"
                          "\"three\" = \"/srv/three.mp3\"\n"
                          "[headers]\n"
                          "\"feeds.example\" = \"Authorization: Bearer x\"\n",
                          &err));
    assert_int_equal(config.map_count, 3);
    assert_string_equal(config.maps[0], "s01e01-one=./audio/one.mp3");
    assert_string_equal(config.maps[1], "https://show.example/two=https://cdn.example/two.mp3");
    assert_string_equal(config.maps[2], "three=/srv/three.mp3");
    assert_int_equal(config.header_count, 1);
    assert_string_equal(config.headers[0].host, "feeds.example");
    assert_string_equal(config.headers[0].line, "Authorization: Bearer x");
    config_release(&config);
}

static void test_an_empty_file_is_a_configuration(void **state)
{
    (void)state;
    struct config config;
    struct error err = ERROR_INIT;
    assert_true(read_text(&config, "", &err));
    assert_int_equal(config.map_count, 0);
    config_release(&config);
}

static void test_what_is_wrong_is_told_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"[episodes]\n[episode]\na = \"b\"\n", "toml:2: 'episode' means nothing here"},
        {"length = 5\n", "'length' means nothing here"},
        {"[episodes]\n\na = 5\n", "toml:3: 'a' is no text in quotes"},
        {"[headers]\nhost = \"secret\"\n", "toml:2: the header for host is no"},
        {"[headers]\nhost = \"A: b\\r\\nC: d\"\n", "toml:2: the header for host is no"},
        {"[episodes\n", "toml:1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct config config;
        struct error err = ERROR_INIT;
        assert_false(read_text(&config, rows[i].text, &err));
        assert_error(err, ERROR_INPUT, rows[i].message);
    }
}

static void test_one_that_is_named_must_be_there(void **state)
{
    (void)state;
    struct config config;
    struct error err = ERROR_INIT;
    assert_false(config_read(&config, "nowhere.toml", &err));
    assert_error(err, ERROR_MISSING, "nowhere.toml: cannot be opened");
    assert_int_equal(setenv("XDG_CONFIG_HOME", "nowhere", 1), 0);
    assert_true(config_read(&config, NULL, &err));
    assert_int_equal(config.map_count, 0);
    config_release(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_episodes_and_headers),
        cmocka_unit_test(test_an_empty_file_is_a_configuration),
        cmocka_unit_test(test_what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(test_one_that_is_named_must_be_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
