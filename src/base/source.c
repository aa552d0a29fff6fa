/* SPDX-License-Identifier: MIT */
#include "base/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/path.h"

#define FILE_WINDOW ((size_t)256 * 1024)

void source_init(struct source *source, const struct source_class *class, const char *name,
                 int64_t size)
{
    source->class = class;
    source->name = mem_strdup(name);
    source->size = size;
}

void source_destroy(struct source *source)
{
    if (!source)
        return;
    free(source->view);
    free(source->name);
    source->class->destroy(source);
}

static bool before_beginning(struct source *source, struct error *err)
{
    return error_set(err, ERROR_INPUT, "%s: refers to bytes before its beginning", source->name);
}

bool source_read(struct source *source, int64_t offset, void *data, size_t size, size_t *ret_size,
                 struct error *err)
{
    if (offset < 0)
        return before_beginning(source, err);
    if (offset >= source->size) {
        *ret_size = 0;
        return true;
    }
    if ((uint64_t)size > (uint64_t)(source->size - offset))
        size = (size_t)(source->size - offset);
    return source->class->read(source, offset, data, size, ret_size, err);
}

static bool ends_early(struct source *source, int64_t offset, size_t got, struct error *err)
{
    return error_set(err, ERROR_INPUT, "%s: ends early, at byte %" PRId64, source->name,
                     offset + (int64_t)got);
}

bool source_read_exactly(struct source *source, int64_t offset, void *data, size_t size,
                         struct error *err)
{
    size_t got = 0;
    if (!source_read(source, offset, data, size, &got, err))
        return false;
    return got == size || ends_early(source, offset, got, err);
}

static bool view_holds(const struct source *source, int64_t offset, size_t size)
{
    return offset >= source->view_offset &&
           offset - source->view_offset <= (int64_t)source->view_size &&
           size <= source->view_size - (size_t)(offset - source->view_offset);
}

static bool fill_view(struct source *source, int64_t offset, size_t size, struct error *err)
{
    size_t wanted = size > source->class->window ? size : source->class->window;
    source->view = mem_grow(source->view, &source->view_capacity, wanted, 1);
    source->view_size = 0;
    source->view_offset = offset;
    return source_read(source, offset, source->view, wanted, &source->view_size, err);
}

bool source_view(struct source *source, int64_t offset, size_t size, const uint8_t **ret_data,
                 size_t *ret_size, struct error *err)
{
    if (offset < 0)
        return before_beginning(source, err);
    if (offset >= source->size) {
        *ret_data = (const uint8_t *)"";
        *ret_size = 0;
        return true;
    }
    if ((uint64_t)size > (uint64_t)(source->size - offset))
        size = (size_t)(source->size - offset);
    if (!view_holds(source, offset, size) && !fill_view(source, offset, size, err))
        return false;
    size_t skip = (size_t)(offset - source->view_offset);
    *ret_data = source->view + skip;
    *ret_size = source->view_size - skip;
    return true;
}

bool source_is_near(const struct source *source)
{
    return source->class->near;
}

void source_expect(struct source *source, int64_t offset, int64_t size)
{
    if (source->class->expect && offset >= 0 && size > 0)
        source->class->expect(source, offset, size);
}

struct file_source {
    struct source source;
    int fd;
};

static bool file_read_at(struct source *source, int64_t offset, void *data, size_t size,
                         size_t *ret_size, struct error *err)
{
    struct file_source *file = (struct file_source *)source;
    size_t done = 0;
    while (done < size) {
        ssize_t got =
            pread(file->fd, (char *)data + done, size - done, (off_t)offset + (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(err, errno, "%s: cannot be read", source->name);
        if (got == 0)
            return error_set(err, ERROR_INPUT, "%s: became shorter while it was read",
                             source->name);
        done += (size_t)got;
    }
    *ret_size = done;
    return true;
}

static void file_destroy(struct source *source)
{
    close(((struct file_source *)source)->fd);
    free(source);
}

static const struct source_class file_class = {
    .name = "file",
    .read = file_read_at,
    .destroy = file_destroy,
    .window = FILE_WINDOW,
    .near = true,
};

struct source *source_open_file(const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a FIFO would wait for its writer */
    if (fd < 0) {
        error_set_errno(err, errno, "%s: cannot be opened", path);
        return NULL;
    }
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        error_set(err, ERROR_INPUT, "%s: is no regular file%s", path,
                  path_is_folder(path) ? " but a folder" : "");
        close(fd);
        return NULL;
    }
    struct file_source *file = mem_zalloc(sizeof *file);
    file->fd = fd;
    source_init(&file->source, &file_class, path, status.st_size);
    return &file->source;
}

struct memory_source {
    struct source source;
    const uint8_t *data;
};

static bool memory_read_at(struct source *source, int64_t offset, void *data, size_t size,
                           size_t *ret_size, struct error *err)
{
    (void)err;
    memcpy(data, ((struct memory_source *)source)->data + offset, size);
    *ret_size = size;
    return true;
}

static void memory_destroy(struct source *source)
{
    free(source);
}

static const struct source_class memory_class = {
    .name = "memory",
    .read = memory_read_at,
    .destroy = memory_destroy,
    .window = FILE_WINDOW,
    .near = true,
};

struct source *source_open_memory(const void *data, size_t size, const char *name)
{
    struct memory_source *memory = mem_zalloc(sizeof *memory);
    memory->data = data;
    source_init(&memory->source, &memory_class, name, (int64_t)size);
    return &memory->source;
}
