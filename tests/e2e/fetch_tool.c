/* SPDX-License-Identifier: MIT */
/*
 * The folder fetch/ on a command line of its own, for tests that misuse it from outside:
 *
 *     fetch_tool [OPTION...] whole URL              the whole file into the cache
 *     fetch_tool [OPTION...] read URL OFFSET:SIZE... these bytes, in this order, by one source;
 *                                                   "expect:OFFSET:SIZE" only announces them,
 *                                                   "rest" brings all that is not here yet
 *     fetch_tool [OPTION...] document URL
 *
 * Prints lines of "word value": size, received, path, and "sha256" of the bytes in the order in
 * which they were read. The host "slow.example" takes ten seconds to be not found. Exit status: 0;
 * 1 failed; 2 wrong usage; 3 changed on the server; 130 stopped.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <getopt.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/memory.h"
#include "fetch/fetch.h"

static atomic_bool stop; /* for the signal handler */

static void on_signal(int signal)
{
    (void)signal;
    atomic_store(&stop, true);
}

/* In the place of the system's, with its names. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *req,
                struct addrinfo **pai)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = NULL;
    if (name && strcmp(name, "slow.example") == 0) {
        sleep(10);
        return EAI_AGAIN;
    }
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo"); /* as POSIX shows it */
    return real(name, service, req, pai);
}

static void write_log(void *context, enum log_level level, const char *message)
{
    (void)context;
    fprintf(stderr, "%s%s\n", level == LOG_WARNING ? "warning: " : "", message);
}

static bool run_whole(struct fetcher *fetcher, const struct fetch_target *target, struct error *err)
{
    struct fetch_result result;
    if (!fetch_whole(fetcher, target, &result, err))
        return false;
    printf("size %lld\nreceived %lld\npath %s\n", (long long)result.size,
           (long long)result.received, result.path);
    free(result.path);
    return true;
}

static bool read_piece(struct source *source, const char *piece, struct hash *hash,
                       struct error *err)
{
    bool expect = strncmp(piece, "expect:", 7) == 0;
    if (strcmp(piece, "rest") == 0)
        return fetch_rest(source, err);
    long long offset = 0, size = 0;
    if (sscanf(expect ? piece + 7 : piece, "%lld:%lld", &offset, &size) != 2)
        return error_set(err, ERROR_USAGE, "%s: not OFFSET:SIZE", piece);
    if (expect) {
        source_expect(source, offset, size);
        return true;
    }
    char *data = mem_alloc((size_t)size);
    size_t got = 0;
    bool read = source_read(source, offset, data, (size_t)size, &got, err);
    hash_update(hash, data, got);
    free(data);
    return read;
}

static bool run_read(struct fetcher *fetcher, const struct fetch_target *target, char **pieces,
                     bool *ret_changed, struct error *err)
{
    struct source *source = fetch_open(fetcher, target, err);
    if (!source)
        return false;
    struct hash *hash = hash_create();
    bool read = true;
    for (; read && *pieces; pieces++)
        read = read_piece(source, *pieces, hash, err);
    char digest[HASH_TEXT_SIZE];
    hash_finish(hash, digest);
    *ret_changed = fetch_changed(source);
    if (read)
        printf("size %lld\nreceived %lld\nsha256 %s\n", (long long)source->size,
               (long long)fetch_received(source), digest);
    source_destroy(source);
    return read;
}

static bool run_document(struct fetcher *fetcher, const char *url, size_t max_bytes,
                         struct error *err)
{
    struct document document;
    char digest[HASH_TEXT_SIZE];
    if (!fetch_document(fetcher, url, max_bytes, &document, err))
        return false;
    hash_bytes(document.data, document.size, digest);
    printf("size %zu\nsha256 %s\nurl %s\ntype %s\ncharset %s\ncached %d\n", document.size, digest,
           document.url, document.type, document.charset, document.from_cache);
    document_release(&document);
    return true;
}

/* Long options that stand for a character each. */
static const struct option names[] = {
    {"cache", required_argument, NULL, 'c'},
    {"key", required_argument, NULL, 'k'},
    {"offline", no_argument, NULL, 'o'},
    {"refresh", no_argument, NULL, 'r'},
    {"max-rate", required_argument, NULL, 'R'},
    {"max-size", required_argument, NULL, 'S'},
    {"tries", required_argument, NULL, 't'},
    {"first-wait", required_argument, NULL, 'w'},
    {"stall-time", required_argument, NULL, 's'},
    {"header", required_argument, NULL, 'H'},
    {"netrc", required_argument, NULL, 'n'},
    {"ca-file", required_argument, NULL, 'C'},
    {NULL, 0, NULL, 0},
};

static bool set_option(int option, struct fetcher_options *options, struct fetch_target *target,
                       struct fetch_header *header)
{
    switch (option) {
    case 'c':
        options->cache_dir = optarg;
        break;
    case 'k':
        target->key = optarg;
        break;
    case 'o':
        options->offline = true;
        break;
    case 'r':
        options->refresh = true;
        break;
    case 'R':
        options->max_rate = atoll(optarg);
        break;
    case 'S':
        options->max_size = atoll(optarg);
        break;
    case 't':
        options->tries = atoi(optarg);
        break;
    case 'w':
        options->first_wait = atoi(optarg);
        break;
    case 's':
        options->stall_time = atoi(optarg);
        break;
    case 'n':
        options->netrc = optarg;
        break;
    case 'C':
        options->ca_file = optarg;
        break;
    case 'H': /* HOST=Name: value */
        header->host = optarg;
        header->line = strchr(optarg, '=') + 1;
        *strchr(optarg, '=') = '\0';
        options->headers = header;
        options->header_count = 1;
        break;
    default:
        return false;
    }
    return true;
}

static int run(const struct fetcher_options *options, struct fetch_target *target, char **words)
{
    struct error err = ERROR_INIT;
    struct fetcher *fetcher = fetcher_create(options, &err);
    bool done = false, changed = false;
    target->url = words[1];
    if (fetcher && strcmp(words[0], "whole") == 0)
        done = run_whole(fetcher, target, &err);
    else if (fetcher && strcmp(words[0], "read") == 0)
        done = run_read(fetcher, target, words + 2, &changed, &err);
    else if (fetcher)
        done = run_document(fetcher, target->url, 1 << 20, &err);
    fetcher_destroy(fetcher);
    int status = done ? 0 : changed ? 3 : err.kind == ERROR_INTERRUPTED ? 130 : 1;
    if (!done)
        fprintf(stderr, "error %d: %s\n", (int)err.kind, err.message);
    error_release(&err);
    return status;
}

int main(int argc, char **argv)
{
    struct log log = {.write = write_log, .level = LOG_DEBUG};
    struct fetcher_options options = {.log = &log, .stop = &stop, .netrc = ""};
    struct fetch_target target = {.url = NULL};
    struct fetch_header header;
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;)
        if (!set_option(option, &options, &target, &header))
            return 2;
    if (argc - optind < 2)
        return 2;
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    return run(&options, &target, argv + optind);
}
