/* SPDX-License-Identifier: MIT */
#include "fetch/address.h"

#include "test.h"

static void test_parts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *url, *scheme, *host, *port, *user, *password;
    } rows[] = {
        {"http://a.example/x#y", "http://a.example/x", "http", "a.example", "80", NULL, NULL},
        {"https://a.example", "https://a.example/", "https", "a.example", "443", NULL, NULL},
        {"HTTPS://me:p%40ss@A.example:8443/X?y=1", "https://A.example:8443/X?y=1", "https",
         "a.example", "8443", "me", "p@ss"},
        {"http://me@[::1]/a b", "http://[::1]/a%20b", "http", "[::1]", "80", "me", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address address;
        struct error err = ERROR_INIT;
        address_parse(rows[i].text, &address, &err);
        assert_no_error(err);
        assert_string_equal(address.url, rows[i].url);
        assert_string_equal(address.scheme, rows[i].scheme);
        assert_string_equal(address.host, rows[i].host);
        assert_string_equal(address.port, rows[i].port);
        assert_true(!address.user == !rows[i].user && !address.password == !rows[i].password);
        if (rows[i].user)
            assert_string_equal(address.user, rows[i].user);
        if (rows[i].password)
            assert_string_equal(address.password, rows[i].password);
        address_release(&address);
    }
}

static void test_what_is_none(void **state)
{
    (void)state;
    static const char *const rows[] = {"",
                                       "a.mp3",
                                       "ftp://a.example/",
                                       "file:///etc",
                                       "http://",
                                       "https://a:b:c/",
                                       "//a.example/",
                                       "http:",
                                       "javascript:1"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address address;
        struct error err = ERROR_INIT;
        if (address_parse(rows[i], &address, &err))
            fail_msg("%s: is taken for a URL", rows[i]);
        assert_error(err, ERROR_INPUT, "no http or https URL");
    }
}

static void test_hosts(void **state)
{
    (void)state;
    struct address a, b, c, d;
    assert_true(address_parse("http://a.example/", &a, NULL));
    assert_true(address_parse("http://A.example:80/x", &b, NULL));
    assert_true(address_parse("https://a.example/", &c, NULL));
    assert_true(address_parse("http://aa.example/", &d, NULL));
    assert_true(address_same_host(&a, &b));
    assert_false(address_same_host(&a, &c));
    assert_false(address_same_host(&a, &d));
    assert_true(address_same_name(&a, &c) && !address_same_name(&a, &d));
    assert_true(address_is_secure(&c) && !address_is_secure(&a));
    assert_true(address_is_at(&a, "A.example") && address_is_at(&c, "a.example"));
    assert_true(address_is_at(&a, "a.example:80"));
    assert_false(address_is_at(&c, "a.example:80"));
    assert_false(address_is_at(&d, "a.example"));
    assert_false(address_is_at(&a, ""));
    struct address *all[] = {&a, &b, &c, &d};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        address_release(all[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_what_is_none),
        cmocka_unit_test(test_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
