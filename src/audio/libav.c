/* SPDX-License-Identifier: MIT */
#define LIBAV_ITSELF
#include "audio/libav.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audio/audio.h"

/* In the order in which they need each other, so that each finds the ones before it loaded. */
enum { avutil, swresample, avcodec, avformat, LIBRARY_COUNT };

#define TEXT_OF(macro)               #macro
#define LIBRARY(name, major_version) "lib" #name ".so." TEXT_OF(major_version)

static const char *const files[LIBRARY_COUNT] = {
    [avutil] = LIBRARY(avutil, LIBAVUTIL_VERSION_MAJOR),
    [swresample] = LIBRARY(swresample, LIBSWRESAMPLE_VERSION_MAJOR),
    [avcodec] = LIBRARY(avcodec, LIBAVCODEC_VERSION_MAJOR),
    [avformat] = LIBRARY(avformat, LIBAVFORMAT_VERSION_MAJOR),
};

#define ROW(library, function) {library, #function, offsetof(struct libav, function)},
static const struct {
    int library;
    const char *name;
    size_t member; /* of struct libav */
} rows[] = {LIBAV_FUNCTIONS(ROW)};
#undef ROW

/* Written once, before anybody reads it, and never again. */
static struct libav functions;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static _Noreturn void missing(void)
{
    fprintf(stderr, "clipnotes: FFmpeg's libraries cannot be used: %s\n", dlerror());
    _Exit(EXIT_FAILURE);
}

static void load(void)
{
    void *libraries[LIBRARY_COUNT];
    for (size_t i = 0; i < LIBRARY_COUNT; i++) {
        libraries[i] = dlopen(files[i], RTLD_LAZY | RTLD_LOCAL);
        if (!libraries[i])
            missing();
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *function = dlsym(libraries[rows[i].library], rows[i].name);
        if (!function)
            missing();
        memcpy((char *)&functions + rows[i].member, &function, sizeof function);
    }
    functions.av_log_set_level(AV_LOG_QUIET); /* what libav has to say, we say */
}

const struct libav *libav(void)
{
    pthread_once(&once, load);
    return &functions;
}

static void append_version(struct buffer *out, const char *name, unsigned version)
{
    buffer_append_format(out, "%s %u.%u.%u\n", name, AV_VERSION_MAJOR(version),
                         AV_VERSION_MINOR(version), AV_VERSION_MICRO(version));
}

void audio_append_versions(struct buffer *out)
{
    append_version(out, "libavformat", libav()->avformat_version());
    append_version(out, "libavcodec", libav()->avcodec_version());
}
