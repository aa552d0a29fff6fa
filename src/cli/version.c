/* SPDX-License-Identifier: MIT */
#include "cli/version.h"

#include <curl/curl.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

static void append_libav(struct buffer *out, const char *name, unsigned version)
{
    buffer_append_format(out, "%s %u.%u.%u\n", name, AV_VERSION_MAJOR(version),
                         AV_VERSION_MINOR(version), AV_VERSION_MICRO(version));
}

void version_append(struct buffer *out)
{
    buffer_append_text(out, "clipnotes " CLIPNOTES_VERSION "\n");
    append_libav(out, "libavformat", avformat_version());
    append_libav(out, "libavcodec", avcodec_version());
    buffer_append_format(out, "libcurl %s\n", curl_version_info(CURLVERSION_NOW)->version);
}
