/* SPDX-License-Identifier: MIT */
#include "format/markup.h"

#include "events.h"
#include "test.h"

static char *events_of(struct slice text, size_t most, struct error *err)
{
    struct events events = {.text = BUFFER_INIT(BUFFER_UNBOUNDED), .left = most};
    struct markup_handler handler = EVENTS_HANDLER(&events);
    xml_read(text, "x.xml", &handler, err);
    return buffer_detach(&events.text);
}

#define PODCAST_NAMESPACES                                                                         \
    "xmlns:i='http://www.itunes.com/DTDs/Podcast-1.0.dtd' "                                        \
    "xmlns:pod='https://podcastindex.org/namespace/1.0' "                                          \
    "xmlns:a='http://www.w3.org/2005/Atom' xmlns:own='http://own.example/'"

static void test_events(void **state)
{
    static const struct {
        const char *xml, *events;
    } rows[] = {
        {"<a/>", "1<a>1</a>"},
        {"\n\n <?xml version='1.0'?>\n<a>\n<b x='1'\n y=\"2\">t</b>\n</a>\n",
         "4<a>4'\n'5<b x='1' y='2'>6't'6</b>6'\n'7</a>"},
        {"<a>x &amp; y &lt;&#252;&#x1F600;</a>", "1<a>1'x & y <\xC3\xBC\xF0\x9F\x98\x80'1</a>"},
        {"<a x='1&amp;2&lt;&#252;&quot;'/>", "1<a x='1&2<\xC3\xBC\"'>1</a>"},
        {"<a><![CDATA[<b>&amp;\n</b>]]>!</a>", "1<a>1'<b>&amp;\n</b>!'2</a>"},
        {"<a>1<!-- no -->2<?php no ?>3</a>", "1<a>1'123'1</a>"},
        {"<a>caf&eacute;&nbsp;&mdash;</a>", "1<a>1'caf\xC3\xA9\xC2\xA0\xE2\x80\x94'1</a>"},
        {"<rss " PODCAST_NAMESPACES "><i:d i:x='1' y='2'/><pod:t/><a:link/><own:z/></rss>",
         "1<rss>1<itunes:d itunes:x='1' y='2'>1</itunes:d>1<podcast:t>1</podcast:t>"
         "1<atom:link>1</atom:link>1<own:z>1</own:z>1</rss>"},
        {"<feed xmlns='http://www.w3.org/2005/Atom'><entry/></feed>",
         "1<feed>1<entry>1</entry>1</feed>"},
        {"<x:feed xmlns:x='http://www.w3.org/2005/Atom'><x:entry/><y/></x:feed>",
         "1<feed>1<entry>1</entry>1<y>1</y>1</feed>"},
        {"<rss><itunes:x/></rss>", "1<rss>1<itunes:x>1</itunes:x>1</rss>"},
        {"<chapters xmlns='http://podlove.org/simple-chapters'><chapter/></chapters>",
         "1<psc:chapters>1<psc:chapter>1</psc:chapter>1</psc:chapters>"},
        {"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xFC</a>", "1<a>1'\xC3\xBC'1</a>"},
        {"\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?><a>\xC3\xBC</a>",
         "1<a>1'\xC3\xBC'1</a>"},
        {"<!DOCTYPE rss PUBLIC '-//Netscape//DTD RSS 0.91//EN' "
         "'http://my.netscape.com/publish/formats/rss-0.91.dtd'><rss/>",
         "1<rss>1</rss>"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        assert_owned(events_of(slice_of(rows[i].xml), SIZE_MAX, &err), rows[i].events);
        assert_no_error(err);
    }
}

static void test_utf16_is_decoded(void **state)
{
    struct error err = ERROR_INIT;
    (void)state;
    assert_owned(events_of(SLICE("\xFF\xFE<\0a\0>\0\xFC\0<\0/\0a\0>\0"), SIZE_MAX, &err),
                 "1<a>1'\xC3\xBC'1</a>");
    assert_no_error(err);
}

static void test_broken_documents_give_what_they_have(void **state)
{
    static const struct {
        const char *xml, *events, *says;
    } rows[] = {
        {"", "", "x.xml: there is no XML in it"},
        {"  \n", "", "there is no XML"},
        {"no markup", "", "x.xml:1: this XML is broken: Start tag expected"},
        {"<a>\n<b>text", "1<a>1'\n'2<b>2'text", "x.xml:2: this XML is broken"},
        {"<a>\n<b>\n</a>", "1<a>1'\n'2<b>2'\n", "x.xml:3: this XML is broken: Opening and ending"},
        {"<a>\n&nope;</a>", "1<a>1'\n", "x.xml:2: this XML is broken: Entity 'nope' not defined"},
        {"<a>\xFF</a>", "1<a>", "not proper UTF-8"},
        {"<a x='1' x='2'/>", "", "x.xml:1: this XML is broken: Attribute x redefined"},
        {"<a/><b/>", "1<a>1</a>", "Extra content"},
        {"<?xml version='1.0' encoding='no-such'?><a/>", "", "no-such"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        assert_owned(events_of(slice_of(rows[i].xml), SIZE_MAX, &err), rows[i].events);
        assert_error(err, ERROR_INPUT, rows[i].says);
    }
}

static void test_entities_of_a_document_are_not_expanded(void **state)
{
    static const char *const rows[] = {
        "<!DOCTYPE a [<!ENTITY b 'boom'><!ENTITY c '&b;&b;'>]><a>&c;</a>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY b 'boom'>]><a x='&b;'/>",
        "<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]><a>&b;</a>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a>&b;</a>",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        char *events = events_of(slice_of(rows[i]), SIZE_MAX, &err);
        assert_null(strstr(events, "boom"));
        assert_null(strstr(events, "root:"));
        free(events);
        error_release(&err);
    }
}

static void test_handlers_end_the_reading(void **state)
{
    (void)state;
    for (size_t most = 1; most < 6; most++) {
        struct error err = ERROR_INIT;
        char *events = events_of(SLICE("<a>t<b/>u<broken"), most, &err);
        size_t seen = 0;
        for (const char *at = events; *at; at++)
            seen += *at == '1';
        assert_int_equal(seen, most);
        free(events);
        assert_no_error(err);
    }
}

static void test_handlers_may_be_missing(void **state)
{
    struct error err = ERROR_INIT;
    struct markup_handler none = {0};
    (void)state;
    assert_true(xml_read(SLICE("<a b='c'>t<b/>u</a>"), "x", &none, &err));
    assert_false(xml_read(SLICE("<a b='c'>t<b/>u</b>"), "x", &none, NULL));
}

static void test_limits(void **state)
{
    struct error err = ERROR_INIT;
    struct markup_handler none = {0};
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    (void)state;
    for (int i = 0; i < XML_MAX_DEPTH; i++)
        buffer_append_text(&text, "<a>");
    for (int i = 0; i < XML_MAX_DEPTH; i++)
        buffer_append_text(&text, "</a>");
    assert_true(xml_read(buffer_slice(&text), "x", &none, &err));
    buffer_clear(&text);
    for (int i = 0; i < 1000000; i++)
        buffer_append_text(&text, "<a>\n");
    assert_false(xml_read(buffer_slice(&text), "x", &none, &err));
    assert_error(err, ERROR_INPUT, "x:1001: this XML is nested over 1000 levels deep");

    buffer_clear(&text);
    memset(buffer_extend(&text, MARKUP_MAX_BYTES + 1), ' ', MARKUP_MAX_BYTES + 1);
    assert_false(xml_read(buffer_slice(&text), "x", &none, &err));
    assert_error(err, ERROR_INPUT, "over 64 MiB");
    buffer_release(&text);
}

/* `count` times `unit` within the tag of an element; the events of libxml2 take n * n steps. */
static void expect_attributes(const char *unit, int count, const char *says)
{
    struct error err = ERROR_INIT;
    struct markup_handler none = {0};
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    buffer_append_text(&text, "<!-- < a='1' ><![CDATA[<a>]]> --><a");
    for (int i = 0; i < count; i++)
        buffer_append_format(&text, unit, i);
    buffer_append_text(&text, "><![CDATA[<b c='1' <!--]]></a>");
    assert_int_equal(xml_read(buffer_slice(&text), "x", &none, &err), !says);
    if (says)
        assert_error(err, ERROR_INPUT, says);
    buffer_release(&text);
}

static void test_attributes_are_bounded(void **state)
{
    struct error err = ERROR_INIT;
    struct markup_handler none = {0};
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    (void)state;
    expect_attributes(" a%d='='", 1000, NULL);
    expect_attributes(" a%d=\">'\"", 1000000, "x: an element has over 1000 attributes");
    expect_attributes(" xmlns:a%d='b'", 1000000, "x: an element has over 1000 attributes");
    for (int i = 0; i < 10; i++) {
        buffer_append_text(&text, "<a");
        for (int j = 0; j < 500; j++)
            buffer_append_format(&text, " xmlns:a%d='b'", j);
        buffer_append_text(&text, ">\n");
    }
    assert_false(xml_read(buffer_slice(&text), "x", &none, &err));
    assert_error(err, ERROR_INPUT, "x:5: over 2000 namespaces are declared here");
    buffer_release(&text);
}

/* A text, and a document, that are larger than what libxml2 takes by default. */
static void test_large_documents_are_read(void **state)
{
    struct error err = ERROR_INIT;
    struct markup_handler none = {0};
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    (void)state;
    buffer_append_text(&text, "<rss><item><![CDATA[");
    memset(buffer_extend(&text, 12 << 20), 'x', 12 << 20);
    buffer_append_text(&text, "]]></item>");
    for (int i = 0; i < 100000; i++)
        buffer_append_text(&text,
                           "<item><title>An episode</title><link>https://a/</link></item>\n");
    buffer_append_text(&text, "</rss>");
    assert_true(xml_read(buffer_slice(&text), "x", &none, &err));
    assert_no_error(err);
    buffer_release(&text);
}

static void test_attributes_and_escaping(void **state)
{
    static const struct markup_attribute attributes[] = {{"a", "1"}, {"b", ""}};
    struct buffer text = BUFFER_INIT(BUFFER_UNBOUNDED);
    (void)state;
    assert_string_equal(markup_attribute(attributes, 2, "a"), "1");
    assert_string_equal(markup_attribute(attributes, 2, "b"), "");
    assert_null(markup_attribute(attributes, 2, "c"));
    assert_null(markup_attribute(NULL, 0, "a"));
    markup_append_escaped(&text, SLICE("<a b=\"c\">'&amp;'"));
    assert_string_equal(buffer_text(&text), "&lt;a b=&quot;c&quot;&gt;'&amp;amp;'");
    buffer_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_utf16_is_decoded),
        cmocka_unit_test(test_broken_documents_give_what_they_have),
        cmocka_unit_test(test_entities_of_a_document_are_not_expanded),
        cmocka_unit_test(test_handlers_end_the_reading),
        cmocka_unit_test(test_handlers_may_be_missing),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_attributes_are_bounded),
        cmocka_unit_test(test_large_documents_are_read),
        cmocka_unit_test(test_attributes_and_escaping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
