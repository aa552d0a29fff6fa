/* SPDX-License-Identifier: MIT */
/*
 * --site: the source of the show's own site, as Zola, Hugo and Jekyll lay it out. A page's URL
 * leads to its file by path, alias or slug, and the file says where the audio is: in its front
 * matter, or by the player that its text embeds.
 */
#include "episode/site.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "episode/page.h"
#include "episode/resolver.h"
#include "format/json.h"
#include "format/toml.h"
#include "format/url.h"
#include "format/yaml.h"
#include "notes/notes.h"

#define MAX_CONFIG_BYTES ((size_t)4 << 20)

/* One page's source. */
struct site_page {
    struct notes *notes;
    char *path; /* in the site's URLs, without slashes at the ends: "podcast/s01e01-influxdata" */
    char *slug; /* its last part, as text_slug() writes it */
};

struct site {
    char *folder, *content;
    char *base_url; /* NULL where the configuration has none */
    struct site_page *pages;
    size_t count, capacity;
};

typedef const struct value *config_reader(struct arena *arena, struct slice text, int first_line,
                                          const char *name, struct error *err);

static const struct value *read_json(struct arena *arena, struct slice text, int first_line,
                                     const char *name, struct error *err)
{
    (void)first_line;
    return json_read(arena, text, name, err);
}

/* Where generators keep their configuration; the first that is there is read. */
static const struct {
    const char *name;
    config_reader *read;
} configs[] = {
    {"zola.toml", toml_read},
    {"hugo.toml", toml_read},
    {"hugo.yaml", yaml_read},
    {"hugo.yml", yaml_read},
    {"hugo.json", read_json},
    {"config.toml", toml_read},
    {"config.yaml", yaml_read},
    {"config.yml", yaml_read},
    {"config.json", read_json},
    {"config/_default/hugo.toml", toml_read},
    {"config/_default/hugo.yaml", yaml_read},
    {"config/_default/config.toml", toml_read},
    {"config/_default/config.yaml", yaml_read},
    {"_config.yml", yaml_read},
    {"_config.yaml", yaml_read},
    {"_config.toml", toml_read},
};

/* Zola and Hugo have one name for it, Jekyll parts it in two. */
static char *base_url_of(const struct value *config)
{
    const char *whole = value_text(value_get(config, "base_url"));
    const char *host = value_text(value_get(config, "url"));
    const char *base = value_text(value_get_nocase(config, "baseurl"));
    if (whole)
        return mem_strdup(whole);
    if (host)
        return mem_format("%s%s", host, base ? base : "");
    return base ? mem_strdup(base) : NULL;
}

static bool read_config(struct site *site, struct error *err)
{
    bool read = true;
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
        char *path = path_join(site->folder, configs[i].name);
        bool there = access(path, F_OK) == 0;
        struct buffer text = BUFFER_INIT(MAX_CONFIG_BYTES);
        struct arena *arena = arena_create();
        if (there) {
            const struct value *config =
                file_read(path, &text, err)
                    ? configs[i].read(arena, buffer_slice(&text), 1, path, err)
                    : NULL;
            read = config != NULL;
            site->base_url = base_url_of(config);
        }
        arena_destroy(arena);
        buffer_release(&text);
        free(path);
        if (there)
            break;
    }
    return read;
}

/* "2024-05-01-name" is "name": Jekyll's and Zola's rule for file names. */
static struct slice without_date(struct slice name)
{
    static const char pattern[] = "0000-00-00";
    for (size_t i = 0; pattern[i]; i++)
        if (i >= name.size ||
            (pattern[i] == '0' ? !byte_is_digit(name.data[i]) : name.data[i] != pattern[i]))
            return name;
    struct slice rest = slice_from(name, strlen(pattern));
    bool more = slice_take_byte(&rest, '-') || slice_take_byte(&rest, '_');
    return more && rest.size ? rest : name;
}

/* Appends the path's parts, without the underscore that Jekyll puts before its folders: "_posts" is
 * in no URL, "_episodes" is a collection named so. */
static void append_part(struct buffer *path, struct slice part)
{
    if (!part.size || slice_equal(part, SLICE("_posts")))
        return;
    slice_take_byte(&part, '_');
    if (path->size)
        buffer_append_byte(path, '/');
    buffer_append_slice(path, part);
}

/* Parts "a/b" into "a" and "b". */
static void split_last(struct slice path, struct slice *ret_before, struct slice *ret_last)
{
    size_t slash = slice_rfind_byte(path, '/');
    *ret_before = slice_first(path, slash == SIZE_MAX ? 0 : slash);
    *ret_last = slash == SIZE_MAX ? path : slice_from(path, slash + 1);
}

/* What the page's URL ends with: its file's place below the content, with the slug that its front
 * matter gives; "podcast/_index.md" and "podcast/one/index.md" are their folders' pages. */
static char *path_of(const struct site *site, const struct notes *notes)
{
    struct buffer path = BUFFER_INIT(BUFFER_UNBOUNDED);
    struct slice below = slice_from(slice_of(notes->path), strlen(site->content));
    struct slice folders, name, part;
    slice_take_byte(&below, '/');
    split_last(below, &folders, &name);
    struct slice stem = path_stem(notes->path);
    if (slice_equal(stem, SLICE("index")) || slice_equal(stem, SLICE("_index")))
        split_last(folders, &folders, &stem);
    while (slice_take_field(&folders, '/', &part))
        append_part(&path, part);
    append_part(&path, notes->slug ? slice_of(notes->slug) : without_date(stem));
    return buffer_detach(&path);
}

static bool add_page(void *context, struct notes *notes)
{
    struct site *site = context;
    site->pages = mem_grow(site->pages, &site->capacity, site->count + 1, sizeof *site->pages);
    struct site_page *page = &site->pages[site->count++];
    page->notes = notes;
    page->path = path_of(site, notes);
    struct slice before, last;
    split_last(slice_of(page->path), &before, &last);
    page->slug = text_slug(last, SIZE_MAX);
    return true;
}

struct site *site_read(const char *folder, const struct log *log, struct error *err)
{
    struct site *site = mem_zalloc(sizeof *site);
    struct notes_options how = {.log = log};
    site->folder = mem_strdup(folder);
    site->content = path_join(folder, "content");
    if (!path_is_folder(site->content)) {
        free(site->content);
        site->content = mem_strdup(folder);
    }
    if (read_config(site, err) && notes_read(site->content, &how, add_page, site, err))
        return site;
    site_destroy(site);
    return NULL;
}

void site_destroy(struct site *site)
{
    if (!site)
        return;
    for (size_t i = 0; i < site->count; i++) {
        notes_destroy(site->pages[i].notes);
        free(site->pages[i].path);
        free(site->pages[i].slug);
    }
    free(site->pages);
    free(site->base_url);
    free(site->content);
    free(site->folder);
    free(site);
}

static struct slice bare_path(struct slice path)
{
    while (slice_take_byte(&path, '/'))
        continue;
    while (slice_ends(path, SLICE("/")))
        path.size--;
    return path;
}

/* The page's path as seen from the site's base; NULL where it is another site's. */
static const char *path_within(const struct site *site, const struct page_name *page)
{
    char *base = site->base_url ? url_canonical(site->base_url) : NULL;
    const char *path = page->path;
    if (base && page->canonical) {
        struct slice rest = slice_of(page->canonical);
        bool below = slice_take(&rest, slice_of(base)) &&
                     (!rest.size || rest.data[0] == '/' || rest.data[0] == '?');
        char *base_path = url_path(site->base_url, true);
        size_t skipped = base_path ? bare_path(slice_of(base_path)).size : 0;
        path = below && skipped <= strlen(path) ? path + skipped : NULL;
        free(base_path);
    }
    free(base);
    return path;
}

/* A path or URL that front matter gives means this path. */
static bool is_path(const char *given, const char *path)
{
    char *decoded = given ? url_path(given, true) : NULL;
    bool same = decoded && slice_equal_nocase(bare_path(slice_of(decoded)), slice_of(path));
    free(decoded);
    return same;
}

/* How surely this is the page's source: 0 by path, 1 by alias, 2 by its last part. */
static int rank_of(const struct site_page *candidate, const struct page_name *page,
                   const char *path)
{
    const struct notes *notes = candidate->notes;
    struct slice own = bare_path(slice_of(path));
    char *plain = slice_dup(own);
    int rank = 3;
    if (slice_equal_nocase(slice_of(candidate->path), own) || is_path(notes->page, plain))
        rank = 0;
    for (size_t i = 0; i < notes->alias_count && rank > 1; i++)
        if (is_path(notes->aliases[i], plain))
            rank = 1;
    if (rank > 2 && page->slug[0] && strcmp(page->slug, candidate->slug) == 0)
        rank = 2;
    free(plain);
    return rank;
}

/* The source of the page; *ret_page NULL where there is none. False where two are equally good. */
static bool find_page(const struct site *site, const struct page_name *page, const char *path,
                      const struct site_page **ret_page, struct error *err)
{
    const struct site_page *best = NULL, *second = NULL;
    int best_rank = 3;
    for (size_t i = 0; i < site->count; i++) {
        int rank = rank_of(&site->pages[i], page, path);
        if (rank > best_rank || rank == 3)
            continue;
        second = rank == best_rank ? best : NULL;
        best = &site->pages[i];
        best_rank = rank;
    }
    if (second)
        return error_set(err, ERROR_INPUT,
                         "%s: two pages of the site fit equally well, %s and %s; say which audio "
                         "is meant with --map",
                         page->shown, second->notes->path, best->notes->path);
    *ret_page = best;
    return true;
}

/* A file that the front matter names may lie beside the page or where the generator keeps files
 * that it copies; else it is on the site. For free(). */
static char *locate(const struct site *site, const struct search *search,
                    const struct site_page *page, const char *audio)
{
    if (url_is_http(audio))
        return mem_strdup(audio);
    static const char *const folders[] = {"static", "", "assets", "content", "public"};
    char *beside = path_folder(page->notes->path);
    char *name = url_path(audio, true);
    const char *relative = name ? slice_trim_left(slice_of(name)).data : audio;
    while (*relative == '/')
        relative++;
    char *found = audio[0] == '/' ? NULL : path_join(beside, relative);
    for (size_t i = 0; i < sizeof folders / sizeof *folders && (!found || access(found, R_OK));
         i++) {
        free(found);
        char *folder = path_join(site->folder, folders[i]);
        found = path_join(folder, relative);
        free(folder);
    }
    if (access(found, R_OK)) {
        free(found);
        found = url_resolve(search->page.url, audio);
    }
    free(name);
    free(beside);
    return found;
}

static void say(struct episode *episode, const char **field, const char *text)
{
    if (text)
        *field = arena_strdup(episode->arena, text);
}

/* The site's own word goes before that of the feed that a player led to. */
static void fill(struct episode *episode, const struct notes *notes)
{
    say(episode, &episode->title, notes->title);
    say(episode, &episode->date, notes->date);
    say(episode, &episode->show, notes->show);
    say(episode, &episode->guid, notes->guid);
    if (notes->season != MARK_NUMBER_NONE)
        episode->season = notes->season;
    if (notes->episode != MARK_NUMBER_NONE)
        episode->number = notes->episode;
}

/* The players in the page's text. */
static enum way_result find_player(struct search *search, const struct site_page *page,
                                   struct error *err)
{
    struct buffer text = BUFFER_INIT(MARKUP_MAX_BYTES);
    struct page_clues *clues = NULL;
    enum way_result result = WAY_FAILED;
    if (file_read(page->notes->path, &text, err))
        clues = page_clues_read(buffer_slice(&text), page->notes->path, search->page.url, err);
    if (clues)
        result = clues_follow(search, clues, err);
    page_clues_destroy(clues);
    buffer_release(&text);
    return result;
}

static enum way_result find(struct search *search, struct error *err)
{
    const struct site *site = search->resolver->site;
    const struct site_page *page = NULL;
    const char *path = site ? path_within(site, &search->page) : NULL;
    if (!site)
        return WAY_PASSED;
    if (!path) {
        search_note(search, "not a page of %s, which is the site in %s", site->base_url,
                    site->folder);
        return WAY_PASSED;
    }
    if (!find_page(site, &search->page, path, &page, err))
        return WAY_FAILED;
    if (!page) {
        search_note(search, "none of the %zu pages in %s is this one", site->count, site->content);
        return WAY_PASSED;
    }
    char *audio =
        page->notes->audio_url ? locate(site, search, page, page->notes->audio_url) : NULL;
    search->episode->audio = arena_strdup(search->episode->arena, audio);
    enum way_result result = audio ? WAY_FOUND : find_player(search, page, err);
    free(audio);
    if (result == WAY_FOUND)
        fill(search->episode, page->notes);
    else if (result == WAY_PASSED)
        search_note(search, "%s names no audio", page->notes->path);
    return result;
}

const struct way site_way = {"site", find};
