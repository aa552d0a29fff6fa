/* SPDX-License-Identifier: MIT */
#include "cli/inputs.h"

#include <stdlib.h>

#include "base/memory.h"

size_t inputs_visit(const struct options *options, struct terminal *terminal, notes_visitor *visit,
                    void *context)
{
    const struct notes_options how = {.base_url = options->base_url, .log = terminal_log(terminal)};
    size_t failed = 0;
    for (size_t i = 0; i < options->arguments.count; i++) {
        struct error err = ERROR_INIT;
        if (!notes_read(options->arguments.items[i], &how, visit, context, &err)) {
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
