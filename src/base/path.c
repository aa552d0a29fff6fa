/* SPDX-License-Identifier: MIT */
#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

char *path_join(const char *folder, const char *name)
{
    if (name[0] == '/' || !folder[0])
        return mem_strdup(name);
    bool ends = folder[strlen(folder) - 1] == '/';
    return mem_format("%s%s%s", folder, ends ? "" : "/", name);
}

struct slice path_name(const char *path)
{
    struct slice all = slice_of(path);
    size_t slash = slice_rfind_byte(all, '/');
    return slash == SIZE_MAX ? all : slice_from(all, slash + 1);
}

/* Where the extension's dot stands in a name; its size where it has none. */
static size_t dot_of(struct slice name)
{
    size_t dot = slice_rfind_byte(name, '.');
    return dot == SIZE_MAX || dot == 0 ? name.size : dot;
}

struct slice path_stem(const char *path)
{
    struct slice name = path_name(path);
    return slice_first(name, dot_of(name));
}

struct slice path_extension(const char *path)
{
    struct slice name = path_name(path);
    return slice_from(name, dot_of(name) + 1);
}

char *path_folder(const char *path)
{
    size_t folder = strlen(path) - path_name(path).size;
    if (folder == 0)
        return mem_strdup(".");
    return mem_strndup(path, folder == 1 ? 1 : folder - 1);
}

static bool make_one(const char *path, struct error *err)
{
    if (mkdir(path, 0777) == 0)
        return true;
    int failure = errno;
    if (path_is_folder(path)) /* made by somebody else meanwhile, too */
        return true;
    return error_set_errno(err, failure, "%s: cannot make this folder", path);
}

bool path_make_folder(const char *path, struct error *err)
{
    if (path_is_folder(path))
        return true;
    char *part = mem_strdup(path);
    bool made = true;
    for (char *slash = part[0] ? strchr(part + 1, '/') : NULL; made && slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        made = make_one(part, err);
        *slash = '/';
    }
    made = made && make_one(path, err);
    free(part);
    return made;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool path_list(const char *folder, char ***ret_names, size_t *ret_count, struct error *err)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return error_set_errno(err, errno, "%s: cannot list this folder", folder);

    char **names = NULL;
    size_t count = 0, capacity = 0;
    for (struct dirent *entry; (errno = 0, entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        names = mem_grow(names, &capacity, count + 1, sizeof *names);
        names[count++] = mem_strdup(entry->d_name);
    }
    int failure = errno;
    closedir(dir);
    if (failure) {
        path_list_free(names, count);
        return error_set_errno(err, failure, "%s: cannot list this folder", folder);
    }
    if (count)
        qsort(names, count, sizeof *names, by_name);
    *ret_names = names;
    *ret_count = count;
    return true;
}

void path_list_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

bool path_is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool path_identify(const char *path, struct file_identity *ret_identity)
{
    struct stat facts;
    if (stat(path, &facts) != 0)
        return false;
    *ret_identity = (struct file_identity){facts.st_dev, facts.st_ino};
    return true;
}

bool file_identity_equal(struct file_identity a, struct file_identity b)
{
    return a.device == b.device && a.node == b.node;
}

bool path_is_same_file(const char *a, const char *b)
{
    struct file_identity first, second;
    return path_identify(a, &first) && path_identify(b, &second) &&
           file_identity_equal(first, second);
}

bool path_is_open_file(const char *path, int fd)
{
    struct stat ours;
    struct file_identity named;
    return fstat(fd, &ours) == 0 && path_identify(path, &named) &&
           file_identity_equal(named, (struct file_identity){ours.st_dev, ours.st_ino});
}
