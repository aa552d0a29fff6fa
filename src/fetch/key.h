/* SPDX-License-Identifier: MIT */
/*
 * What a file is known by in the cache, however it is reached.
 */
#ifndef CLIPNOTES_FETCH_KEY_H
#define CLIPNOTES_FETCH_KEY_H

/* The URL behind the services that count downloads by standing in front of it:
 * "https://example.com/a.mp3" of "https://dts.podtrac.com/redirect.mp3/example.com/a.mp3". A copy
 * where there is none. For comparing, never for fetching: who is counted is not ours to decide.
 * For free(). */
char *key_without_tracking(const char *url);

/* "guid:..." where there is one (with the host, where the GUID is too short to be the only one of
 * its kind), else "url:..." in one spelling. For free(). */
char *key_of(const char *url, const char *guid);

#endif
