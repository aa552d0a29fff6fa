/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* O_TMPFILE */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "folder.h"
#include "test.h"

/* What the system is made to refuse; set by a test, cleared after it. */
static struct {
    bool nameless; /* O_TMPFILE, as on NFS */
    bool proc;     /* /proc, as in a chroot */
    bool seen;     /* access() comes too early to see a file that another program makes */
    bool sync;     /* fsync() finds a broken disk */
    bool whole;    /* pwrite() writes a few bytes at a time, and is interrupted between them */
    atomic_int opened_named;
} refuse;

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
ssize_t __real_pwrite64(int fd, const void *data, size_t size, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *data, size_t size, off_t offset);
ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t offset);

static int open_or_refuse(const char *path, int flags, mode_t mode)
{
    if (refuse.nameless && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    if (flags & O_CREAT)
        refuse.opened_named++;
    return __real_open64(path, flags, mode);
}

int __wrap_open64(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_or_refuse(path, flags, mode);
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_or_refuse(path, flags, mode);
}

int __wrap_access(const char *path, int mode)
{
    bool refused = strncmp(path, "/proc/", 6) == 0 ? refuse.proc : refuse.seen;
    if (!refused)
        return __real_access(path, mode);
    errno = ENOENT;
    return -1;
}

int __wrap_fsync(int fd)
{
    if (!refuse.sync)
        return __real_fsync(fd);
    errno = EIO;
    return -1;
}

ssize_t __wrap_pwrite64(int fd, const void *data, size_t size, off_t offset)
{
    if (!refuse.whole)
        return __real_pwrite64(fd, data, size, offset);
    if (offset % 7 == 3) {
        size_t few = size < 4 ? size : 4;
        return __real_pwrite64(fd, data, few, offset);
    }
    static bool interrupted;
    interrupted = !interrupted;
    errno = EINTR;
    return interrupted ? -1 : __real_pwrite64(fd, data, 1, offset);
}

ssize_t __wrap_pwrite(int fd, const void *data, size_t size, off_t offset)
{
    return __wrap_pwrite64(fd, data, size, offset);
}

struct place {
    char *folder, *path;
};

static int set_up(void **state)
{
    struct place *place = mem_zalloc(sizeof *place);
    place->folder = folder_create();
    place->path = path_join(place->folder, "clip.mp3");
    memset(&refuse, 0, sizeof refuse);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    memset(&refuse, 0, sizeof refuse);
    folder_remove(place->folder);
    free(place->path);
    free(place);
    return 0;
}

static int set_up_with_names(void **state)
{
    set_up(state);
    refuse.nameless = true;
    return 0;
}

static int set_up_without_proc(void **state)
{
    set_up(state);
    refuse.proc = true;
    return 0;
}

static struct output *begin(const char *path, const char *text)
{
    struct error err = ERROR_INIT;
    struct output *output = output_create(path, &err);
    assert_no_error(err);
    assert_true(output_write(output, text, strlen(text), &err));
    return output;
}

static void assert_absent(const char *path)
{
    assert_int_not_equal(__real_access(path, F_OK), 0);
}

/* These hold however the file comes by its name. */

static void test_absent_until_committed(void **state)
{
    struct place *place = *state;
    struct output *output = begin(place->path, "one ");
    assert_absent(place->path);
    assert_true(output_write(output, "two", 3, NULL));
    assert_int_equal(output_tell(output), 7);
    assert_true(output_commit(output, NULL));
    assert_file(place->path, "one two");
    assert_int_equal(folder_count(place->folder), 1);
}

static void test_destroyed_leaves_nothing(void **state)
{
    struct place *place = *state;
    output_destroy(begin(place->path, "x"));
    assert_int_equal(folder_count(place->folder), 0);
    output_destroy(NULL);
}

static void test_older_file_stays_until_committed(void **state)
{
    struct place *place = *state;
    put_file(place->path, "older");
    output_destroy(begin(place->path, "newer"));
    assert_file(place->path, "older");
    struct output *output = begin(place->path, "newer");
    assert_file(place->path, "older");
    assert_true(output_commit(output, NULL));
    assert_file(place->path, "newer");
    assert_int_equal(folder_count(place->folder), 1);
}

static void test_two_writers_at_once(void **state)
{
    struct place *place = *state;
    struct output *one = begin(place->path, "one");
    struct output *two = begin(place->path, "two");
    assert_true(output_commit(two, NULL));
    assert_file(place->path, "two");
    assert_true(output_commit(one, NULL));
    assert_file(place->path, "one");
    assert_int_equal(folder_count(place->folder), 1);
}

static void test_three_hundred_at_once(void **state)
{
    struct place *place = *state;
    struct output *outputs[300];
    for (size_t i = 0; i < COUNT_OF(outputs); i++)
        outputs[i] = begin(place->path, "x");
    for (size_t i = 0; i < COUNT_OF(outputs); i++)
        assert_true(output_commit(outputs[i], NULL));
    assert_int_equal(folder_count(place->folder), 1);
}

static void *write_often(void *opaque)
{
    const char *path = opaque;
    for (int i = 0; i < 50; i++) {
        char text[1000];
        memset(text, 'a' + i % 26, sizeof text);
        if (!file_write(path, text, sizeof text, NULL))
            return opaque;
    }
    return NULL;
}

/* Whoever looks sees one of the files, whole. */
static void test_many_threads_one_name(void **state)
{
    struct place *place = *state;
    pthread_t threads[4];
    write_often(place->path);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_often, place->path), 0);
    for (int i = 0; i < 200; i++) {
        struct buffer seen = BUFFER_INIT(10000);
        assert_true(file_read(place->path, &seen, NULL));
        assert_int_equal(seen.size, 1000);
        assert_int_equal(seen.data[0], seen.data[999]);
        buffer_release(&seen);
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(folder_count(place->folder), 1);
}

static void test_seek_and_read_back(void **state)
{
    struct place *place = *state;
    struct output *output = begin(place->path, "0123456789");
    char back[20];
    size_t got = 77;
    output_seek(output, 2);
    assert_true(output_write(output, "ab", 2, NULL));
    assert_int_equal(output_tell(output), 4);
    assert_int_equal(output_size(output), 10);
    assert_true(output_read_at(output, 0, back, sizeof back, &got, NULL));
    assert_int_equal(got, 10);
    assert_memory_equal(back, "01ab456789", 10);
    assert_true(output_read_at(output, 10, back, sizeof back, &got, NULL));
    assert_int_equal(got, 0);

    output_seek(output, 12);
    assert_int_equal(output_size(output), 10);
    assert_true(output_write(output, "", 0, NULL));
    assert_int_equal(output_size(output), 10); /* nothing was written there */
    assert_true(output_write(output, "c", 1, NULL));
    assert_int_equal(output_size(output), 13);
    assert_true(output_read_at(output, 9, back, sizeof back, &got, NULL));
    assert_int_equal(got, 4);
    assert_memory_equal(back, "9\0\0c", 4);
    output_destroy(output);
}

static void test_short_writes_and_interruptions(void **state)
{
    struct place *place = *state;
    refuse.whole = true;
    struct output *output = begin(place->path, "the quick brown fox jumps over the lazy dog");
    assert_int_equal(output_size(output), 43);
    assert_true(output_commit(output, NULL));
    assert_file(place->path, "the quick brown fox jumps over the lazy dog");
}

static void test_errors_stick(void **state)
{
    struct place *place = *state;
    put_file(place->path, "older");
    struct output *output = begin(place->path, "newer");
    struct error err = ERROR_INIT;
    output_seek(output, -1);
    assert_false(output_write(output, "x", 1, &err));
    assert_error(err, ERROR_SYSTEM, "clip.mp3: cannot be written: Invalid argument");
    output_seek(output, 0);
    assert_false(output_write(output, "x", 1, NULL));
    assert_false(output_write(output, "x", 1, &err));
    assert_error(err, ERROR_SYSTEM, "Invalid argument");
    assert_false(output_commit(output, &err));
    assert_error(err, ERROR_SYSTEM, "clip.mp3: cannot be written: Invalid argument");
    assert_file(place->path, "older");
    assert_int_equal(folder_count(place->folder), 1);
}

static void test_broken_disk(void **state)
{
    struct place *place = *state;
    put_file(place->path, "older");
    struct output *output = begin(place->path, "newer");
    struct error err = ERROR_INIT;
    refuse.sync = true;
    assert_false(output_commit(output, &err));
    assert_error(err, ERROR_SYSTEM, "clip.mp3: cannot be written: Input/output error");
    assert_file(place->path, "older");
    assert_int_equal(folder_count(place->folder), 1);
}

static int fill_disk(void *context)
{
    struct place *place = context;
    struct rlimit limit = {100000, 100000};
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 9;
    struct output *output = output_create(place->path, NULL);
    struct error err = ERROR_INIT;
    char block[4096] = {0};
    bool wrote = true;
    for (int i = 0; i < 50 && wrote; i++)
        wrote = output_write(output, block, sizeof block, &err);
    if (wrote || err.kind != ERROR_SYSTEM || !strstr(err.message, ": File too large"))
        return 8;
    error_release(&err);
    if (output_commit(output, &err))
        return 7;
    return strstr(err.message, "clip.mp3: cannot be written: File too large") ? 0 : 6;
}

static void test_full_disk(void **state)
{
    struct place *place = *state;
    put_file(place->path, "older");
    assert_int_equal(in_child(fill_disk, place).status, 0);
    assert_file(place->path, "older");
    assert_int_equal(folder_count(place->folder), 1);
}

static void test_folder_in_the_way(void **state)
{
    struct place *place = *state;
    struct error err = ERROR_INIT;
    struct output *output = begin(place->path, "x");
    assert_int_equal(mkdir(place->path, 0777), 0); /* after it was begun */
    assert_false(output_commit(output, &err));
    assert_error(err, ERROR_SYSTEM, "clip.mp3: cannot be written: Is a directory");
    assert_null(output_create(place->path, &err)); /* and before */
    assert_error(err, ERROR_SYSTEM, "clip.mp3: cannot be written: it is a folder");
    assert_int_equal(folder_count(place->folder), 1);
}

static void test_folder_that_goes_away(void **state)
{
    struct place *place = *state;
    char *folder = path_join(place->folder, "gone"), *path = path_join(folder, "clip.mp3");
    struct error err = ERROR_INIT;
    assert_int_equal(mkdir(folder, 0777), 0);
    struct output *output = begin(path, "x");
    folder_empty(folder);
    assert_int_equal(rmdir(folder), 0);
    assert_false(output_commit(output, &err));
    assert_error(err, ERROR_MISSING, "clip.mp3: cannot be written: No such file or directory");
    free(folder);
    free(path);
}

static void test_rights_are_taken_over(void **state)
{
    static const mode_t modes[] = {0600, 0640, 0664, 0444};
    struct place *place = *state;
    struct stat status;
    mode_t mask = umask(022);
    assert_true(file_write(place->path, "x", 1, NULL));
    assert_int_equal(stat(place->path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644); /* a new one's are as everybody's */
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        assert_int_equal(chmod(place->path, modes[i]), 0);
        assert_true(file_write(place->path, "x", 1, NULL));
        assert_int_equal(stat(place->path, &status), 0);
        assert_int_equal(status.st_mode & 07777, modes[i]);
    }
    if (getuid() == 0) { /* who else may give a file away */
        assert_int_equal(chown(place->path, 65534, 65534), 0);
        assert_true(file_write(place->path, "x", 1, NULL));
        assert_int_equal(stat(place->path, &status), 0);
        assert_int_equal(status.st_uid, 65534);
    }
    umask(mask);
}

static void test_links_are_followed(void **state)
{
    struct place *place = *state;
    char *library = path_join(place->folder, "library"), *kept = path_join(library, "e1.mp3");
    assert_int_equal(mkdir(library, 0777), 0);
    put_file(kept, "older");
    assert_int_equal(symlink("library/e1.mp3", place->path), 0);
    assert_true(file_write(place->path, "newer", 5, NULL));
    assert_file(kept, "newer");
    struct stat status;
    assert_int_equal(lstat(place->path, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(folder_count(library), 1);
    free(library);
    free(kept);
}

#define EACH_WAY(row)                                                                              \
    row(test_absent_until_committed), row(test_destroyed_leaves_nothing),                          \
        row(test_older_file_stays_until_committed), row(test_two_writers_at_once),                 \
        row(test_three_hundred_at_once), row(test_many_threads_one_name),                          \
        row(test_seek_and_read_back), row(test_short_writes_and_interruptions),                    \
        row(test_errors_stick), row(test_broken_disk), row(test_full_disk),                        \
        row(test_folder_in_the_way), row(test_folder_that_goes_away),                              \
        row(test_rights_are_taken_over), row(test_links_are_followed)

/* These once. */

static void test_what_cannot_be_written(void **state)
{
    struct place *place = *state;
    char *fifo = path_join(place->folder, "fifo"), *missing = path_join(place->folder, "no/a.mp3");
    char *below = path_join(place->folder, "file/a.mp3"), *file = path_join(place->folder, "file");
    char *name = mem_format("%s/%0300d", place->folder, 0);
    char *link = path_join(place->folder, "link");
    assert_int_equal(mkfifo(fifo, 0600),
                     0); /* and no device: root would replace it, had we erred */
    assert_int_equal(symlink("fifo", link), 0);
    put_file(file, "x");
    const struct {
        const char *path;
        enum error_kind kind;
        const char *reason;
    } rows[] = {
        {fifo, ERROR_SYSTEM, "fifo: cannot be written: it is no regular file"},
        {link, ERROR_SYSTEM, "link: cannot be written: it is no regular file"},
        {"/", ERROR_SYSTEM, "/: cannot be written: it is a folder"},
        {missing, ERROR_MISSING, "no/a.mp3: cannot be written: No such file or directory"},
        {below, ERROR_MISSING, "file/a.mp3: cannot be written: Not a directory"},
        {name, ERROR_SYSTEM, "0: cannot be written: File name too long"},
        {"", ERROR_MISSING, ": cannot be written: No such file or directory"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct error err = ERROR_INIT;
        assert_false(file_write(rows[i].path, "x", 1, &err));
        assert_error(err, rows[i].kind, rows[i].reason);
    }
    assert_int_equal(folder_count(place->folder), 3);
    free(fifo);
    free(link);
    free(missing);
    free(below);
    free(file);
    free(name);
}

static struct output *begin_repeatable(const char *path, const char *text)
{
    struct output *output = begin(path, text);
    output_set_repeatable(output);
    return output;
}

/* As a disk shows that would take for ever. */
static void test_a_copy_waits_for_the_disk_only_to_replace(void **state)
{
    struct place *place = *state;
    struct error err = ERROR_INIT;
    refuse.sync = true;
    assert_false(output_commit(begin(place->path, "no copy"), &err));
    assert_error(err, ERROR_SYSTEM, "clip.mp3: cannot be written: Input/output error");
    assert_absent(place->path);
    assert_true(output_commit(begin_repeatable(place->path, "older"), NULL));
    assert_file(place->path, "older");
    assert_false(output_commit(begin_repeatable(place->path, "newer"), &err));
    assert_error(err, ERROR_SYSTEM, "clip.mp3: cannot be written: Input/output error");
    assert_file(place->path, "older");
    assert_int_equal(folder_count(place->folder), 1);
    refuse.sync = false;
    assert_true(output_commit(begin_repeatable(place->path, "newer"), NULL));
    assert_file(place->path, "newer");
}

static void test_file_that_came_meanwhile_is_not_given_up_early(void **state)
{
    struct place *place = *state;
    struct error err = ERROR_INIT;
    refuse.sync = true;
    refuse.seen = true;
    put_file(place->path, "theirs");
    assert_false(output_commit(begin_repeatable(place->path, "ours"), &err));
    assert_error(err, ERROR_SYSTEM, "clip.mp3: cannot be written: Input/output error");
    assert_file(place->path, "theirs");
    assert_int_equal(folder_count(place->folder), 1);
}

static int write_as_nobody(void *context)
{
    struct place *place = context;
    struct error err = ERROR_INIT;
    if (getuid() == 0 && setuid(65534) != 0) /* root may write anywhere */
        return 9;
    if (file_write(place->path, "newer", 5, &err))
        return 8;
    return err.kind == ERROR_SYSTEM && strstr(err.message, "Permission denied") ? 0 : 7;
}

static void test_folder_without_permission(void **state)
{
    struct place *place = *state;
    put_file(place->path, "older");
    assert_int_equal(chmod(place->folder, 0555), 0);
    assert_int_equal(in_child(write_as_nobody, place).status, 0);
    assert_int_equal(chmod(place->folder, 0777), 0);
    assert_file(place->path, "older");
    assert_int_equal(folder_count(place->folder), 1);
}

static int be_killed(void *context)
{
    struct place *place = context;
    begin(place->path, "half");
    raise(SIGKILL);
    return 0;
}

static void test_killed_leaves_nothing(void **state)
{
    struct place *place = *state;
    assert_int_equal(in_child(be_killed, place).status, -SIGKILL);
    assert_int_equal(folder_count(place->folder), 0);
}

static void test_ways_are_what_they_are_called(void **state)
{
    struct place *place = *state;
    output_destroy(begin(place->path, "x"));
    assert_int_equal(refuse.opened_named, 0);
    refuse.nameless = true;
    struct output *output = begin(place->path, "x");
    assert_int_equal(folder_count(place->folder), 1); /* the hidden one */
    output_destroy(output);
    refuse.nameless = false;
    refuse.proc = true;
    output_destroy(begin(place->path, "x"));
    assert_int_equal(refuse.opened_named, 2);
    assert_int_equal(folder_count(place->folder), 0);
}

/* Nameless files are made in a folder, and the folder of no path is the one we are in. */
static void test_no_path(void **state)
{
    struct error err = ERROR_INIT;
    (void)state;
    assert_null(output_create("", &err)); /* before the work, not after it */
    assert_error(err, ERROR_MISSING, ": cannot be written: No such file or directory");
}

static void test_relative_path(void **state)
{
    struct place *place = *state;
    char *before = realpath(".", NULL);
    assert_int_equal(chdir(place->folder), 0);
    assert_true(file_write("clip.mp3", "one", 3, NULL));
    assert_true(file_write("./clip.mp3", "two", 3, NULL));
    assert_file("clip.mp3", "two");
    assert_int_equal(chdir(before), 0);
    free(before);
}

static void test_read(void **state)
{
    struct place *place = *state;
    struct buffer text = BUFFER_INIT(300000);
    struct error err = ERROR_INIT;
    char *large = mem_format("%0299990d", 7);
    put_file(place->path, large);
    buffer_append_text(&text, "before: ");
    assert_true(file_read(place->path, &text, &err));
    assert_int_equal(text.size, 8 + 299990);
    assert_string_equal(buffer_text(&text) + 8, large);
    assert_false(file_read(place->path, &text, &err));
    assert_error(err, ERROR_INPUT, "clip.mp3: larger than 292 KiB");
    assert_int_equal(text.size, 8 + 299990); /* nothing half-read */
    free(large);
    buffer_release(&text);

    assert_false(file_read(place->folder, &text, &err));
    assert_error(err, ERROR_SYSTEM, ": cannot be read: Is a directory");
    assert_int_equal(unlink(place->path), 0);
    assert_false(file_read(place->path, &text, &err));
    assert_error(err, ERROR_MISSING, "clip.mp3: cannot be opened: No such file");
    put_file(place->path, "");
    assert_true(file_read(place->path, &text, &err));
    assert_string_equal(buffer_text(&text), "");
    buffer_release(&text);
}

static void test_read_up_to_the_limit(void **state)
{
    struct place *place = *state;
    static const size_t limits[] = {9, 10, 11};
    put_file(place->path, "0123456789");
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        struct buffer text = BUFFER_INIT(limits[i]);
        assert_int_equal(file_read(place->path, &text, NULL), limits[i] >= 10);
        assert_int_equal(text.size, limits[i] >= 10 ? 10 : 0);
        buffer_release(&text);
    }
}

static int read_standard_input(void *context)
{
    (void)context;
    int ends[2];
    if (pipe(ends) != 0 || write(ends[1], "piped", 5) != 5 || dup2(ends[0], STDIN_FILENO) < 0)
        return 9;
    close(ends[1]);
    struct buffer text = BUFFER_INIT(100);
    return file_read("-", &text, NULL) && strcmp(buffer_text(&text), "piped") == 0 ? 0 : 1;
}

static void test_read_standard_input(void **state)
{
    (void)state;
    assert_int_equal(in_child(read_standard_input, NULL).status, 0);
}

#define nameless(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define with_names(test)                                                                           \
    {                                                                                              \
#test " (no O_TMPFILE)", test, set_up_with_names, tear_down, NULL                          \
    }
#define without_proc(test)                                                                         \
    {                                                                                              \
#test " (no /proc)", test, set_up_without_proc, tear_down, NULL                            \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH_WAY(nameless),
        EACH_WAY(with_names),
        EACH_WAY(without_proc),
        nameless(test_what_cannot_be_written),
        nameless(test_a_copy_waits_for_the_disk_only_to_replace),
        nameless(test_file_that_came_meanwhile_is_not_given_up_early),
        nameless(test_folder_without_permission),
        nameless(test_killed_leaves_nothing),
        nameless(test_ways_are_what_they_are_called),
        nameless(test_no_path),
        nameless(test_relative_path),
        nameless(test_read),
        nameless(test_read_up_to_the_limit),
        nameless(test_read_standard_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
