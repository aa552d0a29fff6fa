/* SPDX-License-Identifier: MIT */
#include "cli/inputs.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/network.h"
#include "format/url.h"

/* A page on a server. */
struct remote_page {
    struct document document;
    char *name; /* for messages: the URL without its secrets */
    notes_visitor *visit;
    void *context;
};

/* Notes that do not name their page are found at its URL. Not so what is one of many: the pages of
 * a feed or a plan. */
static bool visit_remote(void *context, struct notes *notes)
{
    const struct remote_page *remote = context;
    if (!notes->page && strcmp(notes->path, remote->name) == 0)
        notes->page = arena_strdup(notes->arena, remote->document.url);
    return remote->visit(remote->context, notes);
}

static bool fetch_page(const char *url, const struct options *options, struct terminal *terminal,
                       struct document *ret_document, struct error *err)
{
    struct config config;
    struct network network;
    if (!config_of(&config, options, err))
        return false;
    bool fetched = network_init(&network, options, &config, terminal, err) &&
                   fetch_document(network.fetcher, url, NOTES_MAX_BYTES, ret_document, err);
    network_release(&network);
    config_release(&config);
    return fetched;
}

static bool read_url(const char *url, const struct options *options, struct terminal *terminal,
                     notes_visitor *visit, void *context, struct error *err)
{
    struct remote_page remote = {.visit = visit, .context = context};
    if (!fetch_page(url, options, terminal, &remote.document, err))
        return false;
    remote.name = url_redacted(url);
    const struct notes_options how = {
        .base_url = options->base_url ? options->base_url : remote.document.url,
        .log = terminal_log(terminal),
    };
    const struct slice text = {remote.document.data, remote.document.size};
    bool read = notes_read_text(text, remote.name, &how, visit_remote, &remote, err);
    free(remote.name);
    document_release(&remote.document);
    return read;
}

static bool read_path(const char *path, const struct options *options, struct terminal *terminal,
                      notes_visitor *visit, void *context, struct error *err)
{
    const struct notes_options how = {.base_url = options->base_url, .log = terminal_log(terminal)};
    return notes_read(path, &how, visit, context, err);
}

size_t inputs_visit(const struct options *options, struct terminal *terminal, notes_visitor *visit,
                    void *context)
{
    size_t failed = 0;
    for (size_t i = 0; i < options->arguments.count; i++) {
        const char *argument = options->arguments.items[i];
        struct error err = ERROR_INIT;
        if (!(url_is_http(argument) ? read_url : read_path)(argument, options, terminal, visit,
                                                            context, &err)) {
            terminal_error(terminal, &err);
            failed++;
        }
        error_release(&err);
    }
    return failed;
}

static bool keep(void *context, struct notes *notes)
{
    struct pages *pages = context;
    pages->items = mem_grow(pages->items, &pages->capacity, pages->count + 1, sizeof *pages->items);
    pages->items[pages->count++] = notes;
    return true;
}

void pages_read(struct pages *ret_pages, const struct options *options, struct terminal *terminal)
{
    *ret_pages = (struct pages){0};
    ret_pages->failed = inputs_visit(options, terminal, keep, ret_pages);
}

void pages_release(struct pages *pages)
{
    for (size_t i = 0; i < pages->count; i++)
        notes_destroy(pages->items[i]);
    free(pages->items);
    *pages = (struct pages){0};
}

void pages_warn(const struct notes *notes, struct terminal *terminal)
{
    for (size_t i = 0; i < notes->warning_count; i++)
        terminal_note(terminal, "%s:%d: warning: %s", notes->path, notes->warnings[i].line,
                      notes->warnings[i].message);
}
