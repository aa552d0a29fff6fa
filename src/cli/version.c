/* SPDX-License-Identifier: MIT */
#include "cli/version.h"

#include <curl/curl.h>

#include "audio/audio.h"

void version_append(struct buffer *out)
{
    buffer_append_text(out, "clipnotes " CLIPNOTES_VERSION "\n");
    audio_append_versions(out);
    buffer_append_format(out, "libcurl %s\n", curl_version_info(CURLVERSION_NOW)->version);
}
