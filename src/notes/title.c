/* SPDX-License-Identifier: MIT */
#include "notes/title.h"

#include <stdlib.h>

#include "base/text.h"
#include "notes/address.h"
#include "notes/script.h"

/* What parts a title from a time. */
static bool is_separator(uint32_t c)
{
    static const uint32_t separators[] = {
        ' ',    '\t',   '-',    ':',    '|',    '>',    '~',    '=',    ',',    ';',
        '*',    '_',    '/',    0x2013, 0x2014, 0x2015, 0x2212, 0x2022, 0x00B7, 0x2023,
        0x2043, 0x25CF, 0x25B6, 0x25B8, 0x25BA, 0x27A1, 0x2192, 0x21D2, 0x27A4, 0x00BB,
        0x203A, 0x2026, 0x30FB, 0x301C, 0xFF5E, 0xFF1A, 0xFF0D, 0xFF5C, 0x3001, 0xFE0F,
        0x200B, 0x200E, 0x200F, 0x2502, 0x2758, 0x2500, 0x00A0, 0x3000, 0x2010, 0x2011,
    };
    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++)
        if (c == separators[i])
            return true;
    return false;
}

static bool is_closing(uint32_t c)
{
    return c == ')' || c == ']' || c == '}' || c == 0x3011 || c == 0xFF09;
}

static bool is_opening(uint32_t c)
{
    return c == '(' || c == '[' || c == '{' || c == 0x3010 || c == 0xFF08 || c == '@' || c == '<';
}

static size_t char_size(uint32_t c)
{
    return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
}

static uint32_t last_char(struct slice text)
{
    return script_char_before(text, text.size);
}

/* "- . Title", "12:34+ Title": no part of a title where a blank follows. */
static struct slice trim_left(struct slice text)
{
    uint32_t c;
    for (;;) {
        struct slice rest = text;
        if (!text_take_char(&rest, &c))
            return text;
        bool stop = (c == '.' || c == '+') && (!rest.size || rest.data[0] == ' ');
        if (!is_separator(c) && !is_closing(c) && !stop)
            return text;
        text = rest;
    }
}

static struct slice trim_right(struct slice text, bool openings)
{
    while (text.size) {
        uint32_t c = last_char(text);
        if (!is_separator(c) && !(openings && is_opening(c)))
            break;
        text.size -= char_size(c);
    }
    return text;
}

/* A URL at the end of a title, perhaps in brackets, is not what a reader would call it. */
static struct slice without_address(struct slice text)
{
    size_t begin, size;
    if (!address_find(text, &begin, &size))
        return text;
    struct slice before = slice_first(text, begin), behind = slice_from(text, begin + size);
    bool bracket = behind.size == 1 && is_opening(last_char(before)) &&
                   (is_closing((uint8_t)behind.data[0]) || behind.data[0] == '>');
    if (behind.size && !bracket)
        return text;
    before = trim_right(before, true);
    return before.size ? before : text;
}

/* Opened by the bracket of the time, closed behind the title. */
static struct slice without_lone_bracket(struct slice text)
{
    uint32_t c = last_char(text);
    if (c != ')' && c != ']')
        return text;
    ptrdiff_t open = 0;
    for (size_t i = 0; i < text.size; i++) {
        open += text.data[i] == '(' || text.data[i] == '[';
        open -= text.data[i] == ')' || text.data[i] == ']';
    }
    return open < 0 ? slice_first(text, text.size - 1) : text;
}

/* The end of a shortcode that held the time: {{< ts "12:34" >}}. */
static struct slice without_call_end(struct slice text)
{
    static const struct slice ends[] = {{">}}", 3}, {"%}}", 3}, {"%}", 2}, {"}}", 2}};
    struct slice rest = text;
    while (rest.size && (rest.data[0] == ' ' || rest.data[0] == '"' || rest.data[0] == '\'' ||
                         rest.data[0] == ')' || rest.data[0] == '/'))
        rest = slice_from(rest, 1);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (slice_take(&rest, ends[i]))
            return rest;
    return text;
}

struct slice title_behind(struct slice text)
{
    text = without_call_end(text);
    text = without_address(trim_right(trim_left(text), false));
    return trim_right(without_lone_bracket(text), false);
}

/* "2. ", "b) ", "- ". */
static struct slice without_enumerator(struct slice text)
{
    size_t end = 0;
    while (end < text.size && end < 3 && byte_is_digit(text.data[end]))
        end++;
    if (!end && text.size && byte_is_alpha(text.data[0]))
        end = 1;
    struct slice rest = slice_from(text, end);
    if (!end || rest.size < 2 || (rest.data[0] != '.' && rest.data[0] != ')') ||
        rest.data[1] != ' ')
        return text;
    return slice_trim_left(slice_from(rest, 2));
}

struct slice title_before(struct slice text)
{
    text = without_enumerator(trim_left(text));
    text = trim_right(text, true);
    while (slice_ends(text, SLICE("."))) /* also leaders: "Title ..... 12:34" */
        text.size--;
    return without_address(trim_right(text, true));
}

/* A word by word look-up, without case and accents. */
static bool words_are_known(const char *folded, const char *const *known, size_t count)
{
    struct slice rest = slice_of(folded), word;
    while (slice_take_field(&rest, ' ', &word)) {
        bool found = false;
        for (size_t i = 0; i < count && !found; i++)
            found = slice_equal(word, slice_of(known[i]));
        if (!found)
            return false;
    }
    return true;
}

#define WORDS_ARE_KNOWN(folded, table)                                                             \
    words_are_known((folded), (table), sizeof(table) / sizeof *(table))

#define MAX_ORDINAL 24

/* Numbers of up to three digits are dropped from a folded text. */
static bool is_short_number(struct slice word)
{
    int64_t number;
    return word.size <= 3 && slice_to_int64(word, &number);
}

bool title_is_ordinal(struct slice text)
{
    static const char *const known[] = {
        "chapter",   "kapitel", "chapitre", "capitulo", "capitolo", "глава", "часть",
        "part",      "teil",    "track",    "section",  "segment",  "topic", "time",
        "timestamp", "at",      "ab",       "min",      "minute",   "start", "from",
        "ca",        "no",      "nr",       "ts",       "timecode",
    };
    if (text.size > MAX_ORDINAL)
        return false;
    char *folded = text_fold(text);
    struct slice rest = slice_of(folded), word;
    bool ordinal = true;
    while (ordinal && slice_take_field(&rest, ' ', &word)) {
        char *single = slice_dup(word);
        ordinal = is_short_number(word) || WORDS_ARE_KNOWN(single, known);
        free(single);
    }
    free(folded);
    return ordinal;
}

#define MAX_DURATION 40

bool title_is_duration(struct slice text)
{
    static const char *const known[] = {
        "length",
        "duration",
        "runtime",
        "running",
        "run",
        "total",
        "time",
        "playtime",
        "episode",
        "audio",
        "video",
        "podcast",
        "dauer",
        "laufzeit",
        "lange",
        "spieldauer",
        "gesamtdauer",
        "gesamtlaufzeit",
        "duree",
        "duracion",
        "durata",
        "duracao",
        "tempo",
        "total",
        "de",
        "czas",
        "trwania",
        "длительность",
        "продолжительность",
        "хронометраж",
        "тривалість",
        "kesto",
        "langd",
        "varighed",
        "lengde",
        "speelduur",
        "duur",
        "sure",
        "時長",
        "时长",
        "再生時間",
        "収録時間",
        "長さ",
        "길이",
        "재생시간",
        "of",
        "the",
        "recording",
        "listening",
        "recorded",
        "date",
        "uhrzeit",
        "aufnahme",
        "published",
    };
    if (!text.size || text.size > MAX_DURATION)
        return false;
    char *folded = text_fold(text);
    bool duration = *folded && WORDS_ARE_KNOWN(folded, known);
    free(folded);
    return duration;
}

bool title_is_verse(struct slice text)
{
    static const char *const books[] = {
        "genesis",
        "exodus",
        "leviticus",
        "numbers",
        "deuteronomy",
        "joshua",
        "judges",
        "ruth",
        "samuel",
        "kings",
        "chronicles",
        "ezra",
        "nehemiah",
        "esther",
        "job",
        "psalm",
        "psalms",
        "proverbs",
        "ecclesiastes",
        "isaiah",
        "jeremiah",
        "lamentations",
        "ezekiel",
        "daniel",
        "hosea",
        "joel",
        "amos",
        "obadiah",
        "jonah",
        "micah",
        "nahum",
        "habakkuk",
        "zephaniah",
        "haggai",
        "zechariah",
        "malachi",
        "matthew",
        "mark",
        "luke",
        "john",
        "acts",
        "romans",
        "corinthians",
        "galatians",
        "ephesians",
        "philippians",
        "colossians",
        "thessalonians",
        "timothy",
        "titus",
        "philemon",
        "hebrews",
        "james",
        "peter",
        "jude",
        "revelation",
        "1",
        "2",
        "3",
        "surah",
        "sura",
        "quran",
        "mose",
        "psalmen",
        "lukas",
        "markus",
        "matthaus",
        "johannes",
        "romer",
        "korinther",
        "offenbarung",
    };
    if (!text.size || text.size > MAX_ORDINAL)
        return false;
    char *folded = text_fold(text);
    bool verse = *folded && WORDS_ARE_KNOWN(folded, books);
    free(folded);
    return verse;
}

#define MAX_ANNOUNCEMENT 80

static bool holds_words(struct slice text, const char *const *known, size_t count)
{
    if (!text.size || text.size > MAX_ANNOUNCEMENT)
        return false;
    char *folded = text_fold(text);
    bool holds = false;
    for (size_t i = 0; i < count && !holds; i++)
        holds = slice_find(slice_of(folded), slice_of(known[i])) != SIZE_MAX;
    free(folded);
    return holds;
}

bool title_announces(struct slice text)
{
    static const char *const known[] = {
        "timestamp",
        "time stamp",
        "timecode",
        "time code",
        "timeline",
        "time line",
        "time index",
        "chapter",
        "table of contents",
        "timings",
        "time markers",
        "jump to",
        "topics covered",
        "zeitmarken",
        "zeitstempel",
        "kapitel",
        "inhaltsverzeichnis",
        "sprungmarken",
        "chapitre",
        "minutage",
        "sommaire",
        "minutaje",
        "capitulos",
        "marcas de tiempo",
        "marcas de tempo",
        "minutagem",
        "capitulo",
        "capitoli",
        "indice",
        "minuto a minuto",
        "minutaggio",
        "таймкод",
        "тайм код",
        "содержание",
        "хронометраж",
        "оглавление",
        "розділи",
        "rozdzial",
        "znaczniki czasu",
        "hoofdstuk",
        "tijdstip",
        "tijdcodes",
        "luvut",
        "aikaleimat",
        "チャプター",
        "タイムスタンプ",
        "目次",
        "タイムライン",
        "时间轴",
        "時間軸",
        "时间戳",
        "時間戳",
        "章节",
        "章節",
        "타임스탬프",
        "타임라인",
        "챕터",
        "目录",
        "bolumler",
    };
    return holds_words(text, known, sizeof known / sizeof *known);
}

bool title_announces_pieces(struct slice text)
{
    static const char *const known[] = {
        "playlist", "tracklist",    "track list",   "setlist",   "set list",
        "songs",    "titelliste",   "discographie", "canciones", "плейлист",
        "треклист", "プレイリスト", "歌单",         "歌單",
    };
    return holds_words(text, known, sizeof known / sizeof *known);
}
