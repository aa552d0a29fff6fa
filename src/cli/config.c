/* SPDX-License-Identifier: MIT */
#include "cli/config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/path.h"
#include "cli/options.h"
#include "format/toml.h"
#include "format/url.h"

#define MAX_CONFIG_BYTES ((size_t)1 << 20)

/* NULL where there is no home to look in. For free(). */
static char *usual_path(void)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && *config)
        return mem_format("%s/clipnotes/config.toml", config);
    return home && *home ? mem_format("%s/.config/clipnotes/config.toml", home) : NULL;
}

/* One member of a table. */
typedef bool entry_reader(struct config *config, const char *path, const char *key,
                          const char *text, int line, struct error *err);

static bool read_episode(struct config *config, const char *path, const char *key, const char *text,
                         int line, struct error *err)
{
    (void)line, (void)err;
    char *folder = path_folder(path);
    char *audio = url_is_http(text) ? mem_strdup(text) : path_join(folder, text);
    config->maps = arena_grow(config->arena, config->maps, &config->map_capacity,
                              config->map_count + 1, sizeof *config->maps);
    config->maps[config->map_count++] = arena_format(config->arena, "%s=%s", key, audio);
    free(audio);
    free(folder);
    return true;
}

static bool read_header(struct config *config, const char *path, const char *key, const char *text,
                        int line, struct error *err)
{
    size_t colon = slice_find_byte(slice_of(text), ':');
    if (colon == SIZE_MAX || colon == 0 || strpbrk(text, "\r\n"))
        return error_set(err, ERROR_INPUT, "%s:%d: the header for %s is no \"Name: value\"", path,
                         line, key);
    config->headers = arena_grow(config->arena, config->headers, &config->header_capacity,
                                 config->header_count + 1, sizeof *config->headers);
    config->headers[config->header_count++] = (struct fetch_header){key, text};
    return true;
}

static const struct section {
    const char *name;
    entry_reader *read;
} sections[] = {
    {"episodes", read_episode},
    {"headers", read_header},
};

static const struct section *find_section(const char *name)
{
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (strcmp(sections[i].name, name) == 0)
            return &sections[i];
    return NULL;
}

static bool read_section(struct config *config, const char *path, const char *name,
                         const struct value *table, struct error *err)
{
    const struct section *section = find_section(name);
    if (!section || !value_is(table, VALUE_OBJECT))
        return error_set(err, ERROR_INPUT,
                         "%s:%d: '%s' means nothing here; a configuration has [episodes] and "
                         "[headers]",
                         path, table->line, name);
    for (size_t i = 0; i < table->count; i++) {
        const struct value *item = table->items[i];
        if (!value_is(item, VALUE_STRING))
            return error_set(err, ERROR_INPUT, "%s:%d: '%s' is no text in quotes", path, item->line,
                             table->keys[i]);
        if (!section->read(config, path, table->keys[i], item->text, item->line, err))
            return false;
    }
    return true;
}

static bool read_document(struct config *config, const char *path, struct slice text,
                          struct error *err)
{
    const struct value *root = toml_read(config->arena, text, 1, path, err);
    if (!root)
        return false;
    for (size_t i = 0; i < root->count; i++)
        if (!read_section(config, path, root->keys[i], root->items[i], err))
            return false;
    return true;
}

static bool read_file(struct config *ret_config, const char *path, struct error *err)
{
    struct buffer text = BUFFER_INIT(MAX_CONFIG_BYTES);
    struct config config = {.arena = arena_create()};
    bool read =
        file_read(path, &text, err) && read_document(&config, path, buffer_slice(&text), err);
    buffer_release(&text);
    if (read)
        *ret_config = config;
    else
        config_release(&config);
    return read;
}

bool config_read(struct config *ret_config, const char *path, struct error *err)
{
    if (path)
        return read_file(ret_config, path, err);
    char *usual = usual_path();
    bool there =
        usual && access(usual, F_OK) == 0; /* nor is what is in a home that is closed to us */
    *ret_config = (struct config){0};
    bool read = !there || read_file(ret_config, usual, err);
    free(usual);
    return read;
}

bool config_of(struct config *ret_config, const struct options *options, struct error *err)
{
    if (!options->named_config)
        return config_read(ret_config, NULL, err);
    *ret_config = *options->named_config;
    ret_config->arena = NULL;
    return true;
}

void config_release(struct config *config)
{
    arena_destroy(config->arena);
    *config = (struct config){0};
}
