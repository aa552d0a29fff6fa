/* SPDX-License-Identifier: MIT */
#include "fetch/disk.h"

#include <errno.h>
#include <stdint.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* What a download leaves on the disk for others. */
#define SPARE_ROOM ((int64_t)16 << 20)

ssize_t disk_read_at(int fd, void *data, size_t size, int64_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t got = pread(fd, (char *)data + done, size - done, (off_t)offset + (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

bool disk_write_at(int fd, const void *data, size_t size, int64_t offset)
{
    size_t done = 0;
    while (done < size) {
        ssize_t written =
            pwrite(fd, (const char *)data + done, size - done, (off_t)offset + (off_t)done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        done += (size_t)written;
    }
    return true;
}

bool disk_remove(const char *path, struct error *err)
{
    return unlink(path) == 0 || errno == ENOENT ||
           error_set_errno(err, errno, "%s: cannot be removed", path);
}

bool disk_has_room(const char *folder, int64_t bytes, struct error *err)
{
    struct statvfs disk;
    if (statvfs(folder, &disk) != 0 || !disk.f_frsize)
        return true; /* writing will tell */
    uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (room >= (uint64_t)bytes + (uint64_t)SPARE_ROOM)
        return true;
    return error_set(err, ERROR_SYSTEM,
                     "%s: %lld MiB are needed on this disk and %llu MiB are free; make room, or "
                     "try --cache-dir or clipnotes cache prune",
                     folder, (long long)((bytes + SPARE_ROOM) >> 20),
                     (unsigned long long)(room >> 20));
}
