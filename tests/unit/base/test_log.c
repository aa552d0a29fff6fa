/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include "base/buffer.h"
#include "test.h"

static void keep(void *context, enum log_level level, const char *message)
{
    buffer_append_format(context, "%d %s\n", (int)level, message);
}

static void test_levels(void **state)
{
    static const struct {
        enum log_level level;
        const char *said;
    } rows[] = {
        {LOG_WARNING, "0 a.md:7: odd\n"},
        {LOG_INFO, "0 a.md:7: odd\n1 cut 3 %s\n"},
        {LOG_DEBUG, "0 a.md:7: odd\n1 cut 3 %s\n2 plain\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer said = BUFFER_INIT(1000);
        struct log log = {keep, &said, rows[i].level};
        log_warning(&log, "%s:%d: odd", "a.md", 7);
        log_info(&log, "cut %d %s", 3, "%s");
        log_debug(&log, "plain");
        assert_string_equal(buffer_text(&said), rows[i].said);
        buffer_release(&said);
    }
}

static void test_no_log(void **state)
{
    (void)state;
    log_warning(NULL, "%d", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_no_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
